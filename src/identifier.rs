//! Identifiers: the types that registers key persons by, and the one canonical form of each.
//!
//! Registers write the same identifier in many ways: as text or as a number,
//! with or without its leading zero, with dashes, as a float because one value
//! was missing. A keyed pseudonym forgives none of that: one differing byte is
//! another person. So each type has one canonical form, and what has none is
//! [`IdentifierFault`], for a reason that can be counted without showing the value.

mod canonical;
mod cells;
mod composite;
mod date;
mod day;
mod digits;
mod email;
mod encode;
mod fault;
mod forms;
mod generic;
mod guarded;
mod identified;
mod identify;
mod kind;
pub(crate) mod national;
mod raw;
mod replaced;
mod report;
mod short;
#[cfg(test)]
mod tests;
mod written;

pub use fault::IdentifierFault;
pub(crate) use forms::Forms;
pub(crate) use identified::Counts;
pub use identified::Quarantine;
pub use identify::Identified;
pub use kind::IdentifierKind;
pub(crate) use raw::Raw;
pub use report::IdentifierReport;
