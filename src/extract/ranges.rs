//! Cutting sorted extracts into ranges of pseudonyms, each the same in all of them.

use std::ops::Range;

use rayon::prelude::*;

use super::PseudonymColumn;
use crate::pseudonym::Pseudonym;

/// For each range of pseudonyms, the rows that it covers in each of `keys`.
///
/// A range ends where any of them has had its share of rows (`shares` has one
/// for each), so skewed pseudonyms make no range larger: at most its share of
/// each, and what its first person has beyond. A person's rows are in one range.
pub(crate) fn ranges(keys: &[PseudonymColumn<'_>], shares: &[usize]) -> Vec<Vec<Range<usize>>> {
    let shares = keys.iter().zip(shares).flat_map(|(keys, &share)| {
        let rows = (share..keys.len()).step_by(share);
        rows.map(|row| keys.get(row))
    });
    let mut least: Vec<Pseudonym> = shares.collect();
    least.sort_unstable();
    least.dedup();
    let starts = |key: &Pseudonym| keys.iter().map(|keys| keys.lower_bound(*key)).collect();
    let mut starts: Vec<Vec<usize>> = least.par_iter().map(starts).collect();
    starts.insert(0, vec![0; keys.len()]);
    starts.push(keys.iter().map(PseudonymColumn::len).collect());
    let pairs = starts.windows(2);
    pairs
        .map(|pair| {
            let ends = pair[0].iter().zip(&pair[1]);
            ends.map(|(&from, &to)| from..to).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::PseudonymBytes;

    const SHARE: usize = 1 << 14;

    fn checked(extracts: &[Vec<PseudonymBytes>]) -> Vec<Vec<Range<usize>>> {
        let keys: Vec<PseudonymColumn<'_>> = extracts
            .iter()
            .map(|keys| PseudonymColumn::from_chunks(keys.chunks(10_000).collect()))
            .collect();
        let ranges = ranges(&keys, &[SHARE; 2][..keys.len()]);
        for (place, keys) in keys.iter().enumerate() {
            let mut next = 0;
            for range in &ranges {
                assert_eq!(range[place].start, next);
                next = range[place].end;
                if next > 0 && next < keys.len() {
                    assert_ne!(keys.get(next - 1), keys.get(next), "a person is split");
                }
            }
            assert_eq!(next, keys.len());
        }
        ranges
    }

    #[test]
    fn ranges_cover_every_row_once_and_split_no_person() {
        let step = u128::MAX / 50_000;
        let many: Vec<PseudonymBytes> = (0..100_000u128)
            .map(|row| (row / 2 * step).to_be_bytes())
            .collect();
        let few: Vec<PseudonymBytes> = many.iter().step_by(997).copied().collect();
        let ranges = checked(&[many, few]);
        assert_eq!(ranges.len(), 100_000usize.div_ceil(SHARE));
        assert!(ranges.iter().all(|range| range[0].len() <= SHARE + 1));
    }

    #[test]
    fn pseudonyms_that_share_their_leading_bits_are_cut_as_others_are() {
        let counted: Vec<PseudonymBytes> = (0..100_000u128).map(u128::to_be_bytes).collect();
        let one_person = vec![7u128.to_be_bytes(); 100_000];
        let ranges = checked(&[counted, one_person]);
        assert_eq!(ranges.len(), 1 + 100_000usize.div_ceil(SHARE));
        assert!(ranges.iter().all(|range| range[0].len() <= SHARE));
    }

    #[test]
    fn nothing_is_one_range_of_nothing() {
        assert_eq!(checked(&[vec![], vec![]]), [[0..0, 0..0]]);
    }
}
