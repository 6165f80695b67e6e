//! Where cubes are looked for: from which inner cells, and to which categories they turn.

use std::cmp::Ordering;

use super::super::super::cube::NOWHERE;
use super::around::Far;
use super::partitions::Chosen;
use super::{Avoided, Search};

/// From how many inner cells of an unsafe cell cubes are looked for.
const STARTS: usize = 6;

impl Search<'_> {
    /// The inner cells to begin with: those whose own figures are suppressed already
    /// first, then those with most persons. None that has not the room to go `far` alone.
    pub(super) fn starts(
        &self,
        cell: usize,
        within: (Option<&Avoided>, f64),
        far: Option<Far>,
    ) -> Vec<u32> {
        let members = self.task.known.structure.members(cell).iter();
        let places = members.flat_map(|at| self.ways.to(*at)).copied();
        let goes = |at: &u32| far.is_none_or(|far| self.room(*at, far.sign) >= far.by.into());
        let free = places.filter(|at| !self.is_closed(*at, within) && goes(at));
        let mut starts: Vec<(f64, i128, u32)> = free
            .map(|at| (self.lost(at), -self.persons(at), at))
            .collect();
        let by = |a: &(f64, i128, u32), b: &(f64, i128, u32)| {
            a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2)))
        };
        if starts.len() > STARTS {
            starts.select_nth_unstable_by(STARTS - 1, by);
            starts.truncate(STARTS);
        }
        starts.sort_unstable_by(by);
        starts.into_iter().map(|(_, _, at)| at).collect()
    }

    /// For each dimension the categories to turn to from `start`, the most promising first.
    /// None where there is not the room for what a cube that goes `far` takes.
    pub(super) fn others(
        &mut self,
        start: u32,
        within: (Option<&Avoided>, f64),
        far: Option<Far>,
    ) -> Vec<Vec<u32>> {
        self.mark_cells_of(start);
        let dimensions = 0..self.grid.dimensions();
        let mut sizes: Vec<usize> = dimensions
            .clone()
            .map(|at| self.grid.size(at) as usize)
            .collect();
        let cubes = |each: usize| -> usize {
            let turns = sizes.iter().map(|size| 1 + each.min(size - 1));
            turns.product()
        };
        let mut each = 1usize;
        while sizes.iter().any(|size| *size > each + 1) && cubes(each + 1) <= self.most_cubes {
            each += 1;
        }
        sizes
            .iter_mut()
            .for_each(|size| *size = each.min(*size - 1));
        let others = dimensions.map(|dimension| {
            let own = self.grid.category(dimension, start);
            let categories = (0..self.grid.size(dimension)).filter(|other| *other != own);
            let mut beside: Vec<Beside> = categories
                .filter_map(|category| self.beside(start, dimension, category, within))
                .filter(|beside| {
                    far.is_none_or(|far| self.room(beside.place, -far.sign) >= far.by.into())
                })
                .collect();
            let wanted = sizes[dimension];
            let half = wanted.div_ceil(2);
            first(&mut beside, half, Beside::by_sums);
            let mut chosen: Vec<u32> = beside.iter().take(half).map(|one| one.category).collect();
            first(&mut beside, wanted + half, Beside::by_loss);
            for one in beside.iter().take(wanted + half) {
                if chosen.len() < wanted && !chosen.contains(&one.category) {
                    chosen.push(one.category);
                }
            }
            chosen
        });
        others.collect()
    }

    fn beside(
        &self,
        start: u32,
        dimension: usize,
        category: u32,
        within: (Option<&Avoided>, f64),
    ) -> Option<Beside> {
        let other = self.grid.beside(start, dimension, category);
        if other == NOWHERE || self.in_target[other as usize] || self.is_closed(other, within) {
            return None;
        }
        let own = self.grid.category(dimension, start);
        let apart = self.apart(dimension, (own, category));
        Some(Beside {
            place: other,
            category,
            shared: self.shared(other, apart),
            lost: self.lost(other),
            persons: self.persons(other),
        })
    }

    fn mark_cells_of(&mut self, place: u32) {
        self.mark += 1;
        for part in self.ways.parts(place) {
            let cells = match &self.partitions {
                Some(partitions) => partitions.others(*part),
                None => self.cells_of.members(*part as usize),
            };
            for cell in cells {
                self.marks[*cell as usize] = self.mark;
            }
        }
    }

    /// How many cells hold both this place and the one that was marked, where these tell them
    /// apart.
    fn shared(&self, place: u32, apart: Chosen) -> usize {
        let is_marked = |cell: &&u32| self.marks[**cell as usize] == self.mark;
        match &self.partitions {
            Some(partitions) => {
                let others = partitions.others(place).iter();
                let same = partitions.all() & !apart;
                same.count_ones() as usize + others.filter(is_marked).count()
            }
            None => {
                let parts = self.ways.parts(place).iter();
                let cells = parts.flat_map(|part| self.cells_of.members(*part as usize));
                cells.filter(is_marked).count()
            }
        }
    }

    /// The partitions that tell apart what is turned from one category to another; none where
    /// there are none.
    pub(super) fn apart(&self, dimension: usize, turn: (u32, u32)) -> Chosen {
        let partitions = self.partitions.as_ref();
        partitions.map_or(0, |partitions| partitions.telling_apart(dimension, turn))
    }
}

/// A category to turn to.
struct Beside {
    place: u32,
    category: u32,
    /// How many cells hold both inner cells: those stay as they are.
    shared: usize,
    lost: f64,
    persons: i128,
}

impl Beside {
    fn by_sums(&self, other: &Self) -> Ordering {
        let shared = other.shared.cmp(&self.shared);
        shared.then_with(|| self.by_worth(other))
    }

    fn by_loss(&self, other: &Self) -> Ordering {
        self.by_worth(other).then(other.shared.cmp(&self.shared))
    }

    fn by_worth(&self, other: &Self) -> Ordering {
        let lost = self.lost.total_cmp(&other.lost);
        lost.then_with(|| (other.persons, self.category).cmp(&(self.persons, other.category)))
    }
}

/// Sorts the first `wanted` of them, in this order, to the front.
fn first(all: &mut [Beside], wanted: usize, by: fn(&Beside, &Beside) -> Ordering) {
    let wanted = wanted.min(all.len());
    if wanted > 0 && wanted < all.len() {
        all.select_nth_unstable_by(wanted - 1, by);
    }
    all[..wanted].sort_unstable_by(by);
}
