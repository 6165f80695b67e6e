//! Sums: a pattern that carries its proofs.
//!
//! The pattern is what shows each unsafe sum to be uncertain, as for numbers of persons. Where
//! none is found beside what stays published, or where earlier releases split inner cells and
//! nobody knows what is in each part, so that nothing can be shown, the auditor's intervals
//! say whether a pattern holds.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::AuditRecord;
use super::cells::KnownCells;
use super::no_pattern::NoPattern;
use super::side::Side;
use crate::protect::view::{RecipientView, TrueTable};
use kobling_sdc::attacker::{Knowledge, Possible, Unsafe};
use kobling_sdc::audit::{Sign, proofs};
use kobling_sdc::proof::Proof;
use kobling_sdc::suppress::{Contributors, Status, Task, prove_excusing};

/// What is known of inner cells on every side.
struct OfInner {
    filled: Vec<bool>,
    impossible: Vec<bool>,
}

/// What is known of a quantity on one side, and what is wanted there.
struct OneSide {
    inner: Vec<i128>,
    most: Vec<Option<i128>>,
    wanted: Vec<Unsafe>,
}

impl KnownCells {
    /// What becomes of each cell; those that are `gone` are suppressed anyway.
    pub(super) fn sums(
        &self,
        view: &RecipientView,
        gone: &[bool],
        record: &mut AuditRecord,
    ) -> Result<(Vec<Status>, Vec<Proof>), NoPattern> {
        let unproven = |record| Ok((self.protected(view, record)?, Vec::new()));
        let table = view.table().filter(|table| table.joint.is_none());
        let Some(table) = table else {
            return unproven(record);
        };
        match self.proven_sums(view, table, gone, record) {
            Err(NoPattern::Unprovable(_) | NoPattern::Certain(_)) => unproven(record),
            other => other,
        }
    }

    fn proven_sums(
        &self,
        view: &RecipientView,
        table: TrueTable<'_>,
        gone: &[bool],
        record: &mut AuditRecord,
    ) -> Result<(Vec<Status>, Vec<Proof>), NoPattern> {
        let filled = self.contributors.iter();
        let filled: Vec<bool> = filled.map(|who| *who != Contributors::None).collect();
        // Of numbers of persons nothing changes, and nobody has no sum.
        let impossible = self.empty.iter().enumerate();
        let impossible =
            impossible.map(|(at, empty)| *empty || self.impossible.get(at) == Some(&true));
        let of_inner = OfInner {
            filled,
            impossible: impossible.collect(),
        };
        let may = (0..view.structure.cells()).map(|cell| {
            let is_gone = gone.get(cell) == Some(&true) && !self.forced[cell];
            !self.hidden[cell] && !is_gone
        });
        let mut published: Vec<bool> = may.collect();
        let (before, none) = (OnceCell::new(), BTreeSet::new());
        let sides = self.sides.iter().map(|side| self.on(side, view, table));
        let sides: Vec<OneSide> = sides.collect();
        let mut proofs: Vec<Vec<Proof>> = Vec::new();
        for side in &sides {
            self.begin_round()?;
            let task = Task {
                known: self.knows(
                    table,
                    side,
                    &of_inner,
                    (&published, before.get().unwrap_or(&none)),
                ),
                inner: &side.inner,
                places: table.places,
                wanted: &side.wanted,
                forced: &self.forced,
                weights: &self.weights,
                seed: self.seed,
                watch: Some(&self.watch.work),
            };
            // Without bounds, for these differ by side: so no more than they knew.
            let pattern = prove_excusing(&task, || self.excusing(&before, view, Sign::Any))?;
            published = pattern.published;
            proofs.push(pattern.proofs);
        }
        let mut narrowest: Option<i128> = None;
        for (side, proofs) in sides.iter().zip(&proofs) {
            let before = before.get().unwrap_or(&none);
            let known = self.knows(table, side, &of_inner, (&published, before));
            let watch = &self.watch.work;
            let checked = proofs::check_watched(&known, &side.inner, &side.wanted, proofs, watch)?;
            if !checked.missed.is_empty() {
                return Err(NoPattern::Certain(checked.missed.len()));
            }
            let widths = [narrowest, checked.narrowest].into_iter().flatten();
            narrowest = widths.min();
        }
        let status = self.status(&published, record);
        record.narrowest = narrowest.map(|width| width as f64);
        let sides = self.sides.iter().zip(proofs);
        let proofs = sides.flat_map(|(side, proofs)| side.own_units(proofs));
        Ok((status, proofs.collect()))
    }

    fn on(&self, side: &Side, view: &RecipientView, table: TrueTable<'_>) -> OneSide {
        let own = table.inner.len();
        let mut inner = side.inner(table.inner);
        inner.truncate(own);
        let wanted = self.requirements.iter().map(|needed| {
            let value = side.of_cell(needed.cell, needed.value);
            let room = side.room(view.structure.members(needed.cell), value);
            let above = needed.above.max(needed.width);
            let above = room.map_or(above, |room| above.min(room));
            Unsafe {
                cell: needed.cell,
                possible: Possible::Around {
                    below: 0,
                    above: u64::try_from(above).unwrap_or(u64::MAX),
                },
            }
        });
        let mut wanted: Vec<Unsafe> = wanted.collect();
        // Of what an earlier release suppressed the level may not be known any more.
        let levelled: BTreeSet<usize> = wanted.iter().map(|wanted| wanted.cell).collect();
        let others =
            (0..self.primary.len()).filter(|cell| self.primary[*cell] && !levelled.contains(cell));
        wanted.extend(others.map(|cell| Unsafe {
            cell,
            possible: Possible::Around { below: 0, above: 1 },
        }));
        OneSide {
            wanted,
            most: side.most(own),
            inner,
        }
    }

    fn knows<'a>(
        &'a self,
        table: TrueTable<'a>,
        side: &'a OneSide,
        of_inner: &'a OfInner,
        (published, before): (&'a [bool], &'a BTreeSet<(u32, usize)>),
    ) -> Knowledge<'a> {
        Knowledge {
            structure: table.structure,
            published,
            least: &[],
            least_inner: &[],
            most_inner: &side.most,
            impossible: &of_inner.impossible,
            filled: &of_inner.filled,
            singletons: &self.insiders,
            joint: None,
            before,
        }
    }
}
