//! From rows of a history to pairs of canonical identifiers: the replaced one, and the current one.
//!
//! A pair says that two numbers are one person's. Of half a pair nothing can
//! be made, so a row stays behind if either number does not fit, or if it does
//! not say from which day it holds.

use super::Forms;
use super::cells::{cells, place, read_column, refused};
use super::composite::IdentifierColumns;
use super::identified::{IdentifiedBatch, RowCounts};
use crate::column::Values;
use crate::error::Result;
use crate::plan::document::InvalidIdentifier;
use crate::plan::{Column, Source};
use crate::rows::part::RawBatch;

/// Why a row stays behind that does not say from which day it holds.
const NO_DAY: &str = "missing-date";

/// Identifies the rows of a history, whose current identifiers are in the
/// column `current`. Rows without a day are counted as quarantined, and are
/// still in the batch: the column of days says which they are.
pub(super) fn identify_pairs(
    source: &Source,
    current: &str,
    columns: &[Column],
    raw: &RawBatch,
) -> Result<(IdentifiedBatch, RowCounts)> {
    let rows = raw.batch.num_rows();
    let identifier = source.identifier();
    let current = identifier.in_column(current);
    let column = |identifier| IdentifierColumns::of(identifier, |name| cells(raw, name));
    let mut sides = [column(identifier)?, column(&current)?];
    let mut forms = [0; 2].map(|_| Forms::new(&identifier.types(), rows));
    let room = sides[0].most_bytes();
    let mut canonical = [0; 2].map(|_| Vec::with_capacity(room));
    let mut counts = RowCounts {
        read: rows as u64,
        unended: raw.unended.into(),
        ..RowCounts::default()
    };
    let mut kept = Vec::with_capacity(rows);
    for row in 0..rows {
        let mut pair = sides.iter_mut().zip(&mut canonical);
        let unfit = pair.find_map(|(side, canonical)| {
            canonical.clear();
            side.form(row, canonical).err()
        });
        match unfit {
            None => {
                for (forms, canonical) in forms.iter_mut().zip(&canonical) {
                    forms.push(canonical);
                }
                kept.push(row);
            }
            Some(unfit) if identifier.invalid == InvalidIdentifier::Fail => {
                return Err(place(refused(&unfit), raw, &unfit.part.column, row));
            }
            Some(unfit) => count(&mut counts, unfit.reason.code(), 1),
        }
    }
    let columns = columns.iter();
    let columns = columns.map(|column| Ok(read_column(column, raw, &kept)?.0));
    let columns: Vec<Values> = columns.collect::<Result<_>>()?;
    let undated = columns.iter().map(undated).sum::<u64>();
    count(&mut counts, NO_DAY, undated);
    counts.kept = kept.len() as u64 - undated;
    let [forms, currents] = forms;
    let batch = IdentifiedBatch {
        forms,
        currents: Some(currents),
        columns,
    };
    Ok((batch, counts))
}

fn count(counts: &mut RowCounts, reason: &'static str, rows: u64) {
    if rows > 0 {
        *counts.quarantine.0.entry(reason).or_default() += rows;
    }
}

fn undated(days: &Values) -> u64 {
    match days {
        Values::Dates(days) => days.iter().filter(|day| day.is_none()).count() as u64,
        _ => 0,
    }
}
