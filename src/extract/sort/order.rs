//! The order of a part's rows: by pseudonym, then by the rest of the row.

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut as _;

use super::scatter::Part;
use super::{NO_ORDINAL, Values};

/// Bits of a packed number that tell the row; a part has at most 2^20 rows.
const ROW_BITS: u32 = 20;

/// The rows in order. All pseudonyms of the part share their leading `bits` bits.
///
/// The next 44 bits tell nearly all pseudonyms apart, and share a 64-bit number
/// with the row's: plain numbers are what sorts fastest. Rows that they do not
/// tell apart, as those of one person, are compared in full.
pub(super) fn order(part: &Part, bits: u32) -> Vec<u32> {
    if part.rows() >= 1 << ROW_BITS {
        return order_by_comparing(part);
    }
    let row_mask = (1 << ROW_BITS) - 1;
    let packed = |(row, key): (usize, &u128)| ((key << bits) >> 64) as u64 & !row_mask | row as u64;
    let mut packed: Vec<u64> = part.keys.iter().enumerate().map(packed).collect();
    packed.sort_unstable();
    for run in packed.chunk_by_mut(|a, b| a >> ROW_BITS == b >> ROW_BITS) {
        if run.len() > 1 {
            let row = |packed: &u64| (packed & row_mask) as u32;
            run.sort_unstable_by(|a, b| compare(part, row(a), row(b)));
        }
    }
    let rows = packed.into_iter();
    rows.map(|packed| (packed & row_mask) as u32).collect()
}

/// The naive twin of [`order`].
pub(super) fn order_by_comparing(part: &Part) -> Vec<u32> {
    let mut order: Vec<u32> = (0..part.rows() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| compare(part, a, b));
    order
}

fn compare(part: &Part, a: u32, b: u32) -> Ordering {
    let keys = part.key(a).cmp(&part.key(b));
    keys.then_with(|| compare_rest(&part.columns, a, b))
}

/// Compares two rows by all columns, missing values first; rows that are equal
/// in all of them are the same.
fn compare_rest(columns: &[Values], a: u32, b: u32) -> Ordering {
    const { assert!(NO_ORDINAL == i64::MIN) };
    let ordinal = |values: &Values, row: u32| values.ordinal(row as usize).unwrap_or(NO_ORDINAL);
    let columns = columns.iter();
    let compared = columns.map(|values| ordinal(values, a).cmp(&ordinal(values, b)));
    compared.fold(Ordering::Equal, Ordering::then)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Numbers;
    use super::*;

    proptest! {
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
            let values: Numbers = values.collect();
            let part = Part { keys, columns: vec![Values::Numbers { values, scale: 0 }] };
            let seen = |order: Vec<u32>| -> Vec<(u128, Option<i64>)> {
                let row = |&row: &u32| (part.key(row), part.columns[0].ordinal(row as usize));
                order.iter().map(row).collect()
            };
            let fast = order(&part, bits);
            let mut each = fast.clone();
            each.sort_unstable();
            prop_assert!(each.into_iter().eq(0..rows.len() as u32));
            prop_assert_eq!(seen(fast), seen(order_by_comparing(&part)));
        }
    }
}
