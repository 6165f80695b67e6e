//! The search for tables that agree with what is published and give an unsafe cell another value.

mod around;
mod best;
mod climb;
mod cubes;
mod linear;
mod mended;
mod partitions;
mod room;
mod turns;
mod ways;
mod worth;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::super::cube::Grid;
use super::Task;
use crate::attacker::{Contributor, Possible, Unsafe};
use crate::proof::Change;
use crate::structure::Structure;
use crate::watch::{Watch, Work, WorkStopped};
use best::Used;
use mended::Ties;
use partitions::Partitions;
use ways::Ways;
use worth::worths;

/// Between two reports to a watch, in corners looked at: some milliseconds.
const REPORT_EVERY: u64 = 1 << 14;

/// How many cubes are looked at from each at most, where so many cells are unsafe: fewer where
/// many are. (Of many dimensions one category to turn to in each makes more already.)
/// Of 19,409 unsafe cells in 118,125, 15,770 further ones were suppressed with 128 cubes, 13,364
/// with 512 and 12,392 with 1,024, which took twice as long.
const CUBES: [(usize, usize); 3] = [(5_000, 2048), (200_000, 1024), (usize::MAX, 128)];

/// The same of sums: fewer cubes have what they take at each corner, so it pays to look at
/// more (of 29,303 unsafe sums in 118,125 cells 6,732, 4,038 and 3,389 further cells were
/// suppressed, with 128, 512 and 2,048 cubes).
const CUBES_OF_SUM: [(usize, usize); 3] = [(5_000, 2048), (200_000, 1024), (usize::MAX, 128)];

/// Tables that give a cell as many values as are wanted, and the cells that they change.
#[derive(Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    pub(super) changed: Vec<u32>,
}

/// What a contributor knows: inner cells that are not empty, and those that its
/// singletons know.
struct Avoided {
    filled: Vec<u32>,
    singletons: Vec<u32>,
}

/// What is the same whatever is suppressed is shared by all [copies](Search::beside_this).
#[derive(Clone)]
pub(super) struct Search<'a> {
    task: &'a Task<'a>,
    watch: &'a Watch,
    /// Of the inner cells; or of the joint cells, if there are any.
    grid: Arc<Grid<'a>>,
    ways: Arc<Ways<'a>>,
    cells_of: Arc<Structure>,
    /// Of each inner cell, the singletons who know its number.
    known_to: Arc<[Vec<u32>]>,
    /// The table that cubes are added to: the true one, unless several are added up.
    inner: Vec<i128>,
    values: Vec<i128>,
    /// What is lost to a reader if the cell is suppressed.
    worth: Arc<[f64]>,
    suppressed: Vec<bool>,
    /// Cells that were suppressed since that was last [taken back](Search::take_back) or agreed to.
    newly: Vec<u32>,
    /// By inner cell what is lost if the cells that consist of it only are suppressed.
    lost: Vec<f64>,
    /// Of the cells, where there is no joint table.
    partitions: Option<Arc<Partitions>>,
    /// Once they are needed.
    ties: Arc<OnceLock<Ties<'a>>>,
    /// How many cubes are looked at from one inner cell.
    most_cubes: usize,
    looked_at: u64,
    /// How many of them were reported.
    reported: u64,
    /// Whether linear programmes are asked, which takes long.
    pub(super) asks_linear: bool,
    /// What may still be spent on them.
    linear_left: u64,
    /// Room to work in. By cell, when it was last marked.
    marks: Vec<u32>,
    mark: u32,
    net: Vec<i64>,
    touched: Vec<u32>,
    /// By place of the grid.
    in_target: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(super) fn new(task: &'a Task<'a>, watch: &'a Watch) -> Self {
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
        let mut wanted = task.wanted.iter();
        let of_sum = wanted.any(|wanted| wanted.possible.is_of_sum());
        let ways = Ways::new(task.known.joint, structure.inner());
        let cubes = if of_sum { CUBES_OF_SUM } else { CUBES };
        let most_cubes = cubes.iter().find(|(cells, _)| task.wanted.len() <= *cells);
        let is_apart = task.known.joint.is_none();
        let mut search = Self {
            partitions: is_apart.then(|| Partitions::of(structure, task.places).into()),
            ties: Arc::default(),
            grid: Grid::new(task.places, ways.places()).into(),
            cells_of: structure.transposed().into(),
            known_to: known_to.into(),
            inner: task.inner.to_vec(),
            worth: worths(task, &values, of_sum).into(),
            suppressed: Vec::new(),
            newly: Vec::new(),
            lost: vec![0.0; structure.inner()],
            most_cubes: most_cubes.map_or(0, |(_, cubes)| *cubes),
            looked_at: 0,
            reported: 0,
            asks_linear: false,
            linear_left: linear::WORK,
            marks: vec![0; values.len()],
            mark: 0,
            net: vec![0; values.len()],
            touched: Vec::new(),
            in_target: vec![false; ways.places()],
            ways: ways.into(),
            values,
            task,
            watch,
        };
        search.only_suppressed(&[]);
        search
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

    /// A search of its own on the same table, of which the same is suppressed.
    pub(super) fn beside_this(&self) -> Self {
        Self {
            looked_at: 0,
            reported: 0,
            ..self.clone()
        }
    }

    pub(super) fn suppress(&mut self, cells: &[u32]) {
        for cell in cells {
            if !self.suppressed[*cell as usize] {
                self.suppressed[*cell as usize] = true;
                self.newly.push(*cell);
                self.lose_anew(*cell);
            }
        }
    }

    /// Suppresses these cells, and of those that it suppressed for itself no others.
    pub(super) fn agree_to(&mut self, cells: &[u32]) {
        self.take_back();
        self.suppress(cells);
        self.newly.clear();
    }

    /// Publishes what was suppressed on the way.
    pub(super) fn take_back(&mut self) {
        for cell in std::mem::take(&mut self.newly) {
            self.publish(cell);
        }
    }

    pub(super) fn publish(&mut self, cell: u32) {
        self.suppressed[cell as usize] = false;
        self.lose_anew(cell);
    }

    /// After a cell was suppressed or published: what its inner cell loses, if it has one.
    fn lose_anew(&mut self, cell: u32) {
        if let [inner] = self.task.known.structure.members(cell as usize) {
            self.lost[*inner as usize] = self.own_lost(*inner);
        }
    }

    fn own_lost(&self, inner: u32) -> f64 {
        let structure = self.task.known.structure;
        let cells = self.cells_of.members(inner as usize).iter();
        let own = cells.filter(|cell| structure.members(**cell as usize).len() == 1);
        let own = own.filter(|cell| !self.suppressed[**cell as usize]);
        own.map(|cell| self.worth[*cell as usize]).sum()
    }

    /// Suppresses these, unsafe cells, those that may not be published, and no others.
    pub(super) fn only_suppressed(&mut self, cells: &[u32]) {
        let may = self.task.known.published.iter();
        self.newly.clear();
        self.suppressed = may.map(|may| !may).collect();
        for wanted in self.task.wanted {
            self.suppressed[wanted.cell] = true;
        }
        for inner in 0..self.lost.len() {
            self.lost[inner] = self.own_lost(inner as u32);
        }
        self.agree_to(cells);
    }

    /// Tables that give the cell as many values as are wanted, which this contributor
    /// cannot rule out: those that change cells of the least worth, of no more than `most` each.
    ///
    /// # Errors
    ///
    /// [`WorkStopped`], whatever was found by then.
    pub(super) fn find(
        &mut self,
        wanted: Unsafe,
        avoid: Option<Contributor>,
        most: f64,
    ) -> Result<Option<Found>, WorkStopped> {
        let members = self.task.known.structure.members(wanted.cell);
        let within: Vec<u32> = members
            .iter()
            .flat_map(|at| self.ways.to(*at))
            .copied()
            .collect();
        for place in &within {
            self.in_target[*place as usize] = true;
        }
        let avoid = avoid.map(|who| self.avoided(who));
        let avoid = avoid.as_ref();
        let found = match wanted.possible {
            Possible::Around { below, above } => {
                self.around(wanted.cell, (below, above), avoid, most)
            }
            _ => self.values_of(wanted, avoid, most),
        };
        for place in &within {
            self.in_target[*place as usize] = false;
        }
        // What was stopped on the way may have found less than there is.
        self.watch.go_on()?;
        Ok(found)
    }

    fn values_of(&mut self, wanted: Unsafe, avoid: Option<&Avoided>, most: f64) -> Option<Found> {
        let best = self.best(wanted, avoid, most);
        if let Some(found) = best.found() {
            return Some(self.found(&found));
        }
        let found = self.added_up((wanted, false), avoid, most);
        if found.is_some() || most.is_finite() {
            return found;
        }
        let found = self.added_up((wanted, true), avoid, most);
        found.or_else(|| self.linear(wanted, avoid))
    }

    /// What was looked at and not reported yet, for the caller to report.
    pub(super) fn take_unreported(&mut self) -> u64 {
        self.looked_at - std::mem::replace(&mut self.reported, self.looked_at)
    }

    /// Reports work that was [taken](Self::take_unreported), once it is enough; gives what is left.
    pub(super) fn report(&self, work: u64) -> u64 {
        if work < REPORT_EVERY {
            return work;
        }
        // Whether to go on is asked before the next cell.
        let _ = self.watch.report(Work::Searched(work));
        0
    }

    /// Reports what was looked at, once it is enough to be reported; whether to go on.
    fn goes_on(&mut self) -> bool {
        let more = self.looked_at - self.reported;
        if more < REPORT_EVERY {
            return self.watch.go_on().is_ok();
        }
        self.reported = self.looked_at;
        self.watch.report(Work::Searched(more)).is_ok()
    }

    /// What a contributor knows in addition to everybody else.
    fn avoided(&self, who: Contributor) -> Avoided {
        match who {
            Contributor::Singleton(who) => Avoided {
                filled: Vec::new(),
                singletons: vec![who],
            },
            Contributor::In(place) => {
                let filled = self.ways.parts(place).to_vec();
                let singletons = match self.task.known.joint {
                    Some(_) => self.alone_in(place),
                    None => Vec::new(),
                };
                Avoided { filled, singletons }
            }
        }
    }

    /// The singletons that somebody in this joint cell may be.
    pub(super) fn alone_in(&self, joint: u32) -> Vec<u32> {
        let parts = self.ways.parts(joint).iter();
        let filled = parts.filter(|at| self.task.inner[**at as usize] > 0);
        filled.flat_map(|at| self.known_to(*at)).copied().collect()
    }

    pub(super) fn ways(&self) -> &Ways<'a> {
        &self.ways
    }

    /// What is lost if the cells that consist of an inner cell of this place only are suppressed.
    fn lost(&self, place: u32) -> f64 {
        let parts = self.ways.parts(place).iter();
        parts.map(|at| self.lost[*at as usize]).sum()
    }

    /// How many persons are in a place of the grid, at most.
    fn persons(&self, place: u32) -> i128 {
        let parts = self.ways.parts(place).iter();
        let each = parts.map(|at| self.inner[*at as usize]);
        each.min().unwrap_or(0)
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
    fn changed(&self, corners: &[(u32, i64)]) -> Vec<u32> {
        self.net_of(corners).into_keys().collect()
    }

    /// How much more is in each cell that a change of inner cells changes.
    fn net_of(&self, change: &[(u32, i64)]) -> BTreeMap<u32, i64> {
        let mut net: BTreeMap<u32, i64> = BTreeMap::new();
        for &(at, more) in change {
            for cell in self.cells_of.members(at as usize) {
                *net.entry(*cell).or_default() += more;
            }
        }
        net.retain(|_, more| *more != 0);
        net
    }
}

/// Whether a sum is above a limit, in whatever order it was added up.
fn is_above(sum: f64, limit: f64) -> bool {
    sum > limit * (1.0 + 1e-9) + 1e-9
}
