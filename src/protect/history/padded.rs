//! Suppressed numbers as the ledger keeps them: under pads.
//!
//! Later releases must leave uncertain what an earlier one suppressed, and to show
//! that, the linkage unit needs the numbers. Whoever reads the ledger must not have
//! them. So each is added to a pad, modulo 2¹²⁸, which the release key gives for all that
//! the number depends on: a cell's rows, what they hold, the plan. Where these are
//! the same, so is the number; of others the pad discloses nothing.

use crate::key::ReleaseKey;
use crate::ledger::entry::{CellEntry, Fingerprint, Padded, UnsafeSum};

/// What gives the pads of a release.
#[derive(Clone, Copy)]
pub(in crate::protect) struct Pads<'a> {
    pub(in crate::protect) key: &'a ReleaseKey,
    /// Protection levels depend on the plan.
    pub(in crate::protect) plan_digest: &'a str,
}

impl Pads<'_> {
    /// A number of persons, whose rows are these.
    pub(in crate::protect) fn persons(&self, persons: u64, rows: Fingerprint) -> Padded {
        add(persons.into(), self.of_persons(rows))
    }

    /// The persons of a cell.
    pub(in crate::protect) fn persons_of(&self, cell: &CellEntry) -> i128 {
        take(cell.padded, self.of_persons(cell.rows))
    }

    /// A sum of what these `rows` hold, and its protection level.
    pub(in crate::protect) fn sum(
        &self,
        (value, level): (i128, i128),
        rows: Fingerprint,
        held: Fingerprint,
    ) -> UnsafeSum {
        let [first, second] = self.of_sum(rows, held);
        UnsafeSum {
            value: add(value, first),
            level: add(level, second),
        }
    }

    /// The unsafe sum of a quantity in a cell, and its protection level.
    pub(in crate::protect) fn sum_of(
        &self,
        cell: &CellEntry,
        quantity: usize,
    ) -> Option<(i128, i128)> {
        let sum = cell.unsafe_sums[quantity]?;
        let [first, second] = self.of_sum(cell.rows, cell.fingerprints[quantity]);
        Some((take(sum.value, first), take(sum.level, second)))
    }

    fn of_persons(&self, rows: Fingerprint) -> u128 {
        let pads = self.key.derive(b"persons pad", &[&rows.0.to_be_bytes()]);
        halves(pads.expose())[0]
    }

    fn of_sum(&self, rows: Fingerprint, held: Fingerprint) -> [u128; 2] {
        let (rows, held) = (rows.0.to_be_bytes(), held.0.to_be_bytes());
        let of: [&[u8]; 3] = [&rows, &held, self.plan_digest.as_bytes()];
        halves(self.key.derive(b"sum pads", &of).expose())
    }
}

fn halves(pads: &[u8; 32]) -> [u128; 2] {
    let (first, second) = pads.split_at(16);
    [first, second].map(|half| u128::from_be_bytes(half.try_into().expect("16 bytes")))
}

fn add(number: i128, pad: u128) -> Padded {
    Padded((number as u128).wrapping_add(pad))
}

fn take(padded: Padded, pad: u128) -> i128 {
    padded.0.wrapping_sub(pad) as i128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::entry::{Figure, Signs};

    fn cell(padded: Padded, sum: UnsafeSum) -> CellEntry {
        CellEntry {
            at: Vec::new(),
            rows: Fingerprint(77),
            persons: None,
            padded,
            sketch: None,
            fingerprints: vec![Fingerprint(5)],
            singletons: vec![None],
            figures: vec![Figure::Primary],
            contributions: vec![None],
            signs: vec![Signs::Mixed],
            unsafe_sums: vec![Some(sum)],
        }
    }

    #[test]
    fn numbers_come_back_under_their_own_key_plan_and_rows_only() {
        let [key, other] = [(); 2].map(|()| ReleaseKey::generate().expect("random bytes"));
        let pads = |key, plan_digest| Pads { key, plan_digest };
        let own = pads(&key, "a plan");
        let rows = Fingerprint(77);
        let kept = cell(
            own.persons(3, rows),
            own.sum((-450, 12), rows, Fingerprint(5)),
        );
        assert_eq!(own.persons_of(&kept), 3);
        assert_eq!(own.sum_of(&kept, 0), Some((-450, 12)));
        assert_ne!(kept.padded, Padded(3));

        let stranger = pads(&other, "a plan");
        assert_ne!(stranger.persons_of(&kept), 3);
        let of_stranger = stranger.sum_of(&kept, 0).unwrap();
        assert!(of_stranger.0 != -450 && of_stranger.1 != 12);
        // The persons of the same rows are the same under any plan; a level is not.
        let another = pads(&key, "another plan");
        assert_eq!(another.persons_of(&kept), 3);
        assert_ne!(another.sum_of(&kept, 0).unwrap().1, 12);
        let moved = CellEntry {
            rows: Fingerprint(78),
            ..kept
        };
        assert_ne!(own.persons_of(&moved), 3);
        assert_ne!(own.sum_of(&moved, 0).unwrap().0, -450);
    }
}
