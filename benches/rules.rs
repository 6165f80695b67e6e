//! What protection costs, compared with the plain fold of the same rows.
//!
//! `KOBLING_BENCH_ROWS` says how many rows the register has (default 200,000),
//! one a person. They are folded into 400 cells, into 40,000 and, where there
//! are twice as many rows as that, into 1,000,000 of them: of fewer persons the
//! table would be a list of them, which is refused. Seeds are fixed.
//!
//! `plain fold` keeps persons, rows and sums, and nothing that only rules look
//! at; `fold` keeps the largest contributors too. `primary rules` is that fold
//! and the rules' verdict on every figure: it should take at most twice as long
//! as the plain one. (One category with 4,000 labels or more, whose cells need no
//! hash and have a few dozen persons each, is where it takes longer: up to 2½
//! times.) `protect` suppresses and audits what follows from that, but
//! no margin is published, so that nothing follows. `keyed fold` folds the keyed
//! hash of each person together with the figures, and `cell keys` perturbs them by it.
//!
//! What is measured is time on the processor, of all threads together.
#![allow(missing_docs)] // criterion's macros

#[path = "support/made_up.rs"]
mod made_up;
#[path = "support/processor.rs"]
mod processor;

use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt32Array};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::{Linkage, Plan, ReleaseKey, bench};
use made_up::{asked, integers, mixed, pseudonyms};
use processor::Processor;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PLAN: &str = r#"
[source.population]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "one"
[source.population.columns]
region = { from = "region", type = "category" }
part = { from = "part", type = "integer", clip = { at_least = 0, at_most = PART } }
slice = { from = "slice", type = "integer", clip = { at_least = 0, at_most = SLICE } }
income = { from = "income", type = "integer" }
[table.income]
from = "population"
by = ["population.region", "population.part", "population.slice"]
sensitive = []
measures = [{ persons = true }, { sum = "population.income" }]
protect = { min_persons = 3, dominance = { n = 2, percent = 85 }, p_percent = 10, method = "suppress" }
"#;

const PERTURBATION: &str = "[counts]\nreach = 5\nvariance = 2.0\n[sums]\nreach = 5\nvariance = 2.0\n\
    flex = { point = 100000, small = 0.3, large = 0.05, power = 3 }\n";

const REGIONS: u64 = 400;

fn rows() -> u64 {
    asked("KOBLING_BENCH_ROWS", 200_000)
}

/// A register whose rows are in a cell for each of `parts` and `slices` of each region.
fn register(parts: u64, slices: u64) -> RecordBatch {
    let labels = (0..REGIONS).map(|region| format!("region {region:03}"));
    let labels = Arc::new(StringArray::from_iter_values(labels));
    let codes = (0..rows()).map(|row| (mixed(row) % REGIONS) as u32);
    let codes = UInt32Array::from_iter_values(codes);
    let regions: ArrayRef = Arc::new(DictionaryArray::new(codes, labels));
    let of = |each: fn(u64) -> u64, of: u64| integers((0..rows()).map(move |row| each(row) % of));
    RecordBatch::try_from_iter([
        ("pseudonym", pseudonyms(0..rows())),
        ("region", regions),
        ("part", of(|row| mixed(!row), parts)),
        ("slice", of(|row| mixed(!row) >> 32, slices)),
        ("income", of(|row| mixed(row + 1), 1_000_000)),
    ])
    .unwrap()
}

/// The plan that declares no other parts and slices than these, for all that it
/// declares are listed.
fn plan(parts: u64, slices: u64, method: &str) -> Plan {
    let text = PLAN.replace("PART", &(parts - 1).to_string());
    let text = text.replace("SLICE", &(slices - 1).to_string());
    made_up::plan(&text.replace("\"suppress\"", &format!("\"{method}\"")))
}

fn rules(criterion: &mut Criterion<Processor>) {
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("perturbation.toml");
    std::fs::write(&path, PERTURBATION).unwrap();
    let mut group = criterion.benchmark_group("rules");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(rows()));
    let shapes = [(1, 1), (100, 1), (100, 25)].into_iter();
    let is_table = |(parts, slices): &(u64, u64)| 2 * REGIONS * parts * slices <= rows();
    for (parts, slices) in shapes.filter(is_table) {
        let [plan, by_cell_keys] =
            ["suppress", "cell-key"].map(|method| plan(parts, slices, method));
        let batch = register(parts, slices);
        let linkage = |plan: &Plan| {
            let extract = bench::extract(plan, "population", std::slice::from_ref(&batch));
            Linkage::new(plan, [extract.unwrap()]).unwrap()
        };
        let linked = linkage(&plan);
        let id = |name: &str| BenchmarkId::new(name, REGIONS * parts * slices);
        group.bench_function(id("plain fold"), |bench| {
            bench.iter(|| bench::tabulate_plainly(&linked).unwrap());
        });
        group.bench_function(id("fold"), |bench| {
            bench.iter(|| bench::tabulate_first(&linked).unwrap());
        });
        group.bench_function(id("primary rules"), |bench| {
            bench.iter(|| bench::judge_first(&linked).unwrap());
        });
        group.bench_function(id("keyed fold"), |bench| {
            bench.iter(|| bench::tabulate_keyed(&linked, &release_key).unwrap());
        });
        for (name, plan) in [("protect", &plan), ("cell keys", &by_cell_keys)] {
            group.bench_function(id(name), |bench| {
                let prepared = || {
                    let perturbation = Perturbation::read(&path).unwrap();
                    let protection =
                        Protection::new(release_key.clone()).perturbation(perturbation);
                    (linkage(plan), protection)
                };
                let protect = |(linkage, protection): (Linkage, Protection)| {
                    let tables = linkage.tabulate(protection).unwrap();
                    tables.protect().unwrap()
                };
                bench.iter_batched(prepared, protect, BatchSize::PerIteration);
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(Processor);
    targets = rules
}
criterion_main!(benches);
