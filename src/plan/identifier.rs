//! What identifies a person in a register: one column, or several together.
//!
//! A register without a number may still know a person by a name and a day of
//! birth. Its columns are then the parts of one composite identifier, each with
//! a type of its own, in an order that counts.

use std::fmt;

use super::document::InvalidIdentifier;
use super::recipe::DateFormat;
use super::scalar::ListedValues;
use super::{IdentifierRule, IdentifierType};

/// The column that identifies a person, or the columns that do so together.
#[derive(Debug, Clone)]
pub(crate) struct Identifier {
    /// At least one.
    pub(crate) parts: Vec<IdentifierPart>,
    pub(crate) invalid: InvalidIdentifier,
}

/// One column of an identifier.
#[derive(Debug, Clone)]
pub(crate) struct IdentifierPart {
    pub(crate) column: String,
    pub(crate) rule: IdentifierRule,
    /// How days are written, if the plan says it.
    pub(crate) format: Option<DateFormat>,
    /// Placeholders that are written where there is no value.
    pub(crate) missing: ListedValues,
}

impl Identifier {
    /// How few and how many parts a composite identifier has.
    pub(crate) const PARTS: std::ops::RangeInclusive<usize> = 2..=8;

    /// The same identifier in another column; of a single column.
    pub(crate) fn in_column(&self, column: &str) -> Self {
        let mut other = self.clone();
        for part in &mut other.parts {
            part.column = column.to_owned();
        }
        other
    }

    /// What its pseudonyms are of.
    pub(crate) fn types(&self) -> PartTypes {
        PartTypes(self.parts.iter().map(|part| part.rule.kind()).collect())
    }
}

/// The types of an identifier's parts, in their order. Where they differ, no pseudonym is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartTypes(Vec<IdentifierType>);

impl PartTypes {
    /// The types, at least one.
    pub(crate) fn as_slice(&self) -> &[IdentifierType] {
        &self.0
    }

    /// These types.
    pub(crate) fn of(types: &[IdentifierType]) -> Self {
        Self(types.to_vec())
    }
}

impl fmt::Display for PartTypes {
    /// The name of the one type, or such as `composite(text,date)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = &self.0[..] else {
            return Ok(());
        };
        if rest.is_empty() {
            return first.fmt(f);
        }
        write!(f, "composite({first}")?;
        rest.iter().try_for_each(|kind| write!(f, ",{kind}"))?;
        f.write_str(")")
    }
}
