//! Complementary suppression: the linked table of 14,160 cells of SSBtools, and a cube with margins.
//!
//! `KOBLING_DATA` names the folder of reference data; without it, only the
//! cube is timed. R's GaussSuppression takes 48 s for the first of these on
//! two cores. `KOBLING_BENCH_SIDE` says how many categories a side the cube has
//! (default 20); with 100 it has 1,030,301 cells. The time of a first run is
//! printed, so that a large one can be stopped there. Seeds are fixed.
#![allow(missing_docs)] // criterion's macros

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{Contributors, Request, Status, by_count, suppress};

struct Table {
    structure: Structure,
    counts: Vec<u64>,
    inner: Vec<u64>,
}

impl Table {
    /// The table `d4` of SSBtools (MIT licence), as it is in the reference data.
    fn linked(data: &Path) -> Self {
        let folder = data.join("vectors/sdc/attack_intervals");
        let rows = |file: &str, columns: &[&str]| -> Vec<Vec<u64>> {
            let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
            let header = reader.headers().unwrap().clone();
            let place = |name: &&str| header.iter().position(|one| one == *name).unwrap();
            let places: Vec<usize> = columns.iter().map(place).collect();
            let numbers = |record: csv::StringRecord| {
                places
                    .iter()
                    .map(|&place| record[place].parse().unwrap())
                    .collect()
            };
            reader
                .records()
                .map(|record| numbers(record.unwrap()))
                .collect()
        };
        let counts = rows("d4_cells.csv", &["freq"]).concat();
        let inner = rows("d4_inner.csv", &["y"]).concat();
        let mut members = vec![Vec::new(); counts.len()];
        for row in rows("d4_x_coo.csv", &["inner", "cell"]) {
            members[row[1] as usize].push(row[0] as u32);
        }
        Self {
            structure: Structure::new(inner.len(), members),
            counts,
            inner,
        }
    }

    /// A cube of so many categories a side with all its margins, its counts many small and few large.
    fn cube(side: u32) -> Self {
        let mut state = 7u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((state >> 33) as f64 + 0.5) / (1u64 << 31) as f64
        };
        let inner: Vec<u64> = (0..side.pow(3))
            .map(|_| (-draw().ln() * 20.0 * draw()) as u64)
            .collect();
        let places = || (0..side).map(Some).chain([None]);
        let cells =
            places().flat_map(|x| places().flat_map(move |y| places().map(move |z| [x, y, z])));
        let cells = cells.map(|[x, y, z]| {
            let range = |place: Option<u32>| place.map_or(0..side, |place| place..place + 1);
            let planes = range(x).flat_map(move |x| range(y).map(move |y| (x * side + y) * side));
            planes.flat_map(move |line| range(z).map(move |z| line + z))
        });
        let structure = Structure::new(inner.len(), cells);
        let count = |cell: usize| {
            let members = structure.members(cell).iter();
            members.map(|&one| inner[one as usize]).sum()
        };
        Self {
            counts: (0..structure.cells()).map(count).collect(),
            structure,
            inner,
        }
    }

    fn bench(&self, bench: &mut Criterion, name: &str, insiders: bool) {
        let primary: Vec<bool> = self
            .counts
            .iter()
            .map(|count| (1..4).contains(count))
            .collect();
        let wanted = by_count(&self.structure, &self.counts);
        let contributors = (0..).zip(&self.inner).map(|(inner, &count)| match count {
            0 => Contributors::None,
            1 => Contributors::One(inner),
            _ => Contributors::Many,
        });
        let contributors: Vec<Contributors> = contributors.take_while(|_| insiders).collect();
        let request = Request {
            contributors: &contributors,
            ..Request::new(&primary, &wanted)
        };
        let cells = self.structure.cells();
        let start = Instant::now();
        let pattern = suppress(&self.structure, &request).unwrap();
        let safe = pattern.count(Status::Safe);
        println!(
            "{name}: {safe} of {cells} cells safe, in {:?}",
            start.elapsed()
        );
        let mut group = bench.benchmark_group("suppress");
        group.sample_size(10);
        group.bench_function(name, |bench| {
            bench.iter(|| suppress(black_box(&self.structure), &request).unwrap());
        });
    }
}

fn suppression(bench: &mut Criterion) {
    if let Some(data) = std::env::var_os("KOBLING_DATA") {
        let table = Table::linked(Path::new(&data));
        table.bench(bench, "d4", false);
        table.bench(bench, "d4, insiders", true);
    }
    let side = std::env::var("KOBLING_BENCH_SIDE").ok();
    let side = side.and_then(|side| side.parse().ok()).unwrap_or(20);
    Table::cube(side).bench(bench, &format!("cube of side {side}"), false);
}

criterion_group!(benches, suppression);
criterion_main!(benches);
