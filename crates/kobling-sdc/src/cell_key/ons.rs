//! Perturbation tables of the Office for National Statistics: whole keys, and no probabilities.
//!
//! Their table names the noise for each pair of a count's row and a cell key,
//! and the key is the sum of the record keys modulo 256 or 4096. It has 750
//! rows; larger counts use the last 250 in turn (ONS cell-key perturbation
//! package, "method": the perturbation cell value).

use std::io::Read;

use super::refused;
use crate::Result;

/// Rows of the table: one for each count, until they are used in turn.
const ROWS: u64 = 750;
/// The rows that larger counts use in turn.
const TURN: u64 = 250;

/// A table in the form of the ONS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnsTable {
    keys: u64,
    /// By row, and in it by key.
    deviations: Vec<i32>,
}

impl OnsTable {
    /// Reads the columns `pcv`, `ckey` and `pvalue`, for keys below `keys`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`](crate::ErrorKind::Input), with the
    /// row of the file, if it is not such a table, names a pair twice or not
    /// at all, or leads below zero.
    pub fn read(text: impl Read, keys: u64) -> Result<Self> {
        if !(1..=1 << 16).contains(&keys) {
            return Err(refused("there are from 1 to 65,536 keys"));
        }
        let mut deviations: Vec<Option<i32>> = vec![None; (ROWS * keys) as usize];
        let mut reader = csv::Reader::from_reader(text);
        let header = reader.headers().map_err(|_| unreadable())?;
        if header.iter().ne(["pcv", "ckey", "pvalue"]) {
            return Err(unreadable());
        }
        for (row, record) in (1..).zip(reader.deserialize::<(u64, u64, i32)>()) {
            let (count, key, deviation) = record.map_err(|_| unreadable().at_row(row))?;
            if !(1..=ROWS).contains(&count) || key >= keys {
                return Err(refused("the table has 750 rows and keys as declared").at_row(row));
            }
            if count.checked_add_signed(deviation.into()).is_none() {
                return Err(refused("a deviation leads below zero").at_row(row));
            }
            let place = &mut deviations[((count - 1) * keys + key) as usize];
            if place.replace(deviation).is_some() {
                return Err(refused("the table names a pair twice").at_row(row));
            }
        }
        let deviations = deviations.into_iter().collect::<Option<_>>();
        let deviations = deviations.ok_or_else(|| refused("the table does not name every pair"))?;
        Ok(Self { keys, deviations })
    }

    /// The row of a count (the ONS's perturbation cell value); 0 for 0.
    pub fn row(count: u64) -> u64 {
        match count {
            0..=ROWS => count,
            _ => (count - 1) % TURN + ROWS - TURN + 1,
        }
    }

    /// How many keys there are.
    pub fn keys(&self) -> u64 {
        self.keys
    }

    /// The deviation of a count in a cell of `key`, which is taken modulo
    /// [`keys`](Self::keys). A count of zero has none.
    pub fn deviation(&self, count: u64, key: u64) -> i32 {
        match Self::row(count) {
            0 => 0,
            row => self.deviations[((row - 1) * self.keys + key % self.keys) as usize],
        }
    }
}

fn unreadable() -> crate::Error {
    refused("it cannot be read as text with the columns `pcv`, `ckey` and `pvalue`")
}
