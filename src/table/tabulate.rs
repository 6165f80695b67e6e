//! Linked rows, folded into cells range by range.
//!
//! A range of pseudonyms is merged, the columns that the table needs are
//! gathered for its base rows, and each person's rows are added to their
//! cells. Ranges are independent: persons are in one range only.

mod columns;
mod publish;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use zeroize::Zeroizing;

use columns::{Columns, needed};

use super::cells::{Cells, Contributed, Radix};
use super::counted::of_persons;
use super::groups::Groups;
use super::margins::{Kept, LevelLabels};
use super::names::Naming;
use super::yes_or_no::{YesOrNo, refuse};
use super::{Confidential, Contribution, Dimension, MatchRate, Table};
use crate::column::condition::restrict;
use crate::column::steps::{Steps, boolean_labels};
use crate::column::{Labels, Values, no_labels};
use crate::error::{Error, Result};
use crate::key::{RecordKey, RecordKeys};
use crate::link::merge::{LookedUp, Matches, Merged, Persons, look_up, merge_ranges};
use crate::link::prepared::Prepared;
use crate::link::{Linkage, SlotRange};
use crate::plan::ColumnType;
use crate::plan::table::{DerivedFrom, Grouping, Operand, TablePlan, What};

/// A table whose cells keep the `depth` largest contributors, with record keys
/// folded where they are given; and what became of its names, unless that is given.
pub(super) fn tabulate(
    linkage: &Linkage,
    plan: &TablePlan,
    depth: usize,
    keys: Option<&RecordKeys>,
    given: Option<Vec<Naming>>,
) -> Result<(Table<Confidential>, Vec<Naming>)> {
    let work = Work::new(linkage, plan, depth, keys);
    let ranges = merge_ranges(&work.slots);
    let published = work.publish(&ranges, given)?;
    let sources = plan.slots.iter().skip(1).map(|slot| slot.name.clone());
    refuse(plan, &work.contributions, &published.yes_or_no)?;
    let rates = sources.zip(published.matches).enumerate();
    let rates = rates.map(|(look_up, (source, matches))| MatchRate {
        source,
        matched: matches.rows,
        unmatched: published.base_rows - matches.rows,
        through_history: linkage.plan.history().map(|_| matches.through_history),
        by: published
            .groups
            .iter()
            .map(|by| by.rates(look_up))
            .collect(),
    });
    let table = Table {
        name: plan.name.clone(),
        title: plan.title.clone(),
        match_rates: rates.collect(),
        dimensions: published.dimensions,
        listing: published.listing,
        blocks: published.blocks,
        contributions: work.contributions,
    };
    Ok((table, published.namings))
}

/// What all ranges share.
struct Work<'a> {
    plan: &'a TablePlan,
    slots: Vec<Prepared<'a>>,
    steps: Vec<Steps<'a>>,
    /// With the names that the extracts have.
    dimensions: Vec<Dimension>,
    /// What match rates are told by: no rows yet.
    groups: Vec<Groups>,
    contributions: Vec<Contribution>,
    /// How many largest contributors are kept.
    depth: usize,
    /// The groupings that rows are folded by. Others are rolled up.
    folded: &'a [Grouping],
    one_row_a_person: bool,
    keys: Option<&'a RecordKeys>,
}

/// What rows are folded by.
struct By<'a> {
    dimensions: &'a [Dimension],
    /// What becomes of the values before they are folded.
    namings: Option<&'a [Naming]>,
    groupings: &'a [Grouping],
    /// Groupings whose cells have numbers of persons and nothing else.
    counted: &'a [Grouping],
}

/// What folding some ranges gave.
struct Folded {
    /// By grouping that rows are folded by, and then those that are counted.
    cells: Vec<Cells>,
    base_rows: u64,
    /// By look-up.
    matches: Vec<Matches>,
    /// By dimension that match rates are told by.
    groups: Vec<Groups>,
    /// By contribution.
    yes_or_no: Vec<YesOrNo>,
}

impl Folded {
    fn merge(mut self, other: Self) -> Result<Self> {
        let cells = self.cells.into_iter().zip(other.cells);
        self.cells = cells
            .map(|(cells, other)| cells.merge(other))
            .collect::<Result<_>>()?;
        self.base_rows += other.base_rows;
        for (matches, other) in self.matches.iter_mut().zip(other.matches) {
            *matches += other;
        }
        for (groups, other) in self.groups.iter_mut().zip(&other.groups) {
            groups.merge(other);
        }
        for (seen, other) in self.yes_or_no.iter_mut().zip(other.yes_or_no) {
            seen.merge(other);
        }
        Ok(self)
    }
}

impl<'a> Work<'a> {
    fn new(
        linkage: &'a Linkage,
        plan: &'a TablePlan,
        depth: usize,
        keys: Option<&'a RecordKeys>,
    ) -> Self {
        let base = &plan.slots[0];
        let needed = needed(plan);
        let slots = plan.slots.iter().zip(needed);
        let slots: Vec<Prepared<'a>> = slots
            .map(|(slot, needed)| Prepared::new(linkage, slot, base, needed))
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
        let mut dimensions: Vec<Dimension> = plan
            .by
            .iter()
            .map(|dimension| Dimension {
                name: dimension.name.clone(),
                kind: dimension.kind,
                hidden: dimension.is_hidden(),
                labels: match dimension.operand {
                    Operand::Slot { slot, column } => slot_labels(slot, column),
                    Operand::Derived(index) => steps[index].labels().clone(),
                    Operand::Counted(_) => no_labels(),
                },
                levels: Vec::new(),
                ordinals: Box::default(),
                lacks: false,
                listed: Vec::new(),
            })
            .collect();
        for (dimension, planned) in dimensions.iter_mut().zip(&plan.by) {
            dimension.levels =
                LevelLabels::all(&planned.levels, &dimension.labels, &planned.names.rare);
        }
        let groups = plan.match_by.iter();
        let groups = groups.map(|by| Groups::new(slot_labels(0, by.column), slots.len() - 1));
        let groups = groups.collect();
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
        // Persons of one row are in one cell of each grouping.
        let one_row_a_person = slots[0].one_row_a_person();
        let folded = match one_row_a_person {
            true => 1,
            false => plan.groupings.len(),
        };
        Self {
            folded: &plan.groupings[..folded],
            one_row_a_person,
            keys,
            depth,
            plan,
            slots,
            steps,
            dimensions,
            groups,
            contributions,
        }
    }

    fn nothing(&self, by: &By<'_>) -> Folded {
        let radix = by.dimensions.iter().map(|dimension| match dimension.kind {
            ColumnType::Category => Some(dimension.labels.len() + 1),
            ColumnType::Boolean => Some(3),
            _ => None,
        });
        let radix: Vec<Radix> = radix.collect();
        let radix_of = |grouping| Kept::new(by.dimensions, grouping).radix(&radix);
        let folded = by.groupings.iter().map(|grouping| {
            let keyed = self.keys.is_some();
            let contributions = self.contributions.len();
            Cells::new(&radix_of(grouping), contributions, self.depth, keyed)
        });
        let counted = by.counted.iter();
        let counted = counted.map(|grouping| Cells::new(&radix_of(grouping), 0, 0, false));
        Folded {
            cells: folded.chain(counted).collect(),
            base_rows: 0,
            matches: vec![Matches::default(); self.slots.len() - 1],
            groups: self.groups.clone(),
            yes_or_no: vec![YesOrNo::default(); self.contributions.len()],
        }
    }

    /// Folds all ranges: each thread takes the next one until none is left.
    /// Figures add up to the same whoever took which.
    ///
    /// # Errors
    ///
    /// That of the first range that has one.
    fn fold_all<'r>(&'r self, ranges: &'r [Vec<SlotRange>], by: &By<'_>) -> Result<Folded> {
        let next = AtomicUsize::new(0);
        let take = |_| {
            let mut folded = self.nothing(by);
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(rows) = ranges.get(at) else {
                    return Ok(folded);
                };
                self.fold_range(&mut folded, rows, by)
                    .map_err(|error| (at, error))?;
            }
        };
        let threads = rayon::current_num_threads().min(ranges.len());
        let folded: Vec<Result<Folded, (usize, Error)>> =
            (0..threads).into_par_iter().map(take).collect();
        let (folded, refused): (Vec<_>, Vec<_>) = folded.into_iter().partition(Result::is_ok);
        // What was folded beside an error does not matter.
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
        folded: &mut Folded,
        rows: &'r [SlotRange],
        by: &By<'_>,
    ) -> Result<()> {
        let found = look_up(&self.slots, rows)?;
        self.count_groups(folded, &found);
        let mut merged = found.keep(self.keys.is_some());
        folded.base_rows += merged.base_rows;
        for (total, matches) in folded.matches.iter_mut().zip(&merged.matches) {
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
            let mut columns = Columns::new(self, &merged);
            let mut holds = vec![true; merged.rows];
            for (operand, condition) in conditions {
                restrict(condition, columns.get(*operand)?, &mut holds);
            }
            merged.retain(&holds);
        }
        let mut columns = Columns::new(self, &merged);
        for operand in self.operands() {
            columns.get(operand)?;
        }
        let dimensions = self.plan.by.iter().enumerate();
        let dimensions = dimensions.map(|(at, dimension)| {
            let values = columns.seen(dimension.operand);
            match by.namings {
                Some(namings) => namings[at].values(values),
                None => Cow::Borrowed(values),
            }
        });
        let dimensions: Vec<Cow<'_, Values>> = dimensions.collect();
        let dimensions: Vec<&Values> = dimensions.iter().map(|values| &**values).collect();
        let contributed = self.contributions.iter().enumerate();
        let contributed: Vec<Contributed<'_>> = contributed
            .map(|(at, contribution)| match contribution {
                Contribution::Rows => Contributed::Rows,
                Contribution::Values(operand) => match columns.seen(*operand) {
                    Values::Numbers { values, scale } => {
                        folded.yes_or_no[at].look(values, *scale);
                        Contributed::Values(values)
                    }
                    _ => unreachable!("the plan's checks allow measures of numbers only"),
                },
            })
            .collect();
        let (rows, persons) = (merged.rows, &merged.persons);
        let keys = self.record_keys(&merged);
        let (full, counted) = folded.cells.split_at_mut(by.groupings.len());
        let conditions = &self.plan.counted;
        for (cells, grouping) in full.iter_mut().zip(by.groupings) {
            let own = of_persons(&dimensions, by.dimensions, grouping, conditions, persons)?;
            let own: Vec<&Values> = own.iter().map(|values| &**values).collect();
            let (kept, names) = Kept::new(by.dimensions, grouping).values(&own)?;
            let kept: Vec<&Values> = kept.iter().map(|values| &**values).collect();
            cells.add(&kept, &names, rows, persons, &contributed, &keys)?;
        }
        for (cells, grouping) in counted.iter_mut().zip(by.counted) {
            let (kept, names) = Kept::new(by.dimensions, grouping).values(&dimensions)?;
            let kept: Vec<&Values> = kept.iter().map(|values| &**values).collect();
            cells.add(&kept, &names, rows, persons, &[], &[])?;
        }
        Ok(())
    }

    /// The record key of each row's person, if they are folded.
    fn record_keys(&self, merged: &Merged) -> Zeroizing<Vec<RecordKey>> {
        match (self.keys, &merged.keys, &merged.persons) {
            (Some(keys), Some(pseudonyms), Persons::Ends(ends)) => {
                keys.keys_of_rows(pseudonyms, ends)
            }
            (Some(keys), Some(pseudonyms), _) => keys.keys(pseudonyms),
            _ => Zeroizing::default(),
        }
    }

    /// Counts base rows by group while all of them are there.
    fn count_groups(&self, folded: &mut Folded, found: &LookedUp<'_, '_>) {
        if self.plan.match_by.is_empty() {
            return;
        }
        let persons = found.persons();
        for (groups, by) in folded.groups.iter_mut().zip(&self.plan.match_by) {
            groups.add(found, by.column, &persons);
        }
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
}
