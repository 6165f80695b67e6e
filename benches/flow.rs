//! The steps of the flow, each by itself, on two registers of made-up persons.
//!
//! `KOBLING_BENCH_ROWS` says how many rows each has (default 200,000). Seeds
//! are fixed; keys are fresh, which changes no time.
#![allow(missing_docs)] // criterion's macros

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use kobling::{DomainKey, Extract, Linkage, LinkageKey, Plan, ReleaseKey, Rows};

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
[source.population]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "one"
columns = { region = { from = "region", type = "category" } }
[source.tax]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "one"
columns = { income = { from = "income", type = "integer" } }
[table.income]
from = "population"
by = ["population.region"]
measures = [{ persons = true }, { sum = "tax.income" }]
with = { tax = { need = "optional" } }
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

/// Persons `from..from + rows`, in an order of their own.
fn ids(from: u64) -> ArrayRef {
    let mut ids: Vec<u64> = (from..from + rows()).collect();
    ids.sort_unstable_by_key(|id| mixed(*id ^ from));
    Arc::new(
        ids.into_iter()
            .map(|id| Some(id as i64))
            .collect::<Int64Array>(),
    )
}

fn population() -> RecordBatch {
    let regions = (0..rows()).map(|row| format!("region {}", mixed(row) % 400));
    let regions: ArrayRef = Arc::new(StringArray::from_iter_values(regions));
    RecordBatch::try_from_iter([("id", ids(0)), ("region", regions)]).unwrap()
}

/// Four persons of five have an income.
fn tax() -> RecordBatch {
    let incomes = (0..rows()).map(|row| Some((mixed(row + 1) % 1_000_000) as i64));
    let incomes: ArrayRef = Arc::new(incomes.collect::<Int64Array>());
    RecordBatch::try_from_iter([("id", ids(rows() / 5)), ("income", incomes)]).unwrap()
}

fn extract(plan: &Plan, key: &DomainKey, source: &str, batch: &RecordBatch) -> Extract {
    let rows = Rows::from_batches(plan, source, [batch.clone()]).unwrap();
    rows.identify().unwrap().pseudonymise(key).unwrap()
}

fn flow(criterion: &mut Criterion) {
    let plan = Plan::parse(PLAN).unwrap().rehearsal();
    let key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    let (population, tax) = (population(), tax());
    let mut group = criterion.benchmark_group("flow");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(rows()));

    group.bench_function("identify", |bench| {
        bench.iter(|| {
            let rows = Rows::from_batches(&plan, "tax", [tax.clone()]).unwrap();
            black_box(rows.identify().unwrap())
        });
    });
    group.bench_function("pseudonymise and sort", |bench| {
        let identified = || {
            let rows = Rows::from_batches(&plan, "tax", [tax.clone()]).unwrap();
            rows.identify().unwrap()
        };
        bench.iter_batched(
            identified,
            |rows| rows.pseudonymise(&key).unwrap(),
            BatchSize::LargeInput,
        );
    });
    let extracts = || {
        [("population", &population), ("tax", &tax)]
            .map(|(source, batch)| extract(&plan, &key, source, batch))
    };
    group.bench_function("link and tabulate", |bench| {
        bench.iter_batched(
            || Linkage::new(&plan, extracts()).unwrap(),
            |linkage| linkage.tabulate().unwrap(),
            BatchSize::LargeInput,
        );
    });
    let release_key = ReleaseKey::generate().unwrap();
    group.bench_function("protect and release", |bench| {
        bench.iter_batched(
            || Linkage::new(&plan, extracts()).unwrap().tabulate().unwrap(),
            |tables| tables.protect(&release_key).unwrap().release().unwrap(),
            BatchSize::LargeInput,
        );
    });
    let folder = tempfile::tempdir().unwrap();
    let made = extract(&plan, &key, "tax", &tax);
    for ending in ["arrow", "parquet"] {
        let path = folder.path().join(format!("tax.{ending}"));
        group.bench_function(format!("write {ending}"), |bench| {
            bench.iter(|| made.write(&path).unwrap());
        });
        group.bench_function(format!("read and verify {ending}"), |bench| {
            bench.iter(|| black_box(Extract::read(&plan, &path).unwrap()));
        });
    }
    group.finish();
}

criterion_group!(benches, flow);
criterion_main!(benches);
