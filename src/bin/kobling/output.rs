//! Whether there is room for an output, asked before the work begins.
//!
//! An hour's run that ends at a file in its way is an hour lost; and an output
//! named like an input must not destroy the register.

use std::path::Path;

use crate::command::quoted;
use crate::failure::Failure;

/// Refuses `path` if anything is there, or if its folder is not.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), Failure> {
    if std::fs::symlink_metadata(path).is_ok() {
        let rule = "exists already; nothing is overwritten";
        return Err(Failure::refused(path, rule).help("choose another name, or move this one away"));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(Failure::refused(
                path,
                "the folder that it is to be written to does not exist",
            )
            .help(format!("mkdir -p {}", quoted(folder))))
        }
        _ => Ok(()),
    }
}
