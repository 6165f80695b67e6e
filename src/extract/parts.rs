//! Extracts as folders of parts: a file for each range of pseudonyms.
//!
//! ```text
//! tax/part-000-of-064.arrow      the first range: all rows of its persons
//! tax/part-001-of-064.arrow      …
//! ```
//!
//! Every part has the header of the whole extract, with its content digest, and says
//! which part it is; all of them together are the extract, and less of them is none. No
//! key is needed to cut an extract into parts, or to put them together.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Array as _, RecordBatch};
use arrow_schema::{DataType, Schema, SchemaRef};

use super::header::{PART, PART_CONTENT};
use super::table::{read_table, write_arrow};
use super::window::PseudonymColumn;
use super::{ContentDigest, Extract, Part, content, verify};
use crate::atomic_file::{FileKind, PreparedFolder, prepare_whole_folder, write_atomically};
use crate::error::{Error, ErrorKind, Result};
use crate::mapped::ReadOptions;
use crate::pseudonym::{Pseudonym, WIDTH};
use crate::watch::{Watch, Watched};

/// The Arrow type of a column of pseudonyms.
const PSEUDONYMS: DataType = DataType::FixedSizeBinary(WIDTH as i32);

impl Extract {
    /// Writes the extract as a new folder of `of` parts, each an Arrow IPC file: the
    /// whole folder, or none. Files are readable by their owner only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Extract`] for a number of parts that [there cannot be](Part::new);
    /// [`ErrorKind::File`] if the folder is there already or cannot be written.
    ///
    /// # Disclosure
    ///
    /// As [`write`](Self::write).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// # use kobling::{Extract, LinkageKey, Plan, Rows};
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let rows = Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"])?;
    /// let extract = rows.identify()?.pseudonymise(&key)?;
    /// # let folder = tempfile::tempdir().unwrap();
    /// let folder = folder.path().join("hba1c");
    /// extract.write_parts(&folder, 7)?;
    /// let read = Extract::read(&plan, &folder)?;
    /// assert_eq!(read.content(), extract.content());
    /// # Ok(())
    /// # }
    /// ```
    pub fn write_parts(&self, folder: impl AsRef<Path>, of: u32) -> Result<()> {
        self.prepare_parts(folder.as_ref(), of, &Watched::default())?
            .finish()
    }

    /// [`write_parts`](Self::write_parts), as a long step that `watch` is notified of.
    ///
    /// # Errors
    ///
    /// Those of [`write_parts`](Self::write_parts); [`ErrorKind::Cancelled`] if `watch` says
    /// so: then there is no folder.
    ///
    /// # Disclosure
    ///
    /// As [`write`](Self::write).
    pub fn write_parts_watched(
        &self,
        folder: impl AsRef<Path>,
        of: u32,
        watch: Arc<dyn Watch>,
    ) -> Result<()> {
        let watched = Watched::by(watch);
        let prepared = self.prepare_parts(folder.as_ref(), of, &watched)?;
        watched.at(self.all_written())?;
        prepared.finish()
    }

    /// The folder, under another name next to `last`.
    fn prepare_parts(&self, last: &Path, of: u32, watched: &Watched) -> Result<PreparedFolder> {
        let parts = Part::all(of)?;
        let schema = self.header().schema(self.source(), self.content());
        let keys = self.keys();
        prepare_whole_folder(last, |folder| {
            for part in parts {
                let rows = keys.rows_in(part);
                let batches: Vec<_> = self.even_batches(&schema, rows.clone()).collect();
                let own = verify::columns(self.source(), self.header(), &schema, &batches)?;
                let content = content::digest(self.header(), &own);
                let schema = of_part(&schema, part, content);
                let name = name(part);
                let written = write_atomically(&folder.join(&name), FileKind::Extract, |file| {
                    watched.writing(self.source().name(), file, |file| {
                        write_arrow(&schema, self.even_batches(&schema, rows), file)
                    })
                });
                // By the name that it would have had in the end.
                written.map_err(|error| error.in_file(&last.join(name)))?;
            }
            Ok(())
        })
    }
}

/// `part-003-of-064.arrow`.
fn name(part: Part) -> String {
    format!("part-{:03}-of-{:03}.arrow", part.index(), part.of())
}

/// The schema of a part of the extract with this one.
fn of_part(schema: &SchemaRef, part: Part, content: ContentDigest) -> SchemaRef {
    let mut metadata = schema.metadata().clone();
    metadata.insert(PART.to_owned(), part.to_string());
    metadata.insert(PART_CONTENT.to_owned(), content.to_string());
    Arc::new(Schema::clone(schema).with_metadata(metadata))
}

/// The schema of the whole extract that a part is of, and which part it is; `None` of
/// what is no part.
///
/// # Errors
///
/// [`ErrorKind::Extract`] if it is damaged.
pub(super) fn whole(schema: &SchemaRef) -> Result<Option<(Part, SchemaRef)>> {
    let mut metadata = schema.metadata().clone();
    let Some(part) = metadata.remove(PART) else {
        return Ok(None);
    };
    metadata.remove(PART_CONTENT);
    let part = part.parse()?;
    Ok(Some((
        part,
        Arc::new(Schema::clone(schema).with_metadata(metadata)),
    )))
}

/// A file of a folder of parts.
pub(super) struct PartFile {
    pub(super) part: Part,
    /// Of its rows, as it says itself.
    pub(super) content: Option<ContentDigest>,
    pub(super) rows: u64,
    /// None where they were not asked for.
    pub(super) batches: Vec<RecordBatch>,
    pub(super) path: PathBuf,
}

/// The schema of the extract, and all parts in a folder, in the order of pseudonyms: with
/// the rows of those that are `wanted`, one after another in memory.
///
/// # Errors
///
/// [`ErrorKind::Extract`] if it has anything else in it, or not exactly all parts of one
/// extract, or if a row is in the wrong part; [`ErrorKind::File`] if it cannot be read.
pub(super) fn read_parts(
    folder: &Path,
    options: &ReadOptions,
    wanted: impl Fn(Part) -> bool,
) -> Result<(SchemaRef, Vec<PartFile>)> {
    let mut parts: Vec<(SchemaRef, PartFile)> = Vec::new();
    for path in files(folder)? {
        let (file_schema, mut batches, _) = read_table(&path, options)?;
        let found = whole(&file_schema).map_err(|error| error.in_file(&path))?;
        let Some((part, schema)) = found else {
            let rule = "is no part of an extract, as all files in its folder must be";
            return Err(refuse(rule).in_file(&path));
        };
        if !batches.iter().all(|batch| is_within(batch, part)) {
            let rule = format!("has rows that are not in part {part}");
            return Err(refuse(rule).in_file(&path));
        }
        let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        if !wanted(part) {
            batches.clear();
        }
        let content = file_schema.metadata().get(PART_CONTENT);
        let file = PartFile {
            part,
            content: content.and_then(|content| content.parse().ok()),
            rows,
            batches,
            path,
        };
        parts.push((schema, file));
    }
    parts.sort_by_key(|(_, file)| file.part);
    let Some((schema, PartFile { part: first, .. })) = parts.first() else {
        return Err(refuse("has no part of an extract in it"));
    };
    for (other, PartFile { part, path, .. }) in &parts {
        if part.of() != first.of() || other != schema {
            let rule = format!(
                "is not of the same extract as part {first}: of another plan, key, run or number of parts"
            );
            return Err(refuse(rule).in_file(path));
        }
    }
    for (index, (_, PartFile { part, path, .. })) in (0..).zip(&parts) {
        if part.index() < index {
            return Err(refuse(format!("part {part} is there twice")).in_file(path));
        }
        if part.index() > index {
            return Err(missing(index, first.of()));
        }
    }
    if parts.len() < first.of() as usize {
        return Err(missing(parts.len() as u32, first.of()));
    }
    let schema = schema.clone();
    let files = parts.into_iter().map(|(_, file)| file);
    Ok((schema, files.collect()))
}

/// What a folder says that has all parts of an extract: the extract's schema, how many
/// parts, and how many rows are in all of them.
///
/// # Errors
///
/// As [`read_parts`].
pub(crate) fn inspect_parts(
    folder: &Path,
    options: &ReadOptions,
) -> Result<(SchemaRef, usize, u64)> {
    let parts = read_parts(folder, options, |_| false);
    let (schema, parts) = parts.map_err(|error| in_folder(error, folder))?;
    let rows = parts.iter().map(|part| part.rows).sum();
    Ok((schema, parts.len(), rows))
}

/// The error, in the file of the folder that it names, or in the folder if it names none.
pub(super) fn in_folder(error: Error, folder: &Path) -> Error {
    match error.path() {
        Some(_) => error,
        None => error.in_file(folder),
    }
}

fn missing(index: u32, of: u32) -> Error {
    refuse(format!("part {index}/{of} is missing"))
}

fn refuse(rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Extract, rule)
}

/// What is in a folder, but for hidden files.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    };
    list().map_err(|error| Error::file(folder, "read the folder", &error))
}

/// Whether the first and last pseudonyms are in a part; that they ascend is verified of
/// all parts together.
fn is_within(batch: &RecordBatch, part: Part) -> bool {
    let keys = batch.columns().iter().take(1);
    let mut keys = keys.filter(|keys| *keys.data_type() == PSEUDONYMS);
    let Some(keys) = keys.next() else {
        // That the columns are as declared is verified of all parts together.
        return true;
    };
    let keys = PseudonymColumn::of(std::slice::from_ref(keys));
    let is_in = |key: Pseudonym| part.first() <= key && part.end().is_none_or(|end| key < end);
    keys.len() == 0 || is_in(keys.get(0)) && is_in(keys.get(keys.len() - 1))
}
