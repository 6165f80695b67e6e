//! Rows from memory: record batches, read as an Arrow file of them would be.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema};

use super::header::check_type;
use super::readings::Readings;
use super::{Rows, binary, permitted, plain};
use crate::error::{Error, ErrorKind, Result, nearest};
use crate::plan::Plan;
use crate::plan::format::FileFormat;
use crate::watch::Watched;

impl Rows {
    /// Takes the rows of the register `source` from record batches in memory. Only the
    /// plan's columns are looked at; they may be of the types that an Arrow file's may be
    /// of, or in runs of the same value, and give the same extract. Where an error names a
    /// file, it is `memory`, whose rows are those of all batches, counted on.
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
        let (place, declared) = permitted(plan, source)?;
        let columns: Vec<String> = declared.reads().into_iter().map(str::to_owned).collect();
        let batches = batches.into_iter();
        let batches = batches.map(|batch| asked(&columns, declared.format(), &batch));
        let batches: Result<Vec<RecordBatch>> = batches.collect();
        Ok(Self {
            plan: plan.clone(),
            source: place,
            input: Vec::new(),
            batches: batches.map_err(|error| error.in_source(source))?,
            reader: None,
            watched: Watched::default(),
            readings: Readings::default(),
        })
    }
}

/// The columns `names` of a batch.
pub(super) fn asked(
    names: &[String],
    declared: &FileFormat,
    batch: &RecordBatch,
) -> Result<RecordBatch> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for name in names {
        let column = column(batch, name, declared);
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
            let column = plain::out_of_runs(column)?;
            check_type(
                &Field::new(field.name(), column.data_type().clone(), true),
                declared,
            )?;
            binary::as_text(&column)
        }
        (None, _) => {
            let error = Error::new(ErrorKind::Rows, "there is no such column");
            let fields = batch.schema_ref().fields().iter();
            Err(
                match nearest(name, fields.map(|field| field.name().as_str())) {
                    Some(near) => error.help(format!("did you mean {near:?}?")),
                    None => error,
                },
            )
        }
        (Some(_), Some(_)) => refuse("the batch has this column twice"),
    }
}
