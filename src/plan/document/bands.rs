//! Bands of a column, as they are written.

use serde::{Deserialize, Serialize};

use crate::plan::scalar::Number;

/// Bands: `[20, 35, 50]`, or with more said about them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "BandsForm")]
#[non_exhaustive]
pub struct BandsDocument {
    /// Where a band ends and the next begins, in ascending order.
    pub edges: Vec<Number>,
    /// Which side of a band includes its edge.
    pub closed: Closed,
    /// Names of the bands, from below the first edge to above the last; or of
    /// those from the first edge up, and then nothing may lie below it. Bands
    /// of one name are one category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
}

/// The side of a band that includes its edge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Closed {
    /// 20 belongs to 20–34.
    #[default]
    Left,
    /// 10 000 belongs to "up to 10 000".
    Right,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of numbers, or a table with `edges`"
)]
enum BandsForm {
    Edges(Vec<Number>),
    Full(FullBands),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullBands {
    edges: Vec<Number>,
    #[serde(default)]
    closed: Closed,
    #[serde(default)]
    labels: Option<Vec<String>>,
}

impl From<BandsForm> for BandsDocument {
    fn from(form: BandsForm) -> Self {
        match form {
            BandsForm::Edges(edges) => Self {
                edges,
                closed: Closed::Left,
                labels: None,
            },
            BandsForm::Full(full) => Self {
                edges: full.edges,
                closed: full.closed,
                labels: full.labels,
            },
        }
    }
}
