//! Rows scattered into parts by the leading bits of their pseudonym.
//!
//! The batches are dealt to as many groups as there are threads. Each group
//! writes its rows, payload and all, part by part; a part is then read from
//! every group. Both are sequential, so nothing waits for memory, and no two
//! threads write to one place.

use std::ops::Range;

use rayon::prelude::*;

use super::Hashed;
use crate::column::{MISSING, NO_ORDINAL, Values, WholeNumbers};
use crate::pseudonym::Pseudonym;

/// Rows that share their leading bits.
pub(super) struct Bucket {
    pub(super) keys: Vec<Pseudonym>,
    pub(super) columns: Vec<Values>,
}

impl Bucket {
    /// No rows; `columns` are empty and of the right types.
    pub(super) fn new(columns: Vec<Values>) -> Self {
        Self {
            keys: Vec::new(),
            columns,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn key(&self, row: u32) -> Pseudonym {
        self.keys[row as usize]
    }

    fn clear(&mut self) {
        self.keys.clear();
        self.columns.iter_mut().for_each(clear);
    }
}

pub(super) struct Scattered {
    groups: Vec<ScatteredRows>,
    /// Where each part begins in the sorted table, and where the last one ends.
    starts: Vec<usize>,
}

/// The rows of some batches, part by part.
struct ScatteredRows {
    rows: Bucket,
    /// Where each part begins here, and where the last one ends.
    starts: Vec<usize>,
}

impl Scattered {
    /// Scatters `batches` into 2^`bits` parts, by the bits after the first
    /// `shared`; `empty` are no values of each column.
    pub(super) fn new(empty: Vec<Values>, batches: Vec<Hashed>, shared: u32, bits: u32) -> Self {
        let mut groups: Vec<Vec<Hashed>> = Vec::new();
        let share = batches.len().div_ceil(rayon::current_num_threads()).max(1);
        let mut batches = batches.into_iter().peekable();
        while batches.peek().is_some() {
            groups.push(batches.by_ref().take(share).collect());
        }
        let groups: Vec<ScatteredRows> = groups
            .into_par_iter()
            .map(|batches| ScatteredRows::new(&empty, batches, shared, bits))
            .collect();
        let mut starts = vec![0; (1 << bits) + 1];
        for group in &groups {
            for (all, start) in starts.iter_mut().zip(&group.starts) {
                *all += start;
            }
        }
        Self { groups, starts }
    }

    /// Rows of the largest part.
    pub(super) fn largest(&self) -> usize {
        let pairs = self.starts.windows(2);
        pairs.map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }

    /// The parts that have rows of the sorted table's `range`, and where each begins.
    pub(super) fn overlapping(&self, range: &Range<usize>) -> impl Iterator<Item = (usize, usize)> {
        let first = self.starts.partition_point(|start| *start <= range.start);
        let end = range.end;
        let parts = first.saturating_sub(1)..self.starts.len() - 1;
        let parts = parts.map(|part| (part, self.starts[part], self.starts[part + 1]));
        let parts = parts.take_while(move |(_, start, _)| *start < end);
        parts
            .filter(|(_, start, stop)| start < stop)
            .map(|(part, start, _)| (part, start))
    }

    /// Reads a part, in place of what was in `part`.
    pub(super) fn read(&self, number: usize, part: &mut Bucket) {
        part.clear();
        for group in &self.groups {
            let rows = group.starts[number]..group.starts[number + 1];
            part.keys.extend_from_slice(&group.rows.keys[rows.clone()]);
            for (values, from) in part.columns.iter_mut().zip(&group.rows.columns) {
                append_range(values, from, rows.clone());
            }
        }
    }

    /// All rows as one part; `part` is empty.
    pub(super) fn into_one(self, mut part: Bucket) -> Bucket {
        for group in self.groups {
            let rows = 0..group.rows.rows();
            part.keys.extend_from_slice(&group.rows.keys);
            for (values, from) in part.columns.iter_mut().zip(&group.rows.columns) {
                append_range(values, from, rows.clone());
            }
        }
        part
    }
}

impl ScatteredRows {
    fn new(empty: &[Values], batches: Vec<Hashed>, shared: u32, bits: u32) -> Self {
        // With no bits, all rows are in one part.
        let part = |key: Pseudonym| {
            let after = key.checked_shl(shared).unwrap_or(0);
            after.checked_shr(128 - bits).unwrap_or(0) as usize
        };
        let mut starts = vec![0usize; (1 << bits) + 1];
        for (keys, _) in &batches {
            for &key in keys {
                starts[part(key) + 1] += 1;
            }
        }
        for number in 1..starts.len() {
            starts[number] += starts[number - 1];
        }
        let count = starts[starts.len() - 1];
        let mut rows = Bucket {
            keys: vec![0; count],
            columns: empty.to_vec(),
        };
        for values in &mut rows.columns {
            fill(values, count);
        }
        let mut next = starts.clone();
        let mut places = Vec::new();
        for (keys, columns) in batches {
            places.clear();
            for key in keys {
                let next = &mut next[part(key)];
                rows.keys[*next] = key;
                places.push(*next as u32);
                *next += 1;
            }
            for (values, from) in rows.columns.iter_mut().zip(columns) {
                place(values, from, &places);
            }
        }
        Self { rows, starts }
    }
}

/// What is done to two columns of one type, whatever it is.
macro_rules! of_one_type {
    ($into:expr, $from:expr, |$a:ident, $b:ident| $do:expr) => {
        match ($into, $from) {
            (Values::Codes { codes: $a, .. }, Values::Codes { codes: $b, .. }) => $do,
            (
                Values::Numbers {
                    values: WholeNumbers::Narrow($a),
                    ..
                },
                Values::Numbers {
                    values: WholeNumbers::Narrow($b),
                    ..
                },
            ) => $do,
            (Values::Booleans($a), Values::Booleans($b)) => $do,
            (Values::Dates($a), Values::Dates($b)) => $do,
            _ => unreachable!("a column has one type, and its numbers were made narrow"),
        }
    };
}

/// What is done to one column, whatever its type.
macro_rules! of_any_type {
    ($values:expr, |$a:ident, $missing:ident| $do:expr) => {
        match $values {
            Values::Codes { codes: $a, .. } => {
                let $missing = MISSING;
                $do
            }
            Values::Numbers {
                values: WholeNumbers::Narrow($a),
                ..
            } => {
                let $missing = NO_ORDINAL;
                $do
            }
            Values::Booleans($a) => {
                let $missing: Option<bool> = None;
                $do
            }
            Values::Dates($a) => {
                let $missing: Option<i32> = None;
                $do
            }
            Values::Numbers { .. } => unreachable!("its numbers were made narrow"),
        }
    };
}

/// Writes each value to its place.
fn place(into: &mut Values, from: Values, places: &[u32]) {
    of_one_type!(into, from, |into, from| {
        for (value, &place) in from.into_iter().zip(places) {
            into[place as usize] = value;
        }
    });
}

fn append_range(into: &mut Values, from: &Values, rows: Range<usize>) {
    of_one_type!(into, from, |into, from| into.extend_from_slice(&from[rows]));
}

/// Appends the values in `rows`.
pub(super) fn append(into: &mut Values, from: &Values, rows: &[u32]) {
    of_one_type!(into, from, |into, from| {
        into.extend(rows.iter().map(|&row| from[row as usize]));
    });
}

/// Makes `count` missing values of none.
fn fill(values: &mut Values, count: usize) {
    of_any_type!(values, |values, missing| values.resize(count, missing));
}

fn clear(values: &mut Values) {
    of_any_type!(values, |values, _missing| values.clear());
}

/// Makes room for `rows` more values.
pub(super) fn reserve(values: &mut Values, rows: usize) {
    of_any_type!(values, |values, _missing| values.reserve_exact(rows));
}
