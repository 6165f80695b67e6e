//! Why an operation refused: names sources, columns, rows and rules, never values.
//!
//! kobling works on identified data. A library error that quotes what it
//! could not read (`cannot parse '0101…'`) would carry a person's data into a
//! log; so such an error is replaced here, never wrapped. What an [`Error`]
//! holds is a rule, the place where it was broken, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

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
    /// Whoever [watches](crate::Watch) had it cancelled: nothing of it is left.
    Cancelled,
}

/// Why an operation refused.
///
/// # Disclosure
///
/// Its text names files, sources, columns, row numbers (the first row of data
/// is row 1; a spreadsheet has numbers of its own) and rules. It never holds a value of a row, an identifier, a
/// pseudonym or a key. It is meant for whoever ran the operation.
///
/// # Examples
///
/// Its text is the place, the rule and help; each can be had by itself:
///
/// ```
/// # fn main() -> kobling::Result<()> {
/// use kobling::{ErrorKind, Plan, Rows};
///
/// let plan = Plan::read("examples/nhanes/plan.toml")?;
/// let wrong = "examples/nhanes/insurance.parquet";
/// let error = Rows::open(&plan, "hba1c", &[wrong]).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Rows);
/// assert_eq!(error.path(), Some(wrong.as_ref()));
/// assert_eq!(error.source_name(), Some("hba1c"));
/// assert_eq!(error.column(), Some("LBXGH"));
/// assert_eq!(error.rule(), "the file has no such column");
/// assert!(error.help_text().unwrap().starts_with("it has "));
/// assert_eq!((error.table(), error.row()), (None, None));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorParts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct ErrorParts {
    kind: ErrorKind,
    rule: String,
    file: Option<PathBuf>,
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
        Self(Box::new(ErrorParts {
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
    pub(crate) fn file(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        // `io::Error`s of kind `InvalidData` and the like may quote content; its kind does not.
        let why = match error.raw_os_error() {
            Some(_) => error.to_string(),
            None => error.kind().to_string(),
        };
        Self::new(ErrorKind::File, format!("cannot {doing}: {why}")).in_file(path)
    }

    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        self.0.file = Some(path.to_owned());
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

    /// The file or folder it happened in, as it was named by whoever ran the operation or
    /// as it was found below a folder; `memory` of rows and extracts that were in none.
    pub fn path(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The source (register) it happened in, by its name in the plan, where there is one.
    pub fn source_name(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// The table it happened in, by its name in the plan, where there is one.
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_deref()
    }

    /// The column it happened in, where there is one: of a register by the name that it
    /// has there, of an extract or a table by its name in the plan; several are
    /// separated by commas.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The row it happened in, counting rows of data from 1; in a spreadsheet the
    /// number that it shows next to the row.
    pub fn row(&self) -> Option<u64> {
        self.0.row
    }

    /// The rule that was broken, in words, without the place and without help.
    pub fn rule(&self) -> &str {
        &self.0.rule
    }

    /// What to do about it, in words or as a command to run, where something is known.
    pub fn help_text(&self) -> Option<&str> {
        self.0.help.as_deref()
    }
}

impl From<kobling_identifier::Error> for Error {
    fn from(refused: kobling_identifier::Error) -> Self {
        Self::new(ErrorKind::Plan, refused.rule())
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
            place.push(file.display().to_string());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_error_is_given_by_itself_and_in_its_text() {
        let error = Error::new(ErrorKind::Rows, "is broken")
            .in_file(Path::new("a/b.csv"))
            .in_source("tax")
            .in_table("t")
            .in_column("c")
            .at_row(7)
            .help("mend it");
        assert_eq!(error.kind(), ErrorKind::Rows);
        assert_eq!(error.path(), Some(Path::new("a/b.csv")));
        assert_eq!(error.source_name(), Some("tax"));
        assert_eq!(error.table(), Some("t"));
        assert_eq!(error.column(), Some("c"));
        assert_eq!(error.row(), Some(7));
        assert_eq!(error.rule(), "is broken");
        assert_eq!(error.help_text(), Some("mend it"));
        let text = "a/b.csv, source tax, table t, column c, row 7: is broken\n  help: mend it";
        assert_eq!(error.to_string(), text);

        let bare = Error::new(ErrorKind::Key, "is wrong");
        assert_eq!(bare.to_string(), "is wrong");
        assert_eq!((bare.path(), bare.source_name()), (None, None));
        assert_eq!(
            (bare.table(), bare.column(), bare.row()),
            (None, None, None)
        );
        assert_eq!(bare.help_text(), None);
    }
}
