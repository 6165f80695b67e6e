//! Differencing: a figure that was published before, and is nearly the same.
//!
//! A table that is released again a month later is safe in both releases, and
//! the difference is about those who came or went, or whose values were
//! revised (ESSnet handbook on statistical disclosure control, 2nd edition, on
//! disclosure by differencing). So a figure is unsafe beside an earlier one
//! that it is not the same as,
//!
//! * if the cell has the same categories and other rows, and fewer persons than
//!   the plan's threshold came or went, or nobody knows that they were more;
//! * if it is a sum of the same categories or of the same rows, somebody's
//!   contribution is in both and cancels, and fewer persons than the threshold
//!   contribute something else; or by the plan's rules of concentration one of
//!   them may make up too much of the difference.
//!
//! Who the persons are is told by sketches, so their number is never thought
//! larger than it is. Two sums that nothing cancels in are not nearly the same:
//! they are of different columns, or of different persons, or everybody's value
//! was revised. That is told by sketches too; and where n − j of n persons
//! contribute the same, the chance that all of them share a bucket with the
//! others, so that it is not seen, is about (j/32)ⁿ⁻ʲ.
//!
//! What was published before as it is now tells nothing new. Cells of the same
//! rows are another matter too: they are protected together (the room `earlier`).

use std::collections::HashMap;

use super::earlier::{MOST_SUMMED, PERSONS, fingerprint, rows_fingerprint};
use super::rule;
use super::view::Quantity;
use crate::ledger::Entry;
use crate::ledger::entry::{CellEntry, Coordinate, Figure, Sketch, TableEntry};
use crate::plan::table::{Grain, Rules, TablePlan};
use crate::table::cell::Keys;
use crate::table::{Accumulator, Confidential, Place, Table};

/// Where a cell stands, in any table: the categories of the dimensions that are
/// not summed over, in their order. What a plan calls a dimension says nothing.
type Address = Vec<Option<String>>;

/// What earlier releases told, totals of published parts included.
#[derive(Default)]
pub(super) struct Published<'a> {
    cells: Vec<Told>,
    /// By the base's source and the address.
    at: HashMap<(&'a str, Address), Vec<usize>>,
    /// By the fingerprint of the rows.
    of: HashMap<u64, Vec<usize>>,
}

/// What an earlier release told of a cell.
#[derive(Clone, PartialEq)]
struct Told {
    rows: u64,
    persons: u64,
    /// Of the persons; none of a total of parts that a person may be in several of.
    sketch: Option<Sketch>,
    /// For each quantity, if it is published.
    figures: Vec<Option<ToldFigure>>,
}

#[derive(Clone, PartialEq)]
struct ToldFigure {
    fingerprint: u64,
    value: i128,
    contributions: Option<ToldContributions>,
}

#[derive(Clone, PartialEq)]
struct ToldContributions {
    sketch: Sketch,
    /// No contribution is larger; none if that is not known.
    most: Option<u128>,
}

impl Told {
    /// None if no figure is published.
    fn of(cell: &CellEntry) -> Option<Self> {
        let each = cell.figures.iter().zip(&cell.fingerprints);
        let figures = each.zip(&cell.contributions);
        let figures = figures.map(|((figure, fingerprint), contributions)| match figure {
            Figure::Published(value) => Some(ToldFigure {
                fingerprint: fingerprint.0,
                value: *value,
                contributions: contributions.map(|entry| ToldContributions {
                    sketch: entry.sketch,
                    most: entry.largest.map(|largest| largest.value()),
                }),
            }),
            Figure::Primary | Figure::Complementary | Figure::Perturbed => None,
        });
        Some(Self {
            rows: cell.rows.0,
            persons: cell.persons?,
            sketch: Some(cell.sketch?),
            figures: figures.collect(),
        })
    }

    /// Together with a cell beside it. Figures that both have add up; sketches do
    /// where nobody is in both.
    fn with(self, other: &Self, one_row_each: bool) -> Self {
        let figures = self.figures.into_iter().zip(&other.figures);
        let figures = figures.map(|(own, other)| own?.with(other.as_ref()?, one_row_each));
        let sketches = self.sketch.zip(other.sketch).filter(|_| one_row_each);
        Self {
            rows: self.rows.wrapping_add(other.rows),
            // Where a person is in several cells they are more than there are.
            persons: self.persons.saturating_add(other.persons),
            sketch: sketches.map(merged),
            figures: figures.collect(),
        }
    }

    /// How many persons are in one of the two cells only, at least.
    fn differing(&self, cell: &Accumulator, keys: &Keys) -> u64 {
        let sketched = self.sketch.map(|sketch| sketch.differing(&keys.sketch));
        let more = self.persons.abs_diff(cell.persons);
        sketched.unwrap_or(0).max(more)
    }
}

impl ToldFigure {
    /// None if the sum is too large to be known.
    fn with(self, other: &Self, one_row_each: bool) -> Option<Self> {
        let contributions = self.contributions.zip(other.contributions.as_ref());
        let contributions = contributions.filter(|_| one_row_each);
        Some(Self {
            fingerprint: self.fingerprint.wrapping_add(other.fingerprint),
            value: self.value.checked_add(other.value)?,
            contributions: contributions.map(|(own, other)| ToldContributions {
                sketch: merged((own.sketch, other.sketch)),
                most: own.most.zip(other.most).map(|(own, other)| own.max(other)),
            }),
        })
    }
}

fn merged((mut sketch, other): (Sketch, Sketch)) -> Sketch {
    sketch.merge(&other);
    sketch
}

impl<'a> Published<'a> {
    /// What the entries of a ledger told.
    pub(super) fn of(ledger: &'a [Entry]) -> Self {
        let mut published = Self::default();
        for table in ledger.iter().flat_map(|entry| &entry.release.tables) {
            for cell in &table.cells {
                if let Some(told) = Told::of(cell) {
                    let at = address(cell.at.iter().filter_map(category));
                    published.add(&table.base, at, told);
                }
            }
            published.add_totals(table);
        }
        published
    }

    fn add(&mut self, base: &'a str, address: Address, told: Told) {
        let there = self.at.entry((base, address)).or_default();
        if there.iter().any(|at| self.cells[*at] == told) {
            return;
        }
        there.push(self.cells.len());
        self.of.entry(told.rows).or_default().push(self.cells.len());
        self.cells.push(told);
    }

    /// Adds the totals of a table whose parts are all published: whoever has
    /// these has those.
    fn add_totals(&mut self, table: &'a TableEntry) {
        let own = |at: &Coordinate| matches!(at, Coordinate::Own(_));
        let finest = table.cells.iter().filter(|cell| cell.at.iter().all(own));
        let finest: Vec<(&CellEntry, Option<Told>)> =
            finest.map(|cell| (cell, Told::of(cell))).collect();
        let margins = 1usize.checked_shl(table.dimensions.len() as u32);
        let margins = margins.filter(|margins| margins.saturating_mul(finest.len()) <= MOST_SUMMED);
        for margin in 0..margins.unwrap_or(0) {
            let mut totals: HashMap<Address, Option<Told>> = HashMap::new();
            for (cell, told) in &finest {
                let kept = cell.at.iter().enumerate();
                let kept = kept.filter(|(dimension, _)| margin >> dimension & 1 == 1);
                let kept = address(kept.filter_map(|(_, at)| category(at)));
                totals
                    .entry(kept)
                    .and_modify(|total| {
                        let both = total.take().zip(told.as_ref());
                        *total = both.map(|(total, told)| total.with(told, table.one_row_each));
                    })
                    .or_insert_with(|| told.clone());
            }
            for (address, told) in totals {
                if let Some(told) = told {
                    self.add(&table.base, address, told);
                }
            }
        }
    }

    /// What was told of cells that a cell can be held against.
    ///
    /// # Panics
    ///
    /// If there are any and no record keys were folded.
    pub(super) fn beside<'b>(
        &'b self,
        table: &Table<Confidential>,
        plan: &'b TablePlan,
        grouping: &[Grain],
        place: &Place,
        cell: &'b Accumulator,
    ) -> Option<Beside<'b>> {
        if self.cells.is_empty() {
            return None;
        }
        let places = table.dimensions.iter().zip(grouping).zip(place);
        let categories = places.filter_map(|((dimension, grain), ordinal)| match grain {
            Grain::Total => None,
            _ => Some(dimension.category(*grain, *ordinal)),
        });
        let address = (plan.slots[0].name.as_str(), address(categories));
        let rows = rows_fingerprint(cell);
        let found = |places: Option<&'b Vec<usize>>| {
            let places = places.into_iter().flatten();
            places.map(|at| &self.cells[*at])
        };
        let others = found(self.at.get(&address)).filter(|told| told.rows != rows);
        Some(Beside {
            cell,
            rules: &plan.protect,
            same: found(self.of.get(&rows)).collect(),
            others: others.collect(),
        })
    }
}

/// A cell beside what earlier releases told.
pub(super) struct Beside<'a> {
    cell: &'a Accumulator,
    rules: &'a Rules,
    /// Of the same rows.
    same: Vec<&'a Told>,
    /// Of other rows, and the same categories.
    others: Vec<&'a Told>,
}

impl Beside<'_> {
    /// Whether the difference to an earlier figure tells too much.
    pub(super) fn is_near(&self, quantity: Quantity) -> bool {
        !self.is_told(quantity) && (self.few_came_or_went() || self.near_sum(quantity))
    }

    /// Whether it was published before, as it is now.
    fn is_told(&self, quantity: Quantity) -> bool {
        let own = fingerprint(self.cell, quantity);
        // Persons add up where nobody is in several parts.
        let adds_up = |told: &&&Told| quantity != Quantity::Persons || told.sketch.is_some();
        let told = self.same.iter().filter(adds_up);
        let mut figures = told.flat_map(|told| told.figures.iter().flatten());
        figures.any(|figure| figure.fingerprint == own)
    }

    fn few_came_or_went(&self) -> bool {
        let keys = self.keys();
        let mut others = self.others.iter();
        others.any(|told| told.differing(self.cell, keys) < self.rules.min_persons)
    }

    fn near_sum(&self, quantity: Quantity) -> bool {
        let Quantity::Contribution(at) = quantity else {
            return false;
        };
        // Of totals of parts that a person may be in several of, sketches tell nothing.
        let told = self.same.iter().chain(&self.others);
        let mut told = told.filter(|told| told.sketch.is_some());
        told.any(|told| {
            let is_sum =
                |figure: &&ToldFigure| figure.fingerprint != told.rows.wrapping_mul(PERSONS);
            let mut sums = told.figures.iter().flatten().filter(is_sum);
            sums.any(|sum| self.near(sum, at))
        })
    }

    /// Whether the sum of the contribution `at` is nearly one that was told.
    fn near(&self, sum: &ToldFigure, at: usize) -> bool {
        let (total, keys) = (&self.cell.totals[at], &self.keys().contributions[at]);
        if sum.fingerprint == keys.fingerprint {
            return false;
        }
        let Some(then) = &sum.contributions else {
            return true;
        };
        if !then.sketch.shares(&keys.sketch) {
            return false;
        }
        let largest = total.top.largest(1).first().copied().unwrap_or(0);
        let largest = u128::try_from(largest).ok().filter(|_| !total.negative);
        then.sketch.differing(&keys.sketch) < self.rules.min_persons
            || match then.most.zip(largest) {
                Some((then, now)) => {
                    let difference = total.sum.abs_diff(sum.value);
                    rule::concentrated(self.rules, difference, then.max(now))
                }
                None => rule::concentrates(self.rules),
            }
    }

    fn keys(&self) -> &Keys {
        let keys = self.cell.keys.as_deref();
        keys.expect("record keys are folded for the ledger")
    }
}

fn category(at: &Coordinate) -> Option<Option<String>> {
    match at {
        Coordinate::Own(category) | Coordinate::Level(_, category) => Some(category.clone()),
        Coordinate::Total => None,
    }
}

fn address(categories: impl Iterator<Item = Option<String>>) -> Address {
    let mut address: Address = categories.collect();
    address.sort_unstable();
    address
}
