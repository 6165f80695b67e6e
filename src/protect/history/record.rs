//! A release as the ledger records it: its cells, and by what later ones can be compared with them.

mod denominator;
mod joint;
mod jointly;
mod quantities;
mod unfinished;

use std::collections::{BTreeSet, HashSet};

use crate::ledger::entry::{
    CategoryEntry, CellEntry, Coordinate, DimensionEntry, Figure, Fingerprint, LackingEntry,
    LevelEntry, NameEntry, Origin, PromiseEntry, QuantityEntry, ReleaseEntry, TableEntry,
    UnsafeSum,
};
use crate::plan::table::{Grain, MethodPlan, TablePlan};
use crate::plan::{Plan, Source};
use crate::protect::history::earlier::{all, all_rows, fingerprint, rows_fingerprint};
use crate::protect::history::padded::Pads;
use crate::protect::history::singletons::singleton;
use crate::protect::method::settings;
use crate::protect::primary::Outcomes;
use crate::protect::quantity::Quantity;
use crate::protect::{Outcome, Protection, Rule};
use crate::table::cell::Contribution;
use crate::table::counted::HOLDS;
use crate::table::{
    Accumulator, Block, Confidential, Dimension, Place, Population, Provenance, Table,
};
pub(in crate::protect) use denominator::denominator;
use denominator::of_denominator;
use joint::joint_entry;
use jointly::jointly;
use kobling_sdc::noise::Rho;
use quantities::{contribution, figure, level, signs, value};
pub(in crate::protect) use unfinished::of_population;

/// The entry of a release of these `tables`, of which `outcomes` is to be published.
///
/// # Panics
///
/// If no record keys were folded.
pub(in crate::protect) fn entry(
    (plan, provenance): (&Plan, &Provenance),
    (tables, populations): (&[Table<Confidential>], &[Population]),
    outcomes: &[Outcomes],
    spent: Option<Rho>,
    protection: &Protection,
) -> ReleaseEntry {
    let all = 0..tables.len();
    let contents = provenance.inputs.iter();
    let contents =
        contents.filter_map(|input| Some((input.source.clone(), input.content.clone()?)));
    ReleaseEntry {
        made_at: plan.time().to_string(),
        epoch: plan.epoch(),
        extracts: contents.collect(),
        rho_billionths: spent.map_or(0, Rho::billionths),
        tables: table_entries(all, plan, (tables, populations), outcomes, protection),
        plan_digest: plan.digest().to_string(),
    }
}

/// The entries of those tables of a release whose places are `wanted`, and of the joint tables
/// of the populations.
fn table_entries(
    wanted: impl Iterator<Item = usize>,
    plan: &Plan,
    (tables, populations): (&[Table<Confidential>], &[Population]),
    outcomes: &[Outcomes],
    protection: &Protection,
) -> Vec<TableEntry> {
    let plan_digest = plan.digest().to_string();
    let pads = Pads {
        key: &protection.key,
        plan_digest: &plan_digest,
    };
    // What separates most of the rows comes first.
    let joint = populations.iter().filter_map(|population| {
        let method = settings(&plan.tables()[population.members[0].table], protection);
        joint_entry(population, (plan.tables(), tables), method, pads)
    });
    let each = wanted.map(|at| {
        let view = RecordedTable {
            plan: &plan.tables()[at],
            table: &tables[at],
            outcomes: &outcomes[at],
            of: (at, populations, tables),
        };
        view.entry(settings(view.plan, protection), plan.sources(), pads)
    });
    joint.chain(each).collect()
}

/// A table, and what becomes of its cells.
struct RecordedTable<'a> {
    plan: &'a TablePlan,
    table: &'a Table<Confidential>,
    outcomes: &'a Outcomes,
    /// Its place among the plan's tables, and the other tables.
    of: (usize, &'a [Population], &'a [Table<Confidential>]),
}

impl RecordedTable<'_> {
    /// Whether somebody who is not in a cell may be in finer ones that it is the sum of:
    /// whoever satisfies a condition by one of several rows does not by each.
    fn overlaps(&self, block: usize, place: &Place) -> bool {
        let counted = self.table.blocks[block].counted;
        let fails = counted.is_some_and(|condition| place[condition] != HOLDS);
        let (at, populations, _) = self.of;
        let mut populations = populations.iter();
        let is_joint = populations.any(|population| {
            let mut members = population.members.iter();
            population.joint.is_some() && members.any(|member| member.table == at)
        });
        fails && !self.plan.one_row_a_person && (block > 0 || is_joint)
    }

    /// A condition as the population's table has it by which it is protected.
    fn jointly(&self, dimension: usize, quantities: &[Quantity]) -> Vec<CategoryEntry> {
        let (table, populations, tables) = self.of;
        let mut populations = populations.iter();
        let population = populations.find(|population| {
            population
                .members
                .iter()
                .any(|member| member.table == table)
        });
        let hidden = self.plan.by[dimension].is_hidden();
        let population = population.filter(|_| hidden);
        population.map_or_else(Vec::new, |population| {
            jointly((population, tables), (table, dimension), quantities)
        })
    }

    /// The hidden cells of a block whose figures everybody can derive: where both the
    /// count of all and that of those who satisfy the condition are published, and
    /// exact.
    fn derivable_by_subtraction(
        &self,
        block_at: usize,
        quantities: &[(Quantity, Vec<usize>)],
    ) -> HashSet<(usize, Quantity)> {
        let (plan, table, visible) = (self.plan, self.table, self.plan.visible());
        let block = &table.blocks[block_at];
        let (Some(condition), true) = (block.counted, plan.method == MethodPlan::Suppress) else {
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
        let mut derivable = HashSet::new();
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
                    derivable.insert((cell, *quantity));
                }
            }
        }
        derivable
    }

    fn entry(&self, method: String, sources: &[Source], pads: Pads<'_>) -> TableEntry {
        let (plan, table) = (self.plan, self.table);
        let (origins, lacking) = (plan.origins(sources), plan.lacking(sources));
        let mut quantities: Vec<(Quantity, Vec<usize>)> = Vec::new();
        for (at, measure) in plan.measures.iter().enumerate() {
            let own = Quantity::of(measure, plan, table);
            for quantity in [own].into_iter().chain(denominator(measure, plan, table)) {
                match quantities.iter_mut().find(|(other, _)| *other == quantity) {
                    Some((_, measures)) => measures.push(at),
                    None => quantities.push((quantity, vec![at])),
                }
            }
        }
        // A sum says that its cell reaches the threshold, so later proofs need the numbers.
        let counts = |(quantity, _): &(Quantity, _)| *quantity == Quantity::Persons;
        if plan.method == MethodPlan::Suppress && !quantities.iter().any(counts) {
            quantities.push((Quantity::Persons, Vec::new()));
        }
        let each: Vec<Quantity> = quantities.iter().map(|(quantity, _)| *quantity).collect();
        let dimensions = 0..plan.by.len();
        let finest = &table.blocks[0].cells;
        let mut cells = Vec::new();
        for (block_at, block) in table.blocks.iter().enumerate() {
            let outcomes = &self.outcomes[block_at];
            let left = self.derivable_by_subtraction(block_at, &quantities);
            let each_cell = block.cells.iter().zip(outcomes).enumerate();
            for (cell_at, ((place, cell), outcomes)) in each_cell {
                let discloses_group = outcomes.contains(&Outcome::Primary(Rule::GroupDisclosure));
                let figures = quantities.iter().map(|(quantity, measures)| {
                    let own = measures.iter().filter(|at| block.publishes(**at));
                    let outcomes = own.map(|at| {
                        let measure = &plan.measures[*at];
                        match Quantity::of(measure, plan, table) == *quantity {
                            true => outcomes[*at],
                            false => of_denominator(outcomes[*at], measure, table, cell),
                        }
                    });
                    let is_derivable = left.contains(&(cell_at, *quantity));
                    match figure(*quantity, cell, outcomes) {
                        _ if is_derivable => Figure::Published(value(*quantity, cell)),
                        // It is a fact about persons, also of a table that has sums only.
                        Figure::Complementary
                            if *quantity == Quantity::Persons && discloses_group =>
                        {
                            Figure::Primary
                        }
                        figure => figure,
                    }
                });
                let figures: Vec<Figure> = figures.collect();
                let unsafe_sums = quantities.iter().map(|(quantity, measures)| {
                    let own = measures.iter().filter(|at| block.publishes(**at));
                    let own = own
                        .filter(|at| Quantity::of(&plan.measures[**at], plan, table) == *quantity);
                    let level = own.filter_map(|at| level(*quantity, outcomes[*at], plan, cell));
                    let rows = Fingerprint(rows_fingerprint(cell));
                    let held = Fingerprint(fingerprint(cell, *quantity));
                    let of = (value(*quantity, cell), level.max()?);
                    Some(pads.sum(of, rows, held))
                });
                let cell = RecordedCell {
                    at: coordinates(table, &block.grouping, place),
                    unsafe_sums: unsafe_sums.collect(),
                    figures,
                    cell,
                    is_apart: !self.overlaps(block_at, place),
                };
                cells.push(cell.entry(&each, pads));
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
            promise: promise(plan),
            dimensions: dimensions
                .zip(origins.into_iter().zip(lacking))
                .map(|(at, (origins, lacking))| DimensionEntry {
                    hidden: plan.by[at].is_hidden(),
                    origins,
                    lacking: lacking.map(|(ordinal, of)| LackingEntry {
                        name: table.dimensions[at].category(Grain::Own, ordinal),
                        of,
                    }),
                    jointly: self.jointly(at, &each),
                    ..dimension_entry(table, at, plan.protect.min_persons)
                })
                .collect(),
            quantities: quantities
                .iter()
                .map(|(quantity, measures)| QuantityEntry {
                    measures: names(measures),
                    fingerprint: Fingerprint(all(finest, *quantity)),
                    of: values_of(*quantity, table, plan, sources),
                    of_rows: quantity.is_of_rows(table),
                })
                .collect(),
            cells,
        }
    }
}

/// A cell with what becomes of it.
struct RecordedCell<'a> {
    at: Vec<Coordinate>,
    cell: &'a Accumulator,
    /// By quantity.
    figures: Vec<Figure>,
    unsafe_sums: Vec<Option<UnsafeSum>>,
    /// Whether nobody else is in the finest cells that it is the sum of.
    is_apart: bool,
}

impl RecordedCell<'_> {
    fn entry(self, quantities: &[Quantity], pads: Pads<'_>) -> CellEntry {
        let (cell, rows) = (self.cell, Fingerprint(rows_fingerprint(self.cell)));
        let published = |figure: &Figure| matches!(figure, Figure::Published(_));
        let is_published = self.figures.iter().any(published);
        let each = quantities.iter().copied();
        let contributions = each
            .clone()
            .zip(&self.figures)
            .map(|(quantity, figure)| contribution(quantity, cell).filter(|_| published(figure)));
        CellEntry {
            at: self.at,
            rows,
            persons: is_published.then_some(cell.persons),
            padded: pads.persons(cell.persons, rows),
            sketch: cell
                .keys
                .as_ref()
                .map(|keys| keys.sketch)
                .filter(|_| is_published),
            contributions: contributions.collect(),
            fingerprints: each
                .clone()
                .map(|quantity| Fingerprint(fingerprint(cell, quantity)))
                .collect(),
            signs: each.clone().map(|quantity| signs(quantity, cell)).collect(),
            singletons: each
                .map(|quantity| singleton(cell, quantity, pads.key).filter(|_| self.is_apart))
                .collect(),
            unsafe_sums: self.unsafe_sums,
            figures: self.figures,
        }
    }
}

/// What a person must have a value of to contribute.
fn values_of(
    quantity: Quantity,
    table: &Table<Confidential>,
    plan: &TablePlan,
    sources: &[Source],
) -> Option<Origin> {
    match quantity {
        Quantity::Contribution(at) => match table.contributions[at] {
            Contribution::Values(operand) => plan.values_of(sources, operand),
            Contribution::Rows => None,
        },
        Quantity::Persons => None,
    }
}

fn promise(plan: &TablePlan) -> PromiseEntry {
    PromiseEntry {
        min_persons: plan.protect.min_persons,
        count_interval: plan.protect.count_interval,
    }
}

fn coordinates(table: &Table<Confidential>, grouping: &[Grain], place: &Place) -> Vec<Coordinate> {
    let dimensions = table.dimensions.iter().zip(grouping).zip(place);
    let coordinates = dimensions.map(|((dimension, grain), ordinal)| {
        let category = dimension.category(*grain, *ordinal);
        match grain {
            Grain::Own => Coordinate::Own(category),
            Grain::Level(level) => Coordinate::Level(*level, category),
            Grain::Total => Coordinate::Total,
        }
    });
    coordinates.collect()
}

fn dimension_entry(table: &Table<Confidential>, at: usize, min_persons: u64) -> DimensionEntry {
    let dimension = &table.dimensions[at];
    let levels = 0..dimension.levels.len();
    let grains = [Grain::Own]
        .into_iter()
        .chain(levels.clone().map(Grain::Level));
    let names = grains.flat_map(|grain| {
        let listed = dimension.listed_at(grain).into_iter();
        listed.filter_map(move |ordinal| {
            let persons = dimension.least_listed(grain, ordinal, min_persons)?;
            let category = dimension.category(grain, ordinal);
            let at = match grain {
                Grain::Level(level) => Coordinate::Level(level, category),
                Grain::Own | Grain::Total => Coordinate::Own(category),
            };
            Some(NameEntry { at, persons })
        })
    });
    DimensionEntry {
        name: dimension.name.clone(),
        hidden: false,
        origins: BTreeSet::new(),
        lacking: None,
        names: names.collect(),
        jointly: Vec::new(),
        levels: levels
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
