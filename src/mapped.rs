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

use crate::error::{Error, Result};

/// The bytes of the file at `path`.
///
/// Whoever shortens the file meanwhile ends this process (the system sends it
/// a signal), and whoever writes into it changes what is read after it was
/// verified. Files that kobling writes are never written into: they are
/// renamed to their place when they are whole, and replaced, not changed.
///
/// # Errors
///
/// [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be opened or mapped.
pub(crate) fn map(path: &Path) -> Result<Buffer> {
    let refuse = |error| Error::file(path, "read the file", &error);
    let file = File::open(path).map_err(refuse)?;
    if file.metadata().map_err(refuse)?.len() == 0 {
        // There is nothing to map, and the system refuses to.
        return Ok(Buffer::from_vec(Vec::<u8>::new()));
    }
    // SAFETY: the map must not change while it is borrowed. This process only
    // reads it; that no other writes into it is what the caller is told above.
    // Nothing that is read through it is trusted to stay as it was: numbers
    // index with bounds checks, and text is copied when it is checked.
    #[allow(unsafe_code)]
    let map = unsafe { Mmap::map(&file) }.map_err(refuse)?;
    Ok(Buffer::from(Bytes::from_owner(map)))
}
