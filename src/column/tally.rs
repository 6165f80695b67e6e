//! What became of a column's values: each is used, missing or unreadable.

use serde::{Deserialize, Serialize};

use super::{MISSING, NO_ORDINAL, Values, WholeNumbers};
use crate::plan::Percent;

/// What became of the values of one column, in the rows that were kept.
///
/// Every kept row has one value of each column, so the three are together the
/// rows of the extract.
///
/// # Disclosure
///
/// Exact counts, for the agency and the linkage unit. A release rounds them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ValueCounts {
    /// Values that were read, and are in the extract as the plan's steps leave them.
    pub used: u64,
    /// Values that are not there: null, empty, or listed in the plan's `missing`.
    pub missing: u64,
    /// Values that could not be read, and count as missing because the plan says
    /// `invalid = "missing"`.
    pub unreadable: u64,
}

impl ValueCounts {
    /// All values that were read.
    pub fn read(&self) -> u64 {
        let there = self.used.saturating_add(self.unreadable);
        there.saturating_add(self.missing)
    }

    /// Of the values that are there, what share could not be read, in percent.
    pub fn percent_unreadable(&self) -> f64 {
        match self.used.saturating_add(self.unreadable) {
            0 => 0.0,
            there => self.unreadable as f64 * 100.0 / there as f64,
        }
    }

    /// Whether more of the values that are there could not be read than the plan allows.
    pub(crate) fn exceed(&self, at_most: Percent) -> bool {
        let there = u128::from(self.used) + u128::from(self.unreadable);
        u128::from(self.unreadable) * 10_000 > u128::from(at_most.hundredths()) * there
    }

    /// `57 used, 2 missing, 1 unreadable`.
    pub fn words(&self) -> String {
        let Self {
            used,
            missing,
            unreadable,
        } = self;
        format!("{used} used, {missing} missing, {unreadable} unreadable")
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.used += other.used;
        self.missing += other.missing;
        self.unreadable += other.unreadable;
    }
}

/// How many of `values` are missing.
pub(super) fn missing(values: &Values) -> u64 {
    fn none<T>(values: &[Option<T>]) -> usize {
        values.iter().filter(|value| value.is_none()).count()
    }
    let missing = match values {
        Values::Codes { codes, .. } => codes.iter().filter(|code| **code == MISSING).count(),
        Values::Numbers { values, .. } => match values {
            WholeNumbers::Narrow(values) => values.iter().filter(|v| **v == NO_ORDINAL).count(),
            WholeNumbers::Wide(values) => none(values),
        },
        Values::Booleans(values) => none(values),
        Values::Dates(values) => none(values),
    };
    missing as u64
}
