//! Whether one way to cut rows is coarser than another: each of its categories several of the other's.
//!
//! A table by county and one by municipality are related, whether or not a plan
//! says so: by their fingerprints, a county's is the sum of its
//! municipalities'. Which ones those are is looked for where it can be found.
//! Categories that are side by side, as those of a common prefix, of an age
//! band or of a period do, are sums of a run; and of a few categories all
//! combinations can be tried.
//!
//! Fingerprints are 64 bits; that some other combination has the same sum by
//! chance is as likely as one in 2⁶⁴ for each that is tried.

use std::collections::{BTreeSet, HashMap};

/// Of so many categories all combinations are tried: half of them at a time.
const FEW: usize = 32;

/// Runs are looked for up to so many beginnings of one, over all categories.
const MOST_RUNS: usize = 1 << 24;

/// For each of the `fine` categories, in their order, which of the `coarse` ones
/// it is part of; `None` if that is not found.
///
/// Categories that nobody is in, whose fingerprint is 0, are part of none.
pub(super) fn coarser(fine: &[u64], coarse: &BTreeSet<u64>) -> Option<HashMap<u64, u64>> {
    let fine: Vec<u64> = fine.iter().copied().filter(|rows| *rows != 0).collect();
    let coarse: Vec<u64> = coarse.iter().copied().filter(|rows| *rows != 0).collect();
    if coarse.len() < 2 || coarse.len() >= fine.len() {
        return None;
    }
    runs(&fine, &coarse).or_else(|| combinations(&fine, &coarse))
}

/// Each coarse category as a run of fine ones.
fn runs(fine: &[u64], coarse: &[u64]) -> Option<HashMap<u64, u64>> {
    if fine.len().saturating_mul(coarse.len()) > MOST_RUNS {
        return None;
    }
    // What all categories before a place sum up to.
    let mut before = vec![0u64];
    before.extend(fine.iter().scan(0u64, |sum, rows| {
        *sum = sum.wrapping_add(*rows);
        Some(*sum)
    }));
    let places = before.iter().enumerate();
    let places: HashMap<u64, usize> = places.map(|(place, sum)| (*sum, place)).collect();
    let mut of = HashMap::new();
    for &whole in coarse {
        let run = before.iter().enumerate().find_map(|(start, sum)| {
            let end = *places.get(&sum.wrapping_add(whole))?;
            (end > start).then_some(start..end)
        });
        of.extend(fine[run?].iter().map(|part| (*part, whole)));
    }
    all_once(fine, coarse, of)
}

/// Each coarse category as any combination of fine ones.
fn combinations(fine: &[u64], coarse: &[u64]) -> Option<HashMap<u64, u64>> {
    if fine.len() > FEW {
        return None;
    }
    let halves = Halves::of(fine);
    let mut of = HashMap::new();
    for &whole in coarse {
        of.extend(halves.parts(whole)?.into_iter().map(|part| (part, whole)));
    }
    all_once(fine, coarse, of)
}

/// Categories in two halves, and the sums of all combinations of each.
struct Halves<'a> {
    parts: (&'a [u64], &'a [u64]),
    /// Which combination of the first half has a sum.
    firsts: HashMap<u64, usize>,
    seconds: Vec<u64>,
}

impl<'a> Halves<'a> {
    fn of(fine: &'a [u64]) -> Self {
        let parts = fine.split_at(fine.len() / 2);
        Self {
            parts,
            firsts: sums(parts.0).into_iter().zip(0..).collect(),
            seconds: sums(parts.1),
        }
    }

    /// The categories that sum up to `whole`.
    fn parts(&self, whole: u64) -> Option<Vec<u64>> {
        let (own, other) = self.seconds.iter().enumerate().find_map(|(other, sum)| {
            let own = self.firsts.get(&whole.wrapping_sub(*sum))?;
            Some((*own, other))
        })?;
        let chosen = |set: usize, parts: &[u64]| -> Vec<u64> {
            let chosen = parts.iter().enumerate();
            let chosen = chosen.filter(|(at, _)| set >> at & 1 == 1);
            chosen.map(|(_, part)| *part).collect()
        };
        Some([chosen(own, self.parts.0), chosen(other, self.parts.1)].concat())
    }
}

/// Which of some categories, in their order, make up `whole`: a run, or of a few any of them.
/// `None` if that is not found.
pub(super) fn sum_of(fine: &[u64], whole: u64) -> Option<Vec<u64>> {
    let mut before = HashMap::from([(0u64, 0)]);
    let mut sum = 0u64;
    for (at, rows) in fine.iter().enumerate() {
        sum = sum.wrapping_add(*rows);
        if let Some(start) = before.get(&sum.wrapping_sub(whole)) {
            return Some(fine[*start..=at].to_vec());
        }
        before.insert(sum, at + 1);
    }
    parts_of(fine, whole)
}

/// Which of a few categories make up `whole`; `None` if that is not found.
pub(super) fn parts_of(fine: &[u64], whole: u64) -> Option<Vec<u64>> {
    let fine: Vec<u64> = fine.iter().copied().filter(|rows| *rows != 0).collect();
    match fine.len() <= FEW && whole != 0 {
        true => Halves::of(&fine).parts(whole),
        false => None,
    }
}

/// The sum of each combination, by the number whose bits say what is in it.
fn sums(parts: &[u64]) -> Vec<u64> {
    let mut sums = vec![0u64];
    for part in parts {
        let with: Vec<u64> = sums.iter().map(|sum| sum.wrapping_add(*part)).collect();
        sums.extend(with);
    }
    sums
}

/// The parts, if each fine category is in one coarse one and they add up.
fn all_once(fine: &[u64], coarse: &[u64], of: HashMap<u64, u64>) -> Option<HashMap<u64, u64>> {
    let sum = |whole: u64| {
        let parts = of.iter().filter(|(_, other)| **other == whole);
        parts.fold(0u64, |sum, (part, _)| sum.wrapping_add(*part))
    };
    let whole = fine.iter().all(|part| of.contains_key(part));
    (whole && coarse.iter().all(|whole| sum(*whole) == *whole)).then_some(of)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Distinct fingerprints, as random as those of rows.
    fn fingerprints() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::btree_set(1u64.., 2..28).prop_map(|set| set.into_iter().collect())
    }

    proptest! {
        #[test]
        fn groups_of_any_kind_are_found(
            fine in fingerprints(),
            groups in prop::collection::vec(0..4u64, 28),
            sorted: bool,
        ) {
            let mut groups = groups[..fine.len()].to_vec();
            if sorted {
                groups.sort_unstable();
            }
            let whole = |group: u64| {
                let parts = fine.iter().zip(&groups).filter(|(_, other)| **other == group);
                parts.fold(0u64, |sum, (part, _)| sum.wrapping_add(*part))
            };
            let coarse: BTreeSet<u64> = groups.iter().map(|group| whole(*group)).collect();
            let found = coarser(&fine, &coarse);
            if coarse.len() < 2 || coarse.len() == fine.len() {
                prop_assert_eq!(found, None);
            } else {
                let wanted = fine.iter().zip(&groups).map(|(part, group)| (*part, whole(*group)));
                prop_assert_eq!(found, Some(wanted.collect()));
            }
        }

        #[test]
        fn what_is_not_made_of_them_is_not_found(fine in fingerprints(), other in fingerprints()) {
            let coarse = other.into_iter().take(fine.len() - 1).collect();
            prop_assert_eq!(coarser(&fine, &coarse), None);
        }
    }

    #[test]
    fn long_runs_are_found_and_many_scattered_ones_are_not() {
        // Knuth's generator: no two runs have the same sum.
        let next = |random: &u64| Some(random.wrapping_mul(6_364_136_223_846_793_005) + 1);
        let fine: Vec<u64> = std::iter::successors(Some(7u64), next).take(2000).collect();
        let sum = |parts: &[u64]| parts.iter().fold(0u64, |sum, part| sum.wrapping_add(*part));
        let found = coarser(&fine, &fine.chunks(130).map(sum).collect()).expect("runs");
        assert_eq!(found[&fine[129]], sum(&fine[..130]));
        assert_eq!(found[&fine[130]], sum(&fine[130..260]));
        let odd: Vec<u64> = fine.iter().copied().step_by(2).collect();
        let even: Vec<u64> = fine.iter().copied().skip(1).step_by(2).collect();
        assert_eq!(coarser(&fine, &[sum(&odd), sum(&even)].into()), None);
    }
}
