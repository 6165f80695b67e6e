//! From which side an attacker bounds the values of a quantity.
//!
//! Where nobody contributes less than nothing, values are bounded from below by 0.
//! Where nobody contributes more, they are bounded from above, which is the same
//! of their negatives. Where some contribute less and some more, an attacker may
//! know of each inner cell which of both there are, and how much there is without
//! signs: then it is bounded from below by minus that, where a contribution is
//! negative, and by 0 elsewhere; and from above alike. Both are attacked. On either side,
//! where contributions are of the other sign only, the attacker knows a bound on that end
//! too: a cap, which is given as one more published sum of the inner cell and of one that
//! nobody sees.

use std::borrow::Cow;

use kobling_sdc::proof::Proof;
use kobling_sdc::structure::Structure;

/// Values as they are bounded from below by 0: `±value + shift`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side {
    negated: bool,
    /// By inner cell; empty if there is none.
    inner: Vec<i128>,
    /// By cell; empty if there is none.
    cells: Vec<i128>,
    /// Inner cells that are known to be no more than so much, as they are bounded.
    caps: Vec<(u32, i128)>,
}

/// What an attacker knows of the contributions in an inner cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignBounds {
    /// Whether one is less than nothing.
    pub(super) negative: bool,
    /// Whether one is more.
    pub(super) positive: bool,
    /// Their sum without signs.
    pub(super) absolute: i128,
}

impl Side {
    /// Bounded from below by 0 as they are.
    pub(super) fn plain() -> Self {
        Self {
            negated: false,
            inner: Vec::new(),
            cells: Vec::new(),
            caps: Vec::new(),
        }
    }

    /// Bounded from below by what is known to be in each inner cell at least; `members`
    /// has the inner cells of each cell.
    pub(super) fn at_least<'a>(least: &[i128], members: impl Iterator<Item = &'a [u32]>) -> Self {
        let sum = |members: &[u32]| members.iter().map(|at| -least[*at as usize]).sum();
        Self {
            negated: false,
            cells: members.map(sum).collect(),
            inner: least.iter().map(|least| -least).collect(),
            caps: Vec::new(),
        }
    }

    /// The sides of inner cells of these `signs`; `members` has the inner cells of each cell.
    pub(super) fn all<'a>(
        signs: &[SignBounds],
        members: impl Iterator<Item = &'a [u32]> + Clone,
    ) -> Vec<Self> {
        let negative = signs.iter().any(|signs| signs.negative);
        let positive = signs.iter().any(|signs| signs.positive);
        if !negative {
            return vec![Self::plain()];
        }
        let side = |negated: bool| {
            let beyond = |signs: &SignBounds| match negated {
                false => signs.negative,
                true => signs.positive,
            };
            let inner = signs.iter();
            let inner = inner.map(|signs| if beyond(signs) { signs.absolute } else { 0 });
            let inner: Vec<i128> = inner.collect();
            let sum = |members: &[u32]| members.iter().map(|at| inner[*at as usize]).sum();
            let caps = signs.iter().zip(0..);
            let caps =
                caps.filter(|(signs, _)| beyond(signs) && !(signs.negative && signs.positive));
            Self {
                negated,
                cells: members.clone().map(sum).collect(),
                caps: caps.map(|(signs, at)| (at, signs.absolute)).collect(),
                inner,
            }
        };
        match positive {
            // All are bounded on the one end only.
            false => vec![Self {
                caps: Vec::new(),
                ..side(true)
            }],
            true => vec![side(false), side(true)],
        }
    }

    pub(super) fn of_cell(&self, cell: usize, value: i128) -> i128 {
        self.of(value, self.cells.get(cell))
    }

    pub(super) fn of_inner(&self, inner: usize, value: i128) -> i128 {
        self.of(value, self.inner.get(inner))
    }

    /// The structure with what states the caps, behind its own cells and inner cells.
    pub(super) fn capped<'a>(&self, structure: &'a Structure) -> Cow<'a, Structure> {
        if self.caps.is_empty() {
            return Cow::Borrowed(structure);
        }
        let (own, inner) = (structure.cells(), structure.inner());
        let caps = self.caps.iter().zip(inner as u32..);
        let caps = caps.map(|((at, _), rest)| vec![*at, rest]);
        let cells = (0..own).map(|cell| structure.members(cell).to_vec());
        Cow::Owned(Structure::new(inner + self.caps.len(), cells.chain(caps)))
    }

    /// What is known of the caps, in the order of the structure's further cells.
    pub(super) fn caps(&self) -> impl Iterator<Item = i128> {
        self.caps.iter().map(|(_, most)| *most)
    }

    /// Of each of so many inner cells, what it is known to be at most.
    pub(super) fn most(&self, inner: usize) -> Vec<Option<i128>> {
        let mut most = vec![None; inner];
        for (at, cap) in &self.caps {
            most[*at as usize] = Some(*cap);
        }
        most
    }

    /// The `inner` values of a [capped](Self::capped) structure, of those of its own cells.
    pub(super) fn inner(&self, inner: &[i128]) -> Vec<i128> {
        let own = inner.iter().enumerate();
        let mut own: Vec<i128> = own.map(|(at, value)| self.of_inner(at, *value)).collect();
        let rest = self.caps.iter().map(|(at, most)| most - own[*at as usize]);
        let rest: Vec<i128> = rest.collect();
        own.extend(rest);
        own
    }

    /// The `places` of a [capped](Self::capped) structure's inner cells, of those of its own.
    pub(super) fn places<'a>(&self, places: &'a [Vec<u32>]) -> Cow<'a, [Vec<u32>]> {
        if self.caps.is_empty() {
            return Cow::Borrowed(places);
        }
        let each = places.iter().map(|places| {
            let rest = self.caps.iter().map(|(at, _)| places[*at as usize]);
            places.iter().copied().chain(rest).collect()
        });
        Cow::Owned(each.collect())
    }

    /// How much more than its `value` a cell of these `members` can be at most, if all
    /// are capped.
    pub(super) fn room(&self, members: &[u32], value: i128) -> Option<i128> {
        let mut most = 0;
        for member in members {
            let at = self.caps.binary_search_by_key(member, |(at, _)| *at).ok()?;
            most += self.caps[at].1;
        }
        Some(most - value)
    }

    /// Proofs on this side, as changes of the values themselves.
    pub(super) fn own_units(&self, mut proofs: Vec<Proof>) -> Vec<Proof> {
        let changes = proofs.iter_mut().flat_map(|proof| &mut proof.changes);
        if self.negated {
            for (_, more) in changes.flat_map(|change| &mut change.inner) {
                *more = -*more;
            }
        }
        proofs
    }

    fn of(&self, value: i128, shift: Option<&i128>) -> i128 {
        let value = if self.negated { -value } else { value };
        value + shift.copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(contributions: &[i128]) -> SignBounds {
        SignBounds {
            negative: contributions.iter().any(|value| *value < 0),
            positive: contributions.iter().any(|value| *value > 0),
            absolute: contributions.iter().map(|value| value.abs()).sum(),
        }
    }

    /// No value is below 0 on any side; and the sides of the negatives are the same.
    #[test]
    fn a_value_and_its_negative_have_the_same_sides() {
        let cells = [vec![3, -5], vec![2, 2], vec![-7], vec![]];
        let members: [&[u32]; 2] = [&[0, 1], &[1, 2, 3]];
        let sides = |sign: i128| {
            let cells = cells.each_ref().map(|cell| {
                let cell = cell.iter().map(|value| value * sign);
                cell.collect::<Vec<i128>>()
            });
            let signs: Vec<SignBounds> = cells.iter().map(|cell| signs(cell)).collect();
            let sums = cells.map(|cell| cell.iter().sum::<i128>());
            let sides = Side::all(&signs, members.into_iter());
            let each = sides.into_iter().map(|side| {
                let inner = sums.iter().enumerate();
                let inner: Vec<i128> = inner.map(|(at, sum)| side.of_inner(at, *sum)).collect();
                let cells = members.iter().enumerate().map(|(cell, members)| {
                    let sum = members.iter().map(|at| sums[*at as usize]).sum();
                    side.of_cell(cell, sum)
                });
                (inner, cells.collect::<Vec<i128>>())
            });
            each.collect::<Vec<_>>()
        };
        let (plain, mirrored) = (sides(1), sides(-1));
        assert_eq!(plain[0], (vec![6, 4, 0, 0], vec![10, 4]));
        assert_eq!(plain[1], (vec![10, 0, 7, 0], vec![10, 7]));
        assert_eq!(mirrored, [plain[1].clone(), plain[0].clone()]);
    }
}
