//! `kobling inspect`: what a file says of itself; and what the identifiers of a
//! register are like, which says nothing of itself.
//!
//! The two are distinguished by the arguments, not by the file: a register can be
//! an Arrow file as an extract is, and only a plan says how to read one.

mod manifest;
mod register;

use std::path::Path;

use kobling::{ErrorKind, Inspection, KeyKind, ReadOptions};
use serde_json::json;

use crate::arguments::Inspect;
use crate::command::quoted;
use crate::console::{Console, Report};
use crate::failure::Failure;

pub(crate) fn run(arguments: &Inspect, console: &Console) -> Result<Report, Failure> {
    match (arguments.register(), arguments.files.as_slice()) {
        (Some((plan, source)), _) => register::run(&plan.read()?, source, arguments, console),
        (None, [file]) => of_itself(file, &arguments.reading.options()),
        (None, files) => {
            let more = files.get(1).unwrap_or(&files[0]);
            let help = "one file at a time; or, for a register of several, --plan and --source";
            Err(Failure::refused(more, "is one file too many").help(help))
        }
    }
}

fn of_itself(file: &Path, options: &ReadOptions) -> Result<Report, Failure> {
    if file.extension().is_some_and(|ending| ending == "json") {
        return manifest::run(file);
    }
    let inspection = match Inspection::read_with(file, options) {
        Ok(inspection) => inspection,
        Err(error) => {
            return Err(match elsewhere(file, error.kind()) {
                Some((rule, help)) => Failure::refused(file, rule).help(help),
                None => error.into(),
            });
        }
    };
    let mut json = json!(inspection);
    json["file"] = json!(file.display().to_string());
    let text = format!("{}: {inspection}", file.display());
    Ok(Report::new(text, json))
}

/// What else of kobling's the file is, and where to go with it.
fn elsewhere(file: &Path, kind: ErrorKind) -> Option<(&'static str, String)> {
    if file.is_dir() {
        // Of something that is meant to be a folder of parts the error says more.
        let is_part =
            |entry: std::fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b"part-");
        let mut entries = std::fs::read_dir(file).into_iter().flatten().flatten();
        let help = "name one of the files in it, such as a table of a release";
        return (!entries.any(is_part)).then(|| ("is a folder", help.to_owned()));
    }
    if kind != ErrorKind::Extract {
        return None;
    }
    let ending = file.extension().and_then(|ending| ending.to_str());
    if ending == Some("toml") {
        let help = format!("kobling plan check {}", quoted(file));
        return Some(("looks like a plan, not an extract or a table", help));
    }
    // By its name where it cannot be asked: others may read it.
    if KeyKind::of_file(file).is_ok() || ending == Some("key") {
        let help = format!("kobling key show {}", quoted(file));
        return Some(("looks like a key file, not an extract or a table", help));
    }
    let help = match ending? {
        "csv" => {
            "CSV says nothing of itself; inspect the table's .arrow or .parquet, \
             or a register with --plan and --source"
        }
        _ => return None,
    };
    Some((
        "is neither an extract nor a table of a release",
        help.to_owned(),
    ))
}
