//! Whether a file is still the one that it was.
//!
//! A register that is copied over, appended to or cut while it is read gives
//! rows of two states, or only some of either, and nothing in the bytes says
//! so. What the file system says of the file does: it is asked before the first
//! byte and after the last one.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, ErrorKind, Result};

/// What the file system says of a file, as far as a change of it changes that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// The device and the file on it: another one may have taken its name.
    file: (u64, u64),
}

impl Stamp {
    /// What is said of the file at `path` now.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path).map_err(|error| Error::file(path, "read", &error))?;
        Ok(Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            file: place(&metadata),
        })
    }

    /// Refuses the file at `path`, if something else is said of it now.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        match Self::of(path) {
            Ok(now) if now == *self => Ok(()),
            _ => {
                let rule = "was changed while it was read";
                let help = "read it again when nothing writes to it, or a copy of it";
                Err(Error::new(ErrorKind::Rows, rule).help(help))
            }
        }
    }
}

#[cfg(unix)]
fn place(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> (u64, u64) {
    (0, 0)
}
