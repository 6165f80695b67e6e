//! How many `no-fnr` a second are found valid, from an Arrow column, on one core.
//!
//! kobling does the whole of identifying: it judges each value, and keeps the
//! canonical forms. It is compared with the same judgement written plainly, as the rule reads, which keeps nothing. `KOBLING_BENCH_ROWS` says
//! how many values (default 1,000,000). Half of them are D-numbers; "1 % typed
//! wrong" has a wrong digit in every hundredth, whose reason is found the long
//! way. Seeds are fixed.
#![allow(missing_docs)] // criterion's macros

#[path = "support/fnr.rs"]
mod fnr;
#[path = "support/made_up.rs"]
mod made_up;

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fnr::{FIRST, SECOND, number, remainder};
use kobling::{Plan, bench};
use made_up::asked;

/// One table that needs nothing but who is in the register.
fn plan(synthetic: &str) -> Plan {
    made_up::plan(&format!(
        r#"
[source.persons]
agency = "a"
legal_basis = ["b"]
identifier = {{ column = "fnr", type = "no-fnr", synthetic = "{synthetic}" }}
rows = "many"
columns = {{ region = {{ from = "region", type = "category" }} }}
[table.persons]
from = "persons"
by = ["persons.region"]
sensitive = []
measures = [{{ persons = true }}]
protect = {{ min_persons = 5, method = "suppress" }}
"#
    ))
}

/// The default rule of 2000, plainly: fødselsnumre and D-numbers, no test persons.
fn passes(text: &str) -> bool {
    let mut digits = [0; 11];
    if text.len() != 11 {
        return false;
    }
    for (digit, byte) in digits.iter_mut().zip(text.bytes()) {
        if !byte.is_ascii_digit() {
            return false;
        }
        *digit = u32::from(byte - b'0');
    }
    if remainder(&digits, FIRST) != 0 || remainder(&digits, SECOND) != 0 {
        return false;
    }
    let [d1, d2, m1, m2, y1, y2, i1, i2, i3, ..] = digits;
    let (day, month, year) = (d1 * 10 + d2, m1 * 10 + m2, y1 * 10 + y2);
    let individual = i1 * 100 + i2 * 10 + i3;
    let (day, century) = match (day, individual, year) {
        (41..=71, 500..=599, 58..) => (day - 40, 1800),
        (41..=71, 0..=199, 0..=39) => (day - 40, 1900),
        (41..=71, 0..=499 | 600.., 40..) => (day - 40, 1900),
        (41..=71, 200.., 0..=39) => (day - 40, 2000),
        (1..=31, 500..=749, 54..) => (day, 1800),
        (1..=31, 0..=499, _) | (1..=31, 900.., 40..) => (day, 1900),
        (1..=31, 500.., 0..=39) => (day, 2000),
        _ => return false,
    };
    let year = century + year;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn identify(criterion: &mut Criterion) {
    let rows = asked("KOBLING_BENCH_ROWS", 1_000_000) as usize;
    // One core, whatever there is: the figure is to be a core's.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.unwrap();
    let numbers: Vec<i64> = (0..)
        .filter_map(|seed| number(seed, 0))
        .take(rows)
        .collect();
    let tests = (0..).filter_map(|seed| number(seed, 80)).take(rows);
    let tests = StringArray::from_iter_values(tests.map(|number| format!("{number:011}")));
    let texts = StringArray::from_iter_values(numbers.iter().map(|n| format!("{n:011}")));
    let wrong = numbers.iter().enumerate();
    let wrong = wrong.map(|(row, n)| format!("{:011}", n + i64::from(row % 100 == 0)));
    let wrong = StringArray::from_iter_values(wrong);
    let mut group = criterion.benchmark_group("identify");
    group.throughput(Throughput::Elements(rows as u64));

    let (real, test) = (plan("forbid"), plan("only"));
    let columns: [(&str, &Plan, ArrayRef, usize); 4] = [
        ("text", &real, Arc::new(texts.clone()), rows),
        ("integers", &real, Arc::new(Int64Array::from(numbers)), rows),
        (
            "text, 1 % typed wrong",
            &real,
            Arc::new(wrong),
            rows - rows.div_ceil(100),
        ),
        ("text of test persons", &test, Arc::new(tests), rows),
    ];
    for (name, plan, column, valid) in columns {
        let region: ArrayRef = Arc::new(StringArray::from(vec!["r"; rows]));
        let batch = RecordBatch::try_from_iter([("fnr", column), ("region", region)]).unwrap();
        let batch = std::slice::from_ref(&batch);
        let identified = || bench::identify(plan, "persons", batch).unwrap();
        assert_eq!(identified(), valid as u64);
        group.bench_function(name, |bench| {
            pool.install(|| bench.iter(|| black_box(identified())));
        });
    }
    group.bench_function("text, plainly", |bench| {
        let count = || {
            (0..rows)
                .filter(|&row| passes(black_box(&texts).value(row)))
                .count()
        };
        assert_eq!(count(), rows);
        bench.iter(|| black_box(count()));
    });
    group.finish();
}

criterion_group!(benches, identify);
criterion_main!(benches);
