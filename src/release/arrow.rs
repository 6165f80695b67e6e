//! A protected table as an Arrow record batch.

mod share;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array,
    Int64Array, RecordBatch, StringArray, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};

use crate::column::NO_ORDINAL;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::table::{Grain, Measure, Statistic, TOTAL, TablePlan};
use crate::plan::{ColumnType, Plan};
use crate::protect::{Outcome, Protected, Value};
use crate::table::{Dimension, Table};

/// Digits of a sum of decimals: all that Arrow's 128 bits hold.
const SUM_PRECISION: u8 = 38;

pub(super) fn to_batch(
    table: &Table<Protected>,
    plan: &TablePlan,
    whole: &Plan,
) -> Result<RecordBatch> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (place, dimension) in table.dimensions.iter().enumerate() {
        fields.push(Field::new(&dimension.name, dimension.data_type(), true));
        columns.push(dimension_column(dimension, place, table));
        if table
            .blocks
            .iter()
            .any(|block| block.grouping[place] != Grain::Own)
        {
            let levels = levels(dimension, place, table);
            fields.push(Field::new(
                format!("{}_level", dimension.name),
                levels.data_type().clone(),
                false,
            ));
            columns.push(levels);
        }
    }
    let mut add = |name: &str, values: ArrayRef, statuses: ArrayRef| {
        fields.push(Field::new(name, values.data_type().clone(), true));
        columns.push(values);
        fields.push(Field::new(
            status_name(name),
            statuses.data_type().clone(),
            false,
        ));
        columns.push(statuses);
    };
    for place in 0..=plan.measures.len() {
        for share in plan.shares.iter().filter(|share| share.before == place) {
            let (values, statuses) = share::columns(share, table);
            add(&share.name, values, statuses);
        }
        let Some(measure) = plan.measures.get(place) else {
            continue;
        };
        let outcomes = table.rows().map(|(_, _, outcomes)| outcomes[place]);
        let values = measure_column(measure, outcomes.clone())
            .map_err(|error| error.in_column(&measure.name))?;
        add(&measure.name, values, statuses(outcomes));
    }
    let metadata = [
        ("kobling.kind", "release".to_owned()),
        ("kobling.format", "1".to_owned()),
        ("kobling.plan", whole.digest().to_string()),
        ("kobling.project", whole.project().to_owned()),
        ("kobling.table", table.name.clone()),
        ("kobling.version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let metadata = metadata
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    let schema = Schema::new(fields).with_metadata(metadata.collect::<arrow_schema::Metadata>());
    RecordBatch::try_new(Arc::new(schema), columns).map_err(|_| {
        Error::new(
            ErrorKind::Overflow,
            "the table's columns do not fit together",
        )
    })
}

/// The name of a measure's status column.
fn status_name(measure: &str) -> String {
    format!("{measure}_status")
}

/// At which of its levels each cell has the dimension: by the dimension's own
/// name, by the name of a level, or as a total.
fn levels(dimension: &Dimension, at: usize, table: &Table<Protected>) -> ArrayRef {
    let names = table.rows().map(|(grouping, _, _)| match grouping[at] {
        Grain::Own => dimension.name.as_str(),
        Grain::Level(level) => dimension.levels[level].name.as_str(),
        Grain::Total => TOTAL,
    });
    Arc::new(StringArray::from_iter_values(names))
}

fn dimension_column(dimension: &Dimension, at: usize, table: &Table<Protected>) -> ArrayRef {
    let ordinals = table.rows().map(|(_, place, _)| place[at]);
    let ordinals = ordinals.map(|ordinal| (ordinal != NO_ORDINAL).then_some(ordinal));
    match dimension.kind {
        ColumnType::Category => {
            let categories = table.rows().map(|(grouping, place, _)| {
                let (grain, ordinal) = (grouping[at], place[at]);
                let label = || dimension.labels_at(grain)[ordinal as usize].as_str();
                (ordinal != NO_ORDINAL).then(|| (grain, ordinal, label()))
            });
            let (keys, labels) = used_labels(categories);
            Arc::new(DictionaryArray::new(keys, Arc::new(labels)))
        }
        ColumnType::Boolean => Arc::new(
            ordinals
                .map(|o| o.map(|o| o == 1))
                .collect::<BooleanArray>(),
        ),
        ColumnType::Date => Arc::new(
            ordinals
                .map(|o| o.map(|o| o as i32))
                .collect::<Date32Array>(),
        ),
        // Decimals are no dimensions: the plan's checks refuse them.
        ColumnType::Integer | ColumnType::Decimal { .. } => {
            Arc::new(ordinals.collect::<Int64Array>())
        }
    }
}

/// Keys and labels of the categories that have a cell, the labels in their
/// order. Others are left out: a label that is in the extract but in no cell
/// may be one person's.
fn used_labels<'a>(
    categories: impl Iterator<Item = Option<(Grain, i64, &'a str)>> + Clone,
) -> (UInt32Array, StringArray) {
    let used: BTreeSet<_> = categories.clone().flatten().collect();
    let mut labels = Vec::new();
    let mut codes: HashMap<&str, u32> = HashMap::new();
    // A category may be called the same at two levels.
    for (_, _, label) in used {
        codes.entry(label).or_insert_with(|| {
            labels.push(label);
            labels.len() as u32 - 1
        });
    }
    let keys = categories.map(|category| category.map(|(_, _, label)| codes[label]));
    (keys.collect(), StringArray::from_iter_values(labels))
}

fn measure_column(measure: &Measure, outcomes: impl Iterator<Item = Outcome>) -> Result<ArrayRef> {
    let values = outcomes.map(Outcome::value);
    let too_large = || Error::new(ErrorKind::Overflow, "a figure does not fit its column");
    let sum = |value: Option<Value>| match value {
        Some(Value::Sum(sum)) => Some(sum),
        _ => None,
    };
    Ok(match measure.what {
        Statistic::Persons | Statistic::Rows => Arc::new(
            values
                .map(|value| match value {
                    Some(Value::Count(count)) => Some(count),
                    _ => None,
                })
                .collect::<UInt64Array>(),
        ),
        Statistic::Mean { .. } => Arc::new(
            values
                .map(|value| match value {
                    Some(Value::Mean(mean)) => Some(mean),
                    _ => None,
                })
                .collect::<Float64Array>(),
        ),
        Statistic::Sum {
            kind: ColumnType::Decimal { scale },
            ..
        } => {
            let sums: Decimal128Array = values.map(sum).collect();
            let kind = DataType::Decimal128(SUM_PRECISION, scale as i8);
            let sums = sums.with_data_type(kind);
            sums.validate_decimal_precision(SUM_PRECISION)
                .map_err(|_| too_large())?;
            Arc::new(sums)
        }
        Statistic::Sum { .. } => {
            let sums = values.map(|value| {
                sum(value)
                    .map(|sum| i64::try_from(sum).map_err(|_| too_large()))
                    .transpose()
            });
            Arc::new(sums.collect::<Result<Int64Array>>()?)
        }
    })
}

fn statuses(outcomes: impl Iterator<Item = Outcome>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(outcomes.map(Outcome::status)))
}
