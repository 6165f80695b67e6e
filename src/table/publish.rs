//! From the cells of a table to those that it publishes: names first, then blocks.
//!
//! Which names are published depends on how many persons bear each. Cells whose
//! categories become one are added up; the rows of persons who may be in several of
//! them were [set apart](super::pending), and are folded now that names are known.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::cells::by_place;
use super::counted::list_hidden;
use super::margins::roll_up;
use super::names::Naming;
use super::partial::{List, Partial, added_up, lists};
use super::shape::{By, FoldShape};
use super::zeros::{complete, listing};
use super::{
    Accumulator, Block, Confidential, Dimension, Listing, MatchRate, Place, Table, microdata,
    yes_or_no,
};
use crate::column::NO_ORDINAL;
use crate::error::Result;
use crate::plan::table::{Grain, Grouping, MethodPlan};

impl FoldShape<'_> {
    /// The table of `partial`, in which all persons are, and what becomes of the names
    /// in it: as `given`, or else as its own rows and rules ask. Whether the plan has a
    /// history is for match rates.
    ///
    /// # Errors
    ///
    /// Those of [`Linkage::tabulate`](crate::Linkage::tabulate).
    pub(super) fn publish(
        &self,
        mut partial: Partial,
        given: Option<Vec<Naming>>,
        has_history: bool,
    ) -> Result<(Table<Confidential>, Vec<Naming>)> {
        let own = given.is_none();
        let namings = match given {
            Some(namings) => namings,
            None => {
                let visible = partial.visible(self)?;
                let enough = self.plan.protect.min_persons;
                microdata::refuse(&partial.dimensions, &visible, enough)?;
                self.namings(&partial)?
            }
        };
        let dimensions = namings.iter().map(|naming| naming.dimension.clone());
        let dimensions: Vec<Dimension> = dimensions.collect();
        let lists = self.named(&mut partial, &namings, &dimensions)?;
        let mut blocks = self.blocks(lists, &dimensions)?;
        let mut listed = Listing::Sparse;
        if own {
            listed = listing(self.plan, &dimensions)?;
            let empty = self.empty();
            for block in &mut blocks {
                match listed {
                    Listing::Complete => complete(block, &dimensions, &empty),
                    Listing::Sparse => {
                        list_hidden(&mut block.cells, &dimensions, &block.grouping, &empty)?;
                    }
                }
            }
        }
        yes_or_no::refuse(self.plan, &self.contributions, &partial.seen.yes_or_no)?;
        let table = Table {
            name: self.plan.name.clone(),
            title: self.plan.title.clone(),
            match_rates: self.match_rates(&partial, has_history),
            dimensions,
            listing: listed,
            blocks,
            contributions: self.contributions.clone(),
        };
        Ok((table, namings))
    }

    fn match_rates(&self, partial: &Partial, has_history: bool) -> Vec<MatchRate> {
        let seen = &partial.seen;
        let sources = self.plan.slots.iter().skip(1).map(|slot| slot.name.clone());
        let rates = sources.zip(&seen.matches).enumerate();
        let rates = rates.map(|(look_up, (source, matches))| MatchRate {
            source,
            matched: matches.rows,
            unmatched: seen.base_rows - matches.rows,
            through_history: has_history.then_some(matches.through_history),
            by: seen.groups.iter().map(|by| by.rates(look_up)).collect(),
        });
        rates.collect()
    }

    /// How each dimension is named, by the persons who have each category.
    fn namings(&self, partial: &Partial) -> Result<Vec<Naming>> {
        let noise = matches!(self.plan.method, MethodPlan::Noise(_));
        let enough = self.plan.protect.min_persons;
        let planned = self.plan.by.iter().zip(&partial.bearers);
        let namings = partial.dimensions.iter().zip(planned);
        let namings = namings.map(|(dimension, (planned, bearers))| {
            Naming::new(dimension, planned, bearers, enough, noise)
        });
        namings.collect()
    }

    /// The cells by grouping that rows are folded by, with their published names.
    fn named(
        &self,
        partial: &mut Partial,
        namings: &[Naming],
        dimensions: &[Dimension],
    ) -> Result<Vec<List>> {
        let named = std::mem::take(&mut partial.lists).into_iter();
        let named = named.zip(self.folded);
        let mut named: Vec<List> = named
            .map(|(list, grouping)| renamed(list, grouping, namings))
            .collect::<Result<_>>()?;
        if partial.pending.is_empty() {
            return Ok(named);
        }
        let by = By {
            dimensions,
            namings: Some(namings),
            groupings: self.folded,
            counted: &[],
        };
        let mut cells = self.nothing(&by);
        for pending in std::mem::take(&mut partial.pending) {
            self.fold(&mut cells, &pending.rows(), &by)?;
        }
        for (list, others) in named.iter_mut().zip(lists(cells, self.folded, dimensions)?) {
            list.extend(others);
            *list = added_up(std::mem::take(list), |cell, other| cell.merge(&other))?;
        }
        Ok(named)
    }

    /// The cells of all groupings that the table publishes, without empty ones.
    fn blocks(
        &self,
        lists: Vec<List>,
        dimensions: &[Dimension],
    ) -> Result<Vec<Block<Confidential>>> {
        let mut blocks: Vec<Block<Confidential>> = Vec::new();
        let mut lists = lists.into_iter();
        for grouping in &self.plan.groupings {
            let counted = self.plan.counted_by(grouping).ok().flatten();
            let first_hidden = Dimension::visible(dimensions);
            blocks.push(Block {
                measures: self.plan.measures_of(grouping),
                counted: counted.map(|at| first_hidden + at),
                cells: match lists.next() {
                    Some(list) => list,
                    None => roll_up(dimensions, grouping, &blocks[0].cells)?,
                },
                grouping: grouping.clone(),
            });
        }
        Ok(blocks)
    }
}

/// The cells with their published names; those whose names become one are added up.
fn renamed(list: List, grouping: &Grouping, namings: &[Naming]) -> Result<List> {
    let place = |place: &Place| -> Place {
        let ordinals = place.iter().zip(grouping.iter().zip(namings));
        let new = ordinals.map(|(ordinal, (grain, naming))| match grain {
            Grain::Total => NO_ORDINAL,
            grain => naming.at(*grain).ordinal(*ordinal),
        });
        new.collect()
    };
    let mut list: List = match namings.iter().any(|naming| naming.merges) {
        false => list
            .into_iter()
            .map(|(old, cell)| (place(&old), cell))
            .collect(),
        true => {
            let mut merged: HashMap<Place, Accumulator> = HashMap::with_capacity(list.len());
            for (old, cell) in list {
                match merged.entry(place(&old)) {
                    Entry::Occupied(mut entry) => entry.get_mut().merge(&cell)?,
                    Entry::Vacant(entry) => {
                        entry.insert(cell);
                    }
                }
            }
            merged.into_iter().collect()
        }
    };
    list.sort_unstable_by(|a, b| by_place(&a.0, &b.0));
    Ok(list)
}
