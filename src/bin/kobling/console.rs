//! Where a command's words go: results to stdout, progress and errors to stderr.
//!
//! A command gives back a [`Report`] instead of printing, so that the same
//! command serves people, `--json` and `--quiet`, and stdout is written once.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde_json::Value;

use crate::failure::Failure;
use crate::watching::Spinner;

/// What came of a command.
pub(crate) struct Report {
    /// For people; ends in a line break.
    pub(crate) text: String,
    /// For machines; the field names are an interface.
    pub(crate) json: Value,
    /// What to mind although it worked, for people; `json` holds it too.
    pub(crate) warnings: Vec<String>,
}

impl Report {
    pub(crate) fn new(text: String, json: Value) -> Self {
        Self {
            text,
            json,
            warnings: Vec::new(),
        }
    }
}

/// The two streams, and how much goes to them.
#[derive(Clone, Copy)]
pub(crate) struct Console {
    quiet: bool,
    json: bool,
}

impl Console {
    pub(crate) fn new(quiet: bool, json: bool) -> Self {
        Self { quiet, json }
    }

    /// Prints what came of a command that worked.
    pub(crate) fn report(&self, report: &Report) -> ExitCode {
        for warning in &report.warnings {
            self.note(&format!("warning: {warning}"));
        }
        let printed = match (self.json, self.quiet) {
            (true, _) => print(&format!("{}\n", report.json)),
            (false, true) => Ok(()),
            (false, false) => print(&report.text),
        };
        match printed {
            Ok(()) => ExitCode::SUCCESS,
            // Whoever read has read enough, as `head` does.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => {
                complain(&format!("error: cannot write to the output: {error}"));
                ExitCode::FAILURE
            }
        }
    }

    /// Prints why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) -> ExitCode {
        if self.json {
            // The exit code says that it failed, whether or not this can be written.
            let _ = print(&format!("{}\n", failure.to_json()));
        } else {
            complain(&failure.to_string());
        }
        ExitCode::FAILURE
    }

    /// Says how far it is.
    pub(crate) fn note(&self, line: &str) {
        if !self.quiet && !self.json {
            complain(line);
        }
    }

    /// Has a long step of `who` shown.
    pub(crate) fn watching(&self, who: String) -> Spinner<'_> {
        Spinner::new(self, who)
    }

    /// Whether there is a terminal for what changes while it is looked at.
    pub(crate) fn has_terminal(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }
}

/// `1 row read`, `2 rows read`.
pub(crate) fn rows_read(rows: u64) -> String {
    let noun = if rows == 1 { "row" } else { "rows" };
    format!("{rows} {noun} read")
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn complain(text: &str) {
    // Where stderr is closed there is nobody to notify.
    let _ = writeln!(io::stderr(), "{text}");
}
