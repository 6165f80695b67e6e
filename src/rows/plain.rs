//! Values row by row: what an array holds once for several rows is written out for each.
//!
//! Text stays in its dictionary, whose labels are worth to be read once. Anything else gains
//! nothing by one, and is read as if it never had been in one.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, UInt64Array, new_null_array};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use arrow_select::take::take;

use crate::error::{Error, ErrorKind, Result};

/// The type that the values of a column of `stored` have by themselves.
pub(super) fn value_type(stored: &DataType) -> &DataType {
    match stored {
        DataType::Dictionary(_, values) => value_type(values),
        stored => stored,
    }
}

/// `array` with its values row by row, if it has them in a dictionary and they are no text.
///
/// # Errors
///
/// Its keys and values do not fit together.
pub(super) fn out_of_dictionary(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Dictionary(_, values) if !is_text(values) => {
            let dictionary = array.as_any_dictionary();
            let values = dictionary.values();
            // Without a value no key is valid.
            let plain = match values.len() {
                0 => new_null_array(values.data_type(), array.len()),
                _ => taken(values, dictionary.keys())?,
            };
            out_of_dictionary(&plain)
        }
        _ => Ok(Arc::clone(array)),
    }
}

/// [`out_of_dictionary`], of runs of the same value too. A few bytes are runs of any length,
/// so this is for what is in memory, and not for what a file claims.
///
/// # Errors
///
/// As that.
pub(super) fn out_of_runs(array: &ArrayRef) -> Result<ArrayRef> {
    let DataType::RunEndEncoded(ends, _) = array.data_type() else {
        return out_of_dictionary(array);
    };
    let plain = match ends.data_type() {
        DataType::Int16 => written_out::<Int16Type>(array),
        DataType::Int32 => written_out::<Int32Type>(array),
        DataType::Int64 => written_out::<Int64Type>(array),
        _ => Err(malformed()),
    };
    out_of_dictionary(&plain?)
}

fn written_out<R: RunEndIndexType>(array: &ArrayRef) -> Result<ArrayRef> {
    let runs = array.as_run_opt::<R>().ok_or_else(malformed)?;
    let ends = runs.run_ends();
    if ends.is_empty() {
        return Ok(runs.values().slice(0, 0));
    }
    // Of a slice, ends are counted from where the whole begins.
    let (begin, end) = (ends.offset(), ends.offset() + ends.len());
    let first = ends.get_start_physical_index();
    let mut keys: Vec<u64> = Vec::with_capacity(ends.len());
    for (run, run_end) in ends.values().iter().enumerate().skip(first) {
        let rows = run_end.as_usize().min(end).saturating_sub(begin);
        keys.resize(rows.max(keys.len()), run as u64);
        if rows == ends.len() {
            break;
        }
    }
    taken(runs.values(), &UInt64Array::from(keys))
}

fn taken(values: &ArrayRef, keys: &dyn Array) -> Result<ArrayRef> {
    take(values, keys, None).map_err(|_| malformed())
}

fn is_text(values: &DataType) -> bool {
    use DataType::{LargeUtf8, Utf8, Utf8View};
    matches!(values, Utf8 | LargeUtf8 | Utf8View)
}

fn malformed() -> Error {
    Error::new(ErrorKind::Rows, "the column is malformed")
}
