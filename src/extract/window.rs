//! Windows: some rows in succession of an extract, as plain slices.
//!
//! A file holds an extract in chunks (record batches). Linking looks at one
//! short range of rows at a time, which nearly always lies in one chunk and is
//! borrowed from there; only a range across two chunks is joined.

use std::borrow::{Borrow, Cow};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use arrow_select::concat::concat;

use super::Part;
use crate::column::Labels;
use crate::column::stored::Stored;
use crate::plan::ColumnType;
use crate::pseudonym::{Pseudonym, WIDTH};

/// A pseudonym as an extract stores it: its bytes, the first the most significant.
pub(crate) type PseudonymBytes = [u8; WIDTH];

/// Where each chunk begins, and where the last one ends.
pub(super) type Starts = Arc<[usize]>;

/// The chunks that hold rows of `range`, each with the rows there.
fn pieces(
    starts: &[usize],
    range: Range<usize>,
) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
    let first = starts.partition_point(|start| *start <= range.start).max(1) - 1;
    let last = starts.partition_point(|start| *start < range.end).max(1) - 1;
    let chunks = first..(last + 1).min(starts.len() - 1);
    chunks
        .map(move |chunk| {
            let (from, to) = (starts[chunk], starts[chunk + 1]);
            let (low, high) = (range.start.max(from), range.end.min(to));
            (chunk, low - from..high.max(low) - from)
        })
        .filter(|(_, rows)| !rows.is_empty())
}

/// In which chunk `row` is, and where there.
fn place(starts: &[usize], row: usize) -> (usize, usize) {
    let chunk = starts.partition_point(|start| *start <= row) - 1;
    (chunk, row - starts[chunk])
}

/// The pseudonyms of an extract, in its order.
#[derive(Clone)]
pub(crate) struct PseudonymColumn<'a> {
    chunks: Vec<&'a [PseudonymBytes]>,
    starts: Starts,
}

impl<'a> PseudonymColumn<'a> {
    pub(super) fn of(chunks: &'a [ArrayRef]) -> Self {
        let keys = chunks.iter().map(|array| {
            let (keys, _) = array.as_fixed_size_binary().value_data().as_chunks();
            keys
        });
        Self::from_chunks(keys.collect())
    }

    pub(crate) fn from_chunks(chunks: Vec<&'a [PseudonymBytes]>) -> Self {
        let mut starts = vec![0];
        for chunk in &chunks {
            starts.push(starts.last().unwrap_or(&0) + chunk.len());
        }
        let starts = starts.into();
        Self { chunks, starts }
    }

    pub(super) fn starts(&self) -> Starts {
        Arc::clone(&self.starts)
    }

    pub(crate) fn len(&self) -> usize {
        *self.starts.last().unwrap_or(&0)
    }

    pub(crate) fn get(&self, row: usize) -> Pseudonym {
        let (chunk, row) = place(&self.starts, row);
        number(&self.chunks[chunk][row])
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a PseudonymBytes> + '_ {
        self.chunks.iter().copied().flatten()
    }

    /// The first row from which on no pseudonym is less than `key`.
    pub(crate) fn lower_bound(&self, key: Pseudonym) -> usize {
        // By each chunk's last row, or that of the chunks before an empty one.
        let ends = &self.starts[1..];
        let chunk = ends.partition_point(|end| *end == 0 || self.get(end - 1) < key);
        match self.chunks.get(chunk) {
            Some(keys) => self.starts[chunk] + keys.partition_point(|other| number(other) < key),
            None => self.len(),
        }
    }

    /// The rows of the persons in a part.
    pub(super) fn rows_in(&self, part: Part) -> Range<usize> {
        let end = part.end().map_or(self.len(), |end| self.lower_bound(end));
        self.lower_bound(part.first())..end
    }

    /// The pseudonyms in the rows of `range`.
    pub(crate) fn window(&self, range: &Range<usize>) -> Cow<'a, [PseudonymBytes]> {
        let mut pieces = pieces(&self.starts, range.clone());
        let Some((chunk, rows)) = pieces.next() else {
            return Cow::Borrowed(&[]);
        };
        let first = &self.chunks[chunk][rows];
        let mut rest = pieces.peekable();
        if rest.peek().is_none() {
            return Cow::Borrowed(first);
        }
        let mut joined = first.to_vec();
        for (chunk, rows) in rest {
            joined.extend(&self.chunks[chunk][rows]);
        }
        Cow::Owned(joined)
    }
}

/// A pseudonym as a number: it sorts as the bytes do.
pub(crate) fn number(key: &PseudonymBytes) -> Pseudonym {
    Pseudonym::from_be_bytes(*key)
}

/// A column of an extract.
pub(crate) struct StoredColumn<'a> {
    pub(super) chunks: &'a [ArrayRef],
    pub(super) starts: Starts,
    pub(super) kind: ColumnType,
    pub(super) labels: Labels,
}

impl StoredColumn<'_> {
    /// The labels of a category; none for other types.
    pub(crate) fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The values in the rows of `range`.
    pub(crate) fn window(&self, range: &Range<usize>) -> Stored {
        let array = array_window(self.chunks, &self.starts, range);
        Stored::with_labels(&array, self.kind, &self.labels)
    }

    /// The values in `rows`, in their order.
    pub(crate) fn rows(&self, rows: &[u32]) -> Stored {
        let stored = |array| Stored::with_labels(array, self.kind, &self.labels);
        let chunks: Vec<Stored> = self.chunks.iter().map(stored).collect();
        let places = rows.iter().map(|row| place(&self.starts, *row as usize));
        let places: Vec<(usize, usize)> = places.collect();
        Stored::interleave(&chunks, &places)
    }
}

/// The values in the rows of `range` of a column in `chunks`.
pub(super) fn array_window(
    chunks: &[ArrayRef],
    starts: &[usize],
    range: &Range<usize>,
) -> ArrayRef {
    let pieces = pieces(starts, range.clone());
    let arrays = pieces.map(|(chunk, rows)| chunks[chunk].slice(rows.start, rows.len()));
    let arrays: Vec<ArrayRef> = arrays.collect();
    match arrays.as_slice() {
        [array] => array.clone(),
        [] => chunks[0].slice(0, 0),
        // Chunks of a column have one type, and categories one set of labels.
        arrays => concat_all(arrays).expect("chunks of one column are of one type"),
    }
}

/// The chunks of one column of `batches`: those that have rows, and one without
/// if none has.
pub(super) fn chunks_of(batches: &[RecordBatch], place: usize, kind: &DataType) -> Vec<ArrayRef> {
    let filled = batches.iter().filter(|batch| batch.num_rows() > 0);
    let mut chunks: Vec<ArrayRef> = filled.map(|batch| batch.column(place).clone()).collect();
    if chunks.is_empty() {
        chunks.push(arrow_array::new_empty_array(kind));
    }
    chunks
}

/// A record batch of an extract's columns.
///
/// # Panics
///
/// If they are not of the types and lengths that `schema` says: those of an
/// extract are, for it was made or verified so.
pub(super) fn batch_of<A: Borrow<ArrayRef>>(
    schema: &SchemaRef,
    columns: impl Iterator<Item = A>,
) -> RecordBatch {
    let columns = columns.map(|array| Arc::clone(array.borrow())).collect();
    RecordBatch::try_new(SchemaRef::clone(schema), columns)
        .expect("an extract's columns have their types")
}

/// The arrays one after another.
pub(super) fn concat_all(arrays: &[ArrayRef]) -> Result<ArrayRef, ArrowError> {
    let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    concat(&arrays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_the_rows_of_its_range_however_the_chunks_lie() {
        let keys: Vec<PseudonymBytes> = (0..20u128).map(|row| (row / 2).to_be_bytes()).collect();
        let cuts = [0, 3, 3, 4, 11, 20];
        let chunks: Vec<&[PseudonymBytes]> =
            cuts.windows(2).map(|cut| &keys[cut[0]..cut[1]]).collect();
        let chunked = PseudonymColumn::from_chunks(chunks);
        assert_eq!(chunked.len(), 20);
        for from in 0..=20 {
            for to in from..=20 {
                assert_eq!(*chunked.window(&(from..to)), keys[from..to], "{from}..{to}");
            }
        }
        for key in 0..12 {
            let bound = keys.partition_point(|other| number(other) < key);
            assert_eq!(chunked.lower_bound(key), bound);
        }
        assert!((0..20).all(|row| chunked.get(row) == number(&keys[row])));
    }
}
