//! The extract of a history: pairs of pseudonyms, each with the day from which it holds.
//!
//! ```text
//!   pseudonym   current   valid_from
//!   a           f         2019-03-01      the person a is f since then
//!   b           f         2021-10-15
//! ```
//!
//! Both columns hold pseudonyms of the domain, so the linkage unit learns that
//! two of them are one person's, and no number. Pairs are sorted by the
//! replaced pseudonym, then by the rest; the register's order is gone. They
//! have no column but these and no labels, so they are sorted as plain numbers.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{Array, ArrayRef, Date32Array, FixedSizeBinaryArray};
use arrow_buffer::Buffer;
use rayon::prelude::*;

use super::window::{PseudonymBytes, PseudonymColumn, array_window};
use super::{BATCH_ROWS, Extract, Header, sort};
use crate::column::Values;
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{Identified, RowCounts};
use crate::key::DomainKey;
use crate::plan::Plan;
use crate::pseudonym::{Pseudonym, WIDTH, current_pseudonyms, pseudonyms};
use crate::rows::Rows;
use crate::watch::{Step, Watched};

/// The replaced pseudonym, the current one, and the day, since 1970-01-01.
pub(crate) type Pair = (Pseudonym, Pseudonym, i32);

/// Pairs that are verified together.
const ROWS: usize = 1 << 16;

/// The pairs of `rows`.
pub(super) fn pairs(rows: &Identified, key: &DomainKey) -> Result<Vec<Pair>> {
    let numbers = pseudonyms(rows, key)?;
    let currents = current_pseudonyms(rows, key)?;
    let columns = rows.batches.iter().map(|batch| &batch.columns);
    Ok(pairs_of(&numbers, &currents, columns))
}

/// The pairs of batches; a row without a day is none.
pub(crate) fn pairs_of<'a>(
    numbers: &[Vec<Pseudonym>],
    currents: &[Vec<Pseudonym>],
    columns: impl IntoIterator<Item = &'a Vec<Values>>,
) -> Vec<Pair> {
    let days = columns.into_iter().map(|columns| match &columns[..] {
        [Values::Dates(days)] => days.as_slice(),
        _ => unreachable!("a history declares one column, of days"),
    });
    let batches = numbers.iter().zip(currents).zip(days);
    let pairs = batches.flat_map(|((numbers, currents), days)| {
        let rows = numbers.iter().zip(currents).zip(days);
        rows.filter_map(|((&number, &current), day)| Some((number, current, (*day)?)))
    });
    pairs.collect()
}

impl Rows {
    /// The extract of a history, identified some batches at a time.
    pub(super) fn history_in_turn(self, key: &DomainKey) -> Result<Extract> {
        let (plan, source) = self.plan_and_source();
        let watched = self.watched();
        let mut counts = RowCounts::default();
        let mut held = Vec::new();
        for identified in self.identify_in_turn(rayon::current_num_threads()) {
            let identified = identified?;
            counts.add(identified.counts());
            held.extend(pairs(&identified, key)?);
        }
        let header = Header::new(&plan, source, key.check(), &counts)?;
        Extract::of_pairs(plan, source, header, held, &watched)
    }
}

impl Extract {
    /// The extract of a history with these pairs, in any order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rows`] if there are too many; [`ErrorKind::Cancelled`].
    pub(crate) fn of_pairs(
        plan: Plan,
        source: usize,
        header: Header,
        mut pairs: Vec<Pair>,
        watched: &Watched,
    ) -> Result<Self> {
        let name = plan.sources()[source].name();
        sort::check_rows(pairs.len() as u64).map_err(|error| error.in_source(name))?;
        pairs.par_sort_unstable();
        let rows = pairs.len() as u64;
        watched.at(Step::Sorted { source: name, rows })?;
        // A history without pairs still has one chunk.
        let chunks = (0..pairs.len().max(1)).step_by(BATCH_ROWS);
        let chunks: Vec<[ArrayRef; 3]> = chunks
            .map(|from| arrays(&pairs[from..pairs.len().min(from + BATCH_ROWS)]))
            .collect();
        let column = |place: usize| chunks.iter().map(|c| Arc::clone(&c[place])).collect();
        Ok(Self {
            columns: [0, 1, 2].map(column).into(),
            plan,
            source,
            header,
            content: OnceLock::new(),
            spilled: None,
        })
    }

    /// The pairs, if this is the extract of a history.
    pub(crate) fn history(&self) -> Option<History<'_>> {
        self.source()
            .is_history()
            .then(|| History::of(&self.columns))
    }
}

fn arrays(pairs: &[Pair]) -> [ArrayRef; 3] {
    let keys = |of: fn(&Pair) -> Pseudonym| -> ArrayRef {
        let keys: Vec<PseudonymBytes> = pairs.iter().map(|pair| of(pair).to_be_bytes()).collect();
        let bytes = Buffer::from_vec(keys.into_flattened());
        Arc::new(FixedSizeBinaryArray::new(WIDTH as i32, bytes, None))
    };
    let days = Date32Array::from_iter_values(pairs.iter().map(|pair| pair.2));
    [keys(|pair| pair.0), keys(|pair| pair.1), Arc::new(days)]
}

/// The pairs of a history's extract, in its order.
#[derive(Clone)]
pub(crate) struct History<'a> {
    /// The replaced pseudonyms, ascending.
    pub(crate) numbers: PseudonymColumn<'a>,
    currents: PseudonymColumn<'a>,
    days: &'a [ArrayRef],
}

impl<'a> History<'a> {
    fn of(columns: &'a [Vec<ArrayRef>]) -> Self {
        Self {
            numbers: PseudonymColumn::of(&columns[0]),
            currents: PseudonymColumn::of(&columns[1]),
            days: &columns[2],
        }
    }

    /// The current pseudonym of the pair at `place`.
    pub(crate) fn current(&self, place: usize) -> PseudonymBytes {
        self.currents.get(place).to_be_bytes()
    }

    /// The pairs in the rows of `range`.
    pub(crate) fn window(&self, range: &Range<usize>) -> Pairs<'a> {
        Pairs {
            numbers: self.numbers.window(range),
            currents: self.currents.window(range),
            days: array_window(self.days, &self.numbers.starts(), range),
        }
    }
}

/// Some pairs in succession.
pub(crate) struct Pairs<'a> {
    numbers: Cow<'a, [PseudonymBytes]>,
    currents: Cow<'a, [PseudonymBytes]>,
    days: ArrayRef,
}

impl Pairs<'_> {
    /// The pair at `place`, if there is one.
    pub(crate) fn get(&self, place: usize) -> Option<(&PseudonymBytes, &PseudonymBytes, i32)> {
        let days = self.days.as_primitive::<Date32Type>();
        let number = self.numbers.get(place)?;
        Some((number, &self.currents[place], days.value(place)))
    }

    /// The replaced pseudonyms.
    pub(crate) fn numbers(&self) -> &[PseudonymBytes] {
        &self.numbers
    }

    /// Each pair: replaced, current, day.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PseudonymBytes, &PseudonymBytes, i32)> {
        let days = self.days.as_primitive::<Date32Type>().values();
        let rows = self.numbers.iter().zip(self.currents.iter()).zip(days);
        rows.map(|((number, current), day)| (number, current, *day))
    }
}

/// Verifies that pairs ascend, and that each has a day.
///
/// # Errors
///
/// [`ErrorKind::Extract`] with the first row that does not.
pub(super) fn check(columns: &[Vec<ArrayRef>]) -> Result<()> {
    let refuse = |rule: &str| Error::new(ErrorKind::Extract, rule);
    if columns[2].iter().any(|days| days.null_count() > 0) {
        return Err(refuse("a pair does not say from which day it holds"));
    }
    let history = History::of(columns);
    let blocks: Vec<usize> = (1..history.numbers.len()).step_by(ROWS).collect();
    let refused = blocks.into_par_iter().find_map_first(|start| {
        let end = history.numbers.len().min(start + ROWS);
        // Each pair is compared with the one before it, also the block's first.
        let pairs = history.window(&(start - 1..end));
        let place = pairs.iter().zip(pairs.iter().skip(1));
        let place = place.into_iter().position(|(one, other)| one > other);
        place.map(|place| {
            let error = refuse("its pairs are not sorted");
            error.at_row((start + place) as u64 + 1)
        })
    });
    refused.map_or(Ok(()), Err)
}
