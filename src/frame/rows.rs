//! Frames in: a register's rows, taken from polars as they would be from files.
//!
//! Only the plan's columns are looked at, and a lazy frame computes no others.
//! polars' own error texts quote the values that they stumbled on; none is
//! passed on.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};
use polars::prelude::{CompatLevel, DataFrame, DataType, Expr, LazyFrame, Series, by_name};

use super::ffi;
use crate::error::{Error, ErrorKind, Result, nearest};
use crate::plan::Plan;
use crate::rows::{Rows, permitted};

const TYPES_HELP: &str = "cast it; columns are read from String, Categorical, Enum, \
                          Int8 to Int64, UInt8 to UInt64, Float32, Float64, Decimal, Boolean, \
                          Date, and Datetime without time zone";

impl Rows {
    /// Takes the rows of the register `source` from a polars frame (feature
    /// `polars`). Only the plan's columns are looked at.
    ///
    /// The frame's memory is shared and not copied, but for categories, whose
    /// keys are written anew, and for frames whose columns are cut into chunks
    /// at different rows, which are made contiguous. A column may be of type
    /// `String`, `Categorical`, `Enum`, `Int8` to `Int64`, `UInt8` to `UInt64`,
    /// `Float32`, `Float64`, `Decimal`, `Boolean`, `Date`, `Datetime` without
    /// time zone, or `Null`. Which of them makes no difference to the extract,
    /// as long as they hold the same values.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Permission`] if the plan may not run today,
    /// [`ErrorKind::Plan`] if it has no such source, [`ErrorKind::Rows`] if
    /// the frame lacks a column or has it in another type.
    ///
    /// # Disclosure
    ///
    /// The frame stays with the agency, as files would. An error names columns
    /// and types, never a value.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::{DomainKey, Extract, Plan, Result, Rows};
    /// use polars::prelude::DataFrame;
    ///
    /// fn extract(plan: &Plan, frame: &DataFrame, key: &DomainKey) -> Result<Extract> {
    ///     Rows::from_frame(plan, "population", frame)?.identify()?.pseudonymise(key)
    /// }
    /// ```
    pub fn from_frame(plan: &Plan, source: &str, frame: &DataFrame) -> Result<Self> {
        let (_, declared) = permitted(plan, source)?;
        let columns = declared.reads();
        check(&columns, frame.schema()).map_err(|error| error.in_source(source))?;
        let batches = batches(&columns, frame).map_err(|error| error.in_source(source))?;
        Self::from_batches(plan, source, batches)
    }

    /// Takes the rows of the register `source` from a lazy polars frame
    /// (feature `polars`), which computes the plan's columns and no others.
    ///
    /// Nothing is computed if the plan may not run, or if the frame's schema
    /// does not fit. The computed columns are held in memory.
    ///
    /// # Errors
    ///
    /// As [`from_frame`](Self::from_frame); and [`ErrorKind::Rows`] if polars
    /// cannot resolve or compute the frame. Why is not said, since polars would
    /// quote values; collect the frame to hear it.
    ///
    /// # Panics
    ///
    /// If a function of the caller's own inside the frame does.
    ///
    /// # Disclosure
    ///
    /// As [`from_frame`](Self::from_frame).
    pub fn from_lazy(plan: &Plan, source: &str, mut frame: LazyFrame) -> Result<Self> {
        let (_, declared) = permitted(plan, source)?;
        let columns = declared.reads();
        let failed = |doing: &str| {
            Error::new(
                ErrorKind::Rows,
                format!("polars cannot {doing} the lazy frame"),
            )
            .in_source(source)
            .help(
                "collect the frame before giving it, to have polars say why; \
                 its text is not shown here, since it may quote values",
            )
        };
        let schema = frame.collect_schema().map_err(|_| failed("resolve"))?;
        check(&columns, &schema).map_err(|error| error.in_source(source))?;
        let frame = frame.select([only(&columns)]).collect();
        Self::from_frame(plan, source, &frame.map_err(|_| failed("compute"))?)
    }
}

/// The columns of these names, literally: a plan's `^.*$` is a name, not a pattern.
fn only(columns: &[&str]) -> Expr {
    by_name(columns.iter().copied(), true, false).as_expr()
}

/// Refuses a frame that lacks one of `columns`, or has it in a type that is not read.
fn check(columns: &[&str], schema: &polars::prelude::Schema) -> Result<()> {
    for &column in columns {
        match schema.get(column) {
            Some(kind) if is_read(kind) => {}
            Some(kind) => return Err(not_read(kind).in_column(column)),
            None => {
                let error = Error::new(ErrorKind::Rows, "the frame has no such column");
                let known = schema.iter_names().map(|name| name.as_str());
                return Err(match nearest(column, known) {
                    Some(near) => error.help(format!("did you mean {near:?}?")),
                    None => error,
                }
                .in_column(column));
            }
        }
    }
    Ok(())
}

fn is_read(kind: &DataType) -> bool {
    use DataType::*;
    match kind {
        Null | Boolean | String | Categorical(..) | Enum(..) => true,
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64 => true,
        // A time zone would make the day depend on where one is.
        Float32 | Float64 | Decimal(..) | Date | Datetime(_, None) => true,
        _ => false,
    }
}

fn not_read(kind: &DataType) -> Error {
    // Its `Display` and not its `Debug`, which would list the categories.
    let rule = format!("its polars type is {kind}, which is not read");
    Error::new(ErrorKind::Rows, rule).help(TYPES_HELP)
}

/// `columns` of `frame`, which has them, one batch a chunk.
fn batches(columns: &[&str], frame: &DataFrame) -> Result<Vec<RecordBatch>> {
    let malformed = || Error::new(ErrorKind::Rows, "the frame is malformed");
    let series = columns.iter().map(|column| {
        let found = frame.column(column).map_err(|_| malformed())?;
        Ok(found.as_materialized_series().clone())
    });
    let mut series: Vec<Series> = series.collect::<Result<_>>()?;
    let cuts = |series: &Series| series.chunk_lengths().collect::<Vec<usize>>();
    let first = series.first().map(cuts).unwrap_or_default();
    let mut chunks = first.len();
    if series.iter().any(|other| cuts(other) != first) {
        series = series.iter().map(|series| series.rechunk()).collect();
        chunks = 1;
    }
    let import = |series: &Series, chunk: usize| {
        let array = series.to_arrow(chunk, CompatLevel::newest());
        ffi::import(array).ok_or_else(|| not_read(series.dtype()).in_column(series.name().as_str()))
    };
    let batch = |chunk: usize| {
        let arrays: Result<Vec<_>> = series.iter().map(|series| import(series, chunk)).collect();
        let arrays = arrays?;
        let fields = columns.iter().zip(&arrays);
        let fields = fields.map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
        let schema = Schema::new(fields.collect::<Vec<_>>());
        RecordBatch::try_new(Arc::new(schema), arrays).map_err(|_| malformed())
    };
    (0..chunks).map(batch).collect()
}
