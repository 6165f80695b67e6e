//! The plan as a manifest has it: without the parameters of concentration rules.
//!
//! Whoever knows n and k of a dominance rule, or p and q, knows bounds of every
//! figure that such a rule suppressed (ESSnet handbook on statistical disclosure
//! control, 2nd edition, on keeping the parameters confidential). So a manifest
//! states which rules apply, and not with which parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::plan::PlanDocument;
use crate::plan::document::{ProjectDocument, SourceDocument, TableDocument};
use crate::protect::method::RulesRecord;

/// A plan without the parameters of its concentration rules.
///
/// # Disclosure
///
/// Goes with the release. The digest of the whole plan is in the manifest too,
/// and there are not many parameters that a plan may have: somebody who tries
/// them all finds those with that digest. So protection does not rest on their
/// being secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlanRecord {
    /// The version of the plan language.
    pub version: u32,
    /// The project: its purpose, its parties, its dates.
    pub project: ProjectDocument,
    /// The registers, by name.
    #[serde(rename = "source")]
    pub sources: BTreeMap<String, SourceDocument>,
    /// The tables that come out, by name.
    #[serde(rename = "table")]
    pub tables: BTreeMap<String, PlannedTable>,
}

/// A table as the plan has it, with [`RulesRecord`] in place of its protection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlannedTable(Map<String, Value>);

impl PlanRecord {
    pub(super) fn new(document: &PlanDocument) -> Self {
        // Nothing else is left out: a new part of plans has to be looked at here.
        let PlanDocument {
            version,
            project,
            sources,
            tables,
        } = document.clone();
        let tables = tables.iter();
        Self {
            version,
            project,
            sources,
            tables: tables
                .map(|(name, table)| (name.clone(), PlannedTable::new(table)))
                .collect(),
        }
    }
}

impl PlannedTable {
    fn new(table: &TableDocument) -> Self {
        let object = |value: serde_json::Result<Value>| match value {
            Ok(Value::Object(object)) => object,
            _ => unreachable!("a document is an object, whose keys are text"),
        };
        let mut written = object(serde_json::to_value(table));
        let rules = object(serde_json::to_value(RulesRecord::new(&table.protect)));
        written.insert("protect".to_owned(), Value::Object(rules));
        Self(written)
    }
}
