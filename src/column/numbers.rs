//! Numbers of a column: 64 bits each, and wider only where one does not fit.
//!
//! An extract stores at most 18 digits, which 64 bits hold; so nearly every
//! column stays narrow, a missing value included. What a register writes
//! before it is clipped, and what sums of a person come to, may need more, and
//! is never cut.

use serde::{Deserialize, Serialize};

use super::{Index, NO_ORDINAL, pick};

/// Whole numbers, each of which may be missing.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum WholeNumbers {
    /// [`NO_ORDINAL`] is missing.
    Narrow(Vec<i64>),
    Wide(Vec<Option<i128>>),
}

/// `value` in 64 bits, if it fits together with the mark of a missing one.
fn narrow(value: Option<i128>) -> Option<i64> {
    match value {
        None => Some(NO_ORDINAL),
        Some(value) => i64::try_from(value).ok().filter(|v| *v != NO_ORDINAL),
    }
}

fn widen(value: i64) -> Option<i128> {
    (value != NO_ORDINAL).then_some(value.into())
}

impl WholeNumbers {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self::Narrow(Vec::with_capacity(rows))
    }

    pub(crate) fn push(&mut self, value: Option<i128>) {
        match (&mut *self, narrow(value)) {
            (Self::Narrow(values), Some(value)) => values.push(value),
            (Self::Narrow(values), None) => {
                let wide = values.iter().map(|&value| widen(value));
                *self = Self::Wide(wide.chain([value]).collect());
            }
            (Self::Wide(values), _) => values.push(value),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Narrow(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    pub(crate) fn get(&self, row: usize) -> Option<i128> {
        match self {
            Self::Narrow(values) => widen(values[row]),
            Self::Wide(values) => values[row],
        }
    }

    /// The value in `row` if 64 bits hold it, [`NO_ORDINAL`] if it is missing.
    pub(crate) fn ordinal(&self, row: usize) -> Option<i64> {
        match self {
            Self::Narrow(values) => Some(values[row]),
            Self::Wide(values) => narrow(values[row]),
        }
    }

    /// The values in the rows of `index`, missing where it points nowhere.
    pub(crate) fn gather(&self, index: &Index) -> Self {
        match (index, self) {
            (Index::All, _) => self.clone(),
            (Index::Rows(rows), Self::Narrow(values)) => {
                Self::Narrow(pick(values, NO_ORDINAL, rows))
            }
            (Index::Rows(rows), Self::Wide(values)) => Self::Wide(pick(values, None, rows)),
        }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Option<i128>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Each value that is there, mapped; `None` as soon as `map` gives none.
    pub(crate) fn try_map(&self, map: impl Fn(i128) -> Option<i128>) -> Option<Self> {
        let mut mapped = Self::with_capacity(self.len());
        for value in self.iter() {
            mapped.push(match value {
                None => None,
                Some(value) => Some(map(value)?),
            });
        }
        Some(mapped)
    }
}

impl FromIterator<Option<i128>> for WholeNumbers {
    fn from_iter<I: IntoIterator<Item = Option<i128>>>(values: I) -> Self {
        let values = values.into_iter();
        let mut numbers = Self::with_capacity(values.size_hint().0);
        values.for_each(|value| numbers.push(value));
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_does_not_fit_widens_all_and_changes_none() {
        let edge = i128::from(i64::MIN);
        let given = [Some(1), None, Some(edge), Some(-edge), Some(i128::MAX)];
        for width in 0..given.len() {
            let numbers: WholeNumbers = given[..=width].iter().copied().collect();
            assert_eq!(matches!(numbers, WholeNumbers::Narrow(_)), width < 2);
            assert!(numbers.iter().eq(given[..=width].iter().copied()));
        }
    }
}
