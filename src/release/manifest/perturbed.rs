//! Counts of rows as a recipient gets them: none of them bounds a figure of the tables.
//!
//! A count that is only rounded says between which two numbers it is. Where a table publishes
//! towns of 20, 15 and 16 persons and suppresses the fourth, 50 rows are 48 to 52, and one
//! person at most is in that town. So noise without bounds is added before a count is
//! rounded: every number remains possible.
//!
//! The same count of the same thing has the same noise wherever it stands, in this release and
//! in all others under the release key: of different ones, an average would be the count. Of
//! another thing it has other noise: a recipient who knows the counts of some groups, for
//! their figures are published, would learn how each number is shown.

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

    /// `count` of something as it is shown. That there is nothing is shown.
    pub(super) fn of(self, what: &[&str], count: u64) -> Count {
        match count {
            0 => Count::rounded(0),
            _ => self.some_or_none(what, count),
        }
    }

    /// `count` of something as it is shown where nobody may learn that there is nothing.
    pub(super) fn some_or_none(self, what: &[&str], count: u64) -> Count {
        let number = count.to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![&number];
        parts.extend(what.iter().map(|part| part.as_bytes()));
        let mut bits = self.key.bits(b"manifest count", &parts);
        let mut bits = || Ok::<_, kobling_sdc::Error>(bits());
        let noise = discrete_laplace(SCALE, &mut bits).expect("noise of a small scale");
        // Of what is below 1 it is not said that it is nothing.
        Count::rounded(count.saturating_add_signed(noise).max(1))
    }
}

/// How manifests under a release key show so many rows, where it may be that there are none:
/// whoever has the key can verify what a manifest says.
///
/// `what` is what is counted:
///
/// | count | `what` |
/// |---|---|
/// | of an input, such as `rows` | the source, and the field's name |
/// | of an input by reason | the source, `quarantine`, and the reason |
/// | of the values of a column | the source, the column, and `used`, `missing` or `unreadable` |
/// | of base rows with a match, or without | the base, the look-up, `matched` or `unmatched`, and the number of base rows |
/// | the same in a group | also the column that it is by, and the category, or nothing where it is missing |
/// | of groups together | also the column, `others`, and `others` |
/// | by the history only | the base, the look-up, `through_history`, and the number of base rows |
///
/// # Disclosure
///
/// For whoever holds the release key. With many answers a shown count can be traced back to
/// the few that are shown so.
pub fn shown_count(key: &ReleaseKey, what: &[&str], rows: u64) -> Count {
    PerturbedCounts::new(key).some_or_none(what, rows)
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

    const ROWS: &[&str] = &["tax", "rows"];

    /// How often each number is shown for `count`, by one key after another.
    fn shown(count: u64, keys: &[ReleaseKey]) -> BTreeMap<Option<u64>, u64> {
        let mut often = BTreeMap::new();
        for key in keys {
            let counts = PerturbedCounts::new(key);
            *often.entry(counts.of(ROWS, count).get()).or_default() += 1;
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
            assert!((0..60).all(|count| counts.of(ROWS, count) == counts.of(ROWS, count)));
            assert!(counts.of(ROWS, 0).is_zero() && !counts.some_or_none(ROWS, 0).is_zero());
            assert!((1..60).all(|count| !counts.of(ROWS, count).is_zero()));
            let whole = counts.of(ROWS, u64::MAX).get().expect("many");
            assert!(u64::MAX - whole < 100);
        }
    }

    /// Whoever knows how 17 of one group are shown learns nothing of the 17 of another.
    #[test]
    fn a_count_of_another_thing_has_other_noise() {
        let key = &keys(1)[0];
        let groups: Vec<String> = (0..2000).map(|group| group.to_string()).collect();
        let shown = groups
            .iter()
            .map(|group| shown_count(key, &["tax", group], 17).get());
        let mut often: BTreeMap<Option<u64>, u64> = BTreeMap::new();
        shown.for_each(|shown| *often.entry(shown).or_default() += 1);
        // 15 where noise is from -4 to 0, 20 where it is from 1 to 5.
        let chance_of = |noise: std::ops::RangeInclusive<i64>| noise.map(chance).sum::<f64>();
        for (place, noise) in [(15, -4..=0), (20, 1..=5)] {
            let share = often[&Some(place)] as f64 / 2000.0;
            assert!((share - chance_of(noise)).abs() < 0.06, "{place}: {share}");
        }
        // No part of what is counted runs into the next.
        let apart = [["ab", "c"], ["a", "bc"]].map(|what| {
            (0..200)
                .map(|count| shown_count(key, &what, count))
                .collect::<Vec<Count>>()
        });
        assert_ne!(apart[0], apart[1]);
    }

    #[test]
    fn the_true_count_is_mostly_where_it_is_likely() {
        let key = &keys(1)[0];
        let outside = (0..9000).filter(|count| {
            let [least, most] = likely(PerturbedCounts::new(key).of(ROWS, *count));
            !(least..=most).contains(count)
        });
        let outside = outside.count();
        assert!(outside < 40, "{outside} of 9000");
    }
}
