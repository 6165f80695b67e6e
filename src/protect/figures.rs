//! What becomes of all figures of a plan's tables: decided together, before any is protected.

use super::history::record;
use super::in_turn::{By, InTurn};
use super::method::suppress::QuantityProofs;
use super::method::{self, noise};
use super::primary::Outcomes;
use super::protection::{self, Protection};
use super::{AuditRecord, ProtectedTables, visible};
use crate::error::Result;
use crate::ledger::LedgerEntry;
use crate::ledger::entry::ReleaseEntry;
use crate::plan::Plan;
use crate::plan::table::MethodPlan;
use crate::protect::utility::Utility;
use crate::table::{Confidential, Population, Provenance, Table, Tables};
use kobling_sdc::noise::Rho;

/// Confidential figures, with all that their protection looks at.
pub(super) struct ConfidentialFigures {
    pub(super) plan: Plan,
    pub(super) tables: Vec<Table<Confidential>>,
    pub(super) populations: Vec<Population>,
    pub(super) provenance: Provenance,
}

/// What becomes of the figures by a plan's methods, and what that is worth.
pub(super) struct DecidedOutcomes {
    /// By table.
    pub(super) outcomes: Vec<Outcomes>,
    pub(super) audits: Vec<AuditRecord>,
    /// By table and measure.
    pub(super) utility: Vec<Vec<Utility>>,
    /// By table and measure, the standard deviation that noise is designed to have.
    pub(super) deviations: Vec<Vec<Option<f64>>>,
    pub(super) spent: Option<Rho>,
    /// What shows unsafe figures to be uncertain, by population; if it was asked for.
    pub(super) shown: Vec<Vec<QuantityProofs>>,
}

/// By table and measure, figures that are suppressed for earlier releases.
type LedgerCosts = Option<Vec<Vec<u64>>>;

impl ConfidentialFigures {
    /// What becomes of the figures by the methods of `plan`, which is the figures'
    /// own but for these and for measures that are left out, given `earlier` releases.
    pub(super) fn decide(
        &self,
        plan: &Plan,
        protection: &Protection,
        earlier: &[LedgerEntry],
    ) -> Result<DecidedOutcomes> {
        let spent = protection::asked(plan.tables())?;
        let seeds = spent.map(|_| noise::Seeds::new(protection, plan, &self.provenance));
        let seeds = seeds.transpose()?;
        let by = By {
            plan,
            protection,
            seeds: seeds.as_ref(),
        };
        let InTurn {
            outcomes,
            audits,
            shown,
            ..
        } = InTurn::protect((&self.tables, &self.populations), by, earlier)?;
        let (utility, deviations) = self.worth_of((plan, protection), &outcomes)?;
        Ok(DecidedOutcomes {
            outcomes,
            audits: audits.into_iter().flatten().collect(),
            utility,
            deviations,
            spent,
            shown,
        })
    }

    /// What becomes of the figures; and how many more the ledger's earlier releases
    /// suppress: none if there are no earlier ones, or no table is suppressed.
    ///
    /// All is decided once more without them, at the same time.
    fn decide_and_cost(&self, protection: &Protection) -> Result<(DecidedOutcomes, LedgerCosts)> {
        let earlier = protection.earlier();
        let mut methods = self.plan.tables().iter().map(|plan| &plan.method);
        let suppresses = methods.any(|method| *method == MethodPlan::Suppress);
        if earlier.is_empty() || !suppresses {
            return Ok((self.decide(&self.plan, protection, earlier)?, None));
        }
        let decide = |earlier: &[LedgerEntry]| self.decide(&self.plan, protection, earlier);
        let (decided, without) = rayon::join(|| decide(earlier), || decide(&[]));
        let (decided, without) = (decided?, without?);
        let costs = decided.utility.iter().zip(&without.utility);
        let costs = costs.map(|(with, without)| {
            let survived = |utility: &Utility| utility.survival.survived;
            let each = with.iter().zip(without);
            each.map(|(with, without)| survived(without).saturating_sub(survived(with)) as u64)
                .collect()
        });
        let costs = costs.collect();
        Ok((decided, Some(costs)))
    }

    /// The protected tables; and what a ledger is to hold of them, if there is one.
    pub(super) fn protect(
        self,
        protection: &Protection,
    ) -> Result<(ProtectedTables, Option<ReleaseEntry>)> {
        let (decided, ledger_costs) = self.decide_and_cost(protection)?;
        let (plans, tables) = (self.plan.tables(), &self.tables);
        let (outcomes, spent) = (decided.outcomes, decided.spent);
        let ledger = protection.ledger.as_ref();
        let entry = ledger.map(|_| {
            record::entry(
                (&self.plan, &self.provenance),
                (tables, &self.populations),
                &outcomes,
                spent,
                protection,
            )
        });
        let perturbed = plans.iter().any(|plan| plan.method == MethodPlan::CellKey);
        let perturbation = protection.perturbation.as_ref().filter(|_| perturbed);
        let perturbation = perturbation.map(|used| used.check(&protection.key));
        let tables = self.tables.into_iter().zip(plans).zip(outcomes);
        let tables = tables.map(|((table, plan), outcomes)| {
            let visible = visible::with(table, plan, outcomes);
            visible.map_err(|error| error.in_table(&plan.name))
        });
        let tables = tables.collect::<Result<_>>()?;
        let protected = ProtectedTables {
            tables: Tables {
                tables,
                plan: self.plan,
                context: decided.audits,
                provenance: self.provenance,
            },
            release_key: protection.key.clone(),
            recording: None,
            watched: protection.watched.clone(),
            perturbation,
            deviations: decided.deviations,
            spent,
            utility: decided.utility,
            ledger_costs,
        };
        Ok((protected, entry))
    }
}

/// By table and measure: what figures are worth, and the deviation that noise
/// is designed to have.
type Worth = (Vec<Vec<Utility>>, Vec<Vec<Option<f64>>>);

impl ConfidentialFigures {
    /// By table and measure, what figures are worth, and how wide their noise
    /// is designed to be.
    fn worth_of(
        &self,
        (plan, protection): (&Plan, &Protection),
        outcomes: &[Outcomes],
    ) -> Result<Worth> {
        let tables = self.tables.iter().zip(plan.tables()).zip(outcomes);
        let worth = tables.map(|((table, plan), outcomes)| {
            let utility = Utility::of(table, plan, outcomes);
            let worth = utility
                .and_then(|utility| Ok((utility, method::deviations(protection, table, plan)?)));
            worth.map_err(|error| error.in_table(&plan.name))
        });
        Ok(worth.collect::<Result<Vec<_>>>()?.into_iter().unzip())
    }
}
