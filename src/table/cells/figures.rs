//! Figures by cell: persons, rows, and each contribution's total.
//!
//! They are stored in arrays by the cell's number, one array a contribution. Most
//! rows are plain: their person's only one, with a value that is there and not
//! negative. Those have a loop of their own, which adds and compares and does
//! nothing else.

use std::mem::{replace, take};

use super::super::Accumulator;
use super::super::cell::{Total, plus};
use crate::column::{NO_ORDINAL, WholeNumbers};
use crate::error::Result;
use crate::link::merge::Persons;

/// Figures by cell; a cell that nobody is in has none.
pub(super) struct Figures {
    depth: usize,
    persons: Vec<u64>,
    rows: Vec<u64>,
    /// By contribution, then by cell.
    totals: Vec<Vec<Total>>,
    /// Persons of one row each, whose contributions are all there and none
    /// less than nothing: they count alike everywhere, so they are counted once.
    plain: Vec<u64>,
    /// By contribution, then by cell: what plain persons contribute.
    plain_sums: Vec<Vec<PlainSum>>,
    /// No plain sum is more: before it could be more than 64 bits hold, all
    /// are settled.
    most: i64,
}

/// What plain persons contribute to a cell, since it was last settled.
#[derive(Clone, Copy)]
struct PlainSum {
    sum: i64,
    /// No more than what a contribution must exceed to be among the largest.
    bar: i64,
}

/// What persons contribute to a measure, by row.
pub(in crate::table) enum Contributed<'a> {
    /// One for each row.
    Rows,
    Values(&'a WholeNumbers),
}

impl Contributed<'_> {
    /// What no sum over all values exceeds, if none is missing and none is less
    /// than nothing, and 64 bits hold it.
    fn plain_most(&self) -> Option<i64> {
        // For ones there is no plain sum to settle.
        let Self::Values(WholeNumbers::Narrow(values)) = self else {
            return None;
        };
        // All bits that any value has: negative if one is, as the mark of a
        // missing one is, and no less than each if none is.
        const { assert!(NO_ORDINAL < 0) };
        let bits = values.iter().fold(0, |bits, value| bits | value);
        let most = (bits >= 0).then_some(bits)?;
        most.checked_mul(values.len() as i64)
    }
}

/// What no plain sum of what is `contributed` exceeds; `None` if a row is not plain.
pub(super) fn plain_most(contributed: &[Contributed<'_>]) -> Option<i64> {
    let mut most = contributed.iter().map(Contributed::plain_most);
    most.try_fold(0, |all, most| Some(most?.max(all)))
}

/// Each person's rows in each cell.
pub(super) struct PersonShares {
    /// The cell of each share.
    cells: Vec<u32>,
    /// The rows share by share, and where each share ends; `None` if each row
    /// is a share.
    rows: Option<(Vec<u32>, Vec<u32>)>,
}

impl PersonShares {
    /// `cells` has the cell of each row.
    pub(super) fn new(cells: Vec<u32>, persons: &Persons) -> Self {
        let Persons::Ends(persons) = persons else {
            return Self { cells, rows: None };
        };
        let mut rows: Vec<u32> = (0..cells.len() as u32).collect();
        let mut shares = Vec::with_capacity(persons.len());
        let mut ends = Vec::with_capacity(persons.len());
        let mut start = 0;
        for &end in persons {
            let own = &mut rows[start..end as usize];
            if own.len() > 1 {
                own.sort_unstable_by_key(|row| (cells[*row as usize], *row));
            }
            for share in own.chunk_by(|a, b| cells[*a as usize] == cells[*b as usize]) {
                shares.push(cells[share[0] as usize]);
                start += share.len();
                ends.push(start as u32);
            }
        }
        Self {
            cells: shares,
            rows: Some((rows, ends)),
        }
    }

    /// The cell of each row, if each row is a share.
    pub(super) fn one_row_each(&self) -> Option<&[u32]> {
        self.rows.is_none().then_some(&self.cells)
    }

    /// The cell of each share, and the share's rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, ShareRows<'_>)> {
        self.cells.iter().enumerate().map(|(share, &cell)| {
            let rows = match &self.rows {
                None => ShareRows::One(share),
                Some((rows, ends)) => {
                    let end = ends[share] as usize;
                    let start = end - self.len_of(share) as usize;
                    ShareRows::Some(&rows[start..end])
                }
            };
            (cell, rows)
        })
    }

    /// How many rows a share has.
    fn len_of(&self, share: usize) -> u64 {
        match &self.rows {
            None => 1,
            Some((_, ends)) => {
                let start = share.checked_sub(1).map_or(0, |before| ends[before]);
                u64::from(ends[share] - start)
            }
        }
    }
}

/// The rows of a share: at least one.
#[derive(Clone, Copy)]
pub(super) enum ShareRows<'a> {
    One(usize),
    Some(&'a [u32]),
}

impl ShareRows<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Some(rows) => rows.len(),
        }
    }

    pub(super) fn first(self) -> usize {
        self.get(0)
    }

    fn get(self, at: usize) -> usize {
        match self {
            Self::One(row) => row,
            Self::Some(rows) => rows[at] as usize,
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.len()).map(move |at| self.get(at))
    }
}

impl Figures {
    /// Figures of no cells, with as many `contributions`, each with the
    /// `depth` largest contributors.
    pub(super) fn new(contributions: usize, depth: usize) -> Self {
        Self {
            depth,
            persons: Vec::new(),
            rows: Vec::new(),
            totals: vec![Vec::new(); contributions],
            plain: Vec::new(),
            plain_sums: vec![Vec::new(); contributions],
            most: 0,
        }
    }

    /// Makes room for `cells` cells.
    pub(super) fn grow(&mut self, cells: usize) {
        self.persons.resize(cells, 0);
        self.rows.resize(cells, 0);
        for totals in &mut self.totals {
            totals.resize(cells, Total::new(self.depth));
        }
        self.plain.resize(cells, 0);
        for sums in &mut self.plain_sums {
            sums.resize(cells, PlainSum { sum: 0, bar: -1 });
        }
    }

    /// The fast twin of [`add`](Self::add) for plain persons: `cells` has the
    /// cell of each, and `most` is their [`plain_most`].
    ///
    /// # Errors
    ///
    /// As [`settle`](Self::settle).
    pub(super) fn add_plain(
        &mut self,
        cells: &[u32],
        contributed: &[Contributed<'_>],
        most: i64,
    ) -> Result<()> {
        if self.most.checked_add(most).is_none() {
            self.settle()?;
        }
        self.most += most;
        for &cell in cells {
            self.plain[cell as usize] += 1;
        }
        let columns = self.plain_sums.iter_mut().zip(&mut self.totals);
        for ((sums, totals), contributed) in columns.zip(contributed) {
            let Contributed::Values(WholeNumbers::Narrow(values)) = contributed else {
                continue;
            };
            for (&cell, &value) in cells.iter().zip(values) {
                let plain = &mut sums[cell as usize];
                plain.sum += value;
                if value > plain.bar {
                    plain.bar = totals[cell as usize].raise(value);
                }
            }
        }
        Ok(())
    }

    /// Adds what plain persons are counted for to all other figures.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a sum is too
    /// large to be held exactly.
    pub(super) fn settle(&mut self) -> Result<()> {
        self.most = 0;
        for (cell, plain) in self.plain.iter_mut().enumerate() {
            let plain = take(plain);
            self.persons[cell] += plain;
            self.rows[cell] += plain;
            for (totals, sums) in self.totals.iter_mut().zip(&mut self.plain_sums) {
                let sum = take(&mut sums[cell].sum);
                totals[cell].settle(plain, sum.into())?;
            }
        }
        Ok(())
    }

    pub(super) fn add(
        &mut self,
        shares: &PersonShares,
        contributed: &[Contributed<'_>],
    ) -> Result<()> {
        for (share, &cell) in shares.cells.iter().enumerate() {
            self.persons[cell as usize] += 1;
            self.rows[cell as usize] += shares.len_of(share);
        }
        for (totals, contributed) in self.totals.iter_mut().zip(contributed) {
            match (contributed, &shares.rows) {
                (Contributed::Rows, _) => {
                    for (share, &cell) in shares.cells.iter().enumerate() {
                        let rows = shares.len_of(share);
                        totals[cell as usize].add(rows.into(), rows)?;
                    }
                }
                (Contributed::Values(WholeNumbers::Narrow(values)), None) => {
                    for (&cell, &value) in shares.cells.iter().zip(values) {
                        if value != NO_ORDINAL {
                            totals[cell as usize].add(value.into(), 1)?;
                        }
                    }
                }
                (Contributed::Values(WholeNumbers::Wide(values)), None) => {
                    for (&cell, value) in shares.cells.iter().zip(values) {
                        if let Some(value) = value {
                            totals[cell as usize].add(*value, 1)?;
                        }
                    }
                }
                (Contributed::Values(values), Some((rows, ends))) => {
                    add_shares(totals, &shares.cells, rows, ends, values)?;
                }
            }
        }
        Ok(())
    }

    /// The cells that somebody is in, by number.
    pub(super) fn into_cells(mut self) -> impl Iterator<Item = (usize, Accumulator)> {
        let cells = (0..self.persons.len()).filter(|&cell| self.persons[cell] > 0);
        let cells: Vec<usize> = cells.collect();
        cells.into_iter().map(move |cell| {
            let totals = self.totals.iter_mut();
            let totals = totals.map(|totals| replace(&mut totals[cell], Total::new(0)));
            let figures = Accumulator {
                persons: self.persons[cell],
                rows: self.rows[cell],
                totals: totals.collect(),
                keys: None,
            };
            (cell, figures)
        })
    }

    /// Adds figures of other persons, each cell's to the cell that `at` names.
    pub(super) fn merge(&mut self, other: &Self, at: impl Fn(usize) -> usize) -> Result<()> {
        for cell in 0..other.persons.len() {
            let own = at(cell);
            self.persons[own] += other.persons[cell];
            self.rows[own] += other.rows[cell];
            for (totals, others) in self.totals.iter_mut().zip(&other.totals) {
                totals[own].merge(&others[cell])?;
            }
        }
        Ok(())
    }
}

/// Adds what each share contributes: the sum over its rows with a value.
fn add_shares(
    totals: &mut [Total],
    cells: &[u32],
    rows: &[u32],
    ends: &[u32],
    values: &WholeNumbers,
) -> Result<()> {
    let mut start = 0;
    for (&cell, &end) in cells.iter().zip(ends) {
        let (mut sum, mut count) = (0, 0);
        for &row in &rows[start..end as usize] {
            if let Some(value) = values.get(row as usize) {
                sum = plus(sum, value)?;
                count += 1;
            }
        }
        start = end as usize;
        if count > 0 {
            totals[cell as usize].add(sum, count)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_persons_are_added_as_all_others_are(
            rows in prop::collection::vec((0..4u32, prop_oneof![0..5i64, Just(i64::MAX)]), 0..60),
            others in prop::collection::vec((0..4u32, -3..9i64), 0..20),
            depth in 1..4usize,
        ) {
            let split = |rows: &[(u32, i64)]| -> (Vec<u32>, WholeNumbers) {
                let (cells, values) = rows.iter().copied().unzip();
                (cells, WholeNumbers::Narrow(values))
            };
            let (cells, values) = split(&rows);
            let (other_cells, other_values) = split(&others);
            let figures = |plain: bool| {
                let mut figures = Figures::new(1, depth);
                figures.grow(4);
                let shares = |cells: &[u32]| PersonShares::new(cells.to_vec(), &Persons::OneRowEach);
                let contributed = [Contributed::Values(&values)];
                match plain_most(&contributed).filter(|_| plain) {
                    Some(most) => figures.add_plain(&cells, &contributed, most).unwrap(),
                    None => figures.add(&shares(&cells), &contributed).unwrap(),
                }
                let contributed = [Contributed::Values(&other_values)];
                figures.add(&shares(&other_cells), &contributed).unwrap();
                figures.settle().unwrap();
                figures.into_cells().collect::<Vec<_>>()
            };
            // Only sums that might not fit are not plain here.
            let large = rows.iter().any(|(_, value)| *value == i64::MAX) && rows.len() > 1;
            prop_assert_eq!(plain_most(&[Contributed::Values(&values)]).is_none(), large);
            prop_assert!(figures(true) == figures(false));
        }
    }
}
