//! The golden vectors: what another implementation of `FORMATS.md` gives, kobling gives, too.
//!
//! The files are made by `python/tests/reference`, which is written from that page and shares
//! nothing with this crate (`KOBLING_WRITE=1 python3 -m reference` in `python/tests` writes them
//! anew). Lines of a ledger have no canonical form, so those are this crate's; what must be in
//! them, the reference computes.

#[path = "../support/mod.rs"]
mod support;

mod extracts;
mod given;
mod keys;
mod ledger;
mod plans;
mod release_key;
