//! Why a pattern of suppression was refused: names cells by their number, never a value.

use std::{error, fmt};

use crate::watch::WorkStopped;

/// Why there is no pattern. Nothing is published then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuppressionRefusal {
    /// A part of the request is not of this structure.
    Shape {
        /// Which part.
        what: &'static str,
    },
    /// A primary cell is the sum of no inner cells: everyone knows that it is zero.
    Empty {
        /// The number of the cell in the structure.
        cell: usize,
    },
    /// Cells that must be published disclose primary cells.
    Forced {
        /// The number of the cell in the structure together with which they do.
        cell: usize,
    },
    /// More entries would have to be stored than the budget allows.
    Memory,
    /// More entries would have to be computed than the budget allows.
    Work,
    /// Two primes gave two answers: draw others, with another seed.
    Primes,
    /// A cell does not reach its protection level, whatever else may be suppressed.
    Level {
        /// The number of the cell in the structure.
        cell: usize,
    },
    /// Cells do not reach their protection levels within the rounds allowed.
    Rounds {
        /// How many do not.
        cells: usize,
    },
    /// The caller's [`Watch`](crate::watch::Watch) stopped it.
    Cancelled,
}

impl fmt::Display for SuppressionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { what } => write!(f, "`{what}` does not fit the structure of the release"),
            Self::Empty { cell } => write!(
                f,
                "primary cell {cell} has no inner cells, so that it is known to be zero"
            ),
            Self::Forced { cell } => write!(
                f,
                "cells that must be published disclose a primary cell, together with cell {cell}"
            ),
            Self::Memory => f.write_str("suppression needs more memory than its budget"),
            Self::Work => f.write_str("suppression needs more work than its budget"),
            Self::Primes => f.write_str("two primes gave two patterns; take another seed"),
            Self::Level { cell } => write!(
                f,
                "cell {cell} does not reach its protection level, and no cell is left to suppress"
            ),
            Self::Rounds { cells } => write!(
                f,
                "{cells} cells do not reach their protection levels within the rounds allowed"
            ),
            Self::Cancelled => f.write_str("suppression was cancelled"),
        }
    }
}

impl error::Error for SuppressionRefusal {}

impl SuppressionRefusal {
    pub(super) fn cancelled(_: WorkStopped) -> Self {
        Self::Cancelled
    }
}
