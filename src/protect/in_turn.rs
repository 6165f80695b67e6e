//! What becomes of a plan's populations, in turn: each is protected as if those before it had
//! been released earlier.
//!
//! Tables about other rows of the same persons disclose who is in the rows of one of them
//! only: of a town's 50 persons 48 have an income. That is what two releases disclose
//! together, and what a later one keeps from being disclosed by the [ledger](crate::ledger). So
//! the tables of a population are known to the next as the ledger would have them, whether
//! or not there is one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::history::differencing::Published;
use super::history::record;
use super::method::suppress::QuantityProofs;
use super::method::{MethodContext, noise};
use super::primary::Outcomes;
use super::{AuditRecord, Protection};
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::LedgerEntry;
use crate::plan::Plan;
use crate::plan::table::MethodPlan;
use crate::table::{Confidential, Population, Table};
use crate::watch::Step;

/// By what the tables of a plan are protected.
#[derive(Clone, Copy)]
pub(super) struct By<'a> {
    pub(super) plan: &'a Plan,
    pub(super) protection: &'a Protection,
    pub(super) seeds: Option<&'a noise::Seeds<'a>>,
}

/// The populations of a plan, some of which are protected.
pub(super) struct InTurn<'a> {
    tables: &'a [Table<Confidential>],
    populations: &'a [Population],
    by: By<'a>,
    /// Earlier releases, and the populations that are protected.
    known: Cow<'a, [LedgerEntry]>,
    /// By table; none yet of those that are not protected.
    pub(super) outcomes: Vec<Outcomes>,
    /// By population.
    pub(super) audits: Vec<Vec<AuditRecord>>,
    /// What shows unsafe figures to be uncertain, by population; if it is asked for.
    pub(super) shown: Vec<Vec<QuantityProofs>>,
}

impl<'a> InTurn<'a> {
    /// Protects all tables, given `earlier` releases.
    ///
    /// In the order of the plan; or if what is published of some populations leaves another
    /// without a pattern, that one comes before them.
    ///
    /// # Errors
    ///
    /// The refusal in the order of the plan, if no order is found.
    pub(super) fn protect(
        (tables, populations): (&'a [Table<Confidential>], &'a [Population]),
        by: By<'a>,
        earlier: &'a [LedgerEntry],
    ) -> Result<Self> {
        let mut order: Vec<usize> = (0..populations.len()).collect();
        let mut tried = BTreeSet::new();
        let mut first_refusal = None;
        loop {
            let mut all = Self {
                tables,
                populations,
                by,
                known: Cow::Borrowed(earlier),
                outcomes: vec![Outcomes::new(); tables.len()],
                audits: vec![Vec::new(); populations.len()],
                shown: populations.iter().map(|_| Vec::new()).collect(),
            };
            let Err((refused, error)) = all.protect_in(&order) else {
                return Ok(all);
            };
            if error.kind() != ErrorKind::Protection {
                return Err(error);
            }
            let first_refusal = first_refusal.get_or_insert(error);
            tried.insert(order.clone());
            order.retain(|at| *at != refused);
            order.insert(0, refused);
            // Each may come first once: all orders of many tables would take too long.
            if tried.contains(&order) || tried.len() > populations.len() {
                return Err(first_refusal.clone());
            }
        }
    }

    /// Protects the populations in this order; before them the tables that are in none.
    ///
    /// # Errors
    ///
    /// The population that is refused, by its place, and why.
    fn protect_in(&mut self, order: &[usize]) -> Result<(), (usize, Error)> {
        let populations = self.populations;
        let members = populations
            .iter()
            .flat_map(|population| &population.members);
        let members: BTreeSet<usize> = members.map(|member| member.table).collect();
        let by_themselves = (0..self.tables.len()).filter(|at| !members.contains(at));
        let first = order.first().copied().unwrap_or(0);
        self.protect_tables(by_themselves.collect(), None)
            .map_err(|error| (first, error))?;
        let mut left = order;
        while let [at, following @ ..] = left {
            let population = &populations[*at];
            let members = population.members.iter().map(|member| member.table);
            self.protect_tables(members.collect(), Some(*at))
                .map_err(|error| (*at, error))?;
            let mut following_populations = following.iter().map(|next| &populations[*next]);
            if self.is_suppressed(population)
                && following_populations.any(|next| self.is_suppressed(next))
            {
                self.know(population);
            }
            left = following;
        }
        Ok(())
    }

    /// Protects the tables at these places; together, if they are of the population at another.
    fn protect_tables(&mut self, places: Vec<usize>, of: Option<usize>) -> Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        let By {
            plan,
            protection,
            seeds,
        } = self.by;
        let work = MethodContext {
            plan,
            tables: self.tables,
            protection,
            published: Published::of(&self.known),
            earlier: &self.known,
            seeds,
        };
        for at in places {
            let table = &plan.tables()[at].name;
            let begun = protection.watched.at(Step::Protected { table });
            let outcomes = begun.and_then(|()| work.outcomes(at));
            self.outcomes[at] = outcomes.map_err(|error| error.in_table(table))?;
        }
        if let Some(at) = of {
            let population = &self.populations[at];
            let asked = protection.explains.then_some(&mut self.shown[at]);
            self.audits[at] = work.together(population, &mut self.outcomes, asked)?;
        }
        Ok(())
    }

    fn is_suppressed(&self, population: &Population) -> bool {
        let first = population.members[0].table;
        self.by.plan.tables()[first].method == MethodPlan::Suppress
    }

    /// From now on what becomes of a population is known.
    fn know(&mut self, population: &Population) {
        let By {
            plan, protection, ..
        } = self.by;
        let tables = (self.tables, population);
        let entry = record::of_population(plan, tables, &self.outcomes, protection);
        self.known.to_mut().push(entry);
    }
}
