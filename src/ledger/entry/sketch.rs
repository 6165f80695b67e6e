//! Sketches: how many persons two cells differ in, at least.
//!
//! A fingerprint shows whether two cells hold the same, and nothing of how much
//! they differ. A sketch is 32 short sums: each person's record key puts the
//! person in one of 32 buckets, and the bucket adds up 16 bits that represent
//! the person, or for what the person contributes. Whoever is the same in both
//! cells leaves no trace in the difference. So no more buckets differ than
//! persons do; fewer may, for persons share buckets, and then the cells seem
//! more alike than they are, which is the safe side.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::RecordKey;

/// How many persons can be seen to differ at most.
const BUCKETS: usize = 32;

/// Hexadecimal digits of a bucket.
const DIGITS: usize = 4;

/// The persons of a cell, or what they contribute, in 32 sums of 16 bits.
///
/// Sums of other persons are added bucket by bucket, so that a total's sketch is
/// that of its parts. Written as 128 lower-case hexadecimal digits.
///
/// # Disclosure
///
/// The 16 bits of a person come of SipHash under the whole record key, which the
/// ledger does not have; so even a bucket of one person shows nothing but
/// whether it is the same person, or the same contribution, as in another sketch.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Sketch(pub [u16; BUCKETS]);

impl Sketch {
    /// Adds a person.
    pub(crate) fn add_person(&mut self, key: &RecordKey) {
        self.add(key, key.check(&[]));
    }

    /// Adds what a person contributes. Nothing leaves no trace.
    pub(crate) fn add_contribution(&mut self, key: &RecordKey, total: i128) {
        if total != 0 {
            self.add(key, key.check(&[total as u64, (total >> 64) as u64]));
        }
    }

    fn add(&mut self, key: &RecordKey, term: u64) {
        let bucket = &mut self.0[(key.fingerprint() >> 59) as usize];
        *bucket = bucket.wrapping_add(term as u16);
    }

    /// Adds the sketch of other persons.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own = own.wrapping_add(*other);
        }
    }

    /// How many persons the two differ in, at least: the buckets that differ.
    pub(crate) fn differing(&self, other: &Self) -> u64 {
        let buckets = self.0.iter().zip(&other.0);
        buckets.filter(|(own, other)| own != other).count() as u64
    }

    /// The buckets that hold something, and what.
    pub(crate) fn filled(&self) -> impl Iterator<Item = (u8, u16)> {
        let filled = (0..).zip(self.0);
        filled.filter(|(_, held)| *held != 0)
    }

    /// Whether a bucket holds something, and the same in both: what cancels
    /// when one is subtracted from the other.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        let mut buckets = self.0.iter().zip(&other.0);
        buckets.any(|(own, other)| own == other && *own != 0)
    }
}

impl fmt::Display for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buckets = self.0.iter();
        buckets.try_for_each(|bucket| write!(f, "{bucket:04x}"))
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sketch({self})")
    }
}

impl From<Sketch> for String {
    fn from(sketch: Sketch) -> Self {
        sketch.to_string()
    }
}

impl TryFrom<String> for Sketch {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (digits, rest) = text.as_bytes().as_chunks::<DIGITS>();
        let bucket = |digits: &[u8; DIGITS]| {
            let digits = str::from_utf8(digits).ok()?;
            u16::from_str_radix(digits, 16).ok()
        };
        let buckets: Option<Vec<u16>> = digits.iter().map(bucket).collect();
        let buckets = buckets.and_then(|buckets| buckets.try_into().ok());
        buckets
            .map(Self)
            // One way to write it: neither a sign, nor capitals, nor anything behind.
            .filter(|read| rest.is_empty() && read.to_string() == text)
            .ok_or("a sketch is 128 lower-case hexadecimal digits")
    }
}

/// A power of two, by its exponent: how large a contribution is at most, which
/// bounds a contribution and does not say what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub struct PowerOfTwo(u8);

impl PowerOfTwo {
    /// The least one that is no less than `value`.
    pub fn above(value: u128) -> Self {
        Self(match value.checked_next_power_of_two() {
            Some(power) => power.ilog2() as u8,
            None => 128,
        })
    }

    /// Itself; as large as can be where 128 bits do not hold it.
    pub fn value(self) -> u128 {
        1u128.checked_shl(self.0.into()).unwrap_or(u128::MAX)
    }
}

impl From<PowerOfTwo> for u8 {
    fn from(power: PowerOfTwo) -> Self {
        power.0
    }
}

impl TryFrom<u8> for PowerOfTwo {
    type Error = &'static str;

    fn try_from(exponent: u8) -> Result<Self, Self::Error> {
        (exponent <= 128)
            .then_some(Self(exponent))
            .ok_or("an exponent is at most 128")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::key::ReleaseKey;

    /// What each person contributes, by number.
    type Cell = BTreeMap<u8, i128>;

    fn cell() -> impl Strategy<Value = Cell> {
        let total = prop_oneof![Just(0), -3..9i128, any::<i128>()];
        prop::collection::btree_map(0..80u8, total, 0..60)
    }

    /// The persons of a cell, and what they contribute.
    fn sketches<'a>(
        keys: &[RecordKey],
        cell: impl IntoIterator<Item = (&'a u8, &'a i128)>,
    ) -> (Sketch, Sketch) {
        let mut sketches = (Sketch::default(), Sketch::default());
        for (person, total) in cell {
            sketches.0.add_person(&keys[*person as usize]);
            sketches.1.add_contribution(&keys[*person as usize], *total);
        }
        sketches
    }

    fn keys() -> zeroize::Zeroizing<Vec<RecordKey>> {
        let pseudonyms: Vec<[u8; 16]> = (0..80u8).map(|at| [at; 16]).collect();
        let release = ReleaseKey::generate().expect("random bytes");
        release.record_keys().keys(&pseudonyms)
    }

    proptest! {
        #[test]
        fn no_more_buckets_differ_than_persons_do(
            then in cell(),
            changed in prop::collection::btree_map(0..80u8, prop::option::of(-9..9i128), 0..20),
        ) {
            let keys = keys();
            let mut now = then.clone();
            for (person, total) in changed {
                match total {
                    Some(total) => drop(now.insert(person, total)),
                    None => drop(now.remove(&person)),
                }
            }
            let (persons_then, held_then) = sketches(&keys, &then);
            let (persons_now, held_now) = sketches(&keys, &now);
            let one_of = (0..80u8).filter(|at| then.contains_key(at) != now.contains_key(at));
            let held = |cell: &Cell, at: u8| cell.get(&at).copied().unwrap_or(0);
            let others = (0..80u8).filter(|at| held(&then, *at) != held(&now, *at));
            prop_assert!(persons_then.differing(&persons_now) <= one_of.count() as u64);
            prop_assert!(held_then.differing(&held_now) <= others.count() as u64);
        }

        #[test]
        fn a_total_is_that_of_its_parts(cell in cell(), part in 0..80u8) {
            let keys = keys();
            let whole = sketches(&keys, &cell);
            let mut parts = sketches(&keys, cell.iter().filter(|(person, _)| **person < part));
            let rest = sketches(&keys, cell.iter().filter(|(person, _)| **person >= part));
            parts.0.merge(&rest.0);
            parts.1.merge(&rest.1);
            prop_assert_eq!(whole, parts);
        }

        #[test]
        fn they_are_written_in_one_way(buckets: [u16; BUCKETS], at in 0..127usize, other: char) {
            let written = Sketch(buckets).to_string();
            prop_assert_eq!(Sketch::try_from(written.clone()), Ok(Sketch(buckets)));
            for wrong in [written.to_uppercase(), format!("{written}0"), written[1..].to_owned()] {
                prop_assert!(wrong == written || Sketch::try_from(wrong).is_err());
            }
            let mut changed = written.clone();
            changed.replace_range(at..=at, &other.to_string());
            if let Ok(read) = Sketch::try_from(changed.clone()) {
                prop_assert_eq!(read.to_string(), changed);
            }
        }

        #[test]
        fn a_power_of_two_is_no_less_and_less_than_twice(value: u128) {
            let power = PowerOfTwo::above(value);
            prop_assert!(power.value() >= value);
            prop_assert!(value < 2 || power.value() / 2 < value);
            prop_assert_eq!(PowerOfTwo::try_from(u8::from(power)), Ok(power));
        }
    }

    #[test]
    fn nobody_has_nothing_in_common() {
        let nobody = Sketch::default();
        assert_eq!(nobody.differing(&nobody), 0);
        assert!(!nobody.shares(&nobody));
        assert!(PowerOfTwo::try_from(129).is_err());
        assert_eq!(PowerOfTwo::above(0).value(), 1);
    }

    /// Of as many persons as a plan's threshold asks for, nearly all are distinguished.
    #[test]
    fn most_of_a_few_persons_are_distinguished() {
        let keys = keys();
        let sixty: Cell = (0..60).map(|person| (person, 1)).collect();
        let (persons, _) = sketches(&keys, &sixty);
        assert!(persons.differing(&Sketch::default()) > 15);
    }
}
