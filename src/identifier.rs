//! Identifiers: the types that registers key persons by, and the one canonical form of each.
//!
//! Registers write the same identifier in many ways: as text or as a number,
//! with or without its leading zero, with dashes, as a float because one value
//! was missing. A keyed pseudonym forgives none of that: one differing byte is
//! another person. So each type has one canonical form, and what has none is
//! [`IdentifierFault`], for a reason that can be counted without showing the value.
//!
//! What reads one written value is a crate of its own, [`kobling_identifier`]; here are
//! the rows of registers.

mod cells;
mod composite;
mod date;
mod encode;
mod forms;
mod identified;
mod identify;
mod replaced;
mod report;
mod short;
#[cfg(test)]
mod tests;

pub(crate) use forms::Forms;
pub use identified::Quarantine;
pub(crate) use identified::RowCounts;
pub use identify::Identified;
#[doc(inline)]
pub use kobling_identifier::{IdentifierFault, IdentifierKind, Raw};
pub use report::IdentifierReport;
