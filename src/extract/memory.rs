//! Extracts in memory: as the bytes of an Arrow file, and as record batches.
//!
//! Whoever embeds kobling may have no file: an extract comes out of an object store, or
//! over the wire as a stream of batches. What it is, and what is verified of it, does
//! not depend on that.

use std::path::Path;

use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_buffer::Buffer;
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use bytes::Bytes;

use super::Extract;
use super::table::{IPC_MAGIC, write_arrow};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::rows::format::ipc::ipc_batches;

impl Extract {
    /// The extract as the bytes of an Arrow IPC file: those that
    /// [`write`](Self::write) writes to a name that ends in `.arrow`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if it cannot be written in that form.
    ///
    /// # Disclosure
    ///
    /// As [`write`](Self::write): whoever has the bytes has the extract. It is for the
    /// linkage unit that the plan names, and nobody else.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// # use kobling::{Extract, LinkageKey, Plan, Rows};
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let rows = Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"])?;
    /// let extract = rows.identify()?.pseudonymise(&key)?;
    /// let bytes: Vec<u8> = extract.to_bytes()?; // for an object store, say
    /// let read = Extract::from_bytes(&plan, bytes)?; // everything verified
    /// assert_eq!(read.content(), extract.content());
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let schema = self.header.schema(self.source(), self.content());
        let mut bytes = Vec::new();
        write_arrow(
            &schema,
            self.even_batches(&schema, 0..self.rows()),
            &mut bytes,
        )?;
        Ok(bytes)
    }

    /// Reads an extract from the bytes of an Arrow IPC file, and verifies all of it as
    /// [`read`](Self::read) does.
    ///
    /// The bytes may be a `Vec<u8>`, a `Bytes`, or whatever else holds them; the extract
    /// keeps it. Columns stay where they lie in it, if it begins at a multiple of 16
    /// bytes, as what an allocator gives for much does; else they are copied.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read). Of Parquet there is no such form.
    pub fn from_bytes(plan: &Plan, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self> {
        plan.may_run()?;
        let buffer = Buffer::from(Bytes::from_owner(bytes));
        let read = || {
            if !buffer.starts_with(IPC_MAGIC) {
                return Err(refuse("is no Arrow IPC file"));
            }
            let (schema, batches) = ipc_batches(buffer).map_err(|_| {
                let rule = "cannot be read as Arrow IPC: it is damaged, cut short or compressed";
                refuse(rule)
            })?;
            Self::of_table(plan, &schema, &batches)
        };
        read().map_err(in_memory)
    }

    /// Takes an extract from record batches, and verifies all of it as
    /// [`read`](Self::read) does. They are those that [`batches`](Self::batches) gave, in
    /// their order, however they are cut by now; the header is in the metadata of their
    /// schema.
    ///
    /// Columns are shared, not copied, but for categories whose labels are not in the
    /// order of an extract.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); and [`ErrorKind::Extract`] if there is no batch, or
    /// their columns differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// # use kobling::{Extract, LinkageKey, Plan, Rows};
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let rows = Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"])?;
    /// let extract = rows.identify()?.pseudonymise(&key)?;
    /// let taken = Extract::from_batches(&plan, extract.batches())?;
    /// assert_eq!(taken.content(), extract.content());
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_batches(
        plan: &Plan,
        batches: impl IntoIterator<Item = RecordBatch>,
    ) -> Result<Self> {
        plan.may_run()?;
        let batches: Vec<RecordBatch> = batches.into_iter().collect();
        let schema = batches.first().map(RecordBatch::schema);
        let schema = schema.ok_or_else(|| {
            in_memory(refuse(
                "is no record batch at all: without one there is no header",
            ))
        });
        Self::of_batches(plan, &schema?, &batches)
    }

    /// [`from_batches`](Self::from_batches), of a reader such as that of an Arrow stream.
    ///
    /// # Errors
    ///
    /// Those of [`from_batches`](Self::from_batches), except that there may be no batch;
    /// and [`ErrorKind::Extract`] if the reader fails. Why it does is not said, since its
    /// words may quote values.
    pub fn from_reader(plan: &Plan, reader: impl RecordBatchReader) -> Result<Self> {
        plan.may_run()?;
        let schema = reader.schema();
        let batches = reader.collect::<Result<Vec<RecordBatch>, ArrowError>>();
        let batches = batches.map_err(|_| {
            in_memory(refuse(
                "cannot be read: the reader of its record batches failed",
            ))
        });
        Self::of_batches(plan, &schema, &batches?)
    }

    /// The table as a reader of [`batches`](Self::batches), which says the schema even if
    /// nobody asks for a batch: what writers of Arrow streams take.
    ///
    /// # Disclosure
    ///
    /// As [`batches`](Self::batches).
    pub fn reader(&self) -> impl RecordBatchReader + '_ {
        let schema = self.header.schema(self.source(), self.content());
        RecordBatchIterator::new(self.batches().map(Ok), schema)
    }

    fn of_batches(plan: &Plan, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Self> {
        let columns = |schema: &Schema| -> Vec<(String, DataType)> {
            let fields = schema.fields().iter();
            let columns = fields.map(|field| (field.name().clone(), field.data_type().clone()));
            columns.collect()
        };
        let expected = columns(schema);
        let mut others = batches.iter().map(|batch| batch.schema());
        if others.any(|other| columns(&other) != expected) {
            return Err(in_memory(refuse(
                "is in record batches of other columns each",
            )));
        }
        Self::of_table(plan, schema, batches).map_err(in_memory)
    }
}

fn refuse(rule: &str) -> Error {
    Error::new(ErrorKind::Extract, rule)
}

fn in_memory(error: Error) -> Error {
    error.in_file(Path::new("memory"))
}
