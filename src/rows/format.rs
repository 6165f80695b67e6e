//! The formats that a register's files may have, a file each; and what there is to know of one.
//!
//! Whoever finds files, reads parts of them or lists their columns knows a format only by its
//! [`RegisterFormat`]. So a further one is a file of its own here, and a line in [`ALL`].

mod csv;
pub(crate) mod ipc;
pub(crate) mod parquet;
#[cfg(feature = "xlsx")]
mod xlsx;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema};

use super::header::Projection;
use super::partition::Partition;
use super::readings::Readings;
use super::sheet::SheetRows;
use crate::error::Result;
use crate::plan::format::FileFormat;

/// All formats that are read, in the order in which they are listed for a reader.
pub(super) static ALL: &[&RegisterFormat] = &[
    &csv::CSV,
    &csv::TSV,
    &parquet::PARQUET,
    &ipc::IPC,
    #[cfg(feature = "xlsx")]
    &xlsx::XLSX,
];

/// What a file of text is taken for, whose name does not say what it is.
pub(super) static TEXT: &RegisterFormat = &csv::CSV;

/// A format: how the rows of a file are written down.
#[derive(Debug)]
pub(super) struct RegisterFormat {
    /// What the names of its files end in.
    pub(super) endings: &'static [&'static str],
    /// How a file is known to be one.
    pub(super) known: KnownBy,
    /// The parts of a file, as small as the format allows without reading twice. The
    /// asked columns were found in it.
    pub(super) parts: fn(&FileRequest) -> Result<Vec<Opener>>,
    pub(super) columns: fn(&FileRequest) -> Result<FileColumns>,
}

/// The columns of a file: their names, and their types where the file says them.
pub(super) type FileColumns = Vec<(String, Option<DataType>)>;

/// How a file is known to be of a format.
#[derive(Debug)]
pub(super) enum KnownBy {
    /// By its name: it is text, of which nothing else shows the format. It may be packed.
    Text,
    /// By its first bytes. One that is only named so is damaged.
    Start(fn(&[u8]) -> bool),
    /// By more of what is in it, which is at the path and begins with the bytes; and not
    /// by its name.
    #[cfg_attr(not(feature = "xlsx"), expect(dead_code))]
    Content(fn(&Path, &[u8]) -> std::io::Result<bool>),
}

/// With what text is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// A file of rows, and what is asked of it.
#[derive(Clone)]
pub(super) struct FileRequest {
    pub(super) path: Arc<Path>,
    pub(super) packed: Option<Packed>,
    /// The columns that its folders give.
    pub(super) partitions: Arc<[Partition]>,
    /// The columns that are asked for.
    pub(super) columns: Arc<[String]>,
    /// What the plan says of the register's files.
    pub(super) declared: Arc<FileFormat>,
    pub(super) readings: Readings,
}

impl FileRequest {
    /// How the asked columns are made of those of a file that says their types.
    fn project(&self, schema: &Schema) -> Result<Projection> {
        let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
        let projection = Projection::new(&self.columns, &names, &self.partitions)?;
        projection.check_types(schema, &self.declared)?;
        Ok(projection)
    }
}

/// The columns of a file that says their types.
fn typed(schema: &Schema) -> FileColumns {
    let fields = schema.fields().iter();
    let typed = fields.map(|field| (field.name().clone(), Some(field.data_type().clone())));
    typed.collect()
}

/// Opens a part of a file, for what is asked of that by then.
pub(super) type Opener = Box<dyn Fn(&FileRequest) -> Result<Opened> + Send + Sync>;

pub(super) type BatchReader = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// A part of a file that is open.
pub(super) struct Opened {
    /// Its rows: of the fields that `projection` asks for.
    pub(super) batches: BatchReader,
    pub(super) projection: Projection,
    /// The number of its first row in the file, whose rows of data count from 1.
    pub(super) first_row: u64,
    /// Set by the reader of text, where a row that it gives has no line end.
    pub(super) unended: Arc<AtomicBool>,
    /// The delimiter between fields, of delimited text.
    pub(super) delimiter: Option<u8>,
    /// Where the rows are in a sheet, if they are of one.
    pub(super) sheet: Option<Arc<SheetRows>>,
}

impl Opened {
    /// A whole file, or the first part of it.
    fn new(
        batches: impl Iterator<Item = Result<RecordBatch>> + Send + 'static,
        projection: Projection,
    ) -> Self {
        Self {
            batches: Box::new(batches),
            projection,
            first_row: 1,
            unended: Arc::default(),
            delimiter: None,
            sheet: None,
        }
    }
}
