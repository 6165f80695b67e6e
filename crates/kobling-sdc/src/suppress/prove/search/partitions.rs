//! Which sums a cube changes: those of partitions that tell all its corners apart.
//!
//! The cells of a table and of each of its margins are a partition of the inner cells by groups
//! of categories, by dimension. A cube that turns a dimension from one category to another of the
//! same group takes from a cell what it adds to it; so a partition has a cell that changes only
//! if it tells both categories apart in each dimension that is turned, and then each corner
//! is in another of its cells. That need not be added up for each cube.

use super::super::super::cube::NOWHERE;
use crate::structure::Structure;

/// No number of a group, or of a cell.
const NONE: u32 = NOWHERE;

/// Some of the partitions, each a bit: no more than these are told from other cells.
pub(super) type Chosen = u128;
const MOST: usize = Chosen::BITS as usize;

/// Of dimensions of no more categories it is kept what tells each two of them apart.
const KEPT: usize = 400;

/// The partitions that a task's cells are made of, and the cells that are of none.
pub(super) struct Partitions {
    partitions: Vec<Partition>,
    /// By dimension, and by two of its categories, which partitions tell these apart; nothing
    /// of large dimensions.
    apart: Vec<Vec<Chosen>>,
    /// By dimension how many categories it has.
    sizes: Vec<usize>,
    /// By inner cell, for each partition its cell in it, or [`NONE`].
    cell_of: Vec<u32>,
    /// By inner cell, the cells that are of no partition.
    others_of: Structure,
}

struct Partition {
    /// By dimension, the group of each category.
    groups: Vec<Vec<u32>>,
}

impl Partitions {
    /// Of cells on inner cells that have a place in each dimension.
    pub(super) fn of(structure: &Structure, places: &[Vec<u32>]) -> Self {
        let inner = structure.inner();
        let mut found: Vec<(Partition, Vec<u32>)> = Vec::new();
        let mut others: Vec<Vec<u32>> = vec![Vec::new(); structure.cells()];
        let mut cell_of = vec![NONE; inner];
        let mut first = 0;
        while first < structure.cells() {
            // As many cells as have no inner cell in common.
            let (mut end, mut covered) = (first, 0);
            while end < structure.cells() {
                let members = structure.members(end);
                if members.iter().any(|at| cell_of[*at as usize] != NONE) {
                    break;
                }
                for at in members {
                    cell_of[*at as usize] = end as u32;
                }
                covered += members.len();
                end += 1;
            }
            // Of few inner cells it is not worth the work.
            let is_tried = covered >= inner / 4 && found.len() < MOST;
            let partition =
                is_tried.then(|| Partition::of(structure, places, (first..end, &cell_of)));
            match partition.flatten() {
                Some(partition) => found.push((partition, cell_of.clone())),
                None => {
                    let own = others.iter_mut().enumerate().take(end).skip(first);
                    own.for_each(|(cell, own)| *own = structure.members(cell).to_vec());
                }
            }
            for at in (first..end).flat_map(|cell| structure.members(cell)) {
                cell_of[*at as usize] = NONE;
            }
            first = end;
        }
        let cell_of = (0..inner).flat_map(|at| found.iter().map(move |(_, cells)| cells[at]));
        let mut partitions = Self {
            cell_of: cell_of.collect(),
            partitions: found.into_iter().map(|(partition, _)| partition).collect(),
            others_of: Structure::new(inner, others).transposed(),
            apart: Vec::new(),
            sizes: sizes(places).map(|size| size as usize).collect(),
        };
        let apart = partitions.sizes.iter().enumerate().map(|(at, &size)| {
            let kept = if size <= KEPT { size } else { 0 };
            let pairs = (0..kept * kept).map(|pair| ((pair / kept) as u32, (pair % kept) as u32));
            pairs.map(|pair| partitions.looked_up(at, pair)).collect()
        });
        partitions.apart = apart.collect();
        partitions
    }

    pub(super) fn all(&self) -> Chosen {
        match self.partitions.len() {
            MOST => Chosen::MAX,
            few => (1 << few) - 1,
        }
    }

    /// Which of them tell two categories of a dimension apart.
    pub(super) fn telling_apart(&self, dimension: usize, (one, other): (u32, u32)) -> Chosen {
        let apart = &self.apart[dimension];
        match apart.is_empty() {
            true => self.looked_up(dimension, (one, other)),
            false => apart[one as usize * self.sizes[dimension] + other as usize],
        }
    }

    fn looked_up(&self, dimension: usize, (one, other): (u32, u32)) -> Chosen {
        let partitions = self.partitions.iter().enumerate();
        partitions.fold(0, |apart, (at, partition)| {
            let groups = &partition.groups[dimension];
            let is_apart = groups[one as usize] != groups[other as usize];
            apart | Chosen::from(is_apart) << at
        })
    }

    /// The cell of a partition that an inner cell is in, if it is in one.
    pub(super) fn cell(&self, partition: usize, inner: u32) -> Option<u32> {
        let cell = self.cell_of[inner as usize * self.partitions.len() + partition];
        (cell != NONE).then_some(cell)
    }

    /// The cells of no partition that an inner cell is in.
    pub(super) fn others(&self, inner: u32) -> &[u32] {
        self.others_of.members(inner as usize)
    }
}

/// The numbers of the chosen ones.
pub(super) fn each(mut chosen: Chosen) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let next = (chosen != 0).then(|| chosen.trailing_zeros() as usize);
        chosen &= chosen.wrapping_sub(1);
        next
    })
}

impl Partition {
    /// If these cells are all that groups of categories distinguish, where they have any.
    fn of(
        structure: &Structure,
        places: &[Vec<u32>],
        (cells, cell_of): (std::ops::Range<usize>, &[u32]),
    ) -> Option<Self> {
        let groups = sizes(places).map(|size| (0..size).collect());
        let mut groups: Vec<Vec<u32>> = groups.collect();
        for cell in cells.clone() {
            let members = structure.members(cell);
            let Some(first) = members.first() else {
                continue;
            };
            for (places, groups) in places.iter().zip(&mut groups) {
                for at in members {
                    unite(groups, places[*first as usize], places[*at as usize]);
                }
            }
        }
        let numbered: Vec<(Vec<u32>, usize)> = groups.iter_mut().map(|of| numbered(of)).collect();
        let mut all = numbered.iter().map(|(_, groups)| *groups);
        let all = all.try_fold(1usize, usize::checked_mul)?;
        // No more than there are cells and, at worst, as many again that are not listed.
        if all > (2 * cells.len()).max(1024) {
            return None;
        }
        let mut cell_at: Vec<Option<u32>> = vec![None; all];
        for (inner, cell) in cell_of.iter().enumerate() {
            let place = places
                .iter()
                .zip(&numbered)
                .fold(0, |place, (of, (groups, size))| {
                    place * size + groups[of[inner] as usize] as usize
                });
            if *cell_at[place].get_or_insert(*cell) != *cell {
                return None;
            }
        }
        let groups = numbered.into_iter().map(|(groups, _)| groups).collect();
        Some(Self { groups })
    }
}

/// By dimension how many categories it has.
fn sizes(places: &[Vec<u32>]) -> impl Iterator<Item = u32> {
    places
        .iter()
        .map(|of| of.iter().max().map_or(0, |most| most + 1))
}

/// The first of a category's group, in groups that point to smaller ones.
fn first(groups: &mut [u32], mut category: u32) -> u32 {
    while groups[category as usize] != category {
        let next = groups[category as usize];
        groups[category as usize] = groups[next as usize];
        category = next;
    }
    category
}

fn unite(groups: &mut [u32], one: u32, other: u32) {
    let (one, other) = (first(groups, one), first(groups, other));
    groups[one.max(other) as usize] = one.min(other);
}

/// Groups counted from 0, and how many there are.
fn numbered(groups: &mut [u32]) -> (Vec<u32>, usize) {
    let mut numbers = vec![NONE; groups.len()];
    let mut next = 0;
    let each = (0..groups.len() as u32).map(|category| {
        let first = first(groups, category) as usize;
        if numbers[first] == NONE {
            numbers[first] = next;
            next += 1;
        }
        numbers[first]
    });
    let each = each.collect();
    (each, next as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::super::super::cube::Grid;
    use super::*;

    /// The cells that change, and by how much.
    type Changed = BTreeMap<u32, i64>;

    fn added_up(structure: &Structure, corners: &[(u32, i64)]) -> Changed {
        let cells_of = structure.transposed();
        let mut changed = Changed::new();
        for (at, more) in corners {
            for cell in cells_of.members(*at as usize) {
                *changed.entry(*cell).or_default() += more;
            }
        }
        changed.retain(|_, more| *more != 0);
        changed
    }

    proptest! {
        /// The twin adds up all cells of all corners.
        #[test]
        fn what_changes_is_what_adds_up(
            sizes in prop::collection::vec(1..5u32, 3),
            cuts in prop::collection::vec(prop::collection::vec(0..3u32, 12), 0..6),
            missing in prop::collection::vec(prop::bool::weighted(0.1), 64),
            unlisted in prop::collection::vec(prop::bool::weighted(0.1), 64),
            odd in prop::collection::vec(prop::collection::btree_set(0..64u32, 1..9), 0..3),
            start in 0..64u32,
            to in prop::collection::vec(prop::option::of(0..5u32), 3),
        ) {
            // Inner cells that are there, by dimension.
            let all = 0..sizes.iter().product::<u32>();
            let all: Vec<u32> = all.filter(|at| !missing[*at as usize]).collect();
            prop_assume!(!all.is_empty());
            let strides = [1, sizes[0], sizes[0] * sizes[1]];
            let by = |at: usize| {
                let each = all.iter().map(|inner| inner / strides[at] % sizes[at]);
                each.collect::<Vec<u32>>()
            };
            let places: Vec<Vec<u32>> = (0..3).map(by).collect();
            // Partitions of groups, some of whose cells are not listed; and other cells.
            let mut cells: Vec<Vec<u32>> = Vec::new();
            for cut in &cuts {
                let mut of: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
                for inner in 0..all.len() {
                    let at = (0..3).map(|at| cut[at * 4 + places[at][inner] as usize]);
                    of.entry(at.collect()).or_default().push(inner as u32);
                }
                let of = of.into_values().zip(&unlisted);
                cells.extend(of.filter(|(_, unlisted)| !**unlisted).map(|(cell, _)| cell));
            }
            for cell in odd {
                let cell: Vec<u32> = cell.into_iter().filter(|at| *at < all.len() as u32).collect();
                cells.push(cell);
            }
            let structure = Structure::new(all.len(), cells);
            let partitions = Partitions::of(&structure, &places);
            let grid = Grid::new(&places, all.len());
            let start = start % all.len() as u32;
            let turned = to.iter().enumerate().filter_map(|(at, to)| {
                let to = (*to)?;
                (to < grid.size(at) && to != grid.category(at, start)).then_some((at, to))
            });
            let turned: Vec<(usize, u32)> = turned.collect();
            let apart = turned.iter().fold(partitions.all(), |apart, (at, to)| {
                apart & partitions.telling_apart(*at, (grid.category(*at, start), *to))
            });
            let mut corners = Vec::new();
            prop_assume!(grid.corners(start, &turned, &mut corners));
            let mut changed = Changed::new();
            for partition in each(apart) {
                for (at, more) in &corners {
                    let cell = partitions.cell(partition, *at);
                    prop_assert!(cell.is_none_or(|cell| changed.insert(cell, *more).is_none()));
                }
            }
            let mut others = Changed::new();
            for (at, more) in &corners {
                for cell in partitions.others(*at) {
                    *others.entry(*cell).or_default() += more;
                }
            }
            others.retain(|_, more| *more != 0);
            changed.extend(others);
            prop_assert_eq!(changed, added_up(&structure, &corners));
        }
    }
}
