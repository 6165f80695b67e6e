//! What benchmarks are made of: numbers that look random, and a plan's project.
//!
//! All of it is the same in every run.

// Each benchmark is a program of its own, and none uses all of this.
#![allow(dead_code)]

use std::sync::Arc;

#[path = "numbers.rs"]
mod numbers;

use arrow_array::{ArrayRef, FixedSizeBinaryArray, Int64Array};
use kobling::Plan;
#[allow(unused_imports)] // as above
pub(crate) use numbers::{asked, mixed};

const PROJECT: &str = r#"
version = 1
[project]
id = "bench"
epoch = 1
title = "Income by region"
purpose = "To be timed"
controller = "c"
linkage_unit = "l"
recipient = "r"
valid = { from = 2000-01-01, until = 9999-12-31 }
"#;

/// A rehearsal of these sources and tables.
pub(crate) fn plan(sources_and_tables: &str) -> Plan {
    let plan = Plan::parse(&format!("{PROJECT}{sources_and_tables}"));
    plan.unwrap().rehearsal()
}

pub(crate) fn integers(values: impl Iterator<Item = u64>) -> ArrayRef {
    let values = values.map(|value| value as i64);
    Arc::new(Int64Array::from_iter_values(values))
}

/// A pseudonym for each number, uniform as those of a keyed hash are.
pub(crate) fn pseudonyms(numbers: impl Iterator<Item = u64>) -> ArrayRef {
    let bytes = numbers.flat_map(|number| {
        let halves = [mixed(2 * number), mixed(2 * number + 1)];
        halves.map(u64::to_be_bytes).concat()
    });
    let bytes: Vec<u8> = bytes.collect();
    Arc::new(FixedSizeBinaryArray::new(16, bytes.into(), None))
}
