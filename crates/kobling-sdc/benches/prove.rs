//! What it takes to find a pattern that carries its proofs, and to check them: of tables as
//! statistical offices publish them, from 10⁴ cells on.
//!
//! Municipalities in counties, by sex, twenty ages and four bands of which most persons are in
//! one, with all margins; some 2,800 persons a municipality, which differ in size as towns do. A
//! sixth of the cells is unsafe. `KOBLING_BENCH_MUNICIPALITIES` is how many there are in the
//! largest table (358 if it is not set: 118,000 cells; 3,580 make 1.2 million); smaller tables
//! are timed before it, each a third as large. Then seven dimensions of four categories with all
//! margins. Each is proven again as it is a month later, if nothing changed: all that was
//! published is known.
//!
//! If time grows as cells × log cells does, the last column stays as it is. A run takes seconds
//! to minutes, so each is timed once and not by criterion. Seeds are fixed.

#[path = "../../../benches/support/numbers.rs"]
mod numbers;

use std::collections::BTreeMap;
use std::time::Instant;

use kobling_sdc::attacker::{Knowledge, Possible, Unsafe};
use kobling_sdc::audit::proofs;
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{Task, prove};
use numbers::{asked, mixed};

/// Cells of fewer persons are unsafe.
const LEAST: i128 = 5;

/// By dimension the categories of inner cells, and how many persons are in each.
struct Table {
    places: Vec<Vec<u32>>,
    inner: Vec<i128>,
    structure: Structure,
}

/// A way to group the categories of a dimension: themselves, a level, or all of them.
type Grain = fn(u32) -> u32;
const OWN: Grain = |category| category;
const COUNTY: Grain = |category| category / 24;
const TOTAL: Grain = |_| 0;

impl Table {
    /// Persons in places of these sizes, each drawn from a number of its own.
    fn new(
        sizes: &[u32],
        grains: &[&[Grain]],
        persons: u64,
        place: impl Fn(u64) -> Vec<u32>,
    ) -> Self {
        let all: u32 = sizes.iter().product();
        let strides = sizes.iter().scan(1, |next, size| {
            let own = *next;
            *next *= size;
            Some(own)
        });
        let strides: Vec<u32> = strides.collect();
        let places = sizes.iter().zip(&strides);
        let places = places.map(|(size, stride)| (0..all).map(|at| at / stride % size).collect());
        let places: Vec<Vec<u32>> = places.collect();
        let mut inner = vec![0; all as usize];
        for person in 0..persons {
            let at = place(person).into_iter().zip(&strides);
            let at: u32 = at.map(|(category, stride)| category * stride).sum();
            inner[at as usize] += 1;
        }
        // All margins, the inner cells first.
        let mut cells: Vec<Vec<u32>> = Vec::new();
        let margins: usize = grains.iter().map(|grains| grains.len()).product();
        for margin in 0..margins {
            let grain = grains.iter().scan(margin, |left, grains| {
                let own = grains[*left % grains.len()];
                *left /= grains.len();
                Some(own)
            });
            let grain: Vec<Grain> = grain.collect();
            let mut sums: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
            for at in 0..all {
                let own = places.iter().zip(&grain);
                let own = own.map(|(places, grain)| grain(places[at as usize]));
                sums.entry(own.collect()).or_default().push(at);
            }
            cells.extend(sums.into_values());
        }
        Self {
            structure: Structure::new(all as usize, cells),
            places,
            inner,
        }
    }

    fn municipal(municipalities: u32) -> Self {
        let sizes = [municipalities, 2, 20, 4];
        let margins: [&[Grain]; 4] = [
            &[OWN, COUNTY, TOTAL],
            &[OWN, TOTAL],
            &[OWN, TOTAL],
            &[OWN, TOTAL],
        ];
        let persons = u64::from(municipalities) * 2_800;
        Self::new(&sizes, &margins, persons, |person| {
            let random = |of: u64| mixed(5 * person + of) as f64 / u64::MAX as f64;
            // Few large towns, and many small ones.
            let municipality = (random(0).powi(3) * f64::from(municipalities)) as u32;
            let band = match random(1) {
                few if few < 0.04 => 0,
                few if few < 0.07 => 1,
                few if few < 0.10 => 2,
                _ => 3,
            };
            let age = (random(2) * 20.0) as u32;
            vec![municipality, mixed(5 * person + 3) as u32 % 2, age, band]
        })
    }

    fn of_seven() -> Self {
        let margins: [&[Grain]; 7] = [&[OWN, TOTAL]; 7];
        Self::new(&[4; 7], &margins, 185_000, |person| {
            let random = |of: u64| mixed(7 * person + of) as f64 / u64::MAX as f64;
            (0..7)
                .map(|at| (random(at).powf(1.3) * 4.0) as u32)
                .collect()
        })
    }

    fn value(&self, cell: usize) -> i128 {
        let members = self.structure.members(cell).iter();
        members.map(|at| self.inner[*at as usize]).sum()
    }

    /// Times a pattern where these cells are published whatever follows; gives what it publishes.
    fn time(&self, name: &str, forced: &[bool]) -> Vec<bool> {
        let cells = self.structure.cells();
        let is_unsafe = |cell: &usize| (1..LEAST).contains(&self.value(*cell));
        let possible = Possible::Consecutive(3);
        let wanted = (0..cells).filter(is_unsafe);
        let wanted: Vec<Unsafe> = wanted.map(|cell| Unsafe { cell, possible }).collect();
        let ones = (0u32..)
            .zip(&self.inner)
            .filter(|(_, persons)| **persons == 1);
        let singletons: Vec<Vec<u32>> = ones.map(|(at, _)| vec![at]).collect();
        let may = vec![true; cells];
        let known = Knowledge {
            singletons: &singletons,
            ..Knowledge::new(&self.structure, &may)
        };
        let task = Task {
            known,
            inner: &self.inner,
            places: &self.places,
            wanted: &wanted,
            forced,
            weights: &[],
            seed: 1,
            watch: None,
        };
        let begun = Instant::now();
        let pattern = prove(&task).expect("a pattern");
        let took = begun.elapsed();
        let known = Knowledge {
            published: &pattern.published,
            ..known
        };
        let missed = proofs::check(&known, &self.inner, &wanted, &pattern.proofs).missed;
        assert!(missed.is_empty(), "{} are not proven", missed.len());
        let suppressed = pattern.published.iter().filter(|is| !**is).count();
        println!(
            "{name:<14} {cells:>9} cells {:>7} unsafe {:>7} further {:>8.2} s, checked in {:>5.2} s {:>5.0} ns a cell and its logarithm",
            wanted.len(),
            suppressed - wanted.len(),
            took.as_secs_f64(),
            (begun.elapsed() - took).as_secs_f64(),
            took.as_secs_f64() * 1e9 / (cells as f64 * (cells as f64).log2()),
        );
        pattern.published
    }
}

fn main() {
    let largest = asked("KOBLING_BENCH_MUNICIPALITIES", 358) as u32;
    let each = [27, 9, 3, 1].map(|part| (largest / part).max(24));
    let municipal = each.map(|size| (format!("{size}"), Table::municipal(size)));
    let seven = ("4 to the 7th".to_owned(), Table::of_seven());
    for (name, table) in municipal.into_iter().chain([seven]) {
        let published = table.time(&name, &[]);
        table.time("  once more", &published);
    }
}
