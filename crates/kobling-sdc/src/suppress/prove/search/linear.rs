//! Tables that no cube leads to: found by linear programming.
//!
//! Where most cells are published whatever follows, as in the second release of a table,
//! the tables that are left may differ from the true one in many places at once. Then it
//! is asked directly for one in which the cell has another value: first among
//! those that agree with everything that is not suppressed yet, then among all that may be.

use super::{Avoided, Found, Search};
use crate::attacker::{Possible, Unsafe};
use crate::audit::table::{Undistinguished, another};
use crate::audit::{Seen, Sign};
use crate::proof::Change;
use crate::structure::Structure;

/// What this may cost in all, in terms of equations.
pub(super) const WORK: u64 = 20_000_000_000;

/// The cells and inner cells of a task, with the links of its joint table as further cells.
struct Programme {
    structure: Structure,
    /// Of each cell, what it holds above the least that inner cells are known to hold.
    values: Vec<Option<i128>>,
    /// Of each inner cell, the least.
    least: Vec<i128>,
    /// Of each inner cell, how much more there is.
    above: Vec<i128>,
}

impl Search<'_> {
    /// Tables that give the cell as many values as are wanted, whatever they change: such as
    /// change only what is suppressed already, if these are enough, as others take far longer.
    pub(super) fn linear(&mut self, wanted: Unsafe, avoid: Option<&Avoided>) -> Option<Found> {
        if !self.asks_linear {
            return None;
        }
        let each = [&[false][..], &[false, true]];
        each.into_iter()
            .find_map(|any| self.linear_of(wanted, avoid, any))
    }

    /// Each table by the first of these that leads to one: whether `any` cell may change
    /// that need not be published.
    fn linear_of(
        &mut self,
        wanted: Unsafe,
        avoid: Option<&Avoided>,
        any: &[bool],
    ) -> Option<Found> {
        let value = self.values[wanted.cell];
        let mut found = Found::default();
        let mut step = |by: i128| -> bool {
            let mut each = any.iter();
            let change = each.find_map(|any| self.other(wanted.cell, by, avoid, *any));
            let Some(change) = change else {
                return false;
            };
            found.changed.extend(self.changed(&change));
            found.changes.push(Change { inner: change });
            true
        };
        match wanted.possible {
            Possible::Consecutive(values) => {
                let others = values.saturating_sub(1);
                let up = (1..=i128::from(others)).take_while(|by| step(*by)).count() as u64;
                let down = 1..=i128::from(others - up);
                if !down.into_iter().all(|by| step(-by)) {
                    return None;
                }
            }
            Possible::All(first, last) => {
                let mut others = (i128::from(first)..=i128::from(last)).filter(|at| *at != value);
                if !others.all(|other| step(other - value)) {
                    return None;
                }
            }
            Possible::Around { below, above } => {
                let mut ends = [i128::from(above), -i128::from(below)].into_iter();
                if !ends.all(|by| by == 0 || step(by)) {
                    return None;
                }
            }
        }
        found.changed.sort_unstable();
        found.changed.dedup();
        Some(found)
    }

    /// A table in which the cell has so many more, that differs from the true one by this.
    /// `any` if every cell may change that need not be published.
    pub(super) fn other(
        &mut self,
        cell: usize,
        by: i128,
        avoid: Option<&Avoided>,
        any: bool,
    ) -> Option<Vec<(u32, i64)>> {
        self.watch.go_on().ok()?;
        let programme = self.programme(cell, by, avoid, any);
        let seen = Seen {
            structure: &programme.structure,
            values: &programme.values,
            sign: Sign::NonNegative,
        };
        let groups = another(&seen, &programme.above, &mut self.linear_left, self.watch)?;
        let change = self.change(groups, &programme.least)?;
        self.agrees((cell, by), &change, avoid, any)
            .then_some(change)
    }

    fn may_change(&self, cell: usize, any: bool) -> bool {
        self.suppressed[cell] || any && self.worth[cell].is_finite()
    }

    fn programme(&self, cell: usize, by: i128, avoid: Option<&Avoided>, any: bool) -> Programme {
        let known = &self.task.known;
        let own = known.structure;
        let least = (0..).zip(&self.inner).map(|(at, persons)| {
            let least = known.least_inner.get(at as usize).copied().unwrap_or(0);
            let is_own = avoid.is_some_and(|avoid| avoid.filled.contains(&at));
            i128::from(least.max(u64::from(is_own))).min(*persons)
        });
        let mut least: Vec<i128> = least.collect();
        let frozen = (0..own.inner() as u32).filter(|at| self.is_frozen(*at, avoid));
        let mut further: Vec<Vec<u32>> = frozen.map(|at| vec![at]).collect();
        let links = known.joint.map_or(&[][..], |joint| &joint.links);
        // Both sides of a link change alike: each is as much below a number as a further
        // inner cell says.
        let total: i128 = self.inner.iter().sum();
        for (link, sides) in (own.inner() as u32..).zip(links) {
            further.extend(sides.iter().map(|side| {
                let mut members = side.clone();
                members.push(link);
                members.sort_unstable();
                members
            }));
        }
        let mut true_inner = self.inner.clone();
        true_inner.resize(own.inner() + links.len(), total);
        // What an inner cell is at most, it and what it is less are together.
        for (at, most) in (0..).zip(known.most_inner) {
            if let Some(most) = most {
                further.push(vec![at, true_inner.len() as u32]);
                true_inner.push(most - self.inner[at as usize]);
            }
        }
        let inner = true_inner.len();
        least.resize(inner, 0);
        let above = true_inner.iter().zip(&least);
        let above: Vec<i128> = above.map(|(persons, least)| persons - least).collect();
        let sum = |members: &[u32]| -> i128 { members.iter().map(|at| above[*at as usize]).sum() };
        let values = (0..own.cells()).map(|at| {
            let value = sum(own.members(at));
            match at == cell {
                true => Some(value + by),
                false => Some(value).filter(|_| !self.may_change(at, any)),
            }
        });
        let of_further = further.iter().map(|members| Some(sum(members)));
        let values = values.chain(of_further).collect();
        let all = (0..own.cells()).map(|at| own.members(at).to_vec());
        Programme {
            structure: Structure::new(inner, all.chain(further)),
            values,
            least,
            above,
        }
    }

    /// How the table of these groups differs from the true one: what they hold more or less
    /// is one inner cell's, as far as that has it.
    fn change(&self, groups: Vec<Undistinguished>, least: &[i128]) -> Option<Vec<(u32, i64)>> {
        let mut change: Vec<(u32, i64)> = Vec::new();
        for (mut inner, holds) in groups {
            inner.retain(|at| (*at as usize) < self.inner.len());
            if inner.is_empty() {
                continue;
            }
            let above = |at: u32| self.inner[at as usize] - least[at as usize];
            let mut more = holds - inner.iter().map(|at| above(*at)).sum::<i128>();
            // Where somebody is, and no singleton, nobody learns that it was otherwise.
            inner.sort_by_key(|at| {
                let singletons = self.known_to(*at).len();
                (singletons, std::cmp::Reverse(above(*at)), *at)
            });
            for at in inner {
                let own = more.max(-above(at));
                if own != 0 {
                    change.push((at, i64::try_from(own).ok()?));
                    more -= own;
                }
            }
        }
        change.sort_unstable();
        Some(change)
    }

    /// Whether a table agrees with what is published, and with what is known in addition.
    pub(super) fn agrees(
        &self,
        (cell, by): (usize, i128),
        change: &[(u32, i64)],
        avoid: Option<&Avoided>,
        any: bool,
    ) -> bool {
        let is_too_much = |at: u32, more: i64| i128::from(more) > self.room_above(at);
        let mut each = change.iter();
        if each.any(|(at, more)| self.is_frozen(*at, avoid) || is_too_much(*at, *more)) {
            return false;
        }
        if self.ways.times(&self.inner, change, 1) == Some(0) {
            return false;
        }
        let net = self.net_of(change);
        let fits = net.iter().all(|(at, more)| {
            let at = *at as usize;
            let least = self.task.known.least.get(at).copied().unwrap_or(0);
            let is_least = *more >= 0 || self.values[at] + i128::from(*more) >= i128::from(least);
            is_least && (at == cell || self.may_change(at, any))
        });
        fits && net.get(&(cell as u32)).copied().unwrap_or(0) == by as i64
    }
}
