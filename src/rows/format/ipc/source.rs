//! The bytes of an Arrow IPC file: bodies where they lie, metadata copied.
//!
//! Footers and the headers of messages are FlatBuffers. They are verified once,
//! and from then on read by offsets that they hold themselves, without another
//! look at the bounds. In a mapped file those bytes may be other ones by then,
//! and the offsets would lead out of the map. So [`Metadata`] is the one thing
//! here that can be parsed, and it is always this process's own copy.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::{Footer, Message, root_as_footer, root_as_message};

use super::{CONTINUATION, PREFIX, damaged};
use crate::error::{Error, Result};

/// The bytes of a file, in memory or on disk.
pub(super) enum IpcBytes {
    Memory(Buffer),
    Disk { file: File, path: Arc<Path> },
}

impl IpcBytes {
    /// Bytes `offset..offset + length`, which the caller has found to lie within
    /// the file; of a file in memory they are not copied.
    pub(super) fn slice(&mut self, offset: u64, length: u64) -> Result<Buffer> {
        let length = usize::try_from(length).map_err(|_| damaged())?;
        match self {
            Self::Memory(buffer) => {
                let offset = usize::try_from(offset).map_err(|_| damaged())?;
                Ok(buffer.slice_with_length(offset, length))
            }
            Self::Disk { file, path } => {
                let mut bytes =
                    MutableBuffer::try_from_len_zeroed(length).map_err(|_| damaged())?;
                file.seek(SeekFrom::Start(offset))
                    .and_then(|_| file.read_exact(bytes.as_slice_mut()))
                    .map_err(|error| Error::file(path, "read", &error))?;
                Ok(bytes.into())
            }
        }
    }

    /// [`slice`](Self::slice), in this process's own memory.
    pub(super) fn copied(&mut self, offset: u64, length: u64) -> Result<Buffer> {
        let bytes = self.slice(offset, length)?;
        Ok(match self {
            Self::Memory(_) => Buffer::from(bytes.as_slice()),
            Self::Disk { .. } => bytes,
        })
    }

    /// [`copied`](Self::copied), to be parsed.
    pub(super) fn metadata(&mut self, offset: u64, length: u64) -> Result<Metadata> {
        self.copied(offset, length).map(Metadata)
    }
}

/// A footer, or the beginning of a block, which nobody else can write into.
pub(super) struct Metadata(Buffer);

impl Metadata {
    pub(super) fn footer(&self) -> Result<Footer<'_>> {
        root_as_footer(&self.0).map_err(|_| damaged())
    }

    /// The message at the start of a block; before version 0.15 it had no continuation marker.
    pub(super) fn message(&self) -> Result<Message<'_>> {
        let prefix = if self.0.starts_with(CONTINUATION) {
            PREFIX
        } else {
            4
        };
        let message = self.0.get(prefix..).ok_or_else(damaged)?;
        root_as_message(message).map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapped::{map, open};

    #[test]
    fn what_is_parsed_lies_outside_of_a_mapped_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, [7; 4096]).expect("a file");
        let map = map(&open(&path).expect("it is opened"), &path).expect("it is mapped");
        let inside = |bytes: &[u8]| map.as_ptr_range().contains(&bytes.as_ptr());
        let mut source = IpcBytes::Memory(map.clone());
        assert!(inside(&source.slice(64, 128).expect("within")));
        assert!(!inside(&source.copied(64, 128).expect("within")));
        let metadata = source.metadata(64, 128).expect("within");
        assert!(!inside(&metadata.0));
        // And stays what it was, whatever becomes of the file.
        std::fs::write(&path, [8; 4096]).expect("it is written");
        assert_eq!(metadata.0.as_slice(), [7; 128]);
    }
}
