//! What a recipient knows before any solving: cells whose inner cells are
//! settled by the published values directly.
//!
//! Most of a table settles itself: an inner cell that is published, the last
//! unknown one of a published sum, and, where nothing is negative, all of a
//! published zero. What is left is a fraction of the table (of the 5244 inner
//! cells of the largest reference case, 2064), and often falls into parts
//! that have no published cell in common.

use std::collections::BTreeMap;

use super::equation::Equation;
use super::meter::Meter;
use super::nested::differences;
use super::{AuditRefusal, Seen, Sign};
use crate::structure::Structure;

/// A release once all that settles itself is taken out.
#[derive(Debug)]
pub(super) struct ReducedRelease {
    /// The inner cells that are known.
    pub(super) known: Vec<Option<i128>>,
    /// What the published cells say of the rest, each said once.
    pub(super) equations: Vec<Equation>,
}

impl ReducedRelease {
    /// What `seen` says once the known inner cells are taken out of it.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Contradiction`] if no inner cells add up to the published
    /// values, as far as this shows; [`AuditRefusal::Overflow`]; [`AuditRefusal::Work`].
    pub(super) fn of(seen: &Seen<'_>, meter: &Meter) -> Result<Self, AuditRefusal> {
        let structure = seen.structure;
        let settled = Settling::new(seen).run(meter)?;
        let mut equations = Vec::new();
        for cell in 0..structure.cells() {
            let Some(value) = settled.left[cell] else {
                continue;
            };
            let members = structure.members(cell).iter().copied();
            let terms: Vec<u32> = members
                .filter(|&inner| settled.known[inner as usize].is_none())
                .collect();
            meter.spend(structure.members(cell).len())?;
            if !terms.is_empty() {
                equations.push(Equation { terms, value });
            }
        }
        let mut known = settled.known;
        let equations = differences(equations, &mut known, seen.sign, meter)?;
        Ok(Self { known, equations })
    }
}

/// Settling at work.
struct Settling<'a> {
    seen: &'a Seen<'a>,
    cells_of: Structure,
    known: Vec<Option<i128>>,
    /// Of each published cell, the sum of its unknown inner cells.
    left: Vec<Option<i128>>,
    unknown: Vec<usize>,
    /// Cells that something was learnt of.
    open: Vec<usize>,
}

impl<'a> Settling<'a> {
    fn new(seen: &'a Seen<'a>) -> Self {
        let cells = 0..seen.structure.cells();
        Self {
            seen,
            cells_of: seen.structure.transposed(),
            known: vec![None; seen.structure.inner()],
            left: seen.values.to_vec(),
            unknown: cells
                .clone()
                .map(|cell| seen.structure.members(cell).len())
                .collect(),
            open: cells.rev().collect(),
        }
    }

    fn run(mut self, meter: &Meter) -> Result<Self, AuditRefusal> {
        let sums_only = self.seen.sign == Sign::Any;
        while let Some(cell) = self.open.pop() {
            let Some(left) = self.left[cell] else {
                continue;
            };
            if left < 0 && !sums_only || left != 0 && self.unknown[cell] == 0 {
                return Err(AuditRefusal::Contradiction);
            }
            if self.unknown[cell] == 0 || self.unknown[cell] > 1 && (left != 0 || sums_only) {
                continue;
            }
            meter.spend(self.seen.structure.members(cell).len())?;
            for &inner in self.seen.structure.members(cell) {
                if self.known[inner as usize].is_none() {
                    // Several are unknown only where they add up to nothing.
                    self.settle(inner as usize, left, meter)?;
                }
            }
        }
        Ok(self)
    }

    fn settle(&mut self, inner: usize, value: i128, meter: &Meter) -> Result<(), AuditRefusal> {
        self.known[inner] = Some(value);
        meter.spend(self.cells_of.members(inner).len())?;
        for &cell in self.cells_of.members(inner) {
            let cell = cell as usize;
            let Some(left) = self.left[cell] else {
                continue;
            };
            self.left[cell] = Some(left.checked_sub(value).ok_or(AuditRefusal::Overflow)?);
            self.unknown[cell] -= 1;
            self.open.push(cell);
        }
        Ok(())
    }
}

/// Inner cells that published sums tie together, and none outside them.
///
/// Inner cells that are in the same published sums are one variable here:
/// only their sum is bounded, however it is shared among them.
#[derive(Debug, Default)]
pub(super) struct Component {
    /// How many inner cells each variable is the sum of.
    pub(super) sizes: Vec<u32>,
    /// The published sums over the variables.
    pub(super) equations: Vec<Equation>,
}

/// Where an inner cell is after reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InnerPlace {
    /// It is known.
    Known(i128),
    /// No published cell holds it.
    Free,
    /// It is in a variable of a part.
    In {
        /// Which part.
        part: u32,
        /// Which variable of it.
        variable: u32,
    },
}

/// The reduced release as independent parts, and where each inner cell is.
pub(super) fn parts(reduced: &ReducedRelease) -> (Vec<Component>, Vec<InnerPlace>) {
    let inner = reduced.known.len();
    let mut sums_of: Vec<Vec<u32>> = vec![Vec::new(); inner];
    let mut root: Vec<u32> = (0..inner as u32).collect();
    for (at, equation) in reduced.equations.iter().enumerate() {
        for &term in &equation.terms {
            sums_of[term as usize].push(at as u32);
            let (one, other) = (find(&mut root, term), find(&mut root, equation.terms[0]));
            root[one.max(other) as usize] = one.min(other);
        }
    }
    let mut parts: Vec<Component> = Vec::new();
    let mut places = Vec::with_capacity(inner);
    let mut part_of_root: BTreeMap<u32, u32> = BTreeMap::new();
    let mut variables: BTreeMap<&[u32], (u32, u32)> = BTreeMap::new();
    for (at, sums) in sums_of.iter().enumerate() {
        if let Some(value) = reduced.known[at] {
            places.push(InnerPlace::Known(value));
            continue;
        }
        if sums.is_empty() {
            places.push(InnerPlace::Free);
            continue;
        }
        let part = *part_of_root
            .entry(find(&mut root, at as u32))
            .or_insert_with(|| {
                parts.push(Component::default());
                parts.len() as u32 - 1
            });
        let sizes = &mut parts[part as usize].sizes;
        let (part, variable) = *variables.entry(sums).or_insert_with(|| {
            sizes.push(0);
            (part, sizes.len() as u32 - 1)
        });
        sizes[variable as usize] += 1;
        places.push(InnerPlace::In { part, variable });
    }
    for equation in &reduced.equations {
        let terms = equation.terms.iter();
        let terms = terms.filter_map(|&term| match places[term as usize] {
            InnerPlace::In { part, variable } => Some((part, variable)),
            InnerPlace::Known(_) | InnerPlace::Free => None,
        });
        let mut terms: Vec<(u32, u32)> = terms.collect();
        terms.sort_unstable();
        terms.dedup();
        parts[terms[0].0 as usize].equations.push(Equation {
            terms: terms.into_iter().map(|(_, variable)| variable).collect(),
            value: equation.value,
        });
    }
    (parts, places)
}

/// The root of `at`, with the way to it halved.
fn find(root: &mut [u32], mut at: u32) -> u32 {
    while root[at as usize] != at {
        root[at as usize] = root[root[at as usize] as usize];
        at = root[at as usize];
    }
    at
}
