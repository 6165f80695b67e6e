//! Ways to put a dimension's categories together.

use std::collections::HashMap;

/// A way to put a dimension's categories together: by category, the number of its group.
pub(super) type Groups = Vec<u32>;

/// Whether it distinguishes any.
pub(super) fn is_cut(groups: &Groups) -> bool {
    groups.iter().any(|group| *group != 0)
}

/// What both ways to group categories distinguish: the finest that is coarser than both.
pub(super) fn common(one: &Groups, other: &Groups) -> Groups {
    let mut found: Vec<usize> = (0..one.len()).collect();
    // Categories of one group of either are together: what the first of each finds.
    loop {
        let mut changed = false;
        for groups in [one, other] {
            let mut least: HashMap<u32, usize> = HashMap::new();
            for (own, group) in found.iter().zip(groups) {
                let least = least.entry(*group).or_insert(*own);
                *least = (*least).min(*own);
            }
            for (own, group) in found.iter_mut().zip(groups) {
                changed |= *own != least[group];
                *own = least[group];
            }
        }
        if !changed {
            return numbered(found.into_iter());
        }
    }
}

/// Numbers what is the same alike, counted from 0 in the order of appearance.
pub(super) fn numbered<T: std::hash::Hash + Eq>(each: impl Iterator<Item = T>) -> Groups {
    let mut numbers: HashMap<T, u32> = HashMap::new();
    each.map(|own| {
        let next = numbers.len() as u32;
        *numbers.entry(own).or_insert(next)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_common_distinguishes_what_both_do(
            groups in prop::collection::vec((0..5u32, 0..5u32), 1..12),
        ) {
            let (one, other): (Groups, Groups) = groups.iter().copied().unzip();
            let common = common(&one, &other);
            // Whoever is together in either is together; and two groups of it share nothing.
            for (at, group) in common.iter().enumerate() {
                for (of, other_group) in common.iter().enumerate() {
                    let same = one[at] == one[of] || other[at] == other[of];
                    prop_assert!(!same || group == other_group);
                }
            }
            let parts = |groups: &Groups| groups.iter().collect::<BTreeSet<_>>().len();
            let edges: BTreeSet<(&u32, &u32)> = one.iter().zip(&other).collect();
            // As many groups as the graph of both has connected parts.
            let mut joined: Vec<BTreeSet<(bool, u32)>> = Vec::new();
            for (a, b) in edges {
                let own = BTreeSet::from([(false, *a), (true, *b)]);
                let (touching, rest): (Vec<_>, Vec<_>) =
                    joined.into_iter().partition(|set| !set.is_disjoint(&own));
                joined = rest;
                joined.push(touching.into_iter().flatten().chain(own).collect());
            }
            prop_assert_eq!(parts(&common), joined.len());
        }
    }
}
