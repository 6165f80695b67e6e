//! Counts of rows as a recipient gets them: none of them bounds a figure of the tables.
//!
//! A count that is only rounded says between which two numbers it is. Where a table publishes
//! towns of 20, 15 and 16 persons and suppresses the fourth, 50 rows are 48 to 52, and one
//! person at most is in that town. So noise without bounds is added before a count is
//! rounded: every number remains possible. The same count has the same noise wherever it
//! stands, in this release and in all others under the release key; of different ones, an
//! average would be the count.

use kobling_sdc::noise::discrete_laplace;

use crate::count::Count;
use crate::key::ReleaseKey;

/// The scale of the noise, which is discrete Laplace: x with a chance proportional to
/// exp(−|x| / 2). Its standard deviation is 2.8 rows; with the rounding, 3.1.
const SCALE: u64 = 2;

/// A shown count is further than this from its true one in one case of 900: noise of 14 or
/// more, and what rounding adds.
const REACH: u64 = 15;

/// Counts of one release.
#[derive(Clone, Copy)]
pub(super) struct PerturbedCounts<'a> {
    key: &'a ReleaseKey,
}

impl<'a> PerturbedCounts<'a> {
    pub(super) fn new(key: &'a ReleaseKey) -> Self {
        Self { key }
    }

    /// `count` as it is shown. That there is nothing is shown.
    pub(super) fn of(self, count: u64) -> Count {
        match count {
            0 => Count::rounded(0),
            _ => self.some_or_none(count),
        }
    }

    /// `count` as it is shown where nobody may learn that there is nothing.
    pub(super) fn some_or_none(self, count: u64) -> Count {
        let mut bits = self.key.bits(b"manifest count", &[&count.to_be_bytes()]);
        let mut bits = || Ok::<_, kobling_sdc::Error>(bits());
        let noise = discrete_laplace(SCALE, &mut bits).expect("noise of a small scale");
        // Of what is below 1 it is not said that it is nothing.
        Count::rounded(count.saturating_add_signed(noise).max(1))
    }
}

/// The least and the greatest true count behind a shown one, but in one case of 900.
pub(super) fn likely(count: Count) -> [u64; 2] {
    let shown = count.get();
    let least = shown.map_or(0, |shown| shown.saturating_sub(REACH));
    let most = match shown {
        Some(0) => 0,
        shown => shown.unwrap_or(0).saturating_add(REACH),
    };
    [least, most]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// How often each number is shown for `count`, by one key after another.
    fn shown(count: u64, keys: &[ReleaseKey]) -> BTreeMap<Option<u64>, u64> {
        let mut often = BTreeMap::new();
        for key in keys {
            let counts = PerturbedCounts::new(key);
            *often.entry(counts.of(count).get()).or_default() += 1;
        }
        often
    }

    fn keys(number: usize) -> Vec<ReleaseKey> {
        let keys = (0..number).map(|_| ReleaseKey::generate().expect("a key"));
        keys.collect()
    }

    /// Chance of noise `x` by its definition, summed up as the text says.
    fn chance(x: i64) -> f64 {
        let weight = |x: i64| (-(x.unsigned_abs() as f64) / SCALE as f64).exp();
        weight(x) / (-1000..=1000).map(weight).sum::<f64>()
    }

    #[test]
    fn the_scale_and_the_reach_are_as_the_text_says() {
        let deviation = |also: f64| {
            let squares = (-1000..=1000).map(|x: i64| chance(x) * (x * x) as f64);
            (squares.sum::<f64>() + also).sqrt()
        };
        assert!((deviation(0.0) - 2.8).abs() < 0.05);
        // Rounding is off by −2 to 2, each as often.
        assert!((deviation(2.0) - 3.1).abs() < 0.05);
        let far: f64 = 2.0 * (14..1000).map(chance).sum::<f64>();
        assert!((1.0 / far - 900.0).abs() < 50.0, "{}", 1.0 / far);
    }

    #[test]
    fn what_is_shown_has_the_chances_of_its_definition() {
        let keys = keys(4000);
        for count in [1, 3, 7, 52] {
            let mut expected: BTreeMap<Option<u64>, f64> = BTreeMap::new();
            for noise in -1000..=1000 {
                let noisy = (count as i64 + noise).max(1) as u64;
                let place = (noisy > 4).then(|| (noisy + 2) / 5 * 5);
                *expected.entry(place).or_default() += 4000.0 * chance(noise);
            }
            let often = shown(count, &keys);
            for (place, expected) in expected {
                let often = often.get(&place).copied().unwrap_or(0) as f64;
                let near = 6.0 * expected.sqrt() + 6.0;
                assert!((often - expected).abs() < near, "{count}, {place:?}");
            }
        }
    }

    /// Whoever knows all rows but those of one town.
    #[test]
    fn a_shown_count_rules_out_no_number_of_persons() {
        let keys = keys(3000);
        let behind = [51, 52, 53, 54].map(|count| shown(count, &keys));
        for often in &behind {
            let frequent = often.iter().filter(|(_, often)| **often > 60);
            for (place, _) in frequent {
                let possible = |other: &BTreeMap<_, _>| other.contains_key(place);
                assert!(behind.iter().all(possible), "{place:?}");
            }
        }
        // Rounding alone tells 52 from 53.
        assert_ne!(Count::rounded(52), Count::rounded(53));
    }

    #[test]
    fn a_count_is_shown_alike_wherever_it_stands_and_nothing_as_nothing() {
        for key in keys(50) {
            let counts = PerturbedCounts::new(&key);
            assert!((0..60).all(|count| counts.of(count) == counts.of(count)));
            assert!(counts.of(0).is_zero() && !counts.some_or_none(0).is_zero());
            assert!((1..60).all(|count| !counts.of(count).is_zero()));
            let whole = counts.of(u64::MAX).get().expect("many");
            assert!(u64::MAX - whole < 100);
        }
    }

    #[test]
    fn the_true_count_is_mostly_where_it_is_likely() {
        let key = &keys(1)[0];
        let outside = (0..9000).filter(|count| {
            let [least, most] = likely(PerturbedCounts::new(key).of(*count));
            !(least..=most).contains(count)
        });
        let outside = outside.count();
        assert!(outside < 40, "{outside} of 9000");
    }
}
