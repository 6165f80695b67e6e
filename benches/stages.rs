//! The stages of linking, each by itself, on made-up extracts.
//!
//! `KOBLING_BENCH_ROWS` says how many rows each extract has (default 200,000),
//! and is what throughput counts. Seeds are fixed. Pseudonyms are uniform, as
//! those of a keyed hash are; persons have one row each, or as many as Zipf's
//! law gives them; 0, 1, 50 or 100 % of the base's persons are in the look-up.
#![allow(missing_docs)] // criterion's macros

#[path = "support/made_up.rs"]
mod made_up;

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt32Array};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kobling::protect::Protection;
use kobling::{Extract, Linkage, Plan, ReleaseKey, bench};
use made_up::{asked, integers, mixed, pseudonyms};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PLAN: &str = r#"
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
rows = "many"
columns = { income = { from = "income", type = "integer" } }
[table.income]
from = "population"
by = ["population.region"]
sensitive = []
measures = [{ persons = true }, { sum = "tax.income" }]
with = { tax = { need = "optional", reduce = { income = "sum" } } }
protect = { min_persons = 5, dominance = { n = 2, percent = 85 }, method = "suppress" }
"#;

fn rows() -> u64 {
    asked("KOBLING_BENCH_ROWS", 200_000)
}

/// Row `row` of a register in no order.
fn shuffled(row: u64) -> u64 {
    // A prime that divides no usual number of rows.
    row * 7_368_787 % rows()
}

/// One row each, from person `from` on.
fn uniform(from: u64) -> Vec<u64> {
    (0..rows()).map(|row| from + shuffled(row)).collect()
}

/// Person k has a share of the rows that falls with k, as Zipf's law has it.
fn zipf() -> Vec<u64> {
    let persons = (rows() as f64).max(2.0);
    // The inverse of the logarithm, which sums of 1/k follow.
    let person = |row| persons.powf((mixed(row) >> 11) as f64 / (1u64 << 53) as f64) as u64;
    (0..rows()).map(person).collect()
}

fn population() -> RecordBatch {
    let labels = (0..400).map(|region| format!("region {region:03}"));
    let codes = (0..rows()).map(|row| (mixed(row) % 400) as u32);
    let codes = UInt32Array::from_iter_values(codes);
    let labels = Arc::new(StringArray::from_iter_values(labels));
    let regions: ArrayRef = Arc::new(DictionaryArray::new(codes, labels));
    let keys = pseudonyms(uniform(0).into_iter());
    RecordBatch::try_from_iter([("pseudonym", keys), ("region", regions)]).unwrap()
}

fn tax(persons: &[u64]) -> RecordBatch {
    let incomes = integers((0..rows()).map(|row| mixed(row + 1) % 1_000_000));
    let keys = pseudonyms(persons.iter().copied());
    RecordBatch::try_from_iter([("pseudonym", keys), ("income", incomes)]).unwrap()
}

fn extract(plan: &Plan, source: &str, batch: &RecordBatch) -> Extract {
    bench::extract(plan, source, std::slice::from_ref(batch)).unwrap()
}

/// A linkage of one extract with `columns` columns, whose first table uses three.
fn wide(columns: usize) -> Linkage {
    use std::fmt::Write as _;
    let head = PLAN.find("[source.tax]").unwrap();
    let mut plan = PLAN[..head].replace("columns = { region", "#");
    plan.push_str("[source.population.columns]\n");
    plan.push_str("region = { from = \"region\", type = \"category\" }\n");
    for column in 1..columns {
        writeln!(
            plan,
            "c{column} = {{ from = \"c{column}\", type = \"integer\" }}"
        )
        .unwrap();
    }
    let table = |plan: &mut String, name: &str, columns: &mut dyn Iterator<Item = usize>| {
        let sums = columns.map(|column| format!(", {{ sum = \"population.c{column}\" }}"));
        let sums: String = sums.collect();
        write!(
            plan,
            "[table.{name}]\nfrom = \"population\"\nby = [\"population.region\"]\n\
             sensitive = []
             measures = [{{ persons = true }}{sums}]\nprotect = {{ min_persons = 5, \
             dominance = {{ n = 2, percent = 85 }}, method = \"suppress\" }}\n"
        )
        .unwrap();
    };
    table(&mut plan, "a", &mut (1..3));
    if columns > 3 {
        table(&mut plan, "b", &mut (3..columns));
    }
    let plan = made_up::plan(&plan);
    let population = population();
    let values = integers((0..rows()).map(|row| mixed(row + 2) % 1_000_000));
    let mut named: Vec<(String, ArrayRef)> = ["pseudonym", "region"]
        .map(|name| {
            (
                name.to_owned(),
                population.column_by_name(name).unwrap().clone(),
            )
        })
        .into();
    named.extend((1..columns).map(|column| (format!("c{column}"), values.clone())));
    let batch = RecordBatch::try_from_iter(named).unwrap();
    Linkage::new(&plan, [extract(&plan, "population", &batch)]).unwrap()
}

fn stages(criterion: &mut Criterion) {
    let plan = made_up::plan(PLAN);
    let mut group = criterion.benchmark_group("stages");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(rows()));
    let population = population();
    let repeats = [("uniform", tax(&uniform(0))), ("zipf", tax(&zipf()))];
    for (name, batch) in &repeats {
        group.bench_function(BenchmarkId::new("sort", name), |bench| {
            bench.iter(|| black_box(extract(&plan, "tax", batch)));
        });
    }
    let linkage = |tax: &RecordBatch| {
        let extracts = [("population", &population), ("tax", tax)];
        let extracts = extracts.map(|(source, batch)| extract(&plan, source, batch));
        Linkage::new(&plan, extracts).unwrap()
    };
    let overlaps = [0, 1, 50, 100].map(|percent| {
        let from = rows() - rows() * percent / 100;
        (format!("{percent} % overlap"), tax(&uniform(from)))
    });
    let zipf = ("zipf".to_owned(), repeats[1].1.clone());
    let protection = || Protection::new(ReleaseKey::generate().unwrap());
    for (name, batch) in overlaps.iter().chain([&zipf]) {
        let linked = linkage(batch);
        group.bench_function(BenchmarkId::new("merge", name), |bench| {
            bench.iter(|| bench::merge(&linked).unwrap());
        });
        group.bench_function(BenchmarkId::new("merge and tabulate", name), |bench| {
            bench.iter_batched(
                || linkage(batch),
                |linkage| linkage.tabulate(protection()).unwrap(),
                BatchSize::PerIteration,
            );
        });
    }
    for columns in [3, 200] {
        let linked = wide(columns);
        group.bench_function(
            BenchmarkId::new("tabulate 3 columns of", columns),
            |bench| {
                bench.iter(|| bench::tabulate_first(&linked).unwrap());
            },
        );
    }
    group.bench_function("protect and release", |bench| {
        bench.iter_batched(
            || linkage(&overlaps[2].1).tabulate(protection()).unwrap(),
            |tables| tables.protect().unwrap().release().unwrap(),
            BatchSize::PerIteration,
        );
    });
    let folder = tempfile::tempdir().unwrap();
    for ending in ["arrow", "parquet"] {
        let path = folder.path().join(format!("tax.{ending}"));
        group.bench_function(BenchmarkId::new("write", ending), |bench| {
            bench.iter_batched(
                || extract(&plan, "tax", &repeats[0].1),
                |made| made.write(&path).unwrap(),
                BatchSize::PerIteration,
            );
        });
        group.bench_function(BenchmarkId::new("read and verify", ending), |bench| {
            bench.iter(|| black_box(Extract::read(&plan, &path).unwrap()));
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
