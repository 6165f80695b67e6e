//! From places of a grid to inner cells, and back: they are the same where one table has all.

use std::collections::BTreeMap;

use crate::protect::attacker::Joint;
use crate::protect::structure::Structure;

/// Which inner cells a place of the grid is part of: one, or of a joint table one of
/// each release.
pub(in super::super) enum Ways<'a> {
    /// The place of the same number.
    Same(Vec<u32>),
    Joint {
        parts: &'a Structure,
        joint_of: Structure,
    },
}

impl<'a> Ways<'a> {
    pub(super) fn new(joint: Option<&'a Joint>, inner: usize) -> Self {
        match joint {
            None => Self::Same((0..inner as u32).collect()),
            Some(joint) => Self::Joint {
                parts: &joint.parts,
                joint_of: joint.parts.transposed(),
            },
        }
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        match self {
            Self::Same(all) => all.len(),
            Self::Joint { parts, .. } => parts.cells(),
        }
    }

    /// The inner cells of a place.
    pub(in super::super) fn parts(&self, place: u32) -> &[u32] {
        match self {
            Self::Same(all) => &all[place as usize..=place as usize],
            Self::Joint { parts, .. } => parts.members(place as usize),
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
            Self::Joint { parts, .. } => {
                let mut net: BTreeMap<u32, i64> = BTreeMap::new();
                for &(place, more) in corners {
                    for at in parts.members(place as usize) {
                        *net.entry(*at).or_default() += more;
                    }
                }
                changes.extend(net.into_iter().filter(|(_, more)| *more != 0));
            }
        }
    }
}
