//! Released values as text.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, UInt32Type, UInt64Type,
};
use arrow_schema::DataType;

use crate::plan::Date;
use crate::plan::scalar::display_scaled;

/// A released value as text; missing is empty.
pub(super) fn text(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_dictionary::<UInt32Type>();
            let labels = dictionary.values().as_string::<i32>();
            labels
                .value(dictionary.keys().value(row) as usize)
                .to_owned()
        }
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Decimal128(_, scale) => {
            let value = column.as_primitive::<Decimal128Type>().value(row);
            display_scaled(value, scale.unsigned_abs())
        }
        DataType::Date32 => Date::from_days(column.as_primitive::<Date32Type>().value(row))
            .map(|date| date.to_string())
            .unwrap_or_default(),
        // A release has no other types.
        _ => String::new(),
    }
}
