//! What two ways to cut rows have in common, where neither is coarser than the other.
//!
//! Bands from 18, 40 and 60 and bands from 18, 30 and 40 both end at 40: who is from 40 to 59 or
//! above is who is 40 and above. Whoever has both tables knows that, whatever is on the other
//! side of the edge; so a table by the one and a table by the other are related there.

use std::collections::HashMap;

use super::coarser::sum_of;

/// Of both, the class of each category: classes are the same rows in both, and as small as was
/// found. `None` if there are not two. Categories that nobody is in have none.
pub(super) type Coarsening = (HashMap<u64, u64>, HashMap<u64, u64>);

/// What two cuts of the same rows have in common, whose categories are in their order.
pub(super) fn coarsening(one: &[u64], other: &[u64]) -> Option<Coarsening> {
    let populated = |cut: &[u64]| -> Vec<u64> {
        let rows = cut.iter().copied();
        rows.filter(|rows| *rows != 0).collect()
    };
    let (mut one, mut other) = (populated(one), populated(other));
    let mut classes: Vec<[Vec<u64>; 2]> = Vec::new();
    for whole in other.clone() {
        if let Some(parts) = sum_of(&one, whole) {
            one.retain(|rows| !parts.contains(rows));
            other.retain(|rows| *rows != whole);
            classes.push([parts, vec![whole]]);
        }
    }
    for whole in one.clone() {
        if let Some(parts) = sum_of(&other, whole) {
            other.retain(|rows| !parts.contains(rows));
            one.retain(|rows| *rows != whole);
            classes.push([vec![whole], parts]);
        }
    }
    classes.extend(between_edges(&one, &other));
    if classes.len() < 2 {
        return None;
    }
    let sum = |rows: &[u64]| rows.iter().fold(0u64, |sum, rows| sum.wrapping_add(*rows));
    let mut found = Coarsening::default();
    for [one, other] in classes {
        let class = sum(&one);
        found.0.extend(one.into_iter().map(|rows| (rows, class)));
        found.1.extend(other.into_iter().map(|rows| (rows, class)));
    }
    Some(found)
}

/// The runs between edges that both have, where everybody before is the same.
fn between_edges(one: &[u64], other: &[u64]) -> Vec<[Vec<u64>; 2]> {
    let mut classes = Vec::new();
    let (mut own, mut others) = (Vec::new(), Vec::new());
    let mut ends = HashMap::new();
    let mut before = 0u64;
    for (at, rows) in other.iter().enumerate() {
        before = before.wrapping_add(*rows);
        ends.insert(before, at + 1);
    }
    let (mut before, mut taken) = (0u64, 0);
    for rows in one {
        before = before.wrapping_add(*rows);
        own.push(*rows);
        if let Some(end) = ends.get(&before).filter(|end| **end > taken) {
            others.extend_from_slice(&other[taken..*end]);
            taken = *end;
            classes.push([std::mem::take(&mut own), std::mem::take(&mut others)]);
        }
    }
    let rest = other[taken..].to_vec();
    if !own.is_empty() || !rest.is_empty() {
        classes.push([own, rest]);
    }
    classes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows of each atom, as random as fingerprints are, and of two cuts the category of each.
    fn cuts() -> impl Strategy<Value = (Vec<u64>, Vec<usize>, Vec<usize>)> {
        let atoms = prop::collection::btree_set(1u64.., 2..14);
        let atoms = atoms.prop_map(|atoms| atoms.into_iter().collect::<Vec<u64>>());
        let categories = || prop::collection::vec(0..6usize, 14);
        (atoms, categories(), categories())
    }

    fn sums(atoms: &[u64], of: &[usize]) -> Vec<u64> {
        let mut sums = vec![0u64; 6];
        for (rows, category) in atoms.iter().zip(of) {
            sums[*category] = sums[*category].wrapping_add(*rows);
        }
        sums
    }

    /// For each atom, the smallest set of atoms that both cuts have, by walking from one
    /// category to the next.
    fn twin(one: &[usize], other: &[usize]) -> Vec<usize> {
        let mut class: Vec<usize> = (0..one.len()).collect();
        loop {
            let before = class.clone();
            for a in 0..one.len() {
                for b in 0..one.len() {
                    if one[a] == one[b] || other[a] == other[b] {
                        let least = class[a].min(class[b]);
                        (class[a], class[b]) = (least, least);
                    }
                }
            }
            if class == before {
                return class;
            }
        }
    }

    proptest! {
        /// In order, as bands are, all is found.
        #[test]
        fn classes_of_bands_are_those_of_the_twin((atoms, one, other) in cuts()) {
            let (mut one, mut other) = (one[..atoms.len()].to_vec(), other[..atoms.len()].to_vec());
            one.sort_unstable();
            other.sort_unstable();
            let (rows, others) = (sums(&atoms, &one), sums(&atoms, &other));
            let classes = twin(&one, &other);
            let several = classes.iter().any(|class| *class != classes[0]);
            match coarsening(&rows, &others) {
                None => prop_assert!(!several),
                Some((of_one, of_other)) => {
                    prop_assert!(several);
                    for a in 0..atoms.len() {
                        prop_assert_eq!(of_one[&rows[one[a]]], of_other[&others[other[a]]]);
                        for b in 0..atoms.len() {
                            let same = of_one[&rows[one[a]]] == of_one[&rows[one[b]]];
                            prop_assert_eq!(same, classes[a] == classes[b]);
                        }
                    }
                }
            }
        }

        /// In any order, a class is the same rows in both; and it is found where one of the
        /// cuts has it as one category.
        #[test]
        fn a_class_is_the_same_rows_in_both((atoms, one, other) in cuts()) {
            let (one, other) = (&one[..atoms.len()], &other[..atoms.len()]);
            let (rows, others) = (sums(&atoms, one), sums(&atoms, other));
            let classes = twin(one, other);
            let of = coarsening(&rows, &others);
            for a in 0..atoms.len() {
                let Some((of_one, of_other)) = &of else { continue };
                prop_assert_eq!(of_one[&rows[one[a]]], of_other[&others[other[a]]]);
                for b in 0..atoms.len() {
                    let together = of_one[&rows[one[a]]] == of_one[&rows[one[b]]];
                    prop_assert!(together || classes[a] != classes[b]);
                    let own = |cut: &[usize], a: usize| {
                        (0..atoms.len()).all(|at| classes[at] != classes[a] || cut[at] == cut[a])
                    };
                    let is_one = own(one, a) || own(other, a);
                    prop_assert!(!(is_one && together) || classes[a] == classes[b]);
                }
            }
        }
    }
}
