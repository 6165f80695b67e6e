//! What a history costs, compared with the plain link of the same rows.
//!
//! `KOBLING_BENCH_ROWS` says how many rows base and look-up have together
//! (default 200,000), half of them each, one row a person;
//! `KOBLING_BENCH_PAIRS` how many pairs the history has (default a fourth of
//! the rows), and `KOBLING_BENCH_RETIRED` how many rows of the look-up in a
//! thousand are under a replaced number (default 50). The other pairs are of
//! persons who are in no extract, or who are there under the current number.
//! A pair in a hundred is one of a chain. Seeds are fixed.
//!
//! `plain` links a plan without the history: the least that linking costs, for
//! rows under a replaced number match nothing there. `resolve` is what the
//! history adds before, and `linked` what is then linked.
//!
//! What is measured is time on the processor, of all threads together: others
//! on the machine change it little, and a ratio of two of these times less.
#![allow(missing_docs)] // criterion's macros

#[path = "support/made_up.rs"]
mod made_up;
#[path = "support/processor.rs"]
mod processor;

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, RecordBatch};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use kobling::{Extract, Linkage, Plan, bench};
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
columns = { region = { from = "region", type = "integer", clip = { at_least = 0, at_most = 99 } } }
[source.tax]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "one"
columns = { income = { from = "income", type = "integer" } }
[table.income]
from = "population"
by = ["population.region"]
sensitive = []
measures = [{ persons = true }, { sum = "tax.income" }]
with = { tax = { need = "optional" } }
protect = { min_persons = 5, dominance = { n = 2, percent = 85 }, method = "suppress" }
"#;

const HISTORY: &str = r#"
[source.changes]
role = "history"
agency = "a"
legal_basis = ["b"]
identifier = { column = "old", type = "number" }
current = "new"
valid_from = "from"
"#;

/// What is added to a person's number for an earlier one.
const EARLIER: u64 = 1 << 40;

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

/// The extracts by source.
fn batches(each: u64, pairs: u64, retired: u64) -> [(&'static str, RecordBatch); 3] {
    let regions = integers((0..each).map(|row| mixed(row) % 100));
    let population = batch([("pseudonym", pseudonyms(0..each)), ("region", regions)]);
    // Spread evenly among the persons who have a pair.
    let moved = (each * retired / 1000).min(pairs);
    let moves = |person: u64| person < pairs && person * moved % pairs < moved;
    let number = |person| {
        if moves(person) {
            person + EARLIER
        } else {
            person
        }
    };
    let incomes = integers((0..each).map(|row| mixed(row + 1) % 1_000_000));
    let tax = batch([
        ("pseudonym", pseudonyms((0..each).map(number))),
        ("income", incomes),
    ]);
    // Every hundredth is replaced in two steps.
    let between = |person: u64| {
        if person % 100 == 7 {
            person + 2 * EARLIER
        } else {
            person
        }
    };
    let chains = (0..pairs).filter(|person| person % 100 == 7);
    let old = (0..pairs).map(|person| person + EARLIER);
    let old = pseudonyms(old.chain(chains.clone().map(between)));
    let new = pseudonyms((0..pairs).map(between).chain(chains.clone()));
    let rows = pairs as usize + chains.count();
    let from: ArrayRef = Arc::new(Date32Array::from_value(0, rows));
    let changes = batch([("pseudonym", old), ("current", new), ("valid_from", from)]);
    [
        ("population", population),
        ("tax", tax),
        ("changes", changes),
    ]
}

fn history(criterion: &mut Criterion<Processor>) {
    let rows = asked("KOBLING_BENCH_ROWS", 200_000);
    let pairs = asked("KOBLING_BENCH_PAIRS", rows / 4);
    let batches = batches(rows / 2, pairs, asked("KOBLING_BENCH_RETIRED", 50));
    let extracts = |plan: &Plan| -> Vec<Extract> {
        let known = |source: &str| plan.source(source).is_ok();
        let batches = batches.iter().filter(|(source, _)| known(source));
        let made = batches.map(|(source, batch)| {
            bench::extract(plan, source, std::slice::from_ref(batch)).unwrap()
        });
        made.collect()
    };
    let plain = made_up::plan(PLAN);
    let plan = made_up::plan(&format!("{PLAN}{HISTORY}"));
    let mut group = criterion.benchmark_group("history");
    group.sample_size(10).throughput(Throughput::Elements(rows));
    {
        let linked = Linkage::new(&plain, extracts(&plain)).unwrap();
        group.bench_function("plain", |bench| {
            bench.iter(|| bench::tabulate_first(&linked).unwrap());
        });
    }
    {
        let linked = Linkage::new(&plan, extracts(&plan)).unwrap();
        group.bench_function("linked", |bench| {
            bench.iter(|| bench::tabulate_first(&linked).unwrap());
        });
    }
    group.bench_function("resolve", |bench| {
        bench.iter_batched(
            || extracts(&plan),
            |extracts| Linkage::new(&plan, extracts).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(Processor);
    targets = history
}
criterion_main!(benches);
