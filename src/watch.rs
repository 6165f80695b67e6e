//! Long steps that report how far they are, and may be cancelled.
//!
//! Registers are large and an audit may take minutes. The caller is notified of work at bounded
//! intervals, and answers each time whether it is to go on. Nothing that comes out depends on
//! who looks on: it is the same bytes, or an error.

use std::fmt;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// Some of the work of a long step. Numbers are of what was done since the last report of
/// the same: they add up, in whichever order they come.
///
/// # Disclosure
///
/// Names are the plan's. Numbers are of work, which follows from figures as the time does that
/// it takes: they are for whoever runs the step, and no part of a release. There is no number
/// of cells, persons or matches among them: how many cells are unsafe is
/// confidential, and what is shown of progress ends up in logs. Rows are those of the agency's
/// own register, which its extract says too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step<'a> {
    /// An agency read rows of its register, and found their identifiers.
    Read {
        /// Which register, by its name in the plan.
        source: &'a str,
        /// How many rows more.
        rows: u64,
    },
    /// An agency replaced identifiers by pseudonyms.
    Pseudonymised {
        /// Which register, by its name in the plan.
        source: &'a str,
        /// Of how many rows more; a history's have two each.
        rows: u64,
    },
    /// An agency sorted rows by pseudonym: once, or twice where they did not all fit into the
    /// memory that was given.
    Sorted {
        /// Which register, by its name in the plan.
        source: &'a str,
        /// How many rows more.
        rows: u64,
    },
    /// The linkage unit linked ranges of pseudonyms, and folded their rows into a table. It
    /// may go through all of them twice; and once more for a joint table of several, which
    /// goes by the name of one.
    Linked {
        /// Which table, by its name in the plan.
        table: &'a str,
        /// How many ranges more.
        ranges: u64,
        /// Of how many, each time that it goes through them.
        of: u64,
    },
    /// The linkage unit begins to merge the parts of a table; or of a joint one of several,
    /// which goes by the name of one.
    Merged {
        /// Which table, by its name in the plan.
        table: &'a str,
        /// How many parts: as many as were given.
        parts: u64,
    },
    /// The linkage unit begins to decide what becomes of a table's figures.
    Protected {
        /// Which table, by its name in the plan.
        table: &'a str,
    },
    /// The linkage unit begins rounds of suppression: in each a pattern is chosen, and audited
    /// or proven.
    Suppressed {
        /// The first of the tables that are suppressed together, by its name in the plan.
        table: &'a str,
        /// How many rounds more.
        rounds: u64,
    },
    /// The linkage unit searched for a pattern of suppression.
    Searched {
        /// The first of the tables that are suppressed together, by its name in the plan.
        table: &'a str,
        /// As the suppressor [counts it](crate::sdc::watch::Work::Searched); 0 where a
        /// search begins.
        work: u64,
    },
    /// The linkage unit audited a pattern of suppression.
    Audited {
        /// The first of the tables that are suppressed together, by its name in the plan.
        table: &'a str,
        /// As the auditor [counts it](crate::sdc::watch::Work::Audited); 0 where an audit
        /// begins.
        work: u64,
    },
    /// The linkage unit makes a table of the release ready. Nothing of it is written yet,
    /// and the ledger has no entry.
    Released {
        /// Which table, by its name in the plan.
        table: &'a str,
    },
    /// An extract, or a table of a release, was written, but under another name than its own.
    /// The ledger has no entry yet; after the last file there is nothing to cancel.
    Written {
        /// Of which source or table, by its name in the plan.
        name: &'a str,
        /// How many bytes more; 0 before it gets its name.
        bytes: u64,
    },
}

/// What is notified how far long steps are, and may have them cancelled.
///
/// It is given once, where a value comes in ([`Rows::watched_by`](crate::Rows::watched_by),
/// [`Linkage::watched_by`](crate::Linkage::watched_by),
/// [`LinkagePart::watched_by`](crate::LinkagePart::watched_by),
/// [`Protection::watched_by`](crate::protect::Protection::watched_by)), and goes with all that
/// is made of it. A closure is one.
///
/// It is called from whichever thread does the work, from several at once, and holds that
/// thread up meanwhile: what takes long belongs elsewhere. It is called before some work begins
/// or when it is done: a batch of rows, a range of pseudonyms, a round of suppression, and
/// within these every few tens of milliseconds.
///
/// Where it answers [`ControlFlow::Break`], the step ends with an error of kind
/// [`ErrorKind::Cancelled`], unless another one comes first, and other threads end what they are
/// at with it. Nothing that the step would have written is there, and the ledger has no
/// new entry. What was cancelled is reported no more.
///
/// Not reported: opening files, reading extracts that were written, putting a history together,
/// and the last of a release, from where the ledger gets its entry. That an extract is written,
/// or a release that was made, is reported to whom it is given to with that.
///
/// # Examples
///
/// A server that shows how many rows were read, until somebody asks it to stop:
///
/// ```
/// # fn main() -> kobling::Result<()> {
/// use std::ops::ControlFlow;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
///
/// use kobling::{ErrorKind, Plan, Rows, Step, Watch};
///
/// #[derive(Default)]
/// struct Shown {
///     rows: AtomicU64,
///     stop: AtomicBool,
/// }
///
/// impl Watch for Shown {
///     fn at(&self, step: Step<'_>) -> ControlFlow<()> {
///         if let Step::Read { rows, .. } = step {
///             self.rows.fetch_add(rows, Relaxed);
///         }
///         match self.stop.load(Relaxed) {
///             true => ControlFlow::Break(()),
///             false => ControlFlow::Continue(()),
///         }
///     }
/// }
///
/// let plan = Plan::read("examples/nhanes/plan.toml")?;
/// let open = || Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"]);
///
/// let shown = Arc::new(Shown::default());
/// open()?.watched_by(shown.clone()).identify()?;
/// assert_eq!(shown.rows.load(Relaxed), 62_374);
///
/// shown.stop.store(true, Relaxed);
/// let cancelled = open()?.watched_by(shown).identify();
/// assert_eq!(cancelled.unwrap_err().kind(), ErrorKind::Cancelled);
/// # Ok(())
/// # }
/// ```
pub trait Watch: Send + Sync {
    /// Is notified of some work, and says whether there is to be more.
    fn at(&self, step: Step<'_>) -> ControlFlow<()>;
}

impl<F: Fn(Step<'_>) -> ControlFlow<()> + Send + Sync> Watch for F {
    fn at(&self, step: Step<'_>) -> ControlFlow<()> {
        self(step)
    }
}

/// The watch of a value, if anybody watches it.
#[derive(Clone, Default)]
pub(crate) struct Watched(Option<Arc<WatchedBy>>);

struct WatchedBy {
    watch: Arc<dyn Watch>,
    cancelled: AtomicBool,
}

impl Watched {
    pub(crate) fn by(watch: Arc<dyn Watch>) -> Self {
        Self(Some(Arc::new(WatchedBy {
            watch,
            cancelled: AtomicBool::new(false),
        })))
    }

    /// Reports a step.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Cancelled`] if it is to end, or was to before.
    pub(crate) fn at(&self, step: Step<'_>) -> Result<()> {
        self.go_on()?;
        let Some(watching) = &self.0 else {
            return Ok(());
        };
        match watching.watch.at(step) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                watching.cancelled.store(true, Ordering::Relaxed);
                Err(cancelled())
            }
        }
    }

    /// Whether work is to go on, where there is nothing to report.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Cancelled`] if it was to end before.
    pub(crate) fn go_on(&self) -> Result<()> {
        let watching = self.0.as_ref();
        match watching.is_some_and(|watching| watching.cancelled.load(Ordering::Relaxed)) {
            true => Err(cancelled()),
            false => Ok(()),
        }
    }

    /// Writes by `write` what is of the source or table `name` into `file`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Cancelled`] if it is to end, and whatever `write` returns.
    pub(crate) fn writing<W: Write>(
        &self,
        name: &str,
        file: &mut W,
        write: impl FnOnce(&mut WatchedWriter<'_, W>) -> Result<()>,
    ) -> Result<()> {
        let mut file = WatchedWriter {
            file,
            watched: self,
            name,
        };
        let written = write(&mut file);
        // Whatever the writer of a format makes of it.
        self.go_on()?;
        written
    }

    /// For algorithms, which know of no plan: what they report is about `table`.
    pub(crate) fn of_table(&self, table: &str) -> kobling_sdc::watch::Watch {
        use kobling_sdc::watch::{Watch, Work};
        if self.0.is_none() {
            return Watch::default();
        }
        let (watched, table) = (self.clone(), table.to_owned());
        Watch::new(move |work| {
            let table = table.as_str();
            let stopped = match work {
                Work::Searched(work) => watched.at(Step::Searched { table, work }),
                Work::Audited(work) => watched.at(Step::Audited { table, work }),
                // Of work that has no name here there is nothing to report.
                _ => watched.go_on(),
            };
            match stopped {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })
    }
}

/// A file whose bytes are reported.
pub(crate) struct WatchedWriter<'a, W> {
    file: &'a mut W,
    watched: &'a Watched,
    name: &'a str,
}

impl<W: Write> Write for WatchedWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let (name, bytes) = (self.name, written as u64);
        let stopped = self.watched.at(Step::Written { name, bytes });
        stopped.map_err(io::Error::other)?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The error of a step that was cancelled.
pub(crate) fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "was cancelled, and left nothing")
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Watched"
        } else {
            "Unwatched"
        })
    }
}
