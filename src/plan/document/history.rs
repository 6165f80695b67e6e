//! What the plan says of a source of identity history.
//!
//! A person's number is not for life: a D-number gives way to a
//! fødselsnummer, a wrong one is corrected. Registers that were filled at
//! different times then hold different numbers of one person. The population
//! register knows which number was replaced by which, and from when; see [`Role`].

use serde::{Deserialize, Serialize};

use super::{ColumnDocument, TypeName};

/// What a source is in a linkage.
///
/// A history gives pairs of identifiers, the second of which took the place of
/// the first:
///
/// ```toml
/// [source.register_changes]
/// role = "history"
/// agency = "The population register"
/// legal_basis = ["folkeregisterloven § 10-1"]
/// identifier = { column = "old", type = "no-fnr" }
/// current = "new"          # the number that took its place, of the same type
/// valid_from = "from"      # the day from which it did
/// ```
///
/// It is pseudonymised as any other source is, both its numbers. The linkage
/// unit then leads, in pseudonyms, every row of a register of that identifier
/// type to the number that is current on the project's `reference_date`:
///
/// * Pairs of a later day do not count. Chains are followed to their end. A
///   number that no pair replaces is current; so is one that a pair replaces
///   by itself.
/// * A number with two current ones is refused, whichever is the later, and so
///   are numbers that replace each other in a circle.
/// * Where a register promises `rows = "one"` and a person has a row under each
///   of two numbers, the linkage is refused: neither is the right one by rule.
///
/// A plan has one history at most. It is no base and no look-up, and has no
/// `rows`, `keep` or `columns`. A row of it stays in quarantine if either
/// number does not fit, or if it says no day.
///
/// # Disclosure
///
/// The linkage unit learns which pseudonyms are one person's, and since when.
/// A release says of each register how many rows were under a replaced number,
/// and of each look-up how many base rows it linked through the history only;
/// rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// A register, whose rows tables are about or look up.
    #[default]
    Register,
    /// Which identifiers were replaced by which, and from when.
    History,
}

impl Role {
    /// Whether it is a register: then it is not part of the plan's canonical form.
    pub(super) fn is_register(&self) -> bool {
        *self == Self::Register
    }
}

/// The column of the day from which a number is current: its name, or
/// `{ column = "from", format = "YYYYMMDD" }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ValidFromForm")]
#[non_exhaustive]
pub struct ValidFromDocument {
    /// The column's name in the register.
    pub column: String,
    /// How the day is written in text; `YYYY-MM-DD` unless it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

impl ValidFromDocument {
    /// The day as the column of a register.
    pub(in crate::plan) fn as_column(&self) -> ColumnDocument {
        ColumnDocument {
            format: self.format.clone(),
            ..ColumnDocument::new(&self.column, TypeName::Date)
        }
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected the name of a column, or a table with `column` and `format`"
)]
enum ValidFromForm {
    Column(String),
    Full(FullValidFrom),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullValidFrom {
    column: String,
    #[serde(default)]
    format: Option<String>,
}

impl From<ValidFromForm> for ValidFromDocument {
    fn from(form: ValidFromForm) -> Self {
        let (column, format) = match form {
            ValidFromForm::Column(column) => (column, None),
            ValidFromForm::Full(full) => (full.column, full.format),
        };
        Self { column, format }
    }
}
