//! Why a table or a parameter is refused.

use std::fmt;

/// What is wrong, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was given is nothing that the method can work with.
    Input,
    /// A figure is too large to be held exactly.
    Overflow,
    /// A text could not be written.
    File,
}

/// Why a table or a parameter is refused.
///
/// # Disclosure
///
/// Its text names rules, and rows of perturbation tables by the original value that they
/// are for. It never holds a figure of a table that is to be protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    rule: String,
    row: Option<u64>,
}

/// The result of what may be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, rule: impl Into<String>) -> Self {
        Self {
            kind,
            rule: rule.into(),
            row: None,
        }
    }

    pub(crate) fn at_row(self, row: u64) -> Self {
        Self {
            row: Some(row),
            ..self
        }
    }

    /// What is wrong, coarsely.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The rule that was broken, in words.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The row of a text that was read, counting rows of data from 1.
    pub fn row(&self) -> Option<u64> {
        self.row
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}: ")?;
        }
        f.write_str(&self.rule)
    }
}

impl std::error::Error for Error {}
