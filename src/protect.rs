//! Disclosure control: from confidential tables to protected ones.
//!
//! Each table is protected by the method that the plan names:
//!
//! * `suppress`: a cell is unsafe for a measure if a rule says so ([`rule`]);
//!   then its value is suppressed, and with it whatever would give it away: of
//!   all tables about the same rows together ([`suppress`](crate::sdc::suppress)). An auditor who sees
//!   only what a recipient sees attacks the result ([`audit`](crate::sdc::audit)), and what it can
//!   still derive is no release.
//! * `cell-key`: every figure gets noise by the key of its cell ([`cell_key`](crate::sdc::cell_key)).
//! * `round`: every count becomes a multiple of a base ([`rounding`](crate::sdc::rounding)).
//! * `noise`: every figure gets noise of differential privacy ([`noise`](crate::sdc::noise)).
//!
//! A suppressed value is not hidden but absent: the type of a protected cell
//! has no place for it. Nor has it one for the true value of a perturbed one.
//!
//! ```text
//! suppress   primary rules ─▶ complementary cells ─▶ audit ─┬─▶ protected tables
//!                                     ▲                │     │
//!                                     └─ interval too narrow │
//! cell-key   record keys ─▶ cell keys ─▶ perturbation table ─┤
//! round      nearest, by cell keys, or a search ─────────────┤
//! noise      clipped contributions ─▶ noise, empty cells too ┘
//! ```
//!
//! The algorithms work on a [`structure`](crate::sdc::structure) and on numbers, and know
//! nothing of registers; so they are a crate of their own, [`sdc`](crate::sdc), for whoever
//! has tables and no registers. Here they are applied to a plan's tables.
//!
//! Where the linkage unit keeps a [ledger](crate::ledger), earlier releases are
//! cells like any others: what they published stays published, and what they
//! suppressed must not be disclosed now. Nor to a person who was the only contributor to a cell
//! of theirs, and knows it. What such a person could derive of others before, from earlier
//! releases only, cannot be undone; a new release must add nothing to it. Nor may it disclose
//! to a person who is the only contributor to a cell now, and was not then, which totals still
//! hold: where the number of the others would follow, the total is not published again.
//!
//! Numbers of persons who have several rows are compared with earlier ones as if
//! they added up, by subtraction only. So a release may be refused though the
//! true numbers would not follow: what was published earlier cannot be chosen anew.
//!
//! Tables of one release about other rows of the same persons are protected in turn: each
//! as if those before it were an earlier release.
//!
//! What is not done: what is known from elsewhere is not taken into account. The
//! manifest of every release says so.

mod between;
mod compare;
mod confidential;
mod explain;
mod figures;
mod history;
mod in_turn;
pub(crate) mod method;
mod partial;
pub mod perturbation;
pub(crate) mod primary;
mod protection;
mod quantity;
mod report;
pub mod rule;
pub mod utility;
mod view;
mod visible;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use compare::{Compared, Comparison};
pub use confidential::ConfidentialTables;
pub use explain::{ChangedCell, Explanation, FigureName, OtherTable};
pub use method::suppress::AuditRecord;
pub use partial::PartialTables;
pub use protection::Protection;
pub use report::{PreparedReport, ReportSummary, SuppressedFigure, SuppressionReport};
pub use rule::Rule;

use kobling_sdc::noise::Rho;
use utility::Utility;

use crate::key::ReleaseKey;
use crate::ledger::Ledger;
use crate::ledger::entry::ReleaseEntry;
use crate::table::{Stage, Table, Tables};
use crate::watch::Watched;

/// After protection: safe values, and the absence of unsafe ones.
#[derive(Debug)]
pub(crate) enum Protected {}

impl Stage for Protected {
    type Cell = Vec<Outcome>;
    /// What the auditor found.
    type Context = Vec<AuditRecord>;
}

/// What became of a measure in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Outcome {
    /// The rules find the value safe.
    Safe(Value),
    /// A rule finds it unsafe, and the plan publishes it anyway, with a reason
    /// and somebody who answers for it.
    Excepted(Value),
    /// The value that is published in place of the true one: rounded, or with noise. The true
    /// one is not there.
    Perturbed(Value),
    /// Unsafe by a primary rule; there is no value.
    Primary(Rule),
    /// Safe by itself, but an unsafe one could be derived from it; there is no value. Nor is
    /// there one where a cell is not to be published at all.
    Complementary,
}

impl Outcome {
    /// The value, if it is published.
    pub(crate) fn value(self) -> Option<Value> {
        match self {
            Self::Safe(value) | Self::Excepted(value) | Self::Perturbed(value) => Some(value),
            Self::Primary(_) | Self::Complementary => None,
        }
    }

    /// As the release's status column names it. Why a value is suppressed is not
    /// said there, for the reason bounds the value: a recipient who knew that a
    /// count is below a threshold, or that it is not, could compute more.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Safe(_) => "safe",
            Self::Excepted(_) => "excepted",
            Self::Perturbed(_) => "perturbed",
            Self::Primary(_) | Self::Complementary => "suppressed",
        }
    }
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    /// A number of persons or rows.
    Count(u64),
    /// A count of `10^-scale`.
    Sum(i128),
    /// A mean over the rows with a value.
    Mean(f64),
    /// The mean of no rows.
    Nothing,
}

/// The protected tables of a plan.
pub struct ProtectedTables {
    pub(crate) tables: Tables<Protected>,
    /// What any randomness came from.
    pub(crate) release_key: Arc<ReleaseKey>,
    /// The ledger that the release is to be written in, and what it is to hold.
    pub(crate) recording: Option<(Ledger, ReleaseEntry)>,
    /// Who may have it cancelled until the release is there.
    pub(crate) watched: Watched,
    /// The check of the perturbation, if a table's figures were perturbed by it.
    pub(crate) perturbation: Option<String>,
    /// By table and measure, the standard deviation that noise was designed to have.
    pub(crate) deviations: Vec<Vec<Option<f64>>>,
    spent: Option<Rho>,
    /// By table.
    utility: Vec<Vec<Utility>>,
    /// By table and measure, how many more figures earlier releases suppress, if there are any.
    ledger_costs: Option<Vec<Vec<u64>>>,
}

impl ProtectedTables {
    /// What the tables with noise spend of the privacy budget; `None` if there are none.
    pub fn spent(&self) -> Option<Rho> {
        self.spent
    }

    /// For a table of the plan, what its figures are worth by measure; `None` if
    /// the plan has no such table.
    ///
    /// # Disclosure
    ///
    /// For the linkage unit and the risk owner: see [`Utility`].
    pub fn utility(&self, table: &str) -> Option<&[Utility]> {
        let mut tables = self.tables.tables.iter();
        let at = tables.position(|other| other.name == table)?;
        Some(&self.utility[at])
    }

    /// For a table of the plan and one of its measures: how many cells each
    /// rule suppressed.
    ///
    /// # Disclosure
    ///
    /// For the linkage unit and the risk owner, as the
    /// [suppression report](Self::suppression_report) is; a release states only how
    /// many cells were suppressed.
    pub fn suppressed_by_rule(&self, table: &str) -> BTreeMap<Rule, u64> {
        let mut rules = BTreeMap::new();
        let found = self
            .tables
            .tables
            .iter()
            .filter(|other| other.name == table);
        for outcome in found
            .flat_map(Table::cells)
            .flat_map(|(_, _, outcomes)| outcomes)
        {
            if let Outcome::Primary(rule) = outcome {
                *rules.entry(*rule).or_default() += 1;
            }
        }
        rules
    }
}

/// What the linkage unit knows in addition to the tables is not shown.
impl std::fmt::Debug for ProtectedTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Protected{:?}", self.tables)
    }
}
