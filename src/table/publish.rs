//! From rows to the cells that a table publishes: names first, then blocks.
//!
//! Which names are published depends on how many persons bear each. Where a
//! person has one row, the finest cells tell that, and cells whose categories
//! become one are added up. Where a person may have several, each dimension's
//! persons are counted for themselves, and rows are folded once more if any
//! names became one: the persons of a merged category are not the sum of its
//! parts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{By, Cells, Folded, Groups, Kept, Matches, Work};
use crate::column::NO_ORDINAL;
use crate::error::Result;
use crate::link::SlotRange;
use crate::plan::table::{Grain, Grouping, Method};
use crate::table::cells::by_place;
use crate::table::counted::list_hidden;
use crate::table::margins::roll_up;
use crate::table::names::{Bearers, Naming};
use crate::table::yes_or_no::YesOrNo;
use crate::table::zeros::{complete, listing};
use crate::table::{Accumulator, Block, Confidential, Dimension, Listing, Place, microdata};

/// The cells of a grouping, by place, ascending.
type List = Vec<(Place, Accumulator)>;

/// What a table publishes, and what is known of how it linked.
pub(super) struct Published {
    pub(super) namings: Vec<Naming>,
    pub(super) dimensions: Vec<Dimension>,
    pub(super) listing: Listing,
    pub(super) blocks: Vec<Block<Confidential>>,
    pub(super) base_rows: u64,
    pub(super) matches: Vec<Matches>,
    pub(super) groups: Vec<Groups>,
    /// By contribution.
    pub(super) yes_or_no: Vec<YesOrNo>,
}

impl Work<'_> {
    /// Folds all rows, by the names that are `given`, or else by those that may
    /// be published.
    pub(super) fn publish(
        &self,
        ranges: &[Vec<SlotRange>],
        given: Option<Vec<Naming>>,
    ) -> Result<Published> {
        let own = given.is_none();
        let (folded, lists, namings) = match given {
            Some(namings) => {
                let (folded, lists) = self.fold_named(ranges, &namings)?;
                (folded, lists, namings)
            }
            None => self.find_names(ranges)?,
        };
        let dimensions = namings.iter().map(|naming| naming.dimension.clone());
        let dimensions: Vec<Dimension> = dimensions.collect();
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
        Ok(Published {
            namings,
            dimensions,
            listing: listed,
            blocks,
            base_rows: folded.base_rows,
            matches: folded.matches,
            groups: folded.groups,
            yes_or_no: folded.yes_or_no,
        })
    }

    /// A cell that nobody is in.
    fn empty(&self) -> Accumulator {
        Accumulator::nothing(self.contributions.len(), self.depth, self.keys.is_some())
    }

    /// Folds by names that are known.
    fn fold_named(
        &self,
        ranges: &[Vec<SlotRange>],
        namings: &[Naming],
    ) -> Result<(Folded, Vec<List>)> {
        let dimensions = namings.iter().map(|naming| naming.dimension.clone());
        let dimensions: Vec<Dimension> = dimensions.collect();
        let by = By {
            dimensions: &dimensions,
            namings: Some(namings),
            groupings: self.folded,
            counted: &[],
        };
        let mut folded = self.fold_all(ranges, &by)?;
        let cells = std::mem::take(&mut folded.cells);
        let lists = lists(cells, self.folded, &dimensions)?;
        Ok((folded, lists))
    }

    /// Folds by the names that the extracts have, and then by those that may be
    /// published.
    fn find_names(&self, ranges: &[Vec<SlotRange>]) -> Result<(Folded, Vec<List>, Vec<Naming>)> {
        let counted = self.counted();
        let by = By {
            dimensions: &self.dimensions,
            namings: None,
            groupings: self.folded,
            counted: &counted,
        };
        let mut folded = self.fold_all(ranges, &by)?;
        let mut cells = std::mem::take(&mut folded.cells);
        let counts = lists(
            cells.split_off(self.folded.len()),
            &counted,
            &self.dimensions,
        )?;
        let mut lists = lists(cells, self.folded, &self.dimensions)?;
        let enough = self.plan.protect.min_persons;
        let visible = self.visible(&lists)?;
        microdata::refuse(&self.dimensions, &visible, enough)?;
        let namings = self.namings(&lists[0], &counted, &counts)?;
        let merges = namings.iter().any(|naming| naming.merges);
        if merges && !self.one_row_a_person {
            lists = self.fold_named(ranges, &namings)?.1;
        } else {
            for (list, grouping) in lists.iter_mut().zip(self.folded) {
                *list = renamed(std::mem::take(list), grouping, &namings)?;
            }
        }
        Ok((folded, lists, namings))
    }

    /// The finest cells that a release has: conditions of counts are not told apart.
    fn visible(&self, lists: &[List]) -> Result<List> {
        let hidden = self.dimensions.iter().map(|dimension| dimension.hidden);
        let grouping = hidden.map(|hidden| if hidden { Grain::Total } else { Grain::Own });
        let grouping: Grouping = grouping.collect();
        let folded = self.folded.iter().position(|other| *other == grouping);
        match folded {
            Some(at) => Ok(lists[at].clone()),
            None => roll_up(&self.dimensions, &grouping, &lists[0]),
        }
    }

    /// Where persons may have several rows: each dimension, and each of its
    /// levels, whose names are counted for themselves.
    fn counted(&self) -> Vec<Grouping> {
        let mut counted = Vec::new();
        if self.one_row_a_person {
            return counted;
        }
        for (at, dimension) in self.plan.by.iter().enumerate() {
            let levels = dimension.levels.iter().enumerate();
            let levels = levels.map(|(level, named)| (Grain::Level(level), &named.names));
            let grains = std::iter::once((Grain::Own, &dimension.names)).chain(levels);
            for (grain, _) in grains.filter(|(_, names)| !names.all) {
                let mut grouping = vec![Grain::Total; self.plan.by.len()];
                grouping[at] = grain;
                counted.push(grouping.into());
            }
        }
        counted
    }

    /// How each dimension is named: by the persons of the `finest` cells, or
    /// those that were counted for themselves.
    fn namings(
        &self,
        finest: &[(Place, Accumulator)],
        counted: &[Grouping],
        counts: &[List],
    ) -> Result<Vec<Naming>> {
        let noise = matches!(self.plan.method, Method::Noise(_));
        let enough = self.plan.protect.min_persons;
        let both = self.dimensions.iter().zip(&self.plan.by).enumerate();
        let namings = both.map(|(at, (dimension, planned))| {
            let mut own = Bearers::nobody(dimension.labels.len());
            for (place, cell) in finest {
                own.add(place[at], cell.persons);
            }
            let mut bearers = vec![own];
            for level in 0..dimension.levels.len() {
                bearers.push(bearers[0].at_level(dimension, level)?);
            }
            for (grouping, list) in counted.iter().zip(counts) {
                let (grain, labels) = match grouping[at] {
                    Grain::Total => continue,
                    Grain::Own => (0, dimension.labels.len()),
                    Grain::Level(level) => (level + 1, dimension.levels[level].labels.len()),
                };
                bearers[grain] = Bearers::nobody(labels);
                for (place, cell) in list {
                    bearers[grain].add(place[at], cell.persons);
                }
            }
            Naming::new(dimension, planned, &bearers, enough, noise)
        });
        namings.collect()
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

/// Cells by grouping as lists.
fn lists(cells: Vec<Cells>, groupings: &[Grouping], dimensions: &[Dimension]) -> Result<Vec<List>> {
    let lists = cells.into_iter().zip(groupings).map(|(cells, grouping)| {
        let kept = Kept::new(dimensions, grouping);
        let cells = cells.into_list()?.into_iter();
        Ok(cells
            .map(|(place, cell)| (kept.place(&place), cell))
            .collect())
    });
    lists.collect()
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
