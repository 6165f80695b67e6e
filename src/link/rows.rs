//! The rows of a slot in one range of pseudonyms: those that stay where they
//! lie, and those that the history moved there, as one sequence.

use std::borrow::Cow;
use std::ops::Range;

use super::moved::Moved;
use super::search::leap;
use crate::column::stored::Stored;
use crate::extract::{PseudonymBytes, PseudonymColumn, StoredColumn};

/// The rows of a slot that a range of pseudonyms covers.
pub(crate) struct SlotRange {
    /// In the extract.
    pub(super) rows: Range<usize>,
    /// Among the moved ones.
    pub(super) moved: Range<usize>,
}

impl SlotRange {
    pub(super) fn new(rows: &Range<usize>, moved: &Range<usize>) -> Self {
        Self {
            rows: rows.clone(),
            moved: moved.clone(),
        }
    }
}

/// The rows of a slot in a range.
pub(super) struct SlotRows<'a> {
    /// The current number of each.
    pub(super) keys: Cow<'a, [PseudonymBytes]>,
    /// Of those that were moved there: the current number, ascending, and the
    /// replaced one.
    pub(super) moved: (&'a [PseudonymBytes], &'a [PseudonymBytes]),
    range: &'a SlotRange,
    /// Where each is: in the extract's rows (0) or in the moved ones (1), and at
    /// which place of the range there. `None` if all are the extract's.
    order: Option<Vec<(usize, usize)>>,
}

impl<'a> SlotRows<'a> {
    pub(super) fn new(
        keys: &PseudonymColumn<'a>,
        moved: Option<&'a Moved>,
        range: &'a SlotRange,
    ) -> Self {
        let stored = keys.window(&range.rows);
        let moved = moved.map(|moved| {
            let arriving = range.moved.clone();
            let pairs = (&moved.keys[arriving.clone()], &moved.numbers[arriving]);
            (leaving(&moved.leaving, &range.rows), pairs)
        });
        let (leaving, pairs) = moved.unwrap_or_default();
        let gone = leaving.iter().map(|row| *row as usize - range.rows.start);
        let (keys, order) = match leaving.is_empty() && pairs.0.is_empty() {
            true => (stored, None),
            false => {
                let (keys, order) = merged(&stored, gone, pairs.0);
                (keys.into(), Some(order))
            }
        };
        Self {
            keys,
            moved: pairs,
            range,
            order,
        }
    }

    /// Whether the row at `place` was moved there, and if so from which number.
    pub(super) fn number(&self, place: usize) -> Option<&'a PseudonymBytes> {
        match self.order.as_ref()?[place] {
            (0, _) => None,
            (_, moved) => Some(&self.moved.1[moved]),
        }
    }
}

/// Those of the leaving rows that are in `rows`.
fn leaving<'a>(leaving: &'a [u32], rows: &Range<usize>) -> &'a [u32] {
    let place = |row: usize| leaving.partition_point(|other| (*other as usize) < row);
    &leaving[place(rows.start)..place(rows.end)]
}

/// Merges `keys` without the places `gone` with `moved`, all ascending: the
/// merged keys, and where each came from.
///
/// A person's rows then are adjacent; which of them is first does not
/// matter, as no figure depends on it.
fn merged(
    keys: &[PseudonymBytes],
    gone: impl Iterator<Item = usize>,
    moved: &[PseudonymBytes],
) -> (Vec<PseudonymBytes>, Vec<(usize, usize)>) {
    let most = keys.len() + moved.len();
    let (mut out, mut order) = (Vec::with_capacity(most), Vec::with_capacity(most));
    let mut gone = gone.peekable();
    let mut at = 0;
    for place in 0..=moved.len() {
        // Those that stay before the next one moved, run by run.
        let end = moved
            .get(place)
            .map_or(keys.len(), |key| leap(keys, at, key));
        while at < end {
            let stop = gone.next_if(|gone| *gone < end);
            let run = at..stop.unwrap_or(end);
            out.extend_from_slice(&keys[run.clone()]);
            order.extend(run.map(|row| (0, row)));
            at = stop.map_or(end, |gone| gone + 1);
        }
        if let Some(key) = moved.get(place) {
            out.push(*key);
            order.push((1, place));
        }
    }
    (out, order)
}

/// A column of a slot, with what was moved of it.
pub(super) struct SlotColumn<'a> {
    pub(super) stored: StoredColumn<'a>,
    pub(super) moved: Option<&'a Stored>,
}

impl SlotColumn<'_> {
    /// The values in `rows`.
    pub(super) fn window(&self, rows: &SlotRows<'_>) -> Stored {
        let stored = self.stored.window(&rows.range.rows);
        match (&rows.order, self.moved) {
            (Some(order), Some(moved)) => {
                let moved = moved.slice(&rows.range.moved);
                Stored::interleave(&[stored, moved], order)
            }
            _ => stored,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn merging_gives_what_sorting_again_gives(
            mut keys in prop::collection::vec(0..40u128, 0..60),
            mut moved in prop::collection::vec(0..40u128, 0..30),
            gone in prop::collection::vec(any::<bool>(), 60),
        ) {
            keys.sort_unstable();
            moved.sort_unstable();
            let bytes = |keys: &[u128]| -> Vec<PseudonymBytes> {
                keys.iter().map(|key| key.to_be_bytes()).collect()
            };
            let (keys, moved) = (bytes(&keys), bytes(&moved));
            let places = (0..keys.len()).filter(|row| gone[*row]);
            let (out, order) = merged(&keys, places, &moved);
            // The naive twin.
            let stays = (0..keys.len()).filter(|row| !gone[*row]).map(|row| (0, row));
            let mut all: Vec<(usize, usize)> = stays.collect();
            all.extend((0..moved.len()).map(|row| (1, row)));
            let key = |&(list, row): &(usize, usize)| [&keys, &moved][list][row];
            all.sort_by_key(key);
            prop_assert_eq!(&out, &all.iter().map(key).collect::<Vec<_>>());
            prop_assert_eq!(&out, &order.iter().map(key).collect::<Vec<_>>());
            let mut order = order;
            order.sort_unstable();
            all.sort_unstable();
            prop_assert_eq!(order, all);
        }
    }
}
