//! A release as the ledger records it: its cells, and by what later ones can be compared with them.

use super::earlier::{fingerprint, rows_fingerprint};
use super::primary::Outcomes;
use super::view::Quantity;
use super::{Outcome, method_name};
use crate::ledger::entry::{
    CellEntry, Coordinate, DimensionEntry, Figure, Fingerprint, LevelEntry, QuantityEntry,
    ReleaseEntry, TableEntry,
};
use crate::plan::Plan;
use crate::plan::table::Grain;
use crate::table::population::Member;
use crate::table::{Accumulator, Confidential, Dimension, Place, Population, Table};

/// The entry of a release of these `tables`, of which `outcomes` is to be published.
///
/// # Panics
///
/// If no record keys were folded.
pub(super) fn entry(
    plan: &Plan,
    tables: &[Table<Confidential>],
    populations: &[Population],
    outcomes: &[Outcomes],
) -> ReleaseEntry {
    let mut entries: Vec<(usize, TableEntry)> = Vec::new();
    for population in populations {
        let quantities = population.quantities(plan.tables(), tables);
        for member in &population.members {
            let recorded = Recorded {
                plan,
                tables,
                population,
                member,
                outcomes: &outcomes[member.table],
            };
            entries.push((member.table, recorded.entry(&quantities)));
        }
    }
    entries.sort_by_key(|(table, _)| *table);
    ReleaseEntry {
        made_at: crate::plan::scalar::now(),
        plan_digest: plan.digest().to_string(),
        epoch: plan.epoch(),
        rho_billionths: 0,
        tables: entries.into_iter().map(|(_, entry)| entry).collect(),
    }
}

/// One table, and what was made of it.
struct Recorded<'a> {
    plan: &'a Plan,
    tables: &'a [Table<Confidential>],
    population: &'a Population,
    member: &'a Member,
    outcomes: &'a Outcomes,
}

impl Recorded<'_> {
    fn entry(&self, quantities: &[Quantity]) -> TableEntry {
        let (table, plans) = (&self.tables[self.member.table], self.plan.tables());
        let plan = &plans[self.member.table];
        let of = |quantity: &Quantity| {
            let measures =
                self.population
                    .measures(self.member.table, *quantity, plans, self.tables);
            (!measures.is_empty()).then_some((*quantity, measures))
        };
        let quantities: Vec<(Quantity, Vec<usize>)> = quantities.iter().filter_map(of).collect();
        let mut cells = Vec::new();
        for (block, outcomes) in table.blocks.iter().zip(self.outcomes) {
            for ((place, figures), outcomes) in block.cells.iter().zip(outcomes) {
                let figure = |(quantity, measures): &(Quantity, Vec<usize>)| {
                    let outcomes = measures.iter().map(|at| outcomes[*at]);
                    self.figure(*quantity, figures, outcomes)
                };
                let told: Vec<Figure> = quantities.iter().map(figure).collect();
                let fingerprints = quantities.iter().map(|(quantity, _)| {
                    Fingerprint(fingerprint(figures, self.own_place(*quantity)))
                });
                let published = |figure: &Figure| matches!(figure, Figure::Published(_));
                cells.push(CellEntry {
                    at: coordinates(table, &block.grouping, place),
                    rows: Fingerprint(rows_fingerprint(figures)),
                    persons: told.iter().any(published).then_some(figures.persons),
                    fingerprints: fingerprints.collect(),
                    figures: told,
                });
            }
        }
        TableEntry {
            name: plan.name.clone(),
            base: plan.slots[0].name.clone(),
            population: Fingerprint(self.population.rows(self.tables)),
            method: method_name(self.plan, &plan.name).to_owned(),
            dimensions: dimensions(table),
            quantities: quantities
                .iter()
                .map(|(quantity, measures)| QuantityEntry {
                    measures: measures
                        .iter()
                        .map(|at| plan.measures[*at].name.clone())
                        .collect(),
                    fingerprint: Fingerprint(self.population.whole(*quantity, self.tables)),
                })
                .collect(),
            cells,
        }
    }

    /// The quantity by its place among the table's own contributions.
    fn own_place(&self, quantity: Quantity) -> Quantity {
        match quantity {
            Quantity::Persons => Quantity::Persons,
            Quantity::Contribution(at) => {
                let mut own = self.member.contributions.iter();
                let own = own.position(|place| *place == at);
                Quantity::Contribution(own.expect("the table publishes the quantity"))
            }
        }
    }

    fn figure(
        &self,
        quantity: Quantity,
        figures: &Accumulator,
        outcomes: impl Iterator<Item = Outcome> + Clone,
    ) -> Figure {
        let value = match self.own_place(quantity) {
            Quantity::Persons => figures.persons.into(),
            Quantity::Contribution(at) => figures.totals[at].sum,
        };
        let any = |wanted: fn(&Outcome) -> bool| outcomes.clone().any(|outcome| wanted(&outcome));
        if any(|outcome| matches!(outcome, Outcome::Safe(_) | Outcome::Excepted(_))) {
            Figure::Published(value)
        } else if any(|outcome| matches!(outcome, Outcome::Primary(_))) {
            Figure::Primary
        } else {
            Figure::Complementary
        }
    }
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
