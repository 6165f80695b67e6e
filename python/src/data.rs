//! Rows in: files by their paths, frames by Arrow's PyCapsule interface, or a data base's.
//!
//! A frame's memory is shared, and only the plan's columns are taken of it. What a frame
//! says of itself is checked before it is believed, as files are; and what a library says
//! of a frame that it could not hand over may quote values, and is not passed on.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use kobling::plan::Source;
use kobling::{Error, ErrorKind, Plan, Rows};
use pyo3::exceptions::{PyException, PyImportError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::failure::{Failure, Refusal};
use crate::reader::{Ahead, Checked, Ended, reader};
use crate::run::{TICK, run};

/// How long whoever cancels waits for a data base to let go.
const PATIENCE: Duration = Duration::from_millis(800);

/// A register, and where it is.
pub(crate) struct Register {
    plan: Plan,
    source: String,
    place: Place,
}

enum Place {
    Files(Vec<PathBuf>),
    Frame(Frame),
}

/// What hands over record batches.
struct Frame {
    reader: Checked,
    /// Of Python's, which is asked to close what it opened.
    given: Py<PyAny>,
    once: bool,
    /// Rule and help, if the reader fails.
    failed: (String, String),
}

impl Register {
    /// What Python gave as the register of `source`, of which `reads` are read.
    ///
    /// # Errors
    ///
    /// The plan may not run, or has no such source; a frame cannot be had.
    pub(crate) fn of(
        plan: &Plan,
        source: &str,
        data: &Bound<'_, PyAny>,
        reads: fn(&Source) -> Vec<&str>,
    ) -> Result<Self, Failure> {
        let place = match paths(data)? {
            Some(paths) => Place::Files(paths),
            None => {
                // Before a lazy frame computes anything.
                plan.may_run()?;
                let columns = reads(plan.source(source)?).into_iter();
                let columns: Vec<String> = columns.map(str::to_owned).collect();
                Place::Frame(Frame::of(source, data, &columns)?)
            }
        };
        Ok(Self {
            plan: plan.clone(),
            source: source.to_owned(),
            place,
        })
    }

    /// Does `work` on the rows, as a long step.
    ///
    /// # Errors
    ///
    /// What `work` refused; what a signal or `progress` raised.
    pub(crate) fn read<T: Send + 'static>(
        self,
        py: Python<'_>,
        progress: &Bound<'_, PyAny>,
        work: impl FnOnce(Rows) -> kobling::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let Self {
            plan,
            source,
            place,
        } = self;
        match place {
            Place::Files(paths) => run(py, progress, move |watching| {
                let rows = Rows::open(&plan, &source, &paths)?;
                Ok(work(rows.watched_by(watching.clone()))?)
            }),
            Place::Frame(frame) => frame.read(py, plan, source, progress, work),
        }
    }
}

impl Frame {
    fn of(source: &str, data: &Bound<'_, PyAny>, columns: &[String]) -> Result<Self, Failure> {
        let py = data.py();
        let frames = py.import("kobling._frames")?;
        let columns_given = PyTuple::new(py, columns)?;
        let given = frames
            .getattr("given")?
            .call1((data, columns_given, source))?;
        let failed: (String, String) = given.getattr("failed")?.extract()?;
        let opened = given.getattr("rows").and_then(|rows| reader(&rows));
        let reader = match opened {
            Ok(Some(reader)) => reader,
            Ok(None) => return Err(no_frame(data)?.into()),
            Err(error) => {
                given.call_method0("close")?;
                return Err(without_values(source, py, error, failed));
            }
        };
        Ok(Self {
            reader: Checked::new(reader, columns),
            once: given.getattr("once")?.extract()?,
            given: given.unbind(),
            failed,
        })
    }

    fn read<T: Send + 'static>(
        self,
        py: Python<'_>,
        plan: Plan,
        source: String,
        progress: &Bound<'_, PyAny>,
        work: impl FnOnce(Rows) -> kobling::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let Self {
            reader,
            given,
            once,
            failed,
        } = self;
        let ended = Arc::new(OnceLock::new());
        let (held, how) = (Arc::new(()), Arc::clone(&ended));
        let (of_reader, name) = (Arc::clone(&held), source.clone());
        let done = run(py, progress, move |watching| {
            let reader = Ahead::start(reader, of_reader, once, how, watching)?;
            let rows = Rows::from_reader(&plan, &name, reader)?;
            Ok(work(rows.watched_by(watching.clone()))?)
        });
        close(py, given.bind(py), &held)?;
        match (done, ended.get()) {
            (Err(Failure::Library(error)), Some(how)) if !is_cancelled(&error) => {
                Err(refusal(&source, *how, failed).into())
            }
            (done, _) => done,
        }
    }
}

fn is_cancelled(error: &Error) -> bool {
    error.kind() == ErrorKind::Cancelled
}

/// Closes what was opened for reading: once the reader, who has `held`, has let go of it.
fn close(py: Python<'_>, given: &Bound<'_, PyAny>, held: &Arc<()>) -> PyResult<()> {
    let is_held = || Arc::strong_count(held) > 1;
    if is_held() {
        given.call_method0("cancel")?;
        py.detach(|| {
            let begun = Instant::now();
            while is_held() && begun.elapsed() < PATIENCE {
                std::thread::sleep(TICK);
            }
        });
    }
    // What is read by somebody is not closed below him.
    match is_held() {
        true => Ok(()),
        false => given.call_method0("close").map(drop),
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

fn no_frame(data: &Bound<'_, PyAny>) -> PyResult<PyErr> {
    Ok(PyTypeError::new_err(format!(
        "data is {}, which has neither `__arrow_c_stream__` nor `__arrow_c_array__`; give a \
         frame that has, a polars LazyFrame, a kobling.Query, a cursor that was executed, a \
         path, or a list of paths",
        data.get_type().name()?
    )))
}

/// Why a reader did not end well, without the words of its library.
fn refusal(source: &str, how: Ended, (rule, help): (String, String)) -> Refusal {
    match how {
        Ended::Broken => Refusal::rows(source, rule).help(help),
        Ended::Exhausted => Refusal::rows(
            source,
            "the reader has no batch: it was read before, or has no rows",
        )
        .help(
            "make the reader anew; if the register has no rows, say so with a table, such as \
             pyarrow's `reader.read_all()`",
        ),
    }
}

/// The failure of a library to hand over a frame, without its words.
fn without_values(source: &str, py: Python<'_>, error: PyErr, failed: (String, String)) -> Failure {
    // A missing library's name is nobody's value; and who is interrupted stays so.
    if error.is_instance_of::<PyImportError>(py) || !error.is_instance_of::<PyException>(py) {
        return error.into();
    }
    refusal(source, Ended::Broken, failed).into()
}
