//! Linked rows, folded into cells range by range.
//!
//! A range of pseudonyms is merged, the columns that the table needs are
//! gathered for its base rows, and each person's rows are added to their
//! cells. Ranges are independent: persons are in one range only.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use rayon::prelude::*;

use super::cell::{PersonTotal, plus};
use super::{Accumulator, Confidential, Contribution, Dimension, MatchRate, Table};
use crate::column::condition::restrict;
use crate::column::steps::{Steps, boolean_labels, reread};
use crate::column::stored::Stored;
use crate::column::{Labels, NO_ORDINAL, NOWHERE, Numbers, Values, no_labels};
use crate::error::{Error, ErrorKind, Result};
use crate::link::Linkage;
use crate::link::merge::{Merged, Prepared, merge};
use crate::link::partition::ranges;
use crate::plan::ColumnType;
use crate::plan::table::{DerivedFrom, Operand, TablePlan, What};

/// A cell's place: the ordinal of each dimension.
pub(crate) type Place = Box<[i64]>;

/// Cells up to this many have a place of their own in a plain array.
const DENSE_CELLS: usize = 1 << 16;

pub(super) fn tabulate(linkage: &Linkage, plan: &TablePlan) -> Result<Table<Confidential>> {
    let work = Work::new(linkage, plan);
    let keys: Vec<_> = work.slots.iter().map(|slot| slot.keys).collect();
    let folded = ranges(&keys)
        .into_par_iter()
        .try_fold(
            || work.nothing(),
            |folded, rows| work.fold_range(folded, &rows),
        )
        .try_reduce(|| work.nothing(), Folded::merge)?;
    let mut cells = folded.cells.into_list();
    cells.sort_unstable_by(|a, b| by_place(&a.0, &b.0));
    let sources = plan.slots.iter().skip(1).map(|slot| slot.name.clone());
    let rates = sources
        .zip(folded.matched)
        .map(|(source, matched)| MatchRate {
            source,
            matched,
            unmatched: folded.base_rows - matched,
        });
    Ok(Table {
        name: plan.name.clone(),
        title: plan.title.clone(),
        match_rates: rates.collect(),
        dimensions: work.dimensions,
        cells,
        contributions: work.contributions,
    })
}

/// Missing sorts last.
fn by_place(a: &[i64], b: &[i64]) -> std::cmp::Ordering {
    let last = |ordinal: &i64| (*ordinal == NO_ORDINAL, *ordinal);
    a.iter().map(last).cmp(b.iter().map(last))
}

/// What all ranges share.
struct Work<'a> {
    plan: &'a TablePlan,
    slots: Vec<Prepared<'a>>,
    steps: Vec<Steps<'a>>,
    dimensions: Vec<Dimension>,
    contributions: Vec<Contribution>,
    /// How many largest contributors the rules look at.
    depth: usize,
    /// For each dimension how many ordinals it has, missing included, if all are few.
    radix: Option<Vec<usize>>,
}

/// What folding some ranges gave.
struct Folded {
    cells: Cells,
    base_rows: u64,
    /// By look-up.
    matched: Vec<u64>,
}

impl Folded {
    fn merge(mut self, other: Self) -> Result<Self> {
        self.cells = self.cells.merge(other.cells)?;
        self.base_rows += other.base_rows;
        for (matched, other) in self.matched.iter_mut().zip(other.matched) {
            *matched += other;
        }
        Ok(self)
    }
}

impl<'a> Work<'a> {
    fn new(linkage: &'a Linkage, plan: &'a TablePlan) -> Self {
        let extract = |source: usize| &linkage.extracts[source];
        let base = extract(plan.slots[0].source);
        let slots: Vec<Prepared<'a>> = plan
            .slots
            .iter()
            .map(|slot| Prepared::new(slot, base, extract(slot.source)))
            .collect();
        let slot_labels = |slot: usize, column: usize| -> Labels {
            let prepared = &slots[slot];
            let stored = match &prepared.slot.reduce {
                Some(reduce) => reduce.reductions[column]
                    .column
                    .and_then(|place| prepared.columns[place].as_ref()),
                None => prepared.columns[column].as_ref(),
            };
            stored.map_or_else(no_labels, Stored::labels)
        };
        let steps: Vec<Steps<'a>> = plan
            .derived
            .iter()
            .map(|derived| match derived.from {
                DerivedFrom::Column { slot, column } => {
                    let labels = match plan.slots[slot].columns[column].1 {
                        ColumnType::Boolean => boolean_labels().to_vec().into(),
                        _ => slot_labels(slot, column),
                    };
                    Steps::new(&derived.recipe, &labels)
                }
                DerivedFrom::Matched { .. } => Steps::new(&derived.recipe, &boolean_labels()),
            })
            .collect();
        let dimensions: Vec<Dimension> = plan
            .by
            .iter()
            .map(|dimension| Dimension {
                name: dimension.name.clone(),
                kind: dimension.kind,
                labels: match dimension.operand {
                    Operand::Slot { slot, column } => slot_labels(slot, column),
                    Operand::Derived(index) => steps[index].labels().clone(),
                },
            })
            .collect();
        let mut contributions = Vec::new();
        for measure in &plan.measures {
            let contribution = match measure.what {
                What::Persons => continue,
                What::Rows => Contribution::Rows,
                What::Sum { operand, .. } | What::Mean { operand, .. } => {
                    Contribution::Values(operand)
                }
            };
            if !contributions.contains(&contribution) {
                contributions.push(contribution);
            }
        }
        let radix = dimensions.iter().map(|dimension| match dimension.kind {
            ColumnType::Category => Some(dimension.labels.len() + 1),
            ColumnType::Boolean => Some(3),
            _ => None,
        });
        let radix: Option<Vec<usize>> = radix.collect();
        let cells = |radix: &Vec<usize>| {
            radix
                .iter()
                .try_fold(1usize, |cells, radix| cells.checked_mul(*radix))
        };
        Self {
            radix: radix.filter(|radix| cells(radix).is_some_and(|cells| cells <= DENSE_CELLS)),
            depth: plan.protect.dominance.map_or(2, |(n, _)| n.max(2)),
            plan,
            slots,
            steps,
            dimensions,
            contributions,
        }
    }

    fn nothing(&self) -> Folded {
        Folded {
            cells: Cells::new(self.radix.as_deref()),
            base_rows: 0,
            matched: vec![0; self.slots.len() - 1],
        }
    }

    fn fold_range(&self, mut folded: Folded, rows: &[Range<usize>]) -> Result<Folded> {
        let merged = merge(&self.slots, rows)?;
        folded.base_rows += merged.kept.len() as u64;
        for (matched, slot) in folded.matched.iter_mut().zip(&merged.slots[1..]) {
            *matched += slot.index.iter().filter(|index| **index != NOWHERE).count() as u64;
        }
        let mut columns = Columns::new(self, &merged);
        let mut holds = merged.kept.clone();
        for (operand, condition) in &self.plan.conditions {
            restrict(condition, columns.get(*operand)?, &mut holds);
        }
        for operand in self.operands() {
            columns.get(operand)?;
        }
        let dimensions: Vec<&Values> = self
            .plan
            .by
            .iter()
            .map(|dimension| columns.seen(dimension.operand))
            .collect();
        let contributions: Vec<Option<&Numbers>> = self
            .contributions
            .iter()
            .map(|contribution| match contribution {
                Contribution::Rows => None,
                Contribution::Values(operand) => match columns.seen(*operand) {
                    Values::Numbers { values, .. } => Some(values),
                    _ => unreachable!("the plan's checks allow measures of numbers only"),
                },
            })
            .collect();
        let mut person = Person::new(self);
        let mut row = 0;
        while row < holds.len() {
            let number = merged.persons[row];
            let end = (row..holds.len())
                .find(|&other| merged.persons[other] != number)
                .unwrap_or(holds.len());
            for row in (row..end).filter(|&row| holds[row]) {
                person.place(row, &dimensions)?;
            }
            person.add(&contributions, &mut folded.cells)?;
            row = end;
        }
        Ok(folded)
    }

    fn operands(&self) -> impl Iterator<Item = Operand> + '_ {
        let contributions =
            self.contributions
                .iter()
                .filter_map(|contribution| match contribution {
                    Contribution::Rows => None,
                    Contribution::Values(operand) => Some(*operand),
                });
        self.plan
            .by
            .iter()
            .map(|dimension| dimension.operand)
            .chain(contributions)
    }

    fn compute(&self, merged: &Merged, operand: Operand) -> Result<Values> {
        let index = match operand {
            Operand::Slot { slot, column } => {
                return Ok(merged.slots[slot].gather(&self.slots[slot], column));
            }
            Operand::Derived(index) => index,
        };
        let derived = &self.plan.derived[index];
        let values = match derived.from {
            DerivedFrom::Column { slot, column } => {
                merged.slots[slot].gather(&self.slots[slot], column)
            }
            DerivedFrom::Matched { slot } => {
                let index = merged.slots[slot].index.iter();
                Values::Booleans(index.map(|index| Some(*index != NOWHERE)).collect())
            }
        };
        let read = reread(&derived.recipe, values).ok_or_else(|| {
            Error::new(
                ErrorKind::Overflow,
                "a value is too large to be held exactly",
            )
            .in_column(&derived.name)
        })?;
        self.steps[index].apply(read).map_err(|refused| {
            Error::new(ErrorKind::Linkage, refused.rule).in_column(&derived.name)
        })
    }
}

/// Columns of a range, each gathered once.
struct Columns<'a> {
    work: &'a Work<'a>,
    merged: &'a Merged,
    seen: HashMap<Operand, Values>,
}

impl<'a> Columns<'a> {
    fn new(work: &'a Work<'a>, merged: &'a Merged) -> Self {
        Self {
            work,
            merged,
            seen: HashMap::new(),
        }
    }

    fn get(&mut self, operand: Operand) -> Result<&Values> {
        if !self.seen.contains_key(&operand) {
            let values = self.work.compute(self.merged, operand)?;
            self.seen.insert(operand, values);
        }
        Ok(self.seen(operand))
    }

    fn seen(&self, operand: Operand) -> &Values {
        &self.seen[&operand]
    }
}

/// One person's rows, each in its cell.
struct Person<'a> {
    work: &'a Work<'a>,
    /// The places of the rows, one after another.
    places: Vec<i64>,
    rows: Vec<usize>,
    total: PersonTotal,
}

impl<'a> Person<'a> {
    fn new(work: &'a Work<'a>) -> Self {
        Self {
            work,
            places: Vec::new(),
            rows: Vec::new(),
            total: PersonTotal::default(),
        }
    }

    fn place(&mut self, row: usize, dimensions: &[&Values]) -> Result<()> {
        for (values, dimension) in dimensions.iter().zip(&self.work.dimensions) {
            let ordinal = values.ordinal(row).ok_or_else(|| {
                Error::new(ErrorKind::Overflow, "is too large to be a dimension")
                    .in_column(&dimension.name)
            })?;
            self.places.push(ordinal);
        }
        self.rows.push(row);
        Ok(())
    }

    /// Adds the person to the cells of its rows, to each cell once.
    fn add(&mut self, values: &[Option<&Numbers>], cells: &mut Cells) -> Result<()> {
        let width = self.work.dimensions.len();
        let places = &self.places;
        let place = |at: usize| &places[at * width..(at + 1) * width];
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        if order.len() > 1 {
            order.sort_unstable_by(|&a, &b| place(a).cmp(place(b)));
        }
        for group in order.chunk_by(|&a, &b| place(a) == place(b)) {
            self.total.reset(values.len());
            self.total.rows = group.len() as u64;
            for (total, values) in self.total.values.iter_mut().zip(values) {
                for &at in group {
                    let value = match values {
                        None => Some(1),
                        Some(values) => values.get(self.rows[at]),
                    };
                    if let Some(value) = value {
                        *total = (plus(total.0, value)?, total.1 + 1);
                    }
                }
            }
            cells
                .cell(place(group[0]), || {
                    Accumulator::new(values.len(), self.work.depth)
                })
                .add(&self.total)?;
        }
        self.places.clear();
        self.rows.clear();
        Ok(())
    }
}

/// Cells by place: in an array where few are possible, in a hash map where many are.
struct Cells {
    /// For each dimension how many ordinals it has, missing included; if dense.
    radix: Option<Vec<usize>>,
    dense: Vec<Option<Box<Accumulator>>>,
    sparse: HashMap<Place, Accumulator>,
}

impl Cells {
    fn new(radix: Option<&[usize]>) -> Self {
        Self {
            radix: radix.map(<[usize]>::to_vec),
            dense: vec![None; radix.map_or(0, |radix| radix.iter().product())],
            sparse: HashMap::new(),
        }
    }

    fn cell(&mut self, place: &[i64], new: impl FnOnce() -> Accumulator) -> &mut Accumulator {
        let Some(radix) = &self.radix else {
            return self.sparse.entry(place.into()).or_insert_with(new);
        };
        // Missing has the last ordinal of its dimension.
        let digits = place
            .iter()
            .zip(radix)
            .map(|(&ordinal, &radix)| match ordinal {
                NO_ORDINAL => radix - 1,
                ordinal => ordinal as usize,
            });
        let number = digits
            .zip(radix)
            .fold(0, |number, (digit, radix)| number * radix + digit);
        self.dense[number].get_or_insert_with(|| Box::new(new()))
    }

    fn merge(mut self, other: Self) -> Result<Self> {
        for (cell, other) in self.dense.iter_mut().zip(other.dense) {
            match (cell.as_mut(), other) {
                (Some(cell), Some(other)) => cell.merge(&other)?,
                (None, Some(other)) => *cell = Some(other),
                (_, None) => {}
            }
        }
        for (place, other) in other.sparse {
            match self.sparse.entry(place) {
                Entry::Occupied(cell) => cell.into_mut().merge(&other)?,
                Entry::Vacant(cell) => {
                    cell.insert(other);
                }
            }
        }
        Ok(self)
    }

    /// The cells that have a row, with their places.
    fn into_list(self) -> Vec<(Place, Accumulator)> {
        let radix = self.radix.unwrap_or_default();
        let place = |mut number: usize| {
            let mut place = vec![0; radix.len()].into_boxed_slice();
            for (ordinal, &radix) in place.iter_mut().zip(&radix).rev() {
                *ordinal = match number % radix {
                    digit if digit == radix - 1 => NO_ORDINAL,
                    digit => digit as i64,
                };
                number /= radix;
            }
            place
        };
        let dense = self.dense.into_iter().enumerate();
        let dense = dense.filter_map(|(number, cell)| Some((place(number), *cell?)));
        dense.chain(self.sparse).collect()
    }
}
