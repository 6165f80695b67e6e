//! `kobling inspect`: what a file says of itself.

use std::path::Path;

use kobling::{ErrorKind, Inspection, KeyKind};
use serde_json::json;

use crate::command::quoted;
use crate::console::Report;
use crate::failure::Failure;

pub(crate) fn run(file: &Path) -> Result<Report, Failure> {
    let inspection = match Inspection::read(file) {
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
        let help = "name one of the files in it, such as a table of a release";
        return Some(("is a folder", help.to_owned()));
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
        "csv" => "CSV says nothing of itself; inspect the table's .arrow or .parquet",
        "json" => "the manifest of a release is text: any editor or browser shows it",
        _ => return None,
    };
    Some((
        "is neither an extract nor a table of a release",
        help.to_owned(),
    ))
}
