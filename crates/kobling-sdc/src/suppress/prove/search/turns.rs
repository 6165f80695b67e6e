//! Where cubes are looked for: from which inner cells, and to which categories they turn.

use std::cmp::Ordering;

use super::super::super::cube::NOWHERE;
use super::{Avoided, Search};

/// From how many inner cells of an unsafe cell cubes are looked for.
const STARTS: usize = 6;

impl Search<'_> {
    /// The inner cells to begin with: those whose own figures are suppressed already
    /// first, then those with most persons.
    pub(super) fn starts(&self, cell: usize, avoid: Option<&Avoided>) -> Vec<u32> {
        let members = self.task.known.structure.members(cell).iter();
        let places = members.flat_map(|at| self.ways.to(*at)).copied();
        let free = places.filter(|at| !self.is_closed(*at, avoid));
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
    pub(super) fn others(&self, start: u32, avoid: Option<&Avoided>) -> Vec<Vec<(usize, u32)>> {
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
                .filter_map(|category| self.beside(start, dimension, category, avoid))
                .collect();
            let wanted = sizes[dimension];
            beside.sort_unstable_by(|a, b| a.by_sums(b));
            let mut chosen: Vec<u32> = beside
                .iter()
                .take(wanted.div_ceil(2))
                .map(|one| one.category)
                .collect();
            beside.sort_unstable_by(|a, b| a.by_loss(b));
            for one in &beside {
                if chosen.len() < wanted && !chosen.contains(&one.category) {
                    chosen.push(one.category);
                }
            }
            chosen
                .into_iter()
                .map(|category| (dimension, category))
                .collect()
        });
        others.collect()
    }

    fn beside(
        &self,
        start: u32,
        dimension: usize,
        category: u32,
        avoid: Option<&Avoided>,
    ) -> Option<Beside> {
        let other = self.grid.beside(start, dimension, category);
        if other == NOWHERE || self.in_target[other as usize] || self.is_closed(other, avoid) {
            return None;
        }
        Some(Beside {
            category,
            shared: self.shared(start, other),
            lost: self.lost(other),
            persons: self.persons(other),
        })
    }

    /// How many cells hold both places.
    fn shared(&self, start: u32, other: u32) -> usize {
        let parts = self.ways.parts(start).iter().zip(self.ways.parts(other));
        let each = parts.map(|(one, other)| {
            shared(
                self.cells_of.members(*one as usize),
                self.cells_of.members(*other as usize),
            )
        });
        each.sum()
    }
}

/// A category to turn to.
struct Beside {
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

/// How many numbers two ascending lists share.
fn shared(one: &[u32], other: &[u32]) -> usize {
    let (mut at, mut count) = (0, 0);
    for number in one {
        while at < other.len() && other[at] < *number {
            at += 1;
        }
        count += usize::from(other.get(at) == Some(number));
    }
    count
}

/// All choices of dimensions to turn, and of a category to turn to in each; none first.
pub(super) struct Choice<'a> {
    others: &'a [Vec<(usize, u32)>],
    /// For each dimension none, or which of its others.
    at: Vec<usize>,
    turned: Vec<(usize, u32)>,
    begun: bool,
}

impl<'a> Choice<'a> {
    pub(super) fn new(others: &'a [Vec<(usize, u32)>]) -> Self {
        Self {
            others,
            at: vec![0; others.len()],
            turned: Vec::new(),
            begun: false,
        }
    }

    pub(super) fn next(&mut self) -> Option<&[(usize, u32)]> {
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
        for (at, others) in self.at.iter().zip(self.others) {
            if *at > 0 {
                self.turned.push(others[*at - 1]);
            }
        }
        Some(&self.turned)
    }
}
