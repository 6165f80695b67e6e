//! Types of identifiers, by definitions, by made-up numbers and by published ones.

#[path = "../../../tests/support/data.rs"]
mod data;

mod identifiers;
mod identifiers_abroad;
mod laws;
mod never_issued;
mod norway;
mod vectors;
mod vectors_abroad;
