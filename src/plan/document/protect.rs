//! A table's protection as it is written: the rules, and the method that keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rules::{CountInterval, DominanceDocument, PriorPosteriorDocument, PublishDocument};
use crate::plan::scalar::{Number, Percent};

/// The disclosure control rules of a table. They act on persons, not on rows.
///
/// What they mean depends on the method:
///
/// | | `suppress` | `cell-key` | `round` | `noise` |
/// |---|---|---|---|---|
/// | numbers of persons and rows | unsafe ones are suppressed | all get noise | all are rounded | all get noise |
/// | sums and means | unsafe ones are suppressed | unsafe ones are suppressed, all others get noise | not published | all get noise |
/// | `min_persons` | of every figure | of sums and means | the base is at least as much | asks for nothing |
/// | dominance and the like | of sums, means and rows | of sums and means | ask for nothing | ask for nothing |
/// | `count_interval` | how uncertain unsafe numbers of persons stay | refused | refused | refused |
/// | `prefer` | what is suppressed only where others cannot be | refused | refused | refused |
/// | the table's `sensitive` | what discloses it is suppressed | see [`SensitiveDocument`](super::SensitiveDocument) | the same | asks for nothing |
/// | `publish` | as it says | refused | refused | refused |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ProtectDocument {
    /// The threshold rule: a cell of fewer distinct persons is unsafe; at least 3.
    pub min_persons: u32,
    /// Of `method = "suppress"`: how many values of an unsafe number of persons
    /// stay possible; 3 unless it is given.
    #[serde(default, skip_serializing_if = "CountInterval::is_usual")]
    pub count_interval: CountInterval,
    /// Of `method = "suppress"`: dimensions, and levels of others, whose totals matter most.
    /// Figures by nothing but these, the grand total among them, are kept as far as others can
    /// be suppressed in their place. What is promised stays the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefer: Vec<String>,
    /// The (n,k)-dominance rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dominance: Option<DominanceDocument>,
    /// The p % rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_percent: Option<Percent>,
    /// The (p,q) rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_posterior: Option<PriorPosteriorDocument>,
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

impl ProtectDocument {
    /// No rule but the threshold rule, kept by `method`.
    pub fn new(min_persons: u32, method: Method) -> Self {
        Self {
            min_persons,
            count_interval: CountInterval::default(),
            prefer: Vec::new(),
            dominance: None,
            p_percent: None,
            prior_posterior: None,
            publish: Vec::new(),
            method,
            round: None,
            noise: None,
        }
    }
}

/// In words, for whoever signs.
impl ProtectDocument {
    /// What becomes of figures by the method, a line each; nothing where rules say all.
    pub(in crate::plan) fn words(&self) -> Vec<String> {
        match self.method {
            Method::Suppress => Vec::new(),
            Method::CellKey => vec![
                "every figure has noise by the key of its cell, the same wherever the cell appears"
                    .to_owned(),
            ],
            Method::Round => self.round.iter().map(RoundDocument::words).collect(),
            Method::Noise => self.noise.iter().flat_map(NoiseDocument::words).collect(),
        }
    }
}

/// What protects a table's figures. Tables about the same rows have one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Method {
    /// Unsafe cells are suppressed.
    Suppress,
    /// Every figure gets noise by the key of its cell, the same wherever the
    /// cell appears. How much is the linkage unit's secret, and not in the plan:
    /// see [`Perturbation`](crate::protect::perturbation::Perturbation).
    CellKey,
    /// Every number of persons or rows is rounded.
    Round,
    /// Every figure gets differentially private noise.
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

    /// What rules are kept of, in words; `None` where the method asks for no rule.
    pub(in crate::plan) fn ruled(self) -> Option<&'static str> {
        match self {
            Self::Suppress => Some("cell"),
            Self::CellKey => Some("sum or mean"),
            Self::Round | Self::Noise => None,
        }
    }

    /// What may be known of a group about something sensitive, in words; `None` where
    /// nothing may, since that is suppressed.
    pub(in crate::plan) fn group_disclosure(self) -> Option<&'static str> {
        match self {
            Self::Suppress => None,
            Self::CellKey | Self::Round => {
                Some("that all of a group are in one category is never certain, but may be likely")
            }
            Self::Noise => Some("the noise hides each person, and not what is true of a group"),
        }
    }
}

/// Rounding of numbers of persons and rows:
///
/// ```toml
/// round = { base = 5, how = "random" }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RoundDocument {
    /// What numbers become multiples of; at least `min_persons`.
    pub base: u64,
    /// Which multiple a number becomes.
    pub how: RoundingMode,
}

impl RoundDocument {
    /// Multiples of `base`.
    pub fn new(base: u64, how: RoundingMode) -> Self {
        Self { base, how }
    }

    fn words(&self) -> String {
        let base = self.base;
        match self.how {
            RoundingMode::Random => format!(
                "every number is rounded at random to one of the two multiples of {base} next to it, the same cell always in the same way"
            ),
            RoundingMode::Nearest => {
                format!("every number is rounded to the nearest multiple of {base}")
            }
            RoundingMode::SmallCount => format!(
                "numbers below {base} are rounded to 0 or {base}, and others are sums of what remains"
            ),
        }
    }
}

/// Which multiple of the base a number becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RoundingMode {
    /// One of the two multiples next to it, the nearer one more often; the same
    /// wherever the cell appears.
    Random,
    /// The nearest one.
    Nearest,
    /// Numbers below the base become 0 or the base, others change by what they
    /// are made up of; totals are still the sums of their parts.
    SmallCount,
}

impl RoundingMode {
    /// As plans name it. It is in ledgers too: another name would be another method.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Nearest => "nearest",
            Self::SmallCount => "small-count",
        }
    }
}

/// Differentially private noise:
///
/// ```toml
/// noise = { rho = 0.1, distribution = "gaussian", clip = { sum_income = 1000000 } }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NoiseDocument {
    /// What the table may disclose about a person: ρ of zero-concentrated
    /// differential privacy, spent of the project's `privacy_budget`.
    pub rho: Number,
    /// In how many cells of one grouping a person counts at most; 1 unless it is
    /// given. So far it can only be 1: tables with noise have one row a person.
    #[serde(default = "NoiseDocument::one_cell")]
    pub cells: u32,
    /// What the noise is drawn from.
    pub distribution: Distribution,
    /// For each sum and mean, by its name: each person's contribution is clipped
    /// to lie from 0 to this, in the measure's unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clip: BTreeMap<String, Number>,
}

impl NoiseDocument {
    /// Noise that spends `rho`, of persons who count in one cell of a grouping.
    pub fn new(rho: Number, distribution: Distribution) -> Self {
        Self {
            rho,
            cells: Self::one_cell(),
            distribution,
            clip: BTreeMap::new(),
        }
    }

    fn words(&self) -> Vec<String> {
        let distribution = match self.distribution {
            Distribution::Gaussian => "discrete Gaussian",
            Distribution::Laplace => "discrete Laplace",
        };
        let noise = format!(
            "every figure has {distribution} noise, so that ρ = {} bounds what the table discloses about a person",
            self.rho
        );
        let clip = self.clip.iter();
        let clip = clip.map(|(name, most)| format!("a person counts from 0 to {most} in {name}"));
        std::iter::once(noise).chain(clip).collect()
    }

    fn one_cell() -> u32 {
        1
    }
}

/// What noise is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Distribution {
    /// The discrete Gaussian.
    Gaussian,
    /// The discrete Laplace.
    Laplace,
}
