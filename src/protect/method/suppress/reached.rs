//! What a published sum says of a number of persons that its table does not publish.
//!
//! Of fewer than `min_persons` persons a sum is suppressed. So one that is published says
//! that its cell reaches the threshold, or that nobody is in it; and together with a published
//! count with a condition, how many do not satisfy it at least. A table in which such a cell
//! had a person or two is none that shows a number to be uncertain, as long as the sum is
//! published: where a proof has one, the sum is suppressed. (Where the same table publishes
//! the number, [the figures of one cell](super::one_cell) go together.)

use std::collections::{BTreeMap, BTreeSet};

use super::Suppression;
use crate::error::Result;
use crate::protect::Outcome;
use crate::protect::quantity::Quantity;
use crate::protect::view::{CellLocation, located};
use crate::table::{Block, Confidential, Population};
use kobling_sdc::proof::Proof;
use kobling_sdc::structure::Structure;

/// A cell of which something is published, and no number of persons.
pub(super) struct Reached {
    pub(super) location: CellLocation,
    /// The population's inner cells that it is the sum of.
    pub(super) inner: Vec<u32>,
    /// How many are in it.
    pub(super) persons: u64,
    /// How many are in it at least, if anybody is.
    pub(super) least: u64,
    /// Whether something of it is published in spite of the rules, and stays.
    pub(super) stays: bool,
}

impl Reached {
    /// Whether it is known that there cannot be so many persons in it.
    fn rules_out(&self, persons: i128) -> bool {
        // Nobody has a sum that is not zero; and somebody may have one that is.
        let is_nobody = persons <= 0 && self.persons > 0;
        is_nobody || (1..i128::from(self.least)).contains(&persons)
    }
}

impl Suppression<'_> {
    /// The cells of a population's tables of which sums or numbers of rows are published, in
    /// blocks that have no number of persons.
    pub(super) fn reached(&self, population: &Population) -> Result<Vec<Reached>> {
        // A mean goes with the number, and leaves the sum.
        let publishes_none = |table: usize, block: &Block<Confidential>| {
            let plan = &self.plan.tables()[table];
            let mut own = block.measures().iter().map(|at| &plan.measures[*at]);
            !own.any(|own| own.what.is_count() && Quantity::Persons.is_published_by(own, plan))
        };
        let (cells, locations) = located(population, self.tables, publishes_none)?;
        let reached = locations
            .into_iter()
            .enumerate()
            .filter_map(|(cell, location)| {
                let block = &self.tables[location.table].blocks[location.block];
                let own: Vec<Outcome> = self.published(location).collect();
                if own.is_empty() || block.is_hidden(location.cell) {
                    return None;
                }
                let any = |wanted: fn(&Outcome) -> bool| own.iter().any(wanted);
                Some(Reached {
                    location,
                    inner: cells.members(cell).to_vec(),
                    persons: block.cells[location.cell].1.persons,
                    least: match any(|outcome| matches!(outcome, Outcome::Safe(_))) {
                        true => self.plan.tables()[location.table].protect.min_persons,
                        false => 1,
                    },
                    stays: any(|outcome| matches!(outcome, Outcome::Excepted(_))),
                })
            });
        Ok(reached.collect())
    }

    /// What is published of a cell.
    fn published(&self, location: CellLocation) -> impl Iterator<Item = Outcome> {
        let outcomes = &self.outcomes[location.table][location.block][location.cell];
        let block = &self.tables[location.table].blocks[location.block];
        let own = block.measures().iter().map(|at| outcomes[*at]);
        own.filter(|outcome| outcome.value().is_some())
    }

    /// Whether it is still published that the cell reaches its threshold.
    pub(super) fn is_published(&self, reached: &Reached) -> bool {
        self.published(reached.location).next().is_some()
    }

    /// Suppresses all that is published of a cell and is not in spite of the rules.
    pub(super) fn withdraw(&mut self, reached: &Reached) {
        let CellLocation { table, block, cell } = reached.location;
        let measures = self.tables[table].blocks[block].measures();
        let outcomes = &mut self.outcomes[table][block][cell];
        for at in measures {
            if let Outcome::Safe(_) = outcomes[*at] {
                outcomes[*at] = Outcome::Complementary;
            }
        }
    }

    /// Suppresses what rules any of the `proofs` out, on the population's `inner` numbers
    /// of persons.
    pub(super) fn beside_proofs(&mut self, reached: &[Reached], proofs: &[Proof], inner: usize) {
        let members = reached.iter().map(|reached| reached.inner.clone());
        let cells_of = Structure::new(inner, members).transposed();
        let mut ruling_out = BTreeSet::new();
        for change in proofs.iter().flat_map(|proof| &proof.changes) {
            let mut moved: BTreeMap<u32, i128> = BTreeMap::new();
            // Beyond these are those of earlier releases.
            let own = change.inner.iter().filter(|(at, _)| (*at as usize) < inner);
            for (at, more) in own {
                for cell in cells_of.members(*at as usize) {
                    *moved.entry(*cell).or_default() += i128::from(*more);
                }
            }
            let moved = moved.into_iter().filter(|(cell, more)| {
                let reached = &reached[*cell as usize];
                *more != 0 && reached.rules_out(i128::from(reached.persons) + more)
            });
            ruling_out.extend(moved.map(|(cell, _)| cell));
        }
        for cell in ruling_out {
            self.withdraw(&reached[cell as usize]);
        }
    }
}
