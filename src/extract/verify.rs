//! What is read back is not trusted: every property that linking relies on, verified.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Schema, SchemaRef};

use super::sort::{RowOrder, canonical_labels, concat_all, places};
use super::{Header, Keys, content, one_row_each};
use crate::column::stored::{MOST, data_type};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Column, ColumnType, Date, Source};
use crate::pseudonym::WIDTH;

/// Persons below which a test of how pseudonyms are spread says nothing.
const LEAST_PERSONS: usize = 256;

/// Persons that the test looks at.
const SAMPLE: usize = 1 << 16;

/// The extract of `source` in `batches`, verified, as one table.
pub(super) fn verified(
    source: &Source,
    header: &Header,
    schema: &Schema,
    batches: Vec<RecordBatch>,
) -> Result<RecordBatch> {
    let expected = header.schema(source);
    check_columns(schema, &expected)?;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if rows as u64 != header.rows || rows >= u32::MAX as usize {
        let rule = format!("has {rows} rows; its header says {}", header.rows);
        return Err(refuse(rule));
    }
    let mut columns = Vec::new();
    for place in 0..expected.fields().len() {
        let arrays: Vec<ArrayRef> = batches.iter().map(|b| b.column(place).clone()).collect();
        let joined = match place.checked_sub(1) {
            None => join(&arrays, &DataType::FixedSizeBinary(WIDTH as i32)),
            Some(declared) => join_column(&source.columns()[declared], &arrays),
        };
        let name = expected.field(place).name();
        columns.push(joined.map_err(|error| error.in_column(name))?);
    }
    check_order(source, &columns)?;
    check_spread(Keys::of(&columns[0]))?;
    // Last, for it names no place.
    if content::digest(header, &columns) != header.content {
        let rule = "its values are not those that it was made with: it was changed or damaged";
        return Err(refuse(rule));
    }
    RecordBatch::try_new(expected, columns).map_err(|_| refuse("its columns do not fit together"))
}

fn refuse(rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Extract, rule)
}

fn check_columns(schema: &Schema, expected: &SchemaRef) -> Result<()> {
    let names = |schema: &Schema| -> Vec<String> {
        schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
    };
    if names(schema) != names(expected) {
        return Err(refuse("does not have the columns that the plan declares"));
    }
    for (found, wanted) in schema.fields().iter().zip(expected.fields()) {
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

fn join(arrays: &[ArrayRef], kind: &DataType) -> Result<ArrayRef> {
    let array = match arrays {
        [] => arrow_array::new_empty_array(kind),
        [array] => array.clone(),
        arrays => concat_all(arrays).map_err(|_| refuse("cannot be joined"))?,
    };
    if matches!(kind, DataType::FixedSizeBinary(_)) && array.null_count() > 0 {
        return Err(refuse("a pseudonym is missing"));
    }
    Ok(array)
}

fn join_column(column: &Column, arrays: &[ArrayRef]) -> Result<ArrayRef> {
    let kind = column.column_type();
    let array = match kind {
        ColumnType::Category => categories(column, arrays)?,
        _ => join(arrays, &data_type(kind))?,
    };
    let recipe = column.recipe();
    let number_fits = |value| (-MOST..=MOST).contains(&value) && recipe.gives_number(value);
    let fits = match kind {
        ColumnType::Integer => {
            let integers = array.as_primitive::<Int64Type>();
            integers
                .iter()
                .flatten()
                .all(|value| number_fits(value.into()))
        }
        ColumnType::Decimal { .. } => {
            let decimals = array.as_primitive::<Decimal128Type>();
            decimals.iter().flatten().all(number_fits)
        }
        ColumnType::Date => {
            let days = array.as_primitive::<arrow_array::types::Date32Type>();
            days.iter()
                .flatten()
                .all(|days| Date::from_days(days).is_some_and(|date| recipe.gives_date(date)))
        }
        ColumnType::Category | ColumnType::Boolean => true,
    };
    match fits {
        true => Ok(array),
        false => Err(refuse("holds a value that the plan's steps do not give")),
    }
}

/// Categories with one dictionary in canonical order, whatever the file's were.
fn categories(column: &Column, arrays: &[ArrayRef]) -> Result<ArrayRef> {
    let parts = arrays
        .iter()
        .map(|array| array.as_dictionary::<UInt32Type>());
    let mut labels = Vec::new();
    for part in parts.clone() {
        let values = part.values().as_string::<i32>();
        if values.null_count() > 0 {
            return Err(refuse("its dictionary holds a missing label"));
        }
        // Parquet gives a column without values a label that no row has.
        let mut used = vec![false; values.len()];
        for key in part.keys().iter().flatten() {
            used[key as usize] = true;
        }
        let used = values.iter().flatten().zip(used).filter(|(_, used)| *used);
        labels.extend(used.map(|(label, _)| label.to_owned()));
    }
    labels.sort_unstable();
    labels.dedup();
    if !labels
        .iter()
        .all(|label| column.recipe().gives_label(label))
    {
        return Err(refuse("holds a label that the plan's steps do not give"));
    }
    let labels = canonical_labels(column, labels.into_iter());
    let place = places(&labels);
    let keys: Vec<ArrayRef> = parts
        .map(|part| {
            let values = part.values().as_string::<i32>();
            let new = values.iter().flatten().map(|label| place.get(label));
            let new: Vec<Option<u32>> = new.map(Option::<&u32>::copied).collect();
            let keys = part.keys().iter();
            Arc::new(
                keys.map(|key| key.and_then(|key| new[key as usize]))
                    .collect::<UInt32Array>(),
            ) as ArrayRef
        })
        .collect();
    let keys = join(&keys, &DataType::UInt32)?;
    let labels = StringArray::from_iter_values(&labels);
    DictionaryArray::try_new(keys.as_primitive::<UInt32Type>().clone(), Arc::new(labels))
        .map(|array| Arc::new(array) as ArrayRef)
        .map_err(|_| refuse("its dictionary does not fit its codes"))
}

/// Rows ascend by pseudonym, then by the rest of the row; one row a person if the plan says so.
fn check_order(source: &Source, columns: &[ArrayRef]) -> Result<()> {
    let keys = Keys::of(&columns[0]);
    let rest = RowOrder::of(columns[1..].iter().map(bare).collect::<Vec<_>>().iter())?;
    let one = one_row_each(source);
    for row in 1..keys.len() {
        let (before, here) = (keys.get(row - 1), keys.get(row));
        if here < before {
            return Err(refuse("its rows are not sorted by pseudonym").at_row(row as u64 + 1));
        }
        if here == before {
            if one {
                let rule = "is of a person who has a row already, and the plan says rows = \"one\"";
                return Err(refuse(rule).at_row(row as u64 + 1));
            }
            if rest.compare(row - 1, row).is_gt() {
                let rule = "its rows of one person are not sorted by their other columns";
                return Err(refuse(rule).at_row(row as u64 + 1));
            }
        }
    }
    Ok(())
}

/// A category's codes; other columns as they are.
fn bare(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Dictionary(_, _) => Arc::new(array.as_dictionary::<UInt32Type>().keys().clone()),
        _ => array.clone(),
    }
}

/// Pseudonyms of a keyed hash are uniform in every byte. Counters, bare hashes
/// cut to size, padded numbers and the like are not; Pearson's chi-squared
/// statistic over 256 values of a byte has mean 255 and standard deviation
/// √510, and does not exceed twelve of those by chance in any register there is.
fn check_spread(keys: Keys<'_>) -> Result<()> {
    let distinct = (0..keys.len()).filter(|&row| row == 0 || keys.get(row) != keys.get(row - 1));
    let persons = distinct.clone().count();
    if persons < LEAST_PERSONS {
        return Ok(());
    }
    let step = persons.div_ceil(SAMPLE);
    let mut counts = [[0u32; 256]; WIDTH];
    let mut sampled = 0.0;
    for row in distinct.step_by(step) {
        sampled += 1.0;
        for (byte, counts) in keys.get(row).to_be_bytes().into_iter().zip(&mut counts) {
            counts[usize::from(byte)] += 1;
        }
    }
    let expected = sampled / 256.0;
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
