//! What folding some persons' rows gives: the confidential cells of a share of a table.
//!
//! Persons of two shares are different persons. So counts and sums add up, the
//! largest contributors of both are among those of each, sums of record keys add
//! up, and a table is the same in however many shares it was folded. Nothing is
//! decided in a share that needs the others: categories have the names that the
//! extracts have, and whoever may be in two that become one is [set
//! apart](super::pending).

pub(super) mod labels;
pub(super) mod stored;

use labels::united;
use serde::{Deserialize, Serialize};

use super::cells::{Cells, by_place};
use super::groups::GroupCounts;
use super::margins::{KeptDimensions, roll_up};
use super::names::Bearers;
use super::pending::Pending;
use super::shape::FoldShape;
use super::yes_or_no::YesOrNo;
use super::{Accumulator, Dimension, Place};
use crate::error::Result;
use crate::link::merge::Matches;
use crate::plan::table::{Grain, Grouping};

/// The cells of a grouping, by place, ascending.
pub(super) type List = Vec<(Place, Accumulator)>;

/// The cells of a table that some persons are in.
pub(super) struct Partial {
    /// With the names that the extracts have.
    pub(super) dimensions: Vec<Dimension>,
    /// By dimension, of its own categories and then of those of each level.
    pub(super) bearers: Vec<Vec<Bearers>>,
    /// Persons by [visible](Shape::visible) cell, where some of them are pending.
    pub(super) visible: Option<Vec<(Place, u64)>>,
    /// By grouping that rows are folded by: without the persons who are pending.
    pub(super) lists: Vec<List>,
    pub(super) pending: Vec<Pending>,
    pub(super) seen: SeenRows,
}

/// What was seen of the rows while they were folded.
#[derive(Serialize, Deserialize)]
pub(super) struct SeenRows {
    pub(super) base_rows: u64,
    /// By look-up.
    pub(super) matches: Vec<Matches>,
    /// By dimension that match rates are reported by.
    pub(super) groups: Vec<GroupCounts>,
    /// By contribution.
    pub(super) yes_or_no: Vec<YesOrNo>,
}

impl SeenRows {
    /// Adds what was seen of other rows.
    pub(super) fn merge(&mut self, other: Self) {
        self.base_rows += other.base_rows;
        for (matches, other) in self.matches.iter_mut().zip(other.matches) {
            *matches += other;
        }
        for (groups, other) in self.groups.iter_mut().zip(&other.groups) {
            groups.merge(other);
        }
        for (seen, other) in self.yes_or_no.iter_mut().zip(other.yes_or_no) {
            seen.merge(other);
        }
    }
}

impl FoldShape<'_> {
    /// Persons by the finest cells that a release has, where conditions of counts are
    /// not distinguished.
    pub(super) fn visible(
        &self,
        dimensions: &[Dimension],
        lists: &[List],
    ) -> Result<Vec<(Place, u64)>> {
        let hidden = dimensions.iter().map(|dimension| dimension.hidden);
        let grouping = hidden.map(|hidden| if hidden { Grain::Total } else { Grain::Own });
        let grouping: Grouping = grouping.collect();
        let folded = self.folded.iter().position(|other| *other == grouping);
        let rolled;
        let list = match folded {
            Some(at) => &lists[at],
            None => {
                rolled = roll_up(dimensions, &grouping, &lists[0])?;
                &rolled
            }
        };
        let persons = |(place, cell): &(Place, Accumulator)| (place.clone(), cell.persons);
        Ok(list.iter().map(persons).collect())
    }
}

impl Partial {
    /// Persons by [visible](Shape::visible) cell, pending or not.
    pub(super) fn visible(&mut self, shape: &FoldShape<'_>) -> Result<Vec<(Place, u64)>> {
        match self.visible.take() {
            Some(visible) => Ok(visible),
            None => shape.visible(&self.dimensions, &self.lists),
        }
    }

    /// Leaves out what the record keys of its persons add up to.
    pub(super) fn drop_keys(&mut self) {
        for (_, cell) in self.lists.iter_mut().flatten() {
            cell.keys = None;
        }
        for pending in &mut self.pending {
            pending.pseudonyms.clear();
        }
    }

    /// The shares of a table of `shape`, put together.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a figure is too large
    /// to be held exactly.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub(super) fn merge(mut parts: Vec<Self>, shape: &FoldShape<'_>) -> Result<Self> {
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        let dimensions = united(shape, &parts);
        if parts.iter().any(|part| part.visible.is_some()) {
            for part in &mut parts {
                part.visible = Some(part.visible(shape)?);
            }
        }
        for part in &mut parts {
            part.relabel(&dimensions, shape);
        }
        let mut parts = parts.into_iter();
        let mut all = parts.next().expect("a table has at least one share");
        for part in parts {
            let bearers = all.bearers.iter_mut().zip(&part.bearers);
            for (own, other) in bearers.flat_map(|(own, other)| own.iter_mut().zip(other)) {
                own.merge(other);
            }
            for (own, other) in all.lists.iter_mut().zip(part.lists) {
                own.extend(other);
            }
            if let (Some(own), Some(other)) = (&mut all.visible, part.visible) {
                own.extend(other);
            }
            all.pending.extend(part.pending);
            all.seen.merge(part.seen);
        }
        for list in &mut all.lists {
            *list = added_up(std::mem::take(list), |cell, other| cell.merge(&other))?;
        }
        if let Some(visible) = all.visible.take() {
            let add = |persons: &mut u64, other| {
                *persons += other;
                Ok(())
            };
            all.visible = Some(added_up(visible, add)?);
        }
        Ok(all)
    }
}

/// By dimension of the finest `cells`, and then of those that are `counted` for
/// themselves, how many persons have each category.
pub(super) fn bearers(
    dimensions: &[Dimension],
    finest: &[(Place, Accumulator)],
    counted: &[Grouping],
    counts: &[List],
) -> Result<Vec<Vec<Bearers>>> {
    let each = dimensions.iter().enumerate().map(|(at, dimension)| {
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
        Ok(bearers)
    });
    each.collect()
}

/// Cells by grouping as lists.
pub(super) fn lists(
    cells: Vec<Cells>,
    groupings: &[Grouping],
    dimensions: &[Dimension],
) -> Result<Vec<List>> {
    let lists = cells.into_iter().zip(groupings).map(|(cells, grouping)| {
        let kept = KeptDimensions::new(dimensions, grouping);
        let cells = cells.into_list()?.into_iter();
        Ok(cells
            .map(|(place, cell)| (kept.place(&place), cell))
            .collect())
    });
    lists.collect()
}

/// The same places once each, in their order, with what is at them added up.
pub(super) fn added_up<T>(
    mut list: Vec<(Place, T)>,
    mut add: impl FnMut(&mut T, T) -> Result<()>,
) -> Result<Vec<(Place, T)>> {
    list.sort_by(|a, b| by_place(&a.0, &b.0));
    let mut all: Vec<(Place, T)> = Vec::with_capacity(list.len());
    for (place, other) in list {
        match all.last_mut() {
            Some((last, own)) if *last == place => add(own, other)?,
            _ => all.push((place, other)),
        }
    }
    Ok(all)
}
