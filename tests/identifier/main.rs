//! Identifiers of persons, and the keys that make pseudonyms of them.

#[path = "../support/mod.rs"]
mod support;

mod keys;
mod quarantined;
