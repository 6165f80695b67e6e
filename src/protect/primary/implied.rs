//! Totals that nobody publishes, and whoever has all parts has: compared with what earlier
//! releases published, as if they were published.

use super::super::quantity::Quantity;
use super::super::{Outcome, Rule};
use super::{EarlierReleases, Outcomes};
use crate::plan::table::{Grain, TablePlan};
use crate::protect::history::differencing::CellPosition;
use crate::protect::history::totals::totals;
use crate::table::{Accumulator, Block, Confidential, Table};

/// What a total is the sum of, and what it holds.
type TotalParts = (Accumulator, Vec<usize>);

/// Suppresses the smallest part of each total that is nearly the same as one that an
/// earlier release published, if all parts are published: then nobody has the total. Parts are
/// the finest cells, or those of a margin or a level.
///
/// Where a person may have several rows, numbers of persons do not add up, and nothing is
/// done.
pub(super) fn suppress(
    table: &Table<Confidential>,
    plan: &TablePlan,
    earlier: EarlierReleases<'_>,
    outcomes: &mut Outcomes,
) {
    if earlier.published.is_empty() || !plan.one_row_a_person {
        return;
    }
    for (block, outcomes) in table.blocks.iter().zip(outcomes) {
        for measure in block.measures() {
            suppress_of(table, plan, earlier, (block, *measure), outcomes);
        }
    }
}

fn suppress_of(
    table: &Table<Confidential>,
    plan: &TablePlan,
    earlier: EarlierReleases<'_>,
    (block, measure): (&Block<Confidential>, usize),
    outcomes: &mut [Vec<Outcome>],
) {
    let quantity = Quantity::of(&plan.measures[measure], plan, table);
    let dimensions = (0..block.grouping.len()).filter(|at| block.grouping[*at] != Grain::Total);
    let dimensions: Vec<usize> = dimensions.collect();
    let cells = (0..block.cells.len()).filter(|cell| !block.is_hidden(*cell));
    let cells = cells.map(|cell| {
        let (place, held) = &block.cells[cell];
        let at = dimensions.iter().map(|dimension| place[*dimension]);
        let is_known = outcomes[cell][measure].value().is_some();
        (at.collect(), is_known.then(|| (held.clone(), vec![cell])))
    });
    let cells: Vec<(Vec<i64>, Option<TotalParts>)> = cells.collect();
    let added = |(mut held, mut parts): TotalParts, other: &TotalParts| {
        held.merge(&other.0).ok()?;
        parts.extend(&other.1);
        Some((held, parts))
    };
    let mut near: Vec<(u64, Vec<usize>)> = Vec::new();
    totals(&cells, added, |total| {
        let (held, parts) = &total.sum;
        if parts.len() < 2 {
            return;
        }
        let kept = total.kept.iter().map(|place| dimensions[*place]);
        let columns = earlier.columns(kept.clone());
        let categories = kept.zip(total.at).map(|(dimension, at)| {
            let at = (*at)?;
            let grain = block.grouping[dimension];
            Some(table.dimensions[dimension].category(grain, at))
        });
        let place = CellPosition::new(columns, categories);
        let compared = earlier
            .published
            .compared(plan, earlier.together, &place, held);
        let entry = compared.and_then(|compared| compared.near(quantity));
        near.extend(entry.map(|entry| (entry, parts.clone())));
    });
    for (entry, parts) in near {
        let known = |cell: &usize| outcomes[*cell][measure].value().is_some();
        if !parts.iter().all(known) {
            continue;
        }
        // What was published as it is now stays known.
        let is_safe = |cell: &usize| {
            let held = &block.cells[*cell].1;
            matches!(outcomes[*cell][measure], Outcome::Safe(_))
                && !earlier.published.has_published(held, quantity)
        };
        let persons = |cell: &usize| block.cells[*cell].1.persons;
        let populated = parts
            .iter()
            .filter(|cell| is_safe(cell) && persons(cell) > 0);
        if let Some(smallest) = populated.min_by_key(|cell| (persons(cell), **cell)) {
            outcomes[*smallest][measure] = Outcome::Primary(Rule::Differencing { entry });
        }
    }
}
