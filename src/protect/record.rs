//! A release as the ledger records it: its cells, and by what later ones can be compared with them.

use std::collections::HashSet;

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
use crate::plan::table::{Grain, Measure, Method, TablePlan};
use crate::table::counted::HOLDS;
use crate::table::{Accumulator, Block, Confidential, Dimension, Place, Table};

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
            .flat_map(|((plan, table), outcomes)| {
                let method = settings(plan, protection);
                let counted = (0..plan.counted.len()).map(Some);
                let views = [None].into_iter().chain(counted).map(move |counted| View {
                    plan,
                    table,
                    outcomes,
                    counted,
                });
                let views = views.filter(View::has_measures);
                views.map(move |view| view.entry(method.clone(), protection.key))
            })
            .collect(),
    }
}

/// A table without its hidden dimensions, or with one of them: for the ledger each is
/// a table by itself, of the same rows.
struct View<'a> {
    plan: &'a TablePlan,
    table: &'a Table<Confidential>,
    outcomes: &'a Outcomes,
    /// The condition that it counts by.
    counted: Option<usize>,
}

impl View<'_> {
    fn measures(&self) -> impl Iterator<Item = (usize, &Measure)> {
        let measures = self.plan.measures.iter().enumerate();
        measures.filter(|(_, measure)| measure.counted == self.counted)
    }

    fn has_measures(&self) -> bool {
        self.measures().next().is_some()
    }

    /// The places of its dimensions among the table's.
    fn dimensions(&self) -> Vec<usize> {
        let hidden = self.counted.map(|at| self.plan.visible() + at);
        (0..self.plan.visible()).chain(hidden).collect()
    }

    fn blocks(&self) -> impl Iterator<Item = (usize, &Block<Confidential>)> {
        let blocks = self.table.blocks.iter().enumerate();
        blocks.filter(|(_, block)| self.plan.counted_by(&block.grouping) == Ok(self.counted))
    }

    /// The hidden cells of a block whose figures everybody can tell: where both the
    /// count of all and that of those who satisfy the condition are published, and
    /// exact.
    fn told_by_subtraction(
        &self,
        block_at: usize,
        quantities: &[(Quantity, Vec<usize>)],
    ) -> HashSet<(usize, Quantity)> {
        let (plan, table, visible) = (self.plan, self.table, self.plan.visible());
        let block = &table.blocks[block_at];
        let (Some(condition), true) = (block.counted, plan.method == Method::Suppress) else {
            return HashSet::new();
        };
        let is_whole = |other: &&(usize, &Block<Confidential>)| {
            let (_, other) = other;
            other.grouping[..visible] == block.grouping[..visible]
                && plan.counted_by(&other.grouping) == Ok(None)
        };
        let blocks: Vec<_> = table.blocks.iter().enumerate().collect();
        let Some((whole_at, whole)) = blocks.iter().find(is_whole) else {
            return HashSet::new();
        };
        let published = |block: usize, cell: usize, measures: &[usize]| {
            let outcomes = &self.outcomes[block][cell];
            let exact =
                |at: &usize| matches!(outcomes[*at], Outcome::Safe(_) | Outcome::Excepted(_));
            measures.iter().any(exact)
        };
        let mut told = HashSet::new();
        for (quantity, measures) in quantities {
            let of_all = whole.measures().iter().copied();
            let of_all =
                of_all.filter(|at| Quantity::of(&plan.measures[*at], plan, table) == *quantity);
            let of_all: Vec<usize> = of_all.collect();
            let cells = whole.cells.iter().enumerate();
            let cells = cells.filter(|(cell, _)| published(*whole_at, *cell, &of_all));
            let known: HashSet<&[i64]> = cells.map(|(_, (place, _))| &place[..visible]).collect();
            let holds = block.cells.iter().enumerate();
            let holds = holds.filter(|(cell, (place, _))| {
                place[condition] == HOLDS
                    && known.contains(&place[..visible])
                    && published(block_at, *cell, measures)
            });
            let holds: HashSet<&[i64]> = holds.map(|(_, (place, _))| &place[..visible]).collect();
            for (cell, (place, _)) in block.cells.iter().enumerate() {
                if place[condition] != HOLDS && holds.contains(&place[..visible]) {
                    told.insert((cell, *quantity));
                }
            }
        }
        told
    }

    fn entry(&self, method: String, key: &ReleaseKey) -> TableEntry {
        let (plan, table) = (self.plan, self.table);
        let mut quantities: Vec<(Quantity, Vec<usize>)> = Vec::new();
        for (at, measure) in self.measures() {
            let quantity = Quantity::of(measure, plan, table);
            match quantities.iter_mut().find(|(other, _)| *other == quantity) {
                Some((_, measures)) => measures.push(at),
                None => quantities.push((quantity, vec![at])),
            }
        }
        let dimensions = self.dimensions();
        let mut finest = None;
        let mut cells = Vec::new();
        for (block_at, block) in self.blocks() {
            finest = finest.or(Some(&block.cells));
            let outcomes = &self.outcomes[block_at];
            let left = self.told_by_subtraction(block_at, &quantities);
            let each_cell = block.cells.iter().zip(outcomes).enumerate();
            for (cell_at, ((place, cell), outcomes)) in each_cell {
                let figures = quantities.iter().map(|(quantity, measures)| {
                    let outcomes = measures.iter().map(|at| outcomes[*at]);
                    match left.contains(&(cell_at, *quantity)) {
                        true => Figure::Published(value(*quantity, cell)),
                        false => figure(*quantity, cell, outcomes),
                    }
                });
                let figures: Vec<Figure> = figures.collect();
                let each = quantities.iter().map(|(quantity, _)| *quantity);
                let published = |figure: &Figure| matches!(figure, Figure::Published(_));
                let told = figures.iter().any(published);
                let contributions = quantities.iter().zip(&figures);
                cells.push(CellEntry {
                    at: coordinates(table, &dimensions, &block.grouping, place),
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
        let finest = finest.map_or(&[][..], Vec::as_slice);
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
            dimensions: dimensions
                .iter()
                .map(|at| dimension_entry(table, *at))
                .collect(),
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
}

/// What a cell holds of a quantity.
fn value(quantity: Quantity, cell: &Accumulator) -> i128 {
    match quantity {
        Quantity::Persons => cell.persons.into(),
        Quantity::Contribution(at) => cell.totals[at].sum,
    }
}

/// What became of a quantity in a cell, by the outcomes of all its measures.
fn figure(
    quantity: Quantity,
    cell: &Accumulator,
    outcomes: impl Iterator<Item = Outcome> + Clone,
) -> Figure {
    let any = |wanted: fn(&Outcome) -> bool| outcomes.clone().any(|outcome| wanted(&outcome));
    if any(|outcome| matches!(outcome, Outcome::Safe(_) | Outcome::Excepted(_))) {
        Figure::Published(value(quantity, cell))
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

fn coordinates(
    table: &Table<Confidential>,
    dimensions: &[usize],
    grouping: &[Grain],
    place: &Place,
) -> Vec<Coordinate> {
    let coordinates = dimensions.iter().map(|&at| {
        let (grain, dimension) = (grouping[at], &table.dimensions[at]);
        let category = dimension.category(grain, place[at]);
        match grain {
            Grain::Own => Coordinate::Own(category),
            Grain::Level(level) => Coordinate::Level(level, category),
            Grain::Total => Coordinate::Total,
        }
    });
    coordinates.collect()
}

fn dimension_entry(table: &Table<Confidential>, at: usize) -> DimensionEntry {
    let dimension = &table.dimensions[at];
    DimensionEntry {
        name: dimension.name.clone(),
        levels: (0..dimension.levels.len())
            .map(|level| level_entry(table, at, dimension, level))
            .collect(),
    }
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
