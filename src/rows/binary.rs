//! Text as a file holds it: bytes that are text without saying so, and text that must be one.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, GenericBinaryArray, GenericStringArray, OffsetSizeTrait};
use arrow_schema::DataType;

use super::cell::ColumnCells;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::scalar::Number;

/// `array` as text, if it holds bytes; else as it is. Some writers of Parquet
/// leave out the annotation that says of bytes that they are text.
///
/// # Errors
///
/// Its bytes are not UTF-8.
pub(super) fn as_text(array: &ArrayRef) -> Result<ArrayRef> {
    let text: Option<ArrayRef> = match array.data_type() {
        DataType::Binary => text(array.as_binary::<i32>()),
        DataType::LargeBinary => text(array.as_binary::<i64>()),
        DataType::BinaryView => {
            let text = array.as_binary_view().clone().to_string_view();
            text.ok().map(|text| Arc::new(text) as ArrayRef)
        }
        _ => return Ok(Arc::clone(array)),
    };
    text.ok_or_else(|| {
        let rule = "holds bytes that are not text in UTF-8";
        Error::new(ErrorKind::Rows, rule)
    })
}

fn text<O: OffsetSizeTrait>(array: &GenericBinaryArray<O>) -> Option<ArrayRef> {
    let text = GenericStringArray::<O>::try_from_binary(array.clone()).ok()?;
    Some(Arc::new(text))
}

/// Whether every row of `array` holds what `value` writes: the same text, or
/// the same number; `None` is the missing value.
pub(super) fn is_everywhere(array: &ArrayRef, value: Option<&str>) -> bool {
    let Some(cells) = ColumnCells::of(array) else {
        return false;
    };
    let number = value.and_then(Number::parse);
    let mut buffer = String::new();
    (0..array.len()).all(|row| match (cells.get(row).text(&mut buffer), value) {
        (Some(text), Some(value)) => {
            text == value.trim() || number.is_some() && Number::parse(text) == number
        }
        (None, value) => value.is_none_or(|value| value.trim().is_empty()),
        (Some(_), None) => false,
    })
}
