//! Frames out: a release's tables in polars' types.
//!
//! Values are copied: a table of a release has as many rows as cells, and a
//! copy needs no `unsafe`.

use arrow_array::cast::AsArray;
use arrow_array::types as arrow;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::DataType as ArrowType;
use polars::prelude::{
    BooleanChunked, Categories, ChunkedArray, DataFrame, DataType, Float64Type, Int32Type,
    Int64Type, Int128Type, IntoColumn, IntoSeries, NewChunkedArray, PlSmallStr, PolarsNumericType,
    PolarsResult, Series, StringChunked, UInt64Type,
};

use crate::error::{Error, ErrorKind, Result, nearest};
use crate::release::Release;

impl Release {
    /// One table as a polars frame (feature `polars`).
    ///
    /// The columns are those of [`table`](Self::table): one a dimension, then
    /// two a measure, its value and its status. A value that is suppressed is
    /// null, and so is a mean of nobody. A category becomes `Categorical`, a date `Date`, a count `UInt64`,
    /// a mean `Float64`, a sum `Int64` or `Decimal(38, scale)`, a status
    /// `String`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plan`] if the release has no such table;
    /// [`ErrorKind::Overflow`] if a figure does not fit polars' type for it.
    ///
    /// # Disclosure
    ///
    /// What the release holds, for the recipient that the plan names.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::{Release, Result};
    ///
    /// fn cells(release: &Release) -> Result<usize> {
    ///     Ok(release.frame("income_by_county")?.height())
    /// }
    /// ```
    pub fn frame(&self, table: &str) -> Result<DataFrame> {
        let batch = self.table(table).ok_or_else(|| {
            let error = Error::new(ErrorKind::Plan, "the release has no such table");
            match nearest(table, self.tables().map(|(name, _)| name)) {
                Some(near) => error.help(format!("did you mean {near:?}?")),
                None => error,
            }
            .in_table(table)
        })?;
        let unfit = || {
            Error::new(ErrorKind::Overflow, "a figure does not fit a polars frame").in_table(table)
        };
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let columns = columns.map(|(field, array)| {
            let series = series(field.name().as_str().into(), array);
            let series = series.and_then(|series| series.ok());
            Ok(series
                .ok_or_else(|| unfit().in_column(field.name()))?
                .into_column())
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        DataFrame::new(batch.num_rows(), columns).map_err(|_| unfit())
    }
}

/// `array` as polars holds it; `None` if no table of a release has its type.
fn series(name: PlSmallStr, array: &ArrayRef) -> Option<PolarsResult<Series>> {
    Some(Ok(match array.data_type() {
        ArrowType::Dictionary(_, _) => {
            let dictionary = array.as_dictionary_opt::<arrow::UInt32Type>()?;
            let labels = dictionary.downcast_dict::<StringArray>()?;
            let labels = StringChunked::from_iter_options(name, labels.into_iter());
            let categories = DataType::from_categories(Categories::global());
            return Some(labels.into_series().cast(&categories));
        }
        ArrowType::Utf8 => {
            StringChunked::from_iter_options(name, array.as_string::<i32>().iter()).into_series()
        }
        ArrowType::Boolean => {
            BooleanChunked::from_iter_options(name, array.as_boolean().iter()).into_series()
        }
        ArrowType::Int64 => numbers::<arrow::Int64Type, Int64Type>(name, array).into_series(),
        ArrowType::UInt64 => numbers::<arrow::UInt64Type, UInt64Type>(name, array).into_series(),
        ArrowType::Float64 => numbers::<arrow::Float64Type, Float64Type>(name, array).into_series(),
        ArrowType::Date32 => numbers::<arrow::Date32Type, Int32Type>(name, array)
            .into_date()
            .into_series(),
        ArrowType::Decimal128(precision, scale @ 0..) => {
            let unscaled = numbers::<arrow::Decimal128Type, Int128Type>(name, array);
            let decimals = unscaled.into_decimal((*precision).into(), scale.unsigned_abs().into());
            return Some(decimals.map(|decimals| decimals.into_series()));
        }
        _ => return None,
    }))
}

fn numbers<A, P>(name: PlSmallStr, array: &ArrayRef) -> ChunkedArray<P>
where
    A: ArrowPrimitiveType,
    P: PolarsNumericType<Native = A::Native>,
{
    ChunkedArray::from_iter_options(name, array.as_primitive::<A>().iter())
}
