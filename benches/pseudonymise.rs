//! From a register's column of identifiers to pseudonyms, compared with the floor under it.
//!
//! The floor is what no HMAC-SHA256 of short messages can go below: two bare
//! calls a value of the block function of SHA-256. `KOBLING_BENCH_ROWS` says
//! how many values (default 200,000), `RAYON_NUM_THREADS` how many threads.
//! Seeds are fixed; keys are fresh, which changes no time.
#![allow(missing_docs)] // criterion's macros

#[path = "support/fnr.rs"]
mod fnr;
#[path = "support/made_up.rs"]
mod made_up;

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, RecordBatch, StringArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kobling::{LinkageKey, Rows, bench};
use made_up::{asked, integers, mixed};
use sha2::block_api::compress256;

const PLAN: &str = r#"
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
sensitive = []
measures = [{ persons = true }]
protect = { min_persons = 5, method = "suppress" }
[table.income]
from = "coded"
by = ["coded.region"]
sensitive = []
measures = [{ persons = true }, { sum = "number.income" }, { sum = "spread.share" }]
with = { number = { need = "optional", reduce = { income = "sum" } }, spread = { need = "optional", reduce = { share = "sum" } } }
protect = { min_persons = 5, dominance = { n = 2, percent = 85 }, method = "suppress" }
"#;

fn rows() -> u64 {
    asked("KOBLING_BENCH_ROWS", 200_000)
}

/// A register in which every row passes.
fn register() -> RecordBatch {
    let count = rows() as usize;
    let fnrs = (0..).filter_map(|seed| fnr::number(seed, 0)).take(count);
    let fnrs = fnrs.map(|number| format!("{number:011}"));
    let fnrs: ArrayRef = Arc::new(StringArray::from_iter_values(fnrs));
    let numbers = integers((0..rows()).map(|row| mixed(row) % 100_000_000));
    let regions: Vec<String> = (0..rows())
        .map(|row| format!("region {}", mixed(row) % 400))
        .collect();
    let coded: DictionaryArray<Int32Type> = regions.iter().map(String::as_str).collect();
    let regions: ArrayRef = Arc::new(StringArray::from(regions));
    let incomes = integers((0..rows()).map(|row| mixed(row + 1) % 1_000_000));
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
    let plan = made_up::plan(PLAN);
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
