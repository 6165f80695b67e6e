//! Registers as their agencies hold them: every value as text, and how a column stores it.
//!
//! The naive twin reads the text. The library gets Arrow batches of it, in
//! whatever type the column stores, with identifiers written in many ways.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch,
    StringArray,
};

/// The name of the identifier's column.
pub(crate) const IDENTIFIER: &str = "id";

/// A register.
#[derive(Debug, Clone, Default)]
pub(crate) struct Register {
    pub(crate) columns: Vec<RawColumn>,
    pub(crate) rows: Vec<Row>,
}

/// The registers of a world, by source.
pub(crate) type Registers = BTreeMap<String, Register>;

/// One column.
#[derive(Debug, Clone)]
pub(crate) struct RawColumn {
    pub(crate) name: String,
    pub(crate) storage: Storage,
}

/// How a column is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    Text,
    Integers,
    Floats,
    /// With so many decimals.
    Decimals(u8),
    Booleans,
    Days,
}

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Whose it is; `None` if its identifier is invalid.
    pub(crate) person: Option<u32>,
    /// The identifier as this row writes it.
    pub(crate) identifier: Option<String>,
    pub(crate) cells: Vec<Option<String>>,
}

impl Register {
    /// The rows `from..to` as Arrow.
    pub(crate) fn batch(&self, rows: std::ops::Range<usize>) -> RecordBatch {
        let rows = &self.rows[rows];
        let identifiers: StringArray = rows.iter().map(|row| row.identifier.as_deref()).collect();
        let mut columns: Vec<(&str, ArrayRef)> = vec![(IDENTIFIER, Arc::new(identifiers))];
        for (at, column) in self.columns.iter().enumerate() {
            let cells = || rows.iter().map(|row| row.cells[at].as_deref());
            columns.push((&column.name, column.storage.array(cells())));
        }
        RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
        .unwrap()
    }

    /// All rows, in batches that end at `ends`.
    pub(crate) fn batches(&self, ends: &[usize]) -> Vec<RecordBatch> {
        let mut ends: Vec<usize> = ends.iter().map(|end| end % (self.rows.len() + 1)).collect();
        ends.extend([0, self.rows.len()]);
        ends.sort_unstable();
        ends.windows(2)
            .map(|pair| self.batch(pair[0]..pair[1]))
            .collect()
    }
}

impl Storage {
    fn array<'a>(self, cells: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
        match self {
            Self::Text => Arc::new(cells.collect::<StringArray>()),
            Self::Integers => Arc::new(parsed::<i64>(cells).collect::<Int64Array>()),
            Self::Floats => Arc::new(parsed::<f64>(cells).collect::<Float64Array>()),
            Self::Booleans => Arc::new(parsed::<bool>(cells).collect::<BooleanArray>()),
            Self::Days => {
                let epoch = jiff::civil::date(1970, 1, 1);
                let days = parsed::<jiff::civil::Date>(cells);
                let days = days.map(|day| day.map(|day| (day - epoch).get_days()));
                Arc::new(days.collect::<Date32Array>())
            }
            Self::Decimals(scale) => {
                let unscaled = cells.map(|cell| {
                    let (whole, fraction) = cell?.split_once('.').unwrap_or((cell?, ""));
                    let width = usize::from(scale);
                    Some(
                        format!("{whole}{fraction:0<width$}")
                            .parse::<i128>()
                            .unwrap(),
                    )
                });
                let array = unscaled.collect::<Decimal128Array>();
                Arc::new(array.with_precision_and_scale(30, scale as i8).unwrap())
            }
        }
    }
}

fn parsed<'a, T: std::str::FromStr<Err: std::fmt::Debug>>(
    cells: impl Iterator<Item = Option<&'a str>>,
) -> impl Iterator<Item = Option<T>> {
    cells.map(|cell| cell.map(|text| text.parse().unwrap()))
}

/// Where random worlds get their choices from: a list that proptest can make
/// shorter and smaller, or a seed. A choice of zero is the plainest.
pub(crate) struct Choices(Box<dyn Iterator<Item = u32>>);

impl Choices {
    /// The choices of `list`, and zeros after them.
    pub(crate) fn of(list: Vec<u32>) -> Self {
        Self(Box::new(list.into_iter().chain(std::iter::repeat(0))))
    }

    /// Endless choices of `seed`, by SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    pub(crate) fn seeded(mut seed: u64) -> Self {
        Self(Box::new(std::iter::repeat_with(move || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed >> 32) as u32
        })))
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.next().unwrap() as usize % n
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// The list in another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in 1..list.len() {
            list.swap(at, self.below(at + 1));
        }
    }
}
