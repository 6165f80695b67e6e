//! Whether values satisfy a condition of the plan.
//!
//! A missing value satisfies nothing but `present = false`.

use std::collections::HashSet;

use super::read::{day_in, read, truth};
use super::steps::RefusedValue;
use super::{MISSING, Values};
use crate::plan::Date;
use crate::plan::document::InvalidValue;
use crate::plan::recipe::{DateFormat, Reads, Recipe};
use crate::plan::scalar::{Excess, ListedValues, MOST_SCALE, Number, Scalar, parse_scaled};
use crate::plan::table::{Condition, Range, Test};
use crate::rows::cell::{Cell, ColumnCells};

/// Clears `holds` where a linked column's values do not satisfy the condition.
pub(crate) fn restrict(condition: &Condition, values: &Values, holds: &mut [bool]) {
    fn each<T: Copy>(values: &[Option<T>], holds: &mut [bool], test: impl Fn(T) -> bool) {
        for (value, holds) in values.iter().zip(holds) {
            *holds &= value.is_some_and(&test);
        }
    }
    let test = &condition.test;
    if let Test::Present(present) = test {
        for (row, holds) in holds.iter_mut().enumerate() {
            *holds &= is_present(values, row) == *present;
        }
        return;
    }
    match values {
        Values::Codes { codes, labels } => {
            let fits: Vec<bool> = labels.iter().map(|label| label_fits(test, label)).collect();
            for (code, holds) in codes.iter().zip(holds) {
                *holds &= *code != MISSING && fits[*code as usize];
            }
        }
        Values::Numbers { values, scale } => {
            for (value, holds) in values.iter().zip(holds) {
                *holds &= value.is_some_and(|value| number_fits(test, &Number::new(value, *scale)));
            }
        }
        Values::Booleans(values) => each(values, holds, |value| {
            listed(test, |scalar| *scalar == Scalar::Boolean(value))
        }),
        Values::Dates(values) => each(values, holds, |days| {
            Date::from_days(days).is_some_and(|date| date_fits(test, date))
        }),
    }
}

fn is_present(values: &Values, row: usize) -> bool {
    match values {
        Values::Codes { codes, .. } => codes[row] != MISSING,
        Values::Numbers { values, .. } => values.get(row).is_some(),
        Values::Booleans(values) => values[row].is_some(),
        Values::Dates(values) => values[row].is_some(),
    }
}

fn listed(test: &Test, equals: impl Fn(&Scalar) -> bool) -> bool {
    matches!(test, Test::OneOf(list) if list.iter().any(equals))
}

fn label_fits(test: &Test, label: &str) -> bool {
    listed(
        test,
        |scalar| matches!(scalar, Scalar::Text(text) if text == label),
    )
}

fn number_fits(test: &Test, number: &Number) -> bool {
    match test {
        Test::Numbers(range) => range.contains(number),
        test => listed(
            test,
            |scalar| matches!(scalar, Scalar::Number(n) if n == number),
        ),
    }
}

fn date_fits(test: &Test, date: Date) -> bool {
    match test {
        Test::Dates(range) => range.contains(&date),
        test => listed(
            test,
            |scalar| matches!(scalar, Scalar::Date(d) if *d == date),
        ),
    }
}

/// Clears `holds` where a register's raw column does not satisfy the condition.
///
/// The column is seen as the steps of the declared columns that are made from
/// it leave it, by their `recipes`: what one of them calls missing, or counts as
/// missing since it cannot be read, is missing here, and a date is read in
/// their format. So no row leaves the agency for a value that the plan says is none.
///
/// # Errors
///
/// The first row whose value cannot be compared with the condition's bounds,
/// and the rule; or whose number has two readings.
pub(crate) fn restrict_raw(
    condition: &Condition,
    recipes: &[&Recipe],
    cells: &ColumnCells,
    holds: &mut [bool],
) -> Result<(), RefusedValue> {
    let mut buffer = String::new();
    let missing = unreadable(recipes, cells, holds)?;
    let formats: Vec<&DateFormat> = recipes
        .iter()
        .filter_map(|recipe| match &recipe.reads {
            Reads::Date(format) => Some(format),
            _ => None,
        })
        .collect();
    let listed = match &condition.test {
        Test::OneOf(list) => ListedValues::of(list),
        _ => ListedValues::default(),
    };
    let numeric = listed.has_numbers() || matches!(condition.test, Test::Numbers(_));
    let mut plain = String::new();
    for (row, holds) in holds.iter_mut().enumerate().filter(|(_, holds)| **holds) {
        let refused = |rule: &str| RefusedValue {
            row,
            rule: rule.to_owned(),
        };
        let day = |cell, text: &str| day(cell, text, &formats).map_err(refused);
        let cell = cells.get(row);
        let text = cell.text(&mut buffer).filter(|_| !missing.contains(&row));
        let text = match text {
            None => None,
            Some(text) => {
                let listed = is_listed(recipes, cells, cell, text, &mut plain);
                match (listed.map_err(refused)?, cell) {
                    (true, _) => None,
                    (false, Cell::Error(error)) => {
                        let rule = format!("is the error {error} of a spreadsheet");
                        return Err(refused(&rule));
                    }
                    (false, cell) if numeric => {
                        Some(compared(cells, cell, text, &mut plain).map_err(refused)?)
                    }
                    (false, _) => Some(text),
                }
            }
        };
        *holds = match (&condition.test, text) {
            (Test::Present(present), text) => text.is_some() == *present,
            (_, None) => false,
            (Test::OneOf(list), Some(text)) => match list.first() {
                Some(Scalar::Boolean(_)) => {
                    let truth = truth(text).ok_or_else(|| refused("is not true, false, 1 or 0"))?;
                    list.contains(&Scalar::Boolean(truth))
                }
                Some(Scalar::Date(_)) => list.contains(&Scalar::Date(day(cell, text)?)),
                _ => listed.contains(text),
            },
            (Test::Numbers(range), Some(text)) => number_in(range, text)
                .ok_or_else(|| refused("is not a number that `keep` can compare"))?,
            (Test::Dates(range), Some(text)) => range.contains(&day(cell, text)?),
        };
    }
    Ok(())
}

/// Whether one of `recipes` lists the value as missing. Where a recipe reads
/// numbers, a number is recognised by what it is and not by how it is written, as it
/// is when the column is read.
fn is_listed(
    recipes: &[&Recipe],
    cells: &ColumnCells,
    cell: Cell<'_>,
    text: &str,
    plain: &mut String,
) -> Result<bool, &'static str> {
    for recipe in recipes.iter().filter(|recipe| !recipe.missing.is_empty()) {
        let missing = &recipe.missing;
        let is_number = matches!(recipe.reads, Reads::Number { .. });
        let listed = match cell {
            Cell::Text(_) if is_number && !cells.written().takes(text) => {
                missing.names(text) || missing.contains(compared(cells, cell, text, plain)?)
            }
            Cell::Text(_) if is_number => {
                missing.contains(text) || missing.contains(compared(cells, cell, text, plain)?)
            }
            _ => missing.contains(text),
        };
        if listed {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The text of a value as it is compared with numbers: a number that text
/// writes, in plain form.
fn compared<'a>(
    cells: &ColumnCells,
    cell: Cell<'_>,
    text: &'a str,
    plain: &'a mut String,
) -> Result<&'a str, &'static str> {
    match cell {
        // What is no text is written in plain form, whatever the plan says of text.
        Cell::Text(_) if !is_plain(cells, text) => {
            Ok(cells.written().plain(text, plain)?.unwrap_or(text))
        }
        _ => Ok(text),
    }
}

/// Whether `text` is a number that needs no second look.
fn is_plain(cells: &ColumnCells, text: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    cells.written().takes(text) && text.as_bytes().iter().all(plain)
}

/// The rows that hold so far in which a value that is there is missing after
/// the steps of one of `recipes`: those that say `invalid = "missing"`.
///
/// # Errors
///
/// A number that such a recipe refuses nevertheless, since it has two readings.
fn unreadable(
    recipes: &[&Recipe],
    cells: &ColumnCells,
    holds: &[bool],
) -> Result<HashSet<usize>, RefusedValue> {
    let rows: Vec<usize> = (0..holds.len()).filter(|&row| holds[row]).collect();
    let mut missing = HashSet::new();
    let lenient = |recipe: &&&Recipe| recipe.invalid == InvalidValue::Missing;
    for recipe in recipes.iter().filter(lenient) {
        // What a missing value is called does not make it present.
        let recipe = Recipe {
            absent: None,
            ..Recipe::clone(recipe)
        };
        let (values, _) = read(&recipe, cells, &rows).map_err(|refused| RefusedValue {
            row: rows[refused.row],
            ..refused
        })?;
        let rows = rows.iter().enumerate();
        missing.extend(
            rows.filter(|(at, _)| !is_present(&values, *at))
                .map(|(_, row)| *row),
        );
    }
    Ok(missing)
}

/// The day that a raw value is, in one of `formats` or as ISO 8601 has it where
/// there is none, or why it is none.
fn day(cell: Cell<'_>, text: &str, formats: &[&DateFormat]) -> Result<Date, &'static str> {
    let no_date = if formats.is_empty() {
        "is not a date (YYYY-MM-DD) that `keep` can compare"
    } else {
        "is not a date in the plan's format that `keep` can compare"
    };
    match cell {
        Cell::Day(days) => Date::from_days(days),
        _ if formats.is_empty() => day_in(&DateFormat::default(), text).ok(),
        _ => formats.iter().find_map(|format| day_in(format, text).ok()),
    }
    .ok_or(no_date)
}

/// Whether the number that `text` writes, however many decimals it has, lies in `range`.
fn number_in(range: &Range<Number>, text: &str) -> Option<bool> {
    let number = |excess| {
        parse_scaled(text, MOST_SCALE, excess)
            .ok()
            .map(|unscaled| Number::new(unscaled, MOST_SCALE))
    };
    // A bound has at most 18 decimals; so a number beyond them lies strictly
    // between its floor and its ceiling, and on the same side of every bound
    // as both, unless the bound is one of the two.
    let (floor, ceil) = (number(Excess::Floor)?, number(Excess::Ceil)?);
    let above = range.low.is_none_or(|(low, included)| {
        if included || floor != ceil {
            floor >= low
        } else {
            floor > low
        }
    });
    let below = range.high.is_none_or(|(high, included)| {
        if included || floor != ceil {
            ceil <= high
        } else {
            ceil < high
        }
    });
    Some(above && below)
}
