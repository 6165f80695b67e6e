//! `kobling plan`: all that is wrong with a plan, or what it does in words; a first
//! plan of registers; and the language for editors.

mod new;

use std::path::Path;

use kobling::Plan;
use kobling::plan::{Date, SCHEMA, Source};
use serde_json::json;

use crate::console::Report;
use crate::failure::Failure;

pub(crate) use new::new;

/// The JSON Schema of plans, as it is.
pub(crate) fn schema() -> Report {
    let json = serde_json::from_str(SCHEMA).unwrap_or_default();
    Report::new(SCHEMA.to_owned(), json)
}

pub(crate) fn check(path: &Path, on: Option<Date>) -> Result<Report, Failure> {
    let plan = Plan::examine(path)?.map_err(|findings| Failure::Findings {
        plan: path.to_owned(),
        findings,
    })?;
    // A draft is checked before it is approved: that it may not run is no finding.
    let today = plan.may_run().is_ok();
    let asked = on.map_or_else(|| plan.clone(), |on| plan.at(on));
    let may_not_run = asked.may_run().err();
    let when = on.map_or("today".to_owned(), |on| format!("on {on}"));
    let notes = plan.notes();
    let may_not = may_not_run.iter();
    let may_not = may_not.map(|error| format!("{}: it cannot run {when}: {error}", path.display()));
    let notes = notes
        .iter()
        .map(|note| format!("{}: {note}", path.display()));
    let warnings: Vec<String> = may_not.chain(notes).collect();
    let mut json = json!({
        "ok": true,
        "file": path.display().to_string(),
        "project": plan.project(),
        "epoch": plan.epoch(),
        "plan_digest": plan.digest().to_string(),
        "sources": plan.sources().iter().map(Source::name).collect::<Vec<_>>(),
        "tables": plan.table_names().collect::<Vec<_>>(),
        "may_run_today": today,
        "warnings": warnings,
    });
    if let Some(on) = on {
        json["on"] = json!(on.to_string());
        json["may_run_on"] = json!(may_not_run.is_none());
    }
    let text = format!("{}\n{}: ok\n", plan.summary(), path.display());
    Ok(Report {
        warnings,
        ..Report::new(text, json)
    })
}
