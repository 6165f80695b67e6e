//! What a cell adds up: persons, rows, and for each contribution its total and
//! its largest contributors.
//!
//! Everything here is exact and can be merged in any order: counts and sums
//! are integers, and the largest of two lists are the largest of both. That is
//! why the result does not depend on how the work was split.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::ledger::entry::Sketch;
use crate::plan::table::Operand;

/// What persons contribute to a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contribution {
    /// Their number of rows.
    Rows,
    /// A column's values.
    Values(Operand),
}

/// The figures of one confidential cell.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accumulator {
    /// Distinct persons.
    pub(crate) persons: u64,
    /// Rows of the base.
    pub(crate) rows: u64,
    /// By contribution.
    pub(crate) totals: Vec<Total>,
    /// What the record keys add up to, where they are folded.
    pub(crate) keys: Option<Box<RecordKeySums>>,
}

impl Accumulator {
    /// The figures of a cell that nobody is in; `keyed` says whether record
    /// keys are folded.
    pub(super) fn nothing(contributions: usize, depth: usize, keyed: bool) -> Self {
        Self {
            persons: 0,
            rows: 0,
            totals: vec![Total::new(depth); contributions],
            keys: keyed.then(|| Box::new(RecordKeySums::of_nobody(contributions))),
        }
    }

    /// Adds the figures of other persons.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<()> {
        self.persons += other.persons;
        self.rows += other.rows;
        for (total, other) in self.totals.iter_mut().zip(&other.totals) {
            total.merge(other)?;
        }
        if let (Some(keys), Some(other)) = (&mut self.keys, &other.keys) {
            keys.merge(other);
        }
        Ok(())
    }
}

/// What the record keys of a cell add up to, modulo 2⁶⁴.
///
/// # Disclosure
///
/// Who knows them can undo the noise of the cell. They stay in the process,
/// but for the fingerprints and the sketches, which are in the linkage unit's
/// ledger.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordKeySums {
    /// The fingerprint of the rows, each row that of its person: two cells with
    /// the same hold the same persons' rows.
    pub(crate) rows: u64,
    /// The noise halves of the distinct persons.
    pub(crate) persons: u64,
    /// The distinct persons, to be compared with those of other cells.
    pub(crate) sketch: Sketch,
    /// By contribution.
    pub(crate) contributions: Vec<ContributionKeys>,
}

/// The same of one contribution.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContributionKeys {
    /// Of each person something secret, times what the person contributes: two
    /// cells with the same hold the same contributions of the same persons.
    pub(crate) fingerprint: u64,
    /// The noise halves of the distinct persons who contribute something other
    /// than zero.
    pub(crate) contributors: u64,
    /// How many those are.
    pub(crate) nonzero: u64,
    /// Who contributes what.
    pub(crate) sketch: Sketch,
}

impl RecordKeySums {
    pub(crate) fn of_nobody(contributions: usize) -> Self {
        Self {
            rows: 0,
            persons: 0,
            sketch: Sketch::default(),
            contributions: vec![ContributionKeys::default(); contributions],
        }
    }

    /// Adds the sums of other persons.
    pub(super) fn merge(&mut self, other: &Self) {
        self.rows = self.rows.wrapping_add(other.rows);
        self.persons = self.persons.wrapping_add(other.persons);
        self.sketch.merge(&other.sketch);
        for (own, other) in self.contributions.iter_mut().zip(&other.contributions) {
            own.merge(other);
        }
    }
}

impl ContributionKeys {
    /// Adds the sums of other persons.
    pub(super) fn merge(&mut self, other: &Self) {
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
        self.contributors = self.contributors.wrapping_add(other.contributors);
        self.nonzero += other.nonzero;
        self.sketch.merge(&other.sketch);
    }
}

/// What is known of one contribution in a cell.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Total {
    pub(crate) sum: i128,
    /// Rows with a value.
    pub(crate) rows: u64,
    /// Distinct persons with a value: the contributors.
    pub(crate) contributors: u64,
    /// The sum of the negative contributions: of the sum of absolute values
    /// it is all that `sum` does not have, and most columns have none.
    below: i128,
    /// The largest absolute values of contributions, each of one person.
    pub(crate) top: Top,
}

impl Total {
    /// Nothing yet; the `depth` largest contributors will be kept.
    pub(super) fn new(depth: usize) -> Self {
        Self {
            sum: 0,
            rows: 0,
            contributors: 0,
            below: 0,
            top: Top::new(depth),
        }
    }

    /// Adds a person who contributes `sum` in `rows` rows with a value.
    /// Contributions are added up per person before they come here, so that
    /// rules act on persons.
    #[inline(always)]
    pub(super) fn add(&mut self, sum: i128, rows: u64) -> Result<()> {
        self.sum = plus(self.sum, sum)?;
        self.rows += rows;
        self.contributors += 1;
        if sum < 0 {
            self.below = plus(self.below, sum)?;
        }
        // What has no absolute value in 128 bits is no candidate here; the sum of
        // absolute values, which rules ask for first, is refused then.
        self.top.add(sum.wrapping_abs());
        Ok(())
    }

    /// Whether a person contributes less than zero.
    pub(crate) fn negative(&self) -> bool {
        self.below < 0
    }

    /// Whether a person contributes more than zero.
    pub(crate) fn positive(&self) -> bool {
        self.sum > self.below
    }

    /// The sum of the absolute values of what persons contribute.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`] if 128 bits do not hold it.
    pub(crate) fn absolute(&self) -> Result<i128> {
        let above = self.sum.checked_sub(self.below);
        let absolute = above.and_then(|above| above.checked_sub(self.below));
        absolute.ok_or_else(too_large)
    }

    /// Has `value` among the largest contributions, if it is; what the next one
    /// must exceed. The contribution itself is [settled](Self::settle) later.
    #[cold]
    pub(super) fn raise(&mut self, value: i64) -> i64 {
        self.top.add(value.into());
        self.top.bar().clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// Adds `persons` of one row each, who contribute `sum` together, none of
    /// them less than zero, and whose largest contributions were raised.
    pub(super) fn settle(&mut self, persons: u64, sum: i128) -> Result<()> {
        self.sum = plus(self.sum, sum)?;
        self.rows += persons;
        self.contributors += persons;
        Ok(())
    }

    /// Adds the total of other persons.
    pub(super) fn merge(&mut self, other: &Self) -> Result<()> {
        self.sum = plus(self.sum, other.sum)?;
        self.rows += other.rows;
        self.contributors += other.contributors;
        self.below = plus(self.below, other.below)?;
        for &value in other.top.kept() {
            self.top.add(value);
        }
        Ok(())
    }
}

/// The few largest absolute values of contributions, descending.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Top(KeptPlaces);

/// As many places as contributions are kept, those without one [`NOBODY`]'s.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum KeptPlaces {
    /// What most rules look at, where the cell is: in a table of many small cells
    /// nearly every contribution is among the largest for a while.
    Two([i128; 2]),
    Others(Box<[i128]>),
}

/// No absolute value is as little.
const NOBODY: i128 = -1;

impl Top {
    fn new(depth: usize) -> Self {
        Self(match depth {
            2 => KeptPlaces::Two([NOBODY; 2]),
            _ => KeptPlaces::Others(vec![NOBODY; depth].into()),
        })
    }

    fn kept(&self) -> &[i128] {
        match &self.0 {
            KeptPlaces::Two(values) => values,
            KeptPlaces::Others(values) => values,
        }
    }

    /// What a value must exceed to be among them.
    fn bar(&self) -> i128 {
        self.kept().last().copied().unwrap_or(i128::MAX)
    }

    #[inline(always)]
    fn add(&mut self, value: i128) {
        if value > self.bar() {
            self.insert(value);
        }
    }

    /// Puts a value above the bar where it belongs; the least one goes.
    #[cold]
    fn insert(&mut self, value: i128) {
        match &mut self.0 {
            KeptPlaces::Two([first, second]) if value > *first => {
                *second = std::mem::replace(first, value);
            }
            KeptPlaces::Two([_, second]) => *second = value,
            KeptPlaces::Others(values) => {
                let at = values.partition_point(|&other| other >= value);
                values[at..].rotate_right(1);
                values[at] = value;
            }
        }
    }

    /// The `n` largest, or as many as there are.
    pub(crate) fn largest(&self, n: usize) -> &[i128] {
        let kept = self.kept();
        let there = kept.iter().take(n).take_while(|value| **value > NOBODY);
        &kept[..there.count()]
    }
}

/// The sum, or a refusal: figures are exact or not there.
pub(super) fn plus(a: i128, b: i128) -> Result<i128> {
    a.checked_add(b).ok_or_else(too_large)
}

fn too_large() -> Error {
    Error::new(ErrorKind::Overflow, "a sum is too large to be held exactly")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_largest_are_the_first_of_all_in_order(
            values in prop::collection::vec(-25..25i128, 0..20),
            depth in 0..5usize,
            wanted in 0..6usize,
            split: prop::sample::Index,
        ) {
            let (mut total, mut others) = (Total::new(depth), Total::new(depth));
            let at = split.index(values.len() + 1);
            values[..at].iter().for_each(|value| total.add(*value, 1).unwrap());
            values[at..].iter().for_each(|value| others.add(*value, 1).unwrap());
            total.merge(&others).unwrap();
            let mut sizes: Vec<i128> = values.iter().map(|value| value.abs()).collect();
            prop_assert_eq!(total.absolute().unwrap(), sizes.iter().sum::<i128>());
            prop_assert_eq!(total.negative(), values.iter().any(|value| *value < 0));
            prop_assert_eq!(total.positive(), values.iter().any(|value| *value > 0));
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            sizes.truncate(depth.min(wanted));
            prop_assert_eq!(total.top.largest(wanted), sizes);
        }
    }

    #[test]
    fn absolute_values_are_exact_or_refused() {
        let total = |values: &[i128]| {
            let mut total = Total::new(2);
            values
                .iter()
                .for_each(|value| total.add(*value, 1).unwrap());
            total
        };
        let far = i128::MAX / 2;
        assert_eq!(total(&[far, -far]).absolute().unwrap(), i128::MAX - 1);
        assert!(total(&[far, -far, 2]).absolute().is_err());
        assert!(total(&[i128::MIN]).absolute().is_err());
        assert!(!total(&[0, 0]).positive() && !total(&[0]).negative());
    }
}
