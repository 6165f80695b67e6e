//! Whether there is room for an output, asked before the work begins.
//!
//! An hour's run that ends at a file in its way is an hour lost; and an output
//! named like an input must not destroy the register.

use std::ffi::OsString;
use std::fs::File;
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
        _ => refuse_unwritable(path),
    }
}

/// Refuses `path` if nothing can be written beside it under such a name as it has
/// until it is whole: a folder that is not writable, or a name that is too long.
fn refuse_unwritable(path: &Path) -> Result<(), Failure> {
    let Some(name) = path.file_name() else {
        return Err(Failure::refused(path, "is not the name of a file"));
    };
    let mut tried = OsString::from(".");
    tried.push(name);
    tried.push(format!(".{:016x}.part", std::process::id()));
    let tried = path.with_file_name(tried);
    let created = File::options().write(true).create_new(true).open(&tried);
    created
        .and_then(|_| std::fs::remove_file(&tried))
        .map_err(|error| Failure::io(path, "write here", &error))
}
