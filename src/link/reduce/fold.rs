//! One column, folded group by group.

use std::ops::Range;

use super::{ColumnWindow, FoldGroups};
use crate::column::{Index, NO_ORDINAL, NOWHERE, Values, WholeNumbers};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::document::Reducer;
use crate::plan::table::{Reduce, Reduction};

impl FoldGroups {
    /// For each group, where its rows are in what [`gather`](Self::gather) gives.
    fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let runs = self.runs.iter();
        runs.map(|(from, to)| *from as usize..*to as usize)
    }

    fn gather(&self, window: &ColumnWindow, place: usize) -> Values {
        let column = window.column(place);
        match &self.rows {
            None => column.gather(&Index::All),
            Some(rows) => column.gather(&Index::Rows(rows.clone())),
        }
    }
}

/// # Errors
///
/// [`ErrorKind::Overflow`] if a sum is too large to be held exactly.
pub(super) fn fold(
    window: &ColumnWindow,
    plan: &Reduce,
    reduction: Reduction,
    groups: &FoldGroups,
) -> Result<Values> {
    let Some(place) = reduction.column else {
        return Ok(counts(groups.iter().map(|group| group.len())));
    };
    let values = groups.gather(window, place);
    match reduction.by {
        Reducer::Sum => sum(&values, groups),
        Reducer::Count => {
            let present = |row: &usize| values.ordinal(*row) != Some(NO_ORDINAL);
            Ok(counts(
                groups.iter().map(|group| group.filter(present).count()),
            ))
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
            let order = plan.order_by.map(|place| groups.gather(window, place));
            let order = order.expect("the plan's checks want `order_by` for first and last");
            let last = reduction.by == Reducer::Last;
            Ok(pick_by_order(&values, &order, groups, last))
        }
    }
}

fn counts(counts: impl Iterator<Item = usize>) -> Values {
    Values::Numbers {
        values: WholeNumbers::Narrow(counts.map(|count| count as i64).collect()),
        scale: 0,
    }
}

fn sum(values: &Values, groups: &FoldGroups) -> Result<Values> {
    let Values::Numbers { values, scale } = values else {
        unreachable!("the plan's checks allow sums of numbers only");
    };
    let narrow = match values {
        WholeNumbers::Narrow(values) => narrow_sums(values, groups).map(WholeNumbers::Narrow),
        WholeNumbers::Wide(_) => None,
    };
    let sums = match narrow {
        Some(sums) => sums,
        None => wide_sums(values, groups)?,
    };
    Ok(Values::Numbers {
        values: sums,
        scale: *scale,
    })
}

/// The sum of each group, missing if all its values are; `None` if one does not fit.
fn narrow_sums(values: &[i64], groups: &FoldGroups) -> Option<Vec<i64>> {
    let add = |group: Range<usize>| {
        let mut total: i64 = 0;
        let mut any = false;
        for &value in &values[group] {
            if value != NO_ORDINAL {
                total = total.checked_add(value)?;
                any = true;
            }
        }
        match any {
            false => Some(NO_ORDINAL),
            true => Some(total).filter(|total| *total != NO_ORDINAL),
        }
    };
    groups.iter().map(add).collect()
}

/// The twin of [`narrow_sums`] that holds every sum there is, or refuses.
fn wide_sums(values: &WholeNumbers, groups: &FoldGroups) -> Result<WholeNumbers> {
    let add = |group: Range<usize>| {
        let mut total: Option<i128> = None;
        for value in group.filter_map(|row| values.get(row)) {
            let sum = total.unwrap_or(0).checked_add(value);
            let overflow = || Error::new(ErrorKind::Overflow, "a person's sum is too large");
            total = Some(sum.ok_or_else(overflow)?);
        }
        Ok(total)
    };
    groups.iter().map(add).collect()
}

/// For each group the value that none is better than; missing if all are.
fn pick(values: &Values, groups: &FoldGroups, better: impl Fn(i64, i64) -> bool) -> Values {
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
    values.gather(&Index::Rows(best.collect()))
}

/// For each group the value of the row that is first (or last) by `order`,
/// among rows where neither is missing; the least such value on a tie.
fn pick_by_order(values: &Values, order: &Values, groups: &FoldGroups, last: bool) -> Values {
    let best = groups.iter().map(|group| {
        let rows = group.filter_map(|row| {
            let place = order.ordinal(row).filter(|&place| place != NO_ORDINAL)?;
            let value = values.ordinal(row).filter(|&value| value != NO_ORDINAL)?;
            Some((if last { !place } else { place }, value, row))
        });
        rows.min().map_or(NOWHERE, |(_, _, row)| row as u32)
    });
    values.gather(&Index::Rows(best.collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn narrow_sums_are_the_wide_ones_where_all_fit(
            groups in prop::collection::vec(
                prop::collection::vec(
                    prop_oneof![Just(NO_ORDINAL), -9..9i64, Just(i64::MAX), Just(i64::MIN + 1)],
                    1..5,
                ),
                0..20,
            ),
        ) {
            let values: Vec<i64> = groups.concat();
            let runs = groups.iter().scan(0, |end, group| {
                let from = *end;
                *end += group.len() as u32;
                Some((from, *end))
            });
            let folded = FoldGroups { rows: None, runs: runs.collect() };
            let narrow = narrow_sums(&values, &folded);
            let wide = wide_sums(&WholeNumbers::Narrow(values), &folded);
            let wide: Vec<Option<i128>> = wide.unwrap_or_else(|e| panic!("{e}")).iter().collect();
            if let Some(narrow) = narrow {
                let narrow: Vec<Option<i128>> = WholeNumbers::Narrow(narrow).iter().collect();
                prop_assert_eq!(narrow, wide);
            }
        }
    }
}
