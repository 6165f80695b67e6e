//! From rows to identified rows: kept, minimised, each with its canonical identifier.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::generic::MAX_TEXT_LEN;
use super::{Forms, Invalid, Kind, Raw, replaced, short};
use crate::column::Values;
use crate::column::condition::restrict_raw;
use crate::column::read::read;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::document::InvalidIdentifier;
use crate::plan::{Column, Identifier, IdentifierRule, Plan, Source};
use crate::rows::Rows;
use crate::rows::cell::{Cell, Cells};
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

/// What was read, and what stayed behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) kept: u64,
    pub(crate) quarantine: Quarantine,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.kept += other.kept;
        for (reason, rows) in &other.quarantine.0 {
            *self.quarantine.0.entry(reason).or_default() += rows;
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
        let identify = |batch: Result<RawBatch>| -> Result<(IdentifiedBatch, Counts)> {
            let found = identify_batch(declared, columns, &batch?)
                .map_err(|error| error.in_source(declared.name()))?;
            progress(found.1.read);
            Ok(found)
        };
        // While one thread decodes a part, others identify what came out of it:
        // a register may be a single part.
        let read: Result<Vec<Vec<_>>> = chunks
            .into_par_iter()
            .map(|chunk| {
                // After a refusal no more is read. What comes before it in the
                // part was given out before it, so the first refusal is found.
                let refused = AtomicBool::new(false);
                let go_on = |_: &_| !refused.load(Ordering::Relaxed);
                let batches = chunk.read().enumerate().take_while(go_on).par_bridge();
                let found = batches.map(|(at, raw)| {
                    let found = identify(raw);
                    refused.fetch_or(found.is_err(), Ordering::Relaxed);
                    (at, found)
                });
                let mut found: Vec<_> = found.collect();
                found.sort_unstable_by_key(|(at, _)| *at);
                found.into_iter().map(|(_, found)| found).collect()
            })
            .collect();
        let read = read.map_err(|error| error.in_source(declared.name()))?;
        let found = read.into_iter().flatten();
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
            let found: Result<Vec<_>> = raw.into_par_iter().map(identify).collect();
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
    let mut holds = vec![true; rows];
    for condition in source.keep() {
        restrict_raw(condition, &cells(raw, &condition.column)?, &mut holds).map_err(
            |(row, rule)| {
                let error = Error::new(ErrorKind::Rows, rule);
                place(error, raw, &condition.column, row)
            },
        )?;
    }
    let mut counts = Counts {
        read: rows as u64,
        ..Counts::default()
    };
    let identifier = source.identifier();
    let identifiers = cells(raw, &identifier.column)?;
    let mut forms = Forms::new(identifier.rule.kind, rows);
    // Never grows: no unwiped copy stays behind.
    let mut canonical = zeroize::Zeroizing::new(Vec::with_capacity(MAX_TEXT_LEN));
    let mut kept = Vec::with_capacity(rows);
    let mut next = 0;
    while next < rows {
        let run = short::run(&identifiers, &holds, next, &mut forms);
        kept.extend(next..next + run);
        let row = next + run;
        next = row + 1;
        if row == rows || !holds[row] {
            continue;
        }
        canonical.clear();
        let found = canonical_of(identifiers.get(row), identifier.rule, &mut canonical);
        match found {
            Ok(_) => {
                forms.push(&canonical);
                kept.push(row);
            }
            Err(reason) if identifier.invalid == InvalidIdentifier::Fail => {
                let error = refused(identifier, reason);
                return Err(place(error, raw, &identifier.column, row));
            }
            Err(reason) => *counts.quarantine.0.entry(reason.code()).or_default() += 1,
        }
    }
    counts.kept = kept.len() as u64;
    let columns = columns.iter().map(|column| {
        read(column.recipe(), &cells(raw, column.from())?, &kept).map_err(|refused| {
            let error = Error::new(ErrorKind::Rows, refused.rule);
            place(error, raw, column.from(), kept[refused.row])
        })
    });
    let columns = columns.collect::<Result<_>>()?;
    let batch = IdentifiedBatch {
        forms,
        currents: None,
        columns,
    };
    Ok((batch, counts))
}

/// Why a run stops at an identifier that does not fit.
pub(super) fn refused(identifier: &Identifier, reason: Invalid) -> Error {
    let kind = identifier.rule.kind;
    let rule = format!("is no {kind} ({reason}), and the plan says invalid = \"fail\"");
    Error::new(ErrorKind::Identifier, rule)
}

/// The column `name` of `raw`.
pub(super) fn cells(raw: &RawBatch, name: &str) -> Result<Cells> {
    let column = raw.batch.column_by_name(name);
    column.and_then(Cells::of).ok_or_else(|| {
        let rule = "is of a type that registers are not read from";
        let error = Error::new(ErrorKind::Rows, rule);
        error.in_file(&raw.file).in_column(name)
    })
}

/// `error`, told where it is: `row` counts from 0 in the batch.
pub(super) fn place(error: Error, raw: &RawBatch, column: &str, row: usize) -> Error {
    error
        .in_file(&raw.file)
        .in_column(column)
        .at_row(raw.first_row + row as u64)
}

/// Appends the canonical form of `cell`, whatever it holds, to `out`.
pub(super) fn canonical_of(
    cell: Cell<'_>,
    rule: IdentifierRule,
    out: &mut Vec<u8>,
) -> Result<Kind, Invalid> {
    let raw = match cell {
        Cell::Missing => Raw::Missing,
        Cell::Text(text) => Raw::Text(text),
        Cell::Integer(integer) => Raw::Integer(integer),
        Cell::Float(float) => Raw::Float(float),
        Cell::Decimal { unscaled, scale } => Raw::Integer(whole(unscaled, scale)?),
        Cell::Boolean(_) | Cell::Day(_) => return Err(Invalid::WrongCharacters),
    };
    rule.canonical(raw, out)
}

/// A decimal without a fraction, as an integer.
fn whole(unscaled: i128, scale: u8) -> Result<i128, Invalid> {
    let one = 10i128.checked_pow(scale.into()).ok_or(Invalid::TooLong)?;
    match unscaled % one {
        0 => Ok(unscaled / one),
        _ => Err(Invalid::Fraction),
    }
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

    /// How many rows the files hold.
    pub fn rows_read(&self) -> u64 {
        self.counts.read
    }

    /// How many rows are kept and identified.
    pub fn rows(&self) -> u64 {
        self.counts.kept
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
