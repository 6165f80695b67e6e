//! Where the suppression report goes: next to the ledger, and never into the release.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::SuppressionReport;
use crate::error::{Error, ErrorKind, Result};

impl SuppressionReport<'_> {
    /// Where the report of a release into the folder `out` goes: to `asked`, or
    /// [next to](Self::next_to) `ledger` by the number of its entry; nowhere if there is neither.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if it would lie in `out`, or be one of the ledger's own files.
    pub fn place(
        asked: Option<&Path>,
        ledger: Option<(&Path, u64)>,
        out: Option<&Path>,
    ) -> Result<Option<PathBuf>> {
        let path = match (asked, ledger) {
            (Some(asked), _) => asked.to_owned(),
            (None, Some((ledger, entry))) => Self::next_to(ledger, entry),
            (None, None) => return Ok(None),
        };
        let refused = |rule: &str| Error::new(ErrorKind::File, rule).in_file(&path);
        let is = resolved(&path);
        if out.is_some_and(|out| is.starts_with(resolved(out))) {
            let rule = "the report would lie in the release's folder, and is not for the recipient";
            let help = "choose a place where the linkage unit keeps it, such as next to its ledger";
            return Err(refused(rule).help(help));
        }
        let ledger = ledger.map(|(ledger, _)| ledger);
        let own = |ending| ledger.is_some_and(|ledger| resolved(&with(ledger, ending)) == is);
        if ["", ".head", ".lock"].into_iter().any(own) {
            return Err(refused("is a file of the ledger").help("choose another name"));
        }
        Ok(Some(path))
    }

    /// The report on an entry of a ledger: `ledger.report-3.jsonl` next to `ledger.jsonl`.
    pub fn next_to(ledger: &Path, entry: u64) -> PathBuf {
        let stem = match ledger.extension().is_some_and(|ending| ending == "jsonl") {
            true => ledger.with_extension(""),
            false => ledger.to_owned(),
        };
        with(&stem, &format!(".report-{entry}.jsonl"))
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
