//! Counts of rows as they may be passed on: rounded, and small ones not at all.
//!
//! An exact count discloses whether one person is in a register to whoever knows
//! all the others. A report is passed on, whatever it was made for; so what it
//! counts is a [`Count`], and exact ones are asked for by name.

mod frequency;

pub(crate) use frequency::Frequency;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Counts of rows are rounded to a multiple of this, so that they do not disclose
/// whether one person is in a register.
pub const BASE: u64 = 5;

/// The nearest multiple of [`BASE`].
fn rounded(count: u64) -> u64 {
    count.saturating_add(BASE / 2) / BASE * BASE
}

/// How many rows, as far as it is shown.
///
/// As JSON it is a number, or `null` where there are 1 to 4, wherever kobling
/// writes one: in a manifest and in a report on identifiers.
///
/// # Disclosure
///
/// Unless it is exact, it is a multiple of [`BASE`], or hidden where there
/// are 1 to 4, or 5 to 9 beside these. That there is none at all is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Count(Option<u64>);

impl Count {
    /// `count` as it is.
    pub(crate) fn exact(count: u64) -> Self {
        Self(Some(count))
    }

    /// `count` as it may be passed on.
    pub fn rounded(count: u64) -> Self {
        Self(match count {
            1..BASE => None,
            count => Some(rounded(count)),
        })
    }

    /// The parts of a whole that may be known exactly, from elsewhere: the first one of 5 or more
    /// is what the others, rounded by themselves, leave of the rounded whole. So it says nothing
    /// of those of 1 to 4, which are counted with it: of 41 rows 37 and 4 are 40 and hidden,
    /// where 35 and hidden could only be 37 and 4. Of fewer than 10 rows it is hidden too, as that
    /// there are 5 would say much of the others.
    pub(crate) fn parts<const PARTS: usize>(parts: [u64; PARTS]) -> [Self; PARTS] {
        let mut counts = parts.map(Self::rounded);
        let has_few = counts.contains(&Self(None));
        if let Some(left) = parts.iter().position(|part| *part >= BASE) {
            let others = counts.iter().enumerate().filter(|(at, _)| *at != left);
            let others: u64 = others.filter_map(|(_, count)| count.get()).sum();
            let whole = parts.into_iter().fold(0, u64::saturating_add);
            let rest = rounded(whole).saturating_sub(others).max(BASE);
            counts[left] = Self(Some(rest).filter(|_| !has_few || whole >= 2 * BASE));
        }
        counts
    }

    /// The number of rows; `None` where they are too few to be shown.
    pub fn get(self) -> Option<u64> {
        self.0
    }

    /// Whether there is no row at all.
    pub fn is_zero(self) -> bool {
        self.0 == Some(0)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(count) => f.pad(&count.to_string()),
            None => f.pad(&format!("fewer than {BASE}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who knows the whole tries all parts.
    #[test]
    fn who_knows_the_whole_is_left_with_three_numbers_of_few() {
        let shown = |whole: u64, part: u64| {
            let [first, second] = Count::parts([whole - part, part]);
            let [other, _, third] = Count::parts([part, 0, whole - part]);
            [first, second, other, third]
        };
        for whole in BASE..100 {
            for part in 0..=whole {
                let counts = shown(whole, part);
                assert_eq!(counts[1].is_zero(), part == 0);
                let possible = (0..=whole).filter(|other| shown(whole, *other) == counts);
                let few = (1..BASE).contains(&part) || (1..BASE).contains(&(whole - part));
                assert!(
                    !few || possible.count() >= 3,
                    "{part} of {whole}: {counts:?}"
                );
            }
        }
        let get = |parts: [u64; 2]| Count::parts(parts).map(Count::get);
        assert_eq!(get([37, 4]), [Some(40), None]);
        assert_eq!(get([4, 37]), [None, Some(40)]);
        assert_eq!(get([41, 0]), [Some(40), Some(0)]);
        assert_eq!(get([6, 2]), [None, None]);
        assert_eq!(get([0, 0]), [Some(0), Some(0)]);
    }

    #[test]
    fn parts_are_as_far_from_the_truth_as_two_roundings() {
        for whole in 0..100 {
            for part in 0..=whole {
                let truth = [whole - part, part];
                let few: u64 = truth.iter().filter(|part| **part < BASE).sum();
                for (count, truth) in Count::parts(truth).into_iter().zip(truth) {
                    let near = count.get().unwrap_or(truth).abs_diff(truth);
                    assert!(near <= few + 2 * (BASE / 2), "{part} of {whole}");
                }
            }
        }
    }
}
