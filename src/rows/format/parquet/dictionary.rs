//! The texts of a column chunk's dictionary: how long the longest one is.
//!
//! A dictionary says a text once, and rows name it by a few bits or none. So a
//! few kilobytes may be a hundred thousand rows of one text of twenty megabytes,
//! and whoever copies it for each row needs the memory of them all.

use std::fs::File;
use std::sync::Arc;

use ::parquet::column::page::{Page, PageReader};
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::serialized_reader::SerializedPageReader;

use super::damaged;
use crate::error::Result;

/// Bytes of the longest text of the dictionary of `chunk`, or none if it has no
/// dictionary. `rows` is how many its row group has.
///
/// # Errors
///
/// The dictionary is damaged.
pub(super) fn longest(
    file: &Arc<File>,
    chunk: &ColumnChunkMetaData,
    rows: usize,
) -> Result<Option<usize>> {
    let pages = SerializedPageReader::new(Arc::clone(file), chunk, rows, None);
    let first = pages.and_then(|mut pages| pages.get_next_page());
    let Some(Page::DictionaryPage { buf, .. }) = first.map_err(|_| damaged())? else {
        return Ok(None);
    };
    let mut longest = 0;
    let mut rest = buf.as_ref();
    while !rest.is_empty() {
        let (length, texts) = rest.split_first_chunk().ok_or_else(damaged)?;
        let length = u32::from_le_bytes(*length) as usize;
        rest = texts.get(length..).ok_or_else(damaged)?;
        longest = longest.max(length);
    }
    Ok(Some(longest))
}
