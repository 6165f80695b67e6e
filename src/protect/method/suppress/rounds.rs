//! Who is notified of rounds of suppression, and of the work in each.

use super::Suppression;
use crate::error::Result;
use crate::table::Population;
use crate::watch::{Step, Watched};
use kobling_sdc::watch::Watch;

/// Who watches the suppression of a population, if anybody does.
#[derive(Clone)]
pub(super) struct Rounds {
    watched: Watched,
    /// The first of its tables.
    table: String,
    /// For suppressor and auditor.
    pub(super) work: Watch,
}

impl Rounds {
    pub(super) fn of(work: &Suppression<'_>, population: &Population) -> Self {
        let table = &work.tables[population.members[0].table].name;
        Self {
            watched: work.watched.clone(),
            work: work.watched.of_table(table),
            table: table.clone(),
        }
    }

    /// A round begins.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub(super) fn begin(&self) -> Result<()> {
        let table = &self.table;
        self.watched.at(Step::Suppressed { table, rounds: 1 })
    }
}
