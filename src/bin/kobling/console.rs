//! Where a command's words go: results to stdout, progress and errors to stderr.
//!
//! A command gives back a [`Report`] instead of printing, so that the same
//! command serves people, `--json` and `--quiet`, and stdout is written once.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::failure::Failure;

/// Between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(120);

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

    /// Begins to count rows that `who` reads.
    pub(crate) fn reading(&self, who: String) -> Reading<'_> {
        let bar = (!self.quiet && !self.json && io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner().with_message(who.clone());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {pos} rows read") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(TICK);
            bar
        });
        Reading {
            console: self,
            who,
            rows: Arc::default(),
            bar,
        }
    }
}

/// Rows being read: a spinner on a terminal, and a line at the end.
pub(crate) struct Reading<'a> {
    console: &'a Console,
    who: String,
    rows: Arc<AtomicU64>,
    bar: Option<ProgressBar>,
}

impl Reading<'_> {
    /// What the library tells of rows read, from any thread.
    pub(crate) fn counter(&self) -> impl Fn(u64) + Send + Sync + 'static {
        let (rows, bar) = (Arc::clone(&self.rows), self.bar.clone());
        move |more| {
            rows.fetch_add(more, Ordering::Relaxed);
            if let Some(bar) = &bar {
                bar.inc(more);
            }
        }
    }

    /// All rows are read.
    pub(crate) fn done(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let rows = self.rows.load(Ordering::Relaxed);
        self.console
            .note(&format!("{}: {}", self.who, rows_read(rows)));
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        // After an error the spinner must not stay in front of it.
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
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
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}
