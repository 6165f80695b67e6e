//! The manifest: what an auditor asks a year later.

mod audits;
mod limits;
mod match_rates;
mod perturbed;
mod plan;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::column::ValueCounts;
pub use crate::count::{BASE, Count};
use crate::error::{Error, ErrorKind, Result};
use crate::extract::unended_warning;
use crate::limited;
use crate::plan::document::PlanDocument;
use crate::plan::table::TablePlan;
pub use crate::protect::method::RulesRecord;
use crate::protect::{Outcome, Protected, ProtectedTables};
use crate::table::{Input, Listing, Table};
pub use audits::AuditSummary;
pub use match_rates::{GroupRecord, GroupedRecord, LookupHistory, LookupRecord, RateRecord};
use perturbed::PerturbedCounts;
pub use perturbed::shown_count;
pub use plan::{PlanRecord, PlannedTable};

/// Rows in quarantine for reasons that fewer than [`BASE`] rows have each.
const OTHER: &str = "other";

/// A manifest has at most so many bytes.
const MOST_BYTES: u64 = 256 << 20;

/// The version of the manifest's format.
const FORMAT: u32 = 1;

/// How a release came about, as JSON.
///
/// # Disclosure
///
/// Goes with the release. Every number of rows is perturbed: it has noise of a standard
/// deviation of 2.8 rows, the same for the same number of the same thing under a release key,
/// is rounded to base 5, and is `null` where that is 1 to 4. So it rules out no number of
/// persons. Numbers of cells by status are exact, as whoever has the tables can count them. Digests, key checks and rules disclose nothing about a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
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
    /// The plan, without the parameters of concentration rules.
    pub plan: PlanRecord,
    /// The key check of the domain key of all extracts.
    pub key_check: String,
    /// The check of the linkage unit's release key.
    pub release_key_check: String,
    /// The check of the perturbation, where the method is `cell-key`: the same
    /// if the noise came from the same tables. It discloses nothing of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perturbation_check: Option<String>,
    /// The extracts.
    pub inputs: Vec<InputRecord>,
    /// The tables.
    pub tables: Vec<TableRecord>,
    /// What was audited, for each population and quantity; it passed.
    pub audits: Vec<AuditSummary>,
    /// Where the linkage unit's ledger has the release; none if it was made
    /// without a ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<LedgerRecord>,
    /// What the release does not protect against.
    pub limits: Vec<String>,
}

/// Where the linkage unit's ledger has a release.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LedgerRecord {
    /// The number of its entry; it was protected together with all releases of
    /// lower numbers.
    pub entry: u64,
    /// The SHA-256 of the entry.
    pub digest: String,
}

/// One extract.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputRecord {
    /// Its source.
    pub source: String,
    /// Its content digest, if it is known, as it is of an extract that was read
    /// or written: SHA-256 over its header and values, the same in every format.
    /// None in a release with noise, where it would disclose without any whether the data
    /// are those of another release; the ledger has it.
    pub content: Option<String>,
    /// The version of kobling that made it.
    pub kobling: String,
    /// Rows in the register's files, perturbed.
    pub rows_read: Count,
    /// Rows in the extract, perturbed.
    pub rows: Count,
    /// Rows that the plan's `keep` left out, perturbed. The rows read are those in the
    /// extract, those filtered and those in quarantine, as nearly as the counts are.
    pub rows_filtered: Count,
    /// Rows in quarantine by reason, perturbed. Reasons that 1 to 4 rows have are
    /// not named: those rows are `other`, together.
    pub quarantine: BTreeMap<String, Count>,
    /// What became of the values of each column, perturbed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ValuesRecord>,
    /// What to mind of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Rows under a number that another one had replaced by the plan's
    /// reference date, perturbed; if the plan has a history.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "hidden_or_not"
    )]
    pub retired: Option<Count>,
}

/// What became of the values of a column in the rows of an extract. The three are together
/// its rows, as nearly as the counts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ValuesRecord {
    /// Values that were read, perturbed.
    pub used: Count,
    /// Values that were not there, perturbed; also hidden where there is none and the plan
    /// has a category for them.
    pub missing: Count,
    /// Values that could not be read and count as missing, likewise.
    pub unreadable: Count,
}

impl ValuesRecord {
    /// Whether `missing` values have a category, of the source's column or of a table's, which is
    /// then listed though nobody is in it.
    fn new(
        exact: &ValueCounts,
        (source, column): (&str, &str),
        counts: PerturbedCounts<'_>,
        named: bool,
    ) -> Self {
        let lacking = |what: &str, count: u64| match named {
            true => counts.some_or_none(&[source, column, what], count),
            false => counts.of(&[source, column, what], count),
        };
        Self {
            used: counts.of(&[source, column, "used"], exact.used),
            missing: lacking("missing", exact.missing),
            unreadable: lacking("unreadable", exact.unreadable),
        }
    }
}

/// One table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRecord {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Which rows it has.
    pub listing: Listing,
    /// What that means, in words.
    pub listing_means: String,
    /// Its rows.
    pub cells: usize,
    /// For each measure how many rows have which status.
    pub statuses: BTreeMap<String, BTreeMap<String, u64>>,
    /// For each measure how much of it is published, and how nearly.
    #[serde(default)]
    pub utility: BTreeMap<String, UtilityRecord>,
    /// The method and the rules that apply.
    pub rules: RulesRecord,
    /// How well each look-up linked.
    pub look_ups: Vec<LookupRecord>,
}

/// How much of a measure is published, and how nearly.
///
/// # Disclosure
///
/// Nothing that a recipient could not count, or that the noise rests on. What
/// share of a total the suppressed cells hold is not stated: where they are few,
/// it would disclose what is in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UtilityRecord {
    /// Its cells.
    pub cells: u64,
    /// Those with a figure.
    pub survived: u64,
    /// The standard deviation that the method's noise or rounding is designed to
    /// have, in the measure's unit, where it does not depend on the figures. It
    /// is not that of this release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_deviation: Option<f64>,
}

impl Manifest {
    pub(super) fn new(protected: &ProtectedTables, ledger: Option<LedgerRecord>) -> Self {
        let tables = &protected.tables;
        let document = tables.plan.document();
        let plans = tables.plan.tables();
        let counts = PerturbedCounts::new(&protected.release_key);
        Self {
            format: FORMAT,
            kobling: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: tables.plan.time().to_string(),
            rehearsal: tables.plan.is_rehearsal(),
            plan_digest: tables.plan.digest().to_string(),
            plan: PlanRecord::new(document),
            key_check: tables.provenance.key_check.clone(),
            release_key_check: protected.release_key.check().to_string(),
            perturbation_check: protected.perturbation.clone(),
            inputs: tables
                .provenance
                .inputs
                .iter()
                .map(|input| InputRecord::new(input, document, counts, protected.spent().is_none()))
                .collect(),
            tables: tables
                .tables
                .iter()
                .zip(plans)
                .zip(&protected.deviations)
                .map(|((table, plan), deviations)| {
                    let rules = RulesRecord::new(&document.tables[&plan.name].protect);
                    TableRecord::new(table, plan, rules, deviations, counts)
                })
                .collect(),
            audits: audits::of(protected),
            limits: limits::of(plans, ledger.is_some()),
            ledger,
        }
    }

    /// Reads the manifest of a release from its file.
    ///
    /// Nothing of it is verified beyond its form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if the file cannot be read, [`ErrorKind::Extract`]
    /// if it is not a manifest of this format.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = limited::read(path, MOST_BYTES, "read the manifest")?;
        let read: Option<Self> = serde_json::from_slice(&bytes).ok();
        read.filter(|manifest| manifest.format == FORMAT)
            .ok_or_else(|| {
                let rule = "is no manifest of a release, or one of another format version";
                Error::new(ErrorKind::Extract, rule).in_file(path)
            })
    }

    /// What to mind, by table: where linkage loses some groups more than others.
    pub fn warnings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tables.iter().flat_map(|table| {
            let by = table.look_ups.iter().flat_map(|look_up| &look_up.by);
            let warnings = by.filter_map(|by| by.warning.as_deref());
            warnings.map(|warning| (table.name.as_str(), warning))
        })
    }

    /// As indented JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a manifest is text, numbers and lists")
    }
}

impl InputRecord {
    /// With the content digest, or without.
    fn new(
        input: &Input,
        plan: &PlanDocument,
        counts: PerturbedCounts<'_>,
        with_content: bool,
    ) -> Self {
        let columns = &plan.sources[&input.source].columns;
        let tables = plan.tables.values();
        let derived: Vec<_> = tables.flat_map(|table| table.columns.values()).collect();
        let is_named = |name: &String| {
            let itself = columns.get(name);
            let from = format!("{}.{name}", input.source);
            let mut derived = derived.iter();
            itself.is_some_and(|column| column.absent.is_some())
                || derived.any(|column| {
                    column.absent.is_some() && column.from.as_deref() == Some(from.as_str())
                })
        };
        let source = input.source.as_str();
        let shown = |field: &str, rows: u64| counts.of(&[source, field], rows);
        Self {
            source: source.to_owned(),
            content: input.content.clone().filter(|_| with_content),
            kobling: input.maker.clone(),
            rows_read: shown("rows_read", input.rows_read),
            rows: shown("rows", input.rows),
            rows_filtered: shown("rows_filtered", input.rows_filtered),
            retired: input.retired.map(|retired| shown("retired", retired)),
            quarantine: quarantine(&input.quarantine, |reason, rows| {
                counts.of(&[source, "quarantine", reason], rows)
            }),
            columns: input
                .columns
                .iter()
                .map(|(name, exact)| {
                    let values = ValuesRecord::new(exact, (source, name), counts, is_named(name));
                    (name.clone(), values)
                })
                .collect(),
            warnings: unended_warning(input.unended).into_iter().collect(),
        }
    }
}

/// Rows by reason, those of rare reasons together.
fn quarantine(
    exact: &[(String, u64)],
    count: impl Fn(&str, u64) -> Count,
) -> BTreeMap<String, Count> {
    let mut by_reason: BTreeMap<String, u64> = BTreeMap::new();
    for (reason, rows) in exact.iter().filter(|(_, rows)| *rows > 0) {
        let shown = if *rows < BASE { OTHER } else { reason };
        *by_reason.entry(shown.to_owned()).or_default() += rows;
    }
    let by_reason = by_reason.into_iter();
    let by_reason = by_reason.map(|(reason, rows)| {
        let rows = count(&reason, rows);
        (reason, rows)
    });
    by_reason.collect()
}

/// A count that is there, though it may be `null`.
fn hidden_or_not<'de, D>(from: D) -> std::result::Result<Option<Count>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Count::deserialize(from).map(Some)
}

impl TableRecord {
    fn new(
        table: &Table<Protected>,
        plan: &TablePlan,
        rules: RulesRecord,
        deviations: &[Option<f64>],
        counts: PerturbedCounts<'_>,
    ) -> Self {
        let mut statuses = BTreeMap::new();
        let mut utility = BTreeMap::new();
        for (at, (measure, deviation)) in plan.measures.iter().zip(deviations).enumerate() {
            let outcomes = table.rows().map(|(_, _, outcomes)| outcomes[at]);
            let survived = outcomes.filter(|outcome| outcome.value().is_some());
            let record = UtilityRecord {
                cells: table.rows().count() as u64,
                survived: survived.count() as u64,
                noise_deviation: *deviation,
            };
            utility.insert(measure.name.clone(), record);
            let statuses: &mut BTreeMap<String, u64> =
                statuses.entry(measure.name.clone()).or_default();
            for outcome in table.rows().map(|(_, _, outcomes)| outcomes[at]) {
                *statuses
                    .entry(Outcome::status(outcome).to_owned())
                    .or_default() += 1;
            }
        }
        let look_ups = table.match_rates.iter();
        let look_ups = look_ups.map(|rate| LookupRecord::new(rate, plan, counts));
        Self {
            name: table.name.clone(),
            title: table.title.clone(),
            listing: table.listing,
            listing_means: table.listing.words().to_owned(),
            cells: table.rows().count(),
            statuses,
            utility,
            rules,
            look_ups: look_ups.collect(),
        }
    }
}
