//! What is found of a register's rows: those that are kept, and counts of all.

use std::collections::BTreeMap;

use super::Forms;
use crate::column::{ValueCounts, Values};

/// What was read, and what stayed behind: each counted by itself, so that a
/// row that is lost on the way is missed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RowCounts {
    pub(crate) read: u64,
    pub(crate) kept: u64,
    pub(crate) filtered: u64,
    pub(crate) quarantine: Quarantine,
    /// Files whose last line has no line end, and was taken as it is.
    pub(crate) unended: u64,
    /// What became of the values of each declared column in the rows that are
    /// kept; of a history none.
    pub(crate) columns: Vec<ValueCounts>,
}

impl RowCounts {
    /// Whether every row that was read is kept, filtered or in quarantine.
    pub(crate) fn add_up(&self) -> bool {
        self.read == self.kept + self.filtered + self.quarantine.rows()
            && self.columns.iter().all(|column| column.read() == self.kept)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.filtered += other.filtered;
        self.unended += other.unended;
        for (reason, rows) in &other.quarantine.0 {
            *self.quarantine.0.entry(reason).or_default() += rows;
        }
        if self.columns.is_empty() {
            self.columns
                .resize(other.columns.len(), ValueCounts::default());
        }
        for (column, other) in self.columns.iter_mut().zip(&other.columns) {
            column.add(other);
        }
    }
}

/// How many rows stayed behind because their identifier does not fit, by reason.
///
/// # Disclosure
///
/// Exact counts, for the agency and the linkage unit. A release rounds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quarantine(pub(crate) BTreeMap<&'static str, u64>);

impl Quarantine {
    /// Rows by reason, such as `("wrong-length", 3)`.
    pub fn by_reason(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(reason, rows)| (*reason, *rows))
    }

    /// All rows in quarantine.
    pub fn rows(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Identified rows of one batch.
pub(crate) struct IdentifiedBatch {
    pub(crate) forms: Forms,
    /// Of a history: the identifiers that took the place of the others.
    pub(crate) currents: Option<Forms>,
    /// The declared columns, in the order of the extract.
    pub(crate) columns: Vec<Values>,
}
