//! Small releases, and naive twins of what the auditor does: every table, and the rational span.

use kobling_sdc::audit::{Audit, AuditBudget, AuditRefusal, Primes, Requirement, Seen, Sign};
use kobling_sdc::structure::Structure;
use proptest::prelude::*;

use crate::rational;

/// A small release: its structure, the true inner cells, and what is suppressed.
#[derive(Debug, Clone)]
pub(super) struct Small {
    pub(super) structure: Structure,
    pub(super) inner: Vec<i128>,
    pub(super) suppressed: Vec<bool>,
}

impl Small {
    pub(super) fn truth(&self, cell: usize) -> i128 {
        let members = self.structure.members(cell).iter();
        members.map(|&at| self.inner[at as usize]).sum()
    }

    pub(super) fn published(&self) -> Vec<Option<i128>> {
        let cells = 0..self.structure.cells();
        cells
            .map(|cell| (!self.suppressed[cell]).then(|| self.truth(cell)))
            .collect()
    }

    pub(super) fn row(&self, cell: usize) -> Vec<i128> {
        let members = self.structure.members(cell);
        let inner = 0..self.structure.inner() as u32;
        inner.map(|at| members.contains(&at).into()).collect()
    }

    pub(super) fn rows(&self) -> Vec<Vec<i128>> {
        let cells = 0..self.structure.cells();
        cells
            .filter(|&cell| !self.suppressed[cell])
            .map(|cell| self.row(cell))
            .collect()
    }

    pub(super) fn blank(&self) -> Vec<usize> {
        (0..self.structure.cells())
            .filter(|&cell| self.suppressed[cell])
            .collect()
    }

    /// That its blanks reach so far above, be so wide, and reach so far below.
    pub(super) fn required(&self, distances: &[(i128, i128, i128)]) -> Vec<Requirement> {
        let blank = self.blank().into_iter().zip(distances);
        let required = blank.map(|(cell, &(above, width, below))| Requirement {
            cell,
            value: self.truth(cell),
            below,
            above,
            width,
        });
        required.collect()
    }
}

pub(super) fn seen<'a>(
    structure: &'a Structure,
    values: &'a [Option<i128>],
    sign: Sign,
) -> Seen<'a> {
    Seen {
        structure,
        values,
        sign,
    }
}

pub(super) fn audit<'a>(
    structure: &'a Structure,
    values: &'a [Option<i128>],
) -> Result<Audit<'a>, AuditRefusal> {
    Audit::new(
        seen(structure, values, Sign::NonNegative),
        AuditBudget::default(),
    )
}

pub(super) fn primes() -> Primes {
    Primes::drawn([42; 16])
}

pub(super) fn unit(at: u32, inner: usize) -> Vec<i128> {
    (0..inner as u32)
        .map(|other| (other == at).into())
        .collect()
}

/// A table of rows and columns with all its margins.
pub(super) fn two_way(rows: usize, columns: usize) -> Structure {
    let at = move |row: usize, column: usize| (row * columns + column) as u32;
    let mut cells: Vec<Vec<u32>> = Vec::new();
    for row in 0..rows {
        cells.extend((0..columns).map(|column| vec![at(row, column)]));
        cells.push((0..columns).map(|column| at(row, column)).collect());
    }
    cells.extend((0..columns).map(|column| (0..rows).map(|row| at(row, column)).collect()));
    cells.push((0..(rows * columns) as u32).collect());
    Structure::new(rows * columns, cells)
}

pub(super) fn filled(
    structure: Structure,
    least: i128,
    most: i128,
) -> impl Strategy<Value = Small> {
    let (inner, cells) = (structure.inner(), structure.cells());
    let values = prop::collection::vec(least..=most, inner);
    let suppressed = prop::collection::vec(prop::bool::weighted(0.6), cells);
    (values, suppressed).prop_map(move |(inner, suppressed)| Small {
        structure: structure.clone(),
        inner,
        suppressed,
    })
}

/// Tables of two ways, whose total is published.
pub(super) fn tables() -> impl Strategy<Value = Small> {
    let shapes = (2..=3usize, 2..=3usize);
    let tables = shapes.prop_flat_map(|(rows, columns)| filled(two_way(rows, columns), 0, 2));
    tables.prop_map(|mut small| {
        *small.suppressed.last_mut().unwrap() = false;
        small
    })
}

/// Any sums of up to seven inner cells, the last one of all of them.
pub(super) fn structures() -> impl Strategy<Value = Structure> {
    (2..=7usize).prop_flat_map(|inner| {
        let cell = prop::collection::btree_set(0..inner as u32, 1..=inner);
        prop::collection::vec(cell, 1..=9).prop_map(move |cells| {
            let all = std::iter::once((0..inner as u32).collect());
            Structure::new(inner, cells.into_iter().chain(all))
        })
    })
}

pub(super) fn releases(least: i128, most: i128) -> impl Strategy<Value = Small> {
    let small = structures().prop_flat_map(move |structure| filled(structure, least, most));
    small.prop_map(|mut small| {
        *small.suppressed.last_mut().unwrap() = false;
        small
    })
}

/// Every table of whole numbers that has the published values: by cell, the
/// least and the most that occur.
pub(super) fn brute(small: &Small) -> Vec<(i128, i128)> {
    fn fill(
        at: usize,
        small: &Small,
        left: &mut [Option<i128>],
        inner: &mut Vec<i128>,
        found: &mut Vec<(i128, i128)>,
    ) {
        if at == small.inner.len() {
            if left.iter().flatten().all(|left| *left == 0) {
                for (cell, (low, high)) in found.iter_mut().enumerate() {
                    let members = small.structure.members(cell).iter();
                    let value = members.map(|&at| inner[at as usize]).sum();
                    (*low, *high) = ((*low).min(value), (*high).max(value));
                }
            }
            return;
        }
        let holders: Vec<usize> = (0..left.len())
            .filter(|&cell| {
                left[cell].is_some() && small.structure.members(cell).contains(&(at as u32))
            })
            .collect();
        let most = holders.iter().filter_map(|&cell| left[cell]).min().unwrap();
        for value in 0..=most {
            let add = |left: &mut [Option<i128>], by| {
                for &cell in &holders {
                    left[cell] = left[cell].map(|left| left + by);
                }
            };
            add(left, -value);
            inner.push(value);
            fill(at + 1, small, left, inner, found);
            inner.pop();
            add(left, value);
        }
    }
    let mut found = vec![(i128::MAX, i128::MIN); small.structure.cells()];
    fill(
        0,
        small,
        &mut small.published(),
        &mut Vec::new(),
        &mut found,
    );
    found
}

/// Whether a row is a sum of multiples of others.
pub(super) fn spans(rows: &[Vec<i128>], row: &[i128]) -> bool {
    let rest = rational::less(row.to_vec(), &rational::echelon(rows));
    rest.iter().all(|value| *value == 0)
}
