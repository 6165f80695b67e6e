//! What a mean says of suppressed numbers of persons: how many contribute to it.
//!
//! Whole numbers that 14 persons have add up to a whole number, and 234.928… times 14 is one:
//! the digits of a mean say what it is over. Of 15 persons 14 have an income then, so one is
//! in none of the bands of the same register, though that number is suppressed. A sum of
//! contributions that the plan clips bounds how many there are, too. So the number of contributors
//! is taken for known where one of these is published: if a table that shows a
//! number of persons to be uncertain has another, the figure is suppressed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Suppression;
use crate::error::Result;
use crate::protect::Outcome;
use crate::protect::quantity::Quantity;
use crate::protect::view::located;
use crate::table::Population;
use kobling_sdc::proof::Proof;
use kobling_sdc::structure::Structure;

/// Who contributes, of the persons in the inner cells of some categories.
#[derive(Clone, Copy)]
enum Contribute {
    All,
    Nobody,
    Some,
}

impl Suppression<'_> {
    /// Suppresses, of the population's tables, the figures of which the number of contributors is
    /// another one in any table of these `proofs`.
    pub(super) fn beside_contributors(
        &mut self,
        population: &Population,
        proofs: &[Proof],
    ) -> Result<()> {
        let measures = self.telling_contributors(population);
        if measures.is_empty() {
            return Ok(());
        }
        let (cells, locations) = located(population, self.tables, |table, block| {
            let mut own = measures.values().flatten();
            own.any(|(of, measure)| *of == table && block.measures().contains(measure))
        })?;
        let cells_of = cells.transposed();
        for (contribution, measures) in measures {
            for cell in self.of_other_contributors(population, contribution, &cells_of, proofs) {
                let location = locations[cell as usize];
                let outcomes = &mut self.outcomes[location.table][location.block][location.cell];
                for (table, measure) in &measures {
                    if *table == location.table && matches!(outcomes[*measure], Outcome::Safe(_)) {
                        outcomes[*measure] = Outcome::Complementary;
                    }
                }
            }
        }
        Ok(())
    }

    /// By contribution that not everybody has: the measures, by table, that tell how many do.
    fn telling_contributors(
        &self,
        population: &Population,
    ) -> BTreeMap<usize, Vec<(usize, usize)>> {
        let inner = population.inner(self.tables);
        let mut telling: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for member in &population.members {
            let plan = &self.plan.tables()[member.table];
            for (at, _) in plan.telling_values(self.plan.sources()) {
                let own = Quantity::of(&plan.measures[at], plan, &self.tables[member.table]);
                let Quantity::Contribution(of) = own.of_member(member) else {
                    continue;
                };
                let lacking = || {
                    inner
                        .iter()
                        .any(|(_, cell)| cell.totals[of].rows < cell.rows)
                };
                if lacking() {
                    telling.entry(of).or_default().push((member.table, at));
                }
            }
        }
        telling
    }

    /// The cells with another number of contributors in a table of these proofs.
    fn of_other_contributors(
        &self,
        population: &Population,
        contribution: usize,
        cells_of: &Structure,
        proofs: &[Proof],
    ) -> BTreeSet<u32> {
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
        let mut other = BTreeSet::new();
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
                moved.retain(|_, more| *more != 0);
                moved
            });
            let fewest = found.into_iter().min_by_key(BTreeMap::len);
            other.extend(fewest.into_iter().flat_map(BTreeMap::into_keys));
        }
        other
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
