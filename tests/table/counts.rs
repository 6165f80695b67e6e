//! Counts with conditions: of persons and rows, by every method, held against a twin
//! that counts raw rows.

mod findings;
mod ledger;
mod methods;
pub(crate) mod register;
mod sensitive;
mod suppressed;
mod yes_or_no;
