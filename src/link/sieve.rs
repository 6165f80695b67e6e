//! Few keys found among many: by a sieve first, then by searching.
//!
//! Of a register's numbers few were ever replaced. Whether one was is decided by
//! its leading bits, nearly always, in one look; only what the sieve lets
//! through is searched for. Where many keys are asked for in ascending order,
//! the sieve itself is read in order.

use super::search::positions;
use crate::column::NOWHERE;
use crate::extract::{PseudonymBytes, PseudonymColumn};

/// Bits of a sieve for each key in it: of those that are not, it lets one in so
/// many through at most.
const BITS_EACH: usize = 16;

/// Which leading bits occur among some keys. Keys that are not spread as
/// pseudonyms are go through it, and are searched for.
pub(super) struct Sieve {
    bits: Vec<u64>,
    shift: u32,
}

impl Sieve {
    pub(super) fn new(keys: &PseudonymColumn<'_>) -> Self {
        let size = (keys.len() * BITS_EACH).next_power_of_two().max(64);
        let mut sieve = Self {
            bits: vec![0; size / 64],
            shift: u64::BITS - size.ilog2(),
        };
        for key in keys.iter() {
            let (word, bit) = sieve.place(key);
            sieve.bits[word] |= 1 << bit;
        }
        sieve
    }

    fn place(&self, key: &PseudonymBytes) -> (usize, u32) {
        let leading = (u128::from_be_bytes(*key) >> 64) as u64;
        let leading = (leading >> self.shift) as usize;
        (leading / 64, leading as u32 % 64)
    }

    /// Whether `key` may be among them; if not, it is not.
    pub(super) fn may_hold(&self, key: &PseudonymBytes) -> bool {
        let (word, bit) = self.place(key);
        self.bits[word] >> bit & 1 != 0
    }

    /// The places of those of `wanted` that are in `sorted` too, each with the
    /// first place of its equals there. Both ascend, and the sieve's keys are
    /// those of `sorted`, and perhaps others.
    pub(super) fn find<'a>(
        &self,
        wanted: &'a [PseudonymBytes],
        sorted: &'a [PseudonymBytes],
    ) -> impl Iterator<Item = (usize, usize)> + use<'a> {
        // Written always, counted only if let through: nothing branches.
        let mut through = vec![0u32; wanted.len()];
        let mut count = 0;
        for (place, key) in wanted.iter().enumerate() {
            through[count] = place as u32;
            count += usize::from(self.may_hold(key));
        }
        through.truncate(count);
        let keys: Vec<PseudonymBytes> = through
            .iter()
            .map(|&place| wanted[place as usize])
            .collect();
        let found = through.into_iter().zip(positions(&keys, sorted));
        let found = found.filter(|(_, found)| *found != NOWHERE);
        found.map(|(place, found)| (place as usize, found as usize))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(most: usize) -> impl Strategy<Value = Vec<PseudonymBytes>> {
        let key = prop_oneof![any::<u128>(), 0..30u128, (0..30u128).prop_map(|n| n << 120)];
        prop::collection::vec(key, 0..most).prop_map(|mut keys| {
            keys.sort_unstable();
            keys.into_iter().map(u128::to_be_bytes).collect()
        })
    }

    proptest! {
        #[test]
        fn sieving_finds_what_looking_for_each_finds(
            wanted in keys(90),
            sorted in keys(90),
            others in keys(20),
        ) {
            let sieve = Sieve::new(&PseudonymColumn::from_chunks(vec![&sorted, &others]));
            let found: Vec<(usize, usize)> = sieve.find(&wanted, &sorted).collect();
            // The naive twin.
            let twin = wanted.iter().enumerate().filter_map(|(place, key)| {
                Some((place, sorted.iter().position(|other| other == key)?))
            });
            prop_assert_eq!(found, twin.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_sieve_lets_few_through_that_are_not_in_it() {
        let step = u128::MAX / 10_000;
        let key = |n: u128| (n * step).to_be_bytes();
        let held: Vec<PseudonymBytes> = (0..10_000).map(key).collect();
        let sieve = Sieve::new(&PseudonymColumn::from_chunks(vec![&held]));
        assert!(held.iter().all(|key| sieve.may_hold(key)));
        let between = (0..10_000).map(|n| (n * step + step / 2).to_be_bytes());
        let through = between.filter(|key| sieve.may_hold(key)).count();
        assert!(through <= 10_000 / BITS_EACH, "{through}");
    }
}
