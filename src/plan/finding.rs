//! What is wrong with a plan: every finding at once, each with its place.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// One thing that is wrong with a plan, and where.
///
/// # Disclosure
///
/// A finding quotes the plan. A plan holds no data of persons.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The keys that lead to the place, such as `source`, `tax`, `columns`, `income`.
    pub path: Vec<String>,
    /// Line in the plan's text, from 1, if the plan was read from text.
    pub line: Option<usize>,
    /// Column in that line, in characters from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub rule: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path.join("."))?;
        }
        f.write_str(&self.rule)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// All that is wrong with a plan; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        debug_assert!(!findings.is_empty());
        Self(findings)
    }

    /// The findings, in the order of the plan's text where that is known.
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, finding) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            finding.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

impl From<Findings> for Error {
    fn from(findings: Findings) -> Self {
        let count = crate::error::counted(findings.0.len() as u64, "finding");
        Self::new(ErrorKind::Plan, format!("the plan has {count}\n{findings}"))
    }
}

/// Findings being collected; places are filled in at the end.
#[derive(Debug, Default)]
pub(super) struct Collector {
    findings: Vec<Finding>,
}

impl Collector {
    /// Records that the place at `path` breaks `rule`.
    pub(super) fn add(&mut self, path: &Path, rule: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding {
            path: path.0.clone(),
            line: None,
            column: None,
            rule: rule.into(),
            help: None,
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    pub(super) fn count(&self) -> usize {
        self.findings.len()
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.findings
    }
}

impl Finding {
    /// Adds what to do.
    pub(super) fn help(&mut self, help: impl Into<String>) {
        self.help = Some(help.into());
    }

    /// Adds "did you mean", if one of `candidates` is near `word`.
    pub(super) fn near<'a>(&mut self, word: &str, candidates: impl IntoIterator<Item = &'a str>) {
        if let Some(near) = crate::error::nearest(word, candidates) {
            self.help(format!("did you mean `{near}`?"));
        }
    }
}

/// A place in the plan, as the keys that lead there.
#[derive(Debug, Clone, Default)]
pub(super) struct Path(Vec<String>);

impl Path {
    pub(super) fn root(key: &str) -> Self {
        Self(vec![key.to_owned()])
    }

    #[must_use]
    pub(super) fn at(&self, key: impl ToString) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.to_string());
        Self(keys)
    }
}
