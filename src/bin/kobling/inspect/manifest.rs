//! `kobling inspect manifest.json`: what a release says of how it came about.

use std::fmt::Write as _;
use std::path::Path;

use kobling::Manifest;
use kobling::plan::document::CountInterval;
use kobling::release::manifest::{AuditSummary, BASE, InputRecord, RulesRecord};
use serde_json::json;

use crate::console::Report;
use crate::failure::Failure;
use crate::show;

/// Groups of base rows that are shown of a look-up, at most.
const MOST: usize = 30;

pub(super) fn run(file: &Path) -> Result<Report, Failure> {
    let manifest = Manifest::read(file)?;
    let mut text = format!("{}: the manifest of a release\n", file.display());
    // Writing to a String cannot fail.
    let _ = write(&mut text, &manifest);
    let mut json = json!(manifest);
    json["kind"] = json!("manifest");
    json["file"] = json!(file.display().to_string());
    let mut report = Report::new(text, json);
    report.warnings = show::warnings(&manifest);
    Ok(report)
}

/// What a file says may be anything: control characters are shown as escapes.
fn write(out: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let says = [
        ("project", &manifest.plan.project.id),
        ("plan", &manifest.plan_digest),
        ("made at", &manifest.made_at),
        ("key check", &manifest.key_check),
        ("version", &manifest.kobling),
    ];
    for (key, value) in says {
        writeln!(out, "  {key:<11} {}", show::one_line(value))?;
    }
    if manifest.rehearsal {
        writeln!(out, "  a rehearsal: nothing here is a result")?;
    }
    for input in &manifest.inputs {
        writeln!(out, "{}", words(input))?;
    }
    for table in &manifest.tables {
        writeln!(out, "table {}", show::one_line(&table.name))?;
        writeln!(out, "  {}", rules(&table.rules))?;
        show::utility(out, table)?;
        show::match_rates(out, table, MOST)?;
    }
    for audit in &manifest.audits {
        writeln!(out, "{}", verdict(audit))?;
    }
    if let Some(ledger) = &manifest.ledger {
        let digest = show::one_line(&ledger.digest);
        writeln!(out, "ledger: entry {}, digest {digest}", ledger.entry)?;
    }
    writeln!(out, "what it does not protect against:")?;
    for limit in &manifest.limits {
        writeln!(out, "  {}", show::one_line(limit))?;
    }
    Ok(())
}

/// What was audited, in a sentence.
fn verdict(audit: &AuditSummary) -> String {
    let measures = audit.measures.join(", ");
    let text = format!(
        "audit of {}: {} cells, {} suppressed; no unsafe one can be computed",
        show::one_line(&measures),
        audit.cells,
        audit.suppressed
    );
    match audit.count_interval {
        Some(CountInterval::Values(values)) => {
            text + &format!(
                ", and of each at least {values} consecutive values are proven to be possible"
            )
        }
        Some(CountInterval::Full) => {
            text + ", and of each all values below the threshold are proven to be possible"
        }
        None => text,
    }
}

fn words(input: &InputRecord) -> String {
    let quarantined = input.quarantine.values().filter_map(|rows| rows.get());
    let sum = quarantined.fold(0u64, |sum, rows| sum.saturating_add(rows));
    let quarantined = match (sum, input.quarantine.len()) {
        (0, 1..) => format!("fewer than {BASE}"),
        _ => sum.to_string(),
    };
    format!(
        "source {}: about {} rows read, {} kept, {} filtered, {quarantined} quarantined",
        show::one_line(&input.source),
        input.rows_read,
        input.rows,
        input.rows_filtered,
    )
}

/// The method and the rules of a table, in a sentence.
fn rules(rules: &RulesRecord) -> String {
    let (method, least) = (rules.method.name(), rules.min_persons);
    let mut text = format!("method {method}, min_persons {least}");
    if !rules.concentration.is_empty() {
        let names = show::one_line(&rules.concentration.join(", "));
        text.push_str(&format!("; {names}, whose parameters are not in a release"));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{AuditSummary, CountInterval, verdict};

    #[test]
    fn a_verdict_says_which_promise_was_kept() {
        let audit = json!({
            "measures": ["t.persons"],
            "cells": 90,
            "suppressed": 20,
            "primes": [3, 5],
        });
        let mut audit: AuditSummary = serde_json::from_value(audit).expect("an audit");
        let whole =
            "audit of t.persons: 90 cells, 20 suppressed; no unsafe one can be computed".to_owned();
        assert_eq!(verdict(&audit), whole);
        for (promise, words) in [
            (
                CountInterval::Values(4),
                "at least 4 consecutive values are proven to be possible",
            ),
            (
                CountInterval::Full,
                "all values below the threshold are proven to be possible",
            ),
        ] {
            audit.count_interval = Some(promise);
            assert_eq!(verdict(&audit), format!("{whole}, and of each {words}"));
        }
    }
}
