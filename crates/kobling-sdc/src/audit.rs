//! The auditor: what a recipient of a release can still derive of its suppressed cells.
//!
//! It is no part of the suppressor and shares only the [`Structure`] with it:
//! it sees what a recipient sees, the published cells and their values, and
//! attacks them. A pattern of suppression that was chosen badly, or by a
//! programme with a fault, is found here and not by a reader of the release.
//!
//! Three attacks: *subtraction*, exactly ([`Audit::disclosed`]); the same by
//! an *insider*, who knows the cells that hold nobody but itself; and the
//! *feasibility interval* of every suppressed cell ([`Audit::intervals`]),
//! which also uses that nothing is negative. What it does not attack with:
//! knowledge from outside the release, chances (an interval may be wide and
//! most of it improbable), and insiders who use bounds.

mod basis;
mod equation;
mod interval;
mod meter;
mod nested;
mod prime;
pub mod proofs;
mod rank;
mod reduce;
mod simplex;
pub(crate) mod table;
mod verdict;
mod witness;

use std::collections::BTreeSet;
use std::fmt;

pub use interval::Interval;
pub use meter::AuditBudget;
pub use prime::Primes;
pub use verdict::{Required, Requirement, Verdict};
pub use witness::Witness;

use crate::structure::Structure;
use crate::watch::{Watch, WorkStopped};
use meter::Meter;
use rank::Blank;
use reduce::ReducedRelease;

/// Whether values may be below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// No inner cell is negative, and recipients know it: counts, and sums of
    /// what is never negative.
    NonNegative,
    /// Inner cells may be negative. Then only what can be had by subtraction
    /// is bounded at all.
    Any,
}

/// What a recipient sees of a release.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Which inner cells each cell is the sum of.
    pub structure: &'a Structure,
    /// The value of each cell in whole units (persons, or 10⁻ˢᶜᵃˡᵉ), or none
    /// where it is suppressed.
    pub values: &'a [Option<i128>],
    /// Whether values may be below zero.
    pub sign: Sign,
}

/// Why an audit could not finish. The release is refused then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditRefusal {
    /// There are not as many values as cells, or a cell is asked after that
    /// is published or is not there.
    Shape,
    /// No table of the kind has the published values, or a suppressed cell's
    /// true value is not among those that they allow.
    Contradiction,
    /// A sum is too large to be computed exactly.
    Overflow,
    /// The [`AuditBudget`]'s work is spent.
    Work,
    /// The [`AuditBudget`]'s terms do not suffice.
    Memory,
    /// Rounding errors could not be kept within their bound.
    Precision,
    /// These are not two different primes of 61 bits.
    Primes,
    /// Whoever [watches](Watch) had it stopped.
    Cancelled,
}

impl fmt::Display for AuditRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "the audit was given values or cells that do not fit the release",
            Self::Contradiction => "the published cells contradict each other",
            Self::Overflow => "a sum of cells is too large to be audited exactly",
            Self::Work => "the audit would take more work than its budget allows",
            Self::Memory => "the audit would take more memory than its budget allows",
            Self::Precision => "the audit could not keep its rounding errors within bounds",
            Self::Primes => "an audit needs two different primes of 61 bits",
            Self::Cancelled => "the audit was cancelled",
        })
    }
}

impl std::error::Error for AuditRefusal {}

impl AuditRefusal {
    fn cancelled(_: WorkStopped) -> Self {
        Self::Cancelled
    }
}

/// Who learns which suppressed cells exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disclosed {
    /// Cells that every recipient can compute.
    pub to_all: BTreeSet<usize>,
    /// An insider, by its place in the list that was given, and a cell that it
    /// can compute with its own: so it learns of the others in the cell what is
    /// not known to all.
    pub to_insiders: BTreeSet<(usize, usize)>,
    /// An insider, and a cell of which everybody knows all but what is the insider's own: it
    /// can compute the cell, and learns of nobody else by that.
    pub but_own: BTreeSet<(usize, usize)>,
}

/// A release under attack.
///
/// # Examples
///
/// A row of two cells and their sum. Suppressing one is not enough.
///
/// ```
/// use kobling_sdc::audit::{Audit, AuditBudget, Primes, Seen, Sign};
/// use kobling_sdc::structure::Structure;
///
/// # fn main() -> Result<(), kobling_sdc::audit::AuditRefusal> {
/// let structure = Structure::new(2, [vec![0], vec![1], vec![0, 1]]);
/// let sign = Sign::NonNegative;
/// let values = [None, Some(40), Some(43)];
/// let audit = Audit::new(Seen { structure: &structure, values: &values, sign }, AuditBudget::default())?;
/// assert!(audit.disclosed(&[], Primes::drawn([1; 16]))?.to_all.contains(&0));
///
/// let values = [None, None, Some(43)];
/// let audit = Audit::new(Seen { structure: &structure, values: &values, sign }, AuditBudget::default())?;
/// assert!(audit.disclosed(&[], Primes::drawn([1; 16]))?.to_all.is_empty());
/// let interval = audit.intervals(&[0])?[0];
/// assert_eq!((interval.low, interval.high), (0.0, 43.0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Audit<'a> {
    seen: Seen<'a>,
    reduced: ReducedRelease,
    meter: Meter,
}

impl<'a> Audit<'a> {
    /// Takes in what a recipient sees, and what follows from it at once.
    ///
    /// Cheap: one pass over the structure, so that a suppressor can ask again
    /// after each cell that it adds. Where only more is suppressed than before,
    /// intervals only widen: it need ask only after the cells that missed.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Shape`], [`AuditRefusal::Contradiction`], [`AuditRefusal::Overflow`] or
    /// [`AuditRefusal::Work`].
    pub fn new(seen: Seen<'a>, budget: AuditBudget) -> Result<Self, AuditRefusal> {
        Self::watched(seen, budget, &Watch::default())
    }

    /// [`new`](Self::new), and `watch` is notified of all that the audit does.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); here and in all that the audit is asked
    /// [`AuditRefusal::Cancelled`], once the watch says so.
    pub fn watched(
        seen: Seen<'a>,
        budget: AuditBudget,
        watch: &Watch,
    ) -> Result<Self, AuditRefusal> {
        if seen.values.len() != seen.structure.cells() {
            return Err(AuditRefusal::Shape);
        }
        let meter = Meter::new(budget, watch)?;
        let reduced = ReducedRelease::of(&seen, &meter)?;
        Ok(Self {
            seen,
            reduced,
            meter,
        })
    }

    /// The cells that have no value, in increasing order.
    pub fn suppressed(&self) -> Vec<usize> {
        let values = self.seen.values.iter().enumerate();
        let blank = values.filter(|(_, value)| value.is_none());
        blank.map(|(cell, _)| cell).collect()
    }

    /// Which suppressed cells can be had by subtraction: their rows are in the
    /// span of the published rows (exact; see below). Where nothing is
    /// negative, the inner cells of a published zero count as published.
    ///
    /// Each of `insiders` is the inner cells of a contributor, or of a group
    /// that shares what it knows, in which there is nobody else. Each is
    /// tested by itself.
    ///
    /// The test is modulo two primes. If they were drawn at random after the
    /// table was made, a recoverable cell of any release of up to 10⁶
    /// independent published cells is missed with a probability below 5·10⁻²³.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Shape`] if an insider knows an inner cell that is not there;
    /// [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
    pub fn disclosed(
        &self,
        insiders: &[Vec<u32>],
        primes: Primes,
    ) -> Result<Disclosed, AuditRefusal> {
        let inner = self.seen.structure.inner();
        if insiders
            .iter()
            .flatten()
            .any(|&cell| cell as usize >= inner)
        {
            return Err(AuditRefusal::Shape);
        }
        let blanks: Vec<Blank> = self
            .suppressed()
            .into_iter()
            .map(|cell| self.blank(cell))
            .collect();
        rank::disclosed(&self.reduced, &blanks, insiders, primes, &self.meter)
    }

    /// Up to what the upper ends of cells are known to reach; see [`interval::reached`].
    fn reached(&self, cells: &[(usize, f64)]) -> Result<Vec<f64>, AuditRefusal> {
        self.all_blank(cells.iter().map(|(cell, _)| *cell))?;
        let (structure, sign) = (self.seen.structure, self.seen.sign);
        interval::reached(structure, &self.reduced, cells, sign, &self.meter)
    }

    /// What the audit has cost so far, in terms of equations (see [`AuditBudget::work`]).
    pub fn work(&self) -> u64 {
        self.meter.spent()
    }

    /// Refuses cells that are published or not there.
    fn all_blank(&self, mut cells: impl Iterator<Item = usize>) -> Result<(), AuditRefusal> {
        match cells.all(|cell| self.seen.values.get(cell) == Some(&None)) {
            true => Ok(()),
            false => Err(AuditRefusal::Shape),
        }
    }

    fn blank(&self, cell: usize) -> Blank {
        let members = self.seen.structure.members(cell).iter().copied();
        let known = &self.reduced.known;
        Blank {
            cell,
            terms: members
                .filter(|&inner| known[inner as usize].is_none())
                .collect(),
        }
    }

    /// The feasibility interval of each of `cells`, in their order.
    ///
    /// The result is the same for any number of threads. Its cost grows with
    /// the number of cells that are asked after.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Shape`] if one of them is published or not there;
    /// [`AuditRefusal::Contradiction`], [`AuditRefusal::Overflow`], [`AuditRefusal::Work`],
    /// [`AuditRefusal::Memory`] or [`AuditRefusal::Precision`].
    pub fn intervals(&self, cells: &[usize]) -> Result<Vec<Interval>, AuditRefusal> {
        self.all_blank(cells.iter().copied())?;
        interval::intervals(
            self.seen.structure,
            &self.reduced,
            cells,
            self.seen.sign,
            &self.meter,
        )
    }
}
