//! Readers of record batches that Python hands over: checked, and read one batch ahead.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_pyarrow::FromPyArrow;
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyIterator;

use crate::run::{TICK, Watching, no_thread};

/// Any reader.
pub(crate) type Reader = Box<dyn RecordBatchReader + Send>;

/// The reader of the record batches of `frame`: of one, or of several that come one by one.
///
/// `None` if it is neither.
///
/// # Errors
///
/// What the frame's library raises.
pub(crate) fn reader(frame: &Bound<'_, PyAny>) -> PyResult<Option<Reader>> {
    if frame.hasattr("__arrow_c_stream__")? {
        let stream = RecordBatchStreamReader::from_pyarrow_bound(frame)?;
        return Ok(Some(Box::new(stream)));
    }
    if frame.hasattr("__arrow_c_array__")? {
        let batch = RecordBatch::from_pyarrow_bound(frame)?;
        let schema = batch.schema();
        let batches = RecordBatchIterator::new([Ok(batch)], schema);
        return Ok(Some(Box::new(batches)));
    }
    match frame.cast::<PyIterator>() {
        Ok(frames) => Several::new(frames).map(|several| several.map(|s| Box::new(s) as Reader)),
        Err(_) => Ok(None),
    }
}

/// The batches of frames that come one by one, of one schema.
struct Several {
    frames: Py<PyIterator>,
    schema: SchemaRef,
    frame: Reader,
}

impl Several {
    /// The first frame says which schema that is, and may have no rows.
    fn new(frames: &Bound<'_, PyIterator>) -> PyResult<Option<Self>> {
        let Some(first) = frames.clone().next().transpose()? else {
            return Ok(None);
        };
        let frames = frames.clone().unbind();
        Ok(reader(&first)?.map(|frame| Self {
            schema: frame.schema(),
            frame,
            frames,
        }))
    }
}

impl Iterator for Several {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.frame.next() {
                return Some(batch);
            }
            let next = Python::attach(|py| {
                let next = self.frames.bind(py).clone().next();
                next.map(|frame| frame.and_then(|frame| reader(&frame)))
            });
            match next? {
                Ok(Some(frame)) => self.frame = frame,
                Ok(None) => return Some(Err(failed())),
                // Its words may quote values.
                Err(_) => return Some(Err(failed())),
            }
        }
    }
}

impl RecordBatchReader for Several {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// A reader's batches, whose columns of these names are what they say they are.
pub(crate) struct Checked {
    reader: Reader,
    /// The places of the columns; a name that is there twice is refused by the library.
    places: Vec<usize>,
}

impl Checked {
    pub(crate) fn new(reader: Reader, columns: &[String]) -> Self {
        let schema = reader.schema();
        let names = schema.fields().iter().map(|field| field.name());
        let places = names.enumerate().filter(|(_, name)| columns.contains(name));
        let places = places.map(|(place, _)| place).collect();
        Self { reader, places }
    }
}

impl Iterator for Checked {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.and_then(|batch| {
            // It is memory that another library wrote.
            for &place in &self.places {
                let column = batch.columns().get(place).ok_or_else(failed)?;
                column.to_data().validate_full()?;
            }
            Ok(batch)
        }))
    }
}

impl RecordBatchReader for Checked {
    fn schema(&self) -> SchemaRef {
        self.reader.schema()
    }
}

/// How a reader ended that did not end well.
#[derive(Clone, Copy)]
pub(crate) enum Ended {
    /// It failed.
    Broken,
    /// It gave no batch, and is one that gives its batches once.
    Exhausted,
}

/// A reader that is read one batch ahead, by a thread of its own. Who does not want its
/// batches any more need not wait for it, however long a query takes for the next one.
pub(crate) struct Ahead {
    schema: SchemaRef,
    batches: Option<Receiver<Result<RecordBatch, ArrowError>>>,
    thread: Option<JoinHandle<()>>,
    /// Whether no batch at all means that it was read before.
    once: bool,
    ended: Arc<OnceLock<Ended>>,
    watching: Arc<Watching>,
}

impl Ahead {
    /// Begins to read. `held` is let go of when the reader is.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub(crate) fn start(
        mut reader: Checked,
        held: Arc<()>,
        once: bool,
        ended: Arc<OnceLock<Ended>>,
        watching: &Arc<Watching>,
    ) -> PyResult<Self> {
        let schema = reader.schema();
        let (give, batches) = sync_channel(1);
        let thread = std::thread::Builder::new().name("kobling reader".to_owned());
        let thread = thread.spawn(move || {
            for batch in reader.by_ref() {
                if give.send(batch).is_err() {
                    break;
                }
            }
            // Before anybody is told that this is the end.
            drop(reader);
            drop(held);
            drop(give);
        });
        Ok(Self {
            schema,
            batches: Some(batches),
            thread: Some(thread.map_err(|_| no_thread())?),
            once,
            ended,
            watching: Arc::clone(watching),
        })
    }

    fn end(&self, how: Ended) -> Option<Result<RecordBatch, ArrowError>> {
        self.ended.get_or_init(|| how);
        Some(Err(failed()))
    }
}

impl Iterator for Ahead {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.watching.is_cancelled() {
                return Some(Err(failed()));
            }
            return match self.batches.as_ref()?.recv_timeout(TICK) {
                Err(RecvTimeoutError::Timeout) => continue,
                Ok(Ok(batch)) => {
                    self.once = false;
                    Some(Ok(batch))
                }
                Ok(Err(_)) => self.end(Ended::Broken),
                // A thread that panicked said why already.
                Err(RecvTimeoutError::Disconnected) => match self.thread.take()?.join() {
                    Ok(()) if self.once => self.end(Ended::Exhausted),
                    Ok(()) => None,
                    Err(_) => self.end(Ended::Broken),
                },
            };
        }
    }
}

impl RecordBatchReader for Ahead {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        drop(self.batches.take());
        // What is read is let go of first; who is interrupted does not wait for it here.
        while let Some(thread) = &self.thread
            && !thread.is_finished()
            && !self.watching.is_cancelled()
        {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}

/// That a reader failed, without its words.
fn failed() -> ArrowError {
    ArrowError::ExternalError("the reader failed".into())
}
