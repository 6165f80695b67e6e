//! What benchmarks are made of: numbers that look random, and a plan's project.
//!
//! All of it is the same in every run.

// Each benchmark is a program of its own, and none uses all of this.
#![allow(dead_code)]

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray, Int64Array};
use kobling::Plan;

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

/// The number that the environment has under `name`.
pub(crate) fn asked(name: &str, default: u64) -> u64 {
    let asked = std::env::var(name).ok();
    asked
        .and_then(|asked| asked.parse().ok())
        .unwrap_or(default)
}

/// A fixed sequence that looks random: Steele, Lea and Flood's SplitMix64.
pub(crate) fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
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
