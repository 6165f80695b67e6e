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

mod search;

use std::collections::{BTreeMap, BTreeSet};

use crate::attacker::{Contributor, Knowledge, Unsafe};
use crate::proof::{Change, Proof};
use crate::watch::{Watch, Work, WorkStopped};
use search::{Found, Search};

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

/// How much searching may go into publishing cells again, in corners looked at.
const AGAIN: u64 = 400_000_000;

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
    let mut before = Some(before);
    for at in order(task) {
        let wanted = task.wanted[at];
        // Whether a contributor knew it before takes less work than a linear programme.
        work.search.asks_linear = before.is_none();
        let mut proof = work.prove(wanted, f64::INFINITY);
        if let (Err(Unproven::Cell(cell)), true) = (&proof, before.is_some()) {
            if let Some(before) = before.take_if(|_| cell.to_contributors) {
                work.before.extend(before()?);
            }
            work.search.asks_linear = true;
            proof = work.prove(wanted, f64::INFINITY);
        }
        work.proofs[at] = proof?;
    }
    work.publish_again()?;
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

/// The tables that prove a cell uncertain, and the cells that they change.
#[derive(Default)]
struct CellProof {
    changes: Vec<Change>,
    changed: Vec<u32>,
}

struct Prover<'a> {
    task: &'a Task<'a>,
    search: Search<'a>,
    /// Singletons, and what they knew before.
    before: BTreeSet<(u32, usize)>,
    /// By unsafe cell.
    proofs: Vec<CellProof>,
}

impl<'a> Prover<'a> {
    fn new(task: &'a Task<'a>, watch: &'a Watch) -> Self {
        Self {
            search: Search::new(task, watch),
            before: task.known.before.clone(),
            proofs: task.wanted.iter().map(|_| CellProof::default()).collect(),
            task,
        }
    }

    /// Tables that show the cell to be uncertain to the public and to every
    /// contributor, for which cells of no more than `most` worth are suppressed at a time.
    fn prove(&mut self, wanted: Unsafe, most: f64) -> Result<CellProof, Unproven> {
        let mut proven = CellProof::default();
        let mut blind: Option<BTreeSet<Contributor>> = None;
        loop {
            let avoid = blind.as_ref().and_then(|blind| blind.first().copied());
            let found = self.search.find(wanted, avoid, most);
            let found = found.map_err(Unproven::cancelled)?;
            let found = found.ok_or(Unproven::Cell(Unprovable {
                cell: wanted.cell,
                to_contributors: avoid.is_some(),
            }))?;
            let mut rule_out = self.rule_out(&found, wanted.possible.is_of_sum());
            rule_out.retain(|who| !self.owns(*who, wanted));
            self.search.suppress(&found.changed);
            proven.changes.extend(found.changes);
            proven.changed.extend(found.changed);
            let left = match blind {
                None => rule_out,
                Some(blind) => blind.intersection(&rule_out).copied().collect(),
            };
            if left.is_empty() {
                proven.changed.sort_unstable();
                proven.changed.dedup();
                return Ok(proven);
            }
            blind = Some(left);
        }
    }

    /// Who knows that a table of these is not the true one.
    fn rule_out(&self, found: &Found, of_sum: bool) -> BTreeSet<Contributor> {
        let mut who = BTreeSet::new();
        for &(at, more) in found.changes.iter().flat_map(|change| &change.inner) {
            let was = self.task.inner[at as usize];
            if was > 0 && was + i128::from(more) == 0 && !of_sum {
                who.extend(self.inhabited(at).map(Contributor::In));
            }
            let singletons = self.search.known_to(at).iter();
            if self.task.known.joint.is_none() {
                who.extend(singletons.map(|singleton| Contributor::Singleton(*singleton)));
                continue;
            }
            // Such a person is in a joint cell, and knows more by that.
            let own = singletons.flat_map(|one| &self.task.known.singletons[*one as usize]);
            let own = own.filter(|own| self.task.inner[**own as usize] > 0);
            who.extend(
                own.flat_map(|own| self.inhabited(*own))
                    .map(Contributor::In),
            );
        }
        who
    }

    /// The places of an inner cell that somebody may be in.
    fn inhabited(&self, inner: u32) -> impl Iterator<Item = u32> {
        let ways = self.search.ways();
        let is_filled = |at: &u32| self.task.inner[*at as usize] > 0;
        let may_be = move |place: &u32| {
            let parts = ways.parts(*place);
            // Of the singleton of several releases it is known where it is in each.
            let fits = |singleton: u32| {
                let own = self.task.known.singletons[singleton as usize].iter();
                own.filter(|at| is_filled(at)).all(|at| parts.contains(at))
            };
            self.task.known.joint.is_none()
                || parts.iter().all(is_filled) && self.search.alone_in(*place).into_iter().all(fits)
        };
        ways.to(inner).iter().copied().filter(may_be)
    }

    /// Whether nobody but this contributor is in the cell, or it knew the cell before.
    fn owns(&self, contributor: Contributor, wanted: Unsafe) -> bool {
        let (cell, of_sum) = (wanted.cell, wanted.possible.is_of_sum());
        let (parts, singletons) = match contributor {
            Contributor::Singleton(one) => (&[][..], vec![one]),
            Contributor::In(place) => (
                self.search.ways().parts(place),
                match self.task.known.joint {
                    Some(_) => self.search.alone_in(place),
                    None => Vec::new(),
                },
            ),
        };
        let mut knew = singletons.iter().map(|one| (*one, cell));
        if knew.any(|knew| self.before.contains(&knew)) {
            return true;
        }
        let members = self.task.known.structure.members(cell);
        let filled = self.task.known.filled;
        let is_populated = |at: &&u32| match filled.get(**at as usize) {
            Some(filled) => *filled,
            None => self.task.inner[**at as usize] != 0,
        };
        let is_known = |at: &u32| {
            let mut known_to = self.search.known_to(*at).iter();
            known_to.any(|who| singletons.contains(who))
        };
        let mut populated = members.iter().filter(is_populated).peekable();
        match populated.peek() {
            // That nobody is there is only known to a singleton of where somebody is.
            // All else of a sum may be known to be nothing.
            None => {
                let is_public = |at: &u32| of_sum && self.search.is_public(*at);
                members.iter().all(|at| is_known(at) || is_public(at))
            }
            Some(_) => populated
                .all(|at| parts.contains(at) && self.task.inner[*at as usize] == 1 || is_known(at)),
        }
    }

    /// Publishes cells again that all proofs can do without, the most worth ones first.
    fn publish_again(&mut self) -> Result<(), Unproven> {
        let mut users: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
        for (at, proven) in self.proofs.iter().enumerate() {
            for cell in &proven.changed {
                users.entry(*cell).or_default().insert(at);
            }
        }
        let unsafe_cells: BTreeSet<u32> = self
            .task
            .wanted
            .iter()
            .map(|wanted| wanted.cell as u32)
            .collect();
        let may =
            |cell: &u32| self.task.known.published[*cell as usize] && !unsafe_cells.contains(cell);
        let mut cells: Vec<u32> = users.keys().copied().filter(may).collect();
        cells.sort_by(|a, b| {
            let worth = |cell: &u32| self.search.worth(*cell);
            worth(b).total_cmp(&worth(a)).then(a.cmp(b))
        });
        self.search
            .only_suppressed(&users.keys().copied().collect::<Vec<_>>());
        for cell in cells {
            if self.search.looked_at() > AGAIN {
                break;
            }
            let using: Vec<usize> = users.get(&cell).into_iter().flatten().copied().collect();
            self.search.publish(cell);
            let anew = using
                .iter()
                .map(|at| self.prove(self.task.wanted[*at], 0.0));
            let anew = match anew.collect::<Result<Vec<CellProof>, Unproven>>() {
                Ok(anew) => anew,
                Err(Unproven::Cell(_)) => {
                    self.search.suppress(&[cell]);
                    continue;
                }
                Err(Unproven::Cancelled) => return Err(Unproven::Cancelled),
            };
            for (at, proven) in using.into_iter().zip(anew) {
                for cell in &self.proofs[at].changed {
                    users.entry(*cell).or_default().remove(&at);
                }
                for cell in &proven.changed {
                    users.entry(*cell).or_default().insert(at);
                }
                self.proofs[at] = proven;
            }
        }
        Ok(())
    }

    /// What is published in the end: all but unsafe cells, and those that a proof changes.
    fn into_pattern(self) -> ProvenPattern {
        let mut published = self.task.known.published.to_vec();
        for wanted in self.task.wanted {
            published[wanted.cell] = false;
        }
        for cell in self.proofs.iter().flat_map(|proven| &proven.changed) {
            published[*cell as usize] = false;
        }
        let proofs = self.task.wanted.iter().zip(self.proofs);
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
