//! Tables in which a sum is as much larger, or smaller, as its protection level asks for.
//!
//! A cube that is added once goes one unit; so it is added as often as its corners have to
//! lose, and where that is not far enough, further cubes are added to what it left.

use std::collections::BTreeMap;

use super::{Avoided, Found, Search};
use crate::attacker::{Possible, Unsafe};
use crate::proof::Change;

/// Of what is still to go, a cube of several goes at least this part.
const PARTS: [u64; 5] = [1, 2, 4, 8, 16];

/// How many cubes are added up at most.
const PIECES: usize = 24;

/// How far no change goes: then no corner of cubes that are added up is beyond 64 bits.
const FURTHEST: i64 = i64::MAX >> 10;

/// How far a sum must go, and up or, if `sign` is negative, down.
#[derive(Clone, Copy)]
pub(super) struct Far {
    pub(super) sign: i64,
    pub(super) by: u64,
}

impl Far {
    /// Where it is wanted in one direction.
    pub(super) fn of(possible: Possible) -> Option<Self> {
        match possible {
            Possible::Around { below: 0, above } => Some(Self { sign: 1, by: above }),
            Possible::Around { below, above: 0 } => Some(Self {
                sign: -1,
                by: below,
            }),
            _ => None,
        }
    }

    fn wanted(self, cell: usize) -> Unsafe {
        let (below, above) = if self.sign > 0 {
            (0, self.by)
        } else {
            (self.by, 0)
        };
        let possible = Possible::Around { below, above };
        Unsafe { cell, possible }
    }
}

impl Search<'_> {
    /// Tables in which the sum is so much below its value, and so much above it; to a singleton,
    /// if none can be had, one in which it is another one.
    pub(super) fn around(
        &mut self,
        cell: usize,
        (below, above): (u64, u64),
        avoid: Option<&Avoided>,
        most: f64,
    ) -> Option<Found> {
        let any = [(0, 1), (1, 0)].into_iter().filter(|_| avoid.is_some());
        let mut each = [(below, above)].into_iter().chain(any);
        each.find_map(|ends| self.both(cell, ends, avoid, most))
    }

    fn both(
        &mut self,
        cell: usize,
        (below, above): (u64, u64),
        avoid: Option<&Avoided>,
        most: f64,
    ) -> Option<Found> {
        let mut found = Found::default();
        for (sign, by) in [(1, above), (-1, below)] {
            if by > 0 {
                let far = Far { sign, by };
                let change = self.go(cell, far, avoid, most)?;
                let changed = self.changed(&change);
                // What one is suppressed for serves the other.
                self.suppress(&changed);
                found.changed.extend(changed);
                found.changes.push(Change { inner: change });
            }
        }
        found.changed.sort_unstable();
        found.changed.dedup();
        Some(found)
    }

    /// A change that goes so far.
    fn go(
        &mut self,
        cell: usize,
        far: Far,
        avoid: Option<&Avoided>,
        most: f64,
    ) -> Option<Vec<(u32, i64)>> {
        let by = i64::try_from(far.by).ok().filter(|by| *by < FURTHEST)?;
        let best = self.best(far.wanted(cell), avoid, most);
        if let Some(corners) = best.step(far.sign) {
            let change = corners.into_iter();
            let change = change.map(|(at, more)| Some((at, more.checked_mul(far.sign * by)?)));
            let mut change = change.collect::<Option<Vec<(u32, i64)>>>()?;
            change.sort_unstable();
            return Some(change);
        }
        if let Some(change) = self.pieces(cell, far, avoid, most) {
            return Some(change);
        }
        if most.is_finite() {
            return None;
        }
        self.mended(cell, far, avoid).or_else(|| {
            let found = self.linear(far.wanted(cell), avoid)?;
            found.changes.into_iter().next().map(|change| change.inner)
        })
    }

    /// A change that several cubes make together.
    fn pieces(
        &mut self,
        cell: usize,
        far: Far,
        avoid: Option<&Avoided>,
        most: f64,
    ) -> Option<Vec<(u32, i64)>> {
        let mut total: BTreeMap<u32, i64> = BTreeMap::new();
        let mut left = far.by;
        for _ in 0..PIECES {
            if left == 0 {
                break;
            }
            let Some((corners, times)) = self.piece(cell, Far { by: left, ..far }, avoid, most)
            else {
                break;
            };
            for (at, more) in &corners {
                let more = far.sign * more * times as i64;
                *total.entry(*at).or_default() += more;
                self.add(*at, more);
            }
            let changed = self.changed(&corners);
            self.suppress(&changed);
            left -= times;
        }
        for (at, more) in &total {
            self.add(*at, -more);
        }
        total.retain(|_, more| *more != 0);
        (left == 0).then(|| total.into_iter().collect())
    }

    /// The cheapest cube of those that go a large part of this at once, and how often.
    fn piece(
        &mut self,
        cell: usize,
        far: Far,
        avoid: Option<&Avoided>,
        most: f64,
    ) -> Option<(Vec<(u32, i64)>, u64)> {
        PARTS.into_iter().find_map(|part| {
            let by = far.by.div_ceil(part);
            let part = Far { by, ..far };
            let best = self.best(part.wanted(cell), avoid, most);
            Some((best.step(far.sign)?, by))
        })
    }
}
