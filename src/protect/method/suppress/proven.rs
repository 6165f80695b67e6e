//! Numbers of persons: a pattern that carries its proofs, and the check of each.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::cells::KnownCells;
use super::choose::suppressed;
use super::no_pattern::NoPattern;
use super::reached::Reached;
use super::{AuditRecord, Suppression};
use crate::protect::view::{RecipientView, TrueTable};
use crate::table::Population;
use kobling_sdc::attacker::Knowledge;
use kobling_sdc::audit::{Audit, AuditBudget, Seen, Sign, proofs};
use kobling_sdc::proof::Proof;
use kobling_sdc::suppress::{Status, Task, prove_excusing};

/// Sets of inner cells in which everybody knows that there are so many persons at
/// least: as cells that nobody publishes.
#[derive(Clone, Default)]
pub(super) struct Floors {
    pub(super) members: Vec<Vec<u32>>,
    pub(super) least: Vec<u64>,
}

impl Floors {
    /// What the names of a population's categories say, and figures that are published in
    /// spite of the rules.
    pub(super) fn of(population: &Population, work: &Suppression<'_>, reached: &[Reached]) -> Self {
        let mut floors = Self::default();
        for floor in population.known_from_names(work.tables, work.plan.tables()) {
            floors.members.push(floor.inner);
            floors.least.push(floor.persons);
        }
        let stays = reached.iter();
        for reached in stays.filter(|reached| reached.stays && reached.persons > 0) {
            floors.members.push(reached.inner.clone());
            floors.least.push(1);
        }
        floors
    }
}

impl KnownCells {
    /// What becomes of each cell, by a pattern that is proven on the true `table`; and
    /// the proofs.
    ///
    /// # Errors
    ///
    /// [`NoPattern::Unprovable`] if cells that are published whatever follows are in the
    /// way; [`NoPattern::Certain`] if the auditor does not follow a proof.
    pub(super) fn proven(
        &self,
        view: &RecipientView,
        table: TrueTable<'_>,
        floors: &Floors,
        record: &mut AuditRecord,
    ) -> Result<(Vec<Status>, Vec<Proof>), NoPattern> {
        self.begin_round()?;
        let own = view.structure.cells();
        let mut floors = floors.clone();
        for (members, least) in table.floors {
            floors.members.push(members.clone());
            floors.least.push(*least);
        }
        let all = own + floors.members.len();
        let structure = table.structure.with(&floors.members);
        let mut impossible = self.impossible.clone();
        impossible.resize(structure.inner(), false);
        let mut least_inner = self.least_inner.clone();
        least_inner.resize(structure.inner(), 0);
        let inner = table.inner;
        let mut may: Vec<bool> = self.hidden.iter().map(|hidden| !hidden).collect();
        may.resize(all, false);
        let mut forced = self.forced.clone();
        forced.resize(all, false);
        let least: Vec<u64> = [&self.least[..], &floors.least].concat();
        let none = BTreeSet::new();
        let known = Knowledge {
            structure: &structure,
            published: &may,
            least: &least,
            least_inner: &least_inner,
            most_inner: &[],
            impossible: &impossible,
            filled: &[],
            singletons: table.singletons.unwrap_or(&self.insiders),
            joint: table.joint,
            before: &none,
        };
        let task = Task {
            known,
            inner,
            places: table.places,
            wanted: &self.possible,
            forced: &forced,
            weights: &self.weights,
            seed: self.seed,
            watch: Some(&self.watch.work),
        };
        let before = OnceCell::new();
        let pattern = prove_excusing(&task, || self.excusing(&before, view, Sign::NonNegative))?;
        let before = before.get().unwrap_or(&none);
        let seen = Knowledge {
            before,
            published: &pattern.published,
            ..known
        };
        let (proofs, watch) = (&pattern.proofs, &self.watch.work);
        let checked = proofs::check_watched(&seen, inner, &self.possible, proofs, watch)?;
        if !checked.missed.is_empty() {
            return Err(NoPattern::Certain(checked.missed.len()));
        }
        let status = self.status(&pattern.published[..own], record);
        record.fewest_values = checked.fewest_values;
        Ok((status, pattern.proofs))
    }

    /// What becomes of each of the cells that are `published` or not; notes how many are
    /// suppressed.
    pub(super) fn status(&self, published: &[bool], record: &mut AuditRecord) -> Vec<Status> {
        let status = published.iter().enumerate();
        let status = status.map(|(cell, published)| match published {
            _ if self.primary[cell] => Status::Primary,
            true => Status::Safe,
            false if self.hidden[cell] => Status::Withheld,
            false => Status::Complementary,
        });
        let status: Vec<Status> = status.collect();
        record.suppressed = suppressed(&status);
        status
    }

    /// Which unsafe cells each singleton could compute from what earlier releases published,
    /// for whoever excuses that; kept in `before`.
    pub(super) fn excusing(
        &self,
        before: &OnceCell<BTreeSet<(u32, usize)>>,
        view: &RecipientView,
        sign: Sign,
    ) -> Result<BTreeSet<(u32, usize)>, NoPattern> {
        if !self.out.contains(&true) {
            return Ok(BTreeSet::new());
        }
        self.excused.set(true);
        if let Some(known) = before.get() {
            return Ok(known.clone());
        }
        let known = self.before(view, sign)?;
        Ok(before.get_or_init(|| known).clone())
    }

    /// Which unsafe cells each singleton could compute from what earlier releases published.
    fn before(
        &self,
        view: &RecipientView,
        sign: Sign,
    ) -> Result<BTreeSet<(u32, usize)>, NoPattern> {
        let values = self.values.iter().zip(&self.out);
        let values: Vec<Option<i128>> = values.map(|(value, out)| value.filter(|_| *out)).collect();
        let seen = Seen {
            structure: &view.structure,
            values: &values,
            sign,
        };
        let audit = Audit::watched(seen, AuditBudget::default(), &self.watch.work)?;
        let disclosed = audit.disclosed(&self.insiders, self.primes)?;
        let pairs = disclosed.to_insiders.into_iter().chain(disclosed.but_own);
        Ok(pairs.map(|(who, cell)| (who as u32, cell)).collect())
    }
}
