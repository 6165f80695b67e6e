//! What a change may touch, and how far: by the bounds that everybody knows, and by what a
//! contributor knows beside them.

use super::{Avoided, Search};

impl Search<'_> {
    /// How much more a place of the grid can get, or less if `sign` is negative.
    pub(super) fn room(&self, place: u32, sign: i64) -> i128 {
        let parts = self.ways.parts(place).iter();
        let each = parts.map(|at| match sign < 0 {
            true => self.inner[*at as usize] - self.least_of(*at),
            false => self.room_above(*at),
        });
        each.min().unwrap_or(0)
    }

    pub(super) fn least_of(&self, inner: u32) -> i128 {
        let least = self.task.known.least_inner.get(inner as usize);
        i128::from(least.copied().unwrap_or(0))
    }

    /// The least that a contributor knows to be in an inner cell.
    pub(super) fn least_to(&self, inner: u32, avoid: Option<&Avoided>) -> i128 {
        let is_own = avoid.is_some_and(|avoid| avoid.filled.contains(&inner));
        self.least_of(inner).max(i128::from(is_own))
    }

    /// How much less than the most that it is known to be at most.
    pub(super) fn room_above(&self, inner: u32) -> i128 {
        let most = self.task.known.most_inner.get(inner as usize);
        let most = most.copied().flatten();
        most.map_or(i128::MAX, |most| most - self.inner[inner as usize])
    }

    /// Whether no change may touch it: it is known to be empty, or to this contributor.
    pub(super) fn is_frozen(&self, inner: u32, avoid: Option<&Avoided>) -> bool {
        if self.task.known.impossible.get(inner as usize) == Some(&true) {
            return true;
        }
        avoid.is_some_and(|avoid| {
            let mut known_to = self.known_to[inner as usize].iter();
            !avoid.singletons.is_empty() && known_to.any(|who| avoid.singletons.contains(who))
        })
    }

    /// Whether no cube that loses no more than `most` has a corner at this place. Of a joint table
    /// one may, as long as the corners of an inner cell leave it as it is.
    pub(super) fn is_closed(&self, place: u32, (avoid, most): (Option<&Avoided>, f64)) -> bool {
        let is_out = |inner: u32| {
            let lost = self.lost[inner as usize];
            lost.is_infinite() || super::is_above(lost, most) || self.is_frozen(inner, avoid)
        };
        self.task.known.joint.is_none() && is_out(place)
    }

    /// Whether everybody knows whatever is suppressed that the inner cell holds nothing.
    pub(in super::super) fn is_public(&self, inner: u32) -> bool {
        let mut cells = self.cells_of.members(inner as usize).iter();
        let stays =
            |cell: &u32| self.worth(*cell).is_infinite() && self.values[*cell as usize] == 0;
        self.is_frozen(inner, None) || cells.any(stays)
    }
}
