//! What an audit takes on the reference releases z3 (1350 cells, 619
//! suppressed) and d4 (14160 cells, 3594 suppressed).
//!
//! They are outside the repository, in the folder that `KOBLING_DATA` names.
//! For comparison: HiGHS took 486 s on one thread for the intervals of 2125
//! cells of d4, one linear programme after the other.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use kobling_sdc::audit::{Audit, AuditBudget, Primes, Seen, Sign};
use kobling_sdc::structure::Structure;

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut file = csv::Reader::from_path(path).expect("the reference data is there");
    file.deserialize()
        .map(|row| row.expect("it is CSV"))
        .collect()
}

/// The structure of a release, and what is published of it.
fn release(folder: &Path, name: &str) -> (Structure, Vec<Option<i128>>) {
    let file = |end: &str| rows(&folder.join(format!("{name}_{end}.csv")));
    let number = |text: &str| text.parse::<u32>().expect("it is a number");
    let inner: Vec<i128> = file("inner")
        .iter()
        .map(|row| number(&row["y"]).into())
        .collect();
    let cells = file("cells");
    let mut members = vec![Vec::new(); cells.len()];
    for row in file("x_coo") {
        members[number(&row["cell"]) as usize].push(number(&row["inner"]));
    }
    let sums = members.iter().zip(&cells).map(|(members, cell)| {
        let sum = members.iter().map(|&at| inner[at as usize]).sum();
        (cell["suppressed"] == "FALSE").then_some(sum)
    });
    let values = sums.collect();
    (Structure::new(inner.len(), members), values)
}

fn audits(criterion: &mut Criterion) {
    let folder = std::env::var_os("KOBLING_DATA")
        .map(|data| Path::new(&data).join("vectors/sdc/attack_intervals"));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        println!("skipped: KOBLING_DATA does not name the reference data");
        return;
    };
    let mut group = criterion.benchmark_group("audit");
    group.sample_size(10);
    for name in ["z3", "d4"] {
        let (structure, values) = release(&folder, name);
        let seen = Seen {
            structure: &structure,
            values: &values,
            sign: Sign::NonNegative,
        };
        let audit = || Audit::new(seen, AuditBudget::default()).expect("it is consistent");
        let primes = Primes::drawn([1; 16]);
        group.bench_function(format!("{name}/rank"), |bench| {
            bench.iter(|| black_box(audit().disclosed(&[], primes)));
        });
        group.bench_function(format!("{name}/verdict"), |bench| {
            bench.iter(|| black_box(audit().verdict(&[], &[], primes)));
        });
    }
    group.finish();
}

criterion_group!(benches, audits);
criterion_main!(benches);
