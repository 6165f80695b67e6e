//! Contributors, where earlier releases say who can be none.
//!
//! Whoever has a table by who is found in a look-up knows how many of its cells may contribute
//! to a later sum. In a table of a proof other persons are in them; which of those are in a
//! cell of the sum that shares persons with them, nobody knows. So a table counts as one in
//! which as many contributors left the cell as can have.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Otherwise, Suppression};
use crate::plan::table::Origin;
use crate::protect::history::earlier::LackingBefore;
use crate::protect::view::TrueTable;
use kobling_sdc::proof::Proof;
use kobling_sdc::structure::Structure;

/// Inner cells of earlier releases of which it is known who may contribute.
pub(super) struct Before<'a> {
    of: Origin,
    lacking: &'a [LackingBefore],
    /// Of each that may: this release's inner cells that share persons with it.
    shared: HashMap<u32, BTreeSet<u32>>,
}

impl Before<'_> {
    /// Whether somebody in an inner cell may contribute, and an earlier release says of whom that
    /// is not so.
    fn may(&self, inner: u32) -> bool {
        let says = |lacking: &LackingBefore| lacking.says(&self.of, inner);
        let mut said = self.lacking.iter().filter_map(says).peekable();
        said.peek().is_some() && said.all(|lacks| !lacks)
    }
}

impl Suppression<'_> {
    /// What earlier releases say of who may contribute to a measure of a table; none if nothing.
    pub(super) fn before<'t>(
        &self,
        (table, measure): (usize, usize),
        truth: TrueTable<'t>,
    ) -> Option<Before<'t>> {
        let (joint, plan) = (truth.joint?, &self.plan.tables()[table]);
        let (operand, _) = plan.measures[measure].what.values()?;
        let mut before = Before {
            of: plan.values_of(self.plan.sources(), operand)?,
            lacking: truth.lacking,
            shared: HashMap::new(),
        };
        let mut shared: HashMap<u32, BTreeSet<u32>> = HashMap::new();
        for part in 0..joint.parts.cells() {
            // The first is this release's.
            if let [own, earlier @ ..] = joint.parts.members(part) {
                for inner in earlier.iter().filter(|inner| before.may(**inner)) {
                    shared.entry(*inner).or_default().insert(*own);
                }
            }
        }
        before.shared = shared;
        (!before.shared.is_empty()).then_some(before)
    }
}

impl Before<'_> {
    /// What is otherwise in the tables of these `proofs`, where the `own` first inner cells are
    /// this release's, which are part of cells that have so many contributors beyond those
    /// that they need.
    pub(super) fn otherwise(
        &self,
        (own, cells_of): (usize, &Structure),
        margins: &[i128],
        proofs: &[Proof],
    ) -> Otherwise {
        let mut otherwise = Otherwise::default();
        for change in proofs.iter().flat_map(|proof| &proof.changes) {
            let left = |more: i64| i128::from(more).min(0);
            let mut gone: BTreeMap<u32, i128> = BTreeMap::new();
            for (inner, more) in &change.inner {
                let shared = self.shared.get(inner).into_iter().flatten();
                let cells = shared.flat_map(|own| cells_of.members(*own as usize));
                for cell in cells.copied().collect::<BTreeSet<u32>>() {
                    *gone.entry(cell).or_default() += left(*more);
                }
            }
            for (inner, more) in change.inner.iter().filter(|(at, _)| (*at as usize) < own) {
                for cell in cells_of.members(*inner as usize) {
                    if let Some(gone) = gone.get_mut(cell) {
                        *gone += left(*more);
                    }
                }
            }
            let few = gone.iter().filter(|(cell, gone)| {
                let needed = margins[**cell as usize];
                **gone != 0 && needed >= 0 && needed + **gone < 0
            });
            otherwise.few.extend(few.map(|(cell, _)| *cell));
            otherwise.other.extend(gone.into_keys());
        }
        otherwise
    }
}
