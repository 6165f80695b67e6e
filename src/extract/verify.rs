//! What is read back is not trusted: every property that linking relies on, verified.

mod categories;
mod order;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Fields, Schema};
use rayon::prelude::*;

use super::window::chunks_of;
use super::{ContentDigest, Header, MOST_ROWS, PSEUDONYM, PseudonymColumn, content, history};
use crate::column::stored::MOST;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Column, ColumnType, Date, Source};
use crate::pseudonym::{Pseudonym, WIDTH};

/// Persons below which a test of how pseudonyms are spread says nothing.
const LEAST_PERSONS: usize = 256;

/// Persons that the test looks at.
const SAMPLE: usize = 1 << 16;

/// Bytes of pseudonyms by which they are cut into parts, at most: in a part they are not
/// spread.
const CUT_BY: usize = 8;

/// The columns of the extract of `source` in `batches`, verified, each in chunks.
pub(super) fn verified(
    source: &Source,
    header: &Header,
    schema: &Schema,
    batches: &[RecordBatch],
) -> Result<(Vec<Vec<ArrayRef>>, ContentDigest)> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if rows as u64 != header.rows || rows > MOST_ROWS {
        let rule = format!("has {rows} rows; its header says {}", header.rows);
        return Err(refuse(rule));
    }
    let columns = columns(source, header, schema, batches)?;
    check_rows(source, header, &columns, 0)?;
    // Last, for it names no place.
    let content = content::digest(header, &columns);
    match Header::content(schema) == Some(content) {
        true => Ok((columns, content)),
        false => Err(changed()),
    }
}

/// The columns of some rows of the extract of `source`: all of the persons in a part.
/// That they are all is for the caller to know.
pub(super) fn verified_part(
    source: &Source,
    header: &Header,
    schema: &Schema,
    batches: &[RecordBatch],
) -> Result<Vec<Vec<ArrayRef>>> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if rows as u64 > header.rows || rows > MOST_ROWS {
        let rule = format!(
            "has {rows} rows in a part; its header says {} in all",
            header.rows
        );
        return Err(refuse(rule));
    }
    let columns = columns(source, header, schema, batches)?;
    check_rows(source, header, &columns, CUT_BY)?;
    Ok(columns)
}

/// Why values are refused that have another digest.
pub(super) fn changed() -> Error {
    refuse("its values are not those that it was made with: it was changed or damaged")
}

/// The columns of the extract of `source` in `batches`, each in chunks and each value one
/// that there can be; in which order, nobody looked.
pub(super) fn columns(
    source: &Source,
    header: &Header,
    schema: &Schema,
    batches: &[RecordBatch],
) -> Result<Vec<Vec<ArrayRef>>> {
    let expected = header.fields(source);
    check_columns(schema, &expected)?;
    // Columns of pseudonyms; the declared ones come after them.
    let first = expected.len() - source.columns().len();
    for other in &schema.fields()[1..first] {
        if !Header::tags(schema, other) {
            let rule = "is not tagged as the pseudonym column is";
            return Err(refuse(rule).in_column(other.name()));
        }
    }
    let columns = expected.iter().enumerate().map(|(place, field)| {
        let chunks = chunks_of(batches, place, field.data_type());
        let chunks = match place.checked_sub(first) {
            None => check_pseudonyms(&chunks).map(|()| chunks),
            Some(declared) => check_column(&source.columns()[declared], chunks),
        };
        chunks.map_err(|error| error.in_column(field.name()))
    });
    columns.collect()
}

/// That rows are in order, and pseudonyms spread from the byte `from` on.
fn check_rows(
    source: &Source,
    header: &Header,
    columns: &[Vec<ArrayRef>],
    from: usize,
) -> Result<()> {
    match source.is_history() {
        true => history::check(columns)?,
        false => order::check(source, columns)?,
    }
    let expected = header.fields(source);
    let first = expected.len() - source.columns().len();
    for (keys, field) in columns[..first].iter().zip(&expected) {
        check_spread(&PseudonymColumn::of(keys), from).map_err(|error| {
            match field.name() == PSEUDONYM {
                true => error,
                false => error.in_column(field.name()),
            }
        })?;
    }
    Ok(())
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
fn check_spread(keys: &PseudonymColumn<'_>, from: usize) -> Result<()> {
    let sampled = sample(keys);
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
    for counts in counts.into_iter().skip(from) {
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

/// Distinct pseudonyms, all or some [`SAMPLE`] of them.
///
/// Rows are drawn by chance. Every n-th row of a sorted register would be
/// nearly every n-th pseudonym there can be, whose third byte hardly moves if n
/// is such that the first two count up.
fn sample(keys: &PseudonymColumn<'_>) -> Vec<Pseudonym> {
    let rows = keys.len();
    let mut found: Vec<Pseudonym> = if rows <= SAMPLE {
        (0..rows).map(|row| keys.get(row)).collect()
    } else {
        let row = |draw: u64| ((u128::from(drawn(draw)) * rows as u128) >> 64) as usize;
        (0..SAMPLE as u64).map(|draw| keys.get(row(draw))).collect()
    };
    // A person of many rows would count as often as the sample meets one.
    found.sort_unstable();
    found.dedup();
    if found.len() >= LEAST_PERSONS || rows <= SAMPLE {
        return found;
    }
    // A few persons have nearly all rows, and hide the rest: by persons then.
    let first = |row: &usize| *row == 0 || keys.get(*row) != keys.get(row - 1);
    let persons = (0..rows).filter(first).count();
    let one_in = persons.div_ceil(SAMPLE) as u64;
    let persons = (0..rows).filter(first).zip(0..);
    persons
        .filter(|(_, person)| drawn(*person).is_multiple_of(one_in))
        .map(|(row, _)| keys.get(row))
        .collect()
}

/// A fixed sequence that looks random: Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014, figure 14 (SplitMix64).
fn drawn(draw: u64) -> u64 {
    let mut z = (draw + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::PseudonymBytes;
    use super::*;

    fn passes(mut numbers: Vec<u128>) -> bool {
        numbers.sort_unstable();
        let keys: Vec<PseudonymBytes> = numbers.into_iter().map(u128::to_be_bytes).collect();
        check_spread(&PseudonymColumn::from_chunks(vec![&keys]), 0).is_ok()
    }

    /// Another sequence than the one that rows are drawn by.
    fn hashed(person: u64) -> u128 {
        let half = |n: u64| u128::from(drawn(n ^ 0x5851_f42d_4c95_7f2d));
        half(2 * person) << 64 | half(2 * person + 1)
    }

    #[test]
    fn hashed_pseudonyms_pass_whatever_their_number() {
        for persons in [255, 300, 65_536, 65_537, 1 << 20, 1_310_720, 2_000_003] {
            assert!(passes((0..persons).map(hashed).collect()), "{persons}");
        }
    }

    #[test]
    fn counters_are_refused_also_behind_a_person_with_nearly_all_rows() {
        let many = 3_000_000;
        let counted = |persons: u128| vec![u128::MAX / 3; many].into_iter().chain(1..persons);
        assert!(!passes((1..300).collect()));
        assert!(!passes(counted(10_000).collect()));
        let one_has_most = vec![hashed(0); many].into_iter();
        assert!(passes(
            one_has_most.chain((1..90_000).map(hashed)).collect()
        ));
    }
}
