//! Files mapped into memory: read where they lie, never copied.
//!
//! Two extracts of a hundred million rows are larger than the memory of many a
//! machine; mapped, they are pages that the system may drop and read again.
//! The one `unsafe` call of the default build is here.

use std::fs::File;
use std::path::Path;

use arrow_buffer::Buffer;
use bytes::Bytes;
use memmap2::Mmap;

use crate::error::{Error, ErrorKind, Result};
use crate::limited::{NO_FILE, open_regular};

/// The file at `path`, to be read and [mapped](map).
///
/// # Errors
///
/// [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be opened, or is no
/// regular file: a pipe or a device may never end.
pub(crate) fn open(path: &Path) -> Result<File> {
    let file = open_regular(path).map_err(|error| Error::file(path, "read the file", &error))?;
    file.ok_or_else(|| Error::new(ErrorKind::File, NO_FILE).in_file(path))
}

/// The bytes of `file`, mapped; `path` is where it was opened.
///
/// Whoever shortens the file meanwhile ends this process (the system sends it
/// a signal), and whoever writes into it changes what is read after it was
/// verified. Files that kobling writes are never written into: they are
/// renamed to their place when they are whole, and replaced, not changed.
///
/// # Errors
///
/// [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be mapped.
pub(crate) fn map(file: &File, path: &Path) -> Result<Buffer> {
    let refuse = |error| Error::file(path, "read the file", &error);
    if file.metadata().map_err(refuse)?.len() == 0 {
        // The system does not map nothing.
        return Ok(Buffer::from_vec(Vec::<u8>::new()));
    }
    // SAFETY: the map must not change while it is borrowed. This process only
    // reads it; that no other writes into it is what callers are told above,
    // and users where they name the file (`Extract::read`, `Inspection::read`).
    // If one does all the same: what is read in the map is numbers, for which
    // every value is one, and which index with bounds checks. What leads by its
    // own offsets is copied before it is checked: metadata, dictionaries, text
    // and lists (`rows::ipc`).
    #[allow(unsafe_code)]
    let map = unsafe { Mmap::map(file) }.map_err(refuse)?;
    Ok(Buffer::from(Bytes::from_owner(map)))
}
