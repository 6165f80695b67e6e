//! The primary outcome of every cell: safe, or unsafe by a rule.

use std::collections::{BTreeMap, BTreeSet};

use super::differencing::Published;
use super::view::Quantity;
use super::{Outcome, Rule, Value, rule};
use crate::error::Result;
use crate::plan::ColumnType;
use crate::plan::document::PublishDocument;
use crate::plan::table::{Grain, Measure, Sensitive, TOTAL, TablePlan, What};
use crate::table::cell::{Contribution, Total};
use crate::table::{Accumulator, Block, Confidential, Dimension, Place, Table};

/// For each block of the table and each of its cells, the outcome of each measure.
pub(super) type Outcomes = Vec<Vec<Vec<Outcome>>>;

/// What the rules say of every cell, and which unsafe ones the plan publishes anyway.
pub(super) fn outcomes(
    table: &Table<Confidential>,
    plan: &TablePlan,
    exceptions: &[PublishDocument],
    published: &Published<'_>,
) -> Result<Outcomes> {
    let blocks = table.blocks.iter().map(|block| {
        let disclosed = disclosed(block, &plan.sensitive);
        let cells = block.cells.iter().enumerate().map(|(at, (place, cell))| {
            let excepted = exceptions
                .iter()
                .any(|exception| names(exception, &table.dimensions, &block.grouping, place));
            let beside = published.beside(table, plan, &block.grouping, place, cell);
            let measures = plan.measures.iter().map(|measure| {
                let (value, mut unsafe_by) = judge(measure, plan, &table.contributions, cell)?;
                if disclosed.contains(&at) {
                    unsafe_by = unsafe_by.or(Some(Rule::GroupDisclosure));
                }
                let quantity = Quantity::of(measure, plan, table);
                if beside
                    .as_ref()
                    .is_some_and(|beside| beside.is_near(quantity))
                {
                    unsafe_by = unsafe_by.or(Some(Rule::Differencing));
                }
                Ok(match unsafe_by {
                    None => Outcome::Safe(value),
                    Some(_) if excepted => Outcome::Excepted(value),
                    Some(rule) => Outcome::Primary(rule),
                })
            });
            measures.collect()
        });
        cells.collect()
    });
    blocks.collect()
}

/// How many figures of a table the rules find unsafe by themselves, which is
/// all that is done to it.
#[cfg(feature = "bench")]
pub(crate) fn unsafe_figures(
    table: &Table<Confidential>,
    plan: &TablePlan,
    exceptions: &[PublishDocument],
) -> Result<usize> {
    let outcomes = outcomes(table, plan, exceptions, &Published::default())?;
    let figures = outcomes.iter().flatten().flatten();
    Ok(figures
        .filter(|outcome| matches!(outcome, Outcome::Primary(_)))
        .count())
}

/// The cells of a block, by place in it, that tell what is sensitive of a group:
/// where its persons are all in one category, that category's cell and the empty
/// ones beside it, for the emptiness of all others says the same; and where the
/// plan asks for it, every empty cell of a group that has persons.
fn disclosed(block: &Block<Confidential>, sensitive: &[Sensitive]) -> BTreeSet<usize> {
    let mut disclosed = BTreeSet::new();
    for sensitive in sensitive {
        if block.grouping[sensitive.dimension] == Grain::Total {
            continue;
        }
        let mut groups: BTreeMap<Vec<i64>, Vec<usize>> = BTreeMap::new();
        for (at, (place, _)) in block.cells.iter().enumerate() {
            let mut group = place.to_vec();
            group.remove(sensitive.dimension);
            groups.entry(group).or_default().push(at);
        }
        for group in groups.into_values() {
            let is_populated = |at: &usize| block.cells[*at].1.persons > 0;
            match group.iter().copied().filter(is_populated).count() {
                0 => {}
                1 => disclosed.extend(group),
                _ if sensitive.none => {
                    disclosed.extend(group.into_iter().filter(|at| !is_populated(at)));
                }
                _ => {}
            }
        }
    }
    disclosed
}

/// The value of a measure in a cell, and the rule that finds it unsafe.
pub(super) fn judge(
    measure: &Measure,
    plan: &TablePlan,
    contributions: &[Contribution],
    cell: &Accumulator,
) -> Result<(Value, Option<Rule>)> {
    let rules = &plan.protect;
    let total = |wanted| total(contributions, cell, wanted);
    let (total, value) = match measure.what {
        What::Persons => (None, Value::Count(cell.persons)),
        // Each person has one: that is the number of persons, and judged as it is.
        What::Rows if plan.one_row_a_person => (None, Value::Count(cell.rows)),
        What::Rows => (Some(total(Contribution::Rows)), Value::Count(cell.rows)),
        What::Sum { operand, .. } => {
            let total = total(Contribution::Values(operand));
            (Some(total), Value::Sum(total.sum))
        }
        What::Mean { operand, kind } => {
            let total = total(Contribution::Values(operand));
            (Some(total), mean(total, kind))
        }
    };
    // That nobody is in a cell is a number like any other; the rules are about persons.
    if cell.persons == 0 {
        return Ok((value, None));
    }
    let unsafe_by = match rule::persons(rules, cell.persons) {
        Some(rule) => Some(rule),
        None => match total {
            Some(total) => rule::contributions(rules, total)?,
            None => None,
        },
    };
    Ok((value, unsafe_by))
}

/// What is known of a contribution in a cell.
///
/// # Panics
///
/// If the table does not have it: without its contributions a measure could not
/// be judged, and must not be released.
pub(super) fn total<'a>(
    contributions: &[Contribution],
    cell: &'a Accumulator,
    wanted: Contribution,
) -> &'a Total {
    let place = contributions.iter().position(|other| *other == wanted);
    &cell.totals[place.expect("tabulation adds up what every measure needs")]
}

/// The mean of the rows with a value. One division of exact figures, each
/// rounded to a float once, so it is the same on every machine.
fn mean(total: &Total, kind: ColumnType) -> Value {
    let scale = 10f64.powi(kind.scale().unwrap_or(0).into());
    match total.rows {
        0 => Value::Nothing,
        rows => Value::Mean(total.sum as f64 / (rows as f64 * scale)),
    }
}

/// Whether an exception names the cell at `place` of a grouping.
fn names(
    exception: &PublishDocument,
    dimensions: &[Dimension],
    grouping: &[Grain],
    place: &Place,
) -> bool {
    let mut places = dimensions.iter().zip(grouping).zip(place);
    places.all(|((dimension, grain), ordinal)| {
        let wanted = exception.cell.get(&dimension.name);
        let name = dimension.category(*grain, *ordinal);
        wanted.is_some_and(|wanted| match grain {
            Grain::Total => wanted == TOTAL,
            _ => name.as_deref() == Some(wanted),
        })
    })
}
