//! What an attacker has of unknown inner cells: sums.

/// A published cell less what is known of it: these inner cells add up to this value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Equation {
    /// The unknown inner cells (or, in a [`Component`](super::reduce::Component), its variables), in increasing order.
    pub(super) terms: Vec<u32>,
    /// Their sum.
    pub(super) value: i128,
}
