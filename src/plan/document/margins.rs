//! Totals of a table, and the coarser levels of its dimensions, as they are written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A coarser level of a dimension, such as the county of a municipality:
/// exactly one of `prefix` and `map`, of the names of the level before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LevelDocument {
    /// The level's name.
    pub name: String,
    /// Keeps the first characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<u32>,
    /// Gives each category its category at this level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<BTreeMap<String, String>>,
    /// With `map`: the category of everything that it does not list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

/// Which totals are published in addition to the cells of all dimensions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected true, false, or a list of lists of dimensions"
)]
#[non_exhaustive]
pub enum MarginsDocument {
    /// All of them, the grand total included, or none.
    All(bool),
    /// The totals by these dimensions: each a list of some of them; the empty
    /// list is the grand total.
    By(Vec<Vec<String>>),
}

impl Default for MarginsDocument {
    fn default() -> Self {
        Self::All(false)
    }
}
