//! Record keys by cell: sums that distinguish cells of the same persons, or rows, from others.
//!
//! Unlike figures they are seldom needed, so they are folded separately, and
//! no row without a key passes through here.

use super::figures::{Contributed, PersonShares};
use crate::column::{NO_ORDINAL, WholeNumbers};
use crate::key::RecordKey;
use crate::ledger::entry::Sketch;
use crate::table::cell::{ContributionKeys, RecordKeySums};

/// Sums of record keys by cell; a cell that nobody is in has zeros.
pub(super) struct KeySums {
    /// Each row's fingerprint, by cell.
    rows: Vec<u64>,
    /// Each person's noise half, by cell.
    persons: Vec<u64>,
    /// The persons, by cell.
    sketches: Vec<Sketch>,
    /// By contribution, then by cell.
    contributions: Vec<Vec<ContributionKeys>>,
}

impl KeySums {
    /// Of no cells with as many `contributions`.
    pub(super) fn new(contributions: usize) -> Self {
        Self {
            rows: Vec::new(),
            persons: Vec::new(),
            sketches: Vec::new(),
            contributions: vec![Vec::new(); contributions],
        }
    }

    /// Makes room for `cells` cells.
    pub(super) fn grow(&mut self, cells: usize) {
        self.rows.resize(cells, 0);
        self.persons.resize(cells, 0);
        self.sketches.resize(cells, Sketch::default());
        for sums in &mut self.contributions {
            sums.resize(cells, ContributionKeys::default());
        }
    }

    /// Adds the shares of persons in cells; `keys` has the record key of the
    /// person of each row.
    pub(super) fn add(
        &mut self,
        shares: &PersonShares,
        contributed: &[Contributed<'_>],
        keys: &[RecordKey],
    ) {
        for (cell, rows) in shares.iter() {
            let key = &keys[rows.first()];
            let cell = cell as usize;
            let (fingerprints, noise) = (&mut self.rows[cell], &mut self.persons[cell]);
            let fingerprint = key.fingerprint().wrapping_mul(rows.len() as u64);
            *fingerprints = fingerprints.wrapping_add(fingerprint);
            *noise = noise.wrapping_add(key.noise());
            self.sketches[cell].add_person(key);
        }
        for (sums, contributed) in self.contributions.iter_mut().zip(contributed) {
            match (contributed, shares.one_row_each()) {
                (Contributed::Values(WholeNumbers::Narrow(values)), Some(cells)) => {
                    for ((&cell, &value), key) in cells.iter().zip(values).zip(keys) {
                        if value != NO_ORDINAL {
                            sums[cell as usize].add(key, key.values(), value.into());
                        }
                    }
                }
                _ => add_shares(sums, shares, contributed, keys),
            }
        }
    }

    /// Adds the sums of other persons, each cell's to the cell that `at` names.
    pub(super) fn merge(&mut self, other: &Self, at: impl Fn(usize) -> usize) {
        for cell in 0..other.rows.len() {
            let own = at(cell);
            self.rows[own] = self.rows[own].wrapping_add(other.rows[cell]);
            self.persons[own] = self.persons[own].wrapping_add(other.persons[cell]);
            self.sketches[own].merge(&other.sketches[cell]);
            let others = self.contributions.iter_mut().zip(&other.contributions);
            for (sums, others) in others {
                sums[own].merge(&others[cell]);
            }
        }
    }

    /// What a cell's record keys add up to.
    pub(super) fn of(&self, cell: usize) -> RecordKeySums {
        let contributions = self.contributions.iter();
        RecordKeySums {
            rows: self.rows[cell],
            persons: self.persons[cell],
            sketch: self.sketches[cell],
            contributions: contributions.map(|sums| sums[cell].clone()).collect(),
        }
    }
}

/// Adds what each share contributes: the sum over its rows with a value.
fn add_shares(
    sums: &mut [ContributionKeys],
    shares: &PersonShares,
    contributed: &Contributed<'_>,
    keys: &[RecordKey],
) {
    for (cell, rows) in shares.iter() {
        let key = &keys[rows.first()];
        let (secret, total) = match contributed {
            Contributed::Rows => (key.fingerprint(), rows.len() as i128),
            Contributed::Values(values) => {
                let values = rows.iter().filter_map(|row| values.get(row));
                (key.values(), values.sum::<i128>())
            }
        };
        sums[cell as usize].add(key, secret, total);
    }
}

impl ContributionKeys {
    /// Adds a person of record key `key` who contributes `total`, which its
    /// fingerprint hides with `secret`.
    #[inline]
    fn add(&mut self, key: &RecordKey, secret: u64, total: i128) {
        // The lowest 64 bits: a fingerprint is a residue anyway.
        self.fingerprint = self
            .fingerprint
            .wrapping_add(secret.wrapping_mul(total as u64));
        if total != 0 {
            self.contributors = self.contributors.wrapping_add(key.noise());
            self.nonzero += 1;
            self.sketch.add_contribution(key, total);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::Cells;
    use super::*;
    use crate::column::{Values, no_labels};
    use crate::key::ReleaseKey;
    use crate::link::merge::Persons;

    /// A person's rows: in which cell, and what value, if any.
    type Rows = Vec<(u32, Option<i64>)>;

    fn folded(persons: &[Rows], keys: &[RecordKey], radix: Option<usize>, narrow: bool) -> Cells {
        let mut cells = Cells::new(&[radix], 2, 2, true);
        let rows: Rows = persons.iter().flatten().copied().collect();
        let codes: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let values = rows.iter().map(|row| row.1);
        let values = match narrow {
            true => WholeNumbers::Narrow(values.map(|value| value.unwrap_or(NO_ORDINAL)).collect()),
            false => WholeNumbers::Wide(values.map(|value| value.map(i128::from)).collect()),
        };
        let ends = persons.iter().scan(0, |end, rows| {
            *end += rows.len() as u32;
            Some(*end)
        });
        let each = persons.iter().zip(keys);
        let each = each.flat_map(|(rows, key)| rows.iter().map(|_| key.again()));
        let persons = match persons.iter().all(|rows| rows.len() == 1) {
            true => Persons::OneRowEach,
            false => Persons::Ends(ends.collect()),
        };
        let dimension = Values::Codes {
            codes,
            labels: no_labels(),
        };
        let contributed = [Contributed::Rows, Contributed::Values(&values)];
        let keys: Vec<RecordKey> = each.collect();
        cells
            .add(
                &[&dimension],
                &["area"],
                rows.len(),
                &persons,
                &contributed,
                &keys,
            )
            .unwrap();
        cells
    }

    /// Person by person, as the definitions say it.
    fn naive(persons: &[Rows], keys: &[RecordKey]) -> BTreeMap<i64, RecordKeySums> {
        let mut cells = BTreeMap::new();
        for (rows, key) in persons.iter().zip(keys) {
            let mut own: BTreeMap<u32, Rows> = BTreeMap::new();
            for row in rows {
                own.entry(row.0).or_default().push(*row);
            }
            let bucket = (key.fingerprint() / (1 << 59)) as usize;
            let term = |words: &[u64]| key.check(words) as u16;
            for (cell, rows) in own {
                let keys = cells
                    .entry(cell.into())
                    .or_insert(RecordKeySums::of_nobody(2));
                let sum: i64 = rows.iter().filter_map(|row| row.1).sum();
                let times = |n: i64| key.fingerprint().wrapping_mul(n as u64);
                let secrets = [key.fingerprint(), key.check(&[1])];
                let mut both = [rows.len() as i64, sum].into_iter().zip(secrets);
                for own in &mut keys.contributions {
                    let (total, secret) = both.next().unwrap();
                    own.fingerprint = own
                        .fingerprint
                        .wrapping_add(secret.wrapping_mul(total as u64));
                    if total != 0 {
                        own.contributors = own.contributors.wrapping_add(key.noise());
                        own.nonzero += 1;
                        own.sketch.0[bucket] = own.sketch.0[bucket]
                            .wrapping_add(term(&[total as u64, (total >> 63) as u64]));
                    }
                }
                keys.rows = keys.rows.wrapping_add(times(rows.len() as i64));
                keys.persons = keys.persons.wrapping_add(key.noise());
                keys.sketch.0[bucket] = keys.sketch.0[bucket].wrapping_add(term(&[]));
            }
        }
        cells
    }

    proptest! {
        #[test]
        fn they_are_folded_as_defined_in_any_split(
            persons in prop::collection::vec(
                prop::collection::vec((0..3u32, prop::option::of(-2..3i64)), 1..4), 1..30),
            one_row: bool,
            dense: bool,
            narrow: bool,
            plain: bool,
            split: prop::sample::Index,
        ) {
            let mut persons = persons;
            if one_row {
                persons.iter_mut().for_each(|rows| rows.truncate(1));
            }
            if plain {
                let rows = persons.iter_mut().flatten();
                rows.for_each(|(_, value)| *value = Some(value.map_or(0, i64::abs)));
            }
            let release = ReleaseKey::generate().unwrap().record_keys();
            let pseudonyms: Vec<[u8; 16]> = (0..persons.len()).map(|at| [at as u8; 16]).collect();
            let keys = release.keys(&pseudonyms);
            let radix = dense.then_some(4);
            let at = split.index(persons.len());
            let first = folded(&persons[..at], &keys[..at], radix, narrow);
            let all = first.merge(folded(&persons[at..], &keys[at..], radix, narrow)).unwrap();
            let cells = all.into_list().unwrap().into_iter();
            let cells: BTreeMap<i64, RecordKeySums> =
                cells.map(|(place, cell)| (place[0], *cell.keys.unwrap())).collect();
            prop_assert!(cells == naive(&persons, &keys));
        }
    }
}
