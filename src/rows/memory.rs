//! Rows from memory: record batches, read as an Arrow file of them would be.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow_schema::{Field, Schema};

use super::header::check_type;
use super::readings::Readings;
use super::{Rows, binary, permitted};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::format::FileFormat;
use crate::plan::{Plan, Source};
use crate::watch::Watched;

impl Rows {
    /// Takes the rows of the register `source` from record batches in memory. Only the
    /// plan's columns are looked at; they may be of the types that an Arrow file's may be
    /// of, and give the same extract. Where an error names a file, it is `memory`, whose
    /// rows are those of all batches, counted on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Permission`] if the plan may not run today, [`ErrorKind::Plan`] if it
    /// has no such source, [`ErrorKind::Rows`] if a batch lacks a column, has it twice,
    /// or has it in a type that is not read.
    ///
    /// # Disclosure
    ///
    /// As [`Rows`]: the batches stay with the agency.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::arrow::array::RecordBatch;
    /// use kobling::{DomainKey, Extract, Plan, Result, Rows};
    ///
    /// fn extract(plan: &Plan, batches: Vec<RecordBatch>, key: &DomainKey) -> Result<Extract> {
    ///     Rows::from_batches(plan, "tax", batches)?.identify()?.pseudonymise(key)
    /// }
    /// ```
    pub fn from_batches(
        plan: &Plan,
        source: &str,
        batches: impl IntoIterator<Item = RecordBatch>,
    ) -> Result<Self> {
        Self::of_batches(plan, source, batches.into_iter().map(Some))
    }

    /// [`from_batches`](Self::from_batches), of a reader such as that of an Arrow stream.
    /// It is read to its end before the first row is identified.
    ///
    /// # Errors
    ///
    /// Those of [`from_batches`](Self::from_batches); and [`ErrorKind::Rows`] if the
    /// reader fails. Why it does is not said, since its words may quote values.
    ///
    /// # Disclosure
    ///
    /// As [`from_batches`](Self::from_batches).
    pub fn from_reader(plan: &Plan, source: &str, reader: impl RecordBatchReader) -> Result<Self> {
        Self::of_batches(plan, source, reader.map(|batch| batch.ok()))
    }

    /// `None` is a batch that could not be had.
    fn of_batches(
        plan: &Plan,
        source: &str,
        batches: impl Iterator<Item = Option<RecordBatch>>,
    ) -> Result<Self> {
        let (place, declared) = permitted(plan, source)?;
        let batches = batches.map(|batch| {
            let batch = batch.ok_or_else(|| {
                let rule = "the reader of the record batches failed";
                Error::new(ErrorKind::Rows, rule)
            });
            batch.and_then(|batch| asked(declared, &batch))
        });
        let batches: Result<Vec<RecordBatch>> = batches.collect();
        Ok(Self {
            plan: plan.clone(),
            source: place,
            input: Vec::new(),
            batches: batches.map_err(|error| error.in_source(source))?,
            watched: Watched::default(),
            readings: Readings::default(),
        })
    }
}

/// Those columns of a batch that the source reads.
fn asked(source: &Source, batch: &RecordBatch) -> Result<RecordBatch> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for name in source.reads() {
        let column = column(batch, name, source.format());
        let column = column.map_err(|error| error.in_column(name))?;
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let schema = Arc::new(Schema::new(fields));
    RecordBatch::try_new_with_options(schema, columns, &options)
        .map_err(|_| Error::new(ErrorKind::Rows, "the batch is malformed"))
}

fn column(batch: &RecordBatch, name: &str, declared: &FileFormat) -> Result<ArrayRef> {
    let refuse = |rule: &str| Err(Error::new(ErrorKind::Rows, rule));
    let fields = batch.schema_ref().fields().iter().zip(batch.columns());
    let mut named = fields.filter(|(field, _)| field.name() == name);
    match (named.next(), named.next()) {
        (Some((field, column)), None) => {
            check_type(field, declared)?;
            binary::as_text(column)
        }
        (None, _) => refuse("there is no such column"),
        (Some(_), Some(_)) => refuse("the batch has this column twice"),
    }
}
