//! Several rows of a person folded to one, for the person and for each value of `on`.
//!
//! A person's rows stand next to each other; so folding needs no table of
//! persons, only a short run at a time.

use std::ops::Range;

use super::merge::Prepared;
use crate::column::stored::Stored;
use crate::column::{NO_ORDINAL, NOWHERE, Values};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::document::Reducer;
use crate::plan::table::{Reduce, Reduction};
use crate::pseudonym::Pseudonym;

/// The folded rows of one range.
pub(super) struct Reduced {
    /// The person of each, ascending.
    pub(super) keys: Vec<Pseudonym>,
    /// The further columns to match on of each.
    pub(super) on: Vec<Vec<i64>>,
    /// The slot's columns.
    pub(super) columns: Vec<Values>,
}

/// Folds the rows of `range`; with `wanted` (ascending) only those of persons in it.
///
/// # Errors
///
/// [`ErrorKind::Overflow`] if a sum is too large to be held exactly.
pub(super) fn reduce(
    prepared: &Prepared<'_>,
    range: &Range<usize>,
    wanted: Option<&[Pseudonym]>,
) -> Result<Reduced> {
    let plan = prepared
        .slot
        .reduce
        .as_ref()
        .expect("a slot that is reduced");
    let holds = prepared.holds(range);
    let keys = prepared.keys;
    let mut groups = Groups::default();
    let mut next = 0;
    let mut row = range.start;
    let mut run: Vec<(Vec<i64>, u32)> = Vec::new();
    while row < range.end {
        let key = keys.get(row);
        let end = (row..range.end)
            .find(|&other| keys.get(other) != key)
            .unwrap_or(range.end);
        let asked = wanted.is_none_or(|wanted| {
            while next < wanted.len() && wanted[next] < key {
                next += 1;
            }
            wanted.get(next) == Some(&key)
        });
        if asked {
            run.clear();
            for row in (row..end).filter(|row| holds[row - range.start]) {
                let mut on = Vec::new();
                prepared.lookup_on(row, &mut on);
                // A missing value matches nothing.
                if !on.contains(&NO_ORDINAL) {
                    run.push((on, row as u32));
                }
            }
            run.sort_unstable();
            for group in run.chunk_by(|a, b| a.0 == b.0) {
                groups.add(key, group);
            }
        }
        row = end;
    }
    let columns = plan
        .reductions
        .iter()
        .zip(&prepared.slot.columns)
        .map(|(reduction, (name, _))| {
            fold(prepared, plan, *reduction, &groups)
                .map_err(|error| error.in_source(&prepared.slot.name).in_column(name))
        })
        .collect::<Result<_>>()?;
    Ok(Reduced {
        keys: groups.keys,
        on: groups.on,
        columns,
    })
}

/// Rows that are folded together.
#[derive(Default)]
struct Groups {
    keys: Vec<Pseudonym>,
    on: Vec<Vec<i64>>,
    /// Rows of the extract, group by group.
    rows: Vec<u32>,
    /// Where each group ends in `rows`.
    ends: Vec<usize>,
}

impl Groups {
    fn add(&mut self, key: Pseudonym, group: &[(Vec<i64>, u32)]) {
        self.keys.push(key);
        self.on.push(group[0].0.clone());
        self.rows.extend(group.iter().map(|(_, row)| *row));
        self.ends.push(self.rows.len());
    }

    fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }
}

fn fold(
    prepared: &Prepared<'_>,
    plan: &Reduce,
    reduction: Reduction,
    groups: &Groups,
) -> Result<Values> {
    let stored = |place: usize| {
        let column: &Option<Stored> = &prepared.columns[place];
        column
            .as_ref()
            .expect("columns that are folded are prepared")
    };
    let Some(place) = reduction.column else {
        let counts = groups.iter().map(|group| Some(group.len() as i128));
        return Ok(Values::Numbers {
            values: counts.collect(),
            scale: 0,
        });
    };
    let values = stored(place).gather(&groups.rows);
    match reduction.by {
        Reducer::Sum => sum(&values, groups),
        Reducer::Count => {
            let present = |row: &usize| values.ordinal(*row) != Some(NO_ORDINAL);
            let counts = groups
                .iter()
                .map(|group| Some(group.filter(present).count() as i128));
            Ok(Values::Numbers {
                values: counts.collect(),
                scale: 0,
            })
        }
        Reducer::Any => {
            let Values::Booleans(values) = &values else {
                unreachable!("the plan's checks allow `any` of booleans only");
            };
            let any =
                |group: Range<usize>| values[group].iter().copied().flatten().reduce(|a, b| a | b);
            Ok(Values::Booleans(groups.iter().map(any).collect()))
        }
        Reducer::Min => Ok(pick(&values, groups, |a, b| a < b)),
        Reducer::Max => Ok(pick(&values, groups, |a, b| a > b)),
        Reducer::First | Reducer::Last => {
            let order = plan
                .order_by
                .map(|place| stored(place).gather(&groups.rows));
            let order = order.expect("the plan's checks want `order_by` for first and last");
            let last = reduction.by == Reducer::Last;
            Ok(pick_by_order(&values, &order, groups, last))
        }
    }
}

fn sum(values: &Values, groups: &Groups) -> Result<Values> {
    let Values::Numbers { values, scale } = values else {
        unreachable!("the plan's checks allow sums of numbers only");
    };
    let add = |group: Range<usize>| {
        let mut total: Option<i128> = None;
        for value in group.filter_map(|row| values.get(row)) {
            let sum = total.unwrap_or(0).checked_add(value);
            let overflow = || Error::new(ErrorKind::Overflow, "a person's sum is too large");
            total = Some(sum.ok_or_else(overflow)?);
        }
        Ok(total)
    };
    Ok(Values::Numbers {
        values: groups.iter().map(add).collect::<Result<_>>()?,
        scale: *scale,
    })
}

/// For each group the value that none is better than; missing if all are.
fn pick(values: &Values, groups: &Groups, better: impl Fn(i64, i64) -> bool) -> Values {
    let best = groups.iter().map(|group| {
        let mut best: Option<(i64, usize)> = None;
        for row in group {
            // Stored values are within 18 digits, which an ordinal holds.
            let Some(value) = values.ordinal(row).filter(|&value| value != NO_ORDINAL) else {
                continue;
            };
            if best.is_none_or(|(other, _)| better(value, other)) {
                best = Some((value, row));
            }
        }
        best.map_or(NOWHERE, |(_, row)| row as u32)
    });
    values.gather(&best.collect::<Vec<_>>())
}

/// For each group the value of the row that is first (or last) by `order`,
/// among rows where neither is missing; the least such value on a tie.
fn pick_by_order(values: &Values, order: &Values, groups: &Groups, last: bool) -> Values {
    let best = groups.iter().map(|group| {
        let rows = group.filter_map(|row| {
            let place = order.ordinal(row).filter(|&place| place != NO_ORDINAL)?;
            let value = values.ordinal(row).filter(|&value| value != NO_ORDINAL)?;
            Some((if last { !place } else { place }, value, row))
        });
        rows.min().map_or(NOWHERE, |(_, _, row)| row as u32)
    });
    values.gather(&best.collect::<Vec<_>>())
}
