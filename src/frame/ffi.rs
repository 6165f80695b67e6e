//! polars' arrays as Arrow arrays, where they lie: the one room of frames with `unsafe`.
//!
//! polars and arrow-rs lay arrays out alike, as the Arrow columnar format
//! says, but have each their own Rust types for them. What both have is the
//! [Arrow C data interface]: a C struct that one fills in and the other reads.
//! Going through it copies no value; a register in memory stays there once.
//!
//! The interface's other struct, the one for types, is not used: there are few
//! types that registers are read from, and naming them here keeps the proof
//! that an array is read as what it was written as on one page.
//!
//! [Arrow C data interface]: https://arrow.apache.org/docs/format/CDataInterface.html

#![allow(unsafe_code)]

use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, from_ffi_and_data_type};
use arrow_array::{ArrayRef, NullArray, make_array};
use arrow_schema::{DataType, TimeUnit};
use polars_arrow::array::Array;
use polars_arrow::datatypes::{ArrowDataType, IntegerType, TimeUnit as PolarsTimeUnit};
use polars_arrow::ffi::{ArrowArray, export_array_to_c};

// Both are `struct ArrowArray` of the interface: five 64-bit integers and five
// pointers. That their sizes differ would show that one of them no longer is.
const _: () = assert!(size_of::<ArrowArray>() == size_of::<FFI_ArrowArray>());
const _: () = assert!(align_of::<ArrowArray>() == align_of::<FFI_ArrowArray>());

/// `array` as arrow-rs sees it, sharing its buffers; `None` if it is of a type
/// that registers are not read from.
pub(super) fn import(array: Box<dyn Array>) -> Option<ArrayRef> {
    if *array.dtype() == ArrowDataType::Null {
        // It has no buffers to share, and polars-arrow exports one nevertheless.
        return Some(Arc::new(NullArray::new(array.len())));
    }
    let data_type = data_type(array.dtype())?;
    let mut exported = export_array_to_c(array);
    // SAFETY: The pointer is to a live, aligned, initialised `ArrowArray`, and
    // the type it is cast to has the same layout: both crates declare the
    // interface's struct, `#[repr(C)]` and field by field. `from_raw` moves the
    // struct as the interface's section "Moving an array" says: it takes all
    // fields and leaves a null release callback behind, so that dropping
    // `exported` frees nothing.
    let moved = unsafe { FFI_ArrowArray::from_raw((&raw mut exported).cast()) };
    // SAFETY: polars-arrow filled the struct in for the array's own type, having
    // cast the array down to the Rust type that lays it out so, and
    // `data_type` names that same type for arrow-rs. The struct owns a
    // reference to every buffer, which arrow-rs gives back through the release
    // callback when the last array that reads them is dropped; until then
    // polars, which writes only to buffers that nobody else refers to, leaves
    // them unchanged. Text is UTF-8 and dictionary keys are within bounds,
    // since polars' own arrays have both as invariants.
    let data = unsafe { from_ffi_and_data_type(moved, data_type) };
    data.ok().map(make_array)
}

/// What arrow-rs calls the type that polars-arrow calls `kind`.
///
/// The two must mean one layout: [`import`] rests on it.
fn data_type(kind: &ArrowDataType) -> Option<DataType> {
    Some(match kind {
        ArrowDataType::Boolean => DataType::Boolean,
        ArrowDataType::Int8 => DataType::Int8,
        ArrowDataType::Int16 => DataType::Int16,
        ArrowDataType::Int32 => DataType::Int32,
        ArrowDataType::Int64 => DataType::Int64,
        ArrowDataType::UInt8 => DataType::UInt8,
        ArrowDataType::UInt16 => DataType::UInt16,
        ArrowDataType::UInt32 => DataType::UInt32,
        ArrowDataType::UInt64 => DataType::UInt64,
        ArrowDataType::Float32 => DataType::Float32,
        ArrowDataType::Float64 => DataType::Float64,
        ArrowDataType::Decimal(precision, scale) => {
            DataType::Decimal128(u8::try_from(*precision).ok()?, i8::try_from(*scale).ok()?)
        }
        ArrowDataType::Date32 => DataType::Date32,
        ArrowDataType::Timestamp(unit, None) => {
            let unit = match unit {
                PolarsTimeUnit::Second => TimeUnit::Second,
                PolarsTimeUnit::Millisecond => TimeUnit::Millisecond,
                PolarsTimeUnit::Microsecond => TimeUnit::Microsecond,
                PolarsTimeUnit::Nanosecond => TimeUnit::Nanosecond,
            };
            DataType::Timestamp(unit, None)
        }
        ArrowDataType::Utf8View => DataType::Utf8View,
        ArrowDataType::Dictionary(keys, values, _)
            if matches!(**values, ArrowDataType::Utf8View) =>
        {
            // The keys of polars' categories; others it has no columns of.
            let keys = match keys {
                IntegerType::UInt8 => DataType::UInt8,
                IntegerType::UInt16 => DataType::UInt16,
                IntegerType::UInt32 => DataType::UInt32,
                _ => return None,
            };
            DataType::Dictionary(Box::new(keys), Box::new(DataType::Utf8View))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Int64Type, UInt8Type, UInt32Type};
    use arrow_array::{Array, ArrayRef, StringViewArray};
    use polars::prelude::{
        Categories, CompatLevel, DataType, FrozenCategories, NamedFrom, Series, TimeUnit,
    };

    use super::import;

    fn imported(series: &Series) -> ArrayRef {
        import(series.to_arrow(0, CompatLevel::newest())).unwrap()
    }

    #[test]
    fn numbers_stay_where_they_are() {
        let series = Series::new("n".into(), [11_i64, 12, 13, 14, 15]);
        let there = series.i64().unwrap().cont_slice().unwrap().as_ptr();
        let array = imported(&series);
        assert_eq!(array.as_primitive::<Int64Type>().values().as_ptr(), there);

        let array = imported(&series.slice(2, 2));
        let values = array.as_primitive::<Int64Type>().values();
        assert_eq!(values.as_ptr(), there.wrapping_add(2));
        assert_eq!(**values, [13, 14]);
    }

    #[test]
    fn text_stays_where_it_is() {
        let long = "longer than the twelve bytes that a view holds itself";
        let series = Series::new("t".into(), [Some("short"), None, Some(long)]);
        let chunk = series.str().unwrap().downcast_iter().next().unwrap();
        let array = imported(&series);
        let array = array.as_string_view();
        let views = chunk.views().as_ptr().cast::<u8>();
        assert_eq!(array.views().inner().as_ptr(), views);
        let there: Vec<_> = chunk.data_buffers().iter().map(|b| b.as_ptr()).collect();
        let here: Vec<_> = array.data_buffers().iter().map(|b| b.as_ptr()).collect();
        assert_eq!(here, there);
        assert_eq!(here.len(), 1);
        let read: Vec<_> = array.iter().collect();
        assert_eq!(read, [Some("short"), None, Some(long)]);
    }

    #[test]
    fn arrays_outlive_their_frame() {
        let series = Series::new("n".into(), (0..1000_i64).collect::<Vec<_>>());
        let array = imported(&series);
        // With the array alive polars may not write in place.
        let doubled = series * 2_i64;
        drop(doubled);
        let sum: i64 = array.as_primitive::<Int64Type>().values().iter().sum();
        assert_eq!(sum, 499_500);
    }

    #[test]
    fn slices_keep_their_nulls() {
        let whole = [Some(true), None, Some(false), Some(true), None, Some(false)];
        let series = Series::new("b".into(), whole);
        for offset in 0..6 {
            let array = imported(&series.slice(offset, 6));
            let read: Vec<_> = array.as_boolean().iter().collect();
            assert_eq!(read, whole[offset as usize..]);
        }
    }

    #[test]
    fn categories_come_as_a_dictionary() {
        let text = Series::new("c".into(), [Some("b"), None, Some("a"), Some("b")]);
        let categories = DataType::from_categories(Categories::global());
        let frozen = DataType::from_frozen_categories(FrozenCategories::new(["a", "b"]).unwrap());
        for kind in [categories, frozen] {
            let array = imported(&text.cast(&kind).unwrap());
            let read: Vec<_> = match array.as_dictionary_opt::<UInt32Type>() {
                Some(array) => {
                    let array = array.downcast_dict::<StringViewArray>().unwrap();
                    array.into_iter().collect()
                }
                // The keys of an enum are as narrow as its labels are few.
                None => {
                    let array = array.as_dictionary::<UInt8Type>();
                    let array = array.downcast_dict::<StringViewArray>().unwrap();
                    array.into_iter().collect()
                }
            };
            assert_eq!(read, [Some("b"), None, Some("a"), Some("b")]);
        }
    }

    #[test]
    fn every_type_keeps_its_values() {
        let numbers = Series::new("n".into(), [Some(1_i64), None, Some(100)]);
        let kinds = [
            DataType::Int8,
            DataType::Int16,
            DataType::Int32,
            DataType::UInt8,
            DataType::UInt16,
            DataType::UInt32,
            DataType::UInt64,
            DataType::Float32,
            DataType::Float64,
            DataType::Decimal(20, 0),
            DataType::Date,
            DataType::Datetime(TimeUnit::Milliseconds, None),
            DataType::Datetime(TimeUnit::Microseconds, None),
            DataType::Datetime(TimeUnit::Nanoseconds, None),
        ];
        for kind in kinds {
            let array = imported(&numbers.cast(&kind).unwrap());
            array.to_data().validate_full().unwrap();
            assert_eq!(array.null_count(), 1, "{kind}");
            assert!(array.is_null(1), "{kind}");
            let cells = crate::rows::cell::ColumnCells::of(&array).expect("a type that is read");
            let mut buffer = String::new();
            let mut text = |row| cells.get(row).text(&mut buffer).map(str::to_owned);
            match kind {
                DataType::Date => assert_eq!(text(2).unwrap(), "1970-04-11"),
                DataType::Datetime(..) => assert_eq!(text(2).unwrap(), "1970-01-01"),
                _ => assert_eq!(text(2).unwrap(), "100", "{kind}"),
            }
            assert_eq!(text(1), None);
        }
        let nothing = Series::new_null("z".into(), 4);
        assert_eq!(imported(&nothing).logical_null_count(), 4);
    }
}
