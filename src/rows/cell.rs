//! One value as a register holds it, whatever the array it came in.
//!
//! Registers write one thing in many types: a year as text, an identifier as
//! a float. What follows asks for meaning, not for Arrow types; this is the
//! only place that knows all of them.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Decimal128Array, Float64Array, Int64Array,
    LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};

use super::sheet::SheetErrors;
use super::written::NumberNotation;
use crate::plan::Date;
use crate::plan::scalar::display_scaled;

const SECONDS_A_DAY: i64 = 86_400;

/// One value of a register. There is no `Debug`: it would print it.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'a> {
    Missing,
    Text(&'a str),
    Integer(i128),
    Float(f64),
    /// A float of 32 bits, which distinguishes fewer numbers.
    Single(f32),
    Decimal {
        unscaled: i128,
        scale: u8,
    },
    Boolean(bool),
    /// Days since 1970-01-01.
    Day(i32),
    /// What a spreadsheet could not compute, as it shows it: `#N/A`.
    Error(&'static str),
}

impl<'a> Cell<'a> {
    /// The value as text, trimmed; numbers without superfluous zeros. `None` if
    /// it is missing or empty.
    pub(crate) fn text(self, buffer: &'a mut String) -> Option<&'a str> {
        buffer.clear();
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Missing => return None,
            Self::Text(text) => return Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Error(error) => return Some(error),
            Self::Float(float) if float.is_nan() => return None,
            Self::Single(float) if float.is_nan() => return None,
            // -0.0 is 0.
            Self::Float(float) => write!(buffer, "{}", if float == 0.0 { 0.0 } else { float }),
            // As its shortest decimal: 5.7 in 32 bits means 5.7.
            Self::Single(float) => write!(buffer, "{}", if float == 0.0 { 0.0 } else { float }),
            Self::Integer(integer) => write!(buffer, "{integer}"),
            Self::Decimal { unscaled, scale } => {
                let (mut unscaled, mut scale) = (unscaled, scale);
                while scale > 0 && unscaled % 10 == 0 {
                    unscaled /= 10;
                    scale -= 1;
                }
                buffer.write_str(&display_scaled(unscaled, scale))
            }
            Self::Boolean(boolean) => write!(buffer, "{boolean}"),
            Self::Day(days) => match Date::from_days(days) {
                Some(date) => write!(buffer, "{date}"),
                None => return None,
            },
        };
        Some(buffer)
    }
}

/// A register's column, to be read value by value.
pub(crate) struct ColumnCells(CellKind, NumberNotation, Option<SheetErrors>);

enum CellKind {
    Null,
    Utf8(StringArray),
    LargeUtf8(LargeStringArray),
    Utf8View(StringViewArray),
    /// Values, and for each row which of them, or [`NO_KEY`].
    Dictionary(Box<ColumnCells>, Vec<usize>),
    Array(ArrayRef, CellReader),
}

/// The key of a missing value.
pub(crate) const NO_KEY: usize = usize::MAX;

type CellReader = for<'a> fn(&'a dyn Array, usize) -> Cell<'a>;

impl ColumnCells {
    /// The values of `array`; `None` if its type is not one that registers are read from.
    pub(crate) fn of(array: &ArrayRef) -> Option<Self> {
        macro_rules! integer {
            ($type:ty) => {{
                fn read(array: &dyn Array, row: usize) -> Cell<'_> {
                    Cell::Integer(array.as_primitive::<$type>().value(row).into())
                }
                read
            }};
        }
        macro_rules! decimal {
            ($type:ty) => {{
                fn read(array: &dyn Array, row: usize) -> Cell<'_> {
                    let array = array.as_primitive::<$type>();
                    Cell::Decimal {
                        unscaled: array.value(row).into(),
                        scale: array.scale().unsigned_abs(),
                    }
                }
                read
            }};
        }
        macro_rules! days {
            ($type:ty, $a_day:expr) => {{
                fn read(array: &dyn Array, row: usize) -> Cell<'_> {
                    let value = i64::from(array.as_primitive::<$type>().value(row));
                    // `Date` has fewer than 2^22 days; what is beyond stays beyond, and
                    // is refused as no date: it must not pass for missing.
                    let days = value.div_euclid($a_day);
                    Cell::Day(days.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
                }
                read
            }};
        }
        let reader: CellReader = match array.data_type() {
            DataType::Null => return Some(Self(CellKind::Null, NumberNotation::default(), None)),
            DataType::Utf8 => {
                return Some(Self(
                    CellKind::Utf8(array.as_string().clone()),
                    NumberNotation::default(),
                    None,
                ));
            }
            DataType::LargeUtf8 => {
                return Some(Self(
                    CellKind::LargeUtf8(array.as_string().clone()),
                    NumberNotation::default(),
                    None,
                ));
            }
            DataType::Utf8View => {
                return Some(Self(
                    CellKind::Utf8View(array.as_string_view().clone()),
                    NumberNotation::default(),
                    None,
                ));
            }
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary();
                let values = Self::of(dictionary.values())?;
                // Without a value no key is valid; Arrow panics if asked for them then.
                let mut keys = match dictionary.values().len() {
                    0 => vec![NO_KEY; array.len()],
                    _ => dictionary.normalized_keys(),
                };
                if let Some(nulls) = array.nulls() {
                    for (key, valid) in keys.iter_mut().zip(nulls) {
                        *key = if valid { *key } else { NO_KEY };
                    }
                }
                return Some(Self(
                    CellKind::Dictionary(Box::new(values), keys),
                    NumberNotation::default(),
                    None,
                ));
            }
            DataType::Int8 => integer!(Int8Type),
            DataType::Int16 => integer!(Int16Type),
            DataType::Int32 => integer!(Int32Type),
            DataType::Int64 => integer!(Int64Type),
            DataType::UInt8 => integer!(UInt8Type),
            DataType::UInt16 => integer!(UInt16Type),
            DataType::UInt32 => integer!(UInt32Type),
            DataType::UInt64 => integer!(UInt64Type),
            DataType::Float32 => {
                |array, row| Cell::Single(array.as_primitive::<Float32Type>().value(row))
            }
            DataType::Float64 => {
                |array, row| Cell::Float(array.as_primitive::<Float64Type>().value(row))
            }
            DataType::Boolean => |array, row| Cell::Boolean(array.as_boolean().value(row)),
            DataType::Decimal32(_, 0..) => decimal!(Decimal32Type),
            DataType::Decimal64(_, 0..) => decimal!(Decimal64Type),
            DataType::Decimal128(_, 0..=38) => decimal!(Decimal128Type),
            DataType::Decimal256(_, 0..) => return Self::wide_decimals(array),
            DataType::Date32 => days!(Date32Type, 1),
            DataType::Date64 => days!(Date64Type, 1000 * SECONDS_A_DAY),
            // Those of a zone are days before they come here (`instant`).
            DataType::Timestamp(unit, None) => match unit {
                TimeUnit::Second => days!(TimestampSecondType, SECONDS_A_DAY),
                TimeUnit::Millisecond => days!(TimestampMillisecondType, 1000 * SECONDS_A_DAY),
                TimeUnit::Microsecond => days!(TimestampMicrosecondType, 1_000_000 * SECONDS_A_DAY),
                TimeUnit::Nanosecond => {
                    days!(TimestampNanosecondType, 1_000_000_000 * SECONDS_A_DAY)
                }
            },
            _ => return None,
        };
        Some(Self(
            CellKind::Array(array.clone(), reader),
            NumberNotation::default(),
            None,
        ))
    }

    /// The same values, of whose numbers in text this is known.
    pub(crate) fn written_as(self, written: NumberNotation) -> Self {
        Self(self.0, written, self.2)
    }

    /// The same values, of which these are errors of a spreadsheet.
    pub(crate) fn with_errors(self, errors: Option<SheetErrors>) -> Self {
        Self(self.0, self.1, errors)
    }

    /// Whether there may be errors of a spreadsheet among the values.
    pub(crate) fn may_have_errors(&self) -> bool {
        self.2.is_some()
    }

    /// What is known of numbers that are written as text.
    pub(crate) fn written(&self) -> &NumberNotation {
        &self.1
    }

    /// Decimals of 256 bits, at the least scale that says all of them; `None` if 128
    /// bits do not hold one at that scale.
    fn wide_decimals(array: &ArrayRef) -> Option<Self> {
        let decimals = array.as_primitive::<Decimal256Type>();
        let ten = i256::from_i128(10);
        // How many decimals a value has that are not zeros at its end.
        let decimals_of = |mut value: i256| {
            let mut scale = decimals.scale().unsigned_abs();
            while scale > 0 && value.wrapping_rem(ten) == i256::ZERO {
                value = value.wrapping_div(ten);
                scale -= 1;
            }
            scale
        };
        let kept = decimals.iter().flatten().map(decimals_of).max();
        let kept = kept.unwrap_or(0);
        let dropped = ten.checked_pow(u32::from(decimals.scale().unsigned_abs() - kept))?;
        let mut narrowed = Vec::with_capacity(decimals.len());
        for value in decimals {
            narrowed.push(match value {
                None => None,
                Some(value) => Some(value.wrapping_div(dropped).to_i128()?),
            });
        }
        let scale = i8::try_from(kept).ok().filter(|scale| *scale <= 38)?;
        let narrowed = Decimal128Array::from(narrowed);
        let narrowed = narrowed.with_data_type(DataType::Decimal128(38, scale));
        Self::of(&(Arc::new(narrowed) as ArrayRef))
    }

    /// The column, if it is text of this type.
    pub(crate) fn utf8(&self) -> Option<&StringArray> {
        match &self.0 {
            CellKind::Utf8(array) => Some(array),
            _ => None,
        }
    }

    /// The column, if it is text of this type.
    pub(crate) fn large_utf8(&self) -> Option<&LargeStringArray> {
        match &self.0 {
            CellKind::LargeUtf8(array) => Some(array),
            _ => None,
        }
    }

    /// The column, if it is of this type.
    pub(crate) fn int64(&self) -> Option<&Int64Array> {
        self.primitive()
    }

    /// The column, if it is of this type.
    pub(crate) fn float64(&self) -> Option<&Float64Array> {
        self.primitive()
    }

    fn primitive<T: ArrowPrimitiveType>(&self) -> Option<&PrimitiveArray<T>> {
        match &self.0 {
            // An error is null there, and not missing.
            CellKind::Array(array, _) if self.2.is_none() => array.as_primitive_opt(),
            _ => None,
        }
    }

    /// The values of a dictionary, and for each row which of them, or [`NO_KEY`].
    pub(crate) fn dictionary(&self) -> Option<(&ColumnCells, &[usize])> {
        match &self.0 {
            CellKind::Dictionary(values, keys) => Some((values, keys)),
            _ => None,
        }
    }

    /// The value in `row`.
    pub(crate) fn get(&self, row: usize) -> Cell<'_> {
        fn text<'a>(array: &'a dyn Array, row: usize, value: impl FnOnce() -> &'a str) -> Cell<'a> {
            match array.is_null(row) {
                true => Cell::Missing,
                false => Cell::Text(value()),
            }
        }
        if let Some(errors) = &self.2
            && let Some(error) = errors.get(row)
        {
            return Cell::Error(error);
        }
        match &self.0 {
            CellKind::Null => Cell::Missing,
            CellKind::Utf8(array) => text(array, row, || array.value(row)),
            CellKind::LargeUtf8(array) => text(array, row, || array.value(row)),
            CellKind::Utf8View(array) => text(array, row, || array.value(row)),
            CellKind::Dictionary(values, keys) => match keys[row] {
                NO_KEY => Cell::Missing,
                key => values.get(key),
            },
            CellKind::Array(array, _) if array.is_null(row) => Cell::Missing,
            CellKind::Array(array, reader) => reader(array, row),
        }
    }
}
