//! The larger registers and the reference data, which are not in the repository.

use std::path::PathBuf;

/// What is at `path` in the folder that `KOBLING_DATA` names; none, and said so, if it
/// names none.
///
/// # Panics
///
/// If the folder has nothing there: a test is not skipped where the data are meant to be.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("KOBLING_DATA") else {
        println!("skipped: KOBLING_DATA names no folder of larger data");
        return None;
    };
    let found = PathBuf::from(folder).join(path);
    assert!(found.exists(), "KOBLING_DATA has nothing at {path}");
    Some(found)
}
