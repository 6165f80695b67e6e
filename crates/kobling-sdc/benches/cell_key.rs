//! Record keys into cells: rows a second on one core, compared with the naive twin.
//!
//! `KOBLING_BENCH_ROWS` says how many rows there are (default 4,000,000).
//! Seeds are fixed. Throughput counts rows, or cells where counts are perturbed.
#![allow(missing_docs)] // criterion's macros

#[path = "../../../benches/support/numbers.rs"]
mod numbers;

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kobling_sdc::cell_key::{CellKeys, perturbed_count};
use kobling_sdc::perturbation::{Design, KeySpace, PerturbationTable};
use numbers::{asked, mixed};

fn fold(c: &mut Criterion) {
    let rows = asked("KOBLING_BENCH_ROWS", 4_000_000) as usize;
    let keys: Vec<u64> = (0..rows as u64).map(mixed).collect();
    let mut group = c.benchmark_group("fold");
    group.throughput(Throughput::Elements(rows as u64));
    group.sample_size(10);
    for cells in [1u32, 100, 10_000, 1_000_000] {
        let numbers: Vec<u32> = (0..rows as u64)
            .map(|row| (mixed(row ^ 0x5555) % u64::from(cells)) as u32)
            .collect();
        group.bench_function(BenchmarkId::new("add", cells), |b| {
            let mut folded = CellKeys::new(cells as usize);
            b.iter(|| folded.add(black_box(&keys), black_box(&numbers)).unwrap());
        });
        group.bench_function(BenchmarkId::new("naive", cells), |b| {
            b.iter(|| {
                let mut folded: HashMap<u32, (u64, u64)> = HashMap::new();
                for (key, cell) in black_box(&keys).iter().zip(black_box(&numbers)) {
                    let (sum, persons) = folded.entry(*cell).or_default();
                    *sum = sum.wrapping_add(*key);
                    *persons += 1;
                }
                folded
            });
        });
    }
    group.finish();
}

fn perturb(c: &mut Criterion) {
    let cells = 1_000_000u64;
    let design = Design::counts(5, 3.0).unseen(2).stay(&[0.5]);
    let table = PerturbationTable::generate(&design).unwrap();
    let lookup = table.lookup(KeySpace::Whole);
    let counts: Vec<u64> = (0..cells).map(|cell| mixed(cell) % 30).collect();
    let keys: Vec<u64> = (0..cells).map(|cell| mixed(!cell)).collect();
    let mut group = c.benchmark_group("perturb");
    group.throughput(Throughput::Elements(cells));
    group.sample_size(10);
    group.bench_function("lookup", |b| {
        b.iter(|| -> u64 {
            let cells = black_box(&counts).iter().zip(black_box(&keys));
            cells
                .map(|(&count, &key)| perturbed_count(&lookup, count, key))
                .sum()
        });
    });
    // The naive twin: probabilities added up until they exceed the key.
    group.bench_function("naive", |b| {
        b.iter(|| -> u64 {
            let cells = black_box(&counts).iter().zip(black_box(&keys));
            let perturbed = cells.map(|(&count, &key)| {
                let row = &table.rows()[(count as usize).min(table.rows().len() - 1)];
                let share = key as f64 / 2f64.powi(64);
                let mut sum = 0.0;
                let found = row.entries().iter().find(|entry| {
                    sum += entry.probability;
                    share < sum
                });
                count.saturating_add_signed(found.map_or(0, |entry| entry.deviation).into())
            });
            perturbed.sum()
        });
    });
    group.finish();
    c.bench_function("generate", |b| {
        b.iter(|| PerturbationTable::generate(black_box(&design)).unwrap());
    });
}

criterion_group!(benches, fold, perturb);
criterion_main!(benches);
