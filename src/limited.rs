//! Files that are read whole: regular ones, and no larger than what they can be.
//!
//! A pipe may never end, and a device neither; who gives one of them as a plan
//! would wait for ever, or for memory to run out.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// The bytes of the file at `path`, which has `most` of them at most.
///
/// # Errors
///
/// [`ErrorKind::File`] if it cannot be read, is no regular file, or is larger.
/// `what` is being done says the first.
pub(crate) fn read(path: &Path, most: u64, what: &str) -> Result<Vec<u8>> {
    let unreadable = |error| Error::file(path, what, &error);
    // Before it is opened: a pipe is waited for then.
    let refuse = |rule: &str| Err(Error::new(ErrorKind::File, rule).in_file(path));
    if is_special(path).map_err(unreadable)? {
        return refuse(NO_FILE);
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return refuse(NO_FILE);
    }
    let mut bytes = Vec::new();
    (&file)
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    match bytes.len() as u64 > most {
        true => refuse(&format!("is larger than {} MiB", most >> 20)),
        false => Ok(bytes),
    }
}

/// Why a pipe or a device is refused.
pub(crate) const NO_FILE: &str = "is no regular file";

/// Whether `path` is there, and neither a file nor a folder: a folder says what
/// it is when it is read.
pub(crate) fn is_special(path: &Path) -> std::io::Result<bool> {
    let kind = std::fs::metadata(path)?.file_type();
    Ok(!kind.is_file() && !kind.is_dir())
}
