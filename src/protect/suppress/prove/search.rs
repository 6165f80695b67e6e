//! The search for tables that agree with what is published and give an unsafe cell another value.

mod best;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::cube::{Grid, NOWHERE};
use super::super::splitmix;
use super::Task;
use crate::protect::attacker::{Contributor, Possible, Unsafe};
use crate::protect::proof::Change;
use crate::protect::structure::Structure;
use best::{Best, Cube, Used};

/// From how many inner cells of an unsafe cell cubes are looked for.
const STARTS: usize = 6;

/// How many cubes are looked at from each, where few cells are unsafe; and where many are.
const CUBES: [(usize, usize); 3] = [(500, 2048), (5_000, 512), (usize::MAX, 128)];

/// Tables that give a cell as many values as are wanted, and the cells that they change.
#[derive(Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    pub(super) changed: Vec<u32>,
}

pub(super) struct Search<'a> {
    task: &'a Task<'a>,
    grid: Grid<'a>,
    cells_of: Structure,
    /// Of each inner cell, the singletons who know its number.
    known_to: Vec<Vec<u32>>,
    /// The table that cubes are added to: the true one, unless several are added up.
    inner: Vec<i128>,
    values: Vec<i128>,
    /// What is lost to a reader if the cell is suppressed.
    worth: Vec<f64>,
    suppressed: Vec<bool>,
    /// How many cubes are looked at from one inner cell.
    most_cubes: usize,
    looked_at: u64,
    /// Room to work in.
    net: Vec<i64>,
    touched: Vec<u32>,
    in_target: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(super) fn new(task: &'a Task<'a>) -> Self {
        let structure = task.known.structure;
        let mut known_to = vec![Vec::new(); structure.inner()];
        for (singleton, own) in (0..).zip(task.known.singletons) {
            for at in own {
                known_to[*at as usize].push(singleton);
            }
        }
        let value = |cell| {
            let members = structure.members(cell).iter();
            members.map(|at| task.inner[*at as usize]).sum()
        };
        let values: Vec<i128> = (0..structure.cells()).map(value).collect();
        let worth = (0..values.len()).map(|cell| match task.forced.get(cell) {
            Some(true) => f64::INFINITY,
            _ => worth(values[cell], task.seed, cell as u64),
        });
        let mut suppressed: Vec<bool> = task.known.published.iter().map(|may| !may).collect();
        for wanted in task.wanted {
            suppressed[wanted.cell] = true;
        }
        let most_cubes = CUBES.iter().find(|(cells, _)| task.wanted.len() <= *cells);
        Self {
            grid: Grid::new(task.places, structure.inner()),
            cells_of: structure.transposed(),
            known_to,
            inner: task.inner.to_vec(),
            worth: worth.collect(),
            suppressed,
            most_cubes: most_cubes.map_or(0, |(_, cubes)| *cubes),
            looked_at: 0,
            net: vec![0; values.len()],
            touched: Vec::new(),
            in_target: vec![false; structure.inner()],
            values,
            task,
        }
    }

    pub(super) fn known_to(&self, inner: u32) -> &[u32] {
        &self.known_to[inner as usize]
    }

    pub(super) fn worth(&self, cell: u32) -> f64 {
        self.worth[cell as usize]
    }

    /// How many corners were looked at so far.
    pub(super) fn looked_at(&self) -> u64 {
        self.looked_at
    }

    pub(super) fn suppress(&mut self, cells: &[u32]) {
        for cell in cells {
            self.suppressed[*cell as usize] = true;
        }
    }

    pub(super) fn publish(&mut self, cell: u32) {
        self.suppressed[cell as usize] = false;
    }

    /// Suppresses these, unsafe cells, those that may not be published, and no others.
    pub(super) fn only_suppressed(&mut self, cells: &[u32]) {
        let may = self.task.known.published.iter();
        self.suppressed = may.map(|may| !may).collect();
        for wanted in self.task.wanted {
            self.suppressed[wanted.cell] = true;
        }
        self.suppress(cells);
    }

    /// Tables that give the cell as many values as are wanted, which this contributor
    /// cannot rule out: those that change cells of the least worth, of no more than `most` each.
    pub(super) fn find(
        &mut self,
        wanted: Unsafe,
        avoid: Option<Contributor>,
        most: f64,
    ) -> Option<Found> {
        let members = self.task.known.structure.members(wanted.cell);
        members
            .iter()
            .for_each(|at| self.in_target[*at as usize] = true);
        let best = self.best(wanted, avoid, most);
        let found = match best.found() {
            Some(found) => Some(self.found(&found)),
            None => self.added_up(wanted, avoid, most),
        };
        members
            .iter()
            .for_each(|at| self.in_target[*at as usize] = false);
        found
    }

    /// The best cubes for a cell, on the table as it is.
    fn best(&mut self, wanted: Unsafe, avoid: Option<Contributor>, most: f64) -> Best {
        let mut best = Best::new(wanted.possible, self.values[wanted.cell], most);
        let mut corners = Vec::new();
        for start in self.starts(wanted.cell, avoid) {
            let others = self.others(start, avoid);
            let mut choice = Choice::new(&others);
            while let Some(turned) = choice.next() {
                if !self.grid.corners(start, turned, &mut corners) {
                    continue;
                }
                self.looked_at += corners.len() as u64;
                if let Some(cube) = self.look(wanted.cell, &corners, avoid, best.limit()) {
                    best.add(&cube, &corners);
                }
                if best.is_perfect() {
                    return best;
                }
            }
        }
        best
    }

    /// The inner cells to begin with: those whose own figures are suppressed already
    /// first, then those with most persons.
    fn starts(&self, cell: usize, avoid: Option<Contributor>) -> Vec<u32> {
        let members = self.task.known.structure.members(cell).iter().copied();
        let free = members.filter(|at| !self.is_frozen(*at, avoid));
        let mut starts: Vec<(f64, i128, u32)> = free
            .map(|at| (self.lost(at), -self.inner[at as usize], at))
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

    /// What is lost if the cells that are this inner cell alone are suppressed.
    fn lost(&self, inner: u32) -> f64 {
        let structure = self.task.known.structure;
        let cells = self.cells_of.members(inner as usize).iter();
        let own = cells.filter(|cell| structure.members(**cell as usize).len() == 1);
        let own = own.filter(|cell| !self.suppressed[**cell as usize]);
        own.map(|cell| self.worth[*cell as usize]).sum()
    }

    /// Whether no change may touch it: it is known to be empty, or to this contributor.
    fn is_frozen(&self, inner: u32, avoid: Option<Contributor>) -> bool {
        if self.task.known.impossible.get(inner as usize) == Some(&true) {
            return true;
        }
        match avoid {
            Some(Contributor::Singleton(who)) => self.known_to[inner as usize].contains(&who),
            _ => false,
        }
    }

    /// For each dimension the categories to turn to from `start`, the most promising first.
    fn others(&self, start: u32, avoid: Option<Contributor>) -> Vec<Vec<(usize, u32)>> {
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
        avoid: Option<Contributor>,
    ) -> Option<Beside> {
        let other = self.grid.beside(start, dimension, category);
        if other == NOWHERE || self.in_target[other as usize] || self.is_frozen(other, avoid) {
            return None;
        }
        Some(Beside {
            category,
            shared: shared(
                self.cells_of.members(start as usize),
                self.cells_of.members(other as usize),
            ),
            lost: self.lost(other),
            persons: self.inner[other as usize],
        })
    }

    /// What the cube of these corners is good for, if it can be had for less than `limit`.
    fn look(
        &mut self,
        target: usize,
        corners: &[(u32, i64)],
        avoid: Option<Contributor>,
        limit: f64,
    ) -> Option<Cube> {
        let mut cube = Cube::new();
        let mut moves = 0;
        for &(at, more) in corners {
            if self.is_frozen(at, avoid) {
                return None;
            }
            let persons = self.inner[at as usize];
            let least = self
                .task
                .known
                .least_inner
                .get(at as usize)
                .copied()
                .unwrap_or(0);
            let least = match avoid {
                Some(Contributor::In(own)) if own == at => i128::from(least.max(1)),
                _ => i128::from(least),
            };
            cube.bound(
                more,
                persons - least,
                persons - least.max(i128::from(persons > 0)),
            );
            cube.singletons |= !self.known_to[at as usize].is_empty();
        }
        for &(at, more) in corners {
            for &cell in self.cells_of.members(at as usize) {
                let net = &mut self.net[cell as usize];
                if *net == 0 {
                    self.touched.push(cell);
                }
                *net += more;
            }
        }
        for cell in self.touched.drain(..) {
            let at = cell as usize;
            let net = std::mem::take(&mut self.net[at]);
            if net == 0 {
                continue;
            }
            if at == target {
                moves = net;
            }
            if !self.suppressed[at] {
                cube.lost += self.worth[at];
            }
            let least = self.task.known.least.get(at).copied().unwrap_or(0);
            if least > 0 {
                let room = (self.values[at] - i128::from(least)) / i128::from(net.abs());
                cube.bound(net, room, room);
            }
        }
        (moves == 1 && cube.lost <= limit && cube.lost.is_finite()).then_some(cube)
    }

    /// Tables made of several cubes, each added to what the last one left.
    fn added_up(&mut self, wanted: Unsafe, avoid: Option<Contributor>, most: f64) -> Option<Found> {
        let mut found = Found::default();
        let down = match wanted.possible {
            Possible::Consecutive(values) => {
                let steps = values.saturating_sub(1);
                steps - self.climb(wanted.cell, (1, steps), avoid, most, &mut found)
            }
            Possible::All(first, last) => {
                let (up, down) = best::steps(first, last, self.values[wanted.cell]);
                if self.climb(wanted.cell, (1, up), avoid, most, &mut found) < up {
                    return None;
                }
                down
            }
        };
        let done = self.climb(wanted.cell, (-1, down), avoid, most, &mut found);
        found.changed.sort_unstable();
        found.changed.dedup();
        (done == down).then_some(found)
    }

    /// Goes up or down by as many of the `steps` as can be, a cube at a time.
    fn climb(
        &mut self,
        cell: usize,
        (sign, steps): (i64, u64),
        avoid: Option<Contributor>,
        most: f64,
        found: &mut Found,
    ) -> u64 {
        let mut done = 0;
        let mut total: BTreeMap<u32, i64> = BTreeMap::new();
        while done < steps {
            let value = clamped(self.values[cell]);
            let possible = match sign {
                1 => Possible::All(value, value + 1),
                _ => Possible::All(value.saturating_sub(1), value),
            };
            let best = self.best(Unsafe { cell, possible }, avoid, most);
            let Some(corners) = best.step(sign) else {
                break;
            };
            for &(at, more) in &corners {
                *total.entry(at).or_default() += sign * more;
                self.add(at, sign * more);
            }
            let inner = total.iter().filter(|(_, more)| **more != 0);
            found.changes.push(Change {
                inner: inner.map(|(at, more)| (*at, *more)).collect(),
            });
            let changed = self.changed(&corners);
            self.suppress(&changed);
            found.changed.extend(changed);
            done += 1;
        }
        for (at, more) in total {
            self.add(at, -more);
        }
        done
    }

    fn add(&mut self, inner: u32, more: i64) {
        self.inner[inner as usize] += i128::from(more);
        for cell in self.cells_of.members(inner as usize) {
            self.values[*cell as usize] += i128::from(more);
        }
    }

    /// The tables of cubes, each with how often it is added and taken away.
    fn found(&mut self, cubes: &[Used]) -> Found {
        let mut found = Found::default();
        for (corners, up, down) in cubes {
            let mut corners = corners.clone();
            corners.sort_unstable();
            let times = (1..=*up as i64).chain((1..=*down as i64).map(|times| -times));
            found.changes.extend(times.map(|times| {
                Change {
                    inner: corners
                        .iter()
                        .map(|(at, more)| (*at, more * times))
                        .collect(),
                }
            }));
            found.changed.extend(self.changed(&corners));
        }
        found.changed.sort_unstable();
        found.changed.dedup();
        found
    }

    /// The cells that a cube changes.
    fn changed(&mut self, corners: &[(u32, i64)]) -> Vec<u32> {
        let mut net: BTreeMap<u32, i64> = BTreeMap::new();
        for &(at, more) in corners {
            for cell in self.cells_of.members(at as usize) {
                *net.entry(*cell).or_default() += more;
            }
        }
        let changed = net.into_iter().filter(|(_, net)| *net != 0);
        changed.map(|(cell, _)| cell).collect()
    }
}

fn clamped(value: i128) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A cell's worth to a reader: more for larger ones, by their order of magnitude.
/// Cells of nearly equal worth are told apart under the seed, so that the choice
/// between them says nothing of what is in them.
fn worth(value: i128, seed: u64, cell: u64) -> f64 {
    let mut state = seed ^ cell.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let drawn = (splitmix(&mut state) >> 11) as f64 / (1u64 << 53) as f64;
    (1.0 + 0.3 * (1.0 + value.max(0) as f64).ln()) * (1.0 + 0.2 * drawn)
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
struct Choice<'a> {
    others: &'a [Vec<(usize, u32)>],
    /// For each dimension none, or which of its others.
    at: Vec<usize>,
    turned: Vec<(usize, u32)>,
    begun: bool,
}

impl<'a> Choice<'a> {
    fn new(others: &'a [Vec<(usize, u32)>]) -> Self {
        Self {
            others,
            at: vec![0; others.len()],
            turned: Vec::new(),
            begun: false,
        }
    }

    fn next(&mut self) -> Option<&[(usize, u32)]> {
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
