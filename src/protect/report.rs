//! The suppression report: which figures are suppressed, and why.
//!
//! A release says `suppressed` of a figure and no more. Which rule found it
//! unsafe, or that it is safe and guards another one, bounds the value: a count
//! below `min_persons` is less than that, and a complementary one is not. Who
//! answers for a release nevertheless has to know it; so it goes into a report
//! of its own, which stays with the linkage unit and the risk owner.

mod place;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::{AuditRecord, Outcome, Protected, ProtectedTables, Rule};
use crate::atomic_file::{FileKind, PreparedFile, prepare_whole};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::plan::table::{Grain, TOTAL};
use crate::table::{Place, Table};

/// The version of the report's format.
const FORMAT: u32 = 1;

/// Names a complementary suppression among the reasons.
pub(super) const COMPLEMENTARY: &str = "complementary";

/// Why each suppressed figure of the protected tables is suppressed.
///
/// Written, it has one JSON object a line: first the [summary](Self::summary),
/// then each of the [figures](Self::figures).
///
/// # Disclosure
///
/// For the linkage unit and the risk owner, and no part of a release: a reason
/// bounds the value that is suppressed. It has no figure, but the names of all
/// cells with a suppressed one.
///
/// # Examples
///
/// ```
/// use kobling::protect::ProtectedTables;
///
/// # fn release(tables: ProtectedTables) -> kobling::Result<()> {
/// // Under another name at first: there is no report of a release that is not there.
/// let report = tables.suppression_report().prepare("report.jsonl")?;
/// tables.release()?.write("release", &kobling::Format::ALL)?;
/// report.finish()
/// # }
/// ```
#[non_exhaustive]
pub struct SuppressionReport<'a> {
    tables: &'a [Table<Protected>],
    plan: &'a Plan,
    entry: Option<u64>,
    ledger_costs: Option<&'a [Vec<u64>]>,
    audits: &'a [AuditRecord],
}

/// What a report is about, and how many figures are suppressed for which reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ReportSummary {
    /// `suppression-report`.
    pub kind: &'static str,
    /// The version of the report's format.
    pub format: u32,
    /// The project.
    pub project: String,
    /// Whether it is of a rehearsal.
    pub rehearsal: bool,
    /// The digest of the plan.
    pub plan_digest: String,
    /// The number of the release's entry in the ledger, if there is a ledger.
    pub ledger_entry: Option<u64>,
    /// By table and measure: how many more figures are suppressed for what earlier
    /// releases in the ledger have. Noise by cell keys would suppress no number of
    /// persons or rows for them. None without earlier releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_costs: Option<BTreeMap<String, BTreeMap<String, u64>>>,
    /// By table and measure: how many figures are suppressed for which reason.
    pub tables: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>,
    /// What the auditor found, for each population and quantity; it passed.
    pub audits: Vec<AuditRecord>,
}

/// One suppressed figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SuppressedFigure {
    /// Its table.
    pub table: String,
    /// Its cell: by dimension the category. None means a missing value, and also
    /// all categories where the level is `total`.
    pub cell: BTreeMap<String, Option<String>>,
    /// By dimension the level of the category: the dimension's own name, the
    /// name of a coarser level, or `total`.
    pub level: BTreeMap<String, String>,
    /// The measure.
    pub measure: String,
    /// The rule that finds it unsafe, as the plan names it; `differencing`, if
    /// an earlier release, or a table of other rows, has nearly the same figure; or
    /// `complementary`, if it is safe and would disclose an unsafe one.
    pub reason: String,
    /// Of `differencing`: the number of the earlier release in the ledger; 0 is another table
    /// of this release, about other rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// A report that is written, but not under its name yet.
///
/// Unless it is [finished](Self::finish), nothing of it is left.
#[must_use = "a report that is not finished is removed"]
pub struct PreparedReport(PreparedFile);

impl PreparedReport {
    /// Puts the report into its place.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`](crate::ErrorKind::File) if that cannot be done.
    pub fn finish(self) -> Result<()> {
        self.0.finish()
    }
}

impl ProtectedTables {
    /// Why each suppressed figure is suppressed.
    ///
    /// # Disclosure
    ///
    /// For the linkage unit and the risk owner: see [`SuppressionReport`].
    pub fn suppression_report(&self) -> SuppressionReport<'_> {
        let recording = self.recording.as_ref();
        SuppressionReport {
            tables: &self.tables.tables,
            plan: &self.tables.plan,
            entry: recording.map(|(ledger, _)| ledger.next_number()),
            ledger_costs: self.ledger_costs.as_deref(),
            audits: &self.tables.context,
        }
    }
}

impl SuppressionReport<'_> {
    /// What it is about, and how many figures are suppressed for which reason.
    pub fn summary(&self) -> ReportSummary {
        let mut tables: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> = BTreeMap::new();
        for (table, plan) in self.tables.iter().zip(self.plan.tables()) {
            let measures = tables.entry(table.name.clone()).or_default();
            for (at, measure) in plan.measures.iter().enumerate() {
                let reasons = measures.entry(measure.name.clone()).or_default();
                for (_, _, outcomes) in table.cells() {
                    if let Some((reason, _)) = reason(outcomes[at]) {
                        *reasons.entry(reason).or_default() += 1;
                    }
                }
            }
        }
        ReportSummary {
            kind: "suppression-report",
            format: FORMAT,
            project: self.plan.project().to_owned(),
            rehearsal: self.plan.is_rehearsal(),
            plan_digest: self.plan.digest().to_string(),
            ledger_entry: self.entry,
            ledger_costs: self.ledger_costs(),
            tables,
            audits: self.audits.to_vec(),
        }
    }

    fn ledger_costs(&self) -> Option<BTreeMap<String, BTreeMap<String, u64>>> {
        let costs = self.ledger_costs?.iter().zip(self.plan.tables());
        let costs = costs.map(|(costs, plan)| {
            let measures = plan.measures.iter().zip(costs);
            let measures = measures.map(|(measure, cost)| (measure.name.clone(), *cost));
            (plan.name.clone(), measures.collect())
        });
        Some(costs.collect())
    }

    /// The suppressed figures, by table and cell.
    pub fn figures(&self) -> impl Iterator<Item = SuppressedFigure> + '_ {
        let tables = self.tables.iter().zip(self.plan.tables());
        tables.flat_map(|(table, plan)| {
            table.cells().flat_map(move |(grouping, place, outcomes)| {
                let measures = plan.measures.iter().zip(outcomes);
                measures.filter_map(move |(measure, outcome)| {
                    let (reason, entry) = reason(*outcome)?;
                    Some(SuppressedFigure {
                        table: table.name.clone(),
                        cell: cell(table, grouping, place),
                        level: level(table, grouping),
                        measure: measure.name.clone(),
                        reason,
                        entry,
                    })
                })
            })
        })
    }

    /// Writes the report to `path`, readable by the file's owner only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        self.prepare(path)?.finish()
    }

    /// Writes the report under another name next to `path`, readable by the
    /// file's owner only; so that it can be put into its place when the release
    /// is in its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be written.
    pub fn prepare(&self, path: impl AsRef<Path>) -> Result<PreparedReport> {
        let path = path.as_ref();
        let prepared = prepare_whole(path, FileKind::Report, |file| {
            let io = |error| Error::file(path, "write the report", &error);
            line(file, &self.summary()).map_err(io)?;
            for figure in self.figures() {
                line(file, &figure).map_err(io)?;
            }
            Ok(())
        })?;
        Ok(PreparedReport(prepared))
    }
}

/// The reason, and of differencing the entry, if the figure is suppressed.
pub(super) fn reason(outcome: Outcome) -> Option<(String, Option<u64>)> {
    match outcome {
        Outcome::Safe(_) | Outcome::Excepted(_) | Outcome::Perturbed(_) => None,
        Outcome::Primary(rule) => {
            let entry = match rule {
                Rule::Differencing { entry } => Some(entry),
                _ => None,
            };
            Some((rule.to_string(), entry))
        }
        Outcome::Complementary => Some((COMPLEMENTARY.to_owned(), None)),
    }
}

fn cell(
    table: &Table<Protected>,
    grouping: &[Grain],
    place: &Place,
) -> BTreeMap<String, Option<String>> {
    let places = table.dimensions.iter().zip(grouping).zip(place);
    let categories = places.map(|((dimension, grain), ordinal)| {
        let category = match grain {
            Grain::Total => None,
            _ => dimension.category(*grain, *ordinal),
        };
        (dimension.name.clone(), category)
    });
    categories.collect()
}

fn level(table: &Table<Protected>, grouping: &[Grain]) -> BTreeMap<String, String> {
    let dimensions = table.dimensions.iter().zip(grouping);
    let levels = dimensions.map(|(dimension, grain)| {
        let level = match grain {
            Grain::Own => &dimension.name,
            Grain::Level(level) => &dimension.levels[*level].name,
            Grain::Total => TOTAL,
        };
        (dimension.name.clone(), level.to_owned())
    });
    levels.collect()
}

fn line(file: &mut impl Write, object: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, object)?;
    file.write_all(b"\n")
}
