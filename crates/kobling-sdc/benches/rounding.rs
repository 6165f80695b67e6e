//! Small-count rounding and noise: how long a table takes, and how many draws a second.
//!
//! The table is made up, of the size of a real one: municipalities in
//! counties and in groups, by source of income and by months, all margins
//! published. `KOBLING_BENCH_REGIONS` says how many municipalities there are
//! (default 437, which makes 5,244 inner and 14,160 published cells). Seeds
//! are fixed.
#![allow(missing_docs)] // criterion's macros

#[path = "../../../benches/support/numbers.rs"]
mod numbers;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kobling_sdc::noise::{discrete_gaussian, discrete_laplace};
use kobling_sdc::rounding::{Base, small_count};
use kobling_sdc::structure::Structure;
use numbers::{asked, mixed};

/// Inner cells are region × 4 incomes × 3 months, in that order.
fn table(regions: u32) -> (Structure, Vec<u64>) {
    let count = |cell: u64| match mixed(cell) % 100 {
        0..15 => 0,
        15..45 => 1 + mixed(!cell) % 4,
        _ => 5 + mixed(!cell) % 100,
    };
    let counties = (regions / 23).max(1);
    let county = |region: u32| region * counties / regions;
    let mut places: Vec<Vec<u32>> = vec![(0..regions).collect()];
    places.extend((0..counties).map(|at| (0..regions).filter(|&r| county(r) == at).collect()));
    places.extend((0..15).map(|at| {
        (0..regions)
            .filter(|&r| mixed(r.into()) % 15 == at)
            .collect()
    }));
    places.extend((0..regions).map(|region| vec![region]));
    let incomes: [&[u32]; 5] = [&[0, 1, 2, 3], &[0], &[1], &[2], &[3]];
    let months: [&[u32]; 6] = [&[0, 1, 2], &[0], &[1], &[2], &[0], &[1, 2]];
    let mut cells = Vec::new();
    for place in &places {
        for income in incomes {
            for month in months {
                let of = |region: &u32| {
                    let region = *region;
                    income.iter().flat_map(move |income| {
                        month
                            .iter()
                            .map(move |month| (region * 4 + income) * 3 + month)
                    })
                };
                cells.push(place.iter().flat_map(of).collect::<Vec<u32>>());
            }
        }
    }
    let inner = u64::from(regions) * 12;
    (
        Structure::new(inner as usize, cells),
        (0..inner).map(count).collect(),
    )
}

fn small_counts(c: &mut Criterion) {
    let regions = asked("KOBLING_BENCH_REGIONS", 437);
    let (structure, inner) = table(regions as u32);
    let base = Base::new(5).unwrap();
    let mut group = c.benchmark_group("small counts");
    group.throughput(Throughput::Elements(structure.cells() as u64));
    group.sample_size(10);
    group.bench_function(BenchmarkId::from_parameter(structure.cells()), |b| {
        b.iter(|| small_count::round(black_box(&structure), black_box(&inner), base, 1).unwrap());
    });
    group.finish();
}

fn noise(c: &mut Criterion) {
    let mut seed = 0;
    let mut bits = || {
        seed += 1;
        Ok::<_, kobling_sdc::Error>(mixed(seed))
    };
    let mut group = c.benchmark_group("noise");
    group.throughput(Throughput::Elements(1));
    for variance in [1u128, 100, 1 << 40, 1 << 80] {
        group.bench_function(BenchmarkId::new("gaussian", variance), |b| {
            b.iter(|| discrete_gaussian(black_box(variance), &mut bits).unwrap());
        });
    }
    group.bench_function(BenchmarkId::new("laplace", 10), |b| {
        b.iter(|| discrete_laplace(black_box(10), &mut bits).unwrap());
    });
    group.finish();
}

criterion_group!(benches, small_counts, noise);
criterion_main!(benches);
