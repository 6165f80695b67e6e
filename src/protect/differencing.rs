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

use std::collections::{BTreeMap, HashMap};

use super::earlier::{MOST_SUMMED, PERSONS, fingerprint, rows_fingerprint};
use super::rule;
use super::view::Quantity;
use crate::ledger::Entry;
use crate::ledger::entry::{CellEntry, Coordinate, Figure, Signs, Sketch, TableEntry};
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
    /// The number of the ledger's entry.
    entry: u64,
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
    /// No contribution is out of it; none if that is not known.
    range: Option<Range>,
}

/// From where to where contributions lie.
#[derive(Clone, Copy, PartialEq)]
struct Range {
    /// No contribution is less than this much below zero.
    below: u128,
    /// No contribution is more than this much above zero.
    above: u128,
}

impl Range {
    /// Of contributions whose absolute values are no more than `largest`.
    fn of(largest: u128, signs: Signs) -> Self {
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
    fn with(self, other: Self) -> Self {
        Self {
            below: self.below.max(other.below),
            above: self.above.max(other.above),
        }
    }

    /// By how much a contribution in this range differs at most from one in `other`.
    fn farthest(self, other: Self) -> u128 {
        let down = self.above.saturating_add(other.below);
        let up = other.above.saturating_add(self.below);
        down.max(up)
    }
}

impl Told {
    /// None if no figure is published.
    fn of(cell: &CellEntry, entry: u64) -> Option<Self> {
        let each = cell.figures.iter().zip(&cell.fingerprints);
        let figures = each.zip(cell.contributions.iter().zip(&cell.signs));
        let figures = figures.map(
            |((figure, fingerprint), (contributions, signs))| match figure {
                Figure::Published(value) => Some(ToldFigure {
                    fingerprint: fingerprint.0,
                    value: *value,
                    contributions: contributions.map(|entry| ToldContributions {
                        sketch: entry.sketch,
                        range: entry
                            .largest
                            .map(|largest| Range::of(largest.value(), *signs)),
                    }),
                }),
                Figure::Primary | Figure::Complementary | Figure::Perturbed => None,
            },
        );
        Some(Self {
            entry,
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
            entry: self.entry,
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
                range: own.range.zip(other.range).map(|(a, b)| a.with(b)),
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
        let tables = ledger.iter().flat_map(|entry| {
            entry
                .release
                .tables
                .iter()
                .map(|table| (entry.number, table))
        });
        for (entry, table) in tables {
            for cell in &table.cells {
                if let Some(told) = Told::of(cell, entry) {
                    let at = address(cell.at.iter().filter_map(category));
                    published.add(&table.base, at, told);
                }
            }
            published.add_totals(table, entry);
        }
        published
    }

    fn add(&mut self, base: &'a str, address: Address, told: Told) {
        let there = self.at.entry((base, address)).or_default();
        // What several releases told alike is the first one's.
        let same = |other: &Told| {
            let entry = told.entry;
            *other == told
                || Told {
                    entry,
                    ..other.clone()
                } == told
        };
        if there.iter().any(|at| same(&self.cells[*at])) {
            return;
        }
        there.push(self.cells.len());
        self.of.entry(told.rows).or_default().push(self.cells.len());
        self.cells.push(told);
    }

    /// Adds the totals of a table whose parts are all published: whoever has
    /// these has those.
    fn add_totals(&mut self, table: &'a TableEntry, entry: u64) {
        let mut finest: BTreeMap<Vec<bool>, Vec<(&CellEntry, Option<Told>)>> = BTreeMap::new();
        for cell in &table.cells {
            let mut places = cell.at.iter().zip(&table.dimensions);
            let is_finest = places.all(|(at, dimension)| match at {
                Coordinate::Own(_) => true,
                Coordinate::Total => dimension.hidden,
                Coordinate::Level(..) => false,
            });
            if is_finest {
                // By which conditions: a table by itself.
                let total = cell.at.iter().map(|at| *at == Coordinate::Total);
                let cells = finest.entry(total.collect()).or_default();
                cells.push((cell, Told::of(cell, entry)));
            }
        }
        for cells in finest.into_values() {
            self.add_totals_of(table, &cells);
        }
    }

    fn add_totals_of(&mut self, table: &'a TableEntry, finest: &[(&CellEntry, Option<Told>)]) {
        let margins = 1usize.checked_shl(table.dimensions.len() as u32);
        let margins = margins.filter(|margins| margins.saturating_mul(finest.len()) <= MOST_SUMMED);
        for margin in 0..margins.unwrap_or(0) {
            let mut totals: HashMap<Address, Option<Told>> = HashMap::new();
            for (cell, told) in finest {
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
    /// The number of the ledger's entry with a figure that is too near, if there
    /// is one: the difference would tell too much.
    pub(super) fn near(&self, quantity: Quantity) -> Option<u64> {
        match self.is_told(quantity) {
            true => None,
            false => self.few_came_or_went().or_else(|| self.near_sum(quantity)),
        }
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

    fn few_came_or_went(&self) -> Option<u64> {
        let keys = self.keys();
        let mut others = self.others.iter();
        let near = others.find(|told| told.differing(self.cell, keys) < self.rules.min_persons);
        near.map(|told| told.entry)
    }

    fn near_sum(&self, quantity: Quantity) -> Option<u64> {
        let Quantity::Contribution(at) = quantity else {
            return None;
        };
        // Of totals of parts that a person may be in several of, sketches tell nothing.
        let told = self.same.iter().chain(&self.others);
        let mut told = told.filter(|told| told.sketch.is_some());
        let near = told.find(|told| {
            let is_sum =
                |figure: &&ToldFigure| figure.fingerprint != told.rows.wrapping_mul(PERSONS);
            let mut sums = told.figures.iter().flatten().filter(is_sum);
            sums.any(|sum| self.is_near(sum, at))
        });
        near.map(|told| told.entry)
    }

    /// Whether the sum of the contribution `at` is nearly one that was told.
    fn is_near(&self, sum: &ToldFigure, at: usize) -> bool {
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
        let signs = Signs::of(total.negative(), total.positive());
        let now = Range::of(largest.unsigned_abs(), signs);
        then.sketch.differing(&keys.sketch) < self.rules.min_persons
            || match then.range {
                Some(then) => {
                    let difference = total.sum.abs_diff(sum.value);
                    rule::concentrated(self.rules, difference, then.farthest(now))
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
