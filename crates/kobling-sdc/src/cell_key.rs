//! The cell-key method: the same cell gets the same noise, wherever it is published.
//!
//! Every person has a record key, which looks random. The keys of the distinct
//! persons of a cell are added up, and the sum decides the cell's noise
//! (Fraser and Wooton 2005; ESSnet handbook on statistical disclosure control,
//! 2nd edition, sections 4.6 and 5.4). So a cell that two tables, or two
//! releases of a project, have in common is perturbed alike, and nobody can
//! average the noise away by asking again.
//!
//! ```text
//! release key ─┬─ PRF(pseudonym) ── record key ─┐  wrapping sum over
//!              │                                ├─ the distinct persons ─┐
//!              │                  record key ───┘                        │
//!              └─ PRF(sum, persons) ◀────────────────────────────────────┘
//!                  └── cell key ── perturbation table ── noise
//! ```
//!
//! The published methods use the sum itself as the key (modulo 256, 4096 or
//! one). A sum says something of other sums: the key of a margin follows from
//! those of its parts. The second pseudorandom function removes that, and is
//! why a cell key discloses nothing of any other.
//!
//! # Disclosure
//!
//! Who knows record keys, cell keys or the perturbation table can undo the
//! noise in part. None of them leaves the linkage unit.

mod ons;
mod sum;

pub use ons::OnsTable;
pub use sum::{Flex, SmallCells, SumNoise, SumTables, SumToPerturb, mean, separation_point};

use super::perturbation::Lookup;
use super::structure::Structure;
use crate::{Error, ErrorKind, Result};

/// What a cell's persons add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellTotals {
    /// The wrapping sum of their record keys.
    pub sum: u64,
    /// How many there are.
    pub persons: u64,
}

impl CellTotals {
    /// The cell key: `prf` under the release key of the sum and the number of persons.
    pub fn key(self, prf: impl FnOnce(u64, u64) -> u64) -> u64 {
        prf(self.sum, self.persons)
    }

    /// The sum modulo `keys`, as cell key of methods whose record keys are
    /// integers below `keys`: 256 and 4096 at the ONS, 10⁸ for the decimals of
    /// the R package cellKey. It is exact as long as the sum has not wrapped,
    /// or `keys` is a power of two.
    ///
    /// A modulus of 0 has no keys but 0.
    pub fn key_modulo(self, keys: u64) -> u64 {
        self.sum.checked_rem(keys).unwrap_or(0)
    }
}

/// The sums of record keys of a table's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellKeys {
    cells: Vec<CellTotals>,
}

impl CellKeys {
    /// A number of cells without persons.
    pub fn new(cells: usize) -> Self {
        Self {
            cells: vec![CellTotals::default(); cells],
        }
    }

    /// Adds persons to cells: each has a record key and the number of a cell.
    ///
    /// A person is given once for each cell that they are in, however many of
    /// their rows are there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] if there are not as many keys as cell
    /// numbers, or a number is of no cell; nothing is added then.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::cell_key::{CellKeys, CellTotals};
    ///
    /// let mut keys = CellKeys::new(2);
    /// keys.add(&[7, u64::MAX, 5], &[0, 1, 1]).unwrap();
    /// assert_eq!(keys.cells()[1], CellTotals { sum: 4, persons: 2 });
    /// ```
    pub fn add(&mut self, record_keys: &[u64], cells: &[u32]) -> Result<()> {
        if record_keys.len() != cells.len() {
            return Err(refused("there is one record key for each cell number"));
        }
        // Of all numbers the largest is looked at first: in the loop below a
        // bad one would be found when half is added.
        let largest = cells.iter().copied().max();
        if largest.is_some_and(|largest| largest as usize >= self.cells.len()) {
            return Err(refused("a cell number is of no cell"));
        }
        for (key, cell) in record_keys.iter().zip(cells) {
            let cell = &mut self.cells[*cell as usize];
            cell.sum = cell.sum.wrapping_add(*key);
            cell.persons += 1;
        }
        Ok(())
    }

    /// Adds other persons' sums, cell by cell.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] if there are not as many cells.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.cells.len() != other.cells.len() {
            return Err(refused("sums of as many cells are merged"));
        }
        for (cell, other) in self.cells.iter_mut().zip(&other.cells) {
            *cell = plus(*cell, *other);
        }
        Ok(())
    }

    /// The sums, by cell number.
    pub fn cells(&self) -> &[CellTotals] {
        &self.cells
    }

    /// The sums of published cells, from those of the inner cells that they consist of.
    ///
    /// That is right only where no person is in two inner cells; elsewhere a
    /// margin's persons must be distinguished, and added to it as to any cell.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] if there are not as many cells as inner cells.
    pub fn published(&self, structure: &Structure) -> Result<Self> {
        if structure.inner() != self.cells.len() {
            return Err(refused("there is a sum for each inner cell"));
        }
        let cells = (0..structure.cells()).map(|cell| {
            let members = structure.members(cell).iter();
            members
                .map(|&inner| self.cells[inner as usize])
                .fold(CellTotals::default(), plus)
        });
        Ok(Self {
            cells: cells.collect(),
        })
    }
}

fn plus(a: CellTotals, b: CellTotals) -> CellTotals {
    CellTotals {
        sum: a.sum.wrapping_add(b.sum),
        persons: a.persons + b.persons,
    }
}

/// A count with the noise of its cell key.
///
/// A count of zero stays zero, and none falls below it: the table holds no
/// other deviations.
///
/// # Examples
///
/// ```
/// use kobling_sdc::cell_key::perturbed_count;
/// use kobling_sdc::perturbation::{Design, KeySpace, PerturbationTable};
///
/// let table = PerturbationTable::generate(&Design::counts(3, 1.0)).unwrap();
/// let lookup = table.lookup(KeySpace::Whole);
/// assert_eq!(perturbed_count(&lookup, 0, 12_345), 0);
/// assert_eq!(perturbed_count(&lookup, 100, 0), 97); // the lowest key has the lowest noise
/// ```
#[inline]
pub fn perturbed_count(lookup: &Lookup, count: u64, key: u64) -> u64 {
    count.saturating_add_signed(lookup.deviation(count, key).into())
}

fn refused(rule: &str) -> Error {
    Error::new(ErrorKind::Input, format!("cell keys: {rule}"))
}
