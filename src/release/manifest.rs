//! The manifest: what an auditor asks a year later.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::PlanDocument;
use crate::protect::{Outcome, Protected, ProtectedTables};
use crate::table::{Input, MatchRate, Table};

/// Counts of rows are rounded to a multiple of this, so that they do not tell
/// whether one person is in a register.
pub const BASE: u64 = 5;

/// What every release says about its limits.
const LIMITS: [&str; 6] = [
    "Cells that nobody is in are not listed, and not protected: whoever knows all combinations knows which are empty.",
    "The name of a category is published with its cell, also where the cell's figures are suppressed.",
    "Suppression is primary only: a total known from elsewhere gives a suppressed cell away by subtraction.",
    "Contributions of zero count: where a sum is zero, or equals its number of persons, everybody's value is known, and a small sum of a yes-or-no column is a small count.",
    "A sum beside the mean of the same column tells how many rows have a value.",
    "This release was not compared with other releases about the same persons.",
];

/// How a release came about, as JSON.
///
/// # Disclosure
///
/// Goes with the release. Counts of rows are rounded to base 5. Numbers of
/// cells by status are exact, as whoever has the tables can count them.
/// Digests, key checks and rules tell nothing about a person.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// The version of kobling that made the release.
    pub kobling: String,
    /// When, in universal time.
    pub made_at: String,
    /// Whether this was a rehearsal: then nothing here is a result.
    pub rehearsal: bool,
    /// The digest of the plan.
    pub plan_digest: String,
    /// The plan itself.
    pub plan: PlanDocument,
    /// The key check of the domain key of all extracts.
    pub key_check: String,
    /// The check of the linkage unit's release key.
    pub release_key_check: String,
    /// The extracts.
    pub inputs: Vec<InputRecord>,
    /// The tables.
    pub tables: Vec<TableRecord>,
    /// What the release does not protect against.
    pub limits: Vec<String>,
}

/// One extract.
#[derive(Debug, Clone, Serialize)]
pub struct InputRecord {
    /// Its source.
    pub source: String,
    /// Its content digest, if it is known, as it is of an extract that was read
    /// or written: SHA-256 over its header and values, the same in every format.
    pub content: Option<String>,
    /// The version of kobling that made it.
    pub kobling: String,
    /// Rows in the register's files, rounded.
    pub rows_read: u64,
    /// Rows in the extract, rounded.
    pub rows: u64,
    /// Rows in quarantine by reason, rounded.
    pub quarantine: BTreeMap<String, u64>,
    /// Rows under a number that another one had replaced by the plan's
    /// reference date, rounded; if the plan has a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired: Option<u64>,
}

/// One table.
#[derive(Debug, Clone, Serialize)]
pub struct TableRecord {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Its cells.
    pub cells: usize,
    /// For each measure how many cells have which status.
    pub statuses: BTreeMap<String, BTreeMap<String, u64>>,
    /// The method and rules applied.
    pub rules: crate::plan::document::ProtectDocument,
    /// How well each look-up linked.
    pub look_ups: Vec<LookupRecord>,
}

/// How well a look-up linked.
#[derive(Debug, Clone, Serialize)]
pub struct LookupRecord {
    /// Its source.
    pub source: String,
    /// Base rows with a match, rounded.
    pub matched: u64,
    /// Base rows without, rounded.
    pub unmatched: u64,
    /// Matched of all, in percent, rounded down: 100 is all.
    pub match_rate: Option<u64>,
    /// What the history did; if the plan has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<LookupHistory>,
}

/// What the history did for a look-up: `matched` is the two together.
#[derive(Debug, Clone, Serialize)]
pub struct LookupHistory {
    /// Base rows that would have a match without it, rounded: a row of the
    /// look-up has the number that the base row has.
    pub directly: u64,
    /// Base rows that have their match through it only, rounded: the person
    /// has other numbers in the look-up. Where a base is folded, a person
    /// none of whose base rows has a number that is in the look-up.
    pub through_history: u64,
}

/// The nearest multiple of [`BASE`].
pub fn rounded(count: u64) -> u64 {
    count.saturating_add(BASE / 2) / BASE * BASE
}

impl Manifest {
    pub(super) fn new(protected: &ProtectedTables) -> Self {
        let tables = &protected.tables;
        let document = tables.plan.document();
        let measures = tables.plan.tables();
        Self {
            format: 1,
            kobling: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            rehearsal: tables.plan.is_rehearsal(),
            plan_digest: tables.plan.digest().to_string(),
            plan: document.clone(),
            key_check: tables.provenance.key_check.clone(),
            release_key_check: protected.release_key.to_string(),
            inputs: tables
                .provenance
                .inputs
                .iter()
                .map(InputRecord::from)
                .collect(),
            tables: tables
                .tables
                .iter()
                .zip(measures)
                .map(|(table, plan)| {
                    let names: Vec<&str> = plan.measures.iter().map(|m| m.name.as_str()).collect();
                    let rules = document.tables[&plan.name].protect.clone();
                    TableRecord::new(table, &names, rules)
                })
                .collect(),
            limits: LIMITS.map(str::to_owned).to_vec(),
        }
    }

    /// As indented JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a manifest is text, numbers and lists")
    }
}

impl From<&Input> for InputRecord {
    fn from(input: &Input) -> Self {
        let quarantine = input.quarantine.iter();
        Self {
            source: input.source.clone(),
            content: input.content.clone(),
            kobling: input.maker.clone(),
            rows_read: rounded(input.rows_read),
            rows: rounded(input.rows),
            retired: input.retired.map(rounded),
            quarantine: quarantine
                .map(|(reason, rows)| (reason.clone(), rounded(*rows)))
                .collect(),
        }
    }
}

impl TableRecord {
    fn new(
        table: &Table<Protected>,
        measures: &[&str],
        rules: crate::plan::document::ProtectDocument,
    ) -> Self {
        let mut statuses = BTreeMap::new();
        for (at, measure) in measures.iter().enumerate() {
            let counts: &mut BTreeMap<String, u64> =
                statuses.entry((*measure).to_owned()).or_default();
            for outcome in table.cells.iter().map(|(_, outcomes)| outcomes[at]) {
                *counts
                    .entry(Outcome::status(outcome).to_owned())
                    .or_default() += 1;
            }
        }
        Self {
            name: table.name.clone(),
            title: table.title.clone(),
            cells: table.cells.len(),
            statuses,
            rules,
            look_ups: table.match_rates.iter().map(LookupRecord::from).collect(),
        }
    }
}

impl From<&MatchRate> for LookupRecord {
    fn from(rate: &MatchRate) -> Self {
        let (matched, unmatched) = (rounded(rate.matched), rounded(rate.unmatched));
        // From rounded counts, so that it does not tell more than they do.
        let all = matched + unmatched;
        Self {
            source: rate.source.clone(),
            matched,
            unmatched,
            match_rate: (100 * matched).checked_div(all),
            history: rate.through_history.map(|through_history| {
                let through_history = rounded(through_history);
                LookupHistory {
                    directly: matched.saturating_sub(through_history),
                    through_history,
                }
            }),
        }
    }
}
