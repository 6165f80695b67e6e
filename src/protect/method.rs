//! The methods of protection, a file each: what becomes of the figures of a plan's tables.

pub(super) mod cell_key;
pub(super) mod noise;
pub(super) mod round;
pub(super) mod suppress;
