//! Values of one column, typed as the plan declares, and what its recipe makes of them.
//!
//! The same few steps serve twice: before an extract leaves the agency, and on
//! linked and reduced values in a table. Both speak [`Values`].

pub(crate) mod condition;
mod floats;
pub(crate) mod numbers;
pub(crate) mod read;
pub(crate) mod steps;
pub(crate) mod stored;
mod tally;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(crate) use numbers::WholeNumbers;
pub use tally::ValueCounts;

/// The code of a missing category.
pub(crate) const MISSING: u32 = u32::MAX;

/// An index that points nowhere: a base row without a match.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The labels that codes mean, each once.
pub(crate) type Labels = Arc<[String]>;

/// Typed values; `None` or [`MISSING`] is missing. There is no `Debug`: it would print them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Values {
    Codes {
        codes: Vec<u32>,
        /// Of those that are stored, whoever reads them has the labels.
        #[serde(skip, default = "no_labels")]
        labels: Labels,
    },
    /// Counts of `10^-scale`.
    Numbers {
        values: WholeNumbers,
        scale: u8,
    },
    Booleans(Vec<Option<bool>>),
    /// Days since 1970-01-01.
    Dates(Vec<Option<i32>>),
}

/// A missing value as an ordinal.
pub(crate) const NO_ORDINAL: i64 = i64::MIN;

impl Values {
    /// The value in `row` as a number that is equal for equal values and ordered
    /// as they are; `None` if it is outside what 64 bits hold.
    pub(crate) fn ordinal(&self, row: usize) -> Option<i64> {
        match self {
            Self::Codes { codes, .. } => Some(match codes[row] {
                MISSING => NO_ORDINAL,
                code => code.into(),
            }),
            Self::Numbers { values, .. } => values.ordinal(row),
            Self::Booleans(values) => Some(values[row].map_or(NO_ORDINAL, i64::from)),
            Self::Dates(values) => Some(values[row].map_or(NO_ORDINAL, i64::from)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Codes { codes, .. } => codes.len(),
            Self::Numbers { values, .. } => values.len(),
            Self::Booleans(values) => values.len(),
            Self::Dates(values) => values.len(),
        }
    }

    /// The values in the rows of `index`, missing where it points nowhere.
    pub(crate) fn gather(&self, index: &Index) -> Self {
        let Index::Rows(rows) = index else {
            return self.clone();
        };
        match self {
            Self::Codes { codes, labels } => Self::Codes {
                codes: pick(codes, MISSING, rows),
                labels: labels.clone(),
            },
            Self::Numbers { values, scale } => Self::Numbers {
                values: values.gather(index),
                scale: *scale,
            },
            Self::Booleans(values) => Self::Booleans(pick(values, None, rows)),
            Self::Dates(values) => Self::Dates(pick(values, None, rows)),
        }
    }
}

/// The values in `rows`, `missing` where they point nowhere.
fn pick<T: Copy>(values: &[T], missing: T, rows: &[u32]) -> Vec<T> {
    // `NOWHERE` is beyond every column.
    let at = |&row: &u32| values.get(row as usize).copied().unwrap_or(missing);
    rows.iter().map(at).collect()
}

/// Which rows of a column are meant.
#[derive(Clone)]
pub(crate) enum Index {
    /// Each, in its order.
    All,
    /// These, or [`NOWHERE`].
    Rows(Vec<u32>),
}

/// No labels.
pub(crate) fn no_labels() -> Labels {
    Arc::from(Vec::new())
}
