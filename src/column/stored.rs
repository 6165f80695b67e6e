//! Columns as an extract stores them: Arrow arrays of the five types.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array,
    StringArray, UInt32Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{Labels, MISSING, NO_ORDINAL, NOWHERE, Numbers, Values, no_labels};
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

/// Values as an Arrow array of their column's type.
pub(crate) fn to_array(values: &Values, kind: ColumnType) -> ArrayRef {
    match values {
        Values::Codes { codes, labels } => {
            let keys: UInt32Array = codes
                .iter()
                .map(|&code| (code != MISSING).then_some(code))
                .collect();
            let labels = StringArray::from_iter_values(labels.iter());
            Arc::new(DictionaryArray::new(keys, Arc::new(labels)))
        }
        Values::Numbers { values, .. } => match kind {
            ColumnType::Decimal { scale } => {
                let array: Decimal128Array = values.iter().collect();
                Arc::new(array.with_data_type(DataType::Decimal128(PRECISION, scale as i8)))
            }
            // `column::read` refused what does not fit.
            _ => Arc::new(
                values
                    .iter()
                    .map(|v| v.map(|v| v as i64))
                    .collect::<Int64Array>(),
            ),
        },
        Values::Booleans(values) => Arc::new(values.iter().copied().collect::<BooleanArray>()),
        Values::Dates(values) => Arc::new(values.iter().copied().collect::<Date32Array>()),
    }
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
    pub(crate) fn of(array: &ArrayRef, kind: ColumnType) -> Option<Self> {
        if *array.data_type() != data_type(kind) {
            return None;
        }
        Some(match kind {
            ColumnType::Category => {
                let dictionary = array.as_dictionary::<UInt32Type>();
                let values = dictionary.values().as_string::<i32>();
                let labels = values
                    .iter()
                    .map(|label| label.unwrap_or_default().to_owned());
                Self::Codes {
                    keys: dictionary.keys().clone(),
                    labels: labels.collect(),
                }
            }
            ColumnType::Integer => Self::Integers(array.as_primitive::<Int64Type>().clone()),
            ColumnType::Decimal { scale } => Self::Decimals {
                values: array.as_primitive::<Decimal128Type>().clone(),
                scale,
            },
            ColumnType::Boolean => Self::Booleans(array.as_boolean().clone()),
            ColumnType::Date => Self::Dates(array.as_primitive::<Date32Type>().clone()),
        })
    }

    /// The labels of a category; none for other types.
    pub(crate) fn labels(&self) -> Labels {
        match self {
            Self::Codes { labels, .. } => labels.clone(),
            _ => no_labels(),
        }
    }

    /// The values in the rows of `index`, missing where it points nowhere.
    pub(crate) fn gather(&self, index: &[u32]) -> Values {
        fn pick<T>(index: &[u32], value: impl Fn(usize) -> Option<T>) -> Vec<Option<T>> {
            let at = |&i: &u32| match i {
                NOWHERE => None,
                i => value(i as usize),
            };
            index.iter().map(at).collect()
        }
        fn numbers(
            index: &[u32],
            nulls: Option<&NullBuffer>,
            value: impl Fn(usize) -> i64,
        ) -> Numbers {
            let at = |&i: &u32| match i {
                NOWHERE => NO_ORDINAL,
                i if nulls.is_some_and(|nulls| nulls.is_null(i as usize)) => NO_ORDINAL,
                i => value(i as usize),
            };
            Numbers::Narrow(index.iter().map(at).collect())
        }
        match self {
            Self::Codes { keys, labels } => {
                let code = |&i: &u32| match i {
                    NOWHERE => MISSING,
                    i if keys.is_null(i as usize) => MISSING,
                    i => keys.value(i as usize),
                };
                Values::Codes {
                    codes: index.iter().map(code).collect(),
                    labels: labels.clone(),
                }
            }
            Self::Integers(array) => Values::Numbers {
                values: numbers(index, array.nulls(), |i| array.value(i)),
                scale: 0,
            },
            Self::Decimals { values, scale } => Values::Numbers {
                // Within 18 digits, which reading an extract verifies.
                values: numbers(index, values.nulls(), |i| values.value(i) as i64),
                scale: *scale,
            },
            Self::Booleans(array) => {
                Values::Booleans(pick(index, |i| array.is_valid(i).then(|| array.value(i))))
            }
            Self::Dates(array) => {
                Values::Dates(pick(index, |i| array.is_valid(i).then(|| array.value(i))))
            }
        }
    }

    /// The value in `row` as a number equal for equal values and ordered as they are.
    pub(crate) fn ordinal(&self, row: usize) -> i64 {
        let of = |valid: bool, value: &dyn Fn() -> i64| if valid { value() } else { NO_ORDINAL };
        match self {
            Self::Codes { keys, .. } => of(keys.is_valid(row), &|| keys.value(row).into()),
            Self::Integers(array) => of(array.is_valid(row), &|| array.value(row)),
            // Within 18 digits, which reading an extract verifies.
            Self::Decimals { values, .. } => of(values.is_valid(row), &|| values.value(row) as i64),
            Self::Booleans(array) => of(array.is_valid(row), &|| array.value(row).into()),
            Self::Dates(array) => of(array.is_valid(row), &|| array.value(row).into()),
        }
    }

    /// The ordinal that this column's values have in `other`, for categories that
    /// are written alike but coded differently; the identity for other types.
    pub(crate) fn translation(&self, other: &Self) -> Option<Vec<i64>> {
        let (Self::Codes { labels, .. }, Self::Codes { labels: others, .. }) = (self, other) else {
            return None;
        };
        let place: std::collections::HashMap<&str, i64> = others
            .iter()
            .enumerate()
            .map(|(code, label)| (label.as_str(), code as i64))
            .collect();
        let codes = labels
            .iter()
            .map(|label| place.get(label.as_str()).copied());
        // A label that the other column does not have matches nothing there, as missing does.
        Some(codes.map(|code| code.unwrap_or(NO_ORDINAL)).collect())
    }
}
