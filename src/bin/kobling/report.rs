//! Where the suppression report goes: next to the ledger, and never into the release.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use kobling::protect::ReportSummary;

use crate::failure::Failure;
use crate::output::refuse_existing;

/// Where the report of a release into the folder `out` goes: to `asked`, or
/// a file next to `ledger` by the number of its `entry`; nowhere if there is neither.
///
/// # Errors
///
/// Refuses what exists already, what lies in `out`, and what is the ledger's.
pub(crate) fn place(
    asked: Option<&Path>,
    ledger: Option<(&Path, u64)>,
    out: &Path,
) -> Result<Option<PathBuf>, Failure> {
    let path = match (asked, ledger) {
        (Some(asked), _) => asked.to_owned(),
        (None, Some((ledger, entry))) => default_path(ledger, entry),
        (None, None) => return Ok(None),
    };
    if resolved(&path).starts_with(resolved(out)) {
        let rule = "the report would lie in the release's folder, and is not for the recipient";
        let help = "choose a place where the linkage unit keeps it, such as next to its ledger";
        return Err(Failure::refused(&path, rule).help(help));
    }
    if let Some((ledger, _)) = ledger {
        let own = ["", ".head", ".lock"].map(|ending| resolved(&with(ledger, ending)));
        if own.contains(&resolved(&path)) {
            let rule = "is a file of the ledger";
            return Err(Failure::refused(&path, rule).help("choose another name with --report"));
        }
    }
    refuse_existing(&path)?;
    Ok(Some(path))
}

/// The report on an entry of a ledger: `ledger.report-3.jsonl` next to `ledger.jsonl`.
pub(crate) fn default_path(ledger: &Path, entry: u64) -> PathBuf {
    with(&stem(ledger), &format!(".report-{entry}.jsonl"))
}

/// What the names of a ledger, of its head and of its reports begin with.
pub(crate) fn stem(ledger: &Path) -> PathBuf {
    match ledger.extension().is_some_and(|ending| ending == "jsonl") {
        true => ledger.with_extension(""),
        false => ledger.to_owned(),
    }
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// The path without links and detours, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::CurDir => {}
            component => resolved.push(component),
        }
        if let Ok(there) = resolved.canonicalize() {
            resolved = there;
        }
    }
    resolved
}

/// How many figures are suppressed for which reason, and where it says of which.
pub(crate) fn words(summary: &ReportSummary, path: Option<&Path>) -> String {
    let mut text = String::new();
    for (table, measures) in &summary.tables {
        for (measure, reasons) in measures {
            if reasons.is_empty() {
                continue;
            }
            let reasons: Vec<String> = reasons
                .iter()
                .map(|(reason, figures)| format!("{reason} {figures}"))
                .collect();
            text.push_str(&format!("  {table}, {measure}: {}\n", reasons.join(", ")));
        }
    }
    if !text.is_empty() {
        text.insert_str(0, "Why figures are suppressed:\n");
    }
    match path {
        Some(path) => text.push_str(&format!(
            "The suppression report is {}: for the linkage unit and the\n\
             risk owner, and not for the recipient.\n",
            path.display()
        )),
        None if !text.is_empty() => {
            text.push_str("--report FILE writes that cell by cell, for the risk owner.\n");
        }
        None => {}
    }
    text
}
