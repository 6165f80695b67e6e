//! Earlier releases: what the ledger has of them, and what a new one discloses together with them.

pub(super) mod differencing;
pub(super) mod earlier;
pub(super) mod further;
pub(super) mod padded;
pub(super) mod record;
pub(super) mod singletons;
pub(super) mod totals;
