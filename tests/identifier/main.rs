//! Identifiers of persons, and the keys that make pseudonyms of them.

#[path = "../support/mod.rs"]
mod support;

mod identifier_laws;
mod identifier_vectors;
mod identifier_vectors_abroad;
mod identifiers;
mod identifiers_abroad;
mod keys;
mod never_issued;
mod norway;
