//! From a cell key to a deviation: a row's distribution laid out over all keys.
//!
//! Probabilities become integer bounds once, when the lookup is made. After
//! that nothing is compared as a floating-point number, so that the same key
//! gives the same noise on every machine.

use super::PerturbationTable;

/// What cell keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySpace {
    /// All of `u64`.
    Whole,
    /// Integers below 10⁸: the eight decimals of the R package cellKey and of
    /// τ-ARGUS, whose keys lie between 0 and 1.
    Decimal,
}

impl KeySpace {
    /// How many keys there are.
    fn count(self) -> u128 {
        match self {
            Self::Whole => 1 << 64,
            Self::Decimal => 100_000_000,
        }
    }

    /// The last key of an entry, up to whose end the probabilities sum to `share`.
    ///
    /// With decimals a key that is equal to a bound belongs to what the bound
    /// ends (handbook, section 5.4: lower bound < key ≤ upper bound).
    fn last(self, share: f64) -> u64 {
        let share = share.clamp(0.0, 1.0);
        match self {
            // 2^64 · share, of which f64 holds the first 53 bits exactly.
            Self::Whole => {
                ((share * 18_446_744_073_709_551_616.0) as u128).saturating_sub(1) as u64
            }
            Self::Decimal => (share * 100_000_000.0).round() as u64,
        }
    }
}

/// A table's rows as bounds on keys, one after the other in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    keys: KeySpace,
    per_unit: u32,
    originals: Vec<u64>,
    starts: Vec<u32>,
    /// For each entry the last key that it is for; the last of a row is for all that remain.
    lasts: Vec<u64>,
    deviations: Vec<i32>,
    /// Whether the row of each original value is at its place: no search is needed.
    dense: bool,
}

impl PerturbationTable {
    /// The table laid out over `keys`.
    pub fn lookup(&self, keys: KeySpace) -> Lookup {
        let mut lookup = Lookup {
            keys,
            per_unit: self.per_unit,
            originals: self.rows.iter().map(|row| row.original).collect(),
            starts: vec![0],
            lasts: Vec::new(),
            deviations: Vec::new(),
            dense: (0..).zip(&self.rows).all(|(at, row)| row.original == at),
        };
        for row in &self.rows {
            let mut share = 0.0;
            // An entry that no key falls to would shift those that follow.
            for entry in row.entries.iter().filter(|entry| entry.probability > 0.0) {
                share += entry.probability;
                lookup.lasts.push(keys.last(share));
                lookup.deviations.push(entry.deviation);
            }
            if let Some(last) = lookup.lasts.last_mut() {
                *last = u64::MAX;
            }
            lookup.starts.push(lookup.lasts.len() as u32);
        }
        lookup
    }
}

impl Lookup {
    /// What keys it is for.
    pub fn keys(&self) -> KeySpace {
        self.keys
    }

    /// How many parts of one deviations are counted in.
    pub fn per_unit(&self) -> u32 {
        self.per_unit
    }

    /// The original values of the rows, from 0.
    pub fn originals(&self) -> &[u64] {
        &self.originals
    }

    /// The deviation for `key` in the row of `original`, or of the nearest
    /// row below it.
    #[inline]
    pub fn deviation(&self, original: u64, key: u64) -> i32 {
        let last = self.originals.len() - 1;
        let row = match self.dense {
            true => original.min(last as u64) as usize,
            false => self.originals.partition_point(|&row| row <= original) - 1,
        };
        self.of_row(row, key)
    }

    /// The deviation for `key` in a row by its place.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[inline]
    pub fn of_row(&self, row: usize, key: u64) -> i32 {
        let (start, end) = (self.starts[row] as usize, self.starts[row + 1] as usize);
        // Rows are short: counting the bounds below the key needs no branch
        // that a processor could guess wrong.
        let lasts = &self.lasts[start..end];
        let below: usize = lasts.iter().map(|&last| usize::from(key > last)).sum();
        self.deviations[start + below]
    }

    /// The mean of the noise of a row over all keys, in units: what a
    /// recipient who cannot know the key must expect.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn mean_over_keys(&self, row: usize) -> f64 {
        let (start, end) = (self.starts[row] as usize, self.starts[row + 1] as usize);
        let mut before: i128 = 0;
        let mut sum: i128 = 0;
        for at in start..end {
            let until = match at + 1 == end {
                true => self.keys.count() as i128,
                false => i128::from(self.lasts[at]) + 1,
            };
            sum += i128::from(self.deviations[at]) * (until - before);
            before = until;
        }
        sum as f64 / self.keys.count() as f64 / f64::from(self.per_unit)
    }
}
