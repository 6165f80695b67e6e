//! Columns as an extract stores them: Arrow arrays of the five types.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array,
    UInt32Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use arrow_select::interleave::interleave;

#[cfg(feature = "bench")]
use super::no_labels;
use super::{Index, Labels, MISSING, NO_ORDINAL, NOWHERE, Values, WholeNumbers};
use crate::plan::ColumnType;

/// Digits of a decimal column: what fits 64 bits.
const PRECISION: u8 = 18;

/// The largest number of that many digits; an integer column holds no larger one either.
pub(crate) const MOST: i128 = 999_999_999_999_999_999;

/// The Arrow type that stores a column of type `kind`.
pub(crate) fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Category => {
            DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8))
        }
        ColumnType::Integer => DataType::Int64,
        ColumnType::Decimal { scale } => DataType::Decimal128(PRECISION, scale as i8),
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
    }
}

/// Values as an Arrow array of their column's type; categories by `labels`,
/// which are theirs. What is missing is written as zero.
///
/// # Panics
///
/// If a number has more than 18 digits: reading refused it.
pub(crate) fn to_array(values: Values, kind: ColumnType, labels: &ArrayRef) -> ArrayRef {
    fn split<T: Copy + PartialEq + Default>(
        mut values: Vec<T>,
        missing: T,
    ) -> (Vec<T>, Option<NullBuffer>) {
        if !values.contains(&missing) {
            return (values, None);
        }
        let nulls = values.iter().map(|value| *value != missing).collect();
        for value in values.iter_mut().filter(|value| **value == missing) {
            *value = T::default();
        }
        (values, Some(nulls))
    }
    match values {
        Values::Codes { codes, .. } => {
            let (codes, nulls) = split(codes, MISSING);
            let keys = UInt32Array::new(codes.into(), nulls);
            Arc::new(DictionaryArray::new(keys, Arc::clone(labels)))
        }
        Values::Numbers { values, .. } => {
            let values = match values {
                WholeNumbers::Narrow(values) => values,
                wide @ WholeNumbers::Wide(_) => (0..wide.len())
                    .map(|row| wide.ordinal(row).expect("18 digits at most"))
                    .collect(),
            };
            let (values, nulls) = split(values, NO_ORDINAL);
            match kind {
                ColumnType::Decimal { scale } => {
                    let values = values.into_iter().map(i128::from).collect();
                    let array = Decimal128Array::new(values, nulls);
                    Arc::new(array.with_data_type(DataType::Decimal128(PRECISION, scale as i8)))
                }
                _ => Arc::new(Int64Array::new(values.into(), nulls)),
            }
        }
        Values::Booleans(values) => Arc::new(values.into_iter().collect::<BooleanArray>()),
        Values::Dates(values) => Arc::new(values.into_iter().collect::<Date32Array>()),
    }
}

/// The labels of an array of categories.
///
/// # Panics
///
/// If it is not of the type that stores categories.
pub(crate) fn labels(array: &ArrayRef) -> Labels {
    let labels = array
        .as_dictionary::<UInt32Type>()
        .values()
        .as_string::<i32>();
    let labels = labels.iter();
    labels
        .map(|label| label.unwrap_or_default().to_owned())
        .collect()
}

/// A stored column, to be gathered from.
#[derive(Clone)]
pub(crate) enum Stored {
    Codes { keys: UInt32Array, labels: Labels },
    Integers(Int64Array),
    Decimals { values: Decimal128Array, scale: u8 },
    Booleans(BooleanArray),
    Dates(Date32Array),
}

impl Stored {
    /// `None` if the array is not of the type that stores `kind`.
    #[cfg(feature = "bench")]
    pub(crate) fn of(array: &ArrayRef, kind: ColumnType) -> Option<Self> {
        if *array.data_type() != data_type(kind) {
            return None;
        }
        let labels = match kind {
            ColumnType::Category => labels(array),
            _ => no_labels(),
        };
        Some(Self::with_labels(array, kind, &labels))
    }

    /// The array of a column whose labels are known.
    ///
    /// # Panics
    ///
    /// If the array is not of the type that stores `kind`.
    pub(crate) fn with_labels(array: &ArrayRef, kind: ColumnType, labels: &Labels) -> Self {
        match kind {
            ColumnType::Category => Self::Codes {
                keys: array.as_dictionary::<UInt32Type>().keys().clone(),
                labels: labels.clone(),
            },
            ColumnType::Integer => Self::Integers(array.as_primitive::<Int64Type>().clone()),
            ColumnType::Decimal { scale } => Self::Decimals {
                values: array.as_primitive::<Decimal128Type>().clone(),
                scale,
            },
            ColumnType::Boolean => Self::Booleans(array.as_boolean().clone()),
            ColumnType::Date => Self::Dates(array.as_primitive::<Date32Type>().clone()),
        }
    }

    /// The values that `places` names: of which part, and at which place there.
    ///
    /// # Panics
    ///
    /// If the parts are not all of one column, if there is none, or if there is
    /// no such place.
    pub(crate) fn interleave(parts: &[Self], places: &[(usize, usize)]) -> Self {
        let arrays: Vec<&dyn Array> = parts.iter().map(Self::array).collect();
        let array = interleave(&arrays, places).expect("parts of one column are of one type");
        match &parts[0] {
            Self::Codes { labels, .. } => Self::Codes {
                keys: array.as_primitive::<UInt32Type>().clone(),
                labels: labels.clone(),
            },
            Self::Integers(_) => Self::Integers(array.as_primitive::<Int64Type>().clone()),
            Self::Decimals { scale, .. } => Self::Decimals {
                values: array.as_primitive::<Decimal128Type>().clone(),
                scale: *scale,
            },
            Self::Booleans(_) => Self::Booleans(array.as_boolean().clone()),
            Self::Dates(_) => Self::Dates(array.as_primitive::<Date32Type>().clone()),
        }
    }

    /// Of categories their codes.
    fn array(&self) -> &dyn Array {
        match self {
            Self::Codes { keys, .. } => keys,
            Self::Integers(array) => array,
            Self::Decimals { values, .. } => values,
            Self::Booleans(array) => array,
            Self::Dates(array) => array,
        }
    }

    /// The values in `rows`, not copied.
    pub(crate) fn slice(&self, rows: &Range<usize>) -> Self {
        let (from, rows) = (rows.start, rows.len());
        match self {
            Self::Codes { keys, labels } => Self::Codes {
                keys: keys.slice(from, rows),
                labels: labels.clone(),
            },
            Self::Integers(array) => Self::Integers(array.slice(from, rows)),
            Self::Decimals { values, scale } => Self::Decimals {
                values: values.slice(from, rows),
                scale: *scale,
            },
            Self::Booleans(array) => Self::Booleans(array.slice(from, rows)),
            Self::Dates(array) => Self::Dates(array.slice(from, rows)),
        }
    }

    /// The values in the rows of `index`, missing where it points nowhere.
    pub(crate) fn gather(&self, index: &Index) -> Values {
        match self {
            Self::Codes { keys, labels } => Values::Codes {
                codes: pick(index, keys.nulls(), MISSING, keys.values(), |code| code),
                labels: labels.clone(),
            },
            Self::Integers(array) => Values::Numbers {
                values: WholeNumbers::Narrow(pick(
                    index,
                    array.nulls(),
                    NO_ORDINAL,
                    array.values(),
                    |value| value,
                )),
                scale: 0,
            },
            Self::Decimals { values, scale } => Values::Numbers {
                // Within 18 digits, which reading an extract verifies.
                values: WholeNumbers::Narrow(pick(
                    index,
                    values.nulls(),
                    NO_ORDINAL,
                    values.values(),
                    |value| value as i64,
                )),
                scale: *scale,
            },
            Self::Booleans(array) => {
                let value = |i: usize| array.is_valid(i).then(|| array.value(i));
                Values::Booleans(match index {
                    Index::All => (0..array.len()).map(value).collect(),
                    Index::Rows(rows) => rows
                        .iter()
                        .map(|&i| (i != NOWHERE).then(|| value(i as usize)).flatten())
                        .collect(),
                })
            }
            Self::Dates(array) => {
                Values::Dates(pick(index, array.nulls(), None, array.values(), Some))
            }
        }
    }
}

/// The `values` in the rows of `index`, `missing` where it points nowhere or at a null.
fn pick<T: Copy, U: Copy>(
    index: &Index,
    nulls: Option<&NullBuffer>,
    missing: U,
    values: &[T],
    read: impl Fn(T) -> U,
) -> Vec<U> {
    // `NOWHERE` is beyond every array.
    match (index, nulls) {
        (Index::All, None) => values.iter().map(|&value| read(value)).collect(),
        (Index::All, Some(nulls)) => {
            let at = |(&value, valid)| if valid { read(value) } else { missing };
            values.iter().zip(nulls.iter()).map(at).collect()
        }
        (Index::Rows(rows), None) => {
            let at = |&i: &u32| values.get(i as usize).map_or(missing, |&value| read(value));
            rows.iter().map(at).collect()
        }
        (Index::Rows(rows), Some(nulls)) => {
            let at = |&i: &u32| match values.get(i as usize) {
                Some(&value) if nulls.is_valid(i as usize) => read(value),
                _ => missing,
            };
            rows.iter().map(at).collect()
        }
    }
}
