//! Patterns that carry their proofs: what is suppressed is what shows that unsafe
//! numbers of persons, or sums, are uncertain.
//!
//! For each unsafe cell a few other tables are looked for that agree with all
//! that is published and known (see [`attacker`](crate::attacker)), and
//! in which the cell has other values. Each is the true table and a
//! [cube](super::cube), or several; the cells that it changes must be suppressed,
//! and the cheapest is taken. Where a singleton, or anybody else in a cell, could
//! rule a table out by its own knowledge, a further one is looked for that this
//! contributor cannot rule out. Afterwards cells that the proofs can do without are
//! published again.
//!
//! A number of persons needs a table for each of a few values, a sum one that is far enough
//! away: the cube is added as often as the protection level is large, and what its corners
//! lose they must have.
//!
//! A cell whose every published sum is suppressed is free, so there is always a
//! proof, but where cells are published whatever follows.

mod again;
mod cell;
mod lanes;
mod search;

use std::collections::BTreeSet;

use crate::attacker::{Knowledge, Unsafe};
use crate::proof::Proof;
use crate::watch::{Watch, Work, WorkStopped};
use again::publish_again;
use cell::{CellProof, CellProver};
use lanes::Lanes;
use search::Search;

/// What to protect, and on what table.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// What attackers know; `published` are the cells that may be published.
    pub known: Knowledge<'a>,
    /// The true number of persons in each inner cell; or what it holds of a sum, as it is
    /// bounded from below by 0.
    pub inner: &'a [i128],
    /// By dimension the category of each inner cell, or of each joint cell if there is a
    /// joint table, counted from 0.
    pub places: &'a [Vec<u32>],
    /// The unsafe cells.
    pub wanted: &'a [Unsafe],
    /// The cells that are published whatever follows.
    pub forced: &'a [bool],
    /// By cell, how many times as much it is worth to a reader as its value says; an empty
    /// slice if all are worth that.
    pub weights: &'a [f64],
    /// Decides between cells of equal worth.
    pub seed: u64,
    /// Notified of the work, if there is one, and may have it stopped.
    pub watch: Option<&'a Watch>,
}

/// A pattern, and why it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenPattern {
    /// Of each cell, whether it is published.
    pub published: Vec<bool>,
    /// For each unsafe cell, in the order of the task.
    pub proofs: Vec<Proof>,
}

/// An unsafe cell that cannot be made uncertain, for cells that are published
/// whatever follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unprovable {
    /// Which cell.
    pub cell: usize,
    /// Whether only a contributor to another cell could know it.
    pub to_contributors: bool,
}

/// Why there is no proven pattern. Nothing is published then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproven {
    /// A cell cannot be made uncertain.
    Cell(Unprovable),
    /// Whoever [watches](Watch) had it stopped.
    Cancelled,
}

impl Unproven {
    fn cancelled(_: WorkStopped) -> Self {
        Self::Cancelled
    }
}

/// How many cells are proven at a time, each as if the others were not. (Of 118,125 cells 12,932
/// further ones are suppressed with one at a time, 12,781 with two, 12,868 with four and 13,169
/// with eight.)
const AT_A_TIME: usize = 4;

/// A pattern in which each unsafe number, or sum, is proven to be uncertain enough.
///
/// The result is the same for any number of threads.
///
/// # Errors
///
/// [`Unproven`].
///
/// # Panics
///
/// If a slice does not fit the structure.
///
/// # Disclosure
///
/// The proofs differ from the true table by few cells each: they are for the
/// linkage unit only.
pub fn prove(task: &Task<'_>) -> Result<ProvenPattern, Unproven> {
    prove_excusing(task, || Ok(BTreeSet::new()))
}

/// The same; but where only a contributor could know a cell, and knew it already, that is left.
///
/// `before` is asked once at most, as it takes work: which singletons could compute which unsafe
/// cells [before](Knowledge::before). What was proven by then is proven to all.
///
/// # Errors
///
/// [`Unproven`], and what `before` gives.
///
/// # Panics
///
/// If a slice does not fit the structure.
///
/// # Disclosure
///
/// As of [`prove`].
pub fn prove_excusing<E: From<Unproven>>(
    task: &Task<'_>,
    before: impl FnOnce() -> Result<BTreeSet<(u32, usize)>, E>,
) -> Result<ProvenPattern, E> {
    let nobody = Watch::default();
    let watch = task.watch.unwrap_or(&nobody);
    watch
        .report(Work::Searched(0))
        .map_err(Unproven::cancelled)?;
    let mut work = Prover::new(task, watch);
    let mut hard = Vec::new();
    for some in order(task).chunks(AT_A_TIME) {
        hard.extend(work.prove(some)?);
    }
    let mut before = Some(before);
    for at in hard {
        work.prove_at_last(at, &mut before)?;
    }
    publish_again(&work.cells, &mut work.lanes, &mut work.proofs)?;
    Ok(work.into_pattern())
}

/// Unsafe cells of larger sums first: what is suppressed for them serves those inside.
fn order(task: &Task<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..task.wanted.len()).collect();
    let members = |at: &usize| task.known.structure.members(task.wanted[*at].cell);
    order.sort_by_cached_key(|at| {
        let members = members(at);
        let value: i128 = members.iter().map(|at| task.inner[*at as usize]).sum();
        (
            std::cmp::Reverse(members.len()),
            std::cmp::Reverse(value),
            *at,
        )
    });
    order
}

struct Prover<'a> {
    cells: CellProver<'a>,
    lanes: Lanes<'a>,
    /// By unsafe cell.
    proofs: Vec<CellProof>,
}

impl<'a> Prover<'a> {
    fn new(task: &'a Task<'a>, watch: &'a Watch) -> Self {
        Self {
            cells: CellProver {
                task,
                before: task.known.before.clone(),
            },
            lanes: Lanes::new(Search::new(task, watch)),
            proofs: task.wanted.iter().map(|_| CellProof::default()).collect(),
        }
    }

    /// Proofs for some of the unsafe cells, by number. Gives those for which none was found: once
    /// more is suppressed, for others, there may be one.
    fn prove(&mut self, some: &[usize]) -> Result<Vec<usize>, Unproven> {
        let wanted = &self.cells.task.wanted;
        let proofs = self.lanes.each(some, |search, at| {
            self.cells.prove(search, wanted[*at], f64::INFINITY)
        });
        let mut hard = Vec::new();
        for (at, proof) in some.iter().zip(proofs) {
            match proof {
                Ok(proof) => self.keep(*at, proof),
                Err(Unproven::Cell(_)) => hard.push(*at),
                Err(Unproven::Cancelled) => return Err(Unproven::Cancelled),
            }
        }
        Ok(hard)
    }

    /// A proof for an unsafe cell, by whatever finds one.
    fn prove_at_last<E: From<Unproven>>(
        &mut self,
        at: usize,
        before: &mut Option<impl FnOnce() -> Result<BTreeSet<(u32, usize)>, E>>,
    ) -> Result<(), E> {
        let wanted = self.cells.task.wanted[at];
        let search = self.lanes.one();
        let mut proof = self.cells.prove(search, wanted, f64::INFINITY);
        if let Err(Unproven::Cell(cell)) = proof {
            // Whether a contributor knew it before takes less work than a linear programme.
            if let Some(before) = before.take_if(|_| cell.to_contributors) {
                self.cells.before.extend(before()?);
            }
            search.asks_linear = true;
            proof = self.cells.prove(search, wanted, f64::INFINITY);
            search.asks_linear = false;
        }
        self.keep(at, proof?);
        Ok(())
    }

    fn keep(&mut self, at: usize, proof: CellProof) {
        self.lanes.agree_to(&proof.changed);
        self.proofs[at] = proof;
    }

    /// What is published in the end: all but unsafe cells, and those that a proof changes.
    fn into_pattern(self) -> ProvenPattern {
        let task = self.cells.task;
        let mut published = task.known.published.to_vec();
        for wanted in task.wanted {
            published[wanted.cell] = false;
        }
        for cell in self.proofs.iter().flat_map(|proven| &proven.changed) {
            published[*cell as usize] = false;
        }
        let proofs = task.wanted.iter().zip(self.proofs);
        let proofs = proofs.map(|(wanted, proven)| Proof {
            cell: wanted.cell,
            changes: proven.changes,
        });
        ProvenPattern {
            published,
            proofs: proofs.collect(),
        }
    }
}
