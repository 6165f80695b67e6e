//! The suppression report, as the program names its place and sums it up.

use std::path::{Path, PathBuf};

use kobling::protect::{ReportSummary, SuppressionReport};

use crate::failure::Failure;
use crate::output::refuse_existing;

/// [Where](SuppressionReport::place) the report of a release into the folder `out` goes.
///
/// # Errors
///
/// What that refuses, and what exists already.
pub(crate) fn place(
    asked: Option<&Path>,
    ledger: Option<(&Path, u64)>,
    out: &Path,
) -> Result<Option<PathBuf>, Failure> {
    let path = SuppressionReport::place(asked, ledger, Some(out))?;
    path.as_deref().map_or(Ok(()), refuse_existing)?;
    Ok(path)
}

/// What the names of a ledger, of its head and of its reports begin with.
pub(crate) fn stem(ledger: &Path) -> PathBuf {
    match ledger.extension().is_some_and(|ending| ending == "jsonl") {
        true => ledger.with_extension(""),
        false => ledger.to_owned(),
    }
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
