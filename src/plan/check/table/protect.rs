//! Checks of a table's protection: rules that protect, and exceptions that somebody answers for.

use super::dimension::not_found;
use crate::plan::LEAST_MIN_PERSONS;
use crate::plan::document::{CountInterval, Method, ProtectDocument, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::table::{DimensionPlan, Measure, Rules};

pub(super) fn check_rules(
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
    check_count_interval(document, &path.at("count_interval"), findings);
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
    if let Some(rule) = &document.prior_posterior {
        let path = path.at("prior_posterior");
        if rule.p.hundredths() == 0 {
            findings.add(&path.at("p"), "is above 0");
        }
        if rule.p >= rule.q {
            findings
                .add(&path, "`q`, what is known beforehand, is more than `p`")
                .help("the p % rule is for who knows nothing beforehand");
        }
    }
    (findings.count() == before).then(|| Rules {
        min_persons: document.min_persons.into(),
        count_interval: document.count_interval,
        dominance: document
            .dominance
            .as_ref()
            .map(|d| (d.n as usize, d.percent)),
        p_percent: document.p_percent,
        prior_posterior: document
            .prior_posterior
            .as_ref()
            .map(|rule| (rule.p, rule.q)),
    })
}

/// The most values of an unsafe number that a plan may ask for.
const MOST_VALUES: u64 = 100;

fn check_count_interval(document: &ProtectDocument, path: &Path, findings: &mut Collector) {
    let (least, most) = (CountInterval::LEAST, MOST_VALUES);
    match document.count_interval {
        CountInterval::Values(values) if !(least..=most).contains(&values) => {
            findings
                .add(
                    path,
                    format!("is from {least} to {most} values, or \"full\""),
                )
                .help("count_interval = 3");
        }
        CountInterval::Full if u64::from(document.min_persons) > most => {
            findings.add(
                path,
                format!("is \"full\" only where `min_persons` is at most {most}"),
            );
        }
        usual if usual == CountInterval::default() => {}
        _ if document.method != Method::Suppress => {
            findings
                .add(
                    path,
                    format!(
                        "`{}` suppresses no number of persons",
                        document.method.name()
                    ),
                )
                .help("leave `count_interval` out, or use `method = \"suppress\"`");
        }
        _ => {}
    }
}

/// A sum of enough persons can still be one person's value and small change.
pub(super) fn check_concentration(
    measures: &[Measure],
    protect: &ProtectDocument,
    path: &Path,
    findings: &mut Collector,
) {
    let adds = |measure: &Measure| !measure.what.is_count();
    let ruled = protect.dominance.is_some()
        || protect.p_percent.is_some()
        || protect.prior_posterior.is_some();
    // Noise hides each contribution up to what it is clipped to.
    let hides_all = protect.method == Method::Noise;
    if !ruled && !hides_all && measures.iter().any(adds) {
        findings
            .add(
                &path.at("protect"),
                "sums and means need a rule against one person making up most of them",
            )
            .help("such as dominance = { n = 2, percent = 85 }, or p_percent = 10");
    }
}

/// A cell that is published anyway is named in full, with who answers for it.
pub(super) fn check_publish(
    document: &TableDocument,
    by: &[DimensionPlan],
    path: &Path,
    findings: &mut Collector,
) {
    for (i, exception) in document.protect.publish.iter().enumerate() {
        let path = path.at("protect").at("publish").at(i);
        for (key, text) in [
            ("reason", &exception.reason),
            ("approver", &exception.approver),
        ] {
            if text.trim().is_empty() {
                findings.add(&path.at(key), "is empty");
            }
        }
        let path = path.at("cell");
        for dimension in by
            .iter()
            .filter(|by| !exception.cell.contains_key(&by.name))
        {
            let name = &dimension.name;
            findings
                .add(&path, format!("does not say which `{name}`"))
                .help("a category, or \"total\"");
        }
        for name in exception.cell.keys() {
            let names = by.iter().map(|dimension| dimension.name.as_str());
            if !names.clone().any(|other| other == name) {
                let rule = "is no dimension of the table".to_owned();
                not_found(name, rule, names, (document, by), &path.at(name), findings);
            }
        }
    }
}
