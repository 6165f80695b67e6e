//! Cell keys of confidential cells: which pseudorandom number decides what becomes of which figure.
//!
//! What a key is made of is what the figure is made of: the persons who are in
//! it, and how many they are. So figures that are the same number of the same
//! persons have the same key, under whatever name and in whichever table they
//! are published, and nobody learns more from two than from one. In
//! particular a number of rows is perturbed as the number of persons where
//! each has one row, and the number behind a mean as the number of persons
//! where each has a value.

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::table::Accumulator;
use crate::table::cell::{ContributionKeys, RecordKeySums};
use kobling_sdc::cell_key::CellTotals;

/// Makes the keys of cells for one method.
#[derive(Clone, Copy)]
pub(in crate::protect) struct CellKeyed<'a> {
    pub(in crate::protect) key: &'a ReleaseKey,
    /// Methods have keys that say nothing of each other's.
    pub(in crate::protect) label: &'static [u8],
}

impl CellKeyed<'_> {
    /// The key of the cell's number of persons.
    pub(in crate::protect) fn persons(&self, cell: &Accumulator) -> Result<u64> {
        Ok(self.of(b"persons", keys(cell)?.persons, cell.persons))
    }

    /// The key of the cell's number of rows.
    pub(in crate::protect) fn rows(&self, cell: &Accumulator) -> Result<u64> {
        match cell.rows == cell.persons {
            true => self.persons(cell),
            false => Ok(self.of(b"rows", keys(cell)?.persons, cell.rows)),
        }
    }

    /// The key of what a contribution sums up to: that of those who contribute
    /// something; and how many they are.
    pub(in crate::protect) fn sum(&self, cell: &Accumulator, at: usize) -> Result<(u64, u64)> {
        let keys = contribution(cell, at)?;
        let key = self.of(b"sum", keys.contributors, keys.nonzero);
        Ok((key, keys.nonzero))
    }

    /// The key of the number of rows with a value.
    pub(in crate::protect) fn values(&self, cell: &Accumulator, at: usize) -> Result<u64> {
        let (total, keys) = (&cell.totals[at], contribution(cell, at)?);
        let all_contribute = keys.nonzero == total.contributors;
        match total.rows {
            // The number of those persons, as any table of them has it.
            rows if rows == total.contributors && all_contribute => {
                Ok(self.of(b"persons", keys.contributors, rows))
            }
            rows if rows == cell.persons => self.persons(cell),
            rows if rows == cell.rows => self.rows(cell),
            rows => Ok(self.of(b"values", keys.contributors, rows)),
        }
    }

    fn of(&self, what: &[u8], sum: u64, count: u64) -> u64 {
        let folded = CellTotals {
            sum,
            persons: count,
        };
        folded.key(|sum, count| {
            let parts: [&[u8]; 3] = [what, &sum.to_be_bytes(), &count.to_be_bytes()];
            let random = self.key.derive(self.label, &parts);
            let (key, _) = random
                .expose()
                .split_first_chunk()
                .expect("32 bytes are more than 8");
            u64::from_be_bytes(*key)
        })
    }
}

fn contribution(cell: &Accumulator, at: usize) -> Result<&ContributionKeys> {
    keys(cell)?.contributions.get(at).ok_or_else(no_keys)
}

/// Without keys no figure of the cell can be perturbed, and none is released.
fn keys(cell: &Accumulator) -> Result<&RecordKeySums> {
    cell.keys.as_deref().ok_or_else(no_keys)
}

fn no_keys() -> Error {
    let rule = "its cells were added up without the keys of their persons";
    Error::new(ErrorKind::Protection, rule)
}

#[cfg(test)]
mod tests {
    use super::CellKeyed;
    use crate::key::tests::golden_release_key;

    /// `tests/vectors/cells.json`, which another implementation made.
    #[test]
    fn they_are_those_of_the_golden_vectors() {
        let (key, vectors) = golden_release_key();
        let label = b"cell key";
        let keyed = CellKeyed { key: &key, label };
        let cells = vectors["cell_keys"].as_array().expect("cells");
        assert_eq!(cells.len(), 5);
        for cell in cells {
            let persons = cell["persons"].as_array().expect("persons").iter();
            let noise = persons.map(|person| {
                let person = person.as_u64().expect("a place") as usize;
                let noise = vectors["persons"][person]["noise"].as_str().expect("hex");
                u64::from_str_radix(noise, 16).expect("hex")
            });
            let sum = noise.fold(0, u64::wrapping_add);
            let what = cell["what"].as_str().expect("text").as_bytes();
            let found = keyed.of(what, sum, cell["count"].as_u64().expect("a number"));
            assert_eq!(format!("{found:016x}"), cell["key"].as_str().expect("hex"));
        }
    }
}
