//! The made-up registers, the same for every tool and on every run.
//!
//! A row is a function of its number, so a register of any size is made in
//! pieces. The registers list persons in unrelated orders: were they in the
//! same one, a hash join would find its rows in the cache.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray,
    UInt32Array,
};

use crate::made_up::mixed;

/// Rows of one piece.
pub(crate) const PIECE: u64 = 1 << 20;

/// What a register says of a person in one of its columns.
fn drawn(column: u64, person: u64, below: u64) -> u64 {
    mixed(person ^ (column << 40)) % below
}

/// A one-to-one map of `0..rows` onto itself that looks random: a Feistel
/// network of four rounds, walked until it falls within the range.
#[derive(Clone, Copy)]
struct Order {
    rows: u64,
    half: u32,
    seed: u64,
}

impl Order {
    fn new(rows: u64, seed: u64) -> Self {
        let bits = 64 - rows.max(4).leading_zeros();
        let half = bits.div_ceil(2);
        Self { rows, half, seed }
    }

    fn at(self, row: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let mut place = row;
        loop {
            let (mut left, mut right) = (place >> self.half, place & mask);
            for round in 0..4 {
                let f = mixed(right ^ (self.seed << 48) ^ (round << 40)) & mask;
                (left, right) = (right, left ^ f);
            }
            place = (left << self.half) | right;
            if place < self.rows {
                return place;
            }
        }
    }
}

/// How a register names its persons.
#[derive(Clone, Copy)]
pub(crate) enum Names<'a> {
    /// By 16 bytes that look random, in a column `pseudonym`.
    Pseudonyms,
    /// By these national identity numbers, as text in a column `fnr`.
    Numbers(&'a [u64]),
}

impl Names<'_> {
    fn column(self, persons: &[u64]) -> (&'static str, ArrayRef) {
        match self {
            Self::Pseudonyms => {
                let bytes = persons.iter().flat_map(|&person| {
                    let halves = u128::from(mixed(person)) << 64 | u128::from(mixed(!person));
                    halves.to_be_bytes()
                });
                let bytes: Vec<u8> = bytes.collect();
                let keys = FixedSizeBinaryArray::new(16, bytes.into(), None);
                ("pseudonym", Arc::new(keys))
            }
            Self::Numbers(numbers) => {
                let text = persons.iter();
                let text = text.map(|&person| format!("{:011}", numbers[person as usize]));
                ("fnr", Arc::new(StringArray::from_iter_values(text)))
            }
        }
    }

    fn categories(self, codes: impl Iterator<Item = u64>, labels: &[String]) -> ArrayRef {
        match self {
            Self::Pseudonyms => {
                let keys: UInt32Array = codes.map(|code| Some(code as u32)).collect();
                let labels = Arc::new(StringArray::from_iter_values(labels));
                Arc::new(DictionaryArray::<UInt32Type>::new(keys, labels))
            }
            Self::Numbers(_) => Arc::new(StringArray::from_iter_values(
                codes.map(|code| &labels[code as usize]),
            )),
        }
    }
}

/// One of the registers.
#[derive(Clone, Copy)]
pub(crate) enum Register {
    /// `rows` of the persons `0..persons`: region and amount.
    Base { rows: u64, persons: u64 },
    /// As many persons, of whom the last four fifths are the base's too: income.
    Look { persons: u64 },
    /// Everybody: region, age and sex.
    Population { persons: u64 },
    /// Persons `from..from + rows`: income.
    Tax { from: u64, rows: u64 },
    /// Several rows for a person below `persons`: what was paid.
    Benefit { persons: u64, rows: u64 },
}

/// The two registers that most cases link.
pub(crate) fn pair(base: u64, look: u64) -> [(&'static str, Register); 2] {
    let rows = base;
    let persons = look;
    [
        ("base", Register::Base { rows, persons }),
        ("look", Register::Look { persons }),
    ]
}

/// Three registers that are to one another as a country's are, for a unit of `rows`.
pub(crate) fn three(rows: u64) -> [(&'static str, Register); 3] {
    let persons = rows * 56 / 100;
    let tax = Register::Tax {
        from: persons / 10,
        rows: rows / 2,
    };
    let benefit = Register::Benefit {
        persons: persons / 2,
        rows: rows * 2,
    };
    [
        ("population", Register::Population { persons }),
        ("tax", tax),
        ("benefit", benefit),
    ]
}

impl Register {
    pub(crate) fn rows(self) -> u64 {
        match self {
            Self::Base { rows, .. } | Self::Tax { rows, .. } | Self::Benefit { rows, .. } => rows,
            Self::Look { persons } | Self::Population { persons } => persons,
        }
    }

    /// The register, piece by piece.
    pub(crate) fn pieces(self, names: Names<'_>) -> impl Iterator<Item = RecordBatch> {
        let starts = (0..self.rows()).step_by(PIECE as usize);
        starts.map(move |start| self.piece(names, start..self.rows().min(start + PIECE)))
    }

    fn piece(self, names: Names<'_>, rows: Range<u64>) -> RecordBatch {
        let persons: Vec<u64> = match self {
            Self::Base { persons, .. } => rows.map(|row| Order::new(persons, 1).at(row)).collect(),
            Self::Look { persons } => {
                let order = Order::new(persons, 2);
                rows.map(|row| persons / 5 + order.at(row)).collect()
            }
            Self::Population { persons } => {
                rows.map(|row| Order::new(persons, 3).at(row)).collect()
            }
            Self::Tax { from, rows: all } => {
                let order = Order::new(all, 4);
                rows.map(|row| from + order.at(row)).collect()
            }
            Self::Benefit { persons, .. } => rows.map(|row| drawn(5, row, persons)).collect(),
        };
        let drawn = |column, below| {
            persons
                .iter()
                .map(move |&person| drawn(column, person, below))
        };
        let numbers = |column, below| -> ArrayRef {
            let numbers = drawn(column, below).map(|number| Some(number as i64));
            Arc::new(numbers.collect::<Int64Array>())
        };
        let labelled = |column, labels: Vec<String>| {
            names.categories(drawn(column, labels.len() as u64), &labels)
        };
        let regions = |many: u64| (0..many).map(|n| format!("region {n:02}")).collect();
        let mut columns = vec![names.column(&persons)];
        match self {
            Self::Base { .. } => columns.extend([
                ("region", labelled(10, regions(100))),
                ("amount", numbers(11, 1_000_000)),
            ]),
            Self::Look { .. } | Self::Tax { .. } => {
                columns.push(("income", numbers(12, 1_000_000)));
            }
            Self::Population { .. } => {
                let ages = ["0-19", "20-39", "40-66", "67+"].map(str::to_owned);
                let sexes = ["female", "male"].map(str::to_owned);
                columns.extend([
                    ("region", labelled(13, regions(11))),
                    ("age", labelled(14, ages.to_vec())),
                    ("sex", labelled(15, sexes.to_vec())),
                ]);
            }
            Self::Benefit { .. } => {
                // By row, not by person: the payments of one person differ.
                let paid = (0..persons.len() as u64).zip(&persons);
                let paid =
                    paid.map(|(row, person)| Some((mixed(row ^ mixed(*person)) % 20_000) as i64));
                columns.push(("paid", Arc::new(paid.collect::<Int64Array>())));
            }
        }
        RecordBatch::try_from_iter(columns).unwrap()
    }
}

/// `batch` with as many more columns of numbers, for nobody to read.
pub(crate) fn widened(batch: &RecordBatch, more: usize) -> RecordBatch {
    let schema = batch.schema();
    let held = schema.fields().iter().zip(batch.columns());
    let held = held.map(|(field, column)| (field.name().clone(), column.clone()));
    let rows = batch.num_rows() as u64;
    let spare = (0..more as u64).map(|column| {
        let numbers = (0..rows).map(|row| Some((mixed(row ^ (column << 40)) % 1_000_000) as i64));
        let numbers: ArrayRef = Arc::new(numbers.collect::<Int64Array>());
        (format!("spare_{column:03}"), numbers)
    });
    RecordBatch::try_from_iter(held.chain(spare)).unwrap()
}
