//! Sums that a singleton can bound: from what it knows, and that nothing is below zero.
//!
//! Subtraction by singletons is looked for in all tables, and exactly. But who knows its own
//! part of a published sum may see that nothing is left for the others in it, and so what
//! they have elsewhere. For that each singleton is asked after with its own figures as
//! published ones: which takes work, of which there is a limit; in large tables with many
//! singletons it ends before all are asked after, as the auditor's documentation says.

use std::collections::BTreeSet;

use super::cells::KnownCells;
use kobling_sdc::audit::{Audit, AuditBudget, AuditRefusal, Seen, Sign};
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::Contributors;

impl KnownCells {
    /// The unsafe cells that a singleton can derive, of the `values` that everybody sees;
    /// `inner` are the true ones of the structure's inner cells.
    pub(super) fn derivable_by_bounds(
        &self,
        structure: &Structure,
        values: &[Option<i128>],
        inner: &[i128],
    ) -> Result<BTreeSet<(usize, usize)>, AuditRefusal> {
        let mut derivable = BTreeSet::new();
        // One structure for all: what a singleton knows, it sees of a cell of its own.
        let known: BTreeSet<u32> = self.insiders.iter().flatten().copied().collect();
        let further: Vec<Vec<u32>> = known.iter().map(|at| vec![*at]).collect();
        let structure = &structure.with(&further);
        for (insider, own) in self.insiders.iter().enumerate() {
            let knows = |at: &u32| own.binary_search(at).is_ok();
            let is_others = |cell: &usize| {
                let mut others = structure.members(*cell).iter().filter(|at| !knows(at));
                others.any(|at| {
                    let whose = self.contributors.get(*at as usize);
                    whose.is_some_and(|whose| *whose != Contributors::None)
                })
            };
            let open = (0..self.primary.len()).filter(|cell| self.primary[*cell]);
            let open = open.filter(|cell| values[*cell].is_none() && is_others(cell));
            let open: Vec<usize> = open.collect();
            if open.is_empty() {
                continue;
            }
            let known = known.iter();
            let known = known.map(|at| knows(at).then_some(inner[*at as usize]));
            let all: Vec<Option<i128>> = values.iter().copied().chain(known).collect();
            let budget = AuditBudget {
                work: self.insider_work.get(),
                ..AuditBudget::default()
            };
            let seen = Seen {
                structure,
                values: &all,
                sign: Sign::NonNegative,
            };
            let asked = Audit::watched(seen, budget, &self.watch.work).and_then(|audit| {
                let intervals = audit.intervals(&open);
                let left = self.insider_work.get().saturating_sub(audit.work());
                self.insider_work.set(left);
                intervals
            });
            match asked {
                Ok(intervals) => {
                    let known = open.into_iter().zip(intervals);
                    let known = known.filter(|(_, interval)| interval.is_known());
                    derivable.extend(known.map(|(cell, _)| (insider, cell)));
                }
                Err(AuditRefusal::Work | AuditRefusal::Memory) => {
                    let unasked = self.insiders.len() - insider;
                    self.unasked.set(self.unasked.get().max(unasked));
                    return Ok(derivable);
                }
                Err(other) => return Err(other),
            }
        }
        Ok(derivable)
    }
}
