//! One range of pseudonyms, merged: which base rows are kept, and for each of
//! them where each look-up's row is.

use std::ops::{AddAssign, Range};

use serde::{Deserialize, Serialize};

use super::prepared::{ColumnWindow, PreparedSlot};
use super::reduce::{reduce_all, reduce_for};
use super::rows::{SlotRange, SlotRows};
use super::search::positions;
use super::through::through_history;
use crate::column::{Index, NOWHERE, Values};
use crate::error::Result;
use crate::extract::{Part, PseudonymBytes, PseudonymColumn, ranges};
use crate::plan::document::Need;

/// A range of pseudonyms, merged. Its rows are the base rows that are kept:
/// those with a match in every look-up that needs one.
pub(crate) struct Merged {
    /// Base rows, kept or not.
    pub(crate) base_rows: u64,
    /// For each look-up, base rows with a match, kept or not.
    pub(crate) matches: Vec<Matches>,
    /// How many rows are kept.
    pub(crate) rows: usize,
    pub(crate) persons: Persons,
    /// The pseudonym of each row's person, if they were asked for.
    pub(crate) keys: Option<Vec<PseudonymBytes>>,
    /// What each slot gives to the rows, the base first.
    pub(crate) slots: Vec<MergedSlot>,
}

/// Base rows with a match in a look-up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Matches {
    /// All of them.
    pub(crate) rows: u64,
    /// Those that have it through the history only.
    pub(crate) through_history: u64,
}

impl AddAssign for Matches {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.through_history += other.through_history;
    }
}

/// Whose the rows are.
#[derive(Serialize, Deserialize)]
pub(crate) enum Persons {
    /// Each row is of another person.
    OneRowEach,
    /// A person's rows are adjacent; where each person's end.
    Ends(Vec<u32>),
}

/// One slot's part in a merged range.
pub(crate) struct MergedSlot {
    /// For each row, the row of the slot's columns, or [`NOWHERE`].
    index: Index,
    columns: MergeColumns,
}

enum MergeColumns {
    /// Of the extract.
    Window(ColumnWindow),
    /// What the extract's rows were reduced to, where the table needs it.
    Reduced(Vec<Option<Values>>),
}

impl Merged {
    /// Keeps only the rows that hold.
    pub(crate) fn retain(&mut self, holds: &[bool]) {
        let kept = places(holds);
        if let Persons::Ends(ends) = &mut self.persons {
            let left = |end: u32| kept.partition_point(|row| *row < end) as u32;
            *ends = ends.iter().map(|end| left(*end)).collect();
            // A person without rows ends where the one before does.
            ends.dedup();
            ends.retain(|end| *end > 0);
        }
        if let Some(keys) = &mut self.keys {
            *keys = kept.iter().map(|&row| keys[row as usize]).collect();
        }
        for slot in &mut self.slots {
            slot.index = match &slot.index {
                Index::All => Index::Rows(kept.clone()),
                Index::Rows(index) => {
                    Index::Rows(kept.iter().map(|&row| index[row as usize]).collect())
                }
            };
        }
        self.rows = kept.len();
    }
}

impl MergedSlot {
    /// A column of the slot for each row.
    ///
    /// # Panics
    ///
    /// If the column was not prepared.
    pub(crate) fn gather(&self, column: usize) -> Values {
        match &self.columns {
            MergeColumns::Window(window) => window.column(column).gather(&self.index),
            MergeColumns::Reduced(columns) => columns[column]
                .as_ref()
                .expect("a column that the table needs is prepared")
                .gather(&self.index),
        }
    }

    /// For each of `rows` rows whether the slot has one for it.
    pub(crate) fn matched(&self, rows: usize) -> Vec<bool> {
        match &self.index {
            Index::All => vec![true; rows],
            Index::Rows(index) => index.iter().map(|row| *row != NOWHERE).collect(),
        }
    }
}

/// Rows of the base in a range, so that what is made of them stays in cache.
const BASE_ROWS: usize = 1 << 14;

/// Rows of a look-up in a range. Most of a much larger one is leapt over.
const LOOKUP_ROWS: usize = 1 << 18;

/// The ranges that are merged, each by itself: the rows of each of `slots` whose
/// persons are in `part`, or all.
pub(crate) fn merge_ranges(slots: &[PreparedSlot<'_>], part: Option<Part>) -> Vec<Vec<SlotRange>> {
    // Of each slot the extract, then what the history moves of it.
    let keys = slots.iter().flat_map(|slot| {
        let moved = slot.moved.map_or(&[][..], |moved| &moved.keys);
        [slot.keys.clone(), PseudonymColumn::from_chunks(vec![moved])]
    });
    let keys: Vec<PseudonymColumn<'_>> = keys.collect();
    let mut shares = vec![LOOKUP_ROWS; keys.len()];
    shares[..2].fill(BASE_ROWS);
    let mut ranges = ranges(&keys, &shares);
    if let Some(part) = part {
        restrict(&mut ranges, &keys, part);
    }
    let ranges = ranges.into_iter();
    let slots = |ranges: Vec<_>| {
        let (pairs, _) = ranges.as_chunks();
        let slot = |[rows, moved]: &[_; 2]| SlotRange::new(rows, moved);
        pairs.iter().map(slot).collect()
    };
    ranges.map(slots).collect()
}

/// Leaves of each range only the rows whose persons are in `part`.
fn restrict(ranges: &mut Vec<Vec<Range<usize>>>, keys: &[PseudonymColumn<'_>], part: Part) {
    let own = keys.iter().map(|keys| {
        let end = part.end().map_or(keys.len(), |end| keys.lower_bound(end));
        keys.lower_bound(part.first())..end
    });
    let own: Vec<Range<usize>> = own.collect();
    for range in ranges.iter_mut() {
        for (rows, own) in range.iter_mut().zip(&own) {
            let start = rows.start.clamp(own.start, own.end);
            *rows = start..rows.end.clamp(start, own.end);
        }
    }
    ranges.retain(|range| range.iter().any(|rows| !rows.is_empty()));
}

/// A range whose look-ups are made, and no base row dropped yet.
pub(crate) struct LookedUp<'s, 'a> {
    slots: &'s [PreparedSlot<'a>],
    base_rows: BaseRows<'a>,
    /// By look-up.
    found: Vec<FoundLookup>,
}

/// Looks up the base rows of one range: `ranges` has the rows of each of
/// `slots`, the base first.
///
/// # Errors
///
/// A reduced sum that is too large to be held exactly.
pub(crate) fn look_up<'s, 'a>(
    slots: &'s [PreparedSlot<'a>],
    ranges: &'a [SlotRange],
) -> Result<LookedUp<'s, 'a>> {
    let (base, lookups) = slots.split_first().expect("a table has a base");
    let base_rows = BaseRows::new(base, &ranges[0])?;
    let mut found = Vec::with_capacity(lookups.len());
    for (lookup, range) in lookups.iter().zip(&ranges[1..]) {
        found.push(merge_lookup(lookup, range, &base_rows)?);
    }
    Ok(LookedUp {
        slots,
        base_rows,
        found,
    })
}

impl LookedUp<'_, '_> {
    /// A column of the base.
    ///
    /// # Panics
    ///
    /// If the column was not prepared.
    pub(crate) fn base_column(&self, column: usize) -> Values {
        self.base_rows.slot.gather(column)
    }

    /// Whose the base rows are.
    pub(crate) fn persons(&self) -> Persons {
        self.base_rows.persons(&self.slots[0], None)
    }

    /// For each look-up, which row each base row has there, or [`NOWHERE`].
    pub(crate) fn indices(&self) -> impl Iterator<Item = &[u32]> {
        self.found.iter().map(|found| found.index.as_slice())
    }

    /// Drops the base rows that lack a match which the plan requires; `keyed`
    /// asks for the pseudonyms of those that stay.
    pub(crate) fn keep(self, keyed: bool) -> Merged {
        kept(self.slots, self.base_rows, self.found, keyed)
    }
}

fn kept(
    slots: &[PreparedSlot<'_>],
    mut base_rows: BaseRows<'_>,
    found: Vec<FoundLookup>,
    keyed: bool,
) -> Merged {
    let (base, lookups) = slots.split_first().expect("a table has a base");
    let matches = found.iter().map(|slot| slot.matches);
    let matches = matches.collect();
    let needed = lookups.iter().zip(&found);
    let needed = needed.filter(|(lookup, found)| {
        lookup.slot.need == Need::Required && found.matches.rows < base_rows.keys().len() as u64
    });
    let needed: Vec<&[u32]> = needed.map(|(_, found)| found.index.as_slice()).collect();
    let total = base_rows.keys().len();
    let kept = kept_rows(total, &needed);
    let rows = kept.as_ref().map_or(total, Vec::len);
    let persons = base_rows.persons(base, kept.as_deref());
    let keys = keyed.then(|| match &kept {
        None => base_rows.keys().to_vec(),
        Some(kept) => {
            let keys = base_rows.keys();
            kept.iter().map(|&row| keys[row as usize]).collect()
        }
    });
    let pick = |index: Vec<u32>| match &kept {
        None => index,
        Some(kept) => kept.iter().map(|&row| index[row as usize]).collect(),
    };
    base_rows.slot.index = match (base_rows.slot.index, &kept) {
        (Index::All, None) => Index::All,
        (Index::All, Some(kept)) => Index::Rows(kept.clone()),
        (Index::Rows(index), _) => Index::Rows(pick(index)),
    };
    let mut slots = vec![base_rows.slot];
    slots.extend(found.into_iter().map(|found| MergedSlot {
        index: Index::Rows(pick(found.index)),
        columns: found.columns,
    }));
    Merged {
        base_rows: total as u64,
        matches,
        rows,
        persons,
        keys,
        slots,
    }
}

/// The rows of `rows` that all of `needed` have a match for; `None` if there
/// are no needs.
fn kept_rows(rows: usize, needed: &[&[u32]]) -> Option<Vec<u32>> {
    if needed.is_empty() {
        return None;
    }
    let mut keep = vec![true; rows];
    for index in needed {
        for (keep, found) in keep.iter_mut().zip(*index) {
            *keep &= *found != NOWHERE;
        }
    }
    Some(places(&keep))
}

/// Where `keep` is true.
fn places(keep: &[bool]) -> Vec<u32> {
    // Written always, counted only if kept: which is next cannot be predicted.
    let mut places = vec![0; keep.len()];
    let mut count = 0;
    for (place, keep) in keep.iter().enumerate() {
        places[count] = place as u32;
        count += usize::from(*keep);
    }
    places.truncate(count);
    places
}

/// The base rows of a range, before any look-up.
struct BaseRows<'a> {
    /// All of the range.
    all: SlotRows<'a>,
    /// Whose the base rows are, if they are not all of the range.
    keys: Option<Vec<PseudonymBytes>>,
    slot: MergedSlot,
}

impl<'a> BaseRows<'a> {
    fn new(base: &PreparedSlot<'a>, range: &'a SlotRange) -> Result<Self> {
        let all = base.rows(range);
        let window = base.window(&all);
        if base.slot.reduce.is_some() {
            let (keys, columns) = reduce_all(base, &window, &all.keys)?;
            return Ok(Self {
                all,
                keys: Some(keys),
                slot: MergedSlot {
                    index: Index::All,
                    columns: MergeColumns::Reduced(columns),
                },
            });
        }
        let Some(holds) = window.holds(&base.slot.conditions, &Index::All, all.keys.len()) else {
            return Ok(Self {
                all,
                keys: None,
                slot: MergedSlot {
                    index: Index::All,
                    columns: MergeColumns::Window(window),
                },
            });
        };
        let rows = places(&holds);
        Ok(Self {
            keys: Some(rows.iter().map(|&row| all.keys[row as usize]).collect()),
            all,
            slot: MergedSlot {
                index: Index::Rows(rows),
                columns: MergeColumns::Window(window),
            },
        })
    }

    /// Whose the base rows are.
    fn keys(&self) -> &[PseudonymBytes] {
        self.keys.as_deref().unwrap_or(&self.all.keys)
    }

    /// Whose the rows are that are `kept`, or all.
    fn persons(&self, base: &PreparedSlot<'_>, kept: Option<&[u32]>) -> Persons {
        if base.one_row_a_person() {
            return Persons::OneRowEach;
        }
        let keys = self.keys();
        let rows = kept.map_or(keys.len(), <[u32]>::len);
        let key = |row: usize| match kept {
            None => &keys[row],
            Some(kept) => &keys[kept[row] as usize],
        };
        let last = |row: &usize| row + 1 == rows || key(*row) != key(row + 1);
        let ends = (0..rows).filter(last).map(|row| row as u32 + 1);
        Persons::Ends(ends.collect())
    }
}

impl BaseRows<'_> {
    /// How many base rows have their match of `index` in `lookup` through the
    /// history only.
    fn through_history(&self, lookup: &SlotRows<'_>, index: &[u32]) -> u64 {
        let place = |row: usize| match &self.slot.index {
            Index::All => row,
            Index::Rows(rows) => rows[row] as usize,
        };
        let folded = matches!(self.slot.columns, MergeColumns::Reduced(_));
        let own: Option<&dyn Fn(usize) -> usize> = if folded { None } else { Some(&place) };
        through_history(&self.all, self.keys(), own, lookup, index)
    }
}

/// A look-up, found for each base row.
struct FoundLookup {
    index: Vec<u32>,
    matches: Matches,
    columns: MergeColumns,
}

fn merge_lookup<'a>(
    lookup: &PreparedSlot<'a>,
    range: &'a SlotRange,
    base: &BaseRows<'_>,
) -> Result<FoundLookup> {
    let rows = lookup.rows(range);
    let window = lookup.window(&rows);
    let found = positions(base.keys(), &rows.keys);
    let on = lookup.on(&base.all, &base.slot.index, &rows);
    let (index, columns) = if lookup.slot.reduce.is_some() {
        let reduced = reduce_for(lookup, &window, &rows.keys, found, base.keys(), &on)?;
        (reduced.index, MergeColumns::Reduced(reduced.columns))
    } else {
        // Such a look-up has at most one row a person.
        let mut index = found;
        if !on.is_empty() {
            for (row, found) in index.iter_mut().enumerate() {
                if *found != NOWHERE && !on.agree(row, *found as usize) {
                    *found = NOWHERE;
                }
            }
        }
        let conditions = &lookup.slot.conditions;
        let index = Index::Rows(index);
        let holds = window.holds(conditions, &index, base.keys().len());
        let Index::Rows(mut index) = index else {
            unreachable!("it was made two lines above");
        };
        for (found, holds) in index.iter_mut().zip(holds.into_iter().flatten()) {
            if !holds {
                *found = NOWHERE;
            }
        }
        (index, MergeColumns::Window(window))
    };
    Ok(FoundLookup {
        matches: Matches {
            rows: index.iter().filter(|row| **row != NOWHERE).count() as u64,
            through_history: base.through_history(&rows, &index),
        },
        index,
        columns,
    })
}
