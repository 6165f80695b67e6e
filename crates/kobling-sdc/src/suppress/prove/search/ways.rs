//! From places of a grid to inner cells, and back: they are the same where one table has all.

use std::collections::BTreeMap;

use crate::attacker::Joint;
use crate::structure::Structure;

/// So many times a cube is added at most, where persons may be in several inner cells.
const MOST_TIMES: u64 = 64;

/// Which inner cells a place of the grid is part of: one, or of a joint table one of
/// each release.
pub(in super::super) enum Ways<'a> {
    /// The place of the same number.
    Same(Vec<u32>),
    Joint {
        joint: &'a Joint,
        joint_of: Structure,
        /// Of each inner cell, the links that it is in; only where persons may be in several.
        links_of: Vec<Vec<u32>>,
    },
}

impl<'a> Ways<'a> {
    pub(super) fn new(joint: Option<&'a Joint>, inner: usize) -> Self {
        match joint {
            None => Self::Same((0..inner as u32).collect()),
            Some(joint) => {
                let mut links_of = vec![Vec::new(); inner];
                for (number, link) in (0..).zip(&joint.links).filter(|_| joint.overlaps) {
                    for at in link.iter().flatten() {
                        links_of[*at as usize].push(number);
                    }
                }
                Self::Joint {
                    joint_of: joint.parts.transposed(),
                    joint,
                    links_of,
                }
            }
        }
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        match self {
            Self::Same(all) => all.len(),
            Self::Joint { joint, .. } => joint.parts.cells(),
        }
    }

    /// The inner cells of a place.
    pub(in super::super) fn parts(&self, place: u32) -> &[u32] {
        match self {
            Self::Same(all) => &all[place as usize..=place as usize],
            Self::Joint { joint, .. } => joint.parts.members(place as usize),
        }
    }

    /// The places of an inner cell.
    pub(in super::super) fn to(&self, inner: u32) -> &[u32] {
        match self {
            Self::Same(all) => &all[inner as usize..=inner as usize],
            Self::Joint { joint_of, .. } => joint_of.members(inner as usize),
        }
    }

    /// What becomes of inner cells when these corners get one person more or less each.
    pub(super) fn changes(&self, corners: &[(u32, i64)], changes: &mut Vec<(u32, i64)>) {
        changes.clear();
        match self {
            Self::Same(_) => changes.extend_from_slice(corners),
            Self::Joint { joint, .. } => {
                let mut net: BTreeMap<u32, i64> = BTreeMap::new();
                for &(place, more) in corners {
                    for at in joint.parts.members(place as usize) {
                        *net.entry(*at).or_default() += more;
                    }
                }
                changes.extend(net.into_iter().filter(|(_, more)| *more != 0));
            }
        }
    }

    /// How often inner cells can change by this at most, where persons may be in several:
    /// no cell of a link gets more than its other side has together. None where nothing
    /// of the kind bounds it.
    pub(super) fn times(&self, inner: &[i128], changes: &[(u32, i64)], sign: i64) -> Option<u64> {
        let Self::Joint {
            joint, links_of, ..
        } = self
        else {
            return None;
        };
        let mut links: Vec<u32> = changes
            .iter()
            .flat_map(|(at, _)| &links_of[*at as usize])
            .copied()
            .collect();
        links.sort_unstable();
        links.dedup();
        let fits = |times: i64| {
            let now = |at: &u32| {
                let change = changes.iter().find(|(changed, _)| changed == at);
                let more = change.map_or(0, |(_, more)| more * times);
                inner[*at as usize] + i128::from(more)
            };
            links.iter().all(|link| {
                let [one, other] = &joint.links[*link as usize];
                let largest = |side: &[u32]| side.iter().map(now).max().unwrap_or(0);
                let sum = |side: &[u32]| side.iter().map(now).sum::<i128>();
                largest(one) <= sum(other) && largest(other) <= sum(one)
            })
        };
        let times = (1..=MOST_TIMES).take_while(|times| fits(sign * *times as i64));
        (!links.is_empty()).then(|| times.count() as u64)
    }
}
