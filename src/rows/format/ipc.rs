//! Arrow IPC files and streams: record batches, of the asked fields or of all.
//!
//! Every place and length that a file names is checked against the file
//! before it is used, and every array is validated in full (offsets, UTF-8,
//! dictionary keys) before it is handed on: the file may be forged. Bodies may be
//! compressed in registers, to a thousandth at most unless they are small; an
//! extract is never written so.
//!
//! The format: Apache Arrow Columnar Format, "IPC File Format" and "IPC
//! Streaming Format". A stream may end without its end marker there. Here it may
//! not: nothing else would distinguish it from one that was cut short.

mod decoder;
mod source;
mod stream;

use std::collections::HashMap;
use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::read_footer_length;
use arrow_ipc::{Block, MetadataVersion};
use arrow_schema::{DataType, SchemaRef};

use decoder::Decoder;
use source::{IpcBytes, Metadata};

use super::{FileRequest, KnownBy, Opened, Opener, RegisterFormat, typed};
use crate::error::{Error, ErrorKind, Result};
use crate::rows::decode::guarded;

/// First and last bytes of a file; the first are padded to 8.
const MAGIC: &[u8] = b"ARROW1";
const START: u64 = 8;

/// Bytes after the footer: its length and the magic.
const TRAILER: u64 = 10;

/// Bytes before a message: continuation marker and length.
const PREFIX: usize = 8;
const CONTINUATION: &[u8] = &[0xff; 4];

pub(super) static IPC: RegisterFormat = RegisterFormat {
    endings: &["arrow", "ipc", "feather"],
    // A file; or a stream, which begins with a mark of continuation.
    known: KnownBy::Start(|start| start.starts_with(MAGIC) || start.starts_with(CONTINUATION)),
    parts,
    columns: |file| Ok(typed(Ipc::open(&file.path)?.schema())),
};

/// The whole file.
fn parts(file: &FileRequest) -> Result<Vec<Opener>> {
    file.project(Ipc::open(&file.path)?.schema())?;
    Ok(vec![Box::new(open)])
}

fn open(file: &FileRequest) -> Result<Opened> {
    let ipc = Ipc::open(&file.path)?;
    let projection = file.project(ipc.schema())?;
    Ok(Opened::new(
        ipc.batches(Some(projection.fields()))?,
        projection,
    ))
}

/// An Arrow IPC file or stream, of which all places have been found and checked.
struct Ipc {
    source: IpcBytes,
    schema: SchemaRef,
    version: MetadataVersion,
    /// In the order in which they count: of a file all dictionaries first.
    blocks: Vec<(Holds, Block)>,
    is_stream: bool,
    length: u64,
}

/// What a block holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Dictionary,
    Batch,
}

impl Ipc {
    /// Opens the file at `path`. Its batches are read one at a time.
    fn open(path: &Arc<Path>) -> Result<Self> {
        let unreadable = |error| Error::file(path, "read", &error);
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let path = Arc::clone(path);
        Self::new(IpcBytes::Disk { file, path }, length)
    }

    fn new(source: IpcBytes, length: u64) -> Result<Self> {
        guarded(AssertUnwindSafe(|| Self::read_footer(source, length)))
    }

    fn read_footer(mut source: IpcBytes, length: u64) -> Result<Self> {
        if length < START + TRAILER {
            return Err(damaged());
        }
        let start = source.slice(0, START)?;
        if start.starts_with(CONTINUATION) && matches!(source, IpcBytes::Disk { .. }) {
            return stream::read(source, length);
        }
        if !start.starts_with(MAGIC) {
            let rule = "cannot be read as Arrow IPC: it does not begin as a file of that format";
            let help = "Feather version 1 is not read: write it as version 2, or as Parquet";
            return Err(Error::new(ErrorKind::Rows, rule).help(help));
        }
        let trailer = source.slice(length - TRAILER, TRAILER)?;
        let trailer = trailer.as_slice().try_into().map_err(|_| damaged())?;
        let footer_length = read_footer_length(trailer).map_err(|_| damaged())? as u64;
        let footer_start = (length - TRAILER).checked_sub(footer_length);
        let footer_start = footer_start
            .filter(|start| *start >= START)
            .ok_or_else(damaged)?;
        let footer = source.metadata(footer_start, footer_length)?;
        let footer = footer.footer()?;
        let schema = footer.schema().ok_or_else(damaged)?;
        let schema = schema_of(schema)?;
        let dictionaries = footer.dictionaries().into_iter().flatten();
        let batches = footer.recordBatches().into_iter().flatten();
        let blocks = dictionaries
            .map(|block| (Holds::Dictionary, *block))
            .chain(batches.map(|block| (Holds::Batch, *block)));
        let ipc = Self {
            source,
            schema,
            version: footer.version(),
            blocks: blocks.collect(),
            is_stream: false,
            length,
        };
        ipc.check_blocks(footer_start)?;
        Ok(ipc)
    }

    /// Refuses blocks that lie outside the file, or are together longer than
    /// it: a few bytes could otherwise be named, and read, a million times.
    fn check_blocks(&self, end: u64) -> Result<()> {
        let mut left = end - START;
        for (_, block) in &self.blocks {
            let offset = u64::try_from(block.offset()).map_err(|_| damaged())?;
            let length = block_length(block)?;
            let stop = offset.checked_add(length);
            if offset < START || stop.is_none_or(|stop| stop > end) {
                return Err(damaged());
            }
            left = left.checked_sub(length).ok_or_else(damaged)?;
        }
        Ok(())
    }

    /// The file's schema.
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The record batches: their `fields` (ascending), or all.
    fn batches(
        mut self,
        fields: Option<&[usize]>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        let (schema, asked) = (Arc::clone(&self.schema), fields.map(<[usize]>::to_vec));
        let mut decoder = Decoder::new(schema, self.version, asked);
        let mut dictionaries = self.dictionaries(fields);
        let mut blocks = std::mem::take(&mut self.blocks).into_iter().peekable();
        // Those that come before all batches are read at once.
        while let Some((_, block)) = blocks.next_if(|(holds, _)| *holds == Holds::Dictionary) {
            guarded(AssertUnwindSafe(|| {
                self.read_dictionary(&mut decoder, &mut dictionaries, &block)
            }))?;
        }
        Ok(std::iter::from_fn(move || {
            for (holds, block) in blocks.by_ref() {
                let read = guarded(AssertUnwindSafe(|| match holds {
                    Holds::Batch => self.read_batch(&decoder, &block).map(Some),
                    Holds::Dictionary => self
                        .read_dictionary(&mut decoder, &mut dictionaries, &block)
                        .map(|()| None),
                }));
                if let Some(read) = read.transpose() {
                    return Some(read);
                }
            }
            None
        }))
    }

    /// What is to be known of the dictionaries of `fields`, or of all.
    fn dictionaries(&self, fields: Option<&[usize]>) -> Dictionaries {
        // Arrow means to hide dictionary ids from its schema one day; until
        // then only they say whose dictionary a block holds.
        #[expect(deprecated)]
        let wanted = fields.map(|fields| {
            let ids = fields
                .iter()
                .filter_map(|&field| self.schema.field(field).dict_id());
            ids.collect::<Vec<i64>>()
        });
        Dictionaries {
            wanted,
            may_be_replaced: self.is_stream,
            bytes: HashMap::new(),
            copied: 0,
            most: MOST_COPIES.saturating_mul(self.length),
        }
    }

    fn read_dictionary(
        &mut self,
        decoder: &mut Decoder,
        dictionaries: &mut Dictionaries,
        block: &Block,
    ) -> Result<()> {
        let metadata = self.metadata(block)?;
        let message = metadata.message()?;
        let dictionary = message.header_as_dictionary_batch().ok_or_else(damaged)?;
        let wanted = dictionaries.wanted.as_ref();
        if wanted.is_some_and(|ids| !ids.contains(&dictionary.id())) {
            return Ok(());
        }
        let data = dictionary.data().ok_or_else(damaged)?;
        let (start, length) = body_of(block)?;
        // Copied: a mapped file could be changed after its text was found to be UTF-8.
        let body = self.source.copied(start, length)?;
        let size = self.size_of(data, &body)?;
        dictionaries.count(dictionary.id(), dictionary.isDelta(), size)?;
        decoder.read_dictionary(&message, &body)
    }

    /// The header of a block, with what is before it.
    fn metadata(&mut self, block: &Block) -> Result<Metadata> {
        let (start, _) = body_of(block)?;
        let offset = block.offset() as u64;
        self.source.metadata(offset, start - offset)
    }

    /// Bytes that the arrays of `data` have when they are not compressed.
    fn size_of(&self, data: arrow_ipc::RecordBatch<'_>, bytes: &[u8]) -> Result<u64> {
        let body = bytes.len() as u64;
        if data.compression().is_none() {
            return Ok(body);
        }
        if matches!(self.source, IpcBytes::Memory(_)) {
            return Err(compressed());
        }
        let mut size = 0u64;
        for buffer in data.buffers().into_iter().flatten() {
            if buffer.length() == 0 {
                continue;
            }
            let at = usize::try_from(buffer.offset()).map_err(|_| damaged())?;
            let prefix = bytes.get(at..).and_then(<[u8]>::first_chunk);
            let claimed = i64::from_le_bytes(*prefix.ok_or_else(damaged)?);
            // Below zero it is not compressed after all.
            let claimed = u64::try_from(claimed).unwrap_or(buffer.length().unsigned_abs());
            size = size.checked_add(claimed).ok_or_else(damaged)?;
        }
        match size > ANY_BODY.saturating_add(body.saturating_mul(MOST_TIMES)) {
            true => Err(damaged()),
            false => Ok(size),
        }
    }

    fn read_batch(&mut self, decoder: &Decoder, block: &Block) -> Result<RecordBatch> {
        let metadata = self.metadata(block)?;
        let message = metadata.message()?;
        let header = message.header_as_record_batch().ok_or_else(damaged)?;
        let (start, length) = body_of(block)?;
        // Of a number every change is a number. Whatever else there is, offsets
        // and text, is checked once and believed from then on.
        let fields = self.schema.fields();
        let body = match fields.iter().all(|field| is_of_numbers(field.data_type())) {
            true => self.source.slice(start, length)?,
            false => self.source.copied(start, length)?,
        };
        let size = self.size_of(header, &body)?.max(block_length(block)?);
        let batch = decoder.read_batch(&message, &body)?;
        // A column of type Null has no bytes, so any number of rows could be
        // claimed for it; of every other type that is read, a row takes a bit.
        if batch.num_rows() as u64 > size.saturating_mul(8) {
            return Err(damaged());
        }
        Ok(batch)
    }
}

/// All record batches of the Arrow IPC file in `buffer`, fully validated, and its schema.
///
/// The arrays share the buffer's memory where it is aligned (to 8 bytes, or
/// 16 for decimals), and are copied where it is not; and where a column is of
/// text or lists.
///
/// # Errors
///
/// The file is damaged, cut short or compressed. The error names no file: the
/// caller does.
pub(crate) fn ipc_batches(buffer: Buffer) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let length = buffer.len() as u64;
    let ipc = Ipc::new(IpcBytes::Memory(buffer), length)?;
    let schema = Arc::clone(ipc.schema());
    let batches = ipc.batches(None)?.collect::<Result<_>>()?;
    Ok((schema, batches))
}

/// Bytes that a body may have when it is not compressed, whatever it was
/// compressed to; and how many times its compressed bytes beyond that.
const ANY_BODY: u64 = 64 << 20;
const MOST_TIMES: u64 = 1000;

/// How many times its bytes a file may have dictionaries copied, as each
/// addition to one copies it.
const MOST_COPIES: u64 = 64;

/// The dictionaries that were read.
struct Dictionaries {
    /// Those that are asked for; `None` for all.
    wanted: Option<Vec<i64>>,
    /// Whether one may take another's place, which a file has no order for.
    may_be_replaced: bool,
    /// Bytes of each.
    bytes: HashMap<i64, u64>,
    copied: u64,
    most: u64,
}

impl Dictionaries {
    /// Counts a dictionary of so many bytes, which may be added to another.
    fn count(&mut self, id: i64, is_delta: bool, bytes: u64) -> Result<()> {
        let is_new = !self.bytes.contains_key(&id);
        let all = self.bytes.entry(id).or_default();
        if !is_delta && !is_new && !self.may_be_replaced {
            return Err(damaged());
        }
        if is_delta {
            *all = all.saturating_add(bytes);
            self.copied = self.copied.saturating_add(*all);
        } else {
            *all = bytes;
        }
        match self.copied > self.most {
            true => Err(damaged()),
            false => Ok(()),
        }
    }
}

/// A schema as a file has it, unless it is of a machine of another kind.
fn schema_of(schema: arrow_ipc::Schema<'_>) -> Result<SchemaRef> {
    if !schema.endianness().equals_to_target_endianness() {
        let rule = "cannot be read as Arrow IPC: its bytes are in the order of another machine";
        return Err(Error::new(ErrorKind::Rows, rule));
    }
    Ok(Arc::new(try_fb_to_schema(schema).map_err(|_| damaged())?))
}

fn block_length(block: &Block) -> Result<u64> {
    let metadata = u64::try_from(block.metaDataLength()).map_err(|_| damaged())?;
    let body = u64::try_from(block.bodyLength()).map_err(|_| damaged())?;
    if metadata < PREFIX as u64 {
        return Err(damaged());
    }
    metadata.checked_add(body).ok_or_else(damaged)
}

/// Where the body of a block begins, and its length.
fn body_of(block: &Block) -> Result<(u64, u64)> {
    let length = u64::try_from(block.bodyLength()).map_err(|_| damaged())?;
    let offset = u64::try_from(block.offset()).map_err(|_| damaged())?;
    let end = offset.checked_add(block_length(block)?);
    let start = end.and_then(|end| end.checked_sub(length));
    Ok((start.ok_or_else(damaged)?, length))
}

/// Whether the values of a column are numbers of a fixed width, or places in a
/// dictionary, which is always copied.
fn is_of_numbers(kind: &DataType) -> bool {
    match kind {
        DataType::Boolean | DataType::FixedSizeBinary(_) | DataType::Dictionary(..) => true,
        kind => kind.is_primitive(),
    }
}

fn damaged() -> Error {
    let rule = "cannot be read as Arrow IPC: it is damaged or cut short";
    Error::new(ErrorKind::Rows, rule)
}

fn compressed() -> Error {
    let rule = "cannot be read as Arrow IPC: its record batches are compressed";
    Error::new(ErrorKind::Rows, rule).help("write it uncompressed, or as Parquet")
}
