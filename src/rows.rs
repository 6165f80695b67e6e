//! Rows of a register, read from its files: only the columns that are asked for.
//!
//! Data minimisation starts at the file: the names of the asked columns reach
//! the reader, and what is not asked for is skipped there. A file comes from
//! outside, so nothing it says about itself is believed before it is checked.

pub(crate) mod batches;
pub(crate) mod cell;
pub(crate) mod decode;
pub(crate) mod format;
pub(crate) mod instant;
pub(crate) mod part;
pub(crate) mod written;

mod binary;
mod columns;
mod folder;
mod header;
mod memory;
mod office;
mod partition;
mod plain;
mod reader;
mod readings;
mod sheet;
mod stamp;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::error::Result;
use crate::plan::{Plan, Source};
use crate::watch::{Watch, Watched};
pub use columns::{RegisterColumn, register_columns};
pub use decode::is_decoding;
use part::{FilePart, RawBatch};
use reader::ReaderRows;
pub use readings::Readings;

/// Rows of a batch, at most.
const BATCH_ROWS: usize = 65_536;

/// The rows of one register, about to be read as a plan declares them.
///
/// # Disclosure
///
/// Stays with the agency. It holds identified data once it is read, and has
/// no way out but [`identify`](Rows::identify).
pub struct Rows {
    plan: Plan,
    source: usize,
    input: Vec<FilePart>,
    batches: Vec<RecordBatch>,
    reader: Option<ReaderRows>,
    watched: Watched,
    readings: Readings,
}

impl Rows {
    /// Opens the files of the register `source`: delimited text (RFC 4180, packed
    /// with gzip or zstd or not), Parquet or Arrow IPC, or folders of them, where
    /// `name=value` folders are columns. With the feature `xlsx` a file may be a
    /// spreadsheet too.
    ///
    /// Files are read, and never mapped into memory: one that is shortened meanwhile is
    /// refused, and does not end the process.
    ///
    /// No row is read yet, but every file is opened and every column found. A
    /// file that is changed from now on, until its last row is read, is refused.
    ///
    /// # Costs
    ///
    /// Time and memory follow the bytes that a file has, and not what these say of
    /// themselves. A page or batch may unpack to 64 MiB, or to a thousand times its
    /// packed bytes; a record of delimited text has 64 MiB at most, and of a dictionary
    /// 256 MiB of texts are copied for a column of a batch, which has 65,536 rows.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Permission`](crate::ErrorKind::Permission) if the plan may not run
    /// today, [`ErrorKind::Plan`](crate::ErrorKind::Plan) if it has no such source,
    /// [`ErrorKind::File`](crate::ErrorKind::File) and
    /// [`ErrorKind::Rows`](crate::ErrorKind::Rows) if a file cannot be read or lacks a
    /// column.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::{Plan, Rows};
    ///
    /// let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// let rows = Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"])?;
    /// let rows = rows.identify()?;
    /// assert_eq!((rows.rows_read(), rows.quarantine().rows()), (62_374, 0));
    ///
    /// // The insurance register has no HbA1c.
    /// let wrong = Rows::open(&plan, "hba1c", &["examples/nhanes/insurance.parquet"]);
    /// assert_eq!(wrong.unwrap_err().column(), Some("LBXGH"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn open<P: AsRef<Path>>(plan: &Plan, source: &str, paths: &[P]) -> Result<Self> {
        let (place, declared) = permitted(plan, source)?;
        let paths: Vec<PathBuf> = paths.iter().map(|path| path.as_ref().to_owned()).collect();
        let columns: Vec<String> = declared.reads().into_iter().map(str::to_owned).collect();
        let readings = Readings::default();
        let input = part::parts(&paths, &columns, declared.format(), &readings);
        let input = input.map_err(|e| e.in_source(source))?;
        Ok(Self {
            plan: plan.clone(),
            source: place,
            input,
            batches: Vec::new(),
            reader: None,
            watched: Watched::default(),
            readings,
        })
    }

    /// Has `watch` notified of all that is done until there is an [`Extract`](crate::Extract), or
    /// an [`IdentifierReport`](crate::IdentifierReport): it may have it cancelled.
    #[must_use]
    pub fn watched_by(mut self, watch: Arc<dyn Watch>) -> Self {
        self.watched = Watched::by(watch);
        self
    }

    /// How the files are read, which is known once they were: keep it, and ask
    /// when the rows are identified.
    pub fn readings(&self) -> Readings {
        self.readings.clone()
    }

    /// The same rows, of whose columns no others than `columns` are read.
    pub(crate) fn only(mut self, columns: &[&str]) -> Self {
        let columns: Arc<[String]> = columns.iter().map(|name| (*name).to_owned()).collect();
        for part in &mut self.input {
            part.ask_only(&columns);
        }
        if let Some(reader) = &mut self.reader {
            reader.ask_only(&columns);
        }
        self
    }

    pub(crate) fn plan_and_source(&self) -> (Plan, usize) {
        (self.plan.clone(), self.source)
    }

    pub(crate) fn watched(&self) -> Watched {
        self.watched.clone()
    }

    pub(crate) fn into_parts(self) -> (Plan, usize, Vec<RowChunk>, Watched) {
        let mut chunks: Vec<RowChunk> = self.input.into_iter().map(RowChunk::Part).collect();
        let declared = self.plan.sources()[self.source].format();
        let mut first_row = 1;
        for batch in self.batches {
            let rows = batch.num_rows();
            for start in (0..rows).step_by(BATCH_ROWS) {
                let length = BATCH_ROWS.min(rows - start);
                chunks.push(RowChunk::Batch(RawBatch {
                    batch: batch.slice(start, length),
                    file: Path::new("memory").into(),
                    first_row: first_row + start as u64,
                    declared: Arc::clone(declared),
                    unended: false,
                    delimiter: None,
                    sheet: None,
                    readings: self.readings.clone(),
                }));
            }
            first_row += rows as u64;
        }
        chunks.extend(self.reader.map(RowChunk::Reader));
        (self.plan, self.source, chunks, self.watched)
    }
}

/// Some rows that can be worked on independently of others.
pub(crate) enum RowChunk {
    Part(FilePart),
    Batch(RawBatch),
    Reader(ReaderRows),
}

impl RowChunk {
    pub(crate) fn read(self) -> Box<dyn Iterator<Item = Result<RawBatch>> + Send> {
        match self {
            Self::Part(part) => Box::new(part.read()),
            Self::Batch(batch) => Box::new(std::iter::once(Ok(batch))),
            Self::Reader(reader) => Box::new(reader.read()),
        }
    }
}

/// The source's place in the plan and the source itself, if the plan may run today.
pub(crate) fn permitted<'p>(plan: &'p Plan, source: &str) -> Result<(usize, &'p Source)> {
    plan.may_run()?;
    let place = plan.source_place(source)?;
    Ok((place, &plan.sources()[place]))
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rows({}, ..)", self.plan.sources()[self.source].name())
    }
}
