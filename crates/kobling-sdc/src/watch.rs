//! Long work that reports how much of it is done, and may be stopped.
//!
//! Choosing a pattern and auditing it may take minutes. The caller is notified of work at
//! bounded intervals, and may say each time that it is to end. What comes out does not
//! depend on who looks on: it is the same, or a refusal.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Work that was done since the last report: reports add up, in any order. A report of none
/// begins a piece of work, and the rest of a piece, at its end, is not reported.
///
/// # Disclosure
///
/// How much work a table takes follows from its figures, as the time does that it takes:
/// it is for whoever does the work, and no part of a release. No number of cells is reported;
/// how many are unsafe is confidential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// By the suppressor: entries of systems of equations computed, or cells of possible
    /// tables looked at.
    Searched(u64),
    /// By the auditor, or by the suppressor where it solves the auditor's equations: terms of
    /// these read or written (see [`AuditBudget::work`](crate::audit::AuditBudget::work)); of
    /// proofs, inner cells that their tables change.
    Audited(u64),
}

/// What is notified of work, and may have it stopped.
///
/// It is called from whichever thread, where a piece of work begins, and then after every so
/// much work, some tens of milliseconds of one thread. Once it said that work is to end it is
/// called no more, and all that it was given to is refused.
///
/// # Examples
///
/// An audit that nobody waits for any more:
///
/// ```
/// use std::ops::ControlFlow;
///
/// use kobling_sdc::audit::{Audit, AuditBudget, AuditRefusal, Seen, Sign};
/// use kobling_sdc::structure::Structure;
/// use kobling_sdc::watch::Watch;
///
/// let structure = Structure::new(2, [vec![0], vec![1], vec![0, 1]]);
/// let values = [None, None, Some(43)];
/// let seen = Seen { structure: &structure, values: &values, sign: Sign::NonNegative };
/// let watch = Watch::new(|_| ControlFlow::Break(()));
/// let stopped = Audit::watched(seen, AuditBudget::default(), &watch);
/// assert_eq!(stopped.unwrap_err(), AuditRefusal::Cancelled);
/// ```
#[derive(Clone, Default)]
pub struct Watch {
    watching: Option<Arc<Watching>>,
    /// Whether another watch reports what is done: then this one is only asked whether to go on.
    is_reported: bool,
}

struct Watching {
    report: Box<dyn Fn(Work) -> ControlFlow<()> + Send + Sync>,
    stopped: AtomicBool,
}

/// Work is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkStopped;

impl Watch {
    /// Calls `report` for all work; [`ControlFlow::Break`] ends it. The default calls nothing.
    pub fn new(report: impl Fn(Work) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self {
            watching: Some(Arc::new(Watching {
                report: Box::new(report),
                stopped: AtomicBool::new(false),
            })),
            is_reported: false,
        }
    }

    /// For a part of some work, all of which is reported by the caller that has the part done.
    pub(crate) fn of_a_part(&self) -> Self {
        Self {
            is_reported: true,
            ..self.clone()
        }
    }

    /// Reports work, unless it is to end.
    pub(crate) fn report(&self, work: Work) -> Result<(), WorkStopped> {
        self.go_on()?;
        let Some(watching) = &self.watching else {
            return Ok(());
        };
        let work = match work {
            Work::Searched(_) if self.is_reported => Work::Searched(0),
            Work::Audited(_) if self.is_reported => Work::Audited(0),
            own => own,
        };
        match (watching.report)(work) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                watching.stopped.store(true, Relaxed);
                Err(WorkStopped)
            }
        }
    }

    /// Whether work is to go on, which costs next to nothing to ask.
    pub(crate) fn go_on(&self) -> Result<(), WorkStopped> {
        let watching = self.watching.as_ref();
        match watching.is_some_and(|watching| watching.stopped.load(Relaxed)) {
            true => Err(WorkStopped),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watched = if self.watching.is_some() {
            ".."
        } else {
            "nobody"
        };
        write!(f, "Watch({watched})")
    }
}
