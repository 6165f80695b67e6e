//! What is counted or summed in each cell, as it is written.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ConditionDocument;

/// One measure: exactly one of `persons`, `rows`, `sum`, `mean`, `share`.
///
/// ```toml
/// measures = [
///     { persons = true },
///     { persons = { where = [{ column = "mortality.died", equals = 1 }] }, as = "deaths" },
///     { share = "deaths", of = "persons", as = "percent_dead" },
///     { mean = "tax.income" },
/// ]
/// ```
///
/// A sum or mean of a column that says yes or no is refused, at the latest when its
/// values are seen to be 0 and 1 only: it is a number of persons, and protected as
/// such only if it is written as one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MeasureDocument {
    /// Counts distinct persons: all, or those of whom a row satisfies conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<CountDocument>,
    /// Counts rows of the base: all, or those that satisfy conditions. What a person
    /// contributes is its number of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<CountDocument>,
    /// Sums this column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// Averages this column over the rows where it is not missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<String>,
    /// With `of`: what share the count with a condition that is named here has, in
    /// percent (0–100). It is computed from the two figures as they are published, and
    /// published where both are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// Of `share`: the measure that counts all, such as `persons`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Refused: it publishes one person's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Refused: it publishes one person's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// The measure's name in the release; a count with a condition needs one.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is counted: everybody, or those who satisfy conditions.
///
/// ```toml
/// { persons = true }
/// { persons = { where = [{ column = "mortality.died", equals = 1 }] }, as = "deaths" }
/// ```
///
/// The threshold rule holds for those who satisfy the conditions and for those who do
/// not: who knows how many persons a cell has and how many of them died knows how many
/// did not. So both are protected, and only the former are published.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CountDocument {
    /// All; `false` is refused.
    All(bool),
    /// Those who satisfy all of these conditions.
    Where(Vec<ConditionDocument>),
}

/// The form of a count with conditions.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhereForm {
    #[serde(rename = "where")]
    conditions: Vec<ConditionDocument>,
}

impl Serialize for CountDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All(all) => all.serialize(serializer),
            Self::Where(conditions) => {
                let conditions = conditions.clone();
                WhereForm { conditions }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for CountDocument {
    /// By hand, so that what is wrong inside a condition is found in its place.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = CountDocument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, or { where = [ … ] }")
    }

    fn visit_bool<E>(self, all: bool) -> Result<CountDocument, E> {
        Ok(CountDocument::All(all))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<CountDocument, M::Error> {
        let form = WhereForm::deserialize(MapAccessDeserializer::new(map))?;
        Ok(CountDocument::Where(form.conditions))
    }
}
