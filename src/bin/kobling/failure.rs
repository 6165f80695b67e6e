//! Why a command failed, in words and as JSON.

use std::fmt;
use std::path::{Path, PathBuf};

use kobling::plan::Findings;
use kobling::{Error, ErrorKind};
use serde_json::{Value, json};

/// Why a command failed.
pub(crate) enum Failure {
    /// The library refused.
    Library(Error),
    /// The plan has findings.
    Findings { plan: PathBuf, findings: Findings },
    /// The command line itself refused: a file is there that must not be, or the reverse.
    Refused {
        file: PathBuf,
        rule: String,
        help: Option<String>,
    },
}

impl Failure {
    pub(crate) fn refused(file: &Path, rule: impl Into<String>) -> Self {
        Self::Refused {
            file: file.to_owned(),
            rule: rule.into(),
            help: None,
        }
    }

    pub(crate) fn io(file: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::refused(file, format!("cannot {doing}: {error}"))
    }

    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        if let Self::Refused { help, .. } = &mut self {
            *help = Some(text.into());
        }
        self
    }

    /// The field names are an interface: scripts read them.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = match self {
            Self::Library(error) => json!({
                "file": error.path().map(|path| path.display().to_string()),
                "source": error.source_name(),
                "table": error.table(),
                "column": error.column(),
                "row": error.row(),
                "rule": error.rule(),
                "help": error.help_text(),
            }),
            Self::Findings { plan, .. } => of_file(plan, "the plan has findings", None),
            Self::Refused { file, rule, help } => of_file(file, rule, help.as_deref()),
        };
        error["kind"] = json!(self.kind());
        error["message"] = json!(self.message());
        if let Self::Findings { findings, .. } = self {
            error["findings"] = json!(findings.as_slice());
        }
        json!({ "error": error })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Library(error) => kind_name(error.kind()),
            Self::Findings { .. } => kind_name(ErrorKind::Plan),
            Self::Refused { .. } => kind_name(ErrorKind::File),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Library(error) => error.to_string(),
            Self::Findings { plan, findings } => {
                let count = findings.as_slice().len();
                let noun = if count == 1 { "finding" } else { "findings" };
                format!("{}: the plan has {count} {noun}", plan.display())
            }
            Self::Refused { file, rule, help } => {
                let help = help.iter().map(|help| format!("\n  help: {help}"));
                format!("{}: {rule}{}", file.display(), help.collect::<String>())
            }
        }
    }
}

/// An error that says of no more than a file.
fn of_file(file: &Path, rule: &str, help: Option<&str>) -> Value {
    json!({
        "file": file.display().to_string(),
        "source": null,
        "table": null,
        "column": null,
        "row": null,
        "rule": rule,
        "help": help,
    })
}

fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Plan => "plan",
        ErrorKind::Permission => "permission",
        ErrorKind::Key => "key",
        ErrorKind::Rows => "rows",
        ErrorKind::Identifier => "identifier",
        ErrorKind::Extract => "extract",
        ErrorKind::Linkage => "linkage",
        ErrorKind::Overflow => "overflow",
        ErrorKind::Protection => "protection",
        ErrorKind::Ledger => "ledger",
        ErrorKind::File => "file",
        ErrorKind::Synthesis => "synthesis",
        ErrorKind::Cancelled => "cancelled",
        _ => "other",
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Findings { plan, findings } = self {
            for finding in findings.as_slice() {
                // As compilers write it, so that editors jump to the place.
                write!(f, "{}:", plan.display())?;
                if let (Some(line), Some(column)) = (finding.line, finding.column) {
                    write!(f, "{line}:{column}:")?;
                }
                if !finding.path.is_empty() {
                    write!(f, " {}:", finding.path.join("."))?;
                }
                writeln!(f, " {}", finding.rule)?;
                if let Some(help) = &finding.help {
                    writeln!(f, "  help: {help}")?;
                }
            }
        }
        write!(f, "error: {}", self.message())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}
