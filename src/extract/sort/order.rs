//! The order of a part's rows: by pseudonym, then by the rest of the row.

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut as _;

use super::scatter::Bucket;
use super::{NO_ORDINAL, Values};

/// Bits of a packed number that give the row; a part of more than 2^20 rows is
/// compared.
const ROW_BITS: u32 = 20;

/// The rows in order, and how many are of a person who has a row already. All
/// pseudonyms of the part share their leading `shared` bits.
///
/// The next 44 bits distinguish nearly all pseudonyms, and share a 64-bit number
/// with the row's: plain numbers are what sorts fastest. Rows that they do not
/// distinguish, as those of one person, are compared in full.
pub(super) fn order(part: &Bucket, shared: u32) -> (Vec<u32>, u64) {
    if part.rows() >= 1 << ROW_BITS {
        let order = order_by_comparing(part);
        let repeated = repeated(part, &order);
        return (order, repeated);
    }
    let row_mask = (1 << ROW_BITS) - 1;
    let packed = |(row, key): (usize, &u128)| {
        let next = key.checked_shl(shared).unwrap_or(0) >> 64;
        next as u64 & !row_mask | row as u64
    };
    let mut packed: Vec<u64> = part.keys.iter().enumerate().map(packed).collect();
    sort_packed(&mut packed);
    let row = |packed: &u64| (packed & row_mask) as u32;
    let mut repeated = 0;
    for run in packed.chunk_by_mut(|a, b| a >> ROW_BITS == b >> ROW_BITS) {
        if run.len() > 1 {
            run.sort_unstable_by(|a, b| compare(part, row(a), row(b)));
            let pairs = run.windows(2);
            let same = |pair: &&[u64]| part.key(row(&pair[0])) == part.key(row(&pair[1]));
            repeated += pairs.filter(same).count() as u64;
        }
    }
    (packed.iter().map(row).collect(), repeated)
}

/// How many rows are of a person who has a row already.
pub(super) fn repeated(part: &Bucket, order: &[u32]) -> u64 {
    let same = |pair: &&[u32]| part.key(pair[0]) == part.key(pair[1]);
    order.windows(2).filter(same).count() as u64
}

/// Bits of a digit that packed numbers are sorted by.
const DIGIT_BITS: u32 = 11;

/// Below this many numbers, comparing is faster.
const FEW: usize = 1 << 9;

/// Sorts numbers whose leading bits are spread evenly: by two digits, the lesser
/// first (Knuth, The Art of Computer Programming 3, section 5.2.5, algorithm
/// R), and what two digits do not distinguish by insertion (algorithm 5.2.1 S).
/// Numbers that are not spread so are compared.
fn sort_packed(numbers: &mut Vec<u64>) {
    if numbers.len() < FEW {
        numbers.sort_unstable();
        return;
    }
    let mut from = std::mem::take(numbers);
    let mut to = vec![0; from.len()];
    for shift in [64 - 2 * DIGIT_BITS, 64 - DIGIT_BITS] {
        let digit = |number: u64| (number >> shift) as usize % (1 << DIGIT_BITS);
        let mut next = [0u32; 1 << DIGIT_BITS];
        for &number in &from {
            next[digit(number)] += 1;
        }
        let mut start = 0;
        for next in &mut next {
            start += std::mem::replace(next, start);
        }
        for &number in &from {
            let next = &mut next[digit(number)];
            to[*next as usize] = number;
            *next += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    *numbers = from;
    let mut moves = 4 * numbers.len();
    for end in 1..numbers.len() {
        let number = numbers[end];
        let mut at = end;
        while at > 0 && numbers[at - 1] > number {
            numbers[at] = numbers[at - 1];
            at -= 1;
            moves = moves.saturating_sub(1);
        }
        numbers[at] = number;
        if moves == 0 {
            numbers.sort_unstable();
            return;
        }
    }
}

/// The naive twin of [`order`].
pub(super) fn order_by_comparing(part: &Bucket) -> Vec<u32> {
    let mut order: Vec<u32> = (0..part.rows() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| compare(part, a, b));
    order
}

fn compare(part: &Bucket, a: u32, b: u32) -> Ordering {
    let keys = part.key(a).cmp(&part.key(b));
    keys.then_with(|| compare_rest(&part.columns, a, b))
}

/// Compares two rows by all columns, missing values first; rows that are equal
/// in all of them are the same.
pub(in crate::extract) fn compare_rest(columns: &[Values], a: u32, b: u32) -> Ordering {
    const { assert!(NO_ORDINAL == i64::MIN) };
    let ordinal = |values: &Values, row: u32| values.ordinal(row as usize).unwrap_or(NO_ORDINAL);
    let columns = columns.iter();
    let compared = columns.map(|values| ordinal(values, a).cmp(&ordinal(values, b)));
    compared.fold(Ordering::Equal, Ordering::then)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::WholeNumbers;
    use super::*;

    proptest! {
        #[test]
        fn digits_sort_as_comparing_does(
            even in prop::collection::vec(any::<u64>(), 0..2_000),
            skewed in prop::collection::vec(0..1u64 << 41, 0..2_000),
        ) {
            for numbers in [&even, &skewed, &[even.as_slice(), &skewed].concat()] {
                let (mut fast, mut naive) = (numbers.clone(), numbers.clone());
                sort_packed(&mut fast);
                naive.sort_unstable();
                prop_assert_eq!(fast, naive);
            }
        }

        #[test]
        fn packed_numbers_order_as_comparing_does(
            rows in prop::collection::vec(
                (prop_oneof![Just(0u128), 0..9u128, any::<u128>()], 0..70u32, -2..3i64),
                0..80,
            ),
            bits in 0..12u32,
        ) {
            // A part's pseudonyms share their leading bits; some share many more.
            let keys: Vec<u128> = rows.iter().map(|(key, shift, _)| (key << shift) >> bits).collect();
            let values = rows.iter().map(|(_, _, value)| match value {
                -2 => None,
                value => Some(i128::from(*value)),
            });
            let values: WholeNumbers = values.collect();
            let part = Bucket { keys, columns: vec![Values::Numbers { values, scale: 0 }] };
            let seen = |order: Vec<u32>| -> Vec<(u128, Option<i64>)> {
                let row = |&row: &u32| (part.key(row), part.columns[0].ordinal(row as usize));
                order.iter().map(row).collect()
            };
            let (fast, seen_again) = order(&part, bits);
            let mut each = fast.clone();
            each.sort_unstable();
            prop_assert!(each.into_iter().eq(0..rows.len() as u32));
            let naive = order_by_comparing(&part);
            prop_assert_eq!(seen_again, repeated(&part, &naive));
            prop_assert_eq!(seen(fast), seen(naive));
        }
    }
}
