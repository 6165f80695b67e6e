//! `kobling inspect --plan … --source …`: what a register's identifiers are like.

use kobling::{ErrorKind, Inspection, Plan, Rows};
use serde_json::json;

use crate::arguments::Inspect;
use crate::command::quoted;
use crate::console::{Console, Report};
use crate::failure::Failure;

pub(super) fn run(
    plan: &Plan,
    source: &str,
    arguments: &Inspect,
    console: &Console,
) -> Result<Report, Failure> {
    let rows = Rows::open(plan, source, &arguments.files);
    let rows = rows.map_err(|error| match error.kind() {
        ErrorKind::Rows => no_register(arguments).unwrap_or(error.into()),
        _ => error.into(),
    })?;
    let readings = rows.readings();
    let watching = console.watching(format!("agency {source}"));
    let rows = rows.watched_by(watching.watch());
    let report = match arguments.exact {
        true => rows.exact_identifier_report()?,
        false => rows.identifier_report()?,
    };
    watching.all_read();
    drop(watching);
    let mut text = report.to_string();
    let mut json = json!(report);
    json["read_as"] = json!(readings.words());
    for words in readings.words() {
        text.push_str(&format!("  read as {words}\n"));
    }
    let mut said = Report::new(text, json);
    said.warnings = report.warnings;
    Ok(said)
}

/// What is said of a file that has no such column because it is kobling's own.
fn no_register(arguments: &Inspect) -> Option<Failure> {
    let own = |file: &&std::path::PathBuf| Inspection::read(file).is_ok();
    let file = arguments.files.iter().find(own)?;
    let rule = "is an extract, or a table of a release, and no register";
    let help = format!("kobling inspect {}", quoted(file));
    Some(Failure::refused(file, rule).help(help))
}
