//! Rows in: files by their paths, or frames by Arrow's PyCapsule interface.
//!
//! A frame's memory is shared, and only the plan's columns are taken of it. What a frame
//! says of itself is checked before it is believed, as files are; and what a library says
//! of a frame that it could not hand over may quote values, and is not passed on.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_pyarrow::FromPyArrow;
use arrow_schema::{ArrowError, SchemaRef};
use kobling::{Plan, Rows};
use pyo3::exceptions::{PyException, PyImportError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::failure::{Failure, Refusal};
use crate::run::Watching;

/// Where a register is.
pub(crate) enum Register {
    Files(Vec<PathBuf>),
    Frame(Box<dyn RecordBatchReader + Send>),
}

impl Register {
    /// What Python gave as the register of `source`.
    ///
    /// # Errors
    ///
    /// The plan may not run, or has no such source; a frame cannot be had.
    pub(crate) fn of(plan: &Plan, source: &str, data: &Bound<'_, PyAny>) -> Result<Self, Failure> {
        if let Some(paths) = paths(data)? {
            return Ok(Self::Files(paths));
        }
        // Before a lazy frame computes anything.
        plan.may_run()?;
        let columns = plan.source(source)?.reads();
        let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
        let frames = data.py().import("kobling._frames")?;
        let narrowed = frames
            .getattr("narrowed")?
            .call1((data, columns.clone(), source))?;
        let reader = reader(source, &narrowed)?;
        Ok(Self::Frame(Box::new(PlannedColumns::new(reader, &columns))))
    }

    /// The rows, about to be read.
    pub(crate) fn open(
        self,
        plan: &Plan,
        source: &str,
        watching: &Arc<Watching>,
    ) -> Result<Rows, Failure> {
        let rows = match self {
            Self::Files(paths) => Rows::open(plan, source, &paths)?,
            // A frame may be made while it is read, by who waits for something else.
            Self::Frame(reader) => watching.harmlessly(|| {
                let reader = Cancellable(reader, Arc::clone(watching));
                Rows::from_reader(plan, source, reader)
            })?,
        };
        Ok(rows.watched_by(watching.clone()))
    }
}

/// The paths that `data` is, if it is one or several.
fn paths(data: &Bound<'_, PyAny>) -> PyResult<Option<Vec<PathBuf>>> {
    let is_path = |data: &Bound<'_, PyAny>| {
        Ok::<bool, PyErr>(data.is_instance_of::<PyString>() || data.hasattr("__fspath__")?)
    };
    if is_path(data)? {
        return Ok(Some(vec![data.extract()?]));
    }
    if !data.is_instance_of::<PyList>() && !data.is_instance_of::<PyTuple>() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for item in data.try_iter()? {
        let item = item?;
        if !is_path(&item)? {
            return Err(PyTypeError::new_err(format!(
                "a list of data is a list of paths, and this one has {}",
                item.get_type().name()?
            )));
        }
        found.push(item.extract()?);
    }
    Ok(Some(found))
}

/// The reader of a frame's record batches.
fn reader(
    source: &str,
    data: &Bound<'_, PyAny>,
) -> Result<Box<dyn RecordBatchReader + Send>, Failure> {
    let unquoted = |error| without_values(source, data.py(), error);
    if data.hasattr("__arrow_c_stream__")? {
        let stream = RecordBatchStreamReader::from_pyarrow_bound(data).map_err(unquoted)?;
        return Ok(Box::new(stream));
    }
    if data.hasattr("__arrow_c_array__")? {
        let batch = RecordBatch::from_pyarrow_bound(data).map_err(unquoted)?;
        let schema = batch.schema();
        return Ok(Box::new(RecordBatchIterator::new([Ok(batch)], schema)));
    }
    Err(PyTypeError::new_err(format!(
        "data is {}, which has neither `__arrow_c_stream__` nor `__arrow_c_array__`; give a \
         frame that has, a polars LazyFrame, a path, or a list of paths",
        data.get_type().name()?
    ))
    .into())
}

/// The failure of a library to hand over a frame, without its words.
fn without_values(source: &str, py: Python<'_>, error: PyErr) -> Failure {
    // A missing library's name is nobody's value; and who is interrupted stays so.
    if error.is_instance_of::<PyImportError>(py) || !error.is_instance_of::<PyException>(py) {
        return error.into();
    }
    Refusal::rows(source, "the reader of the record batches failed")
        .help(
            "convert the frame to an Arrow table before giving it, to have its own library \
             say why; its text is not shown here, since it may quote values",
        )
        .into()
}

/// A reader's batches, of those columns only that a plan names.
struct PlannedColumns<R> {
    reader: R,
    schema: SchemaRef,
    /// The places of the columns in what `reader` gives; a name that is there twice is refused
    /// by the library, and so both are passed on.
    places: Vec<usize>,
    /// No batch has come yet.
    first: bool,
}

impl<R: RecordBatchReader> PlannedColumns<R> {
    fn new(reader: R, columns: &[String]) -> Self {
        let all = reader.schema();
        let names = all.fields().iter().map(|field| field.name());
        let places = names.enumerate().filter(|(_, name)| columns.contains(name));
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        let fields = places.iter().map(|&place| Arc::clone(&all.fields()[place]));
        let schema = arrow_schema::Schema::new(fields.collect::<Vec<_>>());
        Self {
            reader,
            schema: Arc::new(schema),
            places,
            first: true,
        }
    }
}

impl<R: RecordBatchReader> Iterator for PlannedColumns<R> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = std::mem::replace(&mut self.first, false);
        let Some(batch) = self.reader.next() else {
            // Where there is no batch there are columns all the same, to be checked.
            return first.then(|| Ok(RecordBatch::new_empty(Arc::clone(&self.schema))));
        };
        Some(batch.and_then(|batch| {
            let batch = batch.project(&self.places)?;
            // It is memory that another library wrote.
            for column in batch.columns() {
                column.to_data().validate_full()?;
            }
            Ok(batch)
        }))
    }
}

impl<R: RecordBatchReader> RecordBatchReader for PlannedColumns<R> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// A reader that is read no further when nobody wants its batches any more.
struct Cancellable<R>(R, Arc<Watching>);

impl<R: RecordBatchReader> Iterator for Cancellable<R> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.1.is_cancelled() {
            true => Some(Err(ArrowError::ExternalError("cancelled".into()))),
            false => self.0.next(),
        }
    }
}

impl<R: RecordBatchReader> RecordBatchReader for Cancellable<R> {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
}
