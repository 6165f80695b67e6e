//! Points in time that mean days: the days that they are where the register is kept.
//!
//! A day is a day in a zone. Norwegian midnights that were stored in universal
//! time are on the day before there, and a table by year would be off by one. So
//! the zone is the plan's, or the one that the file states; where neither states
//! one, the column is refused. Universal time is what points in time are stored
//! in, and an offset is what holds at some of them: neither states a zone.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, Date32Array};
use arrow_schema::{DataType, TimeUnit};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::format::FileFormat;
use crate::plan::zone::Zone;

/// The zone whose days a column of `data_type` holds; `None` if it holds no
/// points in time, or such as state no zone at all: those are local time.
///
/// # Errors
///
/// Neither the plan nor the file says in which zone days begin.
pub(super) fn zone(data_type: &DataType, declared: &FileFormat) -> Result<Option<Zone>> {
    let DataType::Timestamp(_, Some(stated)) = data_type else {
        return Ok(None);
    };
    if let Some(name) = &declared.time_zone {
        // Checked with the plan.
        return Ok(Zone::find(name));
    }
    let is_offset = |name: &str| name.starts_with(['+', '-']);
    let zone = match stated.trim() {
        name if is_offset(name) || is_universal(name) => None,
        name => Zone::find(name),
    };
    let refuse = || {
        let rule = "holds points in time, and nothing says in which time zone their days begin";
        let help = "format = { time_zone = \"Europe/Oslo\" } below the source in the plan, or the \
                    zone where the register is kept; \"UTC\" if it keeps its days in universal time";
        Error::new(ErrorKind::Rows, rule).help(help)
    };
    zone.map(Some).ok_or_else(refuse)
}

fn is_universal(name: &str) -> bool {
    let names = [
        "UTC", "Z", "GMT", "Etc/UTC", "Etc/GMT", "Zulu", "UCT", "Etc/UCT", "",
    ];
    names
        .iter()
        .any(|universal| universal.eq_ignore_ascii_case(name))
}

/// `array` with its points in time as days, if it holds such; else as it is.
///
/// # Errors
///
/// As [`zone`].
pub(crate) fn as_days(array: &ArrayRef, declared: &FileFormat) -> Result<ArrayRef> {
    let Some(zone) = zone(array.data_type(), declared)? else {
        return Ok(Arc::clone(array));
    };
    let DataType::Timestamp(unit, _) = array.data_type() else {
        return Ok(Arc::clone(array));
    };
    Ok(match unit {
        TimeUnit::Second => days::<TimestampSecondType>(array, &zone, 1),
        TimeUnit::Millisecond => days::<TimestampMillisecondType>(array, &zone, 1000),
        TimeUnit::Microsecond => days::<TimestampMicrosecondType>(array, &zone, 1_000_000),
        TimeUnit::Nanosecond => days::<TimestampNanosecondType>(array, &zone, 1_000_000_000),
    })
}

fn days<T: ArrowPrimitiveType<Native = i64>>(
    array: &ArrayRef,
    zone: &Zone,
    a_second: i64,
) -> ArrayRef {
    let mut days = zone.days();
    let array = array.as_primitive::<T>();
    let mut day = |at: i64| days.of(at.div_euclid(a_second));
    let days = array.iter().map(|at| at.map(&mut day));
    Arc::new(days.collect::<Date32Array>())
}
