//! How a plan reads the identifiers of a column: their type, and which of its numbers count.
//!
//! The type decides what a pseudonym is computed from, the rule only what is
//! accepted: two registers with one type and different rules still link.

use super::identifier_type::IdentifierType;
use super::scalar::Date;

/// A column's identifier type with what the plan says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierRule {
    /// The type.
    pub(crate) kind: IdentifierType,
    /// The day as of which numbers are read: what is valid, and in which
    /// century a number was issued, may depend on it.
    pub(crate) on: Date,
}

impl IdentifierRule {
    /// The rule of a plan that names the type and says no more about it,
    /// with `on` for its reference date.
    pub fn new(kind: IdentifierType, on: Date) -> Self {
        Self { kind, on }
    }
}
