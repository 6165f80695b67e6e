//! How far a long step is, added up and in the words of the command line.

use kobling::Step;

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    /// What is done.
    pub(crate) step: &'static str,
    /// To which source, or for which table.
    pub(crate) name: String,
    /// How much of it is done: rows, ranges, rounds or bytes.
    pub(crate) done: u64,
    /// Of how much, where that is known.
    pub(crate) of: Option<u64>,
    /// The same in words.
    pub(crate) words: String,
}

/// What was reported so far, added up.
#[derive(Default)]
pub(crate) struct Done {
    read: u64,
    pseudonymised: u64,
    sorted: u64,
    /// Of the table that is linked just now.
    ranges: u64,
    rounds: u64,
    /// Bytes, of all files.
    written: u64,
}

impl Done {
    /// Where `step` leaves the work; nothing of a step that has no name here.
    pub(crate) fn after(&mut self, step: Step<'_>) -> Option<Reached> {
        let (step, name, done, of, words) = match step {
            Step::Read { source, rows } => {
                self.read += rows;
                let noun = if self.read == 1 { "row" } else { "rows" };
                let words = format!("{} {noun} read", self.read);
                ("read", source, self.read, None, words)
            }
            Step::Pseudonymised { source, rows } => {
                self.pseudonymised += rows;
                let words = format!("pseudonymising, rows: {}", self.pseudonymised);
                ("pseudonymised", source, self.pseudonymised, None, words)
            }
            Step::Sorted { source, rows } => {
                self.sorted += rows;
                let words = format!("sorting, rows: {}", self.sorted);
                ("sorted", source, self.sorted, None, words)
            }
            Step::Linked { table, ranges, of } => {
                if ranges == 0 {
                    self.ranges = 0;
                }
                self.ranges += ranges;
                let done = self.ranges;
                let words = format!("linking for table {table}, ranges: {done} of {of}");
                ("linked", table, done, Some(of), words)
            }
            Step::Merged { table, parts } => (
                "merged",
                table,
                0,
                Some(parts),
                format!("merging table {table}"),
            ),
            Step::Protected { table } => (
                "protected",
                table,
                0,
                None,
                format!("protecting table {table}"),
            ),
            Step::Suppressed { table, rounds } => {
                self.rounds += rounds;
                self.round("suppressed", "suppressing", table)
            }
            Step::Searched { table, .. } => self.round("suppressed", "suppressing", table),
            Step::Audited { table, .. } => self.round("audited", "auditing", table),
            Step::Released { table } => (
                "released",
                table,
                0,
                None,
                format!("releasing table {table}"),
            ),
            Step::Written { name, bytes } => {
                self.written += bytes;
                let words = format!("writing {name}, bytes: {}", self.written);
                ("written", name, self.written, None, words)
            }
            _ => return None,
        };
        let name = name.to_owned();
        Some(Reached {
            step,
            name,
            done,
            of,
            words,
        })
    }

    fn round<'a>(
        &self,
        step: &'static str,
        doing: &str,
        table: &'a str,
    ) -> (&'static str, &'a str, u64, Option<u64>, String) {
        let words = format!("{doing} table {table}, round {}", self.rounds);
        (step, table, self.rounds, None, words)
    }
}
