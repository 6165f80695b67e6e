//! What is still unknown after each published line: a reduced echelon form, held by columns.
//!
//! Each inner column is *free*, *solved* or *known*. A published line that is
//! not yet derivable solves one more column: it becomes a sum of free ones (or
//! known, if no free one is left). Whatever is asked of a line is then asked of
//! its *residual*, the same sum in free columns only: it is empty exactly when
//! the line is in the span of the published ones.
//!
//! The form is reduced all the way, so it depends only on which columns are
//! solved and not on the order of publication; nested margins therefore stay as
//! sparse as their differences, whereas rows left as they come would carry the
//! whole grand total along. Entries are stored by column because a column is in
//! few rows, while a row may be as long as the table: solving one column costs
//! the length of the line times the number of rows that the column is in.

use std::mem;

use super::field::{Field, Residue};
use super::{Means, SuppressionRefusal};
use crate::watch::{Watch, Work, WorkStopped};

/// Between two reports to a watch, in entries computed: some tens of milliseconds.
const REPORT_EVERY: u64 = 1 << 21;

/// A row of the tableau: first the primary lines, then solved columns as they come.
pub(super) type RowIndex = u32;

/// A sparse sum of free columns, each column once.
pub(super) type Sum = Vec<(u32, Residue)>;

/// The state of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnState {
    /// Nothing published distinguishes it yet.
    Free,
    /// It is the sum of free columns in this row.
    Solved(RowIndex),
    /// It follows from what is published.
    Known,
}

/// The residuals of the primary lines and of the solved columns.
pub(super) struct Tableau {
    pub(super) field: Field,
    status: Vec<ColumnState>,
    /// Of each free column, the rows that it is in, in increasing order.
    entries: Vec<Vec<(RowIndex, Residue)>>,
    /// Of each row, the columns that it is in, and some that it was in.
    columns: Vec<Vec<u32>>,
    /// Of each row, the number of free columns that it is in.
    lengths: Vec<u32>,
    /// Of each row after the primary lines, the column that it solves.
    solved: Vec<u32>,
    stored: usize,
    work: u64,
    /// What of the work was reported.
    reported: u64,
    /// Sums are gathered here, a number for each column, and left as zeros.
    gathered: Vec<Residue>,
    touched: Vec<u32>,
    merged: Vec<(RowIndex, Residue)>,
}

/// What a step changed: enough to take it back.
pub(super) struct Pivot {
    /// The rows that the solved column was in, and its own.
    pub(super) changed: Vec<RowIndex>,
    solved: u32,
    entries: Vec<(u32, Vec<(RowIndex, Residue)>)>,
    lengths: Vec<u32>,
    stored: usize,
}

impl Tableau {
    /// Nothing published yet: all `columns` are free, and the primary lines are as they are.
    pub(super) fn new(field: Field, columns: usize, primary: &[Vec<u32>]) -> Self {
        let mut entries = vec![Vec::new(); columns];
        for (row, line) in primary.iter().enumerate() {
            for &column in line {
                entries[column as usize].push((row as RowIndex, field.one()));
            }
        }
        Self {
            field,
            status: vec![ColumnState::Free; columns],
            stored: entries.iter().map(Vec::len).sum(),
            entries,
            columns: primary.to_vec(),
            lengths: primary.iter().map(|line| line.len() as u32).collect(),
            solved: Vec::new(),
            work: 0,
            reported: 0,
            gathered: vec![0; columns],
            touched: Vec::new(),
            merged: Vec::new(),
        }
    }

    pub(super) fn status(&self, column: u32) -> ColumnState {
        self.status[column as usize]
    }

    /// The rows that a free column is in.
    pub(super) fn rows(&self, column: u32) -> &[(RowIndex, Residue)] {
        &self.entries[column as usize]
    }

    /// The column that a row solves; none for that of a primary line.
    pub(super) fn solved(&self, row: RowIndex) -> Option<u32> {
        let primary = self.lengths.len() - self.solved.len();
        let at = (row as usize).checked_sub(primary)?;
        Some(self.solved[at])
    }

    /// How many free columns a row is in.
    pub(super) fn length(&self, row: RowIndex) -> usize {
        self.lengths[row as usize] as usize
    }

    /// In how many free columns a column is.
    pub(super) fn unknowns(&self, column: u32) -> usize {
        match self.status(column) {
            ColumnState::Free => 1,
            ColumnState::Known => 0,
            ColumnState::Solved(row) => self.length(row),
        }
    }

    /// Reports work that was done, once it is enough to be reported.
    pub(super) fn report(&mut self, watch: &Watch) -> Result<(), WorkStopped> {
        if self.work - self.reported < REPORT_EVERY {
            return watch.go_on();
        }
        let more = self.work - self.reported;
        self.reported = self.work;
        watch.report(Work::Searched(more))
    }

    /// Refuses if to solve the column at `pivot` of `line` may take too much.
    pub(super) fn check(
        &mut self,
        line: &Sum,
        pivot: usize,
        Means { budget, watch }: Means<'_>,
    ) -> Result<(), SuppressionRefusal> {
        self.report(watch).map_err(SuppressionRefusal::cancelled)?;
        let (column, _) = line[pivot];
        let most = (self.rows(column).len() + 1).saturating_mul(line.len());
        budget.check(self.stored.saturating_add(most), self.work)
    }

    fn entry(&self, column: u32, row: RowIndex) -> Option<Residue> {
        let entries = &self.entries[column as usize];
        let at = entries.binary_search_by_key(&row, |&(row, _)| row).ok()?;
        Some(entries[at].1)
    }

    /// Some free column that a row is in.
    pub(super) fn first(&self, row: RowIndex) -> Option<u32> {
        let mut columns = self.columns[row as usize].iter().copied();
        columns.find(|&column| self.entry(column, row).is_some())
    }

    /// The columns of a row, in increasing order.
    pub(super) fn row(&mut self, row: RowIndex) -> Sum {
        let mut columns = mem::take(&mut self.columns[row as usize]);
        columns.sort_unstable();
        columns.dedup();
        let sum: Sum = columns
            .iter()
            .filter_map(|&column| Some((column, self.entry(column, row)?)))
            .collect();
        // Each is searched for, which takes some four times as long as to add one in passing.
        self.work += 4 * columns.len() as u64;
        self.columns[row as usize] = sum.iter().map(|&(column, _)| column).collect();
        sum
    }

    /// The residual of the line that is the sum of `columns`, in the order of its columns.
    pub(super) fn residual(&mut self, columns: &[u32]) -> Sum {
        for &column in columns {
            match self.status[column as usize] {
                ColumnState::Free => self.gather(column, self.field.one()),
                ColumnState::Known => {}
                ColumnState::Solved(row) => {
                    for (column, number) in self.row(row) {
                        self.gather(column, number);
                    }
                }
            }
        }
        self.work += columns.len() as u64;
        self.touched.sort_unstable();
        self.touched.dedup();
        let sum = self.touched.drain(..).filter_map(|column| {
            match mem::take(&mut self.gathered[column as usize]) {
                0 => None,
                number => Some((column, number)),
            }
        });
        sum.collect()
    }

    fn gather(&mut self, column: u32, number: Residue) {
        let sum = &mut self.gathered[column as usize];
        if *sum == 0 {
            self.touched.push(column);
        }
        *sum = self.field.add(*sum, number);
    }

    /// Whether the residual of `row` is a multiple of `line`, so that it follows once that is published.
    pub(super) fn is_proportional(&self, row: RowIndex, line: &Sum) -> bool {
        let (first, scale) = line[0];
        if self.length(row) != line.len() {
            return false;
        }
        let Some(row_scale) = self.entry(first, row) else {
            return false;
        };
        line[1..].iter().all(|&(column, number)| {
            self.entry(column, row).is_some_and(|entry| {
                self.field.product(entry, scale) == self.field.product(number, row_scale)
            })
        })
    }

    /// Publishes the line of residual `line`: solves its column at `pivot` of that residual.
    pub(super) fn solve(&mut self, line: &Sum, pivot: usize) -> Pivot {
        let (solved, scale) = line[pivot];
        let scale = self.field.negative(self.field.inverse(scale));
        let own = self.lengths.len() as RowIndex;
        let mut source = mem::take(&mut self.entries[solved as usize]);
        let mut step = Pivot {
            changed: source.iter().map(|&(row, _)| row).collect(),
            solved,
            lengths: source
                .iter()
                .map(|&(row, _)| self.lengths[row as usize])
                .collect(),
            entries: Vec::with_capacity(line.len()),
            stored: self.stored,
        };
        step.entries.push((solved, source.clone()));
        self.stored -= source.len();
        for &(row, _) in &source {
            self.lengths[row as usize] -= 1;
        }
        self.status[solved as usize] = ColumnState::Known;
        if line.len() > 1 {
            self.status[solved as usize] = ColumnState::Solved(own);
            self.columns.push(Vec::with_capacity(line.len() - 1));
            self.lengths.push(0);
            self.solved.push(solved);
            step.changed.push(own);
            source.push((own, self.field.one()));
        }
        let others = line.iter().filter(|&&(column, _)| column != solved);
        for &(column, number) in others {
            let old = self.add(column, self.field.product(number, scale), &source);
            step.entries.push((column, old));
        }
        for &row in &step.changed {
            if self.columns[row as usize].len() > 4 * self.length(row) + 256 {
                self.row(row);
            }
        }
        step
    }

    /// Adds a multiple of the column `source` to a free column, and returns the column before.
    fn add(
        &mut self,
        column: u32,
        factor: Residue,
        source: &[(RowIndex, Residue)],
    ) -> Vec<(RowIndex, Residue)> {
        let field = self.field;
        let old = mem::take(&mut self.entries[column as usize]);
        let (mut kept, mut added) = (old.iter().peekable(), source.iter().peekable());
        self.merged.clear();
        loop {
            match (kept.peek(), added.peek()) {
                (Some(&&entry), Some(&&(row, _))) if entry.0 < row => {
                    self.merged.push(entry);
                    kept.next();
                }
                (Some(&&(row, number)), Some(&&(same, by))) if row == same => {
                    match field.add(number, field.product(by, factor)) {
                        0 => self.lengths[row as usize] -= 1,
                        sum => self.merged.push((row, sum)),
                    }
                    kept.next();
                    added.next();
                }
                (_, Some(&&(row, by))) => {
                    self.merged.push((row, field.product(by, factor)));
                    self.lengths[row as usize] += 1;
                    self.columns[row as usize].push(column);
                    added.next();
                }
                (Some(&&entry), None) => {
                    self.merged.push(entry);
                    kept.next();
                }
                (None, None) => break,
            }
        }
        self.work += (old.len() + source.len()) as u64;
        self.stored = self.stored + self.merged.len() - old.len();
        self.entries[column as usize] = self.merged.clone();
        old
    }

    /// Takes a step back, which must be the last one.
    pub(super) fn undo(&mut self, mut step: Pivot) {
        if let ColumnState::Solved(own) = self.status[step.solved as usize] {
            self.columns.truncate(own as usize);
            self.lengths.truncate(own as usize);
            self.solved.pop();
            step.changed.pop();
        }
        self.status[step.solved as usize] = ColumnState::Free;
        for (&row, &length) in step.changed.iter().zip(&step.lengths) {
            self.lengths[row as usize] = length;
        }
        for (column, entries) in step.entries {
            for (row, _) in &entries {
                if step.changed.binary_search(row).is_ok() {
                    self.columns[*row as usize].push(column);
                }
            }
            self.entries[column as usize] = entries;
        }
        self.stored = step.stored;
    }
}
