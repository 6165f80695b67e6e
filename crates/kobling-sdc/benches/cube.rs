//! What it takes to suppress and audit a cube of cells with all its margins.
//!
//! `KOBLING_BENCH_SIDE` is how many categories each of the three dimensions has
//! (20 if it is not set; 99 makes a million cells), `KOBLING_BENCH_PERSONS` how
//! many persons there are (two and a half for each inner cell). Those in cells of
//! fewer than three are unsafe, and each singleton is an insider: half of
//! the cells are unsafe, if nothing else is asked.
//!
//! A run may take minutes, so each step is timed once and not by criterion; the
//! peak of memory is the process's so far.

#[path = "../../../benches/support/numbers.rs"]
mod numbers;

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use kobling_sdc::audit::{self, Audit, Primes, Requirement, Seen, Sign, Witness};
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{Contributors, Request, Status, by_count, suppress};
use numbers::{asked, mixed};

/// Cells of fewer persons are unsafe.
const LEAST: u64 = 3;

/// Inner cells that somebody is in: where they are, and how many persons.
fn cube(side: u64, persons: u64) -> BTreeMap<[u32; 3], u64> {
    let mut cells = BTreeMap::new();
    for person in 0..persons {
        let at = [0, 1, 2].map(|dimension| (mixed(3 * person + dimension) % side) as u32);
        *cells.entry(at).or_default() += 1;
    }
    cells
}

/// The inner cells and all sums over dimensions.
fn with_margins<'a>(places: impl Iterator<Item = &'a [u32; 3]> + Clone, inner: usize) -> Structure {
    let mut cells: Vec<Vec<u32>> = Vec::new();
    for kept in (0..8).rev() {
        let mut sums: BTreeMap<[Option<u32>; 3], Vec<u32>> = BTreeMap::new();
        for (inner, place) in (0..).zip(places.clone()) {
            let at = [0, 1, 2].map(|dimension| {
                let is_kept = kept >> dimension & 1 == 1;
                is_kept.then_some(place[dimension])
            });
            sums.entry(at).or_default().push(inner);
        }
        cells.extend(sums.into_values());
    }
    Structure::new(inner, cells)
}

/// The most memory that the process held so far, where the system reports it.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown", str::trim).to_owned()
}

fn main() {
    let side = asked("KOBLING_BENCH_SIDE", 20);
    let cells = cube(side, asked("KOBLING_BENCH_PERSONS", side.pow(3) * 5 / 2));
    let structure = with_margins(cells.keys(), cells.len());
    let inner: Vec<u64> = cells.values().copied().collect();
    let count = |cell: usize| -> u64 {
        let members = structure.members(cell).iter();
        members.map(|&at| inner[at as usize]).sum()
    };
    let counts: Vec<u64> = (0..structure.cells()).map(count).collect();
    let primary: Vec<bool> = counts.iter().map(|&count| count < LEAST).collect();
    let is_primary = primary.iter().filter(|&&primary| primary);
    println!("{} cells, {} unsafe", counts.len(), is_primary.count());

    let start = Instant::now();
    let step = |what: &str| println!("{what}: {:.1?} in all, {}", start.elapsed(), peak());
    let wanted = by_count(&structure, &counts);
    let contributors = (0u32..).zip(&inner).map(|(at, &count)| match count {
        1 => Contributors::One(at),
        _ => Contributors::Many,
    });
    let contributors: Vec<Contributors> = contributors.collect();
    let request = Request {
        contributors: &contributors,
        ..Request::new(&primary, &wanted)
    };
    let pattern = match suppress(&structure, &request) {
        Ok(pattern) => pattern,
        Err(refusal) => return step(&format!("refused ({refusal})")),
    };
    step("suppressed");
    println!(
        "{} complementary, of which {} undecided",
        pattern.count(Status::Complementary),
        pattern.undecided()
    );

    let values = counts.iter().zip(pattern.published());
    let values = values.map(|(&count, published)| published.then_some(count.into()));
    let values: Vec<Option<i128>> = values.collect();
    let seen = Seen {
        structure: &structure,
        values: &values,
        sign: Sign::NonNegative,
    };
    let singletons = (0u32..).zip(&inner).filter(|(_, count)| **count == 1);
    let insiders: Vec<Vec<u32>> = singletons.map(|(at, _)| vec![at]).collect();
    let required = (0..counts.len()).filter(|&cell| primary[cell]);
    let required = required.map(|cell| Requirement::count(cell, counts[cell].into()));
    let required: Vec<Requirement> = required.collect();
    let truth: Vec<i128> = inner.iter().map(|&count| count.into()).collect();
    let places = [0, 1, 2].map(|dimension| cells.keys().map(|at| at[dimension]).collect());
    let witness = Witness {
        inner: &truth,
        places: &places,
    };
    let found = Audit::new(seen, audit::AuditBudget::default()).and_then(|audit| {
        let disclosed = audit.disclosed(&insiders, Primes::drawn([1; 16]))?;
        step("attacked by subtraction");
        // That an insider computes a further cell, which a rule found safe, is no disclosure.
        let to_insiders = disclosed.to_insiders.iter().map(|(_, cell)| cell);
        let known = disclosed.to_all.iter().chain(to_insiders);
        let known = known.filter(|&&cell| primary[cell]).count();
        Ok((known, audit.witnessed(&required, witness)?))
    });
    match found {
        Ok((known, found)) => {
            step("intervals");
            println!("{known} known, {} intervals too narrow", found.missed.len());
        }
        Err(refusal) => step(&format!("refused ({refusal})")),
    }
}
