//! How a plan reads the identifiers of a column: their type, and which of its numbers count.
//!
//! The type decides what a pseudonym is computed from, the rule only what is
//! accepted: two registers with one type and different rules still link.

use super::identifier_type::IdentifierType;

/// A column's identifier type with what the plan says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierRule {
    /// The type.
    pub(crate) kind: IdentifierType,
}

impl From<IdentifierType> for IdentifierRule {
    /// The rule of a plan that names the type and says no more.
    fn from(kind: IdentifierType) -> Self {
        Self { kind }
    }
}
