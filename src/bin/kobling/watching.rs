//! How far a long step is: a line that changes, where there is a terminal to show it on.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kobling::{Step, Watch};

use crate::console::{Console, rows_read};

/// Between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(120);

/// A long step of somebody's, who is named; what is shown of it is gone with this.
pub(crate) struct Spinner<'a> {
    console: &'a Console,
    shown: Arc<ShownStep>,
}

impl<'a> Spinner<'a> {
    pub(crate) fn new(console: &'a Console, who: String) -> Self {
        let shown = ShownStep {
            who,
            has_terminal: console.has_terminal(),
            line: OnceLock::new(),
            done: Done::default(),
        };
        Self {
            console,
            shown: Arc::new(shown),
        }
    }

    /// What the library reports.
    pub(crate) fn watch(&self) -> Arc<dyn Watch> {
        self.shown.clone()
    }

    /// Says that all rows are read, and how many.
    pub(crate) fn all_read(&self) {
        let rows = self.shown.done.read.load(Relaxed);
        let line = format!("{}: {}", self.shown.who, rows_read(rows));
        match self.shown.line.get() {
            Some(shown) => shown.suspend(|| self.console.note(&line)),
            None => self.console.note(&line),
        }
    }
}

impl Drop for Spinner<'_> {
    fn drop(&mut self) {
        // After an error the spinner must not stay in front of it.
        if let Some(line) = self.shown.line.get() {
            line.finish_and_clear();
        }
    }
}

struct ShownStep {
    who: String,
    has_terminal: bool,
    /// From the first step on: what is said before it is not to be written over.
    line: OnceLock<ProgressBar>,
    done: Done,
}

/// What was reported so far, added up.
#[derive(Default)]
struct Done {
    read: AtomicU64,
    pseudonymised: AtomicU64,
    sorted: AtomicU64,
    /// Of the table that is linked just now.
    ranges: AtomicU64,
    rounds: AtomicU64,
}

impl Done {
    /// Where that leaves the step, in words.
    fn after(&self, step: Step<'_>) -> Option<String> {
        let all = |sum: &AtomicU64, more: u64| sum.fetch_add(more, Relaxed) + more;
        Some(match step {
            Step::Read { rows, .. } => rows_read(all(&self.read, rows)),
            Step::Pseudonymised { rows, .. } => {
                format!("pseudonymising, rows: {}", all(&self.pseudonymised, rows))
            }
            Step::Sorted { rows, .. } => format!("sorting, rows: {}", all(&self.sorted, rows)),
            Step::Linked { table, ranges, of } => {
                if ranges == 0 {
                    self.ranges.store(0, Relaxed);
                }
                let ranges = all(&self.ranges, ranges);
                format!("linking for table {table}, ranges: {ranges} of {of}")
            }
            Step::Merged { table, .. } => format!("merging table {table}"),
            Step::Protected { table } => format!("protecting table {table}"),
            Step::Suppressed { table, rounds } => {
                format!(
                    "suppressing table {table}, round {}",
                    all(&self.rounds, rounds)
                )
            }
            Step::Searched { table, .. } => {
                format!("suppressing table {table}, round {}", all(&self.rounds, 0))
            }
            Step::Audited { table, .. } => {
                format!("auditing table {table}, round {}", all(&self.rounds, 0))
            }
            Step::Released { table } => format!("releasing table {table}"),
            Step::Written { name, .. } => format!("writing {name}"),
            _ => return None,
        })
    }
}

impl ShownStep {
    fn line(&self) -> &ProgressBar {
        self.line.get_or_init(|| {
            let line = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                line.set_style(style);
            }
            line.enable_steady_tick(TICK);
            line
        })
    }
}

impl Watch for ShownStep {
    fn at(&self, step: Step<'_>) -> ControlFlow<()> {
        let words = self.done.after(step);
        if let (true, Some(words)) = (self.has_terminal, words) {
            self.line().set_message(format!("{}: {words}", self.who));
        }
        // Whoever interrupts the program ends it as a whole.
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reported_adds_up_and_is_said_in_words() {
        let done = Done::default();
        let source = "tax";
        let table = "income";
        let said = [
            (Step::Read { source, rows: 1 }, "1 row read"),
            (Step::Read { source, rows: 4 }, "5 rows read"),
            (
                Step::Linked {
                    table,
                    ranges: 0,
                    of: 2,
                },
                "linking for table income, ranges: 0 of 2",
            ),
            (
                Step::Linked {
                    table,
                    ranges: 1,
                    of: 2,
                },
                "linking for table income, ranges: 1 of 2",
            ),
            (
                Step::Linked {
                    table,
                    ranges: 0,
                    of: 3,
                },
                "linking for table income, ranges: 0 of 3",
            ),
            (
                Step::Suppressed { table, rounds: 1 },
                "suppressing table income, round 1",
            ),
            (
                Step::Audited { table, work: 9 },
                "auditing table income, round 1",
            ),
        ];
        for (step, words) in said {
            assert_eq!(done.after(step).as_deref(), Some(words));
        }
    }
}
