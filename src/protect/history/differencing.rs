//! Differencing: a figure that was published before, and is nearly the same.
//!
//! A table that is released again a month later is safe in both releases, and
//! the difference is about those who came or went, or whose values were
//! revised (ESSnet handbook on statistical disclosure control, 2nd edition, on
//! disclosure by differencing). So a figure is unsafe next to an earlier one
//! that it is not the same as,
//!
//! * if the cell has the same categories and other rows, and fewer persons than
//!   the plan's threshold came or went, or nobody knows that they were more;
//! * if it is a sum of the same categories or of the same rows, somebody's
//!   contribution is in both and cancels, and fewer persons than the threshold
//!   contribute something else; or by the plan's rules of concentration one of
//!   them may make up too much of the difference.
//!
//! Sketches show who the persons are, so their number is never thought
//! larger than it is. Two sums that nothing cancels in are not nearly the same:
//! they are of different columns, or of different persons, or everybody's value
//! was revised. Sketches show that too; and where n − j of n persons
//! contribute the same, the chance that all of them share a bucket with the
//! others, so that it is not seen, is about (j/32)ⁿ⁻ʲ.
//!
//! It need not be the same categories. Whoever had the persons from 18 to 66 by county, and
//! has those from 19 to 66 now, knows that the ones are among the others; so cells by the
//! same columns are compared with each other too, however these were cut, as soon as few
//! persons differ. And whoever has all parts has the total: totals of published parts, and
//! of neighbouring ones, are compared with each other as if they were published.
//!
//! What was published before as it is now discloses nothing new. Cells of the same
//! rows are another matter too: they are protected together (the room `earlier`).

mod completed;
mod earlier_cell;
mod index;
mod together;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::ledger::LedgerEntry;
use crate::ledger::entry::{CellEntry, Coordinate, Origin, Signs, Sketch, TableEntry};
use crate::plan::table::{Rules, TablePlan};
use crate::protect::history::earlier::{PERSONS, fingerprint, rows_fingerprint};
use crate::protect::history::totals::totals;
use crate::protect::quantity::Quantity;
use crate::protect::rule;
use crate::table::Accumulator;
use crate::table::cell::RecordKeySums;
use completed::Completed;
use earlier_cell::{ContributionRange, EarlierCell, EarlierFigure};
pub(in crate::protect) use index::CellPosition;
use index::EarlierIndex;
pub(in crate::protect) use together::Together;

/// Where a cell is, in any table: the categories of the dimensions that are
/// not summed over, in their order. What a plan calls a dimension says nothing.
pub(in crate::protect) type Address = Vec<Option<String>>;

/// What the dimensions are made from that distinguish a cell from others.
pub(in crate::protect) type Columns = BTreeSet<Origin>;

/// What earlier releases published, totals of published parts included.
#[derive(Default)]
pub(in crate::protect) struct Published<'a> {
    tables: Vec<&'a TableEntry>,
    cells: Vec<EarlierCell>,
    index: EarlierIndex<'a>,
    completed: Completed,
}

impl<'a> Published<'a> {
    /// What the entries of a ledger published.
    pub(in crate::protect) fn of(ledger: &'a [LedgerEntry]) -> Self {
        let mut published = Self::default();
        let tables = ledger.iter().flat_map(|entry| {
            entry
                .release
                .tables
                .iter()
                .map(|table| (entry.number, table))
        });
        for (entry, table) in tables {
            let from = (entry, published.tables.len());
            published.tables.push(table);
            for cell in &table.cells {
                if let Some(earlier) = EarlierCell::of(cell, from) {
                    let kept = cell.at.iter().enumerate();
                    let kept = kept.filter(|(_, at)| **at != Coordinate::Total);
                    let kept: Vec<usize> = kept.map(|(dimension, _)| dimension).collect();
                    let categories = cell.at.iter().filter_map(category);
                    let place = CellPosition::new(columns(table, &kept), categories.map(Some));
                    published.add((&table.base, place), earlier);
                }
            }
            published.completed.add(table, from);
            published.add_totals(table, from);
        }
        published
    }

    fn add(&mut self, (base, place): (&'a str, CellPosition), earlier: EarlierCell) {
        // What several releases published alike is the first one's.
        let same = |other: usize| {
            let other = EarlierCell {
                entry: earlier.entry,
                table: earlier.table,
                ..self.cells[other].clone()
            };
            other == earlier
        };
        let number = self.cells.len();
        if self.index.add((base, place), &earlier, number, same) {
            self.cells.push(earlier);
        }
    }

    /// Adds the totals of a table whose parts are all published, be they cells of a margin:
    /// whoever has these has those.
    fn add_totals(&mut self, table: &'a TableEntry, from: (u64, usize)) {
        // Where persons have several rows, the more is added up the less it is a number of them.
        let tables = match table.one_row_each {
            true => blocks(table),
            false => finest(table).into_iter().collect(),
        };
        for (summed, cells) in tables {
            self.add_totals_of(table, from, (&summed, &cells));
        }
    }

    fn add_totals_of(
        &mut self,
        table: &'a TableEntry,
        from: (u64, usize),
        (summed, cells): (&[bool], &[&CellEntry]),
    ) {
        let dimensions = (0..summed.len()).filter(|dimension| !summed[*dimension]);
        let dimensions: Vec<usize> = dimensions.collect();
        // Tables list categories in their order.
        let mut categories: Vec<Vec<&Coordinate>> = vec![Vec::new(); dimensions.len()];
        let mut numbers: Vec<HashMap<&Coordinate, u32>> = vec![HashMap::new(); dimensions.len()];
        let cells = cells.iter().map(|cell| {
            let at = dimensions.iter().enumerate().map(|(place, dimension)| {
                let category = &cell.at[*dimension];
                let all = &mut categories[place];
                *numbers[place].entry(category).or_insert_with(|| {
                    all.push(category);
                    all.len() as u32 - 1
                })
            });
            (at.collect(), EarlierCell::of(cell, from))
        });
        let cells: Vec<(Vec<u32>, Option<EarlierCell>)> = cells.collect();
        let added =
            |one: EarlierCell, other: &EarlierCell| Some(one.with(other, table.one_row_each));
        totals(&cells, added, |total| {
            let kept: Vec<usize> = total.kept.iter().map(|place| dimensions[*place]).collect();
            let names = total.kept.iter().zip(total.at).map(|(place, at)| {
                let at = (*at)?;
                category(categories[*place][at as usize])
            });
            let place = CellPosition::new(columns(table, &kept), names);
            self.add((&table.base, place), total.sum);
        });
    }

    /// Whether nothing was published.
    pub(in crate::protect) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether a cell was published before, as it is now.
    ///
    /// # Panics
    ///
    /// If anything was published and no record keys were folded.
    pub(in crate::protect) fn has_published(&self, cell: &Accumulator, quantity: Quantity) -> bool {
        if self.cells.is_empty() {
            return false;
        }
        let own = fingerprint(cell, quantity);
        let same = self.index.of_rows(rows_fingerprint(cell));
        let mut same = same.map(|number| &self.cells[number]);
        same.any(|earlier| earlier.has_published(quantity, own))
    }

    /// What was published of cells that a cell can be compared with, which is at `place`; but
    /// for the tables that are protected `together` with its own.
    ///
    /// # Panics
    ///
    /// If there are any and no record keys were folded.
    pub(in crate::protect) fn compared<'b>(
        &'b self,
        plan: &'b TablePlan,
        together: &'b Together,
        place: &CellPosition,
        cell: &'b Accumulator,
    ) -> Option<ComparedCell<'b>> {
        if self.cells.is_empty() {
            return None;
        }
        let base = plan.slots[0].name.as_str();
        let rows = rows_fingerprint(cell);
        let at = |number: usize| &self.cells[number];
        let same = self.index.of_rows(rows).map(at);
        let others = self.index.at(base, place).into_iter().map(at);
        let is_empty = place.is_whole && cell.persons == 0;
        let empty = is_empty.then(|| self.completed.by_nobody(&place.categories));
        let mut compared = ComparedCell {
            cell,
            empty: empty.flatten(),
            rules: &plan.protect,
            together,
            completed: &self.completed,
            same: same.collect(),
            others: others.filter(|earlier| earlier.rows != rows).collect(),
        };
        let few = plan.protect.min_persons;
        let near = cell.persons.saturating_sub(few)..=cell.persons.saturating_add(few);
        // A cell of rows that the table has a cell of is one of its pattern.
        let is_other = |earlier: &&EarlierCell| {
            earlier.rows != rows && !together.has(earlier) && !together.has_cell(earlier.rows)
        };
        let by = self.index.by_columns(base, place, &compared.keys().sketch);
        let by = by.into_iter().map(at);
        let by = by.filter(|earlier| near.contains(&earlier.persons) && is_other(earlier));
        let by = by.filter(|earlier| compared.is_nearly(earlier));
        let nested = self.index.with_more_or_less(place, near.clone());
        let nested = nested.map(at);
        let nested = nested.filter(|earlier| is_other(earlier) && compared.is_nested(earlier));
        let near: Vec<&EarlierCell> = by.chain(nested).collect();
        compared.others.extend(near);
        Some(compared)
    }
}

/// A cell and the earlier figures that it is compared with.
pub(in crate::protect) struct ComparedCell<'a> {
    cell: &'a Accumulator,
    rules: &'a Rules,
    together: &'a Together,
    completed: &'a Completed,
    /// The ledger's entry in which it was unsafe that nobody is in the cell, if nobody is.
    empty: Option<u64>,
    /// Of the same rows.
    same: Vec<&'a EarlierCell>,
    /// Of other rows, and the same categories or nearly the same persons.
    others: Vec<&'a EarlierCell>,
}

impl ComparedCell<'_> {
    /// The number of the ledger's entry with a figure that is too near, if there
    /// is one: the difference would disclose too much.
    pub(in crate::protect) fn near(&self, quantity: Quantity) -> Option<u64> {
        match self.was_published(quantity) {
            true => None,
            false => self
                .few_came_or_went(quantity)
                .or_else(|| self.near_sum(quantity))
                .or_else(|| self.completes(quantity)),
        }
    }

    /// Whether it was published before, as it is now.
    fn was_published(&self, quantity: Quantity) -> bool {
        let own = fingerprint(self.cell, quantity);
        self.same
            .iter()
            .any(|earlier| earlier.has_published(quantity, own))
    }

    fn few_came_or_went(&self, quantity: Quantity) -> Option<u64> {
        let keys = self.keys();
        let others = self.others.iter();
        let mut others = others.filter(|earlier| self.together.figure(earlier, quantity).is_none());
        let near =
            others.find(|earlier| earlier.differing(self.cell, keys) < self.rules.min_persons);
        near.map(|earlier| earlier.entry)
    }

    /// Whether it is nearly the same persons.
    fn is_nearly(&self, earlier: &EarlierCell) -> bool {
        let keys = self.keys();
        let shares = |sketch: Sketch| sketch.shares(&keys.sketch);
        earlier.sketch.is_some_and(shares)
            && earlier.differing(self.cell, keys) < self.rules.min_persons
    }

    /// Whether it is the same persons but for few, who are in one of the two only: none went
    /// as others came. Of cells at other places no more is known.
    fn is_nested(&self, earlier: &EarlierCell) -> bool {
        let more = earlier.persons.abs_diff(self.cell.persons);
        let keys = self.keys();
        let nested =
            |sketch: Sketch| sketch.shares(&keys.sketch) && sketch.differing(&keys.sketch) <= more;
        (1..self.rules.min_persons).contains(&more) && earlier.sketch.is_some_and(nested)
    }

    /// Whether it is the total of parts that an earlier release suppressed, or nobody's where
    /// that was unsafe.
    fn completes(&self, quantity: Quantity) -> Option<u64> {
        if self.cell.persons == 0 {
            return self.empty;
        }
        let holds = fingerprint(self.cell, quantity);
        let rows = rows_fingerprint(self.cell);
        self.completed.by(rows, holds, self.together)
    }

    fn near_sum(&self, quantity: Quantity) -> Option<u64> {
        let Quantity::Contribution(at) = quantity else {
            return None;
        };
        // Of totals of parts that a person may be in several of, sketches show nothing.
        let earlier = self.same.iter().chain(&self.others);
        let mut earlier = earlier.filter(|earlier| earlier.sketch.is_some());
        let near = earlier.find(|earlier| {
            let is_sum =
                |figure: &&EarlierFigure| figure.fingerprint != earlier.rows.wrapping_mul(PERSONS);
            let together = self.together.figure(earlier, quantity);
            let figures = earlier.figures.iter().enumerate();
            let figures = figures.filter(|(at, _)| Some(*at) != together);
            let mut sums = figures
                .filter_map(|(_, figure)| figure.as_ref())
                .filter(is_sum);
            sums.any(|sum| self.is_near(sum, at))
        });
        near.map(|earlier| earlier.entry)
    }

    /// Whether the sum of the contribution `at` is nearly one that was published.
    fn is_near(&self, sum: &EarlierFigure, at: usize) -> bool {
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
        let now = ContributionRange::of(largest.unsigned_abs(), signs);
        then.sketch.differing(&keys.sketch) < self.rules.min_persons
            || match then.range {
                Some(then) => {
                    let difference = total.sum.abs_diff(sum.value);
                    rule::concentrated(self.rules, difference, then.farthest(now))
                }
                None => rule::concentrates(self.rules),
            }
    }

    fn keys(&self) -> &RecordKeySums {
        let keys = self.cell.keys.as_deref();
        keys.expect("record keys are folded for the ledger")
    }
}

/// The finest cells of a table, by which of its conditions they do not distinguish: each a
/// table by itself.
fn finest(table: &TableEntry) -> BTreeMap<Vec<bool>, Vec<&CellEntry>> {
    let mut finest: BTreeMap<Vec<bool>, Vec<&CellEntry>> = BTreeMap::new();
    for cell in &table.cells {
        let mut places = cell.at.iter().zip(&table.dimensions);
        let is_finest = places.all(|(at, dimension)| match at {
            Coordinate::Own(_) => true,
            Coordinate::Total => dimension.hidden,
            Coordinate::Level(..) => false,
        });
        if is_finest {
            let total = cell.at.iter().map(|at| *at == Coordinate::Total);
            finest.entry(total.collect()).or_default().push(cell);
        }
    }
    finest
}

/// The cells of a table by the grains of their dimensions, each with which of these are summed
/// over: the finest ones, and those of every margin and level.
fn blocks(table: &TableEntry) -> Vec<(Vec<bool>, Vec<&CellEntry>)> {
    let mut blocks: BTreeMap<Vec<Option<usize>>, Vec<&CellEntry>> = BTreeMap::new();
    for cell in &table.cells {
        let grains = cell.at.iter().map(Coordinate::grain);
        blocks.entry(grains.collect()).or_default().push(cell);
    }
    let blocks = blocks.into_iter().map(|(grains, cells)| {
        let summed = grains.iter().map(Option::is_none);
        (summed.collect(), cells)
    });
    blocks.collect()
}

fn category(at: &Coordinate) -> Option<Option<String>> {
    match at {
        Coordinate::Own(category) | Coordinate::Level(_, category) => Some(category.clone()),
        Coordinate::Total => None,
    }
}

/// What these dimensions of a table are made from.
fn columns(table: &TableEntry, kept: &[usize]) -> Columns {
    let origins = kept
        .iter()
        .map(|dimension| &table.dimensions[*dimension].origins);
    origins.flatten().cloned().collect()
}
