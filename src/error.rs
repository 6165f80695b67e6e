//! Why an operation refused: names sources, columns, rows and rules, never values.
//!
//! kobling works on identified data. A library error that quotes what it
//! could not read (`cannot parse '0101…'`) would carry a person's data into a
//! log; so such an error is replaced here, never wrapped. What an [`Error`]
//! holds is a rule, the place where it was broken, and what to do about it.

use std::fmt;

/// What went wrong, coarsely: enough to choose an exit code or a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The plan is not well-formed, or its checks found something.
    Plan,
    /// The plan does not allow this now: outside its dates, or not approved.
    Permission,
    /// A key or key file is wrong, damaged, or readable by others.
    Key,
    /// The rows of a register cannot be read as the plan declares them.
    Rows,
    /// An identifier does not fit and the plan says `invalid = "fail"`.
    Identifier,
    /// An extract is damaged, forged, or made under another plan or key.
    Extract,
    /// The extracts do not make up the linkage that the plan describes.
    Linkage,
    /// A figure is too large to be held exactly.
    Overflow,
    /// A release cannot be protected as the plan asks, or it cannot be shown that it is.
    Protection,
    /// The ledger is damaged, cut, forged, of another project or key, or has a newer entry.
    Ledger,
    /// A file could not be read or written.
    File,
    /// A synthetic population cannot be made up as it was asked for.
    Synthesis,
}

/// Why an operation refused.
///
/// # Disclosure
///
/// Its text names files, sources, columns, row numbers (the first row of data
/// is row 1; a spreadsheet has numbers of its own) and rules. It never holds a value of a row, an identifier, a
/// pseudonym or a key. It is meant for whoever ran the operation.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    kind: ErrorKind,
    rule: String,
    file: Option<String>,
    source: Option<String>,
    table: Option<String>,
    column: Option<String>,
    row: Option<u64>,
    help: Option<String>,
}

/// The result of an operation that may refuse.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`: `rule` says which rule was broken, without a value.
    pub(crate) fn new(kind: ErrorKind, rule: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            rule: rule.into(),
            file: None,
            source: None,
            table: None,
            column: None,
            row: None,
            help: None,
        }))
    }

    /// An error of the operating system about `path`.
    pub(crate) fn file(path: &std::path::Path, doing: &str, error: &std::io::Error) -> Self {
        // `io::Error`s of kind `InvalidData` and the like may quote content; its kind does not.
        let why = match error.raw_os_error() {
            Some(_) => error.to_string(),
            None => error.kind().to_string(),
        };
        Self::new(ErrorKind::File, format!("cannot {doing}: {why}")).in_file(path)
    }

    pub(crate) fn in_file(mut self, path: &std::path::Path) -> Self {
        self.0.file = Some(path.display().to_string());
        self
    }

    pub(crate) fn in_source(mut self, source: &str) -> Self {
        self.0.source = Some(source.to_owned());
        self
    }

    pub(crate) fn in_table(mut self, table: &str) -> Self {
        self.0.table = Some(table.to_owned());
        self
    }

    pub(crate) fn in_column(mut self, column: &str) -> Self {
        self.0.column = Some(column.to_owned());
        self
    }

    /// `row` counts rows of data from 1; of a spreadsheet it is the row's own number.
    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.0.row = Some(row);
        self
    }

    /// What to do about it, as a sentence or a command to run.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// What went wrong, coarsely.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The source (register) it happened in, where there is one.
    pub fn source_name(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// The column it happened in, where there is one.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The row it happened in, counting rows of data from 1; in a spreadsheet the
    /// number that it shows beside the row.
    pub fn row(&self) -> Option<u64> {
        self.0.row
    }

    /// The rule that was broken, in words.
    pub fn rule(&self) -> &str {
        &self.0.rule
    }
}

impl From<kobling_sdc::Error> for Error {
    fn from(refused: kobling_sdc::Error) -> Self {
        let kind = match refused.kind() {
            kobling_sdc::ErrorKind::Overflow => ErrorKind::Overflow,
            kobling_sdc::ErrorKind::File => ErrorKind::File,
            _ => ErrorKind::Protection,
        };
        let error = Self::new(kind, refused.rule());
        refused.row().into_iter().fold(error, Self::at_row)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &*self.0;
        let mut place = Vec::new();
        if let Some(file) = &parts.file {
            place.push(file.clone());
        }
        if let Some(source) = &parts.source {
            place.push(format!("source {source}"));
        }
        if let Some(table) = &parts.table {
            place.push(format!("table {table}"));
        }
        if let Some(column) = &parts.column {
            place.push(format!("column {column}"));
        }
        if let Some(row) = parts.row {
            place.push(format!("row {row}"));
        }
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&parts.rule)?;
        if let Some(help) = &parts.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

/// A number of things, in words: `1 row`, `2 rows`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

/// The candidate nearest to `word`, if one is near enough to be a slip of the keyboard.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| {
            let near = strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
            (near, candidate)
        })
        .filter(|(near, candidate)| *near >= 0.85 && *candidate != word)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
