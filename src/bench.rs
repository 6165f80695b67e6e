//! Doors into single stages, for kobling's own benchmarks and nobody else.
//!
//! A peer that is handed pseudonyms cannot be compared with a flow that begins
//! at identifiers. So rows that were pseudonymised elsewhere come in here, and
//! pseudonyms that nobody sorts go out; in a [rehearsal](Plan::rehearsal) only,
//! whose pseudonyms and extracts no real linkage takes.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use rayon::prelude::*;

use crate::column::stored::Stored;
use crate::column::{Index, Values};
use crate::error::{Error, ErrorKind, Result};
use crate::extract::{CURRENT, Extract, Header, PSEUDONYM, ValueCounts, pairs_of};
use crate::identifier::Identified;
use crate::key::{DomainKey, ReleaseKey};
use crate::link::Linkage;
use crate::link::merge::{look_up, merge_ranges};
use crate::link::prepared::PreparedSlot;
use crate::plan::Plan;
use crate::protect::primary::unsafe_figures;
use crate::pseudonym::{Pseudonym, pseudonyms as hashed};
use crate::rows::Rows;
use crate::watch::Watched;

/// The pseudonyms of the rows of `batches` that `source` keeps, in their order,
/// by batches of kobling's size: canonical forms and their hashes only, no
/// other column, not sorted.
///
/// # Errors
///
/// [`ErrorKind::Permission`] if the plan is no rehearsal, [`ErrorKind::Key`] if
/// the key is of another domain, and what [`Rows::identify`] refuses.
pub fn pseudonyms(
    plan: &Plan,
    source: &str,
    key: &DomainKey,
    batches: &[RecordBatch],
) -> Result<Vec<Vec<u128>>> {
    key.check_plan(plan)
        .map_err(|error| error.in_source(source))?;
    hashed(&identified(plan, source, batches)?, key)
}

/// How many rows of `batches` are kept and identified: the first half of
/// [`pseudonyms`].
///
/// # Errors
///
/// [`ErrorKind::Permission`] if the plan is no rehearsal, and as
/// [`Rows::identify`].
pub fn identify(plan: &Plan, source: &str, batches: &[RecordBatch]) -> Result<u64> {
    Ok(identified(plan, source, batches)?.rows())
}

/// The rows identified, without any column.
fn identified(plan: &Plan, source: &str, batches: &[RecordBatch]) -> Result<Identified> {
    rehearses(plan, source)?;
    Rows::from_batches(plan, source, batches.iter().cloned())?.identify_with(|_| &[])
}

fn rehearses(plan: &Plan, source: &str) -> Result<()> {
    if plan.is_rehearsal() {
        return Ok(());
    }
    let rule = "bare pseudonyms go in and out in a rehearsal only";
    Err(Error::new(ErrorKind::Permission, rule).in_source(source))
}

/// Sorts `batches` as the extract of `source`.
///
/// They have a column `pseudonym` of 16 bytes, for a history another one called
/// `current`, and the columns that the plan declares, by the plan's names and
/// of the types that an extract stores.
///
/// # Errors
///
/// [`ErrorKind::Permission`] if the plan is no rehearsal, [`ErrorKind::Rows`]
/// if a column is not there or of another type, and what sorting refuses.
pub fn extract(plan: &Plan, source: &str, batches: &[RecordBatch]) -> Result<Extract> {
    let place = plan.source_place(source)?;
    rehearses(plan, source)?;
    let declared = &plan.sources()[place];
    let refuse = |column: &str| {
        let rule = "is not there, or of another type than an extract stores";
        let error = Error::new(ErrorKind::Rows, rule);
        error.in_source(source).in_column(column)
    };
    let keys = |batch: &RecordBatch, name: &str| -> Result<Vec<Pseudonym>> {
        let keys = batch.column_by_name(name);
        let keys = keys.and_then(|keys| keys.as_fixed_size_binary_opt());
        let keys = keys.filter(|keys| keys.value_length() == 16 && keys.null_count() == 0);
        let (keys, _) = keys.ok_or_else(|| refuse(name))?.value_data().as_chunks();
        Ok(keys.iter().map(|k| Pseudonym::from_be_bytes(*k)).collect())
    };
    let mut hashed = Vec::new();
    let mut currents = Vec::new();
    let mut columns = Vec::new();
    for batch in batches {
        hashed.push(keys(batch, PSEUDONYM)?);
        if declared.is_history() {
            currents.push(keys(batch, CURRENT)?);
        }
        let read = declared.columns().iter().map(|column| {
            let array = batch.column_by_name(column.name());
            let stored = array.and_then(|array| Stored::of(array, column.column_type()));
            Ok(stored
                .ok_or_else(|| refuse(column.name()))?
                .gather(&Index::All))
        });
        columns.push(read.collect::<Result<Vec<Values>>>()?);
    }
    let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    let domain = plan.domain();
    let used = ValueCounts {
        used: rows,
        ..ValueCounts::default()
    };
    let counted = declared.columns().iter().filter(|_| !declared.is_history());
    let header = Header {
        plan: plan.digest().to_string(),
        source: source.to_owned(),
        project: domain.project().to_owned(),
        epoch: domain.epoch(),
        key_check: "0000000000000000".parse()?,
        rows,
        rows_read: rows,
        quarantine: BTreeMap::new(),
        columns: counted
            .map(|column| (column.name().to_owned(), used))
            .collect(),
        unended: 0,
        maker: env!("CARGO_PKG_VERSION").to_owned(),
    };
    if declared.is_history() {
        let pairs = pairs_of(&hashed, &currents, &columns);
        return Extract::of_pairs(plan.clone(), place, header, pairs, &Watched::default());
    }
    let nobody = Watched::default();
    Extract::sorted(plan.clone(), place, header, hashed, columns, &nobody)
}

/// Links and tabulates the plan's first table only, and none of its others:
/// how many cells it has.
///
/// # Errors
///
/// As [`Linkage::tabulate`], and [`ErrorKind::Permission`] if the plan is no
/// rehearsal.
///
/// # Panics
///
/// If the plan has no table, which its checks do not let through.
pub fn tabulate_first(linkage: &Linkage) -> Result<usize> {
    rehearses(&linkage.plan, &linkage.plan.tables()[0].name)?;
    Ok(linkage
        .tabulate_one(&linkage.plan.tables()[0], None)?
        .cells()
        .count())
}

/// As [`tabulate_first`], but keeps nothing that only rules look at: no largest
/// contributors. It is what rules are measured against.
///
/// # Errors
///
/// As [`tabulate_first`].
///
/// # Panics
///
/// As [`tabulate_first`].
pub fn tabulate_plainly(linkage: &Linkage) -> Result<usize> {
    let table = &linkage.plan.tables()[0];
    rehearses(&linkage.plan, &table.name)?;
    Ok(linkage.tabulate_plainly(table)?.cells().count())
}

/// As [`tabulate_first`], with all that the primary rules look at; and lets them
/// judge every cell, but suppresses nothing that would give an unsafe one away:
/// how many figures are unsafe.
///
/// # Errors
///
/// As [`tabulate_first`], and [`ErrorKind::Overflow`] if a rule cannot be
/// computed exactly.
///
/// # Panics
///
/// As [`tabulate_first`].
pub fn judge_first(linkage: &Linkage) -> Result<usize> {
    let plan = &linkage.plan.tables()[0];
    rehearses(&linkage.plan, &plan.name)?;
    let exceptions = &linkage.plan.document().tables[&plan.name].protect.publish;
    unsafe_figures(&linkage.tabulate_one(plan, None)?, plan, exceptions)
}

/// As [`tabulate_first`], with the record key of each row's person folded too.
///
/// # Errors
///
/// As [`tabulate_first`].
///
/// # Panics
///
/// As [`tabulate_first`].
pub fn tabulate_keyed(linkage: &Linkage, key: &ReleaseKey) -> Result<usize> {
    let table = &linkage.plan.tables()[0];
    rehearses(&linkage.plan, &table.name)?;
    let table = linkage.tabulate_one(table, Some(&key.record_keys()))?;
    Ok(table.cells().count())
}

/// Merges the extracts of the plan's first table, and folds nothing: how many
/// base rows are kept.
///
/// # Errors
///
/// [`ErrorKind::Permission`] if the plan is no rehearsal, and what reducing
/// refuses.
///
/// # Panics
///
/// If the plan has no table, which its checks do not let through.
pub fn merge(linkage: &Linkage) -> Result<u64> {
    let table = &linkage.plan.tables()[0];
    rehearses(&linkage.plan, &table.name)?;
    let slots = table.slots.iter().map(|slot| {
        let unneeded = vec![false; slot.columns.len()];
        PreparedSlot::new(linkage, slot, &table.slots[0], unneeded)
    });
    let slots: Vec<PreparedSlot<'_>> = slots.collect();
    let ranges = merge_ranges(&slots, None);
    let kept = ranges
        .par_iter()
        .map(|rows| Ok(look_up(&slots, rows)?.keep(false).rows as u64));
    kept.sum()
}
