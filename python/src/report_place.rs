//! Where the suppression report goes: next to the ledger, and never into the release.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::failure::Refusal;

/// Where the report of a release into the folder `out` goes: to `asked`, or a file next to
/// `ledger` by the number of its `entry`; nowhere if there is neither.
///
/// # Errors
///
/// Refuses what exists already, what lies in `out`, and what is the ledger's.
pub(crate) fn report_place(
    asked: Option<&Path>,
    ledger: Option<(&Path, u64)>,
    out: Option<&Path>,
) -> Result<Option<PathBuf>, Refusal> {
    let path = match (asked, ledger) {
        (Some(asked), _) => asked.to_owned(),
        (None, Some((ledger, entry))) => default_path(ledger, entry),
        (None, None) => return Ok(None),
    };
    if out.is_some_and(|out| resolved(&path).starts_with(resolved(out))) {
        let rule = "the report would lie in the release's folder, and is not for the recipient";
        let help = "choose a place where the linkage unit keeps it, such as next to its ledger";
        return Err(Refusal::file(&path, rule).help(help));
    }
    if let Some((ledger, _)) = ledger {
        let own = ["", ".head", ".lock"].map(|ending| resolved(&with(ledger, ending)));
        if own.contains(&resolved(&path)) {
            return Err(Refusal::file(&path, "is a file of the ledger").help("choose another name"));
        }
    }
    refuse_existing(&path)?;
    Ok(Some(path))
}

/// An hour's run that ends at a file in its way is an hour lost: refuses `path` if anything is
/// there, or if its folder is not.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), Refusal> {
    if std::fs::symlink_metadata(path).is_ok() {
        let rule = "exists already; nothing is overwritten";
        return Err(Refusal::file(path, rule).help("choose another name, or move this one away"));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            let rule = "the folder that it is to be written to does not exist";
            Err(Refusal::file(path, rule))
        }
        _ => Ok(()),
    }
}

/// The report on an entry of a ledger: `ledger.report-3.jsonl` next to `ledger.jsonl`.
fn default_path(ledger: &Path, entry: u64) -> PathBuf {
    let stem = match ledger.extension().is_some_and(|ending| ending == "jsonl") {
        true => ledger.with_extension(""),
        false => ledger.to_owned(),
    };
    with(&stem, &format!(".report-{entry}.jsonl"))
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
