//! Whether there is room for an output, asked before the work begins.
//!
//! An hour's run that ends at a file in its way is an hour lost; and an output
//! named like an input must not destroy the register.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::command::quoted;
use crate::console::Console;
use crate::failure::Failure;
use crate::stop;

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

/// Says what a run to these places left that was killed: its names are hidden. Or what
/// another run is writing just now, for which nothing is removed here.
pub(crate) fn warn_of_leftovers(places: &[PathBuf], console: &Console) {
    let left: BTreeSet<PathBuf> = places.iter().flat_map(|path| left_at(path)).collect();
    for path in left {
        console.note(&format!(
            "{} was left by a run that was killed, unless one is writing it: remove it",
            path.display()
        ));
    }
}

/// What has the hidden names of what is not finished at `path` yet.
fn left_at(path: &Path) -> Vec<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let is_left = |other: &str| {
        let Some(other) = other.strip_prefix('.') else {
            return false;
        };
        // What becomes a hidden file is hidden behind a further dot.
        let inner = other.strip_prefix('.').unwrap_or(other);
        let rest = other.strip_prefix(name).or(inner.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".part"))
    };
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
    let entries = entries.into_iter().flatten().flatten();
    let left = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_left));
    left.map(|entry| entry.path()).collect()
}

/// Refuses `path` if nothing can be written next to it under such a name as it has
/// until it is whole: a folder that is not writable, or a name that is too long.
fn refuse_unwritable(path: &Path) -> Result<(), Failure> {
    let Some(name) = path.file_name() else {
        return Err(Failure::refused(path, "is not the name of a file"));
    };
    let mut tried = OsString::from(".");
    tried.push(name);
    tried.push(format!(".{:016x}.part", std::process::id()));
    let tried = path.with_file_name(tried);
    // Who is asked to stop between the two would leave it.
    let made_and_removed = stop::after(|| {
        let created = File::options().write(true).create_new(true).open(&tried);
        created.and_then(|_| std::fs::remove_file(&tried))
    });
    made_and_removed.map_err(|error| Failure::io(path, "write here", &error))
}
