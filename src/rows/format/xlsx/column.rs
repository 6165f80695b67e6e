//! A column of a sheet as it fills up: of the type that all its cells have, or text.
//!
//! A spreadsheet has types for cells and none for columns. A column whose cells
//! are of one type has that type, and is read as a column of Parquet is. One whose
//! cells are of several is text, and loses nothing by it: a whole number has all
//! its digits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder as _, BooleanBuilder, Float64Builder, LargeStringBuilder};
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, PrimitiveArray, StringArray, UInt32Array,
};
use arrow_schema::DataType;

use super::value::SheetValue;
use crate::plan::Date;

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// Up to here (2⁵³) every whole number is a 64-bit float.
const WHOLE_FLOATS: f64 = 9_007_199_254_740_992.0;

/// Floats between a number and the decimal that it is meant to be, at most.
const NOISE: u64 = 2;

/// A column as far as it is read.
pub(super) struct SheetColumn {
    cells: SheetCells,
    /// The sign before the decimals of a number, where it has to be text.
    decimal: char,
    errors: Vec<(usize, &'static str)>,
}

enum SheetCells {
    /// So many that are empty.
    Blank(usize),
    Numbers(Float64Builder),
    Booleans(BooleanBuilder),
    Moments(Vec<Option<i64>>),
    Texts(Texts),
}

impl SheetColumn {
    pub(super) fn new(decimal: char) -> Self {
        Self {
            cells: SheetCells::Blank(0),
            decimal,
            errors: Vec::new(),
        }
    }

    /// Puts `value` into `row`, where no cell from it on has one yet.
    pub(super) fn put(&mut self, row: usize, value: SheetValue<'_>) {
        self.pad(row);
        if let SheetCells::Blank(rows) = self.cells {
            self.cells = SheetCells::for_one(&value, rows);
        }
        match (&mut self.cells, &value) {
            (_, SheetValue::Blank | SheetValue::Uncomputed) => return,
            (_, SheetValue::Error(error)) => {
                self.errors.push((row, error));
                return;
            }
            (SheetCells::Numbers(numbers), SheetValue::Number(number)) => {
                return numbers.append_value(*number);
            }
            (SheetCells::Booleans(booleans), SheetValue::Boolean(boolean)) => {
                return booleans.append_value(*boolean);
            }
            (SheetCells::Moments(moments), SheetValue::Moment(at)) => {
                return moments.push(Some(*at));
            }
            (SheetCells::Texts(_), _) => {}
            _ => self.become_text(),
        }
        if let SheetCells::Texts(texts) = &mut self.cells {
            texts.put(&value, self.decimal);
        }
    }

    /// Makes the rows before `row` empty that have no cell.
    pub(super) fn pad(&mut self, row: usize) {
        let missing = row.saturating_sub(self.cells.len());
        match &mut self.cells {
            SheetCells::Blank(rows) => *rows += missing,
            SheetCells::Numbers(numbers) => numbers.append_nulls(missing),
            SheetCells::Booleans(booleans) => booleans.append_nulls(missing),
            SheetCells::Moments(moments) => moments.extend(std::iter::repeat_n(None, missing)),
            SheetCells::Texts(texts) => texts.keys.extend(std::iter::repeat_n(None, missing)),
        }
    }

    #[cold]
    fn become_text(&mut self) {
        let mut texts = Texts::default();
        let mut put = |value: Option<SheetValue<'_>>| match value {
            None => texts.keys.push(None),
            Some(value) => texts.put(&value, self.decimal),
        };
        match &mut self.cells {
            SheetCells::Blank(rows) => (0..*rows).for_each(|_| put(None)),
            SheetCells::Numbers(numbers) => {
                let numbers = numbers.finish();
                numbers
                    .iter()
                    .for_each(|number| put(number.map(SheetValue::Number)));
            }
            SheetCells::Booleans(booleans) => {
                let booleans = booleans.finish();
                booleans
                    .iter()
                    .for_each(|boolean| put(boolean.map(SheetValue::Boolean)));
            }
            SheetCells::Moments(moments) => {
                moments
                    .iter()
                    .for_each(|at| put(at.map(SheetValue::Moment)));
            }
            SheetCells::Texts(_) => return,
        }
        self.cells = SheetCells::Texts(texts);
    }

    /// The column, and which of its cells are errors: those are null in it.
    pub(super) fn finish(self) -> (ArrayRef, Vec<(usize, &'static str)>) {
        let array: ArrayRef = match self.cells {
            SheetCells::Blank(rows) => Arc::new(StringArray::new_null(rows)),
            SheetCells::Numbers(mut numbers) => Arc::new(numbers.finish()),
            SheetCells::Booleans(mut booleans) => Arc::new(booleans.finish()),
            SheetCells::Moments(moments) => match are_days(&moments) {
                true => {
                    let day = |at: i64| (at / MILLISECONDS_A_DAY) as i32;
                    let days = moments.into_iter().map(|at| at.map(day));
                    Arc::new(days.collect::<Date32Array>())
                }
                false => Arc::new(PrimitiveArray::<TimestampMillisecondType>::from(moments)),
            },
            SheetCells::Texts(texts) => texts.finish(),
        };
        (array, self.errors)
    }
}

impl SheetCells {
    /// The cells of a column whose first value is `value`, after `rows` empty ones.
    fn for_one(value: &SheetValue<'_>, rows: usize) -> Self {
        match value {
            SheetValue::Blank | SheetValue::Error(_) | SheetValue::Uncomputed => Self::Blank(rows),
            SheetValue::Number(_) => {
                let mut numbers = Float64Builder::new();
                numbers.append_nulls(rows);
                Self::Numbers(numbers)
            }
            SheetValue::Boolean(_) => {
                let mut booleans = BooleanBuilder::new();
                booleans.append_nulls(rows);
                Self::Booleans(booleans)
            }
            SheetValue::Moment(_) => Self::Moments(vec![None; rows]),
            SheetValue::Text(_) => {
                let mut texts = Texts::default();
                texts.keys.resize(rows, None);
                Self::Texts(texts)
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Blank(rows) => *rows,
            Self::Numbers(numbers) => numbers.len(),
            Self::Booleans(booleans) => booleans.len(),
            Self::Moments(moments) => moments.len(),
            Self::Texts(texts) => texts.keys.len(),
        }
    }
}

/// Texts, of which those that cells share are kept once: a sheet may have one long
/// text in a million cells.
#[derive(Default)]
struct Texts {
    values: LargeStringBuilder,
    keys: Vec<Option<u32>>,
    /// Where a shared text lies in memory, and which of the values it is.
    shared: HashMap<*const u8, u32>,
}

impl Texts {
    fn put(&mut self, value: &SheetValue<'_>, decimal: char) {
        let next = self.values.len() as u32;
        let key = match value {
            SheetValue::Text(Cow::Borrowed(text)) => {
                *self.shared.entry(text.as_ptr()).or_insert(next)
            }
            _ => next,
        };
        if key == next {
            self.values.append_value(text(value, decimal));
        }
        self.keys.push(Some(key));
    }

    fn finish(mut self) -> ArrayRef {
        let values = Arc::new(self.values.finish());
        // Each key is a place among the values.
        Arc::new(DictionaryArray::new(UInt32Array::from(self.keys), values))
    }
}

fn are_days(moments: &[Option<i64>]) -> bool {
    let mut moments = moments.iter().flatten();
    moments.all(|at| at % MILLISECONDS_A_DAY == 0)
}

/// The type of a column with such a cell; nothing for a cell that has none.
pub(super) fn type_of(value: &SheetValue<'_>) -> Option<DataType> {
    match value {
        SheetValue::Blank | SheetValue::Error(_) | SheetValue::Uncomputed => None,
        SheetValue::Number(_) => Some(DataType::Float64),
        SheetValue::Boolean(_) => Some(DataType::Boolean),
        SheetValue::Moment(_) => Some(DataType::Date32),
        SheetValue::Text(_) => Some(DataType::Utf8),
    }
}

/// What a cell holds, as text.
pub(super) fn text<'v>(value: &'v SheetValue<'_>, decimal: char) -> Cow<'v, str> {
    match value {
        SheetValue::Blank | SheetValue::Uncomputed => "".into(),
        SheetValue::Number(number) => number_text(*number, decimal).into(),
        SheetValue::Boolean(true) => "true".into(),
        SheetValue::Boolean(false) => "false".into(),
        SheetValue::Moment(at) => moment_text(*at).into(),
        SheetValue::Text(text) => text.as_ref().into(),
        SheetValue::Error(error) => (*error).into(),
    }
}

/// A number as text: all digits of a whole one. Where a float does not hold all of
/// them it has an exponent, by which an identifier is known to have lost digits.
/// Of a fraction that is noise away from one of 15 digits, as `0.1 + 0.2` is from
/// 0.3, it is that one: a column of numbers is read so too.
fn number_text(number: f64, decimal: char) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let text = if number.abs() >= WHOLE_FLOATS {
        format!("{number:E}")
    } else if number.fract() == 0.0 {
        return number.to_string();
    } else {
        let meant: f64 = format!("{number:.14e}").parse().unwrap_or(number);
        match meant.to_bits().abs_diff(number.to_bits()) <= NOISE {
            true => meant.to_string(),
            false => number.to_string(),
        }
    };
    match decimal {
        '.' => text,
        other => text.replace('.', &other.to_string()),
    }
}

fn moment_text(at: i64) -> String {
    let (days, rest) = (
        at.div_euclid(MILLISECONDS_A_DAY),
        at.rem_euclid(MILLISECONDS_A_DAY),
    );
    let date = i32::try_from(days).ok().and_then(Date::from_days);
    let mut text = date.map(|date| date.to_string()).unwrap_or_default();
    let (seconds, milliseconds) = (rest / 1000, rest % 1000);
    // Writing to a String cannot fail.
    if rest != 0 {
        let (hour, minute) = (seconds / 3600, seconds / 60 % 60);
        let _ = write!(text, "T{hour:02}:{minute:02}:{:02}", seconds % 60);
    }
    if milliseconds != 0 {
        let _ = write!(text, ".{milliseconds:03}");
    }
    text
}
