//! The methods beside suppression: cell keys, rounding and noise, from plan to release.
//!
//! The naive twin reads pseudonyms from the extract and the release key from
//! its file, and computes every figure from the definitions, cell by cell.

mod cell_keys;
#[cfg(feature = "cli")]
mod commands;
mod compare;
mod files;
mod ledger;
mod noise;
mod plans;
pub(crate) mod registers;
mod releases;
mod rounding;
pub(crate) mod twin;
