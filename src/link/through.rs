//! Base rows that a look-up matches only through the history.
//!
//! A person who has a D-number in one register and a fødselsnummer in the
//! other would not have been found. How many such rows there are shows what the
//! history was worth, and what its absence would have cost.

use super::rows::SlotRows;
use super::search::leap;
use crate::column::NOWHERE;
use crate::extract::PseudonymBytes;

/// Of the base rows whose match is in `index`, those none of whose own numbers
/// is one of the person's numbers in the look-up, whatever the look-up's
/// conditions.
///
/// `keys` are the current numbers of the base rows, ascending, and `own` gives
/// the place of each among `base`; or is `None` where a person's rows were
/// folded to one, whose numbers are then those of all of them.
pub(super) fn through_history(
    base: &SlotRows<'_>,
    keys: &[PseudonymBytes],
    own: Option<&dyn Fn(usize) -> usize>,
    lookup: &SlotRows<'_>,
    index: &[u32],
) -> u64 {
    if base.moved.0.is_empty() && lookup.moved.0.is_empty() {
        return 0;
    }
    let (mut theirs, mut ours) = (SlotNumbers::new(lookup), SlotNumbers::new(base));
    let (mut row, mut count) = (0, 0);
    // Of everybody else, all rows in both have the current number.
    for key in either(base.moved.0, lookup.moved.0) {
        row = leap(keys, row, key);
        if keys.get(row) != Some(key) {
            continue;
        }
        let (theirs, ours) = (theirs.of(key), ours.of(key));
        let shared = ours
            .replaced
            .iter()
            .any(|own| theirs.replaced.contains(own));
        let folded = ours.current && theirs.current || shared;
        while keys.get(row) == Some(key) {
            let direct = match own {
                None => folded,
                Some(place) => match base.number(place(row)) {
                    None => theirs.current,
                    Some(number) => theirs.replaced.contains(number),
                },
            };
            count += u64::from(index[row] != NOWHERE && !direct);
            row += 1;
        }
    }
    count
}

/// The keys of both ascending lists, each once, ascending.
fn either<'a>(
    mut a: &'a [PseudonymBytes],
    mut b: &'a [PseudonymBytes],
) -> impl Iterator<Item = &'a PseudonymBytes> {
    std::iter::from_fn(move || {
        let key = match (a.first(), b.first()) {
            (Some(one), Some(other)) => one.min(other),
            (one, other) => one.or(other)?,
        };
        for list in [&mut a, &mut b] {
            let same = list.iter().take_while(|other| *other == key).count();
            *list = &list[same..];
        }
        Some(key)
    })
}

/// The numbers that persons, asked for in ascending order, have in a slot.
struct SlotNumbers<'a, 'r> {
    rows: &'r SlotRows<'a>,
    /// Up to where the moved rows are behind.
    moved: usize,
    /// Up to where all rows are behind.
    at: usize,
}

/// One person's numbers in a slot.
struct PersonNumbers<'a> {
    /// Whether a row has the current number.
    current: bool,
    /// The replaced numbers that rows have.
    replaced: &'a [PseudonymBytes],
}

impl<'a, 'r> SlotNumbers<'a, 'r> {
    fn new(rows: &'r SlotRows<'a>) -> Self {
        Self {
            rows,
            moved: 0,
            at: 0,
        }
    }

    /// The numbers of the person whose current one is `key`, not less than the last.
    fn of(&mut self, key: &PseudonymBytes) -> PersonNumbers<'a> {
        let (keys, numbers) = self.rows.moved;
        self.moved = leap(keys, self.moved, key);
        let moved = keys[self.moved..].iter().take_while(|other| *other == key);
        let moved = moved.count();
        self.at = leap(&self.rows.keys, self.at, key);
        PersonNumbers {
            // One more row than were moved there.
            current: self.rows.keys.get(self.at + moved) == Some(key),
            replaced: &numbers[self.moved..self.moved + moved],
        }
    }
}
