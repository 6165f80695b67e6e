//! Cutting a linkage into ranges of pseudonyms.

use std::ops::Range;

use crate::extract::Keys;

/// Rows of an extract that a range is meant to hold: few enough to stay in cache.
const ROWS: usize = 1 << 14;

/// Ranges at most: finding their ends is a binary search each.
const MOST_BITS: u32 = 16;

/// For each range of pseudonyms, the rows that it covers in each of `keys`;
/// the first of them is the base.
///
/// Ranges are told apart by the leading bits of the pseudonym. A person's rows
/// are in one range. Skewed pseudonyms make ranges of uneven size, which costs
/// speed and nothing else.
pub(crate) fn ranges(keys: &[Keys<'_>]) -> Vec<Vec<Range<usize>>> {
    let most = keys.iter().map(|keys| keys.len()).max().unwrap_or(0);
    let bits = most
        .div_ceil(ROWS)
        .next_power_of_two()
        .ilog2()
        .min(MOST_BITS);
    let starts: Vec<Vec<usize>> = (0..=1u128 << bits)
        .map(|range| {
            let start = |keys: &Keys<'_>| match range.checked_shl(128 - bits) {
                Some(least) if range < 1 << bits => keys.lower_bound(least),
                _ if range == 0 => 0,
                _ => keys.len(),
            };
            keys.iter().map(start).collect()
        })
        .collect();
    let pairs = starts.windows(2);
    pairs
        .map(|pair| {
            pair[0]
                .iter()
                .zip(&pair[1])
                .map(|(&from, &to)| from..to)
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_every_row_once_and_split_no_person() {
        let step = u128::MAX / 50_000;
        let bytes: Vec<[u8; 16]> = (0..100_000u128)
            .map(|row| (row / 2 * step).to_be_bytes())
            .collect();
        let few: Vec<[u8; 16]> = bytes.iter().step_by(997).copied().collect();
        let keys = [Keys::from_bytes(&bytes), Keys::from_bytes(&few)];
        let ranges = ranges(&keys);
        assert_eq!(ranges.len(), 8);
        for (place, keys) in keys.iter().enumerate() {
            let mut next = 0;
            for range in &ranges {
                assert_eq!(range[place].start, next);
                next = range[place].end;
                if range[place].start > 0 && range[place].start < keys.len() {
                    let start = range[place].start;
                    assert_ne!(keys.get(start - 1), keys.get(start));
                }
            }
            assert_eq!(next, keys.len());
        }
    }

    #[test]
    fn pseudonyms_that_share_their_leading_bits_are_one_range() {
        let bytes: Vec<[u8; 16]> = (0..40_000u128).map(|row| row.to_be_bytes()).collect();
        let ranges = ranges(&[Keys::from_bytes(&bytes)]);
        let sizes: Vec<usize> = ranges.iter().map(|range| range[0].len()).collect();
        assert_eq!(sizes, [40_000, 0, 0, 0]);
    }
}
