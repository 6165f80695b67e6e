//! The methods of protection, a file each: what becomes of the figures of a plan's tables.

pub(super) mod cell_key;
pub(super) mod noise;
pub(super) mod round;
pub(super) mod suppress;

use crate::plan::table::Method;

/// What a method does not protect against, with a ledger or without.
pub(crate) fn limits(method: &Method, ledger: bool) -> Vec<&'static str> {
    match method {
        Method::Suppress if ledger => {
            [&suppress::LIMITS[..], &suppress::LIMITS_WITH_LEDGER].concat()
        }
        Method::Suppress => suppress::LIMITS.to_vec(),
        Method::CellKey => cell_key::LIMITS.to_vec(),
        Method::Round(round) => round::limits(*round).to_vec(),
        Method::Noise(_) => noise::LIMITS.to_vec(),
    }
}
