//! What earlier releases published of a cell, by itself or as a sum with neighbouring cells.

use crate::ledger::entry::{CellEntry, Figure, Signs, Sketch};
use crate::protect::quantity::Quantity;
use crate::table::Accumulator;
use crate::table::cell::RecordKeySums;

/// What an earlier release published of a cell.
#[derive(Clone, PartialEq)]
pub(super) struct EarlierCell {
    /// The number of the ledger's entry.
    pub(super) entry: u64,
    /// The table's place among all earlier tables.
    pub(super) table: usize,
    pub(super) rows: u64,
    pub(super) persons: u64,
    /// Of the persons; none of a total of parts that a person may be in several of.
    pub(super) sketch: Option<Sketch>,
    /// For each quantity, if it is published.
    pub(super) figures: Vec<Option<EarlierFigure>>,
}

#[derive(Clone, PartialEq)]
pub(super) struct EarlierFigure {
    pub(super) fingerprint: u64,
    pub(super) value: i128,
    pub(super) contributions: Option<EarlierContributions>,
}

#[derive(Clone, PartialEq)]
pub(super) struct EarlierContributions {
    pub(super) sketch: Sketch,
    /// No contribution is out of it; none if that is not known.
    pub(super) range: Option<ContributionRange>,
}

/// From where to where contributions lie.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct ContributionRange {
    /// No contribution is less than this much below zero.
    pub(super) below: u128,
    /// No contribution is more than this much above zero.
    pub(super) above: u128,
}

impl ContributionRange {
    /// Of contributions whose absolute values are no more than `largest`.
    pub(super) fn of(largest: u128, signs: Signs) -> Self {
        Self {
            below: match signs {
                Signs::NonNegative => 0,
                Signs::NonPositive | Signs::Mixed => largest,
            },
            above: match signs {
                Signs::NonPositive => 0,
                Signs::NonNegative | Signs::Mixed => largest,
            },
        }
    }

    /// That both lie in.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            below: self.below.max(other.below),
            above: self.above.max(other.above),
        }
    }

    /// By how much a contribution in this range differs at most from one in `other`.
    pub(super) fn farthest(self, other: Self) -> u128 {
        let down = self.above.saturating_add(other.below);
        let up = other.above.saturating_add(self.below);
        down.max(up)
    }
}

impl EarlierCell {
    /// None if no figure is published.
    pub(super) fn of(cell: &CellEntry, (entry, table): (u64, usize)) -> Option<Self> {
        let each = cell.figures.iter().zip(&cell.fingerprints);
        let figures = each.zip(cell.contributions.iter().zip(&cell.signs));
        let figures = figures.map(
            |((figure, fingerprint), (contributions, signs))| match figure {
                Figure::Published(value) => Some(EarlierFigure {
                    fingerprint: fingerprint.0,
                    value: *value,
                    contributions: contributions.map(|entry| EarlierContributions {
                        sketch: entry.sketch,
                        range: entry
                            .largest
                            .map(|largest| ContributionRange::of(largest.value(), *signs)),
                    }),
                }),
                Figure::Primary | Figure::Complementary | Figure::Perturbed => None,
            },
        );
        Some(Self {
            entry,
            table,
            rows: cell.rows.0,
            persons: cell.persons?,
            sketch: Some(cell.sketch?),
            figures: figures.collect(),
        })
    }

    /// Together with another cell. Figures that both have add up; sketches do
    /// where nobody is in both.
    pub(super) fn with(self, other: &Self, one_row_each: bool) -> Self {
        let figures = self.figures.into_iter().zip(&other.figures);
        let figures = figures.map(|(own, other)| own?.with(other.as_ref()?, one_row_each));
        let sketches = self.sketch.zip(other.sketch).filter(|_| one_row_each);
        Self {
            entry: self.entry,
            table: self.table,
            rows: self.rows.wrapping_add(other.rows),
            // Where a person is in several cells they are more than there are.
            persons: self.persons.saturating_add(other.persons),
            sketch: sketches.map(merged),
            figures: figures.collect(),
        }
    }

    /// Whether it publishes a quantity that has this fingerprint in a cell of the same rows.
    pub(super) fn has_published(&self, quantity: Quantity, fingerprint: u64) -> bool {
        // Persons add up where nobody is in several parts.
        let adds_up = quantity != Quantity::Persons || self.sketch.is_some();
        let mut figures = self.figures.iter().flatten();
        adds_up && figures.any(|figure| figure.fingerprint == fingerprint)
    }

    /// How many persons are in one of the two cells only, at least.
    pub(super) fn differing(&self, cell: &Accumulator, keys: &RecordKeySums) -> u64 {
        let sketched = self.sketch.map(|sketch| sketch.differing(&keys.sketch));
        let more = self.persons.abs_diff(cell.persons);
        sketched.unwrap_or(0).max(more)
    }
}

impl EarlierFigure {
    /// None if the sum is too large to be known.
    pub(super) fn with(self, other: &Self, one_row_each: bool) -> Option<Self> {
        let contributions = self.contributions.zip(other.contributions.as_ref());
        let contributions = contributions.filter(|_| one_row_each);
        Some(Self {
            fingerprint: self.fingerprint.wrapping_add(other.fingerprint),
            value: self.value.checked_add(other.value)?,
            contributions: contributions.map(|(own, other)| EarlierContributions {
                sketch: merged((own.sketch, other.sketch)),
                range: own.range.zip(other.range).map(|(a, b)| a.with(b)),
            }),
        })
    }
}

fn merged((mut sketch, other): (Sketch, Sketch)) -> Sketch {
    sketch.merge(&other);
    sketch
}
