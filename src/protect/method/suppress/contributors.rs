//! What a figure says of suppressed numbers of persons: how many contribute to it.
//!
//! Whole numbers that 14 persons have add up to a whole number, and 234.928… times 14 is one:
//! the digits of a mean say what it is over. Of 15 persons 14 have an income then, so one is
//! in none of the bands of the same register, though that number is suppressed. A sum of
//! contributions that the plan clips bounds how many there are, too. So the number of contributors
//! is taken for known where one of these is published: if a table that shows a
//! number of persons to be uncertain has another, the figure is suppressed.
//!
//! Any sum says that it has `min_persons` contributors, for of fewer it would not be published:
//! of 5 persons one at most is without an income. If a table that shows a number to be uncertain
//! has fewer, the sum is suppressed.

mod before;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Suppression;
use crate::error::Result;
use crate::protect::Outcome;
use crate::protect::quantity::Quantity;
use crate::protect::view::{CellLocation, TrueTable, located};
use crate::table::{Accumulator, Population};
use kobling_sdc::proof::Proof;
use kobling_sdc::structure::Structure;

/// A measure of a table, of contributions that not everybody has.
struct Figure {
    table: usize,
    measure: usize,
    /// Whether it says how many contribute.
    tells: bool,
}

/// Cells that in a table of some proofs have another number of contributors; and those among
/// them that have fewer than `min_persons`.
#[derive(Default)]
struct Otherwise {
    other: BTreeSet<u32>,
    few: BTreeSet<u32>,
}

/// Who contributes, of the persons in the inner cells of some categories.
#[derive(Clone, Copy)]
enum Contribute {
    All,
    Nobody,
    Some,
}

impl Suppression<'_> {
    /// Suppresses, of the population's tables, the figures that say of their contributors what is
    /// otherwise in any table of these `proofs`.
    pub(super) fn beside_contributors(
        &mut self,
        (population, table): (&Population, Option<TrueTable<'_>>),
        proofs: &[Proof],
    ) -> Result<()> {
        let measures = self.of_some_persons(population);
        let (cells, locations) = located(population, self.tables, |table, block| {
            let mut own = measures.values().flatten();
            own.any(|figure| figure.table == table && block.measures().contains(&figure.measure))
        })?;
        let cells_of = cells.transposed();
        for (contribution, figures) in measures {
            let tells = figures.iter().any(|figure| figure.tells);
            let margins = self.more_than_needed(population, contribution, &locations);
            let known = (&cells_of, &margins[..]);
            let mut found =
                self.contributed_otherwise(population, (contribution, tells), known, proofs);
            let first = figures.first().map(|figure| (figure.table, figure.measure));
            let truth = first.zip(table);
            if let Some(before) = truth.and_then(|(of, truth)| self.before(of, truth)) {
                let own = population.inner(self.tables).len();
                let more = before.otherwise((own, &cells_of), &margins, proofs);
                found.other.extend(more.other.iter().filter(|_| tells));
                found.few.extend(more.few);
            }
            for figure in figures {
                let gone = if figure.tells {
                    &found.other
                } else {
                    &found.few
                };
                let located = gone.iter().map(|cell| locations[*cell as usize]);
                for location in located.filter(|location| location.table == figure.table) {
                    let blocks = &mut self.outcomes[location.table];
                    let own = &mut blocks[location.block][location.cell][figure.measure];
                    if matches!(own, Outcome::Safe(_)) {
                        *own = Outcome::Complementary;
                    }
                }
            }
        }
        Ok(())
    }

    /// By contribution that not everybody has: the figures of it.
    fn of_some_persons(&self, population: &Population) -> BTreeMap<usize, Vec<Figure>> {
        let inner = population.inner(self.tables);
        let mut figures: BTreeMap<usize, Vec<Figure>> = BTreeMap::new();
        for member in &population.members {
            let (table, plan) = (member.table, &self.plan.tables()[member.table]);
            let telling: BTreeSet<usize> = plan
                .telling_values(self.plan.sources())
                .map(|(measure, _)| measure)
                .collect();
            for (at, measure) in plan.measures.iter().enumerate() {
                let own = Quantity::of(measure, plan, &self.tables[table]);
                let Quantity::Contribution(of) = own.of_member(member) else {
                    continue;
                };
                let has = |(_, cell): &(_, Accumulator)| cell.totals[of].rows == cell.rows;
                if !inner.iter().all(has) {
                    figures.entry(of).or_default().push(Figure {
                        table,
                        measure: at,
                        tells: telling.contains(&at),
                    });
                }
            }
        }
        figures
    }

    /// What is otherwise of a contribution in the tables of these proofs, for figures some of
    /// which may tell how many contribute.
    fn contributed_otherwise(
        &self,
        population: &Population,
        (contribution, tells): (usize, bool),
        (cells_of, margins): (&Structure, &[i128]),
        proofs: &[Proof],
    ) -> Otherwise {
        let inner = population.inner(self.tables);
        let who = self.who_contributes(population, contribution);
        let more = |at: u32, more: i64, first: bool| {
            let (cell, more) = (&inner[at as usize].1, i128::from(more));
            let contributors = i128::from(cell.totals[contribution].contributors);
            match who[at as usize] {
                Contribute::All => more,
                Contribute::Nobody => 0,
                Contribute::Some if first => more.max(-contributors),
                Contribute::Some => (more + i128::from(cell.persons) - contributors).min(0),
            }
        };
        let mut otherwise = Otherwise::default();
        for change in proofs.iter().flat_map(|proof| &proof.changes) {
            // Where some contribute, those who come and go may be contributors first, or last:
            // one such table is enough.
            let found = [true, false].map(|first| {
                let mut moved: BTreeMap<u32, i128> = BTreeMap::new();
                for (at, persons) in &change.inner {
                    // Beyond these are those of earlier releases.
                    if (*at as usize) < inner.len() {
                        for cell in cells_of.members(*at as usize) {
                            *moved.entry(*cell).or_default() += more(*at, *persons, first);
                        }
                    }
                }
                let is_few = |(cell, more): &(&u32, &i128)| {
                    **more != 0 && margins[**cell as usize] + **more < 0
                };
                let few: Vec<u32> = moved.iter().filter(is_few).map(|(cell, _)| *cell).collect();
                moved.retain(|_, more| tells && *more != 0);
                (moved, few)
            });
            let [one, other] = found;
            let lost = |(moved, few): &(BTreeMap<u32, i128>, Vec<u32>)| moved.len() + few.len();
            let (moved, few) = if lost(&one) <= lost(&other) {
                one
            } else {
                other
            };
            otherwise.other.extend(moved.into_keys());
            otherwise.few.extend(few);
        }
        otherwise
    }

    /// By cell, how many contributors there are beyond `min_persons`.
    fn more_than_needed(
        &self,
        population: &Population,
        contribution: usize,
        locations: &[CellLocation],
    ) -> Vec<i128> {
        let mut own: HashMap<usize, Option<usize>> = HashMap::new();
        for member in &population.members {
            let mut contributions = member.contributions.iter();
            own.insert(
                member.table,
                contributions.position(|of| *of == contribution),
            );
        }
        let each = locations.iter().map(|location| {
            let least = self.plan.tables()[location.table].protect.min_persons;
            let cells = &self.tables[location.table].blocks[location.block].cells;
            let total = own[&location.table].map(|own| &cells[location.cell].1.totals[own]);
            i128::from(total.map_or(0, |total| total.contributors)) - i128::from(least)
        });
        each.collect()
    }

    /// Of each inner cell, who contributes of those in its categories of what the contribution
    /// is made from: everybody may know if all do, or nobody.
    fn who_contributes(&self, population: &Population, contribution: usize) -> Vec<Contribute> {
        let inner = population.inner(self.tables);
        let tied = population.tied(contribution);
        let categories = |place: &[i64]| -> Vec<i64> { tied.iter().map(|at| place[*at]).collect() };
        let mut counted: HashMap<Vec<i64>, (u64, u64)> = HashMap::new();
        for (place, cell) in inner {
            let (persons, contributors) = counted.entry(categories(place)).or_default();
            *persons += cell.persons;
            *contributors += cell.totals[contribution].contributors;
        }
        let who = inner
            .iter()
            .map(|(place, _)| match counted[&categories(place)] {
                (persons, contributors) if contributors == persons => Contribute::All,
                (_, 0) => Contribute::Nobody,
                _ => Contribute::Some,
            });
        who.collect()
    }
}
