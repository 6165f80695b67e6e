//! Whether there is room for an output, asked before the work begins.

use std::path::Path;

use crate::failure::Refusal;

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
