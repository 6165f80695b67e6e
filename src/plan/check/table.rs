//! Checks of one table: every name resolved, every look-up at most one row.

mod match_rates;
mod measure;
mod scope;
mod slot;

use super::{check_name, condition};
use crate::plan::document::{Method, ProtectDocument, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::table::{Measure, Rules, TablePlan, What};
use crate::plan::{LEAST_MIN_PERSONS, Source};
use match_rates::check_match_rates;
use measure::{check_dimensions, check_measures, check_output_names};
use scope::Scope;
use slot::check_slots;

pub(super) fn check(
    name: &str,
    document: &TableDocument,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Option<TablePlan> {
    check_name(name, "table", path, findings);
    if document.margins {
        findings
            .add(
                &path.at("margins"),
                "margins are refused for now: a total gives suppressed cells away by subtraction, \
                 and complementary suppression is not available yet",
            )
            .help("margins = false");
    }
    let protect = check_protect(&document.protect, &path.at("protect"), findings);
    let slots = check_slots(document, sources, path, findings)?;
    let mut scope = Scope {
        slots: &slots,
        derived: Vec::new(),
    };
    for (name, column) in &document.columns {
        let path = path.at("columns").at(name);
        check_name(name, "column", &path, findings);
        let derived = scope.derive(name, column, &path, findings);
        scope.derived.push(derived);
    }
    let mut conditions = Vec::new();
    for (i, document) in document.conditions.iter().enumerate() {
        let path = path.at("where").at(i);
        let resolved = scope.resolve(&document.column, &path.at("column"), findings);
        let kind = resolved.map(|(_, kind)| kind);
        let condition = condition::check(document, kind, &path, findings);
        conditions.extend(resolved.map(|(operand, _)| operand).zip(condition));
    }
    let by = check_dimensions(document, &scope, sources, path, findings);
    let match_by = check_match_rates(document, &scope, path, findings);
    let measures = check_measures(&document.measures, &scope, path, findings);
    check_concentration(&measures, &document.protect, path, findings);
    check_output_names(&by, &measures, path, findings);
    Some(TablePlan {
        name: name.to_owned(),
        title: document.title.clone(),
        derived: scope.derived,
        slots,
        conditions,
        by,
        match_by,
        measures,
        protect: protect?,
    })
}

fn check_protect(
    document: &ProtectDocument,
    path: &Path,
    findings: &mut Collector,
) -> Option<Rules> {
    let before = findings.count();
    if document.min_persons < LEAST_MIN_PERSONS {
        findings.add(
            &path.at("min_persons"),
            format!("is at least {LEAST_MIN_PERSONS}: with fewer, the persons in a cell learn each other's values"),
        );
    }
    if document.method != Method::Suppress {
        findings
            .add(&path.at("method"), "is not available yet")
            .help("method = \"suppress\"");
    }
    if let Some(dominance) = &document.dominance {
        if !(1..=10).contains(&dominance.n) {
            findings.add(
                &path.at("dominance").at("n"),
                "is between 1 and 10 contributors",
            );
        }
        let percent = dominance.percent.hundredths();
        if percent == 0 || percent == 10_000 {
            findings.add(
                &path.at("dominance").at("percent"),
                "is above 0 and below 100",
            );
        }
    }
    if document
        .p_percent
        .is_some_and(|percent| percent.hundredths() == 0)
    {
        findings.add(&path.at("p_percent"), "is above 0");
    }
    (findings.count() == before).then(|| Rules {
        min_persons: document.min_persons.into(),
        dominance: document
            .dominance
            .as_ref()
            .map(|d| (d.n as usize, d.percent)),
        p_percent: document.p_percent,
    })
}

/// A sum of enough persons can still be one person's value and small change.
fn check_concentration(
    measures: &[Measure],
    protect: &ProtectDocument,
    path: &Path,
    findings: &mut Collector,
) {
    let adds = |measure: &Measure| matches!(measure.what, What::Sum { .. } | What::Mean { .. });
    if protect.dominance.is_none() && protect.p_percent.is_none() && measures.iter().any(adds) {
        findings
            .add(
                &path.at("protect"),
                "sums and means need a rule against one person making up most of them",
            )
            .help("such as dominance = { n = 2, percent = 85 }, or p_percent = 10");
    }
}
