//! A part of an extract: the rows of some persons, read without those of the others.
//!
//! Of a folder of parts only those files are held that have rows of the persons asked for:
//! so a linkage unit needs memory for a part, and not for the extract. Each file has the
//! digest of its own rows, for that of the whole says nothing of some.

use std::path::Path;
use std::sync::OnceLock;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::parts::{PartFile, in_folder, read_parts};
use super::window::{PseudonymColumn, chunks_of};
use super::{Extract, Header, Part, content, verify};
use crate::error::{Error, ErrorKind, Result};
use crate::mapped::ReadOptions;
use crate::plan::{Plan, Source};

/// All rows of the persons in a part, of an extract.
///
/// # Disclosure
///
/// As an [`Extract`]. It cannot be taken for one:
///
/// ```compile_fail,E0271
/// # use kobling::{Linkage, Plan, Result};
/// # use kobling::extract::ExtractPart;
/// fn wrong(plan: &Plan, parts: Vec<ExtractPart>) -> Result<Linkage> {
///     Linkage::new(plan, parts)
/// }
/// ```
pub struct ExtractPart {
    /// With the header of the whole, and the rows of the part.
    pub(crate) extract: Extract,
    part: Part,
}

impl ExtractPart {
    /// Reads a part of the persons out of an extract, and verifies it.
    ///
    /// Of a [folder of parts](Extract::write_parts) no other rows are held, in however many
    /// parts it is cut; an extract in one file is read whole first. Linking and tabulating 1.7
    /// million rows of a register and 2.5 million of another, as one part of 64 has of two
    /// extracts of 10⁸ rows or more, took 0.2 GiB at most, mapped or not.
    ///
    /// # Errors
    ///
    /// As [`Extract::read`]; [`ErrorKind::Extract`] for a history of identifiers, whose
    /// pseudonyms are of persons in all parts.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// # use kobling::{Extract, LinkageKey, Plan, Rows};
    /// use kobling::extract::{ExtractPart, Part};
    ///
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let rows = Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"])?;
    /// # let extract = rows.identify()?.pseudonymise(&key)?;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let folder = folder.path().join("hba1c");
    /// extract.write_parts(&folder, 7)?;
    /// let rows = Part::all(3)?.map(|part| Ok(ExtractPart::read(&plan, &folder, part)?.rows()));
    /// let rows = rows.collect::<kobling::Result<Vec<usize>>>()?;
    /// assert_eq!(rows.iter().sum::<usize>(), extract.rows());
    /// # Ok(())
    /// # }
    /// ```
    pub fn read(plan: &Plan, path: impl AsRef<Path>, part: Part) -> Result<Self> {
        Self::read_with(plan, path, part, &ReadOptions::default())
    }

    /// The same, with a choice of how files are read.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_with(
        plan: &Plan,
        path: impl AsRef<Path>,
        part: Part,
        options: &ReadOptions,
    ) -> Result<Self> {
        let path = path.as_ref();
        if !path.is_dir() {
            let whole = Extract::read_with(plan, path, options)?;
            refuse_history(whole.source()).map_err(|error| error.in_file(path))?;
            return Ok(Self::of_whole(whole, part));
        }
        plan.may_run()?;
        let read = || {
            let wanted = |file: Part| overlap(file, part);
            let (schema, files) = read_parts(path, options, wanted)?;
            let files = files.into_iter().filter(|file| wanted(file.part));
            Self::of_files(plan, &schema, files.collect(), part)
        };
        read().map_err(|error: Error| in_folder(error, path))
    }

    fn of_files(plan: &Plan, schema: &SchemaRef, files: Vec<PartFile>, part: Part) -> Result<Self> {
        let header = Header::read(schema)?;
        let place = header.check(plan)?;
        let source = &plan.sources()[place];
        let in_source = |error: Error| error.in_source(&header.source);
        refuse_history(source).map_err(in_source)?;
        let mut batches = Vec::new();
        for file in files {
            let columns = verify::columns(source, &header, schema, &file.batches);
            let columns = columns.map_err(|error| in_source(error).in_file(&file.path))?;
            if file.content != Some(content::digest(&header, &columns)) {
                return Err(in_source(verify::changed()).in_file(&file.path));
            }
            batches.extend(file.batches.into_iter().map(|batch| cut(&batch, part)));
        }
        let columns =
            verify::verified_part(source, &header, schema, &batches).map_err(in_source)?;
        let whole = Header::content(schema);
        Ok(Self {
            extract: Extract {
                plan: plan.clone(),
                source: place,
                header,
                columns,
                content: whole.map_or_else(OnceLock::new, OnceLock::from),
                spilled: None,
            },
            part,
        })
    }

    /// The rows of the part, of an extract that is there whole.
    fn of_whole(mut extract: Extract, part: Part) -> Self {
        // Known before rows are left out: it is of the whole.
        extract.content();
        let rows = extract.rows_in(part);
        let starts = extract.keys().starts();
        let columns = extract.columns.iter();
        let columns =
            columns.map(|chunks| vec![super::window::array_window(chunks, &starts, &rows)]);
        extract.columns = columns.collect();
        Self { extract, part }
    }

    /// The source that it was made from.
    pub fn source(&self) -> &Source {
        self.extract.source()
    }

    /// Which part of the persons it has the rows of.
    pub fn part(&self) -> Part {
        self.part
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.extract.rows()
    }
}

/// Whether a person can be in both.
fn overlap(one: Part, other: Part) -> bool {
    let begins_in = |one: Part, other: Part| other.end().is_none_or(|end| one.first() < end);
    begins_in(one, other) && begins_in(other, one)
}

/// The rows of a batch that are of persons in the part.
fn cut(batch: &RecordBatch, part: Part) -> RecordBatch {
    let field = batch.schema_ref().field(0).data_type().clone();
    let keys = chunks_of(std::slice::from_ref(batch), 0, &field);
    let rows = PseudonymColumn::of(&keys).rows_in(part);
    batch.slice(rows.start, rows.len())
}

fn refuse_history(source: &Source) -> Result<()> {
    match source.is_history() {
        true => {
            let rule = "is a history of identifiers, which is of persons in all parts";
            Err(Error::new(ErrorKind::Extract, rule))
        }
        false => Ok(()),
    }
}

/// Rows are not shown.
impl std::fmt::Debug for ExtractPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExtractPart({} of {:?})", self.part, self.extract)
    }
}
