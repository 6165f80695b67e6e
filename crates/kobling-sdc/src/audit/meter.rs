//! How much an audit may do before it is refused.
//!
//! Time is no measure: a release that passes on one machine must not fail on
//! another. What is counted is terms of equations touched, so the same
//! release always costs the same, however many threads share it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::AuditRefusal;
use crate::watch::{Watch, Work};

/// Between two calls of a watch, in terms of equations, as a power of two: some
/// thirty milliseconds of one thread.
const REPORT_EVERY: u32 = 24;

/// What an audit may cost, all that it is asked together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditBudget {
    /// Terms of equations read or written; some 5·10⁸ a second and thread.
    pub work: u64,
    /// Terms held at a time by one system of equations, of 16 bytes each; each
    /// thread has one such system.
    pub terms: usize,
    /// Up to so many unknown inner cells, a [`Witness`](super::Witness) is not
    /// looked at: the whole is exact, and soon done.
    pub whole: usize,
}

impl Default for AuditBudget {
    /// Some four minutes, also where one thread has all the work, and 2 GiB for
    /// each. With what choosing a pattern of a million cells takes, a release is
    /// answered or refused in ten.
    fn default() -> Self {
        Self {
            work: 120_000_000_000,
            terms: 1 << 27,
            whole: 512,
        }
    }
}

/// A budget that is being spent, by several threads.
#[derive(Debug)]
pub(super) struct Meter {
    budget: AuditBudget,
    spent: AtomicU64,
    watch: Watch,
}

impl Meter {
    /// Of which nothing is spent, and `watch` is notified of what will be.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Cancelled`] if the watch says so at once.
    pub(super) fn new(budget: AuditBudget, watch: &Watch) -> Result<Self, AuditRefusal> {
        watch
            .report(Work::Audited(0))
            .map_err(AuditRefusal::cancelled)?;
        Ok(Self {
            budget,
            spent: AtomicU64::new(0),
            watch: watch.clone(),
        })
    }

    /// Counts work that is done.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Work`] once the budget is spent, [`AuditRefusal::Cancelled`] once the watch
    /// says so.
    pub(super) fn spend(&self, terms: usize) -> Result<(), AuditRefusal> {
        let before = self.spent.fetch_add(terms as u64, Relaxed);
        let after = before.saturating_add(terms as u64);
        if after > self.budget.work {
            return Err(AuditRefusal::Work);
        }
        // Threads share what is spent, and any of them may come by the next mark; the
        // others are to hear of it too.
        let watched = match (after >> REPORT_EVERY) - (before >> REPORT_EVERY) {
            0 => self.watch.go_on(),
            marks => self.watch.report(Work::Audited(marks << REPORT_EVERY)),
        };
        watched.map_err(AuditRefusal::cancelled)
    }

    /// The watch that is notified of what is spent.
    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Whether so many terms may be held.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Memory`] if not.
    pub(super) fn hold(&self, terms: usize) -> Result<(), AuditRefusal> {
        match terms > self.budget.terms {
            true => Err(AuditRefusal::Memory),
            false => Ok(()),
        }
    }

    /// What may be spent in all.
    pub(super) fn budget(&self) -> AuditBudget {
        self.budget
    }

    /// The work done so far.
    pub(super) fn spent(&self) -> u64 {
        self.spent.load(Relaxed)
    }
}
