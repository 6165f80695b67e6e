//! From a register's column of identifiers to pseudonyms, beside the floor under it.
//!
//! The floor is what no HMAC-SHA256 of short messages can go below: two bare
//! calls a value of the block function of SHA-256. `KOBLING_BENCH_ROWS` says
//! how many values (default 200,000), `RAYON_NUM_THREADS` how many threads.
//! Seeds are fixed; keys are fresh, which changes no time.
#![allow(missing_docs)] // criterion's macros

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kobling::{LinkageKey, Plan, Rows, bench};
use sha2::block_api::compress256;

const PLAN: &str = r#"
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
[source.fnr]
agency = "a"
legal_basis = ["b"]
identifier = { column = "fnr", type = "no-fnr" }
rows = "many"
columns = { region = { from = "region", type = "category" } }
[source.number]
agency = "a"
legal_basis = ["b"]
identifier = { column = "number", type = "number" }
rows = "many"
columns = { income = { from = "income", type = "integer" } }
[source.coded]
agency = "a"
legal_basis = ["b"]
identifier = { column = "number", type = "number" }
rows = "many"
columns = { region = { from = "coded", type = "category" } }
[source.spread]
agency = "a"
legal_basis = ["b"]
identifier = { column = "number", type = "number" }
rows = "many"
columns = { share = { from = "share", type = "decimal", scale = 2 } }
[table.persons]
from = "fnr"
by = ["fnr.region"]
measures = [{ persons = true }]
protect = { min_persons = 5, method = "suppress" }
[table.income]
from = "coded"
by = ["coded.region"]
measures = [{ persons = true }, { sum = "number.income" }, { sum = "spread.share" }]
with = { number = { need = "optional", reduce = { income = "sum" } }, spread = { need = "optional", reduce = { share = "sum" } } }
protect = { min_persons = 5, dominance = { n = 2, percent = 85 }, method = "suppress" }
"#;

/// A fixed sequence that looks random: Steele, Lea and Flood's SplitMix64.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn rows() -> u64 {
    let rows = std::env::var("KOBLING_BENCH_ROWS").ok();
    rows.and_then(|rows| rows.parse().ok()).unwrap_or(200_000)
}

/// A made-up number that passes, if there are control digits for what `seed` makes.
fn fnr(seed: u64) -> Option<String> {
    let (a, b) = (mixed(seed), mixed(!seed));
    let (day, month, year) = (a % 28 + 1, (a >> 16) % 12 + 1, (a >> 32) % 40);
    let nine = format!("{day:02}{month:02}{year:02}{:03}", b % 1000);
    let mut digits: Vec<u64> = nine.bytes().map(|byte| u64::from(byte - b'0')).collect();
    for weights in [
        [3, 7, 6, 1, 8, 9, 4, 5, 2, 0],
        [5, 4, 3, 2, 7, 6, 5, 4, 3, 2],
    ] {
        let sum: u64 = digits.iter().zip(weights).map(|(d, w)| d * w).sum();
        match (11 - sum % 11) % 11 {
            10 => return None,
            control => digits.push(control),
        }
    }
    Some(digits.iter().map(u64::to_string).collect())
}

/// A register in which every row passes.
fn register() -> RecordBatch {
    let count = rows() as usize;
    let fnrs = (0..).filter_map(fnr).take(count);
    let fnrs: ArrayRef = Arc::new(StringArray::from_iter_values(fnrs));
    let numbers = (0..rows()).map(|row| (mixed(row) % 100_000_000) as i64);
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
    let regions: Vec<String> = (0..rows())
        .map(|row| format!("region {}", mixed(row) % 400))
        .collect();
    let coded: DictionaryArray<Int32Type> = regions.iter().map(String::as_str).collect();
    let regions: ArrayRef = Arc::new(StringArray::from(regions));
    let incomes = (0..rows()).map(|row| (mixed(row + 1) % 1_000_000) as i64);
    let incomes: ArrayRef = Arc::new(Int64Array::from_iter_values(incomes));
    let shares = (0..rows()).map(|row| (mixed(row + 2) % 10_000) as f64 / 100.0);
    let shares: ArrayRef = Arc::new(Float64Array::from_iter_values(shares));
    RecordBatch::try_from_iter([
        ("fnr", fnrs),
        ("number", numbers),
        ("region", regions),
        ("coded", Arc::new(coded)),
        ("income", incomes),
        ("share", shares),
    ])
    .unwrap()
}

fn pseudonymise(criterion: &mut Criterion) {
    let plan = Plan::parse(PLAN).unwrap().rehearsal();
    let key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    let register = register();
    let mut group = criterion.benchmark_group("pseudonymise");
    group.throughput(Throughput::Elements(rows()));

    group.bench_function("floor: two blocks a value", |bench| {
        let pads = black_box([[1; 8], [2; 8]]);
        let block = black_box([[3; 64]]);
        bench.iter(|| {
            for _ in 0..rows() {
                for pad in &pads {
                    let mut state = *pad;
                    compress256(&mut state, &block);
                    black_box(&state);
                }
            }
        });
    });
    for source in ["fnr", "number"] {
        group.bench_function(format!("{source} column in, pseudonyms out"), |bench| {
            let batches = std::slice::from_ref(&register);
            bench.iter(|| black_box(bench::pseudonyms(&plan, source, &key, batches).unwrap()));
        });
    }
    group.bench_function("fnr column in, canonical forms out", |bench| {
        let batches = std::slice::from_ref(&register);
        bench.iter(|| black_box(bench::identify(&plan, "fnr", batches).unwrap()));
    });
    for source in ["fnr", "coded", "number", "spread"] {
        group.bench_function(format!("identify {source} and read its column"), |bench| {
            bench.iter(|| {
                let rows = Rows::from_batches(&plan, source, [register.clone()]).unwrap();
                black_box(rows.identify().unwrap())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, pseudonymise);
criterion_main!(benches);
