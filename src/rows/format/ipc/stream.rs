//! Arrow IPC streams that are in files: messages one after another.
//!
//! All of them are found before one is decoded, by what each says of its own
//! length. No length is believed that goes beyond the file.

use arrow_ipc::{Block, MessageHeader};

use super::{CONTINUATION, Holds, Ipc, IpcBytes, PREFIX, damaged, schema_of};
use crate::error::Result;

/// Finds all messages of the stream in `source`.
pub(super) fn read(mut source: IpcBytes, length: u64) -> Result<Ipc> {
    let mut found = None;
    let mut blocks = Vec::new();
    let mut at = 0;
    loop {
        let prefix = PREFIX as u64;
        let left = length - at;
        if left < prefix {
            return Err(damaged());
        }
        let start = source.slice(at, prefix)?;
        let (marker, size) = start.split_first_chunk::<4>().ok_or_else(damaged)?;
        let size = size.first_chunk().ok_or_else(damaged)?;
        let size = u64::from(u32::from_le_bytes(*size));
        if marker != CONTINUATION || size > left - prefix {
            return Err(damaged());
        }
        if size == 0 {
            // The end marker; what follows it would be another file.
            if left > prefix {
                return Err(damaged());
            }
            break;
        }
        let metadata = source.metadata(at, prefix + size)?;
        let message = metadata.message()?;
        let body = u64::try_from(message.bodyLength()).map_err(|_| damaged())?;
        if body > left - prefix - size {
            return Err(damaged());
        }
        let block = Block::new(
            i64::try_from(at).map_err(|_| damaged())?,
            i32::try_from(prefix + size).map_err(|_| damaged())?,
            message.bodyLength(),
        );
        match (message.header_type(), &found) {
            (MessageHeader::Schema, None) => {
                let schema = message.header_as_schema().ok_or_else(damaged)?;
                found = Some((schema_of(schema)?, message.version()));
            }
            (MessageHeader::DictionaryBatch, Some(_)) => blocks.push((Holds::Dictionary, block)),
            (MessageHeader::RecordBatch, Some(_)) => blocks.push((Holds::Batch, block)),
            _ => return Err(damaged()),
        }
        at += prefix + size + body;
    }
    let (schema, version) = found.ok_or_else(damaged)?;
    Ok(Ipc {
        source,
        schema,
        version,
        blocks,
        is_stream: true,
        length,
    })
}
