//! From rows to identified rows: kept, minimised, each with its canonical identifier.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::composite::{Columns, Refused};
use super::{Forms, replaced};
use crate::column::condition::restrict_raw;
use crate::column::read::read;
use crate::column::{ValueCounts, Values};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::document::InvalidIdentifier;
use crate::plan::{Column, IdentifierType, Plan, Source};
use crate::rows::Rows;
use crate::rows::batches::{each_batch, in_order};
use crate::rows::cell::Cells;
use crate::rows::instant::as_days;
use crate::rows::part::RawBatch;

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
    counts: Counts,
}

/// What was read, and what stayed behind: each counted by itself, so that a
/// row that is lost on the way is missed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) kept: u64,
    pub(crate) filtered: u64,
    pub(crate) quarantine: Quarantine,
    /// Files whose last line has no line end, and was taken as it is.
    pub(crate) unended: u64,
    /// What became of the values of each declared column in the rows that are
    /// kept; of a history none.
    pub(crate) columns: Vec<ValueCounts>,
}

impl Counts {
    /// Whether every row that was read is kept, filtered or in quarantine.
    pub(crate) fn add_up(&self) -> bool {
        self.read == self.kept + self.filtered + self.quarantine.rows()
            && self.columns.iter().all(|column| column.read() == self.kept)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.filtered += other.filtered;
        self.unended += other.unended;
        for (reason, rows) in &other.quarantine.0 {
            *self.quarantine.0.entry(reason).or_default() += rows;
        }
        if self.columns.is_empty() {
            self.columns
                .resize(other.columns.len(), ValueCounts::default());
        }
        for (column, other) in self.columns.iter_mut().zip(&other.columns) {
            column.add(other);
        }
    }
}

/// How many rows stayed behind because their identifier does not fit, by reason.
///
/// # Disclosure
///
/// Exact counts, for the agency and the linkage unit. A release rounds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quarantine(pub(crate) BTreeMap<&'static str, u64>);

impl Quarantine {
    /// Rows by reason, such as `("wrong-length", 3)`.
    pub fn by_reason(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(reason, rows)| (*reason, *rows))
    }

    /// All rows in quarantine.
    pub fn rows(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Identified rows of one batch.
pub(crate) struct IdentifiedBatch {
    pub(crate) forms: Forms,
    /// Of a history: the identifiers that took the place of the others.
    pub(crate) currents: Option<Forms>,
    /// The declared columns, in the order of the extract.
    pub(crate) columns: Vec<Values>,
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
    /// [`ErrorKind::Rows`] if a file or a value cannot be read,
    /// [`ErrorKind::Identifier`] if an identifier does not fit and the plan
    /// says `invalid = "fail"`.
    pub fn identify(self) -> Result<Identified> {
        self.identify_with(Source::columns)
    }

    /// [`identify`](Self::identify), with the columns that `columns` picks of the source's.
    pub(crate) fn identify_with(self, columns: fn(&Source) -> &[Column]) -> Result<Identified> {
        let (plan, source, chunks, progress) = self.into_parts();
        let declared = &plan.sources()[source];
        let columns = columns(declared);
        let identify = |batch: RawBatch| -> Result<(IdentifiedBatch, Counts)> {
            let found = identify_batch(declared, columns, &batch)?;
            progress(found.1.read);
            Ok(found)
        };
        let found = each_batch(chunks, identify);
        let found = found.map_err(|error| error.in_source(declared.name()))?;
        Ok(Identified::gather(plan, source, found))
    }

    /// [`identify`](Self::identify), some batches at a time: what is read of
    /// the register is never all in memory.
    pub(crate) fn identify_in_turn(
        self,
        batches: usize,
    ) -> impl Iterator<Item = Result<Identified>> {
        let (plan, source, chunks, progress) = self.into_parts();
        let mut raw = chunks.into_iter().flat_map(|chunk| chunk.read());
        std::iter::from_fn(move || {
            let declared = &plan.sources()[source];
            let raw: Vec<Result<RawBatch>> = raw.by_ref().take(batches).collect();
            if raw.is_empty() {
                return None;
            }
            let identify = |batch: Result<RawBatch>| {
                let found = identify_batch(declared, declared.columns(), &batch?)?;
                progress(found.1.read);
                Ok(found)
            };
            let found = in_order(raw.into_par_iter().map(identify).collect());
            let found = found.map_err(|error| error.in_source(declared.name()));
            Some(found.map(|found| Identified::gather(plan.clone(), source, found)))
        })
    }
}

fn identify_batch(
    source: &Source,
    columns: &[Column],
    raw: &RawBatch,
) -> Result<(IdentifiedBatch, Counts)> {
    if let Some(current) = source.current() {
        return replaced::identify_pairs(source, current, columns, raw);
    }
    let rows = raw.batch.num_rows();
    let holds = wanted(source, raw)?;
    let mut counts = Counts {
        read: rows as u64,
        filtered: holds.iter().filter(|holds| !**holds).count() as u64,
        unended: raw.unended.into(),
        ..Counts::default()
    };
    let identifier = source.identifier();
    let mut identifiers = Columns::of(identifier, |name| cells(raw, name))?;
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
            Err(Refused { reason, .. }) => {
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

/// The values of a declared column in the rows `kept`, and what became of them.
pub(super) fn read_column(
    column: &Column,
    raw: &RawBatch,
    kept: &[usize],
) -> Result<(Values, ValueCounts)> {
    read(column.recipe(), &cells(raw, column.from())?, kept).map_err(|refused| {
        let help = refused.help();
        let error = Error::new(ErrorKind::Rows, refused.rule);
        let error = help.into_iter().fold(error, Error::help);
        place(error, raw, column.from(), kept[refused.row])
    })
}

/// Why a run stops at an identifier that does not fit.
pub(super) fn refused(unfit: &Refused<'_>) -> Error {
    let (kind, reason) = (unfit.part.rule.kind, unfit.reason);
    let rule = format!("is no {kind} ({reason}), and the plan says invalid = \"fail\"");
    let error = Error::new(ErrorKind::Identifier, rule);
    match kind {
        IdentifierType::Date if unfit.part.format.is_none() => {
            error.help("if it is written otherwise than YYYY-MM-DD, say so: format = \"YYYYMMDD\", beside its type")
        }
        _ => error,
    }
}

/// For each row whether the plan keeps it.
pub(super) fn wanted(source: &Source, raw: &RawBatch) -> Result<Vec<bool>> {
    let mut holds = vec![true; raw.batch.num_rows()];
    for condition in source.keep() {
        let cells = cells(raw, &condition.column)?;
        let made = source.columns().iter();
        let made = made.filter(|column| column.from() == condition.column);
        let recipes: Vec<_> = made.map(|column| column.recipe()).collect();
        restrict_raw(condition, &recipes, &cells, &mut holds).map_err(|refused| {
            let error = Error::new(ErrorKind::Rows, refused.rule);
            place(error, raw, &condition.column, refused.row)
        })?;
    }
    Ok(holds)
}

/// The column `name` of `raw`.
pub(super) fn cells(raw: &RawBatch, name: &str) -> Result<Cells> {
    let placed = |error: Error| error.in_file(&raw.file).in_column(name);
    let refused = || {
        let rule = "is of a type, or holds numbers of a size, that registers are not read from";
        placed(Error::new(ErrorKind::Rows, rule))
    };
    let column = raw.batch.column_by_name(name).ok_or_else(refused)?;
    let column = as_days(column, &raw.declared).map_err(placed)?;
    let cells = Cells::of(&column).ok_or_else(refused)?;
    let cells = cells.with_errors(raw.errors(name));
    Ok(cells.written_as(raw.written()))
}

/// `error`, told where it is: `row` counts from 0 in the batch.
pub(super) fn place(error: Error, raw: &RawBatch, column: &str, row: usize) -> Error {
    error
        .in_file(&raw.file)
        .in_column(column)
        .at_row(raw.row_number(row))
}

impl Identified {
    fn gather(
        plan: Plan,
        source: usize,
        found: impl IntoIterator<Item = (IdentifiedBatch, Counts)>,
    ) -> Self {
        let mut counts = Counts::default();
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
        }
    }

    pub(crate) fn counts(&self) -> &Counts {
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
