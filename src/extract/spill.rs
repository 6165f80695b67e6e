//! Sorting a register that is larger than memory.
//!
//! Rows are read, identified and hashed some batches at a time, until as many
//! are held as the given memory can sort. Those are a run: sorted, and written
//! to a file of its own. The runs are then cut into ranges of pseudonyms, as
//! extracts are when they are linked, and each range is sorted as any rows are.
//! So the bytes that come out are the same, however much memory there was.
//!
//! No identifier is ever written: what goes to disk is pseudonymised.

mod table;

use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use super::labels::ColumnLabels;
use super::window::{PseudonymColumn, array_window, number};
use super::{Extract, Header, ranges, sort};
use crate::column::stored::Stored;
use crate::column::{Index, Values};
use crate::error::{Error, Result};
use crate::identifier::RowCounts;
use crate::key::DomainKey;
use crate::plan::{ColumnType, Source};
use crate::pseudonym::{Pseudonym, WIDTH, pseudonyms};
use crate::rows::Rows;
use crate::watch::Watched;
use table::SpilledTable;

/// How many times rows are in memory while they are sorted: as they came,
/// scattered, sorted, and on their way to the file.
const COPIES: u64 = 4;

impl Rows {
    /// Identifies, pseudonymises and sorts within about `memory` bytes; what
    /// does not fit goes to files in `folder`, pseudonymised. The extract is
    /// the one that [`identify`](Self::identify) and
    /// [`pseudonymise`](crate::Identified::pseudonymise) give.
    ///
    /// The pairs of a history are held in memory, whatever is asked for: 48
    /// bytes each. At least a few batches of 65,536 rows as the register holds them, and
    /// some of 262,144 rows of the extract, are in memory, however little is
    /// asked for. On disk there is room needed for the extract twice over.
    ///
    /// # Errors
    ///
    /// As those two, and [`ErrorKind::File`](crate::ErrorKind::File) if a file
    /// in `folder` cannot be written.
    ///
    /// # Disclosure
    ///
    /// The files hold pseudonymised rows, as the extract does; they are
    /// readable by their owner only. On Unix they lose their name as soon as
    /// they are written, so a process that is killed leaves at most the one it
    /// was writing; elsewhere they are removed with the extract.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// # use kobling::{LinkageKey, Plan, Rows};
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let folder = std::env::temp_dir();
    /// let open = || Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"]);
    /// let bounded = open()?.pseudonymise_within(&key, 1 << 20, &folder)?;
    /// assert_eq!(bounded.content(), open()?.identify()?.pseudonymise(&key)?.content());
    /// # Ok(())
    /// # }
    /// ```
    pub fn pseudonymise_within(
        self,
        key: &DomainKey,
        memory: u64,
        folder: impl AsRef<Path>,
    ) -> Result<Extract> {
        let (plan, source) = self.plan_and_source();
        let watched = &self.watched();
        let declared = &plan.sources()[source];
        let in_source = |error: Error| error.in_source(declared.name());
        key.check_plan(&plan).map_err(in_source)?;
        if declared.is_history() {
            return self.history_in_turn(key);
        }
        let mut spill = Spill {
            source: declared,
            run_bytes: (memory / COPIES).max(1),
            // Runs, and the sorted table, have a name of their own each.
            place: &folder.as_ref().join(declared.name()),
            runs: Vec::new(),
            watched,
        };
        let mut counts = RowCounts::default();
        let mut held = UnsortedRows::default();
        let at_a_time = rayon::current_num_threads();
        for identified in self.identify_in_turn(at_a_time) {
            let identified = identified?;
            counts.add(identified.counts());
            held.hashed.extend(pseudonyms(&identified, key)?);
            let batches = identified.batches.into_iter();
            held.columns.extend(batches.map(|batch| batch.columns));
            sort::check_rows(counts.kept).map_err(in_source)?;
            if held.bytes(declared) >= spill.run_bytes {
                spill
                    .write_run(std::mem::take(&mut held))
                    .map_err(in_source)?;
            }
        }
        let header = Header::new(&plan, source, key.check(), &counts)?;
        if spill.runs.is_empty() {
            let (hashed, columns) = (held.hashed, held.columns);
            return Extract::sorted(plan.clone(), source, header, hashed, columns, watched);
        }
        spill.write_run(held).map_err(in_source)?;
        let table = spill.merge().map_err(in_source)?;
        Ok(Extract {
            source,
            header,
            columns: table.columns,
            content: OnceLock::new(),
            spilled: table.file,
            plan: plan.clone(),
        })
    }
}

/// Bytes of a row in memory, before and after it is sorted, at most.
fn row_bytes(source: &Source) -> u64 {
    let columns = source.columns().iter();
    let columns = columns.map(|column| match column.column_type() {
        ColumnType::Category => 4,
        ColumnType::Boolean => 1,
        ColumnType::Integer | ColumnType::Date => 8,
        ColumnType::Decimal { .. } => 16,
    });
    WIDTH as u64 + columns.sum::<u64>()
}

/// Rows that are not sorted yet.
#[derive(Default)]
struct UnsortedRows {
    hashed: Vec<Vec<Pseudonym>>,
    columns: Vec<Vec<Values>>,
}

impl UnsortedRows {
    fn bytes(&self, source: &Source) -> u64 {
        let rows: u64 = self.hashed.iter().map(|hashed| hashed.len() as u64).sum();
        let labels = self.columns.iter().flatten().map(|values| match values {
            Values::Codes { labels, .. } => {
                let labels = labels.iter();
                labels
                    .map(|label| (size_of::<String>() + label.len()) as u64)
                    .sum()
            }
            _ => 0,
        });
        rows * row_bytes(source) + labels.sum::<u64>()
    }
}

struct Spill<'a> {
    source: &'a Source,
    run_bytes: u64,
    place: &'a Path,
    runs: Vec<SpilledTable>,
    watched: &'a Watched,
}

impl Spill<'_> {
    fn write_run(&mut self, held: UnsortedRows) -> Result<()> {
        let labels = sort::labels(self.source, &held.columns);
        let (hashed, columns) = (held.hashed, held.columns);
        let sorted = sort::sorted(self.source, &labels, hashed, columns, self.watched)?;
        let run = SpilledTable::write(self.source, self.place, [Ok(sorted)].into_iter())?;
        self.runs.push(run);
        Ok(())
    }

    /// All runs as one sorted table.
    fn merge(self) -> Result<SpilledTable> {
        let labels = self.labels();
        let keys: Vec<PseudonymColumn<'_>> = self
            .runs
            .iter()
            .map(|run| PseudonymColumn::of(&run.columns[0]))
            .collect();
        let share = self.run_bytes / row_bytes(self.source) / keys.len() as u64;
        let share = usize::try_from(share).unwrap_or(usize::MAX).max(1 << 10);
        let ranges = ranges(&keys, &vec![share; keys.len()]);
        let mut repeated = 0;
        let slabs = ranges.iter().map(|rows| {
            let mut held = UnsortedRows::default();
            for ((run, keys), rows) in self.runs.iter().zip(&keys).zip(rows) {
                held.hashed
                    .push(keys.window(rows).iter().map(number).collect());
                held.columns.push(self.values(run, rows));
            }
            let (hashed, columns) = (held.hashed, held.columns);
            let sorted = sort::sorted(self.source, &labels, hashed, columns, self.watched)?;
            repeated += sorted.repeated;
            Ok(sorted)
        });
        let table = SpilledTable::write(self.source, self.place, slabs)?;
        sort::check_repeated(self.source, repeated)?;
        Ok(table)
    }

    /// Each column's labels in all runs.
    fn labels(&self) -> Vec<ColumnLabels> {
        let declared = self.source.columns().iter().enumerate();
        let labels = declared.map(|(place, column)| {
            let used = self.runs.iter().flat_map(|run| run.labels[place].iter());
            ColumnLabels::new(column, used.map(String::as_str))
        });
        labels.collect()
    }

    fn values(&self, run: &SpilledTable, rows: &Range<usize>) -> Vec<Values> {
        let starts = PseudonymColumn::of(&run.columns[0]).starts();
        let declared = self.source.columns().iter();
        let declared = declared.zip(&run.columns[1..]).zip(&run.labels);
        let columns = declared.map(|((column, chunks), labels)| {
            let kind = column.column_type();
            let array = array_window(chunks, &starts, rows);
            Stored::with_labels(&array, kind, labels).gather(&Index::All)
        });
        columns.collect()
    }
}
