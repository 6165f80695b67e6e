//! The methods of protection, a file each; and all by which one differs from another to
//! others: how it is called, what a release says of it, and what it is tried with.

pub(super) mod cell_key;
pub(super) mod noise;
pub(super) mod round;
pub(super) mod suppress;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::history::earlier;
use super::perturbation::Perturbation;
use super::primary::{self, Outcomes};
use super::{AuditRecord, Protection};
use crate::error::Result;
use crate::ledger::LedgerEntry;
use crate::plan::Plan;
use crate::plan::document::{
    CountInterval, Distribution, Method, NoiseDocument, ProtectDocument, PublishDocument,
    RoundDocument, RoundingMode,
};
use crate::plan::scalar::Number;
use crate::plan::table::{MethodPlan, TablePlan};
use crate::protect::history::differencing::{Published, Together};
use crate::table::{Confidential, Population, Table};
use suppress::QuantityProofs;

/// What all tables share while they are protected.
pub(super) struct MethodContext<'a> {
    pub(super) plan: &'a Plan,
    pub(super) tables: &'a [Table<Confidential>],
    pub(super) protection: &'a Protection,
    /// Earlier releases, and tables of this one about other rows.
    pub(super) earlier: &'a [LedgerEntry],
    /// By those.
    pub(super) published: Published<'a>,
    /// If any table gets noise.
    pub(super) seeds: Option<&'a noise::Seeds<'a>>,
}

impl MethodContext<'_> {
    /// What becomes of each cell of a table, by place, by its method, for itself.
    pub(super) fn outcomes(&self, at: usize) -> Result<Outcomes> {
        let (plan, table) = (&self.plan.tables()[at], &self.tables[at]);
        let key = &*self.protection.key;
        let method = settings(plan, self.protection);
        let all = (self.plan.tables(), self.tables);
        earlier::refuse_other_methods(at, all, &method, self.earlier)?;
        match (&plan.method, &self.protection.perturbation, self.seeds) {
            (MethodPlan::Suppress, _, _) => {
                let documents = &self.plan.document().tables;
                let exceptions = &documents[&plan.name].protect.publish;
                let origins = plan.origins(self.plan.sources());
                let earlier = primary::EarlierReleases {
                    published: &self.published,
                    origins: &origins,
                    together: &Together::of(&self.published, table, &origins),
                };
                primary::outcomes(table, plan, exceptions, earlier)
            }
            (MethodPlan::Round(how), _, _) => round::outcomes(table, plan, *how, key),
            (MethodPlan::CellKey, Some(perturbation), _) => {
                cell_key::outcomes(table, plan, perturbation, key)
            }
            (MethodPlan::Noise(how), _, Some(seeds)) => noise::outcomes(table, plan, how, seeds),
            (MethodPlan::CellKey, None, _) | (MethodPlan::Noise(_), _, None) => {
                unreachable!("what protection lacks is refused before")
            }
        }
    }

    /// What becomes of the tables of a population, together. Proofs are `shown` if somebody
    /// asks after them.
    pub(super) fn together(
        &self,
        population: &Population,
        outcomes: &mut [Outcomes],
        shown: Option<&mut Vec<QuantityProofs>>,
    ) -> Result<Vec<AuditRecord>> {
        let (plans, tables) = (self.plan.tables(), self.tables);
        let key = &*self.protection.key;
        // The plan's checks ask for one method of all its tables.
        let method = &plans[population.members[0].table].method;
        match method {
            MethodPlan::Suppress => {
                let mut work = suppress::Suppression {
                    plan: self.plan,
                    tables,
                    outcomes,
                    key,
                    ledger: self.earlier,
                    watched: &self.protection.watched,
                    may_hold: Vec::new(),
                    shown,
                };
                work.suppress(population)
            }
            MethodPlan::Round(round) if method.works_on_populations() => {
                round::small_counts(population, tables, *round, key, outcomes)?;
                Ok(Vec::new())
            }
            MethodPlan::Round(_) | MethodPlan::CellKey | MethodPlan::Noise(_) => Ok(Vec::new()),
        }
    }
}

/// By measure, the standard deviation that the method's noise is designed
/// to have; `None` where it has none, or depends on the figures.
pub(super) fn deviations(
    protection: &Protection,
    table: &Table<Confidential>,
    plan: &TablePlan,
) -> Result<Vec<Option<f64>>> {
    let counts = |deviation: Option<f64>| {
        let measures = plan.measures.iter();
        let of = measures.map(|measure| deviation.filter(|_| measure.what.is_count()));
        Ok(of.collect())
    };
    match &plan.method {
        MethodPlan::Suppress => counts(None),
        MethodPlan::Round(how) => counts(round::deviation(*how)),
        MethodPlan::CellKey => {
            let perturbation = protection.perturbation.as_ref();
            counts(perturbation.map(Perturbation::deviation))
        }
        MethodPlan::Noise(how) => noise::deviations(table, plan, how),
    }
}

/// The method with all that figures depend on: releases of the same rows that
/// differ in it narrow each other's figures.
pub(in crate::protect) fn settings(plan: &TablePlan, protection: &Protection) -> String {
    let name = plan.method.name();
    match (&plan.method, &protection.perturbation) {
        (MethodPlan::Round(round), _) => {
            format!("{name}, {}, base {}", round.how.name(), round.base)
        }
        (MethodPlan::CellKey, Some(perturbation)) => {
            format!(
                "{name}, perturbation {}",
                perturbation.check(&protection.key)
            )
        }
        (MethodPlan::Suppress | MethodPlan::CellKey | MethodPlan::Noise(_), _) => name.to_owned(),
    }
}

/// What a method does not protect against, given earlier releases or tables about other rows, or
/// without any.
pub(crate) fn limits(method: &MethodPlan, earlier: bool) -> Vec<&'static str> {
    match method {
        MethodPlan::Suppress if earlier => {
            [&suppress::LIMITS[..], &suppress::LIMITS_WITH_EARLIER].concat()
        }
        MethodPlan::Suppress => suppress::LIMITS.to_vec(),
        MethodPlan::CellKey => cell_key::LIMITS.to_vec(),
        MethodPlan::Round(round) => round::limits(*round).to_vec(),
        MethodPlan::Noise(_) => noise::LIMITS.to_vec(),
    }
}

/// The method and the rules of a table, without the parameters of concentration rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RulesRecord {
    /// The threshold rule: a cell of fewer distinct persons is unsafe.
    pub min_persons: u32,
    /// Of `method = "suppress"`: how many values of an unsafe number of persons stay possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_interval: Option<CountInterval>,
    /// Of `method = "suppress"`: dimensions and levels by which figures are kept as far as others
    /// can be suppressed in their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefer: Vec<String>,
    /// The concentration rules that apply: `dominance`, `p_percent`, `prior_posterior`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concentration: Vec<String>,
    /// Cells that are published although a rule finds them unsafe.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publish: Vec<PublishDocument>,
    /// What protects the figures.
    pub method: Method,
    /// Of `method = "round"`: to what, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<RoundDocument>,
    /// Of `method = "noise"`: how much, and what persons are bounded to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<NoiseDocument>,
}

impl RulesRecord {
    pub(crate) fn new(document: &ProtectDocument) -> Self {
        // Field by field: whether a new one may leave has to be decided here. Parameters of
        // concentration rules bound what they suppressed.
        let ProtectDocument {
            min_persons,
            count_interval,
            prefer,
            dominance,
            p_percent,
            prior_posterior,
            publish,
            method,
            round,
            noise,
        } = document;
        let concentration = [
            ("dominance", dominance.is_some()),
            ("p_percent", p_percent.is_some()),
            ("prior_posterior", prior_posterior.is_some()),
        ];
        let concentration = concentration.into_iter().filter(|(_, applies)| *applies);
        Self {
            min_persons: *min_persons,
            count_interval: (*method == Method::Suppress).then_some(*count_interval),
            prefer: prefer.clone(),
            concentration: concentration.map(|(name, _)| name.to_owned()).collect(),
            publish: publish.clone(),
            method: *method,
            round: round.clone(),
            noise: noise.clone(),
        }
    }
}

/// The least base that is tried for rounding.
const BASE: u64 = 5;

/// The ρ of a table, in tenths, that are tried for noise.
const TENTHS: [i64; 2] = [1, 10];

/// A method to try on every table, with the settings that it is tried with.
#[derive(Clone, Copy)]
pub(super) enum Trial {
    Suppress,
    CellKey,
    Round(RoundingMode),
    Noise { tenths: i64 },
}

impl Trial {
    pub(super) fn all() -> Vec<Self> {
        let rounding = [
            RoundingMode::Nearest,
            RoundingMode::Random,
            RoundingMode::SmallCount,
        ]
        .map(Self::Round);
        let noise = TENTHS.map(|tenths| Self::Noise { tenths });
        let first = [Self::Suppress, Self::CellKey].into_iter();
        first.chain(rounding).chain(noise).collect()
    }

    /// Has a table protected so.
    pub(super) fn set(self, protect: &mut ProtectDocument) {
        protect.method = match self {
            Self::Suppress => Method::Suppress,
            Self::CellKey => Method::CellKey,
            Self::Round(_) => Method::Round,
            Self::Noise { .. } => Method::Noise,
        };
        if !matches!(self, Self::Suppress) {
            protect.publish.clear();
        }
        let base = protect.round.take().map(|round| round.base);
        if let Self::Round(how) = self {
            let base = base.unwrap_or(BASE.max(protect.min_persons.into()));
            protect.round = Some(RoundDocument { base, how });
        }
        let noise = protect.noise.take();
        if let Self::Noise { tenths } = self {
            let clip = noise.map_or_else(Default::default, |noise| noise.clip);
            protect.noise = Some(NoiseDocument {
                rho: Number::new(tenths.into(), 1),
                cells: 1,
                distribution: Distribution::Gaussian,
                clip,
            });
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suppress => f.write_str("suppress"),
            Self::CellKey => f.write_str("cell-key"),
            Self::Round(RoundingMode::Nearest) => f.write_str("round, nearest"),
            Self::Round(RoundingMode::Random) => f.write_str("round, random"),
            Self::Round(RoundingMode::SmallCount) => f.write_str("round, small-count"),
            Self::Noise { tenths } => write!(f, "noise, ρ = {}.{}", tenths / 10, tenths % 10),
        }
    }
}
