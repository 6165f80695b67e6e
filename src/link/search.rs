//! For each pseudonym of one ascending list, where it is in another.
//!
//! This is the join. Both lists are walked once, side by side; where one is
//! much the shorter, the other is leapt over. Pseudonyms are uniform, so
//! whether the next one matches cannot be predicted: the walk decides by
//! arithmetic and not by branches, and goes on in several places at a time, so
//! that some count while others wait for memory.

use std::hint::select_unpredictable;

use crate::column::NOWHERE;
use crate::extract::PseudonymBytes;

/// How many times longer a list is that is leapt over.
const LEAP: usize = 16;

/// For each of `wanted` (ascending, with repeats) the first place in `sorted`
/// (ascending, with repeats) that is equal, or [`NOWHERE`].
///
/// # Panics
///
/// If `sorted` has 2³² − 1 keys or more.
pub(super) fn positions(wanted: &[PseudonymBytes], sorted: &[PseudonymBytes]) -> Vec<u32> {
    assert!(sorted.len() < NOWHERE as usize);
    if sorted.len() / LEAP > wanted.len() {
        leap_to_wanted(wanted, sorted)
    } else if wanted.len() / LEAP > sorted.len() {
        leap_over_wanted(wanted, sorted)
    } else {
        walk(wanted, sorted)
    }
}

/// The leading and the trailing half of a pseudonym as numbers.
fn halves(key: &PseudonymBytes) -> (u64, u64) {
    let number = u128::from_be_bytes(*key);
    ((number >> 64) as u64, number as u64)
}

/// Places that a walk goes on in at a time.
const LANES: usize = 4;

/// Walks both lists once.
fn walk(wanted: &[PseudonymBytes], sorted: &[PseudonymBytes]) -> Vec<u32> {
    let mut found = vec![NOWHERE; wanted.len()];
    let lane = wanted.len() / LANES;
    let mut lanes: [Walk<'_>; LANES] = std::array::from_fn(|number| Walk {
        sorted,
        at: sorted.partition_point(|other| wanted.get(number * lane).is_some_and(|w| other < w)),
    });
    for step in 0..lane {
        for (number, walk) in lanes.iter_mut().enumerate() {
            let place = number * lane + step;
            found[place] = walk.find(&wanted[place]);
        }
    }
    // What is left after the last lane.
    let [.., last] = &mut lanes;
    for place in LANES * lane..wanted.len() {
        found[place] = last.find(&wanted[place]);
    }
    found
}

struct Walk<'a> {
    sorted: &'a [PseudonymBytes],
    at: usize,
}

impl Walk<'_> {
    /// Goes on to the first key that is not less, and returns where it is if it is equal.
    #[inline(always)]
    fn find(&mut self, key: &PseudonymBytes) -> u32 {
        let (high, low) = halves(key);
        // Four at a time, by the leading half: how many of them are less is added up.
        loop {
            let Some(four) = self.sorted[self.at..].first_chunk::<4>() else {
                return self.find_slowly(key);
            };
            let less = four.iter().map(|other| usize::from(halves(other).0 < high));
            let less: usize = less.sum();
            self.at += less;
            if less < 4 {
                break;
            }
        }
        let (other_high, other_low) = halves(&self.sorted[self.at]);
        // Without short cuts, whose outcome could not be predicted.
        if (other_high == high) & (other_low < low) {
            return self.find_slowly(key);
        }
        let equal = (other_high == high) & (other_low == low);
        select_unpredictable(equal, self.at as u32, NOWHERE)
    }

    /// One by one: near the end of the list, or where leading halves are equal.
    #[cold]
    fn find_slowly(&mut self, key: &PseudonymBytes) -> u32 {
        while let Some(other) = self.sorted.get(self.at) {
            if other >= key {
                return if other == key {
                    self.at as u32
                } else {
                    NOWHERE
                };
            }
            self.at += 1;
        }
        NOWHERE
    }
}

/// For each wanted key, leaps to it in the much longer list.
fn leap_to_wanted(wanted: &[PseudonymBytes], sorted: &[PseudonymBytes]) -> Vec<u32> {
    let mut at = 0;
    let find = |key: &PseudonymBytes| {
        at = leap(sorted, at, key);
        match sorted.get(at) {
            Some(other) if other == key => at as u32,
            _ => NOWHERE,
        }
    };
    wanted.iter().map(find).collect()
}

/// For each key of the much shorter list, leaps to it in the wanted ones.
fn leap_over_wanted(wanted: &[PseudonymBytes], sorted: &[PseudonymBytes]) -> Vec<u32> {
    let mut found = vec![NOWHERE; wanted.len()];
    let mut at = 0;
    for (place, key) in sorted.iter().enumerate() {
        if place > 0 && sorted[place - 1] == *key {
            continue;
        }
        at = leap(wanted, at, key);
        while wanted.get(at) == Some(key) {
            found[at] = place as u32;
            at += 1;
        }
    }
    found
}

/// The first place from `at` on whose key is not less than `key`: in steps that
/// double, then halving (Bentley and Yao, "An almost optimal algorithm for
/// unbounded searching", Information Processing Letters 5, 1976).
pub(super) fn leap(keys: &[PseudonymBytes], at: usize, key: &PseudonymBytes) -> usize {
    let rest = &keys[at..];
    let mut step = 1;
    while step < rest.len() && rest[step - 1] < *key {
        step *= 2;
    }
    let (from, to) = (step / 2, step.min(rest.len()));
    at + from + rest[from..to].partition_point(|other| other < key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The naive twin.
    fn look_for_each(wanted: &[PseudonymBytes], sorted: &[PseudonymBytes]) -> Vec<u32> {
        let find = |key: &PseudonymBytes| {
            let place = sorted.iter().position(|other| other == key);
            place.map_or(NOWHERE, |place| place as u32)
        };
        wanted.iter().map(find).collect()
    }

    /// Keys whose leading and trailing halves are few, so that they meet often.
    fn keys(most: usize) -> impl Strategy<Value = Vec<PseudonymBytes>> {
        let half = || prop_oneof![0..3u64, Just(u64::MAX), any::<u64>(), 0..40u64];
        let key = (half(), half());
        prop::collection::vec(key, 0..most).prop_map(|halves| {
            let number = |(high, low)| (u128::from(high) << 64) | u128::from(low);
            let mut numbers: Vec<u128> = halves.into_iter().map(number).collect();
            numbers.sort_unstable();
            numbers.into_iter().map(u128::to_be_bytes).collect()
        })
    }

    proptest! {
        #[test]
        fn every_way_finds_what_looking_for_each_finds(
            wanted in keys(90),
            sorted in keys(90),
        ) {
            let expected = look_for_each(&wanted, &sorted);
            prop_assert_eq!(&walk(&wanted, &sorted), &expected);
            prop_assert_eq!(&leap_to_wanted(&wanted, &sorted), &expected);
            prop_assert_eq!(&leap_over_wanted(&wanted, &sorted), &expected);
            prop_assert_eq!(&positions(&wanted, &sorted), &expected);
        }

        #[test]
        fn lists_of_very_different_length_too(few in keys(4), many in keys(300)) {
            prop_assert_eq!(positions(&few, &many), look_for_each(&few, &many));
            prop_assert_eq!(positions(&many, &few), look_for_each(&many, &few));
        }
    }

    #[test]
    fn keys_that_share_their_leading_half_are_distinguished() {
        let sorted: Vec<PseudonymBytes> = (0..2_000u128).map(|n| (n * 2).to_be_bytes()).collect();
        let wanted: Vec<PseudonymBytes> = (0..4_001u128).map(u128::to_be_bytes).collect();
        assert_eq!(positions(&wanted, &sorted), look_for_each(&wanted, &sorted));
    }
}
