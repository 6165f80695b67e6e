//! What a recipient has in hands: the lines of each table.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use kobling::Release;

use crate::world::{Table, World};

/// How finely a line distinguishes a dimension's categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Grain {
    Own,
    Level,
    Total,
}

/// The name of a missing value; no category is called so.
pub(crate) const MISSING: &str = "\u{0}missing";

/// A figure, or its absence.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub(crate) value: Option<f64>,
    pub(crate) status: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// For each dimension: how finely, and which category.
    pub(crate) at: Vec<(Grain, String)>,
    /// One a measure.
    pub(crate) figures: Vec<Figure>,
}

/// One table of a release.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) lines: Vec<Line>,
}

impl Published {
    /// One of each table of the world.
    pub(crate) fn all(release: &Release, world: &World) -> Vec<Self> {
        let tables = world.tables.iter();
        tables
            .map(|table| {
                let batch = release.table(&table.name).expect("the plan's table");
                Self::of(batch, world, table)
            })
            .collect()
    }

    fn of(batch: &RecordBatch, world: &World, table: &Table) -> Self {
        let dims: Vec<(Texts, Option<Texts>)> = table
            .by
            .iter()
            .map(|dim| {
                let name = &world.dims[*dim].name;
                let own = texts(batch.column_by_name(name).expect("a dimension"));
                let level = batch.column_by_name(&format!("{name}_level"));
                (own, level.map(texts))
            })
            .collect();
        let measures: Vec<(Vec<Option<f64>>, Texts)> = table
            .measures
            .iter()
            .map(|measure| {
                let name = measure.name();
                let values = numbers(batch.column_by_name(&name).expect("a measure"));
                let status = batch.column_by_name(&format!("{name}_status"));
                (values, texts(status.expect("a status")))
            })
            .collect();
        let lines = (0..batch.num_rows()).map(|row| {
            let at = table.by.iter().zip(&dims).map(|(dim, (names, levels))| {
                let grain = match levels.as_ref().map(|levels| levels[row].as_deref()) {
                    Some(Some("total")) => Grain::Total,
                    Some(Some(level)) if *level == world.dims[*dim].level_name() => Grain::Level,
                    _ => Grain::Own,
                };
                let name = match grain {
                    Grain::Total => String::new(),
                    _ => names[row].clone().unwrap_or_else(|| MISSING.to_owned()),
                };
                (grain, name)
            });
            let figures = measures.iter().map(|(values, statuses)| Figure {
                value: values[row],
                status: statuses[row].clone().expect("a status of every figure"),
            });
            Line {
                at: at.collect(),
                figures: figures.collect(),
            }
        });
        Self {
            lines: lines.collect(),
        }
    }
}

/// A column of text, by row.
type Texts = Vec<Option<String>>;

fn texts(column: &ArrayRef) -> Texts {
    let rows = 0..column.len();
    rows.map(|row| {
        if column.is_null(row) {
            return None;
        }
        if let Some(texts) = column.as_string_opt::<i32>() {
            return Some(texts.value(row).to_owned());
        }
        if let Some(truths) = column.as_boolean_opt() {
            return Some(truths.value(row).to_string());
        }
        let coded = column.as_any_dictionary();
        let labels = coded.values().as_string::<i32>();
        Some(labels.value(coded.normalized_keys()[row]).to_owned())
    })
    .collect()
}

fn numbers(column: &ArrayRef) -> Vec<Option<f64>> {
    let rows = 0..column.len();
    rows.map(|row| {
        if column.is_null(row) {
            return None;
        }
        Some(
            if let Some(counts) = column.as_primitive_opt::<UInt64Type>() {
                counts.value(row) as f64
            } else if let Some(sums) = column.as_primitive_opt::<Int64Type>() {
                sums.value(row) as f64
            } else if let Some(means) = column.as_primitive_opt::<Float64Type>() {
                means.value(row)
            } else {
                column.as_primitive::<Decimal128Type>().value(row) as f64
            },
        )
    })
    .collect()
}
