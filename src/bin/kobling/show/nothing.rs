//! Why a table has no cells: which step left no row.

use std::fmt::Write as _;

use kobling::Manifest;
use kobling::release::manifest::{InputRecord, TableRecord};
use serde_json::{Value, json};

/// Says which step left nothing of a table that has no cells.
pub(super) fn write(
    out: &mut String,
    manifest: &Manifest,
    table: &TableRecord,
) -> std::fmt::Result {
    let plan = json!(manifest.plan.tables.get(&table.name));
    let base = plan["from"].as_str().unwrap_or_default();
    let step = emptied(manifest, base).or_else(|| {
        let required = |source: &str| plan["with"][source]["need"] == "required";
        let none = table.look_ups.iter().find(|look_up| {
            required(&look_up.source) && look_up.matched.is_zero() && !look_up.unmatched.is_zero()
        })?;
        Some(unmatched(
            manifest,
            base,
            &none.source,
            &plan["with"][&none.source],
        ))
    });
    match step {
        Some(step) => writeln!(out, "  no cells: {step}"),
        None => writeln!(out, "  no cells: {}", conditions(&plan)),
    }
}

/// How an extract came to have no row, if it has none.
fn emptied(manifest: &Manifest, source: &str) -> Option<String> {
    let input = manifest
        .inputs
        .iter()
        .find(|input| input.source == source)?;
    if !input.rows.is_zero() {
        return None;
    }
    Some(if input.rows_read.is_zero() {
        format!("the register of {source} has no rows")
    } else if input.quarantine.is_empty() {
        format!("`keep` left out all rows of {source} that were read")
    } else if input.rows_filtered.is_zero() {
        let reason = most_frequent(input);
        format!("all rows of {source} are in quarantine, most of them for {reason}")
    } else {
        let reason = most_frequent(input);
        format!(
            "of {source} `keep` left rows out, and all others are in quarantine, most of them for {reason}"
        )
    })
}

fn most_frequent(input: &InputRecord) -> &str {
    let reasons = input.quarantine.iter();
    let most = reasons.max_by_key(|(_, rows)| rows.get());
    most.map_or("a reason that is not shown", |(reason, _)| reason)
}

/// That a look-up that the table needs found nobody, and why, as far as it is known.
fn unmatched(manifest: &Manifest, base: &str, source: &str, look_up: &Value) -> String {
    let words = format!("no row of {base} has a match in {source}, which the table requires");
    if let Some(step) = emptied(manifest, source) {
        return format!("{words}: {step}");
    }
    let narrowed: Vec<&str> = [("on", "`on`"), ("where", "`where`")]
        .into_iter()
        .filter(|(key, _)| look_up[key].as_array().is_some_and(|list| !list.is_empty()))
        .map(|(_, word)| word)
        .collect();
    match narrowed.is_empty() {
        true => format!("{words}: the two registers have no person in common"),
        false => format!(
            "{words}: the two registers have no person in common, or none by its {}",
            narrowed.join(" and ")
        ),
    }
}

/// The conditions that are left to have left nothing.
fn conditions(plan: &Value) -> String {
    let some = |conditions: &Value| conditions.as_array().is_some_and(|list| !list.is_empty());
    let places = [
        ("base.where", &plan["base"]["where"]),
        ("where", &plan["where"]),
    ];
    let given: Vec<&str> = places
        .into_iter()
        .filter(|(_, conditions)| some(conditions))
        .map(|(place, _)| place)
        .collect();
    let required: Vec<&String> = plan["with"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, look_up)| look_up["need"] == "required")
        .map(|(source, _)| source)
        .collect();
    match (given.as_slice(), required.as_slice()) {
        (given @ [_, ..], _) => {
            format!(
                "no row satisfies all conditions of `{}`",
                given.join("` and `")
            )
        }
        ([], [_, _, ..]) => {
            "no row has a match in every look-up that the table requires".to_owned()
        }
        _ => "no row satisfies the plan's conditions".to_owned(),
    }
}
