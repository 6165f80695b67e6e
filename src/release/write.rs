//! A release as files: one a table and format, and the manifest. All or none.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::Array;

use super::Release;
use super::csv::write_csv;
use super::text::text;
use crate::atomic_file::{FileKind, PreparedFolder, prepare_whole_folder, write_atomically};
use crate::error::{Error, Result};
use crate::extract::{write_arrow, write_parquet};
use crate::watch::{Step, Watch, Watched};

/// The name of the manifest in a release's folder.
const MANIFEST: &str = "manifest.json";

/// A file format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Arrow IPC: `.arrow`.
    Arrow,
    /// Parquet: `.parquet`.
    Parquet,
    /// CSV (RFC 4180), UTF-8, with a header: `.csv`. Missing is empty. A name that
    /// a spreadsheet might run as a formula, such as `=1+1`, has an apostrophe
    /// before it; the other formats have all names as they are.
    Csv,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Arrow, Self::Parquet, Self::Csv];

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Arrow => "arrow",
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }
}

impl Release {
    /// The rows of a table as text; `None` is missing, as a suppressed value is.
    /// Its CSV has the same, but for names that a spreadsheet might run.
    pub fn rows(&self, table: &str) -> Option<impl Iterator<Item = Vec<Option<String>>> + '_> {
        let batch = self.table(table)?;
        let cell = |column: &dyn Array, row| (!column.is_null(row)).then(|| text(column, row));
        Some((0..batch.num_rows()).map(move |row| {
            let columns = batch.columns().iter();
            columns.map(|column| cell(column, row)).collect()
        }))
    }

    /// Writes the release into a new folder: each table in each of `formats`,
    /// and `manifest.json`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`](crate::ErrorKind::File) if the folder exists already, or anything in it
    /// cannot be written; then there is no folder.
    ///
    /// # Disclosure
    ///
    /// The other door out of the process: to the recipient that the plan names.
    pub fn write(&self, folder: impl AsRef<Path>, formats: &[Format]) -> Result<()> {
        let unwatched = Watched::default();
        self.prepare(folder.as_ref(), formats, &unwatched)?.finish()
    }

    /// [`write`](Self::write), as a long step that `watch` is notified of.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write); [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) if
    /// `watch` says so: then there is no folder.
    ///
    /// # Disclosure
    ///
    /// As [`write`](Self::write).
    pub fn write_watched(
        &self,
        folder: impl AsRef<Path>,
        formats: &[Format],
        watch: Arc<dyn Watch>,
    ) -> Result<()> {
        let watched = Watched::by(watch);
        self.prepare(folder.as_ref(), formats, &watched)?.finish()
    }

    /// The folder, under another name next to `last`.
    pub(super) fn prepare(
        &self,
        last: &Path,
        formats: &[Format],
        watched: &Watched,
    ) -> Result<PreparedFolder> {
        prepare_whole_folder(last, |folder| {
            for (table, batch) in self.tables() {
                for &format in formats {
                    let name = format!("{table}.{}", format.ending());
                    let path = folder.join(&name);
                    let written = write_atomically(&path, FileKind::Release, |file| {
                        let (schema, batches) = (batch.schema(), [batch.clone()]);
                        watched.writing(table, file, |file| match format {
                            Format::Arrow => write_arrow(&schema, batches, file),
                            Format::Parquet => write_parquet(&schema, batches, file),
                            Format::Csv => write_csv(batch, file),
                        })
                    });
                    // By the name that it would have had in the end.
                    written.map_err(|error| error.in_file(&last.join(name)))?;
                }
            }
            let path = folder.join(MANIFEST);
            let written = write_atomically(&path, FileKind::Release, |file| {
                let json = self.manifest().to_json() + "\n";
                let io = |error| Error::file(&path, "write the manifest", &error);
                file.write_all(json.as_bytes()).map_err(io)
            });
            written.map_err(|error| error.in_file(&last.join(MANIFEST)))?;
            // The last time that it can be cancelled.
            let last = self.tables().last().map(|(table, _)| table);
            last.map_or(Ok(()), |name| watched.at(Step::Written { name, bytes: 0 }))
        })
    }
}
