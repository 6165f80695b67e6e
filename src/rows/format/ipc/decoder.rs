//! From a block's header and body to arrays, where the two lie apart.
//!
//! `FileDecoder` of arrow-ipc takes a block as one buffer and parses its header
//! there, in a mapped file too; the functions below it take them one by one.

use std::collections::HashMap;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{Message, MetadataVersion};
use arrow_schema::SchemaRef;

use super::damaged;
use crate::error::Result;

pub(super) struct Decoder {
    schema: SchemaRef,
    version: MetadataVersion,
    /// The fields that are decoded, ascending; all if there are none.
    projection: Option<Vec<usize>>,
    dictionaries: HashMap<i64, ArrayRef>,
}

impl Decoder {
    pub(super) fn new(
        schema: SchemaRef,
        version: MetadataVersion,
        projection: Option<Vec<usize>>,
    ) -> Self {
        Self {
            schema,
            version,
            projection,
            dictionaries: HashMap::new(),
        }
    }

    /// Takes in the dictionary, or the addition to one, that `message` announces.
    pub(super) fn read_dictionary(&mut self, message: &Message<'_>, body: &Buffer) -> Result<()> {
        self.check(message)?;
        let dictionary = message.header_as_dictionary_batch().ok_or_else(damaged)?;
        read_dictionary(
            body,
            dictionary,
            &self.schema,
            &mut self.dictionaries,
            &message.version(),
        )
        .map_err(|_| damaged())
    }

    /// The record batch that `message` announces, validated in full. Its arrays
    /// share the memory of `body` where that is aligned.
    pub(super) fn read_batch(&self, message: &Message<'_>, body: &Buffer) -> Result<RecordBatch> {
        self.check(message)?;
        let header = message.header_as_record_batch().ok_or_else(damaged)?;
        let (schema, version) = (SchemaRef::clone(&self.schema), message.version());
        RecordBatchDecoder::try_new(body, header, schema, &self.dictionaries, &version)
            .map(|decoder| decoder.with_projection(self.projection.as_deref()))
            .and_then(RecordBatchDecoder::read_record_batch)
            .map_err(|_| damaged())
    }

    /// Refuses a message of another version than the file's; the oldest writers
    /// named none in the footer.
    fn check(&self, message: &Message<'_>) -> Result<()> {
        match self.version == MetadataVersion::V1 || message.version() == self.version {
            true => Ok(()),
            false => Err(damaged()),
        }
    }
}
