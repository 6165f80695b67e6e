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

use super::value::Value;
use crate::plan::Date;

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// Up to here (2⁵³) every whole number is a 64-bit float.
const WHOLE_FLOATS: f64 = 9_007_199_254_740_992.0;

/// Floats between a number and the decimal that it is meant to be, at most.
const NOISE: u64 = 2;

/// A column as far as it is read.
pub(super) struct Column {
    cells: Cells,
    /// The sign before the decimals of a number, where it has to be text.
    decimal: char,
    errors: Vec<(usize, &'static str)>,
}

enum Cells {
    /// So many that are empty.
    Blank(usize),
    Numbers(Float64Builder),
    Booleans(BooleanBuilder),
    Moments(Vec<Option<i64>>),
    Texts(Texts),
}

impl Column {
    pub(super) fn new(decimal: char) -> Self {
        Self {
            cells: Cells::Blank(0),
            decimal,
            errors: Vec::new(),
        }
    }

    /// Puts `value` into `row`, where no cell from it on has one yet.
    pub(super) fn put(&mut self, row: usize, value: Value<'_>) {
        self.pad(row);
        if let Cells::Blank(rows) = self.cells {
            self.cells = Cells::for_one(&value, rows);
        }
        match (&mut self.cells, &value) {
            (_, Value::Blank | Value::Uncomputed) => return,
            (_, Value::Error(error)) => {
                self.errors.push((row, error));
                return;
            }
            (Cells::Numbers(numbers), Value::Number(number)) => {
                return numbers.append_value(*number);
            }
            (Cells::Booleans(booleans), Value::Boolean(boolean)) => {
                return booleans.append_value(*boolean);
            }
            (Cells::Moments(moments), Value::Moment(at)) => return moments.push(Some(*at)),
            (Cells::Texts(_), _) => {}
            _ => self.become_text(),
        }
        if let Cells::Texts(texts) = &mut self.cells {
            texts.put(&value, self.decimal);
        }
    }

    /// Makes the rows before `row` empty that have no cell.
    pub(super) fn pad(&mut self, row: usize) {
        let missing = row.saturating_sub(self.cells.len());
        match &mut self.cells {
            Cells::Blank(rows) => *rows += missing,
            Cells::Numbers(numbers) => numbers.append_nulls(missing),
            Cells::Booleans(booleans) => booleans.append_nulls(missing),
            Cells::Moments(moments) => moments.extend(std::iter::repeat_n(None, missing)),
            Cells::Texts(texts) => texts.keys.extend(std::iter::repeat_n(None, missing)),
        }
    }

    #[cold]
    fn become_text(&mut self) {
        let mut texts = Texts::default();
        let mut put = |value: Option<Value<'_>>| match value {
            None => texts.keys.push(None),
            Some(value) => texts.put(&value, self.decimal),
        };
        match &mut self.cells {
            Cells::Blank(rows) => (0..*rows).for_each(|_| put(None)),
            Cells::Numbers(numbers) => {
                let numbers = numbers.finish();
                numbers
                    .iter()
                    .for_each(|number| put(number.map(Value::Number)));
            }
            Cells::Booleans(booleans) => {
                let booleans = booleans.finish();
                booleans
                    .iter()
                    .for_each(|boolean| put(boolean.map(Value::Boolean)));
            }
            Cells::Moments(moments) => {
                moments.iter().for_each(|at| put(at.map(Value::Moment)));
            }
            Cells::Texts(_) => return,
        }
        self.cells = Cells::Texts(texts);
    }

    /// The column, and which of its cells are errors: those are null in it.
    pub(super) fn finish(self) -> (ArrayRef, Vec<(usize, &'static str)>) {
        let array: ArrayRef = match self.cells {
            Cells::Blank(rows) => Arc::new(StringArray::new_null(rows)),
            Cells::Numbers(mut numbers) => Arc::new(numbers.finish()),
            Cells::Booleans(mut booleans) => Arc::new(booleans.finish()),
            Cells::Moments(moments) => match are_days(&moments) {
                true => {
                    let day = |at: i64| (at / MILLISECONDS_A_DAY) as i32;
                    let days = moments.into_iter().map(|at| at.map(day));
                    Arc::new(days.collect::<Date32Array>())
                }
                false => Arc::new(PrimitiveArray::<TimestampMillisecondType>::from(moments)),
            },
            Cells::Texts(texts) => texts.finish(),
        };
        (array, self.errors)
    }
}

impl Cells {
    /// The cells of a column whose first value is `value`, after `rows` empty ones.
    fn for_one(value: &Value<'_>, rows: usize) -> Self {
        match value {
            Value::Blank | Value::Error(_) | Value::Uncomputed => Self::Blank(rows),
            Value::Number(_) => {
                let mut numbers = Float64Builder::new();
                numbers.append_nulls(rows);
                Self::Numbers(numbers)
            }
            Value::Boolean(_) => {
                let mut booleans = BooleanBuilder::new();
                booleans.append_nulls(rows);
                Self::Booleans(booleans)
            }
            Value::Moment(_) => Self::Moments(vec![None; rows]),
            Value::Text(_) => {
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
    fn put(&mut self, value: &Value<'_>, decimal: char) {
        let next = self.values.len() as u32;
        let key = match value {
            Value::Text(Cow::Borrowed(text)) => *self.shared.entry(text.as_ptr()).or_insert(next),
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
pub(super) fn type_of(value: &Value<'_>) -> Option<DataType> {
    match value {
        Value::Blank | Value::Error(_) | Value::Uncomputed => None,
        Value::Number(_) => Some(DataType::Float64),
        Value::Boolean(_) => Some(DataType::Boolean),
        Value::Moment(_) => Some(DataType::Date32),
        Value::Text(_) => Some(DataType::Utf8),
    }
}

/// What a cell holds, as text.
pub(super) fn text<'v>(value: &'v Value<'_>, decimal: char) -> Cow<'v, str> {
    match value {
        Value::Blank | Value::Uncomputed => "".into(),
        Value::Number(number) => number_text(*number, decimal).into(),
        Value::Boolean(true) => "true".into(),
        Value::Boolean(false) => "false".into(),
        Value::Moment(at) => moment_text(*at).into(),
        Value::Text(text) => text.as_ref().into(),
        Value::Error(error) => (*error).into(),
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
