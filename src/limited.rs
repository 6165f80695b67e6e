//! Files that are read whole: regular ones, and no larger than what they can be.
//!
//! A pipe may never end, and a device neither; who gives one of them as a plan
//! would wait for ever, or for memory to run out.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
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
    let refuse = |rule: &str| Err(Error::new(ErrorKind::File, rule).in_file(path));
    let Some(file) = open_regular(path).map_err(unreadable)? else {
        return refuse(NO_FILE);
    };
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

/// The file at `path` to read; `None` if it is a pipe, a device, or other than
/// a file. A folder is an error of its own, which says what it is.
pub(crate) fn open_regular(path: &Path) -> io::Result<Option<File>> {
    // To open a device may do something already.
    if is_special(path)? {
        return Ok(None);
    }
    // And again what was opened, which may be something else by now; without
    // waiting for whoever writes to a pipe.
    let mut options = OpenOptions::new();
    no_waiting(options.read(true));
    let mut file = options.open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        // Reading a folder is what the system has a reason against.
        file.read_exact(&mut [0])?;
    }
    Ok(metadata.is_file().then_some(file))
}

/// Has a pipe opened without waiting for its other end. Of a file nothing is changed.
#[cfg(unix)]
pub(crate) fn no_waiting(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
}

/// Elsewhere no pipe has a name in a folder.
#[cfg(not(unix))]
pub(crate) fn no_waiting(_: &mut OpenOptions) {}

/// Whether `path` is there, and neither a file nor a folder: a folder says what
/// it is when it is read.
pub(crate) fn is_special(path: &Path) -> io::Result<bool> {
    let kind = std::fs::metadata(path)?.file_type();
    Ok(!kind.is_file() && !kind.is_dir())
}
