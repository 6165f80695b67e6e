//! The perturbation table: how likely each deviation is, for each original value.
//!
//! The cell-key method adds noise that a table prescribes (Fraser and Wooton
//! 2005; ESSnet handbook on statistical disclosure control, 2nd edition,
//! sections 4.6 and 5.4). The table has a row for each original value, and its
//! last row serves all larger ones. In every row the noise has mean zero, so
//! that sums of many perturbed cells come out right; the row of zero has no
//! noise, so that zeros stay zero; and no deviation leads below zero. A table
//! for which that does not hold cannot be made: wherever one comes from, it
//! goes through [`PerturbationTable::new`].
//!
//! # Disclosure
//!
//! Who knows the table, and above all its largest deviation, can bound what a
//! published value came from. It belongs to the linkage unit, and is not part
//! of a release.

mod design;
mod entropy;
mod file;
mod lookup;

pub use design::Design;
pub use file::RowKind;
pub use lookup::{KeySpace, Lookup};

use crate::{Error, ErrorKind, Result};

/// How far from one a row's probabilities may sum, and from zero its mean may
/// be: tables are exchanged with eight decimals.
const NEAR: f64 = 1e-6;

/// A perturbation table, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct PerturbationTable {
    /// Deviations are counted in this part of one: 1 for counts.
    per_unit: u32,
    rows: Vec<NoiseRow>,
}

/// The distribution of the noise for one original value.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseRow {
    original: u64,
    entries: Vec<NoiseEntry>,
}

/// A deviation and its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseEntry {
    /// In the parts of one that [`PerturbationTable::per_unit`] says.
    pub deviation: i32,
    /// At least 0; those of a row sum to 1.
    pub probability: f64,
}

impl PerturbationTable {
    /// The table of `rows`, each an original value and its entries, in which
    /// deviations are counted in parts of one, `per_unit` of them in one.
    ///
    /// Entries keep their order, in which keys are looked up; a deviation may
    /// come more than once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`], naming the row by its original value, if the
    /// table is not sound: original values that do not increase from zero, a
    /// row without entries, a negative probability, a sum that is not one, a
    /// mean that is not zero, noise on zero, a deviation below zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::perturbation::{NoiseEntry, PerturbationTable};
    ///
    /// let entry = |deviation, probability| NoiseEntry { deviation, probability };
    /// let rows = vec![
    ///     (0, vec![entry(0, 1.0)]),
    ///     (1, vec![entry(-1, 0.5), entry(1, 0.5)]),
    /// ];
    /// assert!(PerturbationTable::new(1, rows).is_ok());
    ///
    /// let rows = vec![(0, vec![entry(0, 1.0)]), (1, vec![entry(0, 0.5), entry(1, 0.5)])];
    /// let refusal = PerturbationTable::new(1, rows).unwrap_err();
    /// assert_eq!(
    ///     refusal.rule(),
    ///     "perturbation table, original value 1: the mean of the noise is not zero"
    /// );
    /// ```
    pub fn new(per_unit: u32, rows: Vec<(u64, Vec<NoiseEntry>)>) -> Result<Self> {
        if per_unit == 0 {
            return Err(refused("deviations are counted in parts of one"));
        }
        if rows.first().map(|(original, _)| *original) != Some(0) {
            return Err(refused("the first row is that of original value 0"));
        }
        if !rows.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(refused("original values increase from row to row"));
        }
        for (original, entries) in &rows {
            check(*original, entries, per_unit).map_err(|rule| refused_row(*original, rule))?;
        }
        let rows = rows
            .into_iter()
            .map(|(original, entries)| NoiseRow { original, entries });
        Ok(Self {
            per_unit,
            rows: rows.collect(),
        })
    }

    /// How many parts of one deviations are counted in: 1 for counts.
    pub fn per_unit(&self) -> u32 {
        self.per_unit
    }

    /// The rows, by increasing original value from 0; the last serves all larger ones.
    pub fn rows(&self) -> &[NoiseRow] {
        &self.rows
    }

    /// The largest distance between an original and a perturbed value.
    pub fn reach(&self) -> f64 {
        let all = self.rows.iter().flat_map(|row| &row.entries);
        let parts = all.map(|entry| entry.deviation.unsigned_abs()).max();
        f64::from(parts.unwrap_or(0)) / f64::from(self.per_unit)
    }

    /// Whether the table can perturb counts: whole deviations, and a row for
    /// each original value up to the last.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`], naming the first value that is missing.
    pub fn fit_for_counts(&self) -> Result<()> {
        if self.per_unit != 1 {
            return Err(refused("counts need whole deviations"));
        }
        match (0..).zip(&self.rows).find(|(at, row)| row.original != *at) {
            Some((at, _)) => Err(refused_row(
                at,
                "there is no row for it, but for a larger one",
            )),
            None => Ok(()),
        }
    }

    /// The variance of the noise of the last row: that of all large values.
    pub fn variance(&self) -> f64 {
        self.rows
            .last()
            .map_or(0.0, |row| row.variance(self.per_unit))
    }
}

impl NoiseRow {
    /// The original value that the row is for.
    pub fn original(&self) -> u64 {
        self.original
    }

    /// The deviations and their probabilities, in the order of keys.
    pub fn entries(&self) -> &[NoiseEntry] {
        &self.entries
    }

    /// The mean of the noise, with `per_unit` parts in one.
    pub fn mean(&self, per_unit: u32) -> f64 {
        mean(&self.entries) / f64::from(per_unit)
    }

    /// The variance of the noise, with `per_unit` parts in one.
    pub fn variance(&self, per_unit: u32) -> f64 {
        let squares = self.entries.iter().map(|entry| {
            let deviation = f64::from(entry.deviation) / f64::from(per_unit);
            deviation * deviation * entry.probability
        });
        squares.sum()
    }
}

fn mean(entries: &[NoiseEntry]) -> f64 {
    let parts = entries
        .iter()
        .map(|entry| f64::from(entry.deviation) * entry.probability);
    parts.sum()
}

/// Whether two numbers are within `distance`; what is not a number is near nothing.
fn near(a: f64, b: f64, distance: f64) -> bool {
    (a - b).abs() <= distance
}

fn check(original: u64, entries: &[NoiseEntry], per_unit: u32) -> Result<(), &'static str> {
    let sum: f64 = entries.iter().map(|entry| entry.probability).sum();
    let unsound = |entry: &NoiseEntry| entry.probability.is_nan() || entry.probability < 0.0;
    if entries.iter().any(unsound) {
        return Err("a probability is negative or not a number");
    }
    if !near(sum, 1.0, NEAR) {
        return Err("the probabilities do not sum to one");
    }
    if !near(mean(entries), 0.0, NEAR * f64::from(per_unit)) {
        return Err("the mean of the noise is not zero");
    }
    if original == 0 && entries.iter().any(|entry| entry.deviation != 0) {
        return Err("zeros stay zero, but there is noise");
    }
    let least = entries
        .iter()
        .map(|entry| i128::from(entry.deviation))
        .min();
    let parts = i128::from(original) * i128::from(per_unit);
    if least.is_some_and(|least| parts + least < 0) {
        return Err("a deviation leads below zero");
    }
    Ok(())
}

fn refused(rule: &str) -> Error {
    Error::new(ErrorKind::Input, format!("perturbation table: {rule}"))
}

fn refused_row(original: u64, rule: &str) -> Error {
    Error::new(
        ErrorKind::Input,
        format!("perturbation table, original value {original}: {rule}"),
    )
}
