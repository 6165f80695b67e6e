//! The release: protected tables as Arrow, and a manifest that says how they came about.
//!
//! The one door out for figures. A table of the release has one column a
//! dimension, and two a measure: its value, missing where it is suppressed,
//! and its status.

mod arrow;
mod csv;
mod inspect;
pub mod manifest;
mod text;
mod write;

use std::path::Path;

use arrow_array::RecordBatch;

pub use inspect::Inspection;
use manifest::LedgerRecord;
pub use manifest::Manifest;
pub use write::Format;

use crate::atomic_file::Uninterrupted;
use crate::error::{Error, ErrorKind, Result};
use crate::protect::{PreparedReport, ProtectedTables};
pub use crate::table::Listing;
use crate::watch::Step;

/// Protected tables, ready to be handed over.
///
/// # Disclosure
///
/// Everything here is for the recipient that the plan names: values that the
/// plan's rules find safe or that its method perturbed, counts of rows with noise, digests, and
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
    /// [`ErrorKind::Overflow`] if a figure does not
    /// fit its column; [`ErrorKind::Ledger`] if the
    /// tables were protected together with a ledger that has a new entry since;
    /// [`ErrorKind::Cancelled`] if whoever [watches](crate::protect::Protection::watched_by)
    /// says so: then the ledger has no entry.
    ///
    /// # Disclosure
    ///
    /// What is in it leaves: the labels of all cells, also of those that are
    /// suppressed; the safe and the perturbed values; the manifest.
    pub fn release(mut self) -> Result<Release> {
        let tables = self.batches()?;
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

    /// Makes the release, and writes it into a new folder as [`Release::write`]
    /// does.
    ///
    /// What is in the ledger counts as released, and spends its part of a privacy
    /// budget, whether it was written or not. So here all of the release is on the
    /// disk, under another name, before the ledger has its entry; after it comes
    /// nothing but the folder's name.
    ///
    /// # Errors
    ///
    /// Those of [`release`](Self::release) and of [`Release::write`]. If the ledger
    /// has the entry by then, the error says so.
    ///
    /// # Disclosure
    ///
    /// The door out of the process, as [`Release::write`].
    pub fn release_into(self, folder: impl AsRef<Path>, formats: &[Format]) -> Result<Release> {
        self.release_with(folder.as_ref(), formats, None)
    }

    /// [`release_into`](Self::release_into), with the suppression report in its place too.
    ///
    /// With a ledger the report gets its name behind the entry, and before the release
    /// does: to make it again would take a further entry. Without one the release is
    /// first, for of a release that is not there no report is to be left.
    ///
    /// # Errors
    ///
    /// Those of [`release_into`](Self::release_into). If it is the report that cannot get
    /// its name, the release nevertheless has its own.
    ///
    /// # Disclosure
    ///
    /// The door out of the process, as [`Release::write`]. The report is for the linkage
    /// unit and the risk owner: see [`SuppressionReport`](crate::protect::SuppressionReport).
    pub fn release_with_report_into(
        self,
        folder: impl AsRef<Path>,
        formats: &[Format],
        report: PreparedReport,
    ) -> Result<Release> {
        self.release_with(folder.as_ref(), formats, Some(report))
    }

    fn release_with(
        mut self,
        folder: &Path,
        formats: &[Format],
        report: Option<PreparedReport>,
    ) -> Result<Release> {
        let tables = self.batches()?;
        let recording = match self.recording.take() {
            Some((ledger, entry)) => Some((ledger.ready(entry)?, ledger)),
            None => None,
        };
        let record = recording.as_ref().map(|(ready, _)| LedgerRecord {
            entry: ready.number(),
            digest: ready.digest(),
        });
        let entry = record.as_ref().map(|record| record.entry);
        let manifest = Manifest::new(&self, record);
        let release = Release { tables, manifest };
        let prepared = release.prepare(folder, formats, &self.watched)?;
        // Who is asked to stop from here on stops when all has its name.
        let _whole = match recording {
            Some((ready, mut ledger)) => {
                let number = ready.number();
                let appended = ledger.append_ready(ready);
                appended.map_err(|failed| match failed.counts {
                    true => counted_all_the_same(folder, &failed.error, number),
                    false => failed.error,
                })?
            }
            None => {
                let io = |error| Error::file(folder, "make the folder", &error);
                Uninterrupted::begin().map_err(io)?
            }
        };
        let in_place =
            |report: Option<PreparedReport>| report.map_or(Ok(()), PreparedReport::finish);
        let (before, behind) = match entry {
            Some(_) => (report, None),
            None => (None, report),
        };
        let reported = in_place(before);
        prepared.finish().map_err(|error| match entry {
            None => error,
            Some(entry) => counted_all_the_same(folder, &error, entry),
        })?;
        reported.and_then(|()| in_place(behind))?;
        Ok(release)
    }

    fn batches(&self) -> Result<Vec<(String, RecordBatch)>> {
        let plan = &self.tables.plan;
        let tables = self.tables.tables.iter().zip(plan.tables());
        let tables = tables.map(|(table, of)| {
            let begun = self.watched.at(Step::Released { table: &table.name });
            let batch = begun.and_then(|()| arrow::to_batch(table, of, plan));
            let batch = batch.map_err(|error| error.in_table(&table.name))?;
            Ok((table.name.clone(), batch))
        });
        tables.collect()
    }
}

/// The failure to name a release that is in the ledger already: it must be there
/// before anything leaves, and is not taken out again.
fn counted_all_the_same(folder: &Path, error: &Error, entry: u64) -> Error {
    // It has its name, and the disk did not say that it will keep it.
    let (rule, help) = match folder.is_dir() {
        true => (
            format!("the release is there, and it is entry {entry} of the ledger, but: {error}"),
            "check that it is still there and complete before it is delivered",
        ),
        false => (
            format!(
                "the release was not written, and yet it is entry {entry} of the ledger: {error}"
            ),
            "make room for it, and link again: suppressed tables come out the same, under a \
             further entry; those with noise spend their part of the budget again",
        ),
    };
    Error::new(ErrorKind::File, rule).in_file(folder).help(help)
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
