//! Rows from a reader: its batches are read while those before them are worked on.
//!
//! A register may be larger than memory, and a reader of a data base or of a query gives it
//! bit by bit. So no batch is kept longer than it takes to identify its rows.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};

use super::memory::asked;
use super::part::RawBatch;
use super::readings::Readings;
use super::{BATCH_ROWS, Rows, permitted};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::plan::format::FileFormat;
use crate::watch::Watched;

/// A reader of a register's batches, before its first one.
pub(crate) struct ReaderRows {
    reader: Box<dyn RecordBatchReader + Send>,
    columns: Arc<[String]>,
    declared: Arc<FileFormat>,
    readings: Readings,
}

impl Rows {
    /// [`from_batches`](Self::from_batches), of a reader such as that of an Arrow stream.
    /// Batches are read while the rows of those before are worked on, and none is kept: with
    /// [`pseudonymise_within`](Self::pseudonymise_within) a register may be larger than
    /// memory. The reader is asked for one batch at a time, on any thread.
    ///
    /// # Errors
    ///
    /// Those of [`from_batches`](Self::from_batches); a column that is missing, or of a type
    /// that is not read, when the rows are. Then, too, [`ErrorKind::Rows`] if the reader
    /// fails. Why it does is not said, since its words may quote values.
    ///
    /// # Disclosure
    ///
    /// As [`from_batches`](Self::from_batches).
    pub fn from_reader(
        plan: &Plan,
        source: &str,
        reader: impl RecordBatchReader + Send + 'static,
    ) -> Result<Self> {
        let (place, declared) = permitted(plan, source)?;
        let readings = Readings::default();
        let reader = ReaderRows {
            reader: Box::new(reader),
            columns: declared.reads().into_iter().map(str::to_owned).collect(),
            declared: Arc::clone(declared.format()),
            readings: readings.clone(),
        };
        Ok(Self {
            plan: plan.clone(),
            source: place,
            input: Vec::new(),
            batches: Vec::new(),
            reader: Some(reader),
            watched: Watched::default(),
            readings,
        })
    }
}

impl ReaderRows {
    /// Asks for no others than `columns`, which were asked for before.
    pub(super) fn ask_only(&mut self, columns: &Arc<[String]>) {
        self.columns = Arc::clone(columns);
    }

    /// The rows, in batches of at most [`BATCH_ROWS`]; after an error, none.
    ///
    /// # Errors
    ///
    /// Of a batch: the reader fails, or it lacks a column, has it twice, or has it in a type
    /// that is not read. Of a reader without batches: the same of what it says that it has.
    pub(super) fn read(self) -> impl Iterator<Item = Result<RawBatch>> + Send {
        let schema = self.reader.schema();
        let checked = asked(
            &self.columns,
            &self.declared,
            &RecordBatch::new_empty(schema),
        );
        let (batches, refused) = match checked {
            Ok(_) => (Some(Batches::of(self)), None),
            Err(error) => (None, Some(Err(error))),
        };
        batches.into_iter().flatten().chain(refused)
    }
}

struct Batches {
    /// `None` after an error, or at the end.
    from: Option<ReaderRows>,
    next_row: u64,
    /// What is left of a batch that was too long.
    rest: Option<RecordBatch>,
    file: Arc<Path>,
}

impl Batches {
    fn of(from: ReaderRows) -> Self {
        Self {
            from: Some(from),
            next_row: 1,
            rest: None,
            file: Path::new("memory").into(),
        }
    }

    fn read(&mut self) -> Result<Option<RawBatch>> {
        let Some(from) = &mut self.from else {
            return Ok(None);
        };
        let batch = loop {
            if let Some(rest) = self.rest.take() {
                break rest;
            }
            let Some(batch) = from.reader.next() else {
                return Ok(None);
            };
            let batch = batch.map_err(|_| {
                let rule = "the reader of the record batches failed";
                Error::new(ErrorKind::Rows, rule)
            })?;
            let batch = asked(&from.columns, &from.declared, &batch)?;
            if batch.num_rows() > 0 {
                break batch;
            }
        };
        let rows = batch.num_rows();
        if rows > BATCH_ROWS {
            self.rest = Some(batch.slice(BATCH_ROWS, rows - BATCH_ROWS));
        }
        let batch = batch.slice(0, rows.min(BATCH_ROWS));
        let first_row = self.next_row;
        self.next_row = first_row.saturating_add(batch.num_rows() as u64);
        Ok(Some(RawBatch {
            batch,
            file: Arc::clone(&self.file),
            first_row,
            declared: Arc::clone(&from.declared),
            unended: false,
            delimiter: None,
            sheet: None,
            readings: from.readings.clone(),
        }))
    }
}

impl Iterator for Batches {
    type Item = Result<RawBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read().transpose();
        if !matches!(read, Some(Ok(_))) {
            self.from = None;
        }
        read
    }
}
