//! Extracts and releases as files: Arrow IPC and Parquet, whole or not there.

use std::fs::File;
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::parts::{in_folder, read_parts, whole};
use super::table::{read_table, write_arrow, write_parquet};
use super::window::{array_window, batch_of};
use super::{BATCH_ROWS, Extract, Header, verify};
use crate::atomic_file::{FileKind, PreparedFile, prepare_whole};
use crate::error::{Error, ErrorKind, Result};
use crate::mapped::ReadOptions;
use crate::plan::Plan;
use crate::watch::{Step, Watch, Watched};

impl Extract {
    /// Writes the extract: as Parquet if `path` ends in `.parquet`, as Arrow IPC
    /// if it ends in `.arrow`. The file is readable by its owner only. A file
    /// that is there already is replaced, whole.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] for another ending, or if it cannot be written;
    /// then there is no file.
    ///
    /// # Disclosure
    ///
    /// One of the two doors out of the process: to the linkage unit that the
    /// plan names.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let unwatched = Watched::default();
        self.prepare(path.as_ref(), &unwatched)?.finish()
    }

    /// [`write`](Self::write), but never in the place of another file, not even
    /// of one that came there meanwhile: of two runs to one name one fails.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write), and if there is a file.
    ///
    /// # Disclosure
    ///
    /// As [`write`](Self::write).
    pub fn write_new(&self, path: impl AsRef<Path>) -> Result<()> {
        let unwatched = Watched::default();
        self.prepare(path.as_ref(), &unwatched)?.finish_new()
    }

    /// [`write_new`](Self::write_new), as a long step that `watch` is notified of.
    ///
    /// # Errors
    ///
    /// Those of [`write_new`](Self::write_new); [`ErrorKind::Cancelled`] if `watch` says so:
    /// then there is no file.
    ///
    /// # Disclosure
    ///
    /// As [`write`](Self::write).
    pub fn write_new_watched(&self, path: impl AsRef<Path>, watch: Arc<dyn Watch>) -> Result<()> {
        let watched = Watched::by(watch);
        let prepared = self.prepare(path.as_ref(), &watched)?;
        watched.at(self.all_written())?;
        prepared.finish_new()
    }

    /// That all of it is on the disk, and is about to get its name.
    pub(super) fn all_written(&self) -> Step<'_> {
        let name = self.source().name();
        Step::Written { name, bytes: 0 }
    }

    /// The file, under another name next to `path`.
    fn prepare(&self, path: &Path, watched: &Watched) -> Result<PreparedFile> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let write = |file: &mut BufWriter<File>| {
            let schema = self.header.schema(self.source(), self.content());
            let batches = self.even_batches(&schema, 0..self.rows());
            watched.writing(self.source().name(), file, |file| match ending {
                Some("arrow") => write_arrow(&schema, batches, file),
                _ => write_parquet(&schema, batches, file),
            })
        };
        if !matches!(ending, Some("arrow" | "parquet")) {
            let rule = "an extract is written as `.arrow` or `.parquet`";
            return Err(Error::new(ErrorKind::File, rule).in_file(path));
        }
        prepare_whole(path, FileKind::Extract, write)
    }

    /// Batches of [`BATCH_ROWS`] of these `rows`, however the extract is held: the same
    /// rows give the same bytes. If there are none they are still one batch, for
    /// some readers want to see one.
    pub(super) fn even_batches<'a>(
        &'a self,
        schema: &'a SchemaRef,
        rows: Range<usize>,
    ) -> impl Iterator<Item = RecordBatch> + 'a {
        let starts = self.keys().starts();
        let end = rows.end.max(rows.start + 1);
        (rows.start..end).step_by(BATCH_ROWS).map(move |start| {
            let range = start..rows.end.min(start + BATCH_ROWS);
            let columns = self.columns.iter();
            batch_of(
                schema,
                columns.map(|chunks| array_window(chunks, &starts, &range)),
            )
        })
    }

    /// Reads an extract, and verifies all of it.
    ///
    /// An Arrow file is mapped, not copied: its rows stay where they lie, and
    /// need no memory but the system's page cache. So it must not be written
    /// into, nor shortened, while the extract lives: the system ends the process
    /// that reads behind the end of a mapped file. To replace it, rename
    /// another file to its name, as [`write`](Self::write) does; or have it copied,
    /// by [`read_with`](Self::read_with).
    ///
    /// A folder of [parts](Self::write_parts) is read as the one extract that it is.
    ///
    /// What a file says is not trusted. It is refused if it is damaged or cut
    /// short; if it was made under another plan, for another project or in
    /// another epoch; if a column has another type than the plan declares; if
    /// rows are out of order, or a person has two where the plan says
    /// `rows = "one"`; if a value is none that the column's steps give; if its
    /// counts do not add up; if pseudonyms are not spread as those of a keyed
    /// hash are; and if its values are not those that its content digest is of.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Extract`] with the rule that it breaks, [`ErrorKind::File`]
    /// if it cannot be opened, [`ErrorKind::Permission`] if the plan may not
    /// run today.
    pub fn read(plan: &Plan, path: impl AsRef<Path>) -> Result<Self> {
        Self::read_with(plan, path, &ReadOptions::new())
    }

    /// [`read`](Self::read), as `options` say: mapped, or copied into memory.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); and of a file that is copied
    /// [`ErrorKind::File`] if it is shortened or grows meanwhile.
    pub fn read_with(plan: &Plan, path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        plan.may_run()?;
        let path = path.as_ref();
        let read = || {
            let (schema, batches) = match path.is_dir() {
                true => {
                    let (schema, files) = read_parts(path, options, |_| true)?;
                    let batches = files.into_iter().flat_map(|file| file.batches);
                    (schema, batches.collect())
                }
                false => {
                    let (schema, batches, _) = read_table(path, options)?;
                    (schema, batches)
                }
            };
            Self::of_table(plan, &schema, &batches)
        };
        read().map_err(|error: Error| in_folder(error, path))
    }

    /// The extract that a table says that it is, all of it verified.
    pub(super) fn of_table(
        plan: &Plan,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<Self> {
        if let Some((part, _)) = whole(schema)? {
            let rule = format!("is part {part} of an extract, and not all of it");
            let error = Error::new(ErrorKind::Extract, rule);
            return Err(error.help("give the folder that all its parts are in"));
        }
        let header = Header::read(schema)?;
        let source = header.check(plan)?;
        let declared = &plan.sources()[source];
        let (columns, content) = verify::verified(declared, &header, schema, batches)
            .map_err(|error| error.in_source(&header.source))?;
        Ok(Self {
            plan: plan.clone(),
            source,
            header,
            columns,
            content: OnceLock::from(content),
            spilled: None,
        })
    }
}
