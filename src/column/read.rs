//! A register's raw column, read as its recipe says.
//!
//! Whatever cannot be read is refused with its row and the rule, never with
//! the value; or counts as missing where the plan says so.

use std::ops::RangeInclusive;

use arrow_array::{Array, Float64Array, Int64Array};

use kobling_identifier::guarded::bare;

use super::floats;
use super::steps::{BEYOND, Interner, RefusedValue, Steps};
use super::stored::MOST;
use super::{Labels, MISSING, NO_ORDINAL, ValueCounts, Values, WholeNumbers, no_labels, tally};
use crate::error::counted;
use crate::plan::document::InvalidValue;
use crate::plan::recipe::{DateFormat, NoDay, Reads, Recipe};
use crate::plan::scalar::{Excess, MOST_SCALE, NotANumber, parse_scaled};
use crate::plan::{ColumnType, Date};
use crate::rows::cell::{Cell, ColumnCells, NO_KEY};

/// Up to here (2⁵³) every whole number is a 64-bit float.
const WHOLE_FLOATS: f64 = 9_007_199_254_740_992.0;

/// Reads `cells` in `rows` and takes the recipe's steps.
///
/// # Errors
///
/// The first value refused; its row counts from 0 in `rows`.
pub(crate) fn read(
    recipe: &Recipe,
    cells: &ColumnCells,
    rows: &[usize],
) -> Result<(Values, ValueCounts), RefusedValue> {
    let mut reader = ColumnReader {
        recipe,
        buffer: String::new(),
        unreadable: 0,
    };
    let values = match &recipe.reads {
        Reads::Text => reader.categories(cells, rows)?,
        Reads::Number { scale, excess } => Values::Numbers {
            values: reader.numbers(cells, rows, *scale, *excess)?,
            scale: *scale,
        },
        Reads::Boolean => Values::Booleans(reader.each(cells, rows, boolean)?),
        Reads::Date(format) => {
            let days = reader.each(cells, rows, |cell, buffer| day(cell, format, buffer))?;
            match (recipe.output, recipe.bands.is_some()) {
                (ColumnType::Category, false) => periods(recipe, &days),
                _ => Values::Dates(days),
            }
        }
    };
    let mut unreadable = reader.unreadable;
    let missing = tally::missing(&values) - unreadable;
    let steps = match &values {
        Values::Codes { labels, .. } => Steps::new(recipe, labels),
        _ => Steps::new(recipe, &no_labels()),
    };
    let values = steps.apply_counting(values, &mut unreadable)?;
    let values = in_range(recipe, values, &mut unreadable)?;
    let counts = ValueCounts {
        used: rows.len() as u64 - missing - unreadable,
        missing,
        unreadable,
    };
    Ok((values, counts))
}

struct ColumnReader<'a> {
    recipe: &'a Recipe,
    buffer: String,
    /// Values that count as missing because they could not be read.
    unreadable: u64,
}

impl ColumnReader<'_> {
    /// Whether the value counts as missing before it is read.
    fn is_missing(&mut self, cell: Cell<'_>) -> bool {
        match cell {
            Cell::Missing => true,
            Cell::Text(text) if text.trim().is_empty() => true,
            Cell::Float(float) if float.is_nan() => true,
            Cell::Single(float) if float.is_nan() => true,
            _ if self.recipe.missing.is_empty() => false,
            cell => {
                let text = cell.text(&mut self.buffer);
                text.is_some_and(|text| self.recipe.missing.contains(text))
            }
        }
    }

    fn categories(&mut self, cells: &ColumnCells, rows: &[usize]) -> Result<Values, RefusedValue> {
        if cells.may_have_errors() {
            for (at, &row) in rows.iter().enumerate() {
                // An error of a spreadsheet is the name of no category.
                self.one(cells, row, at, |_| Ok(()))?;
            }
        }
        let mut labels = Interner::default();
        let mut buffer = String::new();
        let mut code = |cell: Cell<'_>| {
            let text = match cell {
                Cell::Error(_) => None,
                cell => cell.text(&mut buffer),
            };
            text.map_or(MISSING, |text| labels.code(text))
        };
        let codes = match cells.dictionary() {
            None => rows.iter().map(|&row| code(cells.get(row))).collect(),
            // A label is read once, when a row has it.
            Some((values, keys)) => {
                let mut known: Vec<Option<u32>> = Vec::new();
                let mut of_key = |key: usize| {
                    if key == NO_KEY {
                        return MISSING;
                    }
                    if key >= known.len() {
                        known.resize(key + 1, None);
                    }
                    *known[key].get_or_insert_with(|| code(values.get(key)))
                };
                rows.iter().map(|&row| of_key(keys[row])).collect()
            }
        };
        Ok(self.without_missing(codes, labels.labels()))
    }

    /// Categories whose labels may mean a missing value; whether one does,
    /// is asked once a label.
    fn without_missing(&self, mut codes: Vec<u32>, labels: Labels) -> Values {
        let missing = &self.recipe.missing;
        if missing.is_empty() {
            return Values::Codes { codes, labels };
        }
        let mut left = Vec::new();
        let place = |label: &String| match missing.contains(label) {
            true => MISSING,
            false => {
                left.push(label.clone());
                left.len() as u32 - 1
            }
        };
        let places: Vec<u32> = labels.iter().map(place).collect();
        for code in &mut codes {
            *code = places.get(*code as usize).copied().unwrap_or(MISSING);
        }
        let labels = left.into();
        Values::Codes { codes, labels }
    }

    fn numbers(
        &mut self,
        cells: &ColumnCells,
        rows: &[usize],
        scale: u8,
        excess: Excess,
    ) -> Result<WholeNumbers, RefusedValue> {
        let plain = Plain::of(self.recipe, cells, scale);
        let mut numbers = WholeNumbers::with_capacity(rows.len());
        let mut buffer = String::new();
        for (at, &row) in rows.iter().enumerate() {
            numbers.push(match plain.get(row) {
                Some(plain) => plain.map(i128::from),
                None => self.number(cells, row, at, |cell| {
                    number(cell, scale, excess, &mut buffer)
                })?,
            });
        }
        Ok(numbers)
    }

    fn each<T>(
        &mut self,
        cells: &ColumnCells,
        rows: &[usize],
        read: impl Fn(Cell<'_>, &mut String) -> Result<T, String>,
    ) -> Result<Vec<Option<T>>, RefusedValue> {
        let mut buffer = String::new();
        let rows = rows.iter().enumerate();
        rows.map(|(at, &row)| self.one(cells, row, at, |cell| read(cell, &mut buffer)))
            .collect()
    }

    /// The value in `row`, which a refusal calls `at`.
    fn one<T>(
        &mut self,
        cells: &ColumnCells,
        row: usize,
        at: usize,
        read: impl FnOnce(Cell<'_>) -> Result<T, String>,
    ) -> Result<Option<T>, RefusedValue> {
        self.value(cells.get(row), at, read)
    }

    /// The number in `row`, which may be text that writes it in one way or another.
    fn number(
        &mut self,
        cells: &ColumnCells,
        row: usize,
        at: usize,
        mut read: impl FnMut(Cell<'_>) -> Result<i128, String>,
    ) -> Result<Option<i128>, RefusedValue> {
        let cell = cells.get(row);
        let Cell::Text(text) = cell else {
            return self.value(cell, at, read);
        };
        if cells.written().takes(text) {
            if self.is_missing(cell) {
                return Ok(None);
            }
            if let Ok(number) = read(cell) {
                return Ok(Some(number));
            }
        } else if self.recipe.missing.names(text.trim()) {
            return Ok(None);
        }
        let mut plain = String::new();
        match cells.written().plain(text, &mut plain) {
            Ok(Some(plain)) => self.value(Cell::Text(plain), at, read),
            Ok(None) => self.value(cell, at, read),
            // What the plan has to say first is no value that cannot be read.
            Err(rule) => Err(RefusedValue {
                row: at,
                rule: rule.to_owned(),
            }),
        }
    }

    /// The value of `cell`, which a refusal calls `at`.
    fn value<T>(
        &mut self,
        cell: Cell<'_>,
        at: usize,
        read: impl FnOnce(Cell<'_>) -> Result<T, String>,
    ) -> Result<Option<T>, RefusedValue> {
        if self.is_missing(cell) {
            return Ok(None);
        }
        let read = match cell {
            Cell::Error(error) => Err(format!("is the error {error} of a spreadsheet")),
            cell => read(cell),
        };
        match read {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.recipe.invalid == InvalidValue::Missing => {
                self.unreadable += 1;
                Ok(None)
            }
            Err(rule) => Err(RefusedValue { row: at, rule }),
        }
    }
}

/// Numbers that need no reading: whole ones, and floats of few digits.
enum Plain<'a> {
    Integers(&'a Int64Array, i64),
    Floats(&'a Float64Array, f64),
    None,
}

impl<'a> Plain<'a> {
    fn of(recipe: &Recipe, cells: &'a ColumnCells, scale: u8) -> Self {
        // Whether a value is listed as missing is decided by its text.
        if !recipe.missing.is_empty() || scale > floats::DIGITS {
            return Self::None;
        }
        let factor = 10i64.pow(scale.into());
        if let Some(array) = cells.int64() {
            return Self::Integers(array, factor);
        }
        match cells.float64() {
            Some(array) => Self::Floats(array, factor as f64),
            None => Self::None,
        }
    }

    /// What [`number`] gives, or the missing value; nothing if that takes reading.
    #[inline]
    fn get(&self, row: usize) -> Option<Option<i64>> {
        match self {
            Self::Integers(array, _) if array.is_null(row) => Some(None),
            Self::Integers(array, factor) => array.value(row).checked_mul(*factor).map(Some),
            Self::Floats(array, _) if array.is_null(row) => Some(None),
            Self::Floats(array, factor) => floats::meant(array.value(row), *factor).map(Some),
            Self::None => None,
        }
    }
}

fn number(cell: Cell<'_>, scale: u8, excess: Excess, buffer: &mut String) -> Result<i128, String> {
    let no_number = || "is not a number".to_owned();
    let meant = match cell {
        Cell::Float(float) if scale <= floats::DIGITS => floats::meant(float, power(scale)),
        Cell::Single(float) if scale <= floats::DIGITS => floats::meant_single(float, power(scale)),
        _ => None,
    };
    if let Some(meant) = meant {
        return Ok(meant.into());
    }
    // A whole float that 64 bits hold exactly is what its digits say.
    let cell = match cell {
        Cell::Float(float) if float.fract() == 0.0 && float.abs() < WHOLE_FLOATS => {
            Cell::Integer(float as i128)
        }
        cell => cell,
    };
    let text = match cell {
        Cell::Integer(integer) => {
            let scaled = integer.checked_mul(10i128.pow(scale.into()));
            return scaled.ok_or_else(|| "is too large".to_owned());
        }
        Cell::Boolean(_) | Cell::Day(_) => return Err(no_number()),
        cell => cell.text(buffer).ok_or_else(no_number)?,
    };
    parse_scaled(text, scale, excess).map_err(|reason| match reason {
        NotANumber::Form => no_number(),
        NotANumber::Range => "is too large".to_owned(),
        NotANumber::Decimals if is_beyond(text) => BEYOND.to_owned(),
        NotANumber::Decimals if scale == 0 => "is not a whole number".to_owned(),
        NotANumber::Decimals => {
            format!("has more than {}", counted(scale.into(), "decimal"))
        }
    })
}

/// Whether the number that `text` writes has more decimals than any column may have.
fn is_beyond(text: &str) -> bool {
    parse_scaled(text, MOST_SCALE, Excess::Refuse) == Err(NotANumber::Decimals)
}

/// `10^scale`, of up to 15 zeros, which a float holds exactly.
fn power(scale: u8) -> f64 {
    10i64.pow(scale.into()) as f64
}

fn boolean(cell: Cell<'_>, buffer: &mut String) -> Result<bool, String> {
    if let Cell::Boolean(boolean) = cell {
        return Ok(boolean);
    }
    let text = cell.text(buffer).unwrap_or_default();
    truth(text).ok_or_else(|| "is not true, false, 1 or 0".to_owned())
}

/// Whether `text` writes true or false.
pub(super) fn truth(text: &str) -> Option<bool> {
    if text == "1" || text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text == "0" || text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn day(cell: Cell<'_>, format: &DateFormat, buffer: &mut String) -> Result<i32, String> {
    let day = match cell {
        Cell::Day(days) => DAYS.contains(&days).then_some(days).ok_or(NoDay::Form),
        cell => {
            let text = cell.text(buffer).unwrap_or_default();
            day_in(format, text).map(Date::days)
        }
    };
    day.map_err(|no_day| no_day.rule().to_owned())
}

/// The day that `text` writes, guarded against Excel or not.
pub(super) fn day_in(format: &DateFormat, text: &str) -> Result<Date, NoDay> {
    format.day(text).or_else(|no_day| match bare(text) {
        inside if inside.len() < text.len() => format.day(inside),
        _ => Err(no_day),
    })
}

/// The days that are dates: of the years 1 to 9999, counted from 1970-01-01.
const DAYS: RangeInclusive<i32> = -719_162..=2_932_896;

/// Dates as categories: `2026`, `2026-01` or `2026-01-31`.
fn periods(recipe: &Recipe, days: &[Option<i32>]) -> Values {
    use crate::plan::document::Truncate;
    let mut labels = Interner::default();
    let codes = days.iter().map(|day| match day.and_then(Date::from_days) {
        None => MISSING,
        Some(date) => {
            let text = date.to_string();
            labels.code(match recipe.truncate {
                Some(Truncate::Year) => &text[..4],
                Some(Truncate::Month) => &text[..7],
                None => &text,
            })
        }
    });
    let codes = codes.collect();
    Values::Codes {
        codes,
        labels: labels.labels(),
    }
}

/// Numbers of more than 18 digits are refused, or count as missing, as what cannot be read.
fn in_range(
    recipe: &Recipe,
    mut given: Values,
    unreadable: &mut u64,
) -> Result<Values, RefusedValue> {
    if let (Values::Numbers { values, .. }, true) = (&mut given, recipe.output.scale().is_some()) {
        if let WholeNumbers::Narrow(narrow) = &*values {
            let most = MOST as i64;
            let fits = |&value: &i64| value == NO_ORDINAL || (-most..=most).contains(&value);
            if narrow.iter().all(fits) {
                return Ok(given);
            }
        }
        let fits = |value: Option<i128>| value.is_none_or(|v| (-MOST..=MOST).contains(&v));
        let misfit = values.iter().position(|value| !fits(value));
        if let Some(row) = misfit {
            if recipe.invalid == InvalidValue::Fail {
                let rule = "has more than 18 digits".to_owned();
                return Err(RefusedValue { row, rule });
            }
            *unreadable += values.iter().filter(|value| !fits(*value)).count() as u64;
            let kept = values.iter().map(|value| value.filter(|_| fits(value)));
            *values = kept.collect();
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests;
