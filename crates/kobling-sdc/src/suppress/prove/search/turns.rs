//! Where cubes are looked for: from which inner cells, and to which categories they turn.

use std::cmp::Ordering;

use super::super::super::cube::NOWHERE;
use super::around::Far;
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
    ) -> Vec<Vec<Turn>> {
        self.mark_cells_of(start);
        let dimensions = 0..self.grid.dimensions();
        let mut sizes: Vec<usize> = dimensions
            .clone()
            .map(|at| self.grid.size(at) as usize)
            .collect();
        let mut each = 1usize;
        while sizes
            .iter()
            .map(|size| 1 + each.min(size - 1))
            .product::<usize>()
            < self.most_cubes
            && sizes.iter().any(|size| *size > each + 1)
        {
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
            let turn = |one: &Beside| Turn {
                to: (dimension, one.category),
                lost: one.lost,
            };
            let mut chosen: Vec<Turn> = beside.iter().take(half).map(turn).collect();
            first(&mut beside, wanted + half, Beside::by_loss);
            for one in beside.iter().take(wanted + half) {
                let is_chosen = |turn: &Turn| turn.to.1 == one.category;
                if chosen.len() < wanted && !chosen.iter().any(is_chosen) {
                    chosen.push(turn(one));
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
        Some(Beside {
            place: other,
            category,
            shared: self.shared(other),
            lost: self.lost(other),
            persons: self.persons(other),
        })
    }

    fn mark_cells_of(&mut self, place: u32) {
        self.mark += 1;
        for part in self.ways.parts(place) {
            for cell in self.cells_of.members(*part as usize) {
                self.marks[*cell as usize] = self.mark;
            }
        }
    }

    /// How many cells hold both this place and the one that was marked.
    fn shared(&self, place: u32) -> usize {
        let parts = self.ways.parts(place).iter();
        let cells = parts.flat_map(|part| self.cells_of.members(*part as usize));
        cells
            .filter(|cell| self.marks[**cell as usize] == self.mark)
            .count()
    }
}

/// A turn of one dimension.
pub(super) struct Turn {
    /// The dimension, and the category that it is turned to.
    to: (usize, u32),
    /// What the place there loses.
    lost: f64,
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

/// All choices of dimensions to turn, and of a category to turn to in each; none first.
pub(super) struct Choice<'a> {
    others: &'a [Vec<Turn>],
    /// What the place to turn from loses.
    lost: f64,
    /// For each dimension none, or which of its others.
    at: Vec<usize>,
    turned: Vec<(usize, u32)>,
    begun: bool,
}

impl<'a> Choice<'a> {
    pub(super) fn new(others: &'a [Vec<Turn>], lost: f64) -> Self {
        Self {
            others,
            lost,
            at: vec![0; others.len()],
            turned: Vec::new(),
            begun: false,
        }
    }

    /// The turns, and what the place to turn from and those one turn away lose together.
    pub(super) fn next(&mut self) -> Option<(&[(usize, u32)], f64)> {
        if self.begun {
            let moved = (0..self.at.len()).find(|dimension| {
                let at = &mut self.at[*dimension];
                *at = (*at + 1) % (self.others[*dimension].len() + 1);
                *at != 0
            });
            moved?;
        }
        self.begun = true;
        self.turned.clear();
        let mut lost = self.lost;
        for (at, others) in self.at.iter().zip(self.others) {
            if *at > 0 {
                self.turned.push(others[*at - 1].to);
                lost += others[*at - 1].lost;
            }
        }
        Some((&self.turned, lost))
    }
}
