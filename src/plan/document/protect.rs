//! A table's protection as it is written: the rules, and what is done about unsafe cells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::scalar::Percent;

/// The disclosure control rules of a table. They act on persons, not on rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectDocument {
    /// The threshold rule: a cell of fewer distinct persons is unsafe; at least 3.
    pub min_persons: u32,
    /// The (n,k)-dominance rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dominance: Option<DominanceDocument>,
    /// The p % rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_percent: Option<Percent>,
    /// The (p,q) rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_posterior: Option<PriorPosteriorDocument>,
    /// Dimensions against group disclosure: where all of a group are in one
    /// category of such a dimension, everybody's category is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_disclosure: Vec<String>,
    /// Cells that are published although a rule finds them unsafe.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publish: Vec<PublishDocument>,
    /// What is done about unsafe cells.
    pub method: Method,
}

/// The (n,k)-dominance rule: unsafe if the n largest contributors exceed k % of the total.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DominanceDocument {
    /// How many contributors, 1–10.
    pub n: u32,
    /// What share of the total they may reach, in percent.
    pub percent: Percent,
}

/// The (p,q) rule, also called prior-posterior rule: unsafe if who knows each
/// contribution to within q % beforehand can tell one to within p % afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorPosteriorDocument {
    /// How near a contribution may not be told, in percent.
    pub p: Percent,
    /// How near it is known beforehand, in percent; more than `p`.
    pub q: Percent,
}

/// A cell that is published although a rule finds it unsafe. Who asked for it,
/// and why, is named in the release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishDocument {
    /// The cell: for each dimension its category, or `total`.
    pub cell: BTreeMap<String, String>,
    /// Why it may be published.
    pub reason: String,
    /// Who approved it.
    pub approver: String,
}

/// What is done about unsafe cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Unsafe cells are suppressed.
    Suppress,
    /// The cell-key method; not available yet.
    CellKey,
    /// Rounding; not available yet.
    Round,
    /// Differentially private noise; not available yet.
    Noise,
}

impl Method {
    /// As plans name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Suppress => "suppress",
            Self::CellKey => "cell-key",
            Self::Round => "round",
            Self::Noise => "noise",
        }
    }
}
