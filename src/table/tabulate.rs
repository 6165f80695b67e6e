//! Linked rows, folded into cells range by range.
//!
//! A range of pseudonyms is merged, the columns that the table needs are
//! gathered for its base rows, and each person's rows are added to their
//! cells. Ranges are independent: persons are in one range only.

mod columns;

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use columns::{GatheredColumns, needed};

use super::cells::{Cells, Contributed};
use super::groups::GroupCounts;
use super::partial::{Partial, SeenRows, bearers, lists};
use super::pending::{Pending, Uncommon};
use super::shape::{By, FoldShape, LinkedRows};
use super::yes_or_no::YesOrNo;
use super::{Contribution, Dimension};
use crate::column::condition::restrict;
use crate::column::steps::{Steps, boolean_labels};
use crate::column::{Labels, Values, no_labels};
use crate::error::{Error, Result};
use crate::extract::Part;
use crate::key::RecordKeys;
use crate::link::merge::{LookedUp, Matches, look_up, merge_ranges};
use crate::link::prepared::PreparedSlot;
use crate::link::{Linkage, SlotRange};
use crate::plan::ColumnType;
use crate::plan::table::{DerivedFrom, Operand, TablePlan};
use crate::watch::{Step, Watched};

/// Folds the rows of a table, by the names that the extracts have; cells keep the
/// `depth` largest contributors, and record keys are folded where they are given.
/// Persons of a category that fewer than `enough` have may be set apart. Of `part` only
/// its persons' rows are folded.
pub(super) fn tabulate(
    linkage: &Linkage,
    plan: &TablePlan,
    depth: usize,
    keys: Option<&RecordKeys>,
    enough: u64,
    part: Option<Part>,
) -> Result<Partial> {
    let work = RangeWork::new(linkage, plan, depth, keys);
    let ranges = merge_ranges(&work.slots, part);
    work.partial(&ranges, enough)
}

/// What all ranges share.
struct RangeWork<'a> {
    shape: FoldShape<'a>,
    plan: &'a TablePlan,
    slots: Vec<PreparedSlot<'a>>,
    steps: Vec<Steps<'a>>,
    /// With the names that the extracts have.
    dimensions: Vec<Dimension>,
    /// What match rates are reported by: no rows yet.
    groups: Vec<GroupCounts>,
    watched: &'a Watched,
}

/// What folding some ranges gave.
struct FoldedRanges {
    /// By grouping that rows are folded by, and then those that are counted.
    cells: Vec<Cells>,
    /// Rows of persons who were set apart.
    pending: Vec<Pending>,
    seen: SeenRows,
}

impl FoldedRanges {
    fn merge(mut self, other: Self) -> Result<Self> {
        let cells = self.cells.into_iter().zip(other.cells);
        self.cells = cells
            .map(|(cells, other)| cells.merge(other))
            .collect::<Result<_>>()?;
        self.pending.extend(other.pending);
        self.seen.merge(other.seen);
        Ok(self)
    }
}

impl<'a> RangeWork<'a> {
    fn new(
        linkage: &'a Linkage,
        plan: &'a TablePlan,
        depth: usize,
        keys: Option<&'a RecordKeys>,
    ) -> Self {
        let base = &plan.slots[0];
        let needed = needed(plan);
        let slots = plan.slots.iter().zip(needed);
        let slots: Vec<PreparedSlot<'a>> = slots
            .map(|(slot, needed)| PreparedSlot::new(linkage, slot, base, needed))
            .collect();
        let slot_labels = |slot: usize, column: usize| -> Labels {
            let prepared = &slots[slot];
            let place = match &prepared.slot.reduce {
                Some(reduce) => reduce.reductions[column].column,
                None => Some(column),
            };
            let labels = place.and_then(|place| prepared.labels(place));
            labels.map_or_else(no_labels, Labels::clone)
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
        let dimensions = plan.by.iter().map(|dimension| {
            let labels = match dimension.operand {
                Operand::Slot { slot, column } => slot_labels(slot, column),
                Operand::Derived(index) => steps[index].labels().clone(),
                Operand::Counted(_) => no_labels(),
            };
            Dimension::raw(dimension, labels)
        });
        let dimensions = dimensions.collect();
        let groups = plan.match_by.iter();
        let groups = groups.map(|by| GroupCounts::new(slot_labels(0, by.column), slots.len() - 1));
        let groups = groups.collect();
        debug_assert_eq!(slots[0].one_row_a_person(), plan.one_row_a_person);
        Self {
            shape: FoldShape::new(plan, depth, keys),
            plan,
            slots,
            steps,
            dimensions,
            groups,
            watched: &linkage.watched,
        }
    }

    /// All rows of the ranges, by the names that the extracts have.
    ///
    /// Where a person may have several rows, and few persons have a category, rows
    /// are folded twice: the second time those persons are set apart.
    fn partial(&self, ranges: &[Vec<SlotRange>], enough: u64) -> Result<Partial> {
        let counted = self.shape.counted();
        let by = By {
            dimensions: &self.dimensions,
            namings: None,
            groupings: self.shape.folded,
            counted: &counted,
        };
        let FoldedRanges {
            mut cells, seen, ..
        } = self.fold_all(ranges, &by, None)?;
        let counts = lists(
            cells.split_off(self.shape.folded.len()),
            &counted,
            &self.dimensions,
        )?;
        let lists_of = |cells| lists(cells, self.shape.folded, &self.dimensions);
        let mut lists = lists_of(cells)?;
        let bearers = bearers(&self.dimensions, &lists[0], &counted, &counts)?;
        let mut pending = Vec::new();
        let mut visible = None;
        let several = !self.plan.one_row_a_person;
        let uncommon = several
            .then(|| Uncommon::new(&self.shape, &self.dimensions, &bearers, enough))
            .flatten();
        if let Some(uncommon) = uncommon {
            visible = Some(self.shape.visible(&self.dimensions, &lists)?);
            let by = By { counted: &[], ..by };
            let folded = self.fold_all(ranges, &by, Some(&uncommon))?;
            lists = lists_of(folded.cells)?;
            pending = folded.pending;
        }
        Ok(Partial {
            dimensions: self.dimensions.clone(),
            bearers,
            visible,
            lists,
            pending,
            seen,
        })
    }

    fn nothing(&self, by: &By<'_>) -> FoldedRanges {
        FoldedRanges {
            cells: self.shape.nothing(by),
            pending: Vec::new(),
            seen: SeenRows {
                base_rows: 0,
                matches: vec![Matches::default(); self.slots.len() - 1],
                groups: self.groups.clone(),
                yes_or_no: vec![YesOrNo::default(); self.shape.contributions.len()],
            },
        }
    }

    /// Folds all ranges: each thread takes the next one until none is left.
    /// Figures add up to the same whoever took which.
    ///
    /// # Errors
    ///
    /// That of the first range that has one.
    fn fold_all<'r>(
        &'r self,
        ranges: &'r [Vec<SlotRange>],
        by: &By<'_>,
        apart: Option<&Uncommon>,
    ) -> Result<FoldedRanges> {
        let next = AtomicUsize::new(0);
        let of = ranges.len() as u64;
        let linked = |ranges| Step::Linked {
            table: &self.plan.name,
            ranges,
            of,
        };
        self.watched.at(linked(0))?;
        let take = |_| {
            let mut folded = self.nothing(by);
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(rows) = ranges.get(at) else {
                    return Ok(folded);
                };
                let range = self.fold_range(&mut folded, rows, by, apart);
                range
                    .and_then(|()| self.watched.at(linked(1)))
                    .map_err(|error| (at, error))?;
            }
        };
        let threads = rayon::current_num_threads().min(ranges.len());
        let folded: Vec<Result<FoldedRanges, (usize, Error)>> =
            (0..threads).into_par_iter().map(take).collect();
        let (folded, refused): (Vec<_>, Vec<_>) = folded.into_iter().partition(Result::is_ok);
        // What was folded before or after an error does not matter.
        let refused = refused.into_iter().filter_map(Result::err);
        if let Some((_, error)) = refused.min_by_key(|(at, _)| *at) {
            return Err(error);
        }
        let folded = folded.into_iter().flatten();
        let all = folded.map(Ok).reduce(|all, other| all?.merge(other?));
        all.unwrap_or_else(|| Ok(self.nothing(by)))
    }

    fn fold_range<'r>(
        &'r self,
        folded: &mut FoldedRanges,
        rows: &'r [SlotRange],
        by: &By<'_>,
        apart: Option<&Uncommon>,
    ) -> Result<()> {
        let found = look_up(&self.slots, rows)?;
        self.count_groups(folded, &found);
        let mut merged = found.keep(self.shape.keys.is_some());
        folded.seen.base_rows += merged.base_rows;
        for (total, matches) in folded.seen.matches.iter_mut().zip(&merged.matches) {
            *total += *matches;
        }
        // A derived column has a place for rows that count, and may have none for others.
        let is_derived = |operand: &Operand| matches!(operand, Operand::Derived(_));
        for derived in [false, true] {
            let conditions = self.plan.conditions.iter();
            let mut conditions = conditions
                .filter(|(operand, _)| is_derived(operand) == derived)
                .peekable();
            if conditions.peek().is_none() {
                continue;
            }
            let mut columns = GatheredColumns::new(self, &merged);
            let mut holds = vec![true; merged.rows];
            for (operand, condition) in conditions {
                restrict(condition, columns.get(*operand)?, &mut holds);
            }
            merged.retain(&holds);
        }
        let mut columns = GatheredColumns::new(self, &merged);
        for operand in self.operands() {
            columns.get(operand)?;
        }
        let contributed = self.shape.contributions.iter().enumerate();
        let contributed = contributed.map(|(at, contribution)| match contribution {
            Contribution::Rows => Contributed::Rows,
            Contribution::Values(operand) => match columns.seen(*operand) {
                Values::Numbers { values, scale } => {
                    folded.seen.yes_or_no[at].look(values, *scale);
                    Contributed::Values(values)
                }
                _ => unreachable!("the plan's checks allow measures of numbers only"),
            },
        });
        let contributed: Vec<Contributed<'_>> = contributed.collect();
        let dimensions = self.plan.by.iter();
        let rows = LinkedRows {
            rows: merged.rows,
            persons: &merged.persons,
            dimensions: dimensions.map(|by| columns.seen(by.operand)).collect(),
            contributed,
            pseudonyms: merged.keys.as_deref().unwrap_or_default(),
        };
        let Some(apart) = apart else {
            return self.shape.fold(&mut folded.cells, &rows, by);
        };
        let (apart, others) = apart.split(&rows);
        folded.pending.extend((apart.rows > 0).then_some(apart));
        self.shape.fold(&mut folded.cells, &others.rows(), by)
    }

    /// Counts base rows by group while all of them are there.
    fn count_groups(&self, folded: &mut FoldedRanges, found: &LookedUp<'_, '_>) {
        if self.plan.match_by.is_empty() {
            return;
        }
        let persons = found.persons();
        for (groups, by) in folded.seen.groups.iter_mut().zip(&self.plan.match_by) {
            groups.add(found, by.column, &persons);
        }
    }

    fn operands(&self) -> impl Iterator<Item = Operand> + '_ {
        let contributions =
            self.shape
                .contributions
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
}
