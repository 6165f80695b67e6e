//! Long steps: another thread works, and the one that Python called waits for it.
//!
//! Python handles signals on its main thread only, and only while it holds the
//! interpreter. So the work is done elsewhere, and the caller, who has let go of the
//! interpreter, takes it now and then: to see whether somebody pressed Ctrl-C, and to say
//! how far the work is. What is cancelled leaves nothing, as the library promises.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use kobling::{Step, Watch};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::step::{Done, Reached};

/// Between two looks at signals and progress.
pub(crate) const TICK: Duration = Duration::from_millis(20);

/// What the caller and the work know of each other.
#[derive(Default)]
pub(crate) struct Watching {
    cancelled: AtomicBool,
    /// The work changes nothing just now: whoever is interrupted need not wait for it.
    harmless: AtomicBool,
    reached: Mutex<(Done, Option<Reached>)>,
}

impl Watching {
    /// Whether the caller does not want the work any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    /// Does what only reads, and may wait for long: who is interrupted meanwhile leaves it.
    pub(crate) fn harmlessly<T>(&self, work: impl FnOnce() -> T) -> T {
        self.harmless.store(true, Ordering::SeqCst);
        let done = work();
        self.harmless.store(false, Ordering::SeqCst);
        done
    }

    fn take_reached(&self) -> Option<Reached> {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.1.take()
    }
}

impl Watch for Watching {
    fn at(&self, step: Step<'_>) -> ControlFlow<()> {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let after = reached.0.after(step);
        reached.1 = after.or(reached.1.take());
        match self.is_cancelled() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// Does `work` on another thread, without the interpreter, and waits for it.
///
/// `progress` is what the caller gave as such.
///
/// # Errors
///
/// What `work` refused; what a signal or `progress` raised, and then the work is cancelled.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    progress: &Bound<'_, PyAny>,
    work: impl FnOnce(&Arc<Watching>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    refuse_a_fork()?;
    let reporter = Reporter::new(py, progress)?;
    let watching = Arc::new(Watching::default());
    let (done, waiting) = sync_channel(1);
    let watch = Arc::clone(&watching);
    let worker = std::thread::Builder::new().name("kobling".to_owned());
    let spawned = worker.spawn(move || {
        let worked = catch_unwind(AssertUnwindSafe(|| work(&watch)));
        // Where nobody waits any more, what was made is dropped.
        let _ = done.send(worked.ok());
    });
    spawned.map_err(|_| no_thread())?;
    let worked = wait(py, &watching, waiting, &reporter);
    reporter.close(py)?;
    match worked? {
        Some(worked) => worked,
        None => Err(PyRuntimeError::new_err(
            "a fault in kobling itself: the step ended without a result",
        )
        .into()),
    }
}

/// [`run`], of which nobody wants to be told.
pub(crate) fn run_silently<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&Arc<Watching>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let nobody = false.into_pyobject(py).map_err(PyErr::from)?.to_owned();
    run(py, nobody.as_any(), work)
}

pub(crate) fn no_thread() -> PyErr {
    PyRuntimeError::new_err("the system gives no further thread")
}

fn wait<T: Send>(
    py: Python<'_>,
    watching: &Watching,
    mut waiting: Receiver<T>,
    reporter: &Reporter,
) -> Result<T, Failure> {
    let mut interrupted: Option<PyErr> = None;
    loop {
        let (back, got) = py.detach(move || {
            let got = waiting.recv_timeout(TICK);
            (waiting, got)
        });
        waiting = back;
        match (got, &interrupted) {
            (Ok(_), Some(_)) | (Err(RecvTimeoutError::Disconnected), _) => break,
            (Ok(worked), None) => {
                // The last of it, so that whoever watches short work sees some. It is done: what
                // is answered changes nothing, and what is raised must not hide what was made.
                if !watching.is_cancelled()
                    && let Err(error) = reporter.report(py, watching)
                {
                    error.write_unraisable(py, reporter.bound(py));
                }
                return Ok(worked);
            }
            (Err(RecvTimeoutError::Timeout), None) => {
                interrupted = py.check_signals().err();
                // Who does not want it any more is told no more of it.
                if interrupted.is_none() && !watching.is_cancelled() {
                    match reporter.report(py, watching) {
                        Ok(true) => {}
                        Ok(false) => watching.cancelled.store(true, Ordering::SeqCst),
                        Err(error) => interrupted = Some(error),
                    }
                }
                if interrupted.is_some() {
                    watching.cancelled.store(true, Ordering::SeqCst);
                }
            }
            (Err(RecvTimeoutError::Timeout), Some(_)) => {}
        }
        if interrupted.is_some() && watching.harmless.load(Ordering::SeqCst) {
            break;
        }
    }
    let lost = || PyRuntimeError::new_err("a fault in kobling itself: the work was lost");
    Err(interrupted.unwrap_or_else(lost).into())
}

/// Refuses a process that was forked from one in which kobling worked: of its threads only
/// one is there, and whoever waits for the others waits forever.
pub(crate) fn refuse_a_fork() -> PyResult<()> {
    static WORKED_IN: OnceLock<u32> = OnceLock::new();
    let now = std::process::id();
    match *WORKED_IN.get_or_init(|| now) == now {
        true => Ok(()),
        false => Err(PyRuntimeError::new_err(
            "this process was forked from one that used kobling; \
             start it with multiprocessing's `spawn` or `forkserver`",
        )),
    }
}

/// Whom Python wants to be told how far the work is.
struct Reporter(Option<Py<PyAny>>);

impl Reporter {
    fn new(py: Python<'_>, progress: &Bound<'_, PyAny>) -> PyResult<Self> {
        let reporter = py.import("kobling._progress")?.getattr("reporter")?;
        let reporter = reporter.call1((progress,))?;
        Ok(Self((!reporter.is_none()).then(|| reporter.unbind())))
    }

    /// Whether the work is to go on.
    fn report(&self, py: Python<'_>, watching: &Watching) -> PyResult<bool> {
        let (Some(reporter), Some(reached)) = (&self.0, watching.take_reached()) else {
            return Ok(true);
        };
        let Reached {
            step,
            name,
            done,
            of,
            words,
        } = reached;
        let answer = reporter
            .bind(py)
            .call_method1("report", (step, name, done, of, words))?;
        answer.extract()
    }

    fn bound<'a, 'py>(&'a self, py: Python<'py>) -> Option<&'a Bound<'py, PyAny>> {
        self.0.as_ref().map(|reporter| reporter.bind(py))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        match &self.0 {
            Some(reporter) => reporter.bind(py).call_method0("close").map(drop),
            None => Ok(()),
        }
    }
}
