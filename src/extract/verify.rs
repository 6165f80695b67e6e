//! What is read back is not trusted: every property that linking relies on, verified.

mod categories;
mod order;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Fields, Schema};
use rayon::prelude::*;

use super::window::chunks_of;
use super::{ContentDigest, Header, Keys, MOST_ROWS, content};
use crate::column::stored::MOST;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Column, ColumnType, Date, Source};
use crate::pseudonym::{Pseudonym, WIDTH};

/// Persons below which a test of how pseudonyms are spread says nothing.
const LEAST_PERSONS: usize = 256;

/// Persons that the test looks at.
const SAMPLE: usize = 1 << 16;

/// The columns of the extract of `source` in `batches`, verified, each in chunks.
pub(super) fn verified(
    source: &Source,
    header: &Header,
    schema: &Schema,
    batches: &[RecordBatch],
) -> Result<(Vec<Vec<ArrayRef>>, ContentDigest)> {
    let expected = header.fields(source);
    check_columns(schema, &expected)?;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if rows as u64 != header.rows || rows > MOST_ROWS {
        let rule = format!("has {rows} rows; its header says {}", header.rows);
        return Err(refuse(rule));
    }
    let columns = expected.iter().enumerate().map(|(place, field)| {
        let chunks = chunks_of(batches, place, field.data_type());
        let chunks = match place.checked_sub(1) {
            None => check_pseudonyms(&chunks).map(|()| chunks),
            Some(declared) => check_column(&source.columns()[declared], chunks),
        };
        chunks.map_err(|error| error.in_column(field.name()))
    });
    let columns: Vec<Vec<ArrayRef>> = columns.collect::<Result<_>>()?;
    order::check(source, &columns)?;
    check_spread(&Keys::of(&columns[0]))?;
    // Last, for it names no place.
    let content = content::digest(header, &columns);
    if Header::content(schema) != Some(content) {
        let rule = "its values are not those that it was made with: it was changed or damaged";
        return Err(refuse(rule));
    }
    Ok((columns, content))
}

fn refuse(rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Extract, rule)
}

fn check_columns(schema: &Schema, expected: &Fields) -> Result<()> {
    let names = |fields: &Fields| -> Vec<String> {
        fields.iter().map(|field| field.name().clone()).collect()
    };
    if names(schema.fields()) != names(expected) {
        return Err(refuse("does not have the columns that the plan declares"));
    }
    for (found, wanted) in schema.fields().iter().zip(expected) {
        if found.data_type() != wanted.data_type() {
            return Err(refuse(format!(
                "is of type {}; the plan declares {}",
                found.data_type(),
                wanted.data_type()
            ))
            .in_column(found.name()));
        }
    }
    Ok(())
}

fn check_pseudonyms(chunks: &[ArrayRef]) -> Result<()> {
    match chunks.iter().any(|chunk| chunk.null_count() > 0) {
        true => Err(refuse("a pseudonym is missing")),
        false => Ok(()),
    }
}

/// The chunks of a column, each value one that the column's steps give.
fn check_column(column: &Column, chunks: Vec<ArrayRef>) -> Result<Vec<ArrayRef>> {
    let kind = column.column_type();
    if kind == ColumnType::Category {
        return categories::canonical(column, &chunks);
    }
    let recipe = column.recipe();
    let number_fits = |value: i128| (-MOST..=MOST).contains(&value) && recipe.gives_number(value);
    let fits = |array: &ArrayRef| match kind {
        ColumnType::Integer => {
            let integers = array.as_primitive::<Int64Type>();
            let mut integers = integers.iter().flatten();
            integers.all(|value| number_fits(value.into()))
        }
        ColumnType::Decimal { .. } => {
            let decimals = array.as_primitive::<Decimal128Type>();
            decimals.iter().flatten().all(number_fits)
        }
        ColumnType::Date => {
            let days = array.as_primitive::<Date32Type>();
            days.iter()
                .flatten()
                .all(|days| Date::from_days(days).is_some_and(|date| recipe.gives_date(date)))
        }
        ColumnType::Category | ColumnType::Boolean => true,
    };
    match chunks.par_iter().all(fits) {
        true => Ok(chunks),
        false => Err(refuse("holds a value that the plan's steps do not give")),
    }
}

/// Pseudonyms of a keyed hash are uniform in every byte. Counters, bare hashes
/// cut to size, padded numbers and the like are not; Pearson's chi-squared
/// statistic over 256 values of a byte has mean 255 and standard deviation
/// √510, and does not exceed twelve of those by chance in any register there is.
fn check_spread(keys: &Keys<'_>) -> Result<()> {
    let step = keys.len().div_ceil(SAMPLE).max(1);
    // A person of many rows would count as often as the sample meets one.
    let distinct = |rows: &mut dyn Iterator<Item = usize>| {
        let mut found: Vec<Pseudonym> = rows.map(|row| keys.get(row)).collect();
        found.dedup();
        found
    };
    let mut sampled = distinct(&mut (0..keys.len()).step_by(step));
    if sampled.len() < LEAST_PERSONS && step > 1 {
        // A few persons have nearly all rows, and hide the rest from the sample.
        let persons = (0..keys.len()).filter(|&row| row == 0 || keys.get(row) != keys.get(row - 1));
        sampled = distinct(&mut persons.take(SAMPLE));
    }
    if sampled.len() < LEAST_PERSONS {
        return Ok(());
    }
    let mut counts = [[0u32; 256]; WIDTH];
    for key in &sampled {
        for (byte, counts) in key.to_be_bytes().into_iter().zip(&mut counts) {
            counts[usize::from(byte)] += 1;
        }
    }
    let expected = sampled.len() as f64 / 256.0;
    for counts in counts {
        let distances = counts
            .iter()
            .map(|&count| (f64::from(count) - expected).powi(2));
        let statistic: f64 = distances.sum::<f64>() / expected;
        if statistic > 255.0 + 12.0 * 510f64.sqrt() {
            let rule = "its pseudonyms are not spread as those of a keyed hash are: it was not made by kobling";
            return Err(refuse(rule));
        }
    }
    Ok(())
}
