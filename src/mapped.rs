//! Files mapped into memory, and read where they lie; or copied, if the caller says so.
//!
//! Two extracts of a hundred million rows are larger than the memory of many a
//! machine; mapped, they are pages that the system may drop and read again. But
//! the process ends if somebody shortens a mapped file, and to a server that is
//! more than a refused file. The one `unsafe` call of the default build is here.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use arrow_buffer::{Buffer, MutableBuffer};
use bytes::Bytes;
use memmap2::Mmap;

use crate::error::{Error, ErrorKind, Result};
use crate::limited::{NO_FILE, open_regular};

/// How the files of extracts are read.
///
/// # Examples
///
/// ```
/// use kobling::{Extract, Plan, ReadOptions, Result};
///
/// // In a server: whatever becomes of the file, the process goes on.
/// fn read(plan: &Plan, path: &str) -> Result<Extract> {
///     Extract::read_with(plan, path, &ReadOptions::new().map(false))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    map: bool,
}

impl ReadOptions {
    /// What is done where nothing is said: files are mapped.
    pub fn new() -> Self {
        Self { map: true }
    }

    /// Whether Arrow files are mapped into memory (`true`, unless it is said), or copied.
    ///
    /// A mapped file needs no memory but the system's page cache. But whoever shortens
    /// it before all that was read from it is dropped ends this process: the system
    /// sends it SIGBUS. A file that is copied needs as many bytes of memory as it has;
    /// if it is shortened while it is read it is refused, and afterwards nothing that
    /// becomes of it matters.
    #[must_use]
    pub fn map(self, map: bool) -> Self {
        Self { map }
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// The file at `path`, to be read as [`content`].
///
/// # Errors
///
/// [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be opened, or is no
/// regular file: a pipe or a device may never end.
pub(crate) fn open(path: &Path) -> Result<File> {
    let file = open_regular(path).map_err(|error| unreadable(path, &error))?;
    file.ok_or_else(|| Error::new(ErrorKind::File, NO_FILE).in_file(path))
}

/// The bytes of `file`, as `options` say; `path` is where it was opened.
///
/// # Errors
///
/// [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be read, or has
/// another length when it was read than before.
pub(crate) fn content(file: &File, path: &Path, options: &ReadOptions) -> Result<Buffer> {
    if options.map {
        return map(file, path);
    }
    let length = |file: &File| {
        let metadata = file.metadata();
        metadata
            .map(|metadata| metadata.len())
            .map_err(|error| unreadable(path, &error))
    };
    let before = length(file)?;
    let bytes = copied(file, before, path)?;
    match length(file)? == before {
        true => Ok(bytes),
        false => Err(changed(path)),
    }
}

/// `length` bytes of `file` from where it is read next.
fn copied(mut file: &File, length: u64, path: &Path) -> Result<Buffer> {
    let buffer = usize::try_from(length).ok();
    let buffer = buffer.and_then(|length| MutableBuffer::try_from_len_zeroed(length).ok());
    let mut buffer = buffer.ok_or_else(|| {
        let rule = "is too large to be copied into memory";
        Error::new(ErrorKind::File, rule).in_file(path)
    })?;
    file.read_exact(buffer.as_slice_mut())
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => changed(path),
            _ => unreadable(path, &error),
        })?;
    Ok(buffer.into())
}

fn changed(path: &Path) -> Error {
    let rule = "was changed while it was read";
    let help = "read it again when nothing writes to it, or a copy of it";
    Error::new(ErrorKind::File, rule).in_file(path).help(help)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::file(path, "read the file", error)
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
    let refuse = |error| unreadable(path, &error);
    if file.metadata().map_err(refuse)?.len() == 0 {
        // The system does not map nothing.
        return Ok(Buffer::from_vec(Vec::<u8>::new()));
    }
    // SAFETY: the map must not change while it is borrowed. This process only
    // reads it; that no other writes into it is what callers are asked for above,
    // and users where they name the file (`Extract::read`, `Inspection::read`).
    // If one does all the same: what is read in the map is numbers, for which
    // every value is one, and which index with bounds checks. What leads by its
    // own offsets is copied before it is checked: metadata, dictionaries, text
    // and lists (`rows::format::ipc`).
    #[allow(unsafe_code)]
    let map = unsafe { Mmap::map(file) }.map_err(refuse)?;
    Ok(Buffer::from(Bytes::from_owner(map)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_has_the_same_bytes_mapped_and_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        for bytes in [vec![], vec![7; 5], vec![8; 100_000]] {
            fs::write(&path, &bytes).expect("a file");
            for map in [true, false] {
                let file = open(&path).expect("it is opened");
                let read = content(&file, &path, &ReadOptions::new().map(map));
                assert_eq!(read.expect("it is read").as_slice(), bytes, "{map}");
            }
        }
    }

    #[test]
    fn a_file_that_is_cut_before_its_last_byte_was_copied_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        fs::write(&path, [7; 5000]).expect("a file");
        let file = open(&path).expect("it is opened");
        let length = file.metadata().expect("it is there").len();
        // As others do it, meanwhile.
        let other = fs::OpenOptions::new().write(true).open(&path);
        other
            .and_then(|other| other.set_len(100))
            .expect("it is cut");
        let error = copied(&file, length, &path).expect_err("it is cut");
        assert_eq!(error.kind(), ErrorKind::File);
        assert_eq!(error.rule(), "was changed while it was read");
    }
}
