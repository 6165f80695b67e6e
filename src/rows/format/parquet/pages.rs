//! The pages of a column chunk, looked through before one is decoded.
//!
//! Each header is walked by its own bytes, and what it claims is compared with
//! the bytes that are there. A page may be compressed to a thousandth at most,
//! unless it is small: so what is decoded stays in proportion to what was sent.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use super::thrift::{self, Bad};

/// Bytes that a page may have when it is not compressed, whatever it was
/// compressed to; and how many times its compressed bytes beyond that.
const ANY_PAGE: u64 = 64 << 20;
const MOST_TIMES: u64 = 1000;

/// Bytes that are read of a header at first, and at most.
const WINDOW: u64 = 8 << 10;
const MOST_HEADER: u64 = 16 << 20;

/// Why pages are not decoded.
pub(super) enum UndecodedPages {
    Damaged,
    Io(std::io::Error),
}

impl From<std::io::Error> for UndecodedPages {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Looks through the pages of the column chunk in bytes `chunk` of `file`.
pub(super) fn check(file: &mut &File, chunk: Range<u64>) -> Result<(), UndecodedPages> {
    let mut window = FileWindow::default();
    let mut at = chunk.start;
    while at < chunk.end {
        let page = window.page(file, at..chunk.end)?;
        let body = at + page.header as u64;
        let most = ANY_PAGE.max(page.compressed.saturating_mul(MOST_TIMES));
        if page.compressed > chunk.end - body || page.uncompressed > most {
            return Err(UndecodedPages::Damaged);
        }
        at = body + page.compressed;
    }
    Ok(())
}

/// Some bytes of a file, from `start` on.
#[derive(Default)]
struct FileWindow {
    start: u64,
    bytes: Vec<u8>,
}

impl FileWindow {
    /// The header of the page that begins `rest` of a chunk.
    fn page(
        &mut self,
        file: &mut &File,
        rest: Range<u64>,
    ) -> Result<thrift::PageSizes, UndecodedPages> {
        let mut length = WINDOW;
        loop {
            let known = rest.start.checked_sub(self.start);
            let known = known.and_then(|from| self.bytes.get(usize::try_from(from).ok()?..));
            match known.map(thrift::page) {
                Some(Ok(sizes)) => return Ok(sizes),
                Some(Err(Bad::Damaged)) => return Err(UndecodedPages::Damaged),
                Some(Err(Bad::Short)) | None => {}
            }
            let had = known.map_or(0, |known| known.len() as u64);
            let left = rest.end - rest.start;
            while length <= had {
                length *= 8;
            }
            if had == left || length > MOST_HEADER {
                return Err(UndecodedPages::Damaged);
            }
            self.read(file, rest.start, length.min(left))?;
        }
    }

    fn read(&mut self, file: &mut &File, start: u64, length: u64) -> std::io::Result<()> {
        self.start = start;
        self.bytes.clear();
        file.seek(SeekFrom::Start(start))?;
        file.take(length).read_to_end(&mut self.bytes)?;
        Ok(())
    }
}
