//! The best cubes for a cell: all that turn to a few promising categories are looked at.

use super::around::Far;
use super::best::{Best, Cube};
use super::partitions::{Chosen, each};
use super::{Avoided, Search, is_above};
use crate::attacker::Unsafe;

/// What cubes are looked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    target: usize,
    avoid: Option<&'a Avoided>,
}

/// A cube being put together, one dimension after the other.
#[derive(Default)]
struct Turning {
    /// The keys of its corners.
    keys: Vec<usize>,
    corners: Vec<(u32, i64)>,
    /// What becomes of inner cells.
    changes: Vec<(u32, i64)>,
}

impl Search<'_> {
    /// The best cubes for a cell, on the table as it is.
    pub(super) fn best(&mut self, wanted: Unsafe, avoid: Option<&Avoided>, most: f64) -> Best {
        let mut best = Best::new(wanted.possible, self.values[wanted.cell], most);
        let far = Far::of(wanted.possible);
        let of = Wanted {
            target: wanted.cell,
            avoid,
        };
        let mut turning = Turning::default();
        for start in self.starts(wanted.cell, (avoid, most), far) {
            if !self.goes_on() {
                return best;
            }
            let others = self.others(start, (avoid, most), far);
            turning.begin(start, self.grid.key(start));
            let all = self.partitions.as_ref().map(|partitions| partitions.all());
            let so_far = (self.lost(start), all);
            self.turn(of, &others, so_far, &mut turning, &mut best);
            if best.is_perfect() {
                return best;
            }
        }
        if most.is_infinite() && best.found().is_none() {
            self.moves(wanted.cell, (avoid, far), &mut best);
        }
        best
    }

    /// Looks at all cubes that turn some of these dimensions beside those that are turned
    /// already. What their corners have `lost` by then only grows, and fewer partitions tell
    /// all of them `apart`: if there are any. Corners of a joint table may leave its inner cells
    /// as they are, and then lose nothing.
    fn turn(
        &mut self,
        of: Wanted<'_>,
        others: &[Vec<u32>],
        (lost, apart): (f64, Option<Chosen>),
        turning: &mut Turning,
        best: &mut Best,
    ) {
        if apart.is_some() && is_above(lost, best.limit()) {
            return;
        }
        let Some((categories, others)) = others.split_last() else {
            self.ways.changes(&turning.corners, &mut turning.changes);
            let cube = (&turning.changes[..], apart);
            if let Some(cube) = self.look(of.target, cube, of.avoid, best.limit()) {
                best.add(&cube, &turning.changes);
            }
            return;
        };
        self.turn(of, others, (lost, apart), turning, best);
        let corners = turning.corners.len();
        let dimension = others.len();
        for &to in categories {
            if best.is_perfect() {
                return;
            }
            let turn = (self.grid.category(dimension, turning.corners[0].0), to);
            let limit = apart.map_or(f64::INFINITY, |_| best.limit() - lost);
            if let Some(more) = self.add_corners(turning, dimension, turn, limit) {
                let apart = apart.map(|apart| apart & self.apart(dimension, turn));
                self.turn(of, others, (lost + more, apart), turning, best);
            }
            self.looked_at += (turning.corners.len() - corners) as u64;
            turning.keys.truncate(corners);
            turning.corners.truncate(corners);
        }
    }

    /// Adds for each corner the one where a dimension is turned. Gives what these lose; nothing
    /// if that is above the limit, or if one of them is no inner cell.
    fn add_corners(
        &self,
        turning: &mut Turning,
        dimension: usize,
        turn: (u32, u32),
        limit: f64,
    ) -> Option<f64> {
        let mut lost = 0.0;
        for corner in 0..turning.corners.len() {
            let (key, inner) = self.grid.turned(turning.keys[corner], dimension, turn)?;
            let (_, sign) = turning.corners[corner];
            turning.keys.push(key);
            turning.corners.push((inner, -sign));
            lost += self.lost(inner);
            if is_above(lost, limit) {
                return None;
            }
        }
        Some(lost)
    }

    /// The last resort: one person more in a place of the cell and one less anywhere
    /// else, or the reverse. Where names say how many persons a set of inner cells has at
    /// least, no cube may do.
    fn moves(
        &mut self,
        target: usize,
        (avoid, far): (Option<&Avoided>, Option<Far>),
        best: &mut Best,
    ) {
        let mut parts = Vec::new();
        for start in self.starts(target, (avoid, f64::INFINITY), far) {
            if !self.goes_on() {
                return;
            }
            let others = (0..self.ways.places() as u32).filter(|other| {
                !self.in_target[*other as usize] && !self.is_closed(*other, (avoid, f64::INFINITY))
            });
            let others: Vec<u32> = others.take(self.most_cubes).collect();
            for other in others {
                self.ways.changes(&[(start, 1), (other, -1)], &mut parts);
                self.looked_at += 2;
                if let Some(cube) = self.look(target, (&parts, None), avoid, best.limit()) {
                    best.add(&cube, &parts);
                }
            }
        }
    }

    /// What the cube that changes these inner cells is good for, if it can be had for
    /// less than `limit`; `apart` are the partitions that tell all its corners apart, if it is
    /// one of a table's own inner cells.
    fn look(
        &mut self,
        target: usize,
        (changes, apart): (&[(u32, i64)], Option<Chosen>),
        avoid: Option<&Avoided>,
        limit: f64,
    ) -> Option<Cube> {
        let mut cube = Cube::new();
        let moves = self.add_up(target, (changes, apart), &mut cube, limit);
        if moves != 1 || cube.lost > limit || !cube.lost.is_finite() {
            return None;
        }
        for &(at, more) in changes {
            if self.is_frozen(at, avoid) {
                return None;
            }
            let persons = self.inner[at as usize];
            let least = self.least_to(at, avoid);
            cube.bound(
                more,
                divided(persons - least, more),
                divided(persons - least.max(i128::from(persons > 0)), more),
            );
            let above = divided(self.room_above(at), more);
            cube.bound(-more, above, above);
            cube.singletons |= !self.known_to[at as usize].is_empty();
        }
        for sign in [1, -1] {
            if let Some(times) = self.ways.times(&self.inner, changes, sign) {
                cube.bound(-sign, times.into(), times.into());
            }
        }
        Some(cube)
    }

    /// Adds up what is lost by the cells that a cube changes, and how far they let it go; and
    /// how much more is in the target. No further than to the limit.
    fn add_up(
        &mut self,
        target: usize,
        (changes, apart): (&[(u32, i64)], Option<Chosen>),
        cube: &mut Cube,
        limit: f64,
    ) -> i64 {
        let Self {
            partitions,
            cells_of,
            net,
            touched,
            suppressed,
            worth,
            values,
            task,
            ..
        } = self;
        let mut moves = 0;
        let mut change = |cell: u32, more: i64| {
            let at = cell as usize;
            if at == target {
                moves = more;
            }
            if !suppressed[at] {
                cube.lost += worth[at];
            }
            let least = task.known.least.get(at).copied().unwrap_or(0);
            if least > 0 {
                let room = divided(values[at] - i128::from(least), more);
                cube.bound(more, room, room);
            }
            cube.lost <= limit
        };
        let partitions = partitions.as_ref().zip(apart);
        if let Some((partitions, apart)) = partitions {
            for partition in each(apart) {
                for (at, more) in changes {
                    let cell = partitions.cell(partition, *at);
                    if cell.is_some_and(|cell| !change(cell, *more)) {
                        return 0;
                    }
                }
            }
        }
        for &(at, more) in changes {
            let cells = match partitions {
                Some((partitions, _)) => partitions.others(at),
                None => cells_of.members(at as usize),
            };
            for &cell in cells {
                let net = &mut net[cell as usize];
                if *net == 0 {
                    touched.push(cell);
                }
                *net += more;
            }
        }
        for cell in touched.drain(..) {
            let net = std::mem::take(&mut net[cell as usize]);
            if net != 0 {
                change(cell, net);
            }
        }
        moves
    }
}

impl Turning {
    fn begin(&mut self, start: u32, key: usize) {
        self.keys.clear();
        self.keys.push(key);
        self.corners.clear();
        self.corners.push((start, 1));
    }
}

/// How often a room has what changes by `more` each time.
fn divided(room: i128, more: i64) -> i128 {
    match more.unsigned_abs() {
        // Divisions of such numbers take long.
        1 => room,
        times => room / i128::from(times),
    }
}
