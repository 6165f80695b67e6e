//! The release: protected tables as Arrow, and a manifest that says how they came about.
//!
//! The one door out for figures. A table of the release has one column a
//! dimension, and two a measure: its value, missing where it is suppressed,
//! and its status.

mod arrow;
mod csv;
mod inspect;
pub mod manifest;
mod write;

use arrow_array::RecordBatch;

pub use inspect::Inspection;
use manifest::LedgerRecord;
pub use manifest::Manifest;
pub use write::Format;

use crate::error::Result;
use crate::protect::ProtectedTables;
pub use crate::table::Listing;

/// Protected tables, ready to be handed over.
///
/// # Disclosure
///
/// Everything here is for the recipient that the plan names: values that the
/// plan's rules find safe or that its method perturbed, rounded counts, digests, and
/// which rules apply. Why a figure is suppressed is not here: that is in the
/// [suppression report](crate::protect::SuppressionReport), for the linkage unit.
#[derive(Debug, Clone)]
pub struct Release {
    tables: Vec<(String, RecordBatch)>,
    manifest: Manifest,
}

impl ProtectedTables {
    /// Makes the release.
    ///
    /// Tables that are not protected have no such method:
    ///
    /// ```compile_fail,E0599
    /// # use kobling::{Linkage, Release, Result, protect::Protection};
    /// fn leak(linkage: Linkage, with: Protection) -> Result<Release> { linkage.tabulate(with)?.release() }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a figure does not
    /// fit its column; [`ErrorKind::Ledger`](crate::ErrorKind::Ledger) if the
    /// tables were protected together with a ledger that has a new entry since.
    ///
    /// # Disclosure
    ///
    /// What is in it leaves: the labels of all cells, also of those that are
    /// suppressed; the safe and the perturbed values; the manifest.
    pub fn release(mut self) -> Result<Release> {
        let plan = self.tables.plan.clone();
        let tables = self.tables.tables.iter().zip(plan.tables());
        let tables = tables.map(|(table, plan)| {
            let batch = arrow::to_batch(table, plan, &self.tables.plan)
                .map_err(|error| error.in_table(&table.name))?;
            Ok((table.name.clone(), batch))
        });
        let tables = tables.collect::<Result<_>>()?;
        // Last of all that can be refused: what is written in the ledger counts as released.
        let recorded = self.recording.take();
        let recorded = recorded.map(|(mut ledger, entry)| ledger.append(entry));
        let ledger = recorded
            .transpose()?
            .map(|(entry, digest)| LedgerRecord { entry, digest });
        Ok(Release {
            tables,
            manifest: Manifest::new(&self, ledger),
        })
    }
}

impl Release {
    /// The tables, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &RecordBatch)> {
        self.tables
            .iter()
            .map(|(name, batch)| (name.as_str(), batch))
    }

    /// One table.
    pub fn table(&self, name: &str) -> Option<&RecordBatch> {
        self.tables()
            .find(|(other, _)| *other == name)
            .map(|(_, batch)| batch)
    }

    /// How it came about.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}
