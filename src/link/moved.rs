//! Rows that a history moves: what stands under a replaced number, in the order of the current ones.
//!
//! An extract stays as it is, mapped from its file. Beside it stand the rows
//! that a history moves, sorted by where they belong; the merge takes the one
//! without its leaving rows, and puts the other in. So a history of five
//! million numbers costs what the rows under those numbers cost, and not a
//! copy of the register: linking is so fast that copying would outweigh it.

use rayon::prelude::*;

use super::history::Successors;
use super::search::positions;
use crate::column::NOWHERE;
use crate::column::stored::Stored;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::extract::{Extract, Key, Keys, ranges};
use crate::plan::document::RowsPerPerson;

/// Rows that are looked up together.
const SHARE: usize = 1 << 16;

/// The rows of an extract that a history moves.
pub(crate) struct Moved {
    /// Which rows of the extract leave their place, ascending.
    pub(super) leaving: Vec<u32>,
    /// The current number of each of them, ascending.
    pub(super) keys: Vec<Key>,
    /// The replaced number of each, in the order of `keys`.
    pub(super) numbers: Vec<Key>,
    /// The source's columns, in the order of `keys`.
    pub(super) columns: Vec<Stored>,
}

/// One row on its way.
struct Moving {
    /// The leading half of its current number.
    leading: u64,
    row: u32,
    /// Its place among the successors.
    number: u32,
}

impl Moved {
    /// Finds the rows of `extract` that `successors` move.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Linkage`] if a person then has two rows, where the plan
    /// says `rows = "one"`.
    pub(super) fn new(extract: &Extract, successors: &Successors) -> Result<Self> {
        let mut moving = moving(extract, successors);
        let leaving = moving.iter().map(|moving| moving.row).collect();
        let current = |moving: &Moving| &successors.currents[moving.number as usize];
        moving.par_sort_unstable_by(|a, b| {
            let leading = a.leading.cmp(&b.leading);
            // Rows that move to one number, nearly always of one person.
            leading.then_with(|| current(a).cmp(current(b)).then(a.row.cmp(&b.row)))
        });
        let keys: Vec<Key> = moving.iter().map(|moving| *current(moving)).collect();
        check_repeated(extract, &keys)?;
        let number = |moving: &Moving| successors.numbers[moving.number as usize];
        let rows: Vec<u32> = moving.iter().map(|moving| moving.row).collect();
        let places = 0..extract.source().columns().len();
        let columns = places.into_par_iter();
        Ok(Self {
            leaving,
            numbers: moving.iter().map(number).collect(),
            columns: columns.map(|at| extract.column(at).rows(&rows)).collect(),
            keys,
        })
    }
}

/// The rows under a replaced number, in the order of the extract.
fn moving(extract: &Extract, successors: &Successors) -> Vec<Moving> {
    let keys = extract.keys();
    let numbers = Keys::from_chunks(vec![&successors.numbers]);
    let ranges = ranges(&[keys.clone(), numbers.clone()], &[SHARE; 2]);
    let found = ranges.par_iter().flat_map_iter(|range| {
        let (rows, numbers) = (&range[0], &range[1]);
        let wanted = &successors.numbers[numbers.clone()];
        let places = positions(&keys.window(rows), wanted);
        let (row, number) = (rows.start as u32, numbers.start as u32);
        let moving = |(at, place): (usize, u32)| {
            let number = number + place;
            let current = successors.currents[number as usize];
            Moving {
                leading: (u128::from_be_bytes(current) >> 64) as u64,
                row: row + at as u32,
                number,
            }
        };
        let found = places.into_iter().enumerate();
        let found = found.filter(|(_, place)| *place != NOWHERE).map(moving);
        found.collect::<Vec<_>>()
    });
    found.collect()
}

/// Refuses a second row of a person, where the plan says that there is one.
/// `moved` are the current numbers that rows move to, ascending.
fn check_repeated(extract: &Extract, moved: &[Key]) -> Result<()> {
    let source = extract.source();
    if source.rows() != RowsPerPerson::One {
        return Ok(());
    }
    // Nobody leaves a current number: who is found there stays.
    let stays = found(moved, &extract.keys());
    let repeats = moved.windows(2).filter(|two| two[0] == two[1]).count() as u64;
    // A person that has a row there already has no first row among the moved.
    let persons = moved.iter().zip(&stays).enumerate();
    let first =
        persons.filter(|(at, (key, stays))| **stays && (*at == 0 || moved[at - 1] != **key));
    let repeated = repeats + first.count() as u64;
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

/// For each of `wanted`, which ascend, whether it is one of `keys`.
fn found(wanted: &[Key], keys: &Keys<'_>) -> Vec<bool> {
    let list = Keys::from_chunks(vec![wanted]);
    let ranges = ranges(&[list, keys.clone()], &[SHARE; 2]);
    let found = ranges.par_iter().flat_map_iter(|range| {
        let places = positions(&wanted[range[0].clone()], &keys.window(&range[1]));
        places.into_iter().map(|place| place != NOWHERE)
    });
    found.collect()
}
