//! Good extracts, and ways to forge others from them.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, FixedSizeBinaryArray, RecordBatch, StringArray, UInt32Array,
};
use arrow_schema::{Field, Schema};
use arrow_select::take::take_record_batch;
use kobling::{DomainKey, ErrorKind, Extract, Plan};

use super::{SOURCES, extracts, key, plan, refusal};

/// A plan, its key, and good extracts of 600 persons.
pub(crate) struct Bench {
    pub(crate) plan: Plan,
    pub(crate) key: DomainKey,
    pub(crate) good: Vec<Extract>,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let plan = plan();
        let key = key(&plan);
        let good = extracts(&plan, &key, 600);
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            plan,
            key,
            good,
            folder,
        }
    }

    pub(crate) fn batch(&self, source: &str) -> RecordBatch {
        let place = SOURCES.iter().position(|name| *name == source);
        self.good[place.expect("a source")].to_batch()
    }

    /// Writes `batch` in both formats; both must be refused, with these words.
    pub(crate) fn refused(&self, batch: &RecordBatch, words: &str) {
        self.refused_as(&FORMATS, batch, words);
    }

    /// As [`refused`](Self::refused), for what a writer of Parquet would not write as it is.
    pub(crate) fn refused_as_arrow(&self, batch: &RecordBatch, words: &str) {
        self.refused_as(&FORMATS[..1], batch, words);
    }

    pub(crate) fn refused_as(&self, formats: &[(&str, Write)], batch: &RecordBatch, words: &str) {
        for (name, write) in formats {
            let path = self.folder.path().join(name);
            write(&path, batch);
            let error = refusal(Extract::read(&self.plan, &path));
            assert_eq!(error.kind(), ErrorKind::Extract, "{name}: {error}");
            let text = error.to_string();
            assert!(text.contains(words), "{name}: {text}");
            assert!(text.contains(name), "{name}: {text}");
        }
    }

    /// Writes `batch` in both formats; both must be taken.
    pub(crate) fn taken(&self, batch: &RecordBatch) {
        for (name, write) in FORMATS {
            let path = self.folder.path().join(name);
            write(&path, batch);
            let read = Extract::read(&self.plan, &path).expect(name);
            assert_eq!(&read.to_batch(), batch, "{name}");
        }
    }
}

pub(crate) type Write = fn(&Path, &RecordBatch);

pub(crate) const FORMATS: [(&str, Write); 2] = [
    ("forged.arrow", super::write_ipc),
    ("forged.parquet", super::write_parquet),
];

/// The batch with another field and column at `place`.
pub(crate) fn with_column(batch: &RecordBatch, place: usize, column: ArrayRef) -> RecordBatch {
    let schema = batch.schema();
    let mut fields: Vec<Field> = schema.fields().iter().map(|f| f.as_ref().clone()).collect();
    fields[place] = fields[place]
        .clone()
        .with_data_type(column.data_type().clone());
    let nullable = fields[place].is_nullable() || column.null_count() > 0;
    fields[place].set_nullable(nullable);
    let mut columns = batch.columns().to_vec();
    columns[place] = column;
    rebuilt(batch, fields, columns)
}

pub(crate) fn rebuilt(
    batch: &RecordBatch,
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
) -> RecordBatch {
    let schema = Schema::new(fields).with_metadata(batch.schema().metadata().clone());
    RecordBatch::try_new(Arc::new(schema), columns).expect("a batch")
}

/// The batch with another entry, or none, in its schema's metadata.
pub(crate) fn says(batch: &RecordBatch, key: &str, value: Option<&str>) -> RecordBatch {
    let mut schema = batch.schema().as_ref().clone();
    match value {
        Some(value) => schema.metadata.insert(key.to_owned(), value.to_owned()),
        None => schema.metadata.remove(key),
    };
    RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec()).expect("a batch")
}

/// The rows of `batch` at `index`, and a header that counts them.
pub(crate) fn rows(batch: &RecordBatch, index: impl IntoIterator<Item = u32>) -> RecordBatch {
    let index: UInt32Array = index.into_iter().map(Some).collect();
    let taken = take_record_batch(batch, &index).expect("rows");
    let taken = counting(&taken, index.len());
    says(&taken, "kobling.rows_read", Some(&index.len().to_string()))
}

/// The batch with a header that says it has so many rows, each with a value of
/// each column.
pub(crate) fn counting(batch: &RecordBatch, rows: usize) -> RecordBatch {
    let schema = batch.schema();
    let columns = &schema.metadata()["kobling.columns"];
    let mut columns: serde_json::Value = serde_json::from_str(columns).expect("counts");
    for (_, counts) in columns.as_object_mut().expect("columns") {
        *counts = serde_json::json!({ "used": rows, "missing": 0, "unreadable": 0 });
    }
    let batch = says(batch, "kobling.rows", Some(&rows.to_string()));
    says(&batch, "kobling.columns", Some(&columns.to_string()))
}

pub(crate) fn pseudonyms(rows: usize, of: impl Fn(u128) -> u128) -> ArrayRef {
    let values = (0..rows as u128).map(|row| of(row).to_be_bytes());
    Arc::new(FixedSizeBinaryArray::try_from_iter(values).expect("16 bytes each"))
}

/// The codes of a category column with other labels.
pub(crate) fn relabelled(
    batch: &RecordBatch,
    place: usize,
    edit: impl Fn(&str) -> Option<String>,
) -> RecordBatch {
    let dictionary = batch.column(place).as_dictionary::<UInt32Type>();
    let labels = dictionary.values().as_string::<i32>();
    let labels: StringArray = labels
        .iter()
        .map(|label| edit(label.expect("a label")))
        .collect();
    let column = DictionaryArray::new(dictionary.keys().clone(), Arc::new(labels));
    with_column(batch, place, Arc::new(column))
}
