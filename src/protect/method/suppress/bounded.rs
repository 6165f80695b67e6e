//! What figures of one quantity say of another: sums of a column by whose values cells
//! are told apart, and rows, which are at least as many as persons.
//!
//! Of persons with incomes from 200 to 299 a sum of 20,284 says that there are at least
//! 68 of them and at most 101: who knows the bands of a column, or that a condition on it
//! holds, has bounds of what each person contributes, and so of their number. No pattern
//! of sums looks at numbers of persons. So a sum of such a column is published only of
//! rows all of whose numbers of persons are: then it says nothing of others. So is a number
//! of rows, where a person may have several: there are no fewer of them than persons.

use super::Work;
use crate::error::Result;
use crate::plan::table::What;
use crate::protect::quantity::Quantity;
use crate::protect::view::placed;
use crate::protect::{Outcome, Value};
use crate::table::Population;

impl Work<'_> {
    /// By inner cell, how many rows everybody knows to be there at least: as many as
    /// persons, where their number is published. `None` of another quantity.
    pub(super) fn rows_at_least(
        &self,
        population: &Population,
        quantity: Quantity,
    ) -> Result<Option<Vec<i128>>> {
        if !population.is_of_rows(quantity, self.tables) {
            return Ok(None);
        }
        let (cells, spots) = placed(population, self.tables, |_, _| true)?;
        let mut least = vec![0; population.inner(self.tables).len()];
        for (cell, spot) in spots.iter().enumerate() {
            let [inner] = cells.members(cell) else {
                continue;
            };
            let outcomes = &self.outcomes[spot.table][spot.block][spot.cell];
            let measures = &self.plan.tables()[spot.table].measures;
            let block = &self.tables[spot.table].blocks[spot.block];
            let published = block
                .measures()
                .iter()
                .filter(|_| !block.is_hidden(spot.cell));
            for at in published {
                let is_persons = matches!(measures[*at].what, What::Persons);
                if let (true, Some(Value::Count(persons))) = (is_persons, outcomes[*at].value()) {
                    let own = &mut least[*inner as usize];
                    *own = i128::from(persons).max(*own);
                }
            }
        }
        Ok(Some(least))
    }

    /// Suppresses, in the population's tables, numbers of rows, and the sums and means of
    /// columns by whose values cells are told apart, where a number of persons of the same
    /// rows is suppressed.
    pub(super) fn beside_bounds(
        &mut self,
        population: &Population,
        quantities: &[Quantity],
    ) -> Result<()> {
        let bounded = quantities.iter().filter(|quantity| match quantity {
            Quantity::Persons => false,
            Quantity::Contribution(at) => population.is_bounded(*at),
        });
        let bounded: Vec<Quantity> = bounded.copied().collect();
        if bounded.is_empty() {
            return Ok(());
        }
        let (cells, spots) = placed(population, self.tables, |_, _| true)?;
        let mut unknown = vec![false; population.inner(self.tables).len()];
        for (cell, spot) in spots.iter().enumerate() {
            let outcomes = &self.outcomes[spot.table][spot.block][spot.cell];
            let block = &self.tables[spot.table].blocks[spot.block];
            let plan = &self.plan.tables()[spot.table];
            let mut own = block.measures().iter();
            let is_suppressed = |at: &usize| {
                let measure = &plan.measures[*at];
                let counts = measure.what.is_count();
                counts
                    && Quantity::Persons.is_published_by(measure, plan)
                    && outcomes[*at].value().is_none()
            };
            if !block.is_hidden(spot.cell) && own.any(is_suppressed) {
                let members = cells.members(cell).iter();
                members.for_each(|inner| unknown[*inner as usize] = true);
            }
        }
        for quantity in bounded {
            let measures = self.measures(population, quantity);
            for (cell, spot) in spots.iter().enumerate() {
                let mut members = cells.members(cell).iter();
                if !members.any(|inner| unknown[*inner as usize]) {
                    continue;
                }
                let outcomes = &mut self.outcomes[spot.table][spot.block][spot.cell];
                for measure in &measures[spot.table] {
                    if let Outcome::Safe(_) = outcomes[*measure] {
                        outcomes[*measure] = Outcome::Complementary;
                    }
                }
            }
        }
        Ok(())
    }
}
