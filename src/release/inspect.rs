//! What a file says of itself: an extract, or a table of a release.

use std::fmt;
use std::path::Path;

use arrow_schema::Schema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorKind, Result, counted};
use crate::extract::{Header, inspect_parts, read_table};
use crate::hex::hex;
use crate::mapped::ReadOptions;

/// What a file says of itself, without a plan to compare it with.
///
/// # Disclosure
///
/// Names, types, counts, digests and key checks; no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// `extract` or `release`.
    pub kind: String,
    /// SHA-256 of the file; none of a folder of parts, whose content has a digest.
    pub sha256: Option<String>,
    /// Of an extract: the digest of its header and values that it names.
    pub content: Option<String>,
    /// Rows found in the file, or in all parts.
    pub rows: u64,
    /// What the file says, by name.
    pub says: Vec<(String, String)>,
    /// Its columns: name and Arrow type.
    pub columns: Vec<(String, String)>,
}

impl Inspection {
    /// Reads what the file at `path` says of itself, or a [folder of
    /// parts](crate::Extract::write_parts) of the extract that it is.
    ///
    /// That is not verified, beyond that the file can be read whole: only
    /// [`Extract::read`](crate::Extract::read) verifies, against a plan. The
    /// file must not be written into, nor shortened, meanwhile.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Extract`] if it is neither an extract nor a table of a
    /// release, is damaged, or is a folder that has not all parts of one extract; [`ErrorKind::File`] if it cannot be opened.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::{ErrorKind, Inspection};
    ///
    /// let register = Inspection::read("examples/nhanes/demo.parquet");
    /// assert_eq!(register.unwrap_err().kind(), ErrorKind::Extract);
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_with(path, &ReadOptions::new())
    }

    /// [`read`](Self::read), as `options` say: mapped, or copied into memory. A file
    /// that is copied may be shortened meanwhile, and is refused then.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_with(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        if path.is_dir() {
            let (schema, parts, rows) = inspect_parts(path, options)?;
            let mut folder = Self::of_schema(&schema).map_err(|error| error.in_file(path))?;
            folder
                .says
                .insert(0, ("parts".to_owned(), parts.to_string()));
            return Ok(Self { rows, ..folder });
        }
        let (schema, batches, bytes) = read_table(path, options)?;
        let file = Self::of_schema(&schema).map_err(|error| error.in_file(path))?;
        Ok(Self {
            sha256: Some(hex(&Sha256::digest(bytes.as_slice()))),
            rows: batches.iter().map(|batch| batch.num_rows() as u64).sum(),
            ..file
        })
    }

    /// What a schema says.
    fn of_schema(schema: &Schema) -> Result<Self> {
        let get = |key: &str| schema.metadata().get(key).cloned();
        let mut content = None;
        let says = match get("kobling.kind").as_deref() {
            Some("extract") => {
                let header = Header::read(schema)?;
                content = Header::content(schema).map(|content| content.to_string());
                extract_says(&header)
            }
            Some("release") => ["plan", "project", "table", "version"]
                .into_iter()
                .filter_map(|key| Some((key.to_owned(), get(&format!("kobling.{key}"))?)))
                .collect(),
            _ => {
                let rule = "is neither an extract nor a table of a release";
                return Err(Error::new(ErrorKind::Extract, rule));
            }
        };
        let columns = schema.fields().iter();
        let columns = columns.map(|f| (f.name().clone(), f.data_type().to_string()));
        Ok(Self {
            kind: get("kobling.kind").unwrap_or_default(),
            sha256: None,
            content,
            rows: 0,
            says,
            columns: columns.collect(),
        })
    }
}

fn extract_says(header: &Header) -> Vec<(String, String)> {
    let mut says = vec![
        ("source", header.source.clone()),
        ("project", header.project.clone()),
        ("epoch", header.epoch.to_string()),
        ("key check", header.key_check.to_string()),
        ("plan", header.plan.clone()),
        ("rows read", header.rows_read.to_string()),
        ("rows", header.rows.to_string()),
        ("filtered", counted(header.rows_filtered(), "row")),
    ];
    for (reason, rows) in &header.quarantine {
        says.push(("quarantine", format!("{}: {reason}", counted(*rows, "row"))));
    }
    for (name, counts) in &header.columns {
        says.push(("column", format!("{name}: {}", counts.words())));
    }
    for warning in header.warnings() {
        says.push(("warning", warning));
    }
    says.push(("version", header.maker.clone()));
    says.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind.as_str() {
            "extract" => "an extract: pseudonymised rows, for the linkage unit only",
            _ => "a table of a release",
        };
        writeln!(f, "{kind}")?;
        if let Some(sha256) = &self.sha256 {
            writeln!(f, "  sha256      {sha256}")?;
        }
        if let Some(content) = &self.content {
            writeln!(f, "  content     {}", content.escape_debug())?;
        }
        for (key, value) in &self.says {
            // What a file says may be anything: control characters are shown as escapes.
            writeln!(f, "  {key:<11} {}", value.escape_debug())?;
        }
        writeln!(f, "  {} of", counted(self.rows, "row"))?;
        for (name, kind) in &self.columns {
            writeln!(f, "    {}: {}", name.escape_debug(), kind.escape_debug())?;
        }
        Ok(())
    }
}
