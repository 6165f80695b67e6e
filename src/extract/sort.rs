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

use arrow_array::{ArrayRef, FixedSizeBinaryArray};
use arrow_buffer::Buffer;
use rayon::prelude::*;

use super::labels::{ColumnLabels, places, used};
use super::window::PseudonymBytes;
use super::{BATCH_ROWS, MOST_ROWS, one_row_each};
use crate::column::stored::to_array;
use crate::column::{Labels, MISSING, NO_ORDINAL, Values, WholeNumbers, no_labels};
use crate::error::{Error, ErrorKind, Result, counted};
use crate::plan::{Column, ColumnType, Source};
use crate::pseudonym::{Pseudonym, WIDTH};
use crate::watch::{Step, Watched};
pub(super) use order::compare_rest;
use order::{order, order_by_comparing, repeated};
use scatter::{Bucket, Scattered};

/// Rows of a part that is put in order at once, about.
const PART_ROWS: usize = 1 << 13;

/// Parts at most: rows are scattered to all of them at a time.
const MOST_BITS: u32 = 9;

/// Parts this much larger than they should be are not of a keyed hash.
const SKEWED: usize = 16;

/// Rows of one batch, hashed.
type Hashed = (Vec<Pseudonym>, Vec<Values>);

/// A sorted table.
pub(super) struct Sorted {
    /// The chunks of each column, the pseudonyms first. All but the last have
    /// as many rows as a batch of a file.
    pub(super) columns: Vec<Vec<ArrayRef>>,
    /// How many rows are of a person who has a row already.
    pub(super) repeated: u64,
}

/// Sorts rows of `source`: `hashed` and `columns` are by batch, `labels` are
/// all labels of each column.
///
/// # Errors
///
/// [`ErrorKind::Rows`] if there are too many rows; [`ErrorKind::Cancelled`].
pub(super) fn sorted(
    source: &Source,
    labels: &[ColumnLabels],
    hashed: Vec<Vec<Pseudonym>>,
    columns: Vec<Vec<Values>>,
    watched: &Watched,
) -> Result<Sorted> {
    let rows: usize = hashed.iter().map(Vec::len).sum();
    check_rows(rows as u64)?;
    let begun = Step::Sorted {
        source: source.name(),
        rows: 0,
    };
    watched.at(begun)?;
    let batches: Vec<Hashed> = hashed.into_iter().zip(columns).collect();
    let batches = batches.into_par_iter().map(|(keys, columns)| {
        let columns = columns.into_iter().zip(labels);
        (
            keys,
            columns
                .map(|(values, labels)| stored(values, &labels.labels))
                .collect(),
        )
    });
    let batches: Vec<Hashed> = batches.collect();
    let bits = rows.div_ceil(PART_ROWS).next_power_of_two().ilog2();
    let (chunks, repeated) = in_chunks(source, batches, rows, bits.min(MOST_BITS), watched)?;
    let arrays: Vec<Vec<ArrayRef>> = chunks
        .into_par_iter()
        .map(|chunk| chunk.into_arrays(source, labels))
        .collect();
    let by_column = (0..=labels.len()).map(|place| {
        let chunks = arrays.iter();
        chunks.map(|chunk| Arc::clone(&chunk[place])).collect()
    });
    Ok(Sorted {
        columns: by_column.collect(),
        repeated,
    })
}

/// Each column's labels: those that batches of `columns` use.
pub(super) fn labels(source: &Source, columns: &[Vec<Values>]) -> Vec<ColumnLabels> {
    let declared = source.columns().par_iter().enumerate();
    let labels = declared.map(|(place, column)| {
        let used = columns.iter().flat_map(|batch| used(&batch[place]));
        ColumnLabels::new(column, used)
    });
    labels.collect()
}

/// Values as they are stored: categories by the column's labels, numbers narrow.
fn stored(values: Values, labels: &Labels) -> Values {
    let (mut codes, old) = match values {
        Values::Codes { codes, labels } => (codes, labels),
        // Reading refused what does not fit; collecting again makes it narrow.
        Values::Numbers {
            values: wide @ WholeNumbers::Wide(_),
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

/// Scatters into 2^`bits` parts, and orders those: the chunks, and how many
/// rows are of a person who has a row already.
///
/// # Errors
///
/// [`ErrorKind::Cancelled`].
fn in_chunks(
    source: &Source,
    batches: Vec<Hashed>,
    rows: usize,
    bits: u32,
    watched: &Watched,
) -> Result<(Vec<SortedRows>, u64)> {
    let shared = shared_bits(&batches);
    let parts = Scattered::new(empty(source), batches, shared, bits);
    let ranges = (0..rows.max(1)).step_by(BATCH_ROWS);
    let ranges: Vec<Range<usize>> = ranges
        .map(|from| from..rows.min(from + BATCH_ROWS))
        .collect();
    let even = (rows >> bits).max(PART_ROWS);
    if parts.largest() > SKEWED * even {
        return Ok(in_chunks_by_comparing(source, parts, &ranges));
    }
    let chunks = ranges.into_par_iter().map(|range| {
        watched.go_on()?;
        let mut chunk = SortedRows::new(source, range.len());
        let mut seen = 0;
        let mut part = Bucket::new(empty(source));
        for (number, start) in parts.overlapping(&range) {
            parts.read(number, &mut part);
            let (order, again) = order(&part, shared + bits);
            // Counted where the part begins; a part may lie in two chunks.
            if range.contains(&start) {
                seen += again;
            }
            let from = range.start.saturating_sub(start);
            let to = order.len().min(range.end - start);
            chunk.push(&part, &order[from..to]);
        }
        let (source, rows) = (source.name(), range.len() as u64);
        watched.at(Step::Sorted { source, rows })?;
        Ok((chunk, seen))
    });
    let chunks: Vec<(SortedRows, u64)> = chunks.collect::<Result<_>>()?;
    let seen = chunks.iter().map(|(_, seen)| seen).sum();
    let chunks = chunks.into_iter().map(|(chunk, _)| chunk);
    Ok((chunks.collect(), seen))
}

/// How many leading bits all pseudonyms share: those of a whole register none,
/// those of a range of it some.
fn shared_bits(batches: &[Hashed]) -> u32 {
    let ends = batches.par_iter().map(|(keys, _)| {
        let ends = |(least, most): (u128, u128), &key: &u128| (least.min(key), most.max(key));
        keys.iter().fold((u128::MAX, 0), ends)
    });
    let nothing = || (u128::MAX, 0);
    let (least, most) = ends.reduce(nothing, |a, b| (a.0.min(b.0), a.1.max(b.1)));
    (least ^ most).leading_zeros()
}

/// The naive twin of [`in_chunks`], and the way of pseudonyms that are not
/// spread as a keyed hash spreads them: all rows are put in order at once.
fn in_chunks_by_comparing(
    source: &Source,
    parts: Scattered,
    ranges: &[Range<usize>],
) -> (Vec<SortedRows>, u64) {
    let all = parts.into_one(Bucket::new(empty(source)));
    let order = order_by_comparing(&all);
    let chunks = ranges.par_iter().map(|range| {
        let mut chunk = SortedRows::new(source, range.len());
        chunk.push(&all, &order[range.clone()]);
        chunk
    });
    (chunks.collect(), repeated(&all, &order))
}

/// # Errors
///
/// [`ErrorKind::Rows`] if there are more rows than an extract may have.
pub(super) fn check_rows(rows: u64) -> Result<()> {
    if rows <= MOST_ROWS as u64 {
        return Ok(());
    }
    let rule = "an extract has at most 2^32 - 2 rows";
    Err(Error::new(ErrorKind::Rows, rule))
}

/// # Errors
///
/// [`ErrorKind::Rows`] if a person has several rows where the plan says
/// `rows = "one"`.
pub(super) fn check_repeated(source: &Source, repeated: u64) -> Result<()> {
    if repeated == 0 || !one_row_each(source) {
        return Ok(());
    }
    let rule = format!(
        "has {} of persons who have a row already, and the plan says rows = \"one\"",
        counted(repeated, "row")
    );
    let help = "say rows = \"many\", or clean the register";
    Err(Error::new(ErrorKind::Rows, rule).help(help))
}

/// No values of each of the source's columns.
fn empty(source: &Source) -> Vec<Values> {
    let columns = source.columns().iter();
    columns.map(no_values).collect()
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
            values: WholeNumbers::with_capacity(0),
            scale: kind.scale().unwrap_or(0),
        },
    }
}

/// Some rows of the sorted table.
struct SortedRows {
    keys: Vec<PseudonymBytes>,
    columns: Vec<Values>,
}

impl SortedRows {
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

    fn push(&mut self, part: &Bucket, order: &[u32]) {
        let keys = order.iter().map(|&row| part.key(row).to_be_bytes());
        self.keys.extend(keys);
        for (values, part) in self.columns.iter_mut().zip(&part.columns) {
            scatter::append(values, part, order);
        }
    }

    fn into_arrays(self, source: &Source, labels: &[ColumnLabels]) -> Vec<ArrayRef> {
        let keys = Buffer::from_vec(self.keys.into_flattened());
        let keys = FixedSizeBinaryArray::new(WIDTH as i32, keys, None);
        let columns = self.columns.into_iter().zip(source.columns()).zip(labels);
        let arrays = columns.map(|((values, column), labels)| {
            to_array(values, column.column_type(), &labels.array)
        });
        std::iter::once(Arc::new(keys) as ArrayRef)
            .chain(arrays)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::Plan;

    fn plan() -> Plan {
        let plan = Plan::parse(
            r#"
            version = 1
            [project]
            id = "p"
            epoch = 1
            title = "t"
            purpose = "p"
            controller = "c"
            linkage_unit = "l"
            recipient = "r"
            valid = { from = 2000-01-01, until = 9999-12-31 }
            [source.a]
            agency = "a"
            legal_basis = ["b"]
            identifier = { column = "id", type = "number" }
            rows = "many"
            columns = { b = { from = "b", type = "boolean" }, n = { from = "n", type = "integer" } }
            [table.t]
            from = "a"
            by = ["a.b"]
            sensitive = []
            measures = [{ persons = true }, { sum = "a.n" }]
            protect = { min_persons = 5, p_percent = 10, method = "suppress" }
            "#,
        );
        plan.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What parts and comparing all give of `batches` is the same.
    fn compare(batches: &[Vec<(u128, i64)>], bits: u32) {
        let plan = plan();
        let source = &plan.sources()[0];
        let rows = batches.iter().map(Vec::len).sum();
        let hashed = || -> Vec<Hashed> {
            let batch = |batch: &Vec<(u128, i64)>| {
                let (keys, values): (Vec<u128>, Vec<i64>) = batch.iter().copied().unzip();
                let values = values.into_iter().map(|v| (v >= 0).then_some(v.into()));
                let booleans = batch.iter().map(|(_, v)| (*v > 0).then_some(*v > 2));
                let numbers = Values::Numbers {
                    values: values.collect(),
                    scale: 0,
                };
                (keys, vec![Values::Booleans(booleans.collect()), numbers])
            };
            batches.iter().map(batch).collect()
        };
        let seen = |(chunks, repeated): (Vec<SortedRows>, u64)| {
            let rows = chunks.iter().flat_map(|chunk| {
                let ordinal = |column: usize, row| chunk.columns[column].ordinal(row);
                let row = |row: usize| (chunk.keys[row], ordinal(0, row), ordinal(1, row));
                (0..chunk.keys.len()).map(row).collect::<Vec<_>>()
            });
            (rows.collect::<Vec<_>>(), repeated)
        };
        let nobody = Watched::default();
        let fast = in_chunks(source, hashed(), rows, bits, &nobody).unwrap();
        let all = Scattered::new(empty(source), hashed(), 0, 0);
        let whole = std::iter::once(0..rows).collect::<Vec<_>>();
        let naive = in_chunks_by_comparing(source, all, &whole);
        assert_eq!(seen(fast), seen(naive));
    }

    #[test]
    fn no_batches_are_no_chunks() {
        compare(&[], 0);
    }

    proptest! {
        #[test]
        fn scattered_parts_give_what_comparing_all_gives(
            batches in prop::collection::vec(
                prop::collection::vec(
                    (prop_oneof![any::<u128>(), 0..9u128, any::<u64>().prop_map(u128::from)], -1..4i64),
                    0..40,
                ),
                0..5,
            ),
            bits in 0..7u32,
        ) {
            compare(&batches, bits);
        }
    }
}
