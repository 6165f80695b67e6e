//! Counts of rows as they may be passed on: rounded, and small ones not at all.
//!
//! An exact count discloses whether one person is in a register to whoever knows
//! all the others. A report is passed on, whatever it was made for; so what it
//! counts is a [`Count`], and exact ones are asked for by name.

mod frequency;

pub(crate) use frequency::Frequency;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Counts of rows are rounded to a multiple of this, so that they do not disclose
/// whether one person is in a register.
pub const BASE: u64 = 5;

/// The nearest multiple of [`BASE`].
fn rounded(count: u64) -> u64 {
    count.saturating_add(BASE / 2) / BASE * BASE
}

/// How many rows, as far as it is shown.
///
/// As JSON it is a number, or `null` where there are 1 to 4, wherever kobling
/// writes one: in a manifest and in a report on identifiers.
///
/// # Disclosure
///
/// Unless it is exact, it is a multiple of [`BASE`], or hidden where there are 1 to 4. In the
/// manifest of a release, noise is added before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Count(Option<u64>);

impl Count {
    /// `count` as it is.
    pub(crate) fn exact(count: u64) -> Self {
        Self(Some(count))
    }

    /// `count` as it may be passed on.
    pub fn rounded(count: u64) -> Self {
        Self(match count {
            1..BASE => None,
            count => Some(rounded(count)),
        })
    }

    /// The number of rows; `None` where they are too few to be shown.
    pub fn get(self) -> Option<u64> {
        self.0
    }

    /// Whether there is no row at all.
    pub fn is_zero(self) -> bool {
        self.0 == Some(0)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(count) => f.pad(&count.to_string()),
            None => f.pad(&format!("fewer than {BASE}")),
        }
    }
}
