//! A basis of a system of equations, factored so that it can be solved
//! either way, and followed cheaply while one column after another changes.
//!
//! `B = L·U` by sparse elimination, each pivot from the shortest row or column
//! that is left (Markowitz 1957); tables are nearly triangular, so that hardly
//! anything fills in. A change of one column is a factor more (the product
//! form of the inverse: Dantzig and Orchard-Hays 1954), until these cost more
//! than factoring anew.

use std::collections::BTreeSet;

use super::AuditRefusal;
use super::meter::Meter;

/// A pivot is at least this much of the largest in its row.
const STABLE: f64 = 0.1;
/// What is smaller than this is rounding.
pub(super) const ZERO: f64 = 1e-11;

type Sparse = Vec<(u32, f64)>;

/// One step of elimination.
#[derive(Debug, Clone)]
struct EliminationStep {
    row: u32,
    column: u32,
    pivot: f64,
    /// How often the pivot's row was taken from other rows.
    below: Sparse,
    /// The rest of the pivot's row, by columns.
    along: Sparse,
    /// The rest of the pivot's column, by the rows pivoted before.
    above: Sparse,
}

/// A column that took the place of another.
#[derive(Debug, Clone)]
struct ReplacedColumn {
    at: u32,
    pivot: f64,
    others: Sparse,
}

/// A factored basis: as many columns as rows, each column with its place.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    steps: Vec<EliminationStep>,
    changes: Vec<ReplacedColumn>,
    /// How many numbers the steps and the changes hold.
    factored: usize,
    changed: usize,
}

impl Basis {
    /// The factors of the matrix with these rows, each a list of (column, value).
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Precision`] if the columns are not independent;
    /// [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
    pub(super) fn of(rows: Vec<Sparse>, meter: &Meter) -> Result<Self, AuditRefusal> {
        let wanted = rows.len();
        let mut steps = Elimination::new(rows, wanted).run(meter)?;
        if steps.len() < wanted {
            return Err(AuditRefusal::Precision);
        }
        let sizes = steps
            .iter()
            .map(|step| step.below.len() + 2 * step.along.len());
        let factored = sizes.sum::<usize>() + wanted;
        let mut step_of = vec![0u32; steps.len()];
        for (at, step) in steps.iter().enumerate() {
            step_of[step.column as usize] = at as u32;
        }
        for at in 0..steps.len() {
            let row = steps[at].row;
            for (column, value) in steps[at].along.clone() {
                steps[step_of[column as usize] as usize]
                    .above
                    .push((row, value));
            }
        }
        Ok(Self {
            steps,
            changes: Vec::new(),
            factored,
            changed: 0,
        })
    }

    /// Solves `B·x = b`: takes b by rows in `by_row`, which is left zero, and
    /// puts x by columns into `by_column`.
    pub(super) fn forward(&self, by_row: &mut [f64], by_column: &mut [f64]) {
        for step in &self.steps {
            let value = by_row[step.row as usize];
            if value != 0.0 {
                for &(row, factor) in &step.below {
                    by_row[row as usize] -= factor * value;
                }
            }
        }
        for step in self.steps.iter().rev() {
            let value = std::mem::take(&mut by_row[step.row as usize]) / step.pivot;
            let value = if value.abs() < ZERO { 0.0 } else { value };
            by_column[step.column as usize] = value;
            if value != 0.0 {
                for &(row, factor) in &step.above {
                    by_row[row as usize] -= factor * value;
                }
            }
        }
        for change in &self.changes {
            let value = by_column[change.at as usize] / change.pivot;
            by_column[change.at as usize] = value;
            if value != 0.0 {
                for &(column, factor) in &change.others {
                    by_column[column as usize] -= factor * value;
                }
            }
        }
    }

    /// Solves `Bᵀ·y = c`: takes c by columns in `by_column`, which is left
    /// zero, and puts y by rows into `by_row`.
    pub(super) fn backward(&self, by_column: &mut [f64], by_row: &mut [f64]) {
        for change in self.changes.iter().rev() {
            let others = change.others.iter();
            let sum: f64 = others
                .map(|&(at, factor)| factor * by_column[at as usize])
                .sum();
            let at = &mut by_column[change.at as usize];
            *at = (*at - sum) / change.pivot;
        }
        for step in &self.steps {
            let value = std::mem::take(&mut by_column[step.column as usize]) / step.pivot;
            let value = if value.abs() < ZERO { 0.0 } else { value };
            by_row[step.row as usize] = value;
            if value != 0.0 {
                for &(column, factor) in &step.along {
                    by_column[column as usize] -= factor * value;
                }
            }
        }
        for step in self.steps.iter().rev() {
            let below = step.below.iter();
            let sum: f64 = below
                .map(|&(row, factor)| factor * by_row[row as usize])
                .sum();
            by_row[step.row as usize] -= sum;
        }
    }

    /// Puts a column, solved by [`forward`](Self::forward), in the place `at`.
    pub(super) fn change(&mut self, at: usize, solved: &[f64]) {
        let others = solved.iter().enumerate();
        let others = others.filter(|(other, value)| *other != at && value.abs() >= ZERO);
        let others: Sparse = others
            .map(|(other, value)| (other as u32, *value))
            .collect();
        self.changed += others.len() + 1;
        self.changes.push(ReplacedColumn {
            at: at as u32,
            pivot: solved[at],
            others,
        });
    }

    /// Whether solving costs so much more than it would if factored anew that it
    /// pays to do so (from 4 to 16 times as much, measured times are the same).
    pub(super) fn is_worn(&self) -> bool {
        self.changes.len() >= 100 || self.changed > 6 * self.factored + 64
    }

    /// Whether it is as factored, with no change since.
    pub(super) fn is_fresh(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many terms one solution touches at most.
    pub(super) fn cost(&self) -> usize {
        self.factored + self.changed
    }
}

/// As many rows and columns as are independent of each other, in pairs.
///
/// # Errors
///
/// [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
pub(super) fn independent(
    rows: Vec<Sparse>,
    columns: usize,
    meter: &Meter,
) -> Result<Vec<(u32, u32)>, AuditRefusal> {
    let steps = Elimination::new(rows, columns).run(meter)?;
    Ok(steps.iter().map(|step| (step.row, step.column)).collect())
}

/// A matrix that is being eliminated.
struct Elimination {
    rows: Vec<Sparse>,
    /// For each column, the rows that it is in.
    columns: Vec<BTreeSet<u32>>,
    /// Rows and columns that are left and not empty, by length.
    by_row: BTreeSet<(usize, u32)>,
    by_column: BTreeSet<(usize, u32)>,
}

impl Elimination {
    fn new(rows: Vec<Sparse>, columns: usize) -> Self {
        let mut columns = vec![BTreeSet::new(); columns];
        for (at, row) in rows.iter().enumerate() {
            for &(column, _) in row {
                columns[column as usize].insert(at as u32);
            }
        }
        let lengths = rows.iter().map(Vec::len).zip(0..);
        let heights = columns.iter().map(BTreeSet::len).zip(0..);
        Self {
            by_row: lengths.filter(|(length, _)| *length > 0).collect(),
            by_column: heights.filter(|(height, _)| *height > 0).collect(),
            rows,
            columns,
        }
    }

    /// Eliminates until no row is left, or only empty ones.
    fn run(mut self, meter: &Meter) -> Result<Vec<EliminationStep>, AuditRefusal> {
        let mut steps = Vec::with_capacity(self.rows.len());
        let mut held = 0;
        while let Some((row, column)) = self.choose() {
            let step = self.eliminate(row, column, meter)?;
            held += step.below.len() + step.along.len();
            meter.hold(held)?;
            steps.push(step);
        }
        Ok(steps)
    }

    /// The next pivot's row and column: the one of few that fills in least.
    fn choose(&self) -> Option<(u32, u32)> {
        let &(width, row) = self.by_row.first()?;
        let &(height, column) = self.by_column.first()?;
        if height < width {
            let rows = self.columns[column as usize].iter().copied();
            let rows = rows.filter(|&row| {
                let value = value_at(&self.rows[row as usize], column);
                height == 1 || value.abs() >= STABLE * largest(&self.rows[row as usize])
            });
            let best = rows.min_by_key(|&row| self.rows[row as usize].len());
            if let Some(row) = best
                && value_at(&self.rows[row as usize], column).abs() > ZERO
            {
                return Some((row, column));
            }
        }
        let terms = &self.rows[row as usize];
        let least = STABLE * largest(terms);
        let fit = terms.iter().filter(|term| term.1.abs() >= least);
        let best = fit.min_by_key(|term| self.columns[term.0 as usize].len());
        best.map(|term| (row, term.0))
    }

    fn eliminate(
        &mut self,
        row: u32,
        column: u32,
        meter: &Meter,
    ) -> Result<EliminationStep, AuditRefusal> {
        let terms = std::mem::take(&mut self.rows[row as usize]);
        self.by_row.remove(&(terms.len(), row));
        let pivot = value_at(&terms, column);
        for &(other, _) in &terms {
            self.shorten(other, row);
        }
        let holders = std::mem::take(&mut self.columns[column as usize]);
        self.by_column.remove(&(holders.len(), column));
        let along: Sparse = terms.into_iter().filter(|term| term.0 != column).collect();
        let mut below = Vec::with_capacity(holders.len());
        for &other in &holders {
            let factor = value_at(&self.rows[other as usize], column) / pivot;
            self.subtract(other, factor, &along, column);
            meter.spend(self.rows[other as usize].len() + along.len())?;
            below.push((other, factor));
        }
        Ok(EliminationStep {
            row,
            column,
            pivot,
            below,
            along,
            above: Vec::new(),
        })
    }

    fn shorten(&mut self, column: u32, row: u32) {
        let rows = &mut self.columns[column as usize];
        let before = rows.len();
        if rows.remove(&row) {
            self.by_column.remove(&(before, column));
            if before > 1 {
                self.by_column.insert((before - 1, column));
            }
        }
    }

    /// Takes `factor` times the pivot's row from a row, and its column out of it.
    fn subtract(&mut self, at: u32, factor: f64, along: &[(u32, f64)], pivot: u32) {
        let old = std::mem::take(&mut self.rows[at as usize]);
        self.by_row.remove(&(old.len(), at));
        let mut new = Vec::with_capacity(old.len() + along.len());
        let mut left = old.into_iter().filter(|term| term.0 != pivot).peekable();
        for &(column, value) in along {
            while let Some(term) = left.next_if(|term| term.0 < column) {
                new.push(term);
            }
            let here = left.next_if(|term| term.0 == column);
            let value = here.map_or(0.0, |term| term.1) - factor * value;
            match (here.is_some(), value.abs() >= ZERO) {
                (true, false) => self.shorten(column, at),
                (false, true) => {
                    let rows = &mut self.columns[column as usize];
                    self.by_column.remove(&(rows.len(), column));
                    rows.insert(at);
                    self.by_column.insert((rows.len(), column));
                }
                _ => {}
            }
            if value.abs() >= ZERO {
                new.push((column, value));
            }
        }
        new.extend(left);
        if !new.is_empty() {
            self.by_row.insert((new.len(), at));
        }
        self.rows[at as usize] = new;
    }
}

/// What a sparse row has at a column.
fn value_at(row: &[(u32, f64)], column: u32) -> f64 {
    let at = row.binary_search_by_key(&column, |term| term.0);
    at.map_or(0.0, |at| row[at].1)
}

fn largest(row: &[(u32, f64)]) -> f64 {
    row.iter().map(|term| term.1.abs()).fold(0.0, f64::max)
}
