//! Tables that no cube leads to: what a change leaves open is mended, cell by cell.
//!
//! Where many cells are published whatever follows, as in the second release of a table, few
//! cubes have only corners that may change. But most inner cells are then in one or two such
//! cells, and a table that differs from the true one is a path: one person more in an inner
//! cell, one less in another of the same published cell, one more in another of the next, until
//! an inner cell is in none. So changes are built up by a beam search (B. T. Lowerre, *The HARPY
//! speech recognition system*, 1976): of each, one cell that is open is mended in all ways, and
//! those are kept on that leave least open and lose least.

use std::collections::HashSet;
use std::sync::Arc;

use super::around::Far;
use super::{Avoided, Search};
use crate::attacker::Joint;

/// How wide is looked: narrowly first.
const WIDTHS: [Width; 2] = [
    Width {
        kept: 48,
        ways: 192,
        steps: 32,
    },
    Width {
        kept: 1_000,
        ways: 1_000,
        steps: 48,
    },
];

/// In so many ways changes are mended at most, until one is found: what is not found by then is
/// seldom found later, and linear programmes answer sooner.
const MOST_WAYS: u64 = 100_000;

/// How many changes are kept at a time; in how many ways each is mended; how often.
#[derive(Clone, Copy)]
struct Width {
    kept: usize,
    ways: usize,
    steps: usize,
}

/// What is likely to be lost by mending what is open, for each step.
const OPEN: f64 = 20.0;

/// What is likely to be lost by a further proof, where somebody can rule the change out.
const RULED_OUT: f64 = 4.0;

/// What a table must agree with, beside the bounds of its inner cells: cells that are published
/// whatever follows, cells of which something is known, and the links of a joint table.
pub(super) struct Ties<'a> {
    /// Of each inner cell, how many it is in.
    ties: Vec<u32>,
    links: &'a [[Vec<u32>; 2]],
    /// Of each inner cell, the links that it is in, and on which side.
    links_of: Vec<Vec<(u32, i64)>>,
}

/// Which: the number of a cell, after these that of a link; or the cell that is to have another
/// value.
type Tie = u32;
const TARGET: Tie = Tie::MAX;

/// The cell that is to have another value, and how much more.
type Goal = (usize, i64);

/// A change, and what it does to its ties.
#[derive(Clone)]
struct Partial {
    /// Inner cells, ascending, and how much more is in each.
    change: Vec<(u32, i64)>,
    /// How much more is in each tie that was changed, and in the target.
    more: Vec<(Tie, i64)>,
    lost: f64,
}

impl Partial {
    fn more_in(&self, inner: u32) -> i64 {
        let at = self.change.binary_search_by_key(&inner, |(at, _)| *at);
        at.map_or(0, |at| self.change[at].1)
    }

    /// With so much more in an inner cell, which is in these ties.
    fn with(&self, way: &Way, ties: &[(Tie, i64)]) -> Self {
        let mut change = self.change.clone();
        match change.binary_search_by_key(&way.inner, |(at, _)| *at) {
            Ok(at) => change[at].1 += way.more,
            Err(at) => change.insert(at, (way.inner, way.more)),
        }
        Self {
            change,
            more: added(&self.more, way.more, ties),
            lost: way.lost,
        }
    }
}

fn added(all: &[(Tie, i64)], more: i64, ties: &[(Tie, i64)]) -> Vec<(Tie, i64)> {
    let mut all = all.to_vec();
    for (tie, side) in ties {
        match all.iter_mut().find(|(other, _)| other == tie) {
            Some((_, own)) => *own += side * more,
            None => all.push((*tie, side * more)),
        }
    }
    all.retain(|(tie, more)| *tie == TARGET || *more != 0);
    all
}

/// A way to mend a change.
struct Way {
    /// What is lost by it and, as a guess, by what is to follow.
    cost: f64,
    /// Which of the changes.
    number: usize,
    inner: u32,
    more: i64,
    /// What is lost by then.
    lost: f64,
}

impl Search<'_> {
    /// A change by which a cell holds so much more, or less, and which nobody can rule out by
    /// what stays published.
    pub(super) fn mended(
        &mut self,
        cell: usize,
        far: Far,
        avoid: Option<&Avoided>,
    ) -> Option<Vec<(u32, i64)>> {
        let joint = self.task.known.joint;
        if joint.is_some_and(|joint| joint.overlaps) {
            // Sides of a link are no sums then.
            return None;
        }
        let by = far.sign * i64::try_from(far.by).ok()?;
        let ties = Arc::clone(&self.ties);
        let ties = ties.get_or_init(|| self.all_ties(joint));
        let mut widths = WIDTHS.into_iter();
        widths.find_map(|width| self.mended_within((cell, by), ties, avoid, width))
    }

    fn mended_within(
        &mut self,
        goal: Goal,
        ties: &Ties<'_>,
        avoid: Option<&Avoided>,
        width: Width,
    ) -> Option<Vec<(u32, i64)>> {
        let mut kept = vec![Partial {
            change: Vec::new(),
            more: vec![(TARGET, 0)],
            lost: 0.0,
        }];
        let mut seen: HashSet<Vec<(u32, i64)>> = HashSet::new();
        let start = self.looked_at;
        for _ in 0..width.steps {
            if !self.goes_on() || self.looked_at - start > MOST_WAYS {
                return None;
            }
            let mut ways = Vec::new();
            for (number, partial) in kept.iter().enumerate() {
                ways.extend(self.ways_on((goal, ties), avoid, (number, partial), width.ways));
            }
            ways.sort_by(|a, b| {
                let cost = a.cost.total_cmp(&b.cost);
                cost.then((a.number, a.inner).cmp(&(b.number, b.inner)))
            });
            let mut next = Vec::new();
            for way in ways {
                let of_inner = self.ties_of(way.inner, goal, ties);
                let with = kept[way.number].with(&way, &of_inner);
                if !seen.insert(with.change.clone()) {
                    continue;
                }
                let mut each = with.more.iter();
                if each.all(|(tie, more)| self.left_open(*tie, *more, goal) == 0) {
                    return Some(with.change);
                }
                next.push(with);
                if next.len() == width.kept {
                    break;
                }
            }
            kept = next;
        }
        None
    }

    fn all_ties<'t>(&self, joint: Option<&'t Joint>) -> Ties<'t> {
        let inner = self.task.known.structure.inner();
        let links = joint.map_or(&[][..], |joint| &joint.links);
        let mut links_of = vec![Vec::new(); if links.is_empty() { 0 } else { inner }];
        for (number, [one, other]) in (0..).zip(links) {
            for (side, cells) in [(1, one), (-1, other)] {
                for at in cells {
                    links_of[*at as usize].push((number, side));
                }
            }
        }
        let own = (0..inner).map(|at| {
            let cells = self.cells_of.members(at).iter();
            let links = links_of.get(at).map_or(0, Vec::len);
            (cells.filter(|cell| self.is_tie(**cell)).count() + links) as u32
        });
        Ties {
            ties: own.collect(),
            links,
            links_of,
        }
    }

    fn is_tie(&self, cell: u32) -> bool {
        self.worth[cell as usize].is_infinite() || self.least(cell as usize) > 0
    }

    fn least(&self, cell: usize) -> i128 {
        let least = self.task.known.least.get(cell).copied();
        least.unwrap_or(0).into()
    }

    /// The ties that an inner cell is in, and on which side.
    fn ties_of(&self, inner: u32, (target, _): Goal, ties: &Ties<'_>) -> Vec<(Tie, i64)> {
        let cells = self.cells_of.members(inner as usize).iter().copied();
        let cells = cells
            .filter(|cell| self.is_tie(*cell))
            .map(|cell| (cell, 1));
        let all = self.values.len() as Tie;
        let links = ties.links_of.get(inner as usize).into_iter().flatten();
        let links = links.map(|(link, side)| (all + link, *side));
        let members = self.task.known.structure.members(target);
        let is_in_target = members.binary_search(&inner).is_ok();
        let target = is_in_target.then_some((TARGET, 1));
        cells.chain(links).chain(target).collect()
    }

    /// How much more is in a tie than may be; less, if it is negative.
    fn left_open(&self, tie: Tie, more: i64, (_, by): Goal) -> i64 {
        if tie == TARGET {
            return more - by;
        }
        let cell = tie as usize;
        let is_fixed = self.worth.get(cell).is_none_or(|worth| worth.is_infinite());
        if is_fixed || more > 0 {
            return if is_fixed { more } else { 0 };
        }
        let room = self.values[cell] - self.least(cell);
        let beyond = (i128::from(more) + room).min(0);
        // The table agrees with what is known, so it is no further below than the change.
        i64::try_from(beyond).unwrap_or(-i64::MAX)
    }

    /// The inner cells of a tie and their sides, those in fewest ties first; no more than `most`.
    fn members(
        &self,
        tie: Tie,
        (target, _): Goal,
        ties: &Ties<'_>,
        most: usize,
    ) -> Vec<(u32, i64)> {
        let cell = if tie == TARGET { target } else { tie as usize };
        let mut members: Vec<(u32, i64)> = match cell.checked_sub(self.values.len()) {
            None => {
                let members = self.task.known.structure.members(cell).iter();
                members.map(|at| (*at, 1)).collect()
            }
            Some(link) => {
                let [one, other] = &ties.links[link];
                let one = one.iter().map(|at| (*at, 1));
                one.chain(other.iter().map(|at| (*at, -1))).collect()
            }
        };
        let by = |(at, _): &(u32, i64)| (ties.ties[*at as usize], *at);
        if members.len() > most {
            members.select_nth_unstable_by_key(most, by);
            members.truncate(most);
        }
        members.sort_unstable_by_key(by);
        members
    }

    /// The ways to mend the smallest tie that a change leaves open.
    fn ways_on(
        &mut self,
        (goal, ties): (Goal, &Ties<'_>),
        avoid: Option<&Avoided>,
        (number, partial): (usize, &Partial),
        most: usize,
    ) -> Vec<Way> {
        let size = |tie: Tie| match (tie as usize).checked_sub(self.values.len()) {
            _ if tie == TARGET => 0,
            None => self.task.known.structure.members(tie as usize).len(),
            Some(link) => ties.links[link].iter().map(Vec::len).sum(),
        };
        let open = partial.more.iter().filter_map(|(tie, more)| {
            let open = self.left_open(*tie, *more, goal);
            (open != 0).then_some((size(*tie), *tie, open))
        });
        let Some((_, tie, open)) = open.min() else {
            return Vec::new();
        };
        self.mark_net(&partial.change);
        let mut ways = Vec::new();
        for (inner, side) in self.members(tie, goal, ties, most) {
            let more = -open.signum() * side * goal.1.abs();
            let before = partial.more_in(inner);
            // What was changed already is not taken back.
            let is_back = before.signum() == -more.signum();
            if is_back
                || self.is_frozen(inner, avoid)
                || !self.has_room(inner, before + more, avoid)
            {
                continue;
            }
            self.looked_at += 1;
            let lost = partial.lost
                + self.lost_with(inner, more)
                + self.ruled_out(inner, before, before + more);
            let with = added(&partial.more, more, &self.ties_of(inner, goal, ties));
            let open = with.iter();
            let open = open.map(|(tie, more)| self.left_open(*tie, *more, goal).abs());
            let open = open.map(|open| open as f64 / goal.1.abs() as f64);
            ways.push(Way {
                cost: lost + OPEN * open.sum::<f64>(),
                number,
                inner,
                more,
                lost,
            });
        }
        for cell in self.touched.drain(..) {
            self.net[cell as usize] = 0;
        }
        ways
    }

    /// Takes down how much more a change makes of each cell.
    fn mark_net(&mut self, change: &[(u32, i64)]) {
        for (at, more) in change {
            for cell in self.cells_of.members(*at as usize) {
                let net = &mut self.net[*cell as usize];
                if *net == 0 {
                    self.touched.push(*cell);
                }
                *net += more;
            }
        }
    }

    fn has_room(&self, inner: u32, more: i64, avoid: Option<&Avoided>) -> bool {
        let room = match more < 0 {
            true => self.inner[inner as usize] - self.least_to(inner, avoid),
            false => self.room_above(inner),
        };
        i128::from(more).abs() <= room
    }

    /// What is lost in addition to what was marked, if an inner cell gets so much more.
    fn lost_with(&self, inner: u32, more: i64) -> f64 {
        let cells = self.cells_of.members(inner as usize).iter();
        let lost = cells.map(|cell| {
            let at = *cell as usize;
            match (self.net[at], self.net[at] + more) {
                _ if self.suppressed[at] || self.worth[at].is_infinite() => 0.0,
                (0, _) => self.worth[at],
                (_, 0) => -self.worth[at],
                _ => 0.0,
            }
        });
        lost.sum()
    }

    /// What is likely to be lost as somebody can rule out a change of an inner cell.
    fn ruled_out(&self, inner: u32, before: i64, after: i64) -> f64 {
        let persons = self.inner[inner as usize];
        let empties = persons > 0 && persons + i128::from(after) == 0;
        let is_known = before == 0 && !self.known_to[inner as usize].is_empty();
        let each = [empties, is_known].into_iter();
        each.filter(|is| *is).count() as f64 * RULED_OUT
    }
}

#[cfg(test)]
mod tests;
