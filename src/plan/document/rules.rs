//! The rules that a table's protection keeps, and the cells that are published in spite of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::plan::scalar::Percent;

/// How many values of an unsafe number of persons remain possible:
///
/// ```toml
/// count_interval = 3       # at least three consecutive whole numbers; the default, and the least
/// count_interval = "full"  # all from 1 to min_persons − 1
/// ```
///
/// The more there are, the more complementary suppressions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountInterval {
    /// So many consecutive whole numbers.
    Values(u64),
    /// Every number below `min_persons` but 0.
    Full,
}

impl CountInterval {
    /// The least that a plan may ask for.
    pub const LEAST: u64 = 3;

    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for CountInterval {
    fn default() -> Self {
        Self::Values(Self::LEAST)
    }
}

impl Serialize for CountInterval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Values(values) => serializer.serialize_u64(*values),
            Self::Full => serializer.serialize_str("full"),
        }
    }
}

impl<'de> Deserialize<'de> for CountInterval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = CountInterval;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number of at least 3, or \"full\"")
            }

            fn visit_u64<E: de::Error>(self, values: u64) -> Result<CountInterval, E> {
                Ok(CountInterval::Values(values))
            }

            fn visit_i64<E: de::Error>(self, values: i64) -> Result<CountInterval, E> {
                // What is below the least is a finding, as what is below none at all.
                Ok(CountInterval::Values(values.try_into().unwrap_or(0)))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<CountInterval, E> {
                match name {
                    "full" => Ok(CountInterval::Full),
                    _ => Err(E::invalid_value(de::Unexpected::Str(name), &self)),
                }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// The (n,k)-dominance rule: unsafe if the n largest contributors exceed k % of the total.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DominanceDocument {
    /// How many contributors, 1–10.
    pub n: u32,
    /// What share of the total they may reach, in percent.
    pub percent: Percent,
}

impl DominanceDocument {
    /// The n largest contributors may reach `percent` of the total.
    pub fn new(n: u32, percent: Percent) -> Self {
        Self { n, percent }
    }
}

/// The (p,q) rule, also called prior-posterior rule: a figure is unsafe if somebody who
/// knows each contribution to within q % beforehand can estimate one to within p %
/// afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PriorPosteriorDocument {
    /// To within how many percent nobody may estimate a contribution.
    pub p: Percent,
    /// To within how many percent it is known beforehand; more than `p`.
    pub q: Percent,
}

impl PriorPosteriorDocument {
    /// Known to within `q` percent beforehand, never estimated to within `p` percent.
    pub fn new(p: Percent, q: Percent) -> Self {
        Self { p, q }
    }
}

/// A cell that is published although a rule finds it unsafe. Who asked for it,
/// and why, is named in the release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PublishDocument {
    /// The cell: for each dimension its category, or `total`.
    pub cell: BTreeMap<String, String>,
    /// Why it may be published.
    pub reason: String,
    /// Who approved it.
    pub approver: String,
}

impl PublishDocument {
    /// A cell, for each dimension its category, with a reason and who approved it.
    pub fn new(
        cell: BTreeMap<String, String>,
        reason: impl Into<String>,
        approver: impl Into<String>,
    ) -> Self {
        Self {
            cell,
            reason: reason.into(),
            approver: approver.into(),
        }
    }
}
