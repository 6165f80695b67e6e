//! Long work that tells how much of it is done, and may be stopped.
//!
//! Choosing a pattern and auditing it may take minutes. Whoever waits is told of work at
//! bounded intervals, and may say each time that it is to end. What comes out does not
//! depend on who looks on: it is the same, or a refusal.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Work that was done since the last was told: what is told adds up, in any order. None was
/// yet where a piece of work begins, and the rest of a piece, at its end, is not told.
///
/// # Disclosure
///
/// How much work a table takes follows from its figures, as the time does that it takes:
/// it is for whoever does the work, and no part of a release. No number of cells is told;
/// how many are unsafe is confidential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// By the suppressor: entries of systems of equations computed, or cells of possible
    /// tables looked at.
    Searched(u64),
    /// By the auditor, or by the suppressor where it solves the auditor's equations: terms of
    /// these read or written (see [`Budget::work`](crate::audit::Budget::work)).
    Audited(u64),
}

/// Whoever is told of work, and may have it stopped.
///
/// It is told from whichever thread, where a piece of work begins, and then after every so
/// much work, some tens of milliseconds of one thread. Once it said that work is to end it is
/// told of none any more, and all that it was given to is refused.
///
/// # Examples
///
/// An audit that nobody waits for any more:
///
/// ```
/// use std::ops::ControlFlow;
///
/// use kobling_sdc::audit::{Audit, Budget, Refusal, Seen, Sign};
/// use kobling_sdc::structure::Structure;
/// use kobling_sdc::watch::Watch;
///
/// let structure = Structure::new(2, [vec![0], vec![1], vec![0, 1]]);
/// let values = [None, None, Some(43)];
/// let seen = Seen { structure: &structure, values: &values, sign: Sign::NonNegative };
/// let watch = Watch::new(|_| ControlFlow::Break(()));
/// let stopped = Audit::watched(seen, Budget::default(), &watch);
/// assert_eq!(stopped.unwrap_err(), Refusal::Cancelled);
/// ```
#[derive(Clone, Default)]
pub struct Watch {
    watching: Option<Arc<Watching>>,
    /// Whether what is done is told by somebody else: then it is only asked after.
    is_told: bool,
}

struct Watching {
    told: Box<dyn Fn(Work) -> ControlFlow<()> + Send + Sync>,
    stopped: AtomicBool,
}

/// Work is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

impl Watch {
    /// Has `told` of all work; [`ControlFlow::Break`] ends it. The default tells nobody.
    pub fn new(told: impl Fn(Work) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self {
            watching: Some(Arc::new(Watching {
                told: Box::new(told),
                stopped: AtomicBool::new(false),
            })),
            is_told: false,
        }
    }

    /// For a part of some work, all of which is told by whoever has the part done.
    pub(crate) fn of_a_part(&self) -> Self {
        Self {
            is_told: true,
            ..self.clone()
        }
    }

    /// Tells of work, unless it is to end.
    pub(crate) fn tell(&self, work: Work) -> Result<(), Stopped> {
        self.go_on()?;
        let Some(watching) = &self.watching else {
            return Ok(());
        };
        let work = match work {
            Work::Searched(_) if self.is_told => Work::Searched(0),
            Work::Audited(_) if self.is_told => Work::Audited(0),
            own => own,
        };
        match (watching.told)(work) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                watching.stopped.store(true, Relaxed);
                Err(Stopped)
            }
        }
    }

    /// Whether work is to go on, which costs next to nothing to ask.
    pub(crate) fn go_on(&self) -> Result<(), Stopped> {
        let watching = self.watching.as_ref();
        match watching.is_some_and(|watching| watching.stopped.load(Relaxed)) {
            true => Err(Stopped),
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
