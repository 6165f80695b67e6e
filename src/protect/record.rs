//! A release as the ledger records it: its cells, and by what later ones can be compared with them.

use super::earlier::{all, all_rows, fingerprint, rows_fingerprint, settings};
use super::lone::lone;
use super::noise::Rho;
use super::primary::Outcomes;
use super::view::Quantity;
use super::{Outcome, Protection};
use crate::key::ReleaseKey;
use crate::ledger::entry::{
    CellEntry, ContributionEntry, Coordinate, DimensionEntry, Figure, Fingerprint, LevelEntry,
    PowerOfTwo, QuantityEntry, ReleaseEntry, Signs, TableEntry,
};
use crate::plan::Plan;
use crate::plan::scalar::now;
use crate::plan::table::{Grain, TablePlan};
use crate::table::{Accumulator, Confidential, Dimension, Place, Table};

/// The entry of a release of these `tables`, of which `outcomes` is to be published.
///
/// # Panics
///
/// If no record keys were folded.
pub(super) fn entry(
    plan: &Plan,
    tables: &[Table<Confidential>],
    outcomes: &[Outcomes],
    spent: Option<Rho>,
    protection: &Protection<'_>,
) -> ReleaseEntry {
    let each = plan.tables().iter().zip(tables).zip(outcomes);
    ReleaseEntry {
        made_at: now(),
        plan_digest: plan.digest().to_string(),
        epoch: plan.epoch(),
        rho_billionths: spent.map_or(0, Rho::billionths),
        tables: each
            .map(|((plan, table), outcomes)| {
                let method = settings(plan, protection);
                table_entry(plan, table, outcomes, method, protection.key)
            })
            .collect(),
    }
}

fn table_entry(
    plan: &TablePlan,
    table: &Table<Confidential>,
    outcomes: &Outcomes,
    method: String,
    key: &ReleaseKey,
) -> TableEntry {
    let mut quantities: Vec<(Quantity, Vec<usize>)> = Vec::new();
    for (at, measure) in plan.measures.iter().enumerate() {
        let quantity = Quantity::of(measure, plan, table);
        match quantities.iter_mut().find(|(other, _)| *other == quantity) {
            Some((_, measures)) => measures.push(at),
            None => quantities.push((quantity, vec![at])),
        }
    }
    let finest = &table.blocks[0].cells;
    let mut cells = Vec::new();
    for (block, outcomes) in table.blocks.iter().zip(outcomes) {
        for ((place, cell), outcomes) in block.cells.iter().zip(outcomes) {
            let figures = quantities.iter().map(|(quantity, measures)| {
                let outcomes = measures.iter().map(|at| outcomes[*at]);
                figure(*quantity, cell, outcomes)
            });
            let figures: Vec<Figure> = figures.collect();
            let each = quantities.iter().map(|(quantity, _)| *quantity);
            let published = |figure: &Figure| matches!(figure, Figure::Published(_));
            let told = figures.iter().any(published);
            let contributions = quantities.iter().zip(&figures);
            cells.push(CellEntry {
                at: coordinates(table, &block.grouping, place),
                rows: Fingerprint(rows_fingerprint(cell)),
                persons: told.then_some(cell.persons),
                sketch: cell.keys.as_ref().map(|keys| keys.sketch).filter(|_| told),
                contributions: contributions
                    .map(|((quantity, _), figure)| {
                        contribution(*quantity, cell).filter(|_| published(figure))
                    })
                    .collect(),
                fingerprints: each
                    .clone()
                    .map(|quantity| Fingerprint(fingerprint(cell, quantity)))
                    .collect(),
                alone: each.map(|quantity| lone(cell, quantity, key)).collect(),
                figures,
            });
        }
    }
    let names = |measures: &[usize]| -> Vec<String> {
        let names = measures.iter().map(|at| plan.measures[*at].name.clone());
        names.collect()
    };
    TableEntry {
        name: plan.name.clone(),
        base: plan.slots[0].name.clone(),
        population: Fingerprint(all_rows(finest)),
        one_row_each: plan.one_row_a_person,
        method,
        dimensions: dimensions(table),
        quantities: quantities
            .iter()
            .map(|(quantity, measures)| QuantityEntry {
                measures: names(measures),
                fingerprint: Fingerprint(all(finest, *quantity)),
            })
            .collect(),
        cells,
    }
}

/// What became of a quantity in a cell, by the outcomes of all its measures.
fn figure(
    quantity: Quantity,
    cell: &Accumulator,
    outcomes: impl Iterator<Item = Outcome> + Clone,
) -> Figure {
    let value = match quantity {
        Quantity::Persons => cell.persons.into(),
        Quantity::Contribution(at) => cell.totals[at].sum,
    };
    let any = |wanted: fn(&Outcome) -> bool| outcomes.clone().any(|outcome| wanted(&outcome));
    if any(|outcome| matches!(outcome, Outcome::Safe(_) | Outcome::Excepted(_))) {
        Figure::Published(value)
    } else if any(|outcome| matches!(outcome, Outcome::Perturbed(_))) {
        Figure::Perturbed
    } else if any(|outcome| matches!(outcome, Outcome::Primary(_))) {
        Figure::Primary
    } else {
        Figure::Complementary
    }
}

/// Who contributes what to a sum; a number of persons has no such thing.
fn contribution(quantity: Quantity, cell: &Accumulator) -> Option<ContributionEntry> {
    let Quantity::Contribution(at) = quantity else {
        return None;
    };
    let total = &cell.totals[at];
    let largest = total.top.largest(1).first().copied().unwrap_or(0);
    Some(ContributionEntry {
        sketch: cell.keys.as_ref()?.contributions[at].sketch,
        largest: u128::try_from(largest).ok().map(PowerOfTwo::above),
        signs: Signs::of(total.negative(), total.positive()),
    })
}

fn coordinates(table: &Table<Confidential>, grouping: &[Grain], place: &Place) -> Vec<Coordinate> {
    let places = table.dimensions.iter().zip(grouping).zip(place);
    let coordinates = places.map(|((dimension, grain), ordinal)| {
        let category = dimension.category(*grain, *ordinal);
        match grain {
            Grain::Own => Coordinate::Own(category),
            Grain::Level(level) => Coordinate::Level(*level, category),
            Grain::Total => Coordinate::Total,
        }
    });
    coordinates.collect()
}

fn dimensions(table: &Table<Confidential>) -> Vec<DimensionEntry> {
    let dimensions = table.dimensions.iter().enumerate();
    let dimensions = dimensions.map(|(at, dimension)| DimensionEntry {
        name: dimension.name.clone(),
        levels: (0..dimension.levels.len())
            .map(|level| level_entry(table, at, dimension, level))
            .collect(),
    });
    dimensions.collect()
}

/// A level, for those of the dimension's own categories that a cell has.
fn level_entry(
    table: &Table<Confidential>,
    at: usize,
    dimension: &Dimension,
    level: usize,
) -> LevelEntry {
    let own = table.blocks[0].cells.iter().map(|(place, _)| place[at]);
    let of = own.filter_map(|ordinal| {
        let coarser = dimension.at(Grain::Level(level), ordinal).ok()?;
        let own = dimension.category(Grain::Own, ordinal)?;
        Some((own, dimension.category(Grain::Level(level), coarser)?))
    });
    LevelEntry {
        name: dimension.levels[level].name.clone(),
        of: of.collect(),
    }
}
