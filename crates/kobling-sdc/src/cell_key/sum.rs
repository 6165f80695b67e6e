//! Noise on sums, in proportion to the largest contribution.
//!
//! A sum's noise must hide its largest contribution x₁, so it is measured in a
//! share of it: published = x + δ(x₁) · x₁ · v, with v from the perturbation
//! table (handbook, section 4.6; Giessing and Tent, *Concepts for generalising
//! tools implementing the cell key method to the case of continuous
//! variables*, UNECE work session 2019). The share δ falls with x₁ along the
//! flex function. Sums lie between the table's rows, so v is interpolated; a
//! sum of contributions from zero up never falls below zero.
//!
//! Contributions may be negative. Then x₁ is the largest absolute value, v is
//! looked up where the sum of absolute values lies, and the noise has the sign
//! of the sum, as in the R package cellKey. The sum itself would be the wrong
//! place to look: it may be near zero, where tables have no noise, though each
//! contribution is large. A sum of contributions from zero down never rises
//! above zero.

use super::refused;
use crate::Result;
use crate::perturbation::Lookup;

/// The flex function: which share of the largest contribution noise is measured in.
///
/// ```text
/// δ(x) = s                                                     for x ≤ z
/// δ(x) = l · (1 + (s·x − l·z) / (l·z) · (2z / (z + x))^q)      for x > z
/// ```
///
/// with `s` the share for small contributions, `l` that for large ones, `z`
/// the flex point and `q` how fast the one becomes the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flex {
    point: f64,
    small: f64,
    large: f64,
    power: u32,
}

impl Flex {
    /// A flex function of the flex point `z` in units of the sums, the shares
    /// `s` and `l`, and the power `q`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) unless
    /// z > 0, 0 < l ≤ s ≤ 1 and 2 ≤ q ≤ 16: with a lesser power the share
    /// would not fall to `l`.
    pub fn new(point: f64, small: f64, large: f64, power: u32) -> Result<Self> {
        if !(point > 0.0 && point.is_finite()) {
            return Err(refused("the flex point is greater than zero"));
        }
        if !(large > 0.0 && large <= small && small <= 1.0) {
            return Err(refused("shares are 0 < large ≤ small ≤ 1"));
        }
        if !(2..=16).contains(&power) {
            return Err(refused("the flex function's power is from 2 to 16"));
        }
        Ok(Self {
            point,
            small,
            large,
            power,
        })
    }

    /// The share δ for a largest contribution.
    pub fn share(&self, largest: f64) -> f64 {
        if largest <= self.point {
            return self.small;
        }
        let far = self.large * self.point;
        let excess = (self.small * largest - far) / far;
        // Multiplied, not `powi`: the same bits on every machine.
        let near = 2.0 * self.point / (self.point + largest);
        let near = (0..self.power).fold(1.0, |product, _| product * near);
        self.large * (1.0 + excess * near)
    }

    /// δ(x₁) · x₁: what deviations are multiplied with.
    pub fn magnitude(&self, largest: f64) -> f64 {
        self.share(largest) * largest
    }
}

/// The contribution up to which a fixed noise variance is more than the flex
/// function would give: s · x · √V = √fixed, solved for x; V is the variance
/// of the table and s the share for small contributions.
pub fn separation_point(fixed_variance: f64, table_variance: f64, small_share: f64) -> f64 {
    (fixed_variance / table_variance).sqrt() / small_share
}

/// The tables for sums.
#[derive(Debug, Clone, PartialEq)]
pub enum SumTables {
    /// One for all cells.
    One(Lookup),
    /// Two: cells of an even number of contributors differ from those of an
    /// odd one, so that removing one person changes the noise.
    Parity {
        /// For even numbers of contributors.
        even: Lookup,
        /// For odd numbers of contributors.
        odd: Lookup,
    },
}

/// Noise for cells whose largest contribution is so small that a share of it
/// would hide nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallCells {
    /// Largest contributions up to this one are small.
    pub up_to: f64,
    /// What deviations are multiplied with.
    pub magnitude: f64,
    /// The table.
    pub table: Lookup,
}

/// What a cell's sum is perturbed by.
#[derive(Debug, Clone, PartialEq)]
pub struct SumNoise {
    flex: Flex,
    tables: SumTables,
    small: Option<SmallCells>,
}

/// A cell's sum and what its noise depends on, in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumToPerturb {
    /// The sum of all contributions.
    pub sum: i128,
    /// The sum of their absolute values; that is the sum itself where none is negative.
    pub absolute: i128,
    /// The largest absolute value of one person's contribution.
    pub largest: i128,
    /// How many persons contribute something other than zero.
    pub contributors: u64,
    /// The cell key of these contributors.
    pub key: u64,
}

impl SumNoise {
    /// Noise along `flex`, from `tables`; for small cells from their own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) if the
    /// magnitude of small cells is not greater than zero.
    pub fn new(flex: Flex, tables: SumTables, small: Option<SmallCells>) -> Result<Self> {
        let sound = |small: &SmallCells| {
            small.magnitude > 0.0 && small.magnitude.is_finite() && small.up_to >= 0.0
        };
        match small.as_ref().is_none_or(sound) {
            true => Ok(Self {
                flex,
                tables,
                small,
            }),
            false => Err(refused("the magnitude of small cells is greater than zero")),
        }
    }

    /// The noise of a cell, in the unit of its sum.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) if no
    /// contributions have such a sum, sum of absolute values and largest one.
    pub fn of(&self, cell: &SumToPerturb) -> Result<f64> {
        if cell.absolute < 0 || cell.sum.unsigned_abs() > cell.absolute.unsigned_abs() {
            let rule = "a sum is at most the sum of absolute values";
            return Err(refused(rule));
        }
        if cell.largest < 0 || cell.absolute < cell.largest {
            let rule = "the largest contribution is a part of the sum of absolute values";
            return Err(refused(rule));
        }
        if cell.absolute == 0 {
            return Ok(0.0);
        }
        if cell.largest == 0 {
            return Err(refused("a sum of nothing is zero"));
        }
        let largest = cell.largest as f64;
        let (table, magnitude) = match (&self.small, &self.tables) {
            (Some(small), _) if largest <= small.up_to => (&small.table, small.magnitude),
            (_, SumTables::One(table)) => (table, self.flex.magnitude(largest)),
            (_, SumTables::Parity { even, odd }) => {
                let table = if cell.contributors.is_multiple_of(2) {
                    even
                } else {
                    odd
                };
                (table, self.flex.magnitude(largest))
            }
        };
        let deviation = interpolated(table, cell.absolute as f64 / magnitude, cell.key);
        let sign = if cell.sum < 0 { -1.0 } else { 1.0 };
        Ok(sign * magnitude * deviation)
    }

    /// The sum with its noise, rounded to whole units; never below zero where no
    /// contribution is negative, and never above where none is positive.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn perturbed(&self, cell: &SumToPerturb) -> Result<i128> {
        let noise = self.of(cell)?.round() as i128;
        let noisy = cell.sum.saturating_add(noise);
        Ok(match cell.sum {
            sum if sum == cell.absolute => noisy.max(0),
            sum if sum == -cell.absolute => noisy.min(0),
            _ => noisy,
        })
    }
}

/// The deviation of a value between two rows, on the straight line between theirs.
fn interpolated(table: &Lookup, value: f64, key: u64) -> f64 {
    let rows = table.originals();
    let unit = f64::from(table.per_unit());
    let of_row = |row| f64::from(table.of_row(row, key)) / unit;
    let above = rows.partition_point(|&row| row as f64 <= value);
    // The first row is that of zero, and no value is less.
    let below = above.saturating_sub(1);
    if above >= rows.len() {
        return of_row(below);
    }
    let (low, high) = (rows[below] as f64, rows[above] as f64);
    let share = (value - low) / (high - low);
    of_row(below) * (1.0 - share) + of_row(above) * share
}

/// A mean as it may be published: of the perturbed sum and the perturbed count.
///
/// The exact mean together with a perturbed count would disclose the exact count:
/// only few counts fit (handbook, section 5.7). There is no mean of nobody.
pub fn mean(perturbed_sum: i128, perturbed_count: u64) -> Option<f64> {
    (perturbed_count > 0).then(|| perturbed_sum as f64 / perturbed_count as f64)
}
