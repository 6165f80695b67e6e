//! From hashed batches to one sorted table.
//!
//! A pseudonym is the output of a keyed hash, so its leading bits cut any
//! register into parts of the same size: nothing has to be sampled. Rows are
//! [scattered](scatter) into parts by those bits, the payload with them; then
//! each part is put in order and written out while it is in cache.

mod order;
mod scatter;

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray, StringArray};
use arrow_buffer::Buffer;
use rayon::prelude::*;

use super::labels::{canonical_labels, places, used};
use super::one_row_each;
use super::window::Key;
use crate::column::stored::to_array;
use crate::column::{Labels, MISSING, NO_ORDINAL, Numbers, Values, no_labels};
use crate::error::{Error, ErrorKind, Result, counted};
use crate::plan::{Column, ColumnType, Source};
use crate::pseudonym::{Pseudonym, WIDTH};
use order::{order, order_by_comparing};
use scatter::{Part, Scattered};

/// Row numbers are 32 bits wide, and one of them means "nowhere".
const MOST_ROWS: usize = u32::MAX as usize - 1;

/// Rows of a part that is put in order at once, about.
const PART_ROWS: usize = 1 << 13;

/// Parts at most: rows are scattered to all of them at a time.
const MOST_BITS: u32 = 9;

/// Parts this much larger than they should be are not of a keyed hash.
const SKEWED: usize = 16;

/// The rows of a chunk: many of few rows would be joined again when they are written.
const CHUNK_ROWS: usize = 1 << 20;
const SMALL_CHUNK_ROWS: usize = 1 << 17;

/// Rows of one batch, hashed.
pub(super) type Hashed = (Vec<Pseudonym>, Vec<Values>);

/// The sorted columns of `source` in chunks, the pseudonyms first: `hashed`
/// and `columns` are by batch.
///
/// # Errors
///
/// [`ErrorKind::Rows`] if there are too many rows, or a person has several
/// where the plan says `rows = "one"`.
pub(super) fn sorted(
    source: &Source,
    hashed: Vec<Vec<Pseudonym>>,
    columns: Vec<Vec<Values>>,
) -> Result<Vec<Vec<ArrayRef>>> {
    let rows: usize = hashed.iter().map(Vec::len).sum();
    if rows > MOST_ROWS {
        return Err(Error::new(
            ErrorKind::Rows,
            "an extract has at most 2^32 - 2 rows",
        ));
    }
    let labels = labels(source, &columns);
    let batches: Vec<Hashed> = hashed.into_iter().zip(columns).collect();
    let batches = batches.into_par_iter().map(|(keys, columns)| {
        let columns = columns.into_iter().zip(&labels);
        (
            keys,
            columns
                .map(|(values, labels)| stored(values, labels))
                .collect(),
        )
    });
    let batches: Vec<Hashed> = batches.collect();
    let bits = rows.div_ceil(PART_ROWS).next_power_of_two().ilog2();
    let chunks = in_chunks(source, batches, rows, bits.min(MOST_BITS))?;
    let names: Vec<ArrayRef> = labels
        .iter()
        .map(|labels| Arc::new(StringArray::from_iter_values(labels.iter())) as ArrayRef)
        .collect();
    let arrays: Vec<Vec<ArrayRef>> = chunks
        .into_par_iter()
        .map(|chunk| chunk.into_arrays(source, &names))
        .collect();
    let by_column = (0..=labels.len()).map(|place| {
        let chunks = arrays.iter();
        chunks.map(|chunk| Arc::clone(&chunk[place])).collect()
    });
    Ok(by_column.collect())
}

/// Each column's labels, in canonical order.
fn labels(source: &Source, columns: &[Vec<Values>]) -> Vec<Labels> {
    let declared = source.columns().par_iter().enumerate();
    let labels = declared.map(|(place, column)| match column.column_type() {
        ColumnType::Category => {
            let used = columns.iter().flat_map(|batch| used(&batch[place]));
            Labels::from(canonical_labels(column, used))
        }
        _ => no_labels(),
    });
    labels.collect()
}

/// Values as they are stored: categories by the column's labels, numbers narrow.
fn stored(values: Values, labels: &Labels) -> Values {
    let (mut codes, old) = match values {
        Values::Codes { codes, labels } => (codes, labels),
        // Reading refused what does not fit; collecting again makes it narrow.
        Values::Numbers {
            values: wide @ Numbers::Wide(_),
            scale,
        } => {
            return Values::Numbers {
                values: wide.iter().collect(),
                scale,
            };
        }
        values => return values,
    };
    if old != *labels {
        let place = places(labels);
        let new = old.iter().map(|label| place.get(label.as_str()));
        let new: Vec<u32> = new.map(|code| code.copied().unwrap_or(MISSING)).collect();
        for code in codes.iter_mut().filter(|code| **code != MISSING) {
            *code = new[*code as usize];
        }
    }
    Values::Codes {
        codes,
        labels: Arc::clone(labels),
    }
}

/// Scatters into 2^`bits` parts, and orders those.
fn in_chunks(source: &Source, batches: Vec<Hashed>, rows: usize, bits: u32) -> Result<Vec<Chunk>> {
    let parts = Scattered::new(empty(source), batches, bits);
    let chunk_rows = match rows < 8 * CHUNK_ROWS {
        true => SMALL_CHUNK_ROWS,
        false => CHUNK_ROWS,
    };
    let ranges = (0..rows.max(1)).step_by(chunk_rows);
    let ranges: Vec<Range<usize>> = ranges
        .map(|from| from..rows.min(from + chunk_rows))
        .collect();
    let even = (rows >> bits).max(PART_ROWS);
    if parts.largest() > SKEWED * even {
        return in_chunks_by_comparing(source, parts, &ranges);
    }
    let chunks = ranges.into_par_iter().map(|range| {
        let mut chunk = Chunk::new(source, range.len());
        let mut repeated = 0;
        let mut part = Part::new(empty(source));
        for (number, start) in parts.overlapping(&range) {
            parts.read(number, &mut part);
            let order = order(&part, bits);
            // Counted where the part begins; a part may lie in two chunks.
            if one_row_each(source) && range.contains(&start) {
                let pairs = order.windows(2);
                let same = |pair: &&[u32]| part.key(pair[0]) == part.key(pair[1]);
                repeated += pairs.filter(same).count();
            }
            let from = range.start.saturating_sub(start);
            let to = order.len().min(range.end - start);
            chunk.push(&part, &order[from..to]);
        }
        (chunk, repeated)
    });
    let chunks: Vec<(Chunk, usize)> = chunks.collect();
    check_repeated(chunks.iter().map(|(_, repeated)| repeated).sum())?;
    Ok(chunks.into_iter().map(|(chunk, _)| chunk).collect())
}

/// The naive twin of [`in_chunks`], and the way of pseudonyms that are not
/// spread as a keyed hash spreads them: all rows are put in order at once.
fn in_chunks_by_comparing(
    source: &Source,
    parts: Scattered,
    ranges: &[Range<usize>],
) -> Result<Vec<Chunk>> {
    let all = parts.into_one(Part::new(empty(source)));
    let order = order_by_comparing(&all);
    if one_row_each(source) {
        let same = |pair: &&[u32]| all.key(pair[0]) == all.key(pair[1]);
        check_repeated(order.windows(2).filter(same).count())?;
    }
    let chunks = ranges.par_iter().map(|range| {
        let mut chunk = Chunk::new(source, range.len());
        chunk.push(&all, &order[range.clone()]);
        chunk
    });
    Ok(chunks.collect())
}

fn check_repeated(repeated: usize) -> Result<()> {
    if repeated == 0 {
        return Ok(());
    }
    let rule = format!(
        "has {} of persons who have a row already, and the plan says rows = \"one\"",
        counted(repeated as u64, "row")
    );
    let help = "say rows = \"many\", or clean the register";
    Err(Error::new(ErrorKind::Rows, rule).help(help))
}

/// No values of each of the source's columns.
fn empty(source: &Source) -> Vec<Values> {
    let columns = source.columns().iter();
    columns.map(|column| no_values(column)).collect()
}

fn no_values(column: &Column) -> Values {
    match column.column_type() {
        ColumnType::Category => Values::Codes {
            codes: Vec::new(),
            labels: no_labels(),
        },
        ColumnType::Boolean => Values::Booleans(Vec::new()),
        ColumnType::Date => Values::Dates(Vec::new()),
        kind => Values::Numbers {
            values: Numbers::with_capacity(0),
            scale: kind.scale().unwrap_or(0),
        },
    }
}

/// Some rows of the sorted table.
struct Chunk {
    keys: Vec<Key>,
    columns: Vec<Values>,
}

impl Chunk {
    fn new(source: &Source, rows: usize) -> Self {
        let mut columns = empty(source);
        for values in &mut columns {
            scatter::reserve(values, rows);
        }
        Self {
            keys: Vec::with_capacity(rows),
            columns,
        }
    }

    fn push(&mut self, part: &Part, order: &[u32]) {
        let keys = order.iter().map(|&row| part.key(row).to_be_bytes());
        self.keys.extend(keys);
        for (values, part) in self.columns.iter_mut().zip(&part.columns) {
            scatter::append(values, part, order);
        }
    }

    fn into_arrays(self, source: &Source, labels: &[ArrayRef]) -> Vec<ArrayRef> {
        let keys = Buffer::from_vec(self.keys.into_flattened());
        let keys = FixedSizeBinaryArray::new(WIDTH as i32, keys, None);
        let columns = self.columns.into_iter().zip(source.columns()).zip(labels);
        let arrays = columns
            .map(|((values, column), labels)| to_array(values, column.column_type(), labels));
        std::iter::once(Arc::new(keys) as ArrayRef)
            .chain(arrays)
            .collect()
    }
}
