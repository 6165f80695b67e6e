//! From rows to identified rows: kept, minimised, each with its canonical identifier.

use rayon::prelude::*;

use super::cells::{cells, place, read_column, refused, wanted};
use super::composite::{IdentifierColumns, RefusedPart};
use super::identified::{IdentifiedBatch, Quarantine, RowCounts};
use super::{Forms, replaced};
use crate::error::Result;
use crate::plan::document::InvalidIdentifier;
use crate::plan::{Column, Plan, Source};
use crate::rows::Rows;
use crate::rows::batches::{each_batch, in_order};
use crate::rows::part::RawBatch;
use crate::watch::{Step, Watched};

/// The rows of a register that the plan keeps, minimised, each with a valid
/// identifier in canonical form.
///
/// # Disclosure
///
/// Holds identifiers and never leaves the process: it cannot be written,
/// printed or copied. The one thing to do with it is to
/// [pseudonymise](Identified::pseudonymise) it.
///
/// ```compile_fail,E0277
/// fn print(rows: kobling::Identified) { println!("{rows}") }
/// ```
/// ```compile_fail,E0308
/// fn copy(rows: &kobling::Identified) -> kobling::Identified { rows.clone() }
/// ```
pub struct Identified {
    pub(crate) plan: Plan,
    pub(crate) source: usize,
    pub(crate) batches: Vec<IdentifiedBatch>,
    counts: RowCounts,
    pub(crate) watched: Watched,
}

impl Rows {
    /// Reads the rows, keeps those that the plan keeps, and finds each one's
    /// identifier.
    ///
    /// Rows whose identifier does not fit its type stay behind, counted by
    /// reason.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rows`](crate::ErrorKind::Rows) if a file or a value cannot be read,
    /// [`ErrorKind::Identifier`](crate::ErrorKind::Identifier) if an identifier does not fit and the plan
    /// says `invalid = "fail"`.
    pub fn identify(self) -> Result<Identified> {
        self.identify_with(Source::columns)
    }

    /// [`identify`](Self::identify), with the columns that `columns` picks of the source's.
    pub(crate) fn identify_with(self, columns: fn(&Source) -> &[Column]) -> Result<Identified> {
        let (plan, source, chunks, watched) = self.into_parts();
        let declared = &plan.sources()[source];
        let columns = columns(declared);
        let identify = |batch: RawBatch| identify_batch(declared, columns, &batch, &watched);
        let found = each_batch(chunks, identify);
        let found = found.map_err(|error| error.in_source(declared.name()))?;
        Ok(Identified::gather(plan, source, found, watched))
    }

    /// [`identify`](Self::identify), some batches at a time: what is read of
    /// the register is never all in memory.
    pub(crate) fn identify_in_turn(
        self,
        batches: usize,
    ) -> impl Iterator<Item = Result<Identified>> {
        let (plan, source, chunks, watched) = self.into_parts();
        let mut raw = chunks.into_iter().flat_map(|chunk| chunk.read());
        std::iter::from_fn(move || {
            let declared = &plan.sources()[source];
            let raw: Vec<Result<RawBatch>> = raw.by_ref().take(batches).collect();
            if raw.is_empty() {
                return None;
            }
            let identify = |batch: Result<RawBatch>| {
                identify_batch(declared, declared.columns(), &batch?, &watched)
            };
            let found = in_order(raw.into_par_iter().map(identify).collect());
            let found = found.map_err(|error| error.in_source(declared.name()));
            let gather = |found| Identified::gather(plan.clone(), source, found, watched.clone());
            Some(found.map(gather))
        })
    }
}

/// [`identified`], and the watch is notified once it is done.
fn identify_batch(
    source: &Source,
    columns: &[Column],
    raw: &RawBatch,
    watched: &Watched,
) -> Result<(IdentifiedBatch, RowCounts)> {
    watched.go_on()?;
    let found = identified(source, columns, raw)?;
    let (source, rows) = (source.name(), found.1.read);
    watched.at(Step::Read { source, rows })?;
    Ok(found)
}

fn identified(
    source: &Source,
    columns: &[Column],
    raw: &RawBatch,
) -> Result<(IdentifiedBatch, RowCounts)> {
    if let Some(current) = source.current() {
        return replaced::identify_pairs(source, current, columns, raw);
    }
    let rows = raw.batch.num_rows();
    let holds = wanted(source, raw)?;
    let mut counts = RowCounts {
        read: rows as u64,
        filtered: holds.iter().filter(|holds| !**holds).count() as u64,
        unended: raw.unended.into(),
        ..RowCounts::default()
    };
    let identifier = source.identifier();
    let mut identifiers = IdentifierColumns::of(identifier, |name| cells(raw, name))?;
    let mut forms = Forms::new(&identifier.types(), rows);
    let mut canonical = Vec::with_capacity(identifiers.most_bytes());
    let mut kept = Vec::with_capacity(rows);
    let mut next = 0;
    while next < rows {
        let run = identifiers.run(&holds, next, &mut forms);
        kept.extend(next..next + run);
        let row = next + run;
        next = row + 1;
        if row == rows || !holds[row] {
            continue;
        }
        canonical.clear();
        match identifiers.form(row, &mut canonical) {
            Ok(_) => {
                forms.push(&canonical);
                kept.push(row);
            }
            Err(unfit) if identifier.invalid == InvalidIdentifier::Fail => {
                return Err(place(refused(&unfit), raw, &unfit.part.column, row));
            }
            Err(RefusedPart { reason, .. }) => {
                *counts.quarantine.0.entry(reason.code()).or_default() += 1;
            }
        }
    }
    counts.kept = kept.len() as u64;
    let mut values = Vec::with_capacity(columns.len());
    for column in columns {
        let (column, read) = read_column(column, raw, &kept)?;
        values.push(column);
        counts.columns.push(read);
    }
    let batch = IdentifiedBatch {
        forms,
        currents: None,
        columns: values,
    };
    Ok((batch, counts))
}

impl Identified {
    fn gather(
        plan: Plan,
        source: usize,
        found: impl IntoIterator<Item = (IdentifiedBatch, RowCounts)>,
        watched: Watched,
    ) -> Self {
        let mut counts = RowCounts::default();
        let found = found.into_iter();
        let batches = found.map(|(batch, some)| {
            counts.add(&some);
            batch
        });
        Self {
            batches: batches.collect(),
            plan,
            source,
            counts,
            watched,
        }
    }

    pub(crate) fn counts(&self) -> &RowCounts {
        &self.counts
    }

    /// How many rows the files hold: those that are kept, filtered or in
    /// [quarantine](Self::quarantine), and no others.
    pub fn rows_read(&self) -> u64 {
        self.counts.read
    }

    /// How many rows are kept and identified.
    pub fn rows(&self) -> u64 {
        self.counts.kept
    }

    /// How many rows stayed behind because the plan's `keep` leaves them out.
    pub fn rows_filtered(&self) -> u64 {
        self.counts.filtered
    }

    /// The rows that stayed behind because their identifier does not fit.
    pub fn quarantine(&self) -> &Quarantine {
        &self.counts.quarantine
    }
}

impl std::fmt::Debug for Identified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = self.plan.sources()[self.source].name();
        write!(f, "Identified({source}, {} rows, ..)", self.counts.kept)
    }
}
