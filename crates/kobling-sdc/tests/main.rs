//! Algorithms of disclosure control, by definitions and references.

#[path = "../../../tests/support/data.rs"]
mod data;

mod audit;
mod audit_reference;
mod cell_key;
mod noise;
mod perturbation;
mod prove;
mod prove_joint;
mod prove_sums;
mod rational;
mod rounding;
mod suppress;
mod suppress_raise;
mod suppress_reference;
mod watch;
