//! Why a call failed, and the exception that Python gets of it.

use std::path::{Path, PathBuf};

use kobling::plan::Finding;
use kobling::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Why a call failed.
pub(crate) enum Failure {
    /// The library refused.
    Library(Error),
    /// The plan has findings.
    Findings {
        plan: Option<PathBuf>,
        findings: Vec<Finding>,
    },
    /// What only Python can ask for was refused.
    Refused(Refusal),
    /// Python itself raised.
    Raised(PyErr),
}

/// What only Python can ask for, refused.
pub(crate) struct Refusal {
    class: &'static str,
    rule: String,
    file: Option<PathBuf>,
    source: Option<String>,
    help: Option<String>,
}

impl Refusal {
    fn new(class: &'static str, rule: impl Into<String>) -> Self {
        Self {
            class,
            rule: rule.into(),
            file: None,
            source: None,
            help: None,
        }
    }

    /// Rows that cannot be had of a frame.
    pub(crate) fn rows(source: &str, rule: impl Into<String>) -> Self {
        let mut refusal = Self::new("RowsError", rule);
        refusal.source = Some(source.to_owned());
        refusal
    }

    /// An extract that was used up already, by what was done to it.
    pub(crate) fn consumed(source: &str, done: &str) -> Self {
        let rule = format!("the extract was {done} already, and is gone");
        let mut refusal = Self::new("ConsumedError", rule);
        refusal.source = Some(source.to_owned());
        refusal.help("read it again from its file, or make it again")
    }

    /// A file, or what is in its way.
    pub(crate) fn file(path: &Path, rule: impl Into<String>) -> Self {
        let mut refusal = Self::new("FileError", rule);
        refusal.file = Some(path.to_owned());
        refusal
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// In the words in which the library puts an error together.
    fn message(&self) -> String {
        let file = self.file.iter().map(|file| file.display().to_string());
        let source = self.source.iter().map(|source| format!("source {source}"));
        let place: Vec<String> = file.chain(source).collect();
        let mut text = match place.is_empty() {
            true => self.rule.clone(),
            false => format!("{}: {}", place.join(", "), self.rule),
        };
        if let Some(help) = &self.help {
            text.push_str(&format!("\n  help: {help}"));
        }
        text
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        let raised = Python::attach(|py| match failure {
            Failure::Library(error) => of_library(py, &error),
            Failure::Findings { plan, findings } => of_findings(py, plan.as_deref(), &findings),
            Failure::Refused(refusal) => of_refusal(py, &refusal),
            Failure::Raised(error) => Ok(error),
        });
        raised.unwrap_or_else(|error| error)
    }
}

/// The class of Python's for errors of a kind: named as the kind is, but for three that
/// would hide an exception of Python's own.
fn class_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Plan => "PlanError",
        ErrorKind::Permission => "NotPermittedError",
        ErrorKind::Key => "WrongKeyError",
        ErrorKind::Rows => "RowsError",
        ErrorKind::Identifier => "IdentifierError",
        ErrorKind::Extract => "ExtractError",
        ErrorKind::Linkage => "LinkageError",
        ErrorKind::Overflow => "TooLargeError",
        ErrorKind::Protection => "ProtectionError",
        ErrorKind::Ledger => "LedgerError",
        ErrorKind::File => "FileError",
        ErrorKind::Synthesis => "SynthesisError",
        ErrorKind::Cancelled => "CancelledError",
        _ => "Error",
    }
}

fn of_library(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let parts = PyDict::new(py);
    parts.set_item("file", error.path().map(Path::to_owned))?;
    parts.set_item("source", error.source_name())?;
    parts.set_item("table", error.table())?;
    parts.set_item("column", error.column())?;
    parts.set_item("row", error.row())?;
    parts.set_item("rule", error.rule())?;
    parts.set_item("help", error.help_text())?;
    exception(py, class_of(error.kind()), error.to_string(), &parts)
}

fn of_refusal(py: Python<'_>, refusal: &Refusal) -> PyResult<PyErr> {
    let parts = PyDict::new(py);
    parts.set_item("file", refusal.file.clone())?;
    parts.set_item("source", &refusal.source)?;
    parts.set_item("rule", &refusal.rule)?;
    parts.set_item("help", &refusal.help)?;
    exception(py, refusal.class, refusal.message(), &parts)
}

fn of_findings(py: Python<'_>, plan: Option<&Path>, findings: &[Finding]) -> PyResult<PyErr> {
    let count = findings.len();
    let noun = if count == 1 { "finding" } else { "findings" };
    let rule = format!("the plan has {count} {noun}");
    let place = plan.map_or(String::new(), |plan| format!("{}: ", plan.display()));
    let parts = PyDict::new(py);
    parts.set_item("file", plan.map(Path::to_owned))?;
    parts.set_item("rule", &rule)?;
    parts.set_item("findings", findings_of(py, findings)?)?;
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    let message = format!("{place}{rule}\n{}", lines.join("\n"));
    exception(py, "PlanError", message, &parts)
}

/// Findings as Python's own.
pub(crate) fn findings_of<'py>(
    py: Python<'py>,
    findings: &[Finding],
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let class = py.import("kobling._errors")?.getattr("Finding")?;
    let findings = findings.iter().map(|finding| {
        let path = pyo3::types::PyTuple::new(py, &finding.path)?;
        let (line, column) = (finding.line, finding.column);
        class.call1((path, line, column, &finding.rule, &finding.help))
    });
    findings.collect()
}

fn exception(
    py: Python<'_>,
    class: &str,
    message: String,
    parts: &Bound<'_, PyDict>,
) -> PyResult<PyErr> {
    let class = py.import("kobling._errors")?.getattr(class)?;
    let error = class.call((message,), Some(parts))?;
    Ok(PyErr::from_value(error))
}
