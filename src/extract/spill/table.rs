//! A sorted table in a file of its own, mapped, and gone with its last reader.

use std::path::Path;

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::super::PSEUDONYM;
use super::super::sort::Sorted;
use super::super::table::write_arrow;
use super::super::window::{batch_of, chunks_of};
use crate::atomic_file::{FileKind, Temporary, folder_of, write_atomically};
use crate::column::stored::{data_type, labels};
use crate::column::{Labels, no_labels};
use crate::error::Result;
use crate::mapped::{map, open};
use crate::plan::{ColumnType, Source};
use crate::pseudonym::WIDTH;
use crate::rows::format::ipc::ipc_batches;

pub(super) struct SpilledTable {
    /// The chunks of each column, the pseudonyms first; mapped from the file.
    pub(super) columns: Vec<Vec<ArrayRef>>,
    /// The labels of each column but the pseudonyms; none if it is no category.
    pub(super) labels: Vec<Labels>,
    /// Where a file that is mapped cannot lose its name, it is removed later:
    /// dropped after what is mapped from it.
    pub(super) file: Option<Temporary>,
}

impl SpilledTable {
    /// What was `sorted` of `source`, one after another, in a file next to `next_to`.
    ///
    /// # Errors
    ///
    /// What `sorted` refuses, and [`ErrorKind::File`](crate::ErrorKind::File)
    /// if the file cannot be written or mapped; then there is none.
    pub(super) fn write(
        source: &Source,
        next_to: &Path,
        sorted: impl Iterator<Item = Result<Sorted>>,
    ) -> Result<Self> {
        let schema = schema(source);
        let file = Temporary::next_to(next_to)?;
        let mut refused = None;
        let written = write_atomically(file.path(), FileKind::Run, |out| {
            let sorted = sorted.map_while(|sorted| match sorted {
                Ok(sorted) => Some(sorted.columns),
                Err(error) => {
                    refused = Some(error);
                    None
                }
            });
            let batches = sorted.flat_map(|columns| {
                let chunks = 0..columns[0].len();
                let schema = &schema;
                chunks.map(move |chunk| batch_of(schema, columns.iter().map(|c| &c[chunk])))
            });
            write_arrow(&schema, batches, out)
        });
        // Its name is nobody's who reads of it; where there is no room is.
        written.map_err(|error| error.in_file(folder_of(next_to)))?;
        if let Some(error) = refused {
            return Err(error);
        }
        let (_, batches) = ipc_batches(map(&open(file.path())?, file.path())?)?;
        let fields = schema.fields().iter().enumerate();
        let columns = fields.map(|(place, field)| chunks_of(&batches, place, field.data_type()));
        let columns: Vec<Vec<ArrayRef>> = columns.collect();
        let declared = source.columns().iter().zip(&columns[1..]);
        let labels = declared.map(|(column, chunks)| match column.column_type() {
            ColumnType::Category => labels(&chunks[0]),
            _ => no_labels(),
        });
        Ok(Self {
            labels: labels.collect(),
            columns,
            // What is mapped stays without a name.
            file: (!cfg!(unix)).then_some(file),
        })
    }
}

fn schema(source: &Source) -> SchemaRef {
    let pseudonym = DataType::FixedSizeBinary(WIDTH as i32);
    let columns = source.columns().iter();
    let columns = columns.map(|c| Field::new(c.name(), data_type(c.column_type()), true));
    let fields = std::iter::once(Field::new(PSEUDONYM, pseudonym, false)).chain(columns);
    SchemaRef::new(Schema::new(fields.collect::<Vec<_>>()))
}
