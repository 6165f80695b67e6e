//! `kobling inspect manifest.json`: what a release says of how it came about.

use std::fmt::Write as _;
use std::path::Path;

use kobling::Manifest;
use kobling::release::manifest::InputRecord;
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
        writeln!(out, "  {key:<11} {}", value.escape_debug())?;
    }
    if manifest.rehearsal {
        writeln!(out, "  a rehearsal: nothing here is a result")?;
    }
    for input in &manifest.inputs {
        writeln!(out, "{}", words(input))?;
    }
    for table in &manifest.tables {
        writeln!(out, "table {}", table.name.escape_debug())?;
        show::utility(out, table)?;
        show::match_rates(out, table, MOST)?;
    }
    Ok(())
}

fn words(input: &InputRecord) -> String {
    let quarantined = input.quarantine.values();
    let quarantined = quarantined.fold(0u64, |sum, rows| sum.saturating_add(*rows));
    format!(
        "source {}: about {} rows read, {} kept, {} filtered, {quarantined} quarantined",
        input.source.escape_debug(),
        input.rows_read,
        input.rows,
        input.rows_filtered,
    )
}
