//! Identity history: numbers that were replaced lead to the person, in pseudonyms alone.
//!
//! The naive twin is the same plan without the history, on registers whose
//! numbers were replaced beforehand by maps; every table must be the same.

#[cfg(feature = "cli")]
mod commands;
mod extracts;
mod laws;
mod links;
mod plans;
mod refusals;
pub(crate) mod registers;
