//! What figures of one quantity say of another: sums of a column by whose values cells
//! are defined, and rows, which are at least as many as persons.
//!
//! Of persons with incomes from 200 to 299 a sum of 20,284 says that there are at least
//! 68 of them and at most 101: who knows the bands of a column, or that a condition on it
//! holds, has bounds of what each person contributes, and so of their number. No pattern
//! of sums looks at numbers of persons. So a sum of such a column is published only of
//! rows all of whose numbers of persons are: then it says nothing of others. So is a number
//! of rows, where a person may have several: there are no fewer of them than persons.

use super::Suppression;
use crate::error::Result;
use crate::plan::table::Statistic;
use crate::protect::history::earlier::Joined;
use crate::protect::quantity::Quantity;
use crate::protect::view::located;
use crate::protect::{Outcome, Value};
use crate::table::Population;
use kobling_sdc::structure::Structure;

impl Suppression<'_> {
    /// By inner cell, how many rows everybody knows to be there at least: as many as
    /// persons, where their number is published, or the list of names says that they are
    /// so many. `None` of another quantity.
    ///
    /// Of several inner cells it is known of all together only. They are given out to those
    /// of most rows, as if everybody knew where they are: who knows more is bounded by less.
    pub(super) fn rows_at_least(
        &self,
        population: &Population,
        quantity: Quantity,
    ) -> Result<Option<Vec<i128>>> {
        if !population.is_of_rows(quantity, self.tables) {
            return Ok(None);
        }
        let (cells, locations) = located(population, self.tables, |_, _| true)?;
        let names = population.known_from_names(self.tables, self.plan.tables());
        let names = names.into_iter();
        let mut known: Vec<(Vec<u32>, u64)> =
            names.map(|floor| (floor.inner, floor.persons)).collect();
        for (cell, location) in locations.iter().enumerate() {
            let outcomes = &self.outcomes[location.table][location.block][location.cell];
            let measures = &self.plan.tables()[location.table].measures;
            let block = &self.tables[location.table].blocks[location.block];
            let published = block
                .measures()
                .iter()
                .filter(|_| !block.is_hidden(location.cell));
            for at in published {
                let is_persons = matches!(measures[*at].what, Statistic::Persons);
                if let (true, Some(Value::Count(persons))) = (is_persons, outcomes[*at].value()) {
                    known.push((cells.members(cell).to_vec(), persons));
                }
            }
        }
        let inner = population.inner(self.tables);
        let rows: Vec<i128> = inner.iter().map(|(_, cell)| cell.rows.into()).collect();
        if self.ledger.is_empty() {
            let of: Vec<u32> = (0..rows.len() as u32).collect();
            return Ok(Some(given_out(known, &of, &rows)));
        }
        let before = self.persons_before(population, &cells)?;
        let parts = |members: &[u32]| -> Vec<u32> {
            let parts = (0..).zip(&before.of);
            let parts = parts.filter(|(_, of)| members.binary_search(of).is_ok());
            parts.map(|(part, _)| part).collect()
        };
        let own = known.iter();
        let own = own.map(|(members, persons)| (parts(members), *persons));
        let published = before.cells.iter().map(|cell| {
            let persons = cell
                .published
                .and_then(|persons| u64::try_from(persons).ok());
            let persons = persons.unwrap_or(0).max(cell.least);
            (cell.members.clone(), persons)
        });
        let all = own.chain(published).chain(before.floors.iter().cloned());
        Ok(Some(given_out(all.collect(), &before.of, &rows)))
    }

    /// What earlier releases say of numbers of persons of the population, whose `own` cells
    /// these are.
    fn persons_before(&self, population: &Population, own: &Structure) -> Result<Joined> {
        let before = (self.ledger, self.key);
        population.joined(Quantity::Persons, self.tables, own, before)
    }

    /// By inner cell, whether it is in a cell of which the number of persons is suppressed, or
    /// was as unsafe by an earlier release; none where none of the `quantities` says something of persons.
    pub(super) fn unknown_persons(
        &self,
        population: &Population,
        quantities: &[Quantity],
    ) -> Result<Option<Vec<bool>>> {
        if bounded(population, quantities).is_empty() {
            return Ok(None);
        }
        let (cells, locations) = located(population, self.tables, |_, _| true)?;
        let mut unknown = vec![false; population.inner(self.tables).len()];
        for (cell, location) in locations.iter().enumerate() {
            let outcomes = &self.outcomes[location.table][location.block][location.cell];
            let block = &self.tables[location.table].blocks[location.block];
            let plan = &self.plan.tables()[location.table];
            let mut own = block.measures().iter();
            let is_suppressed = |at: &usize| {
                let measure = &plan.measures[*at];
                let counts = measure.what.is_count();
                counts
                    && Quantity::Persons.is_published_by(measure, plan)
                    && outcomes[*at].value().is_none()
            };
            if !block.is_hidden(location.cell) && own.any(is_suppressed) {
                let members = cells.members(cell).iter();
                members.for_each(|inner| unknown[*inner as usize] = true);
            }
        }
        if !self.ledger.is_empty() {
            let before = self.persons_before(population, &cells)?;
            for part in before.cells.iter().filter(|cell| cell.published.is_none()) {
                let of = part.members.iter().map(|part| before.of[*part as usize]);
                of.for_each(|inner| unknown[inner as usize] = true);
            }
        }
        Ok(Some(unknown))
    }

    /// Whether a quantity is the number of rows, and published by means only, of which it is
    /// the denominator.
    pub(super) fn is_of_means(&self, population: &Population, quantity: Quantity) -> bool {
        let measures = self.measures(population, quantity);
        let mut publishing = self.plan.tables().iter().zip(&measures);
        population.is_of_rows(quantity, self.tables)
            && publishing.all(|(plan, own)| own.iter().all(|at| plan.measures[*at].what.is_mean()))
    }

    /// Suppresses, in the population's tables, numbers of rows, and the sums and means of
    /// columns by whose values cells are defined, where a number of persons of the same
    /// rows is [`unknown`](Self::unknown_persons); and the means over the number of rows, if it
    /// is [of means](Self::is_of_means) and has `no_pattern` that keeps it uncertain.
    pub(super) fn beside_bounds(
        &mut self,
        population: &Population,
        quantities: &[Quantity],
        unknown: &[bool],
        no_pattern: &[Quantity],
    ) -> Result<()> {
        let (cells, locations) = located(population, self.tables, |_, _| true)?;
        for quantity in bounded(population, quantities) {
            if self.is_of_means(population, quantity) && !no_pattern.contains(&quantity) {
                continue;
            }
            let measures = self.measures(population, quantity);
            for (cell, location) in locations.iter().enumerate() {
                let mut members = cells.members(cell).iter();
                if !members.any(|inner| unknown[*inner as usize]) {
                    continue;
                }
                let outcomes = &mut self.outcomes[location.table][location.block][location.cell];
                for measure in &measures[location.table] {
                    if let Outcome::Safe(_) = outcomes[*measure] {
                        outcomes[*measure] = Outcome::Complementary;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Those of the `quantities` that say how many persons there are at least or at most.
fn bounded(population: &Population, quantities: &[Quantity]) -> Vec<Quantity> {
    let bounded = quantities.iter().filter(|quantity| match quantity {
        Quantity::Persons => false,
        Quantity::Contribution(at) => population.is_bounded(*at),
    });
    bounded.copied().collect()
}

/// For each inner cell of these true `rows` a number, no larger, so that those of each set
/// are at least as many together as it is known `of` it. Sets are of parts of inner cells, for
/// each of which `of` has the one that it is part of.
fn given_out(mut known: Vec<(Vec<u32>, u64)>, of: &[u32], rows: &[i128]) -> Vec<i128> {
    // What is known of few says most of where they are.
    known.sort_by_key(|(parts, _)| parts.len());
    let mut least = vec![0; rows.len()];
    let mut of_part = vec![0; of.len()];
    for (mut parts, persons) in known {
        let given: i128 = parts.iter().map(|part| of_part[*part as usize]).sum();
        let mut left = i128::from(persons) - given;
        parts.sort_by_key(|part| (std::cmp::Reverse(rows[of[*part as usize] as usize]), *part));
        for part in parts.into_iter().map(|part| part as usize) {
            let inner = of[part] as usize;
            let more = left.clamp(0, (rows[inner] - least[inner]).max(0));
            of_part[part] += more;
            least[inner] += more;
            left -= more;
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_several_cells_is_given_out_among_them() {
        let rows = [20, 4, 1, 0];
        let known = |sets: &[(&[u32], u64)]| {
            let sets = sets
                .iter()
                .map(|(inner, persons)| (inner.to_vec(), *persons));
            given_out(sets.collect(), &[0, 1, 2, 3], &rows)
        };
        assert_eq!(known(&[]), [0, 0, 0, 0]);
        assert_eq!(known(&[(&[1, 2, 3], 5), (&[2], 1)]), [0, 4, 1, 0]);
        assert_eq!(known(&[(&[0, 1, 2, 3], 7), (&[1], 3)]), [4, 3, 0, 0]);
    }

    #[test]
    fn what_is_known_of_parts_adds_up() {
        // Two persons in each of two parts of a cell have four rows there.
        let known = vec![(vec![0], 2), (vec![1], 2), (vec![0, 1, 2], 5)];
        assert_eq!(given_out(known, &[0, 0, 1], &[6, 3]), [5, 0]);
    }
}
