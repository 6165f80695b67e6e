//! Rows that a history moves: what is under a replaced number, in the order of the current ones.
//!
//! An extract stays as it is, mapped from its file. Apart from it are the rows
//! that a history moves, sorted by where they belong; the merge takes the one
//! without its leaving rows, and puts the other in. So a history of five
//! million numbers costs what the rows under those numbers cost, and not a
//! copy of the register: linking is so fast that copying would outweigh it.

use rayon::prelude::*;

use super::history::Successors;
use super::sieve::Sieve;
use crate::column::stored::Stored;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::extract::{Extract, PseudonymBytes, PseudonymColumn, ranges};
use crate::plan::document::RowsPerPerson;

/// Rows that are looked up together, so that what is made of them stays in cache.
const SHARE: usize = 1 << 14;

/// The rows of an extract that a history moves.
pub(crate) struct Moved {
    /// Which rows of the extract leave their place, ascending.
    pub(super) leaving: Vec<u32>,
    /// The current number of each of them, ascending.
    pub(super) keys: Vec<PseudonymBytes>,
    /// The replaced number of each, in the order of `keys`.
    pub(super) numbers: Vec<PseudonymBytes>,
    /// The source's columns, in the order of `keys`.
    pub(super) columns: Vec<Stored>,
}

/// One row on its way.
struct Moving {
    row: u32,
    current: PseudonymBytes,
    number: PseudonymBytes,
}

impl Moved {
    /// Finds the rows of `extract` that `successors` move.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Linkage`] if a person then has two rows, where the plan
    /// says `rows = "one"`.
    pub(super) fn new(extract: &Extract, successors: &Successors<'_>) -> Result<Self> {
        let mut moving = moving(extract, successors);
        let leaving = moving.iter().map(|moving| moving.row).collect();
        moving.par_sort_unstable_by_key(|moving| (u128::from_be_bytes(moving.current), moving.row));
        let keys: Vec<PseudonymBytes> = moving.iter().map(|moving| moving.current).collect();
        check_repeated(extract, &keys)?;
        let rows: Vec<u32> = moving.iter().map(|moving| moving.row).collect();
        let places = 0..extract.source().columns().len();
        let columns = places.into_par_iter();
        Ok(Self {
            leaving,
            numbers: moving.iter().map(|moving| moving.number).collect(),
            columns: columns.map(|at| extract.column(at).rows(&rows)).collect(),
            keys,
        })
    }
}

/// The rows under a replaced number, in the order of the extract.
fn moving(extract: &Extract, successors: &Successors<'_>) -> Vec<Moving> {
    let (keys, numbers) = (extract.keys(), successors.numbers());
    let ranges = ranges(&[keys.clone(), numbers.clone()], &[SHARE; 2]);
    let found = ranges.par_iter().flat_map_iter(|range| {
        let (rows, pairs) = (&range[0], &range[1]);
        let keys = keys.window(rows);
        let found = successors.find(&keys, pairs).into_iter();
        let moving = found.map(|(row, current)| Moving {
            row: (rows.start + row) as u32,
            current,
            number: keys[row],
        });
        moving.collect::<Vec<_>>()
    });
    found.collect()
}

/// Refuses a second row of a person, where the plan says that there is one.
/// `moved` are the current numbers that rows move to, ascending.
fn check_repeated(extract: &Extract, moved: &[PseudonymBytes]) -> Result<()> {
    let source = extract.source();
    if source.rows() != RowsPerPerson::One || moved.is_empty() {
        return Ok(());
    }
    let repeats = moved.windows(2).filter(|two| two[0] == two[1]).count() as u64;
    // Nobody leaves a current number: who is found there stays.
    let repeated = repeats + stay_there(&extract.keys(), moved);
    if repeated == 0 {
        return Ok(());
    }
    let rule = format!(
        "has {} of persons who have a row already, under another number, and the plan says rows = \"one\"",
        counted(repeated, "row")
    );
    let help = "say rows = \"many\" and how they are folded, or clean the register";
    let error = Error::new(ErrorKind::Linkage, rule).in_source(source.name());
    Err(error.help(help))
}

/// How many of `keys`, which ascend, are among the `moved` ones.
fn stay_there(keys: &PseudonymColumn<'_>, moved: &[PseudonymBytes]) -> u64 {
    let moved = PseudonymColumn::from_chunks(vec![moved]);
    let sieve = Sieve::new(&moved);
    let ranges = ranges(&[keys.clone(), moved.clone()], &[SHARE; 2]);
    let found = ranges.par_iter().map(|range| {
        let (keys, moved) = (keys.window(&range[0]), moved.window(&range[1]));
        sieve.find(&keys, &moved).count() as u64
    });
    found.sum()
}
