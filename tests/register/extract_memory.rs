//! An extract does not depend on how much memory there was to sort it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use kobling::{ErrorKind, Extract, LinkageKey, Plan, Rows};

const PLAN: &str = r#"
version = 1
[project]
id = "p"
epoch = 1
title = "Memory"
purpose = "A test"
controller = "c"
linkage_unit = "l"
recipient = "r"
valid = { from = 2000-01-01, until = 9999-12-31 }
[source.events]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "many"
[source.events.columns]
amount = { from = "amount", type = "decimal", scale = 2 }
flag = { from = "flag", type = "boolean" }
kind = { from = "kind", type = "category" }
month = { from = "day", type = "date", truncate = "month" }
[table.t]
from = "events"
by = ["events.kind", "events.flag"]
sensitive = []
measures = [{ persons = true }, { sum = "events.amount" }]
where = [{ column = "events.month", present = true }]
protect = { min_persons = 5, dominance = { n = 2, percent = 85 }, method = "suppress" }
"#;

const ROWS: i64 = 400_000;

/// Persons of one to many rows, some rows twice, and labels that come late.
fn batch(persons: i64) -> RecordBatch {
    let mixed = |row: i64, by: i64| (row + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64) >> by;
    let rows = 0..ROWS;
    let ids = rows.clone().map(|row| mixed(row, 20).rem_euclid(persons));
    let amounts = rows.clone().map(|row| match mixed(row, 7).rem_euclid(9) {
        0 => None,
        value => Some(value),
    });
    let flags = rows.clone().map(|row| match mixed(row, 11).rem_euclid(3) {
        0 => None,
        value => Some(value == 1),
    });
    let kinds = rows
        .clone()
        .map(|row| format!("kind {}", mixed(row, 3).rem_euclid(2 + row / 10_000)));
    let days = rows.map(|row| mixed(row, 5).rem_euclid(20_000) as i32);
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(Int64Array::from_iter_values(ids))),
        ("amount", Arc::new(amounts.collect::<Int64Array>())),
        ("flag", Arc::new(flags.collect::<BooleanArray>())),
        ("kind", Arc::new(StringArray::from_iter_values(kinds))),
        ("day", Arc::new(Date32Array::from_iter_values(days))),
    ];
    RecordBatch::try_from_iter(columns).expect("a batch")
}

fn written(extract: &Extract, folder: &Path) -> Vec<u8> {
    let path = folder.join("written.arrow");
    extract.write(&path).expect("it is written");
    fs::read(path).expect("it is read")
}

#[test]
fn little_memory_gives_the_same_bytes_and_leaves_nothing() {
    let plan = Plan::parse(PLAN).expect("a plan").rehearsal();
    let key = LinkageKey::generate()
        .expect("a key")
        .domain_key(&plan.domain());
    let folder = tempfile::tempdir().expect("a folder");
    let runs = folder.path().join("runs");
    fs::create_dir(&runs).expect("a folder");
    for persons in [90_000, 3] {
        let rows = || Rows::from_batches(&plan, "events", [batch(persons)]).expect("rows");
        let whole = rows().identify().and_then(|rows| rows.pseudonymise(&key));
        let expected = written(&whole.expect("an extract"), folder.path());
        // 37 bytes a row; a tenth of that, hardly any, and plenty.
        for memory in [ROWS as u64 * 37 / 10, 1, 1 << 30] {
            let bounded = rows()
                .pseudonymise_within(&key, memory, &runs)
                .expect("an extract");
            let spilled = fs::read_dir(&runs).expect("a folder").count();
            // On Unix they have no name any more.
            assert_eq!(spilled, usize::from(memory < 1 << 30 && !cfg!(unix)));
            assert!(
                written(&bounded, folder.path()) == expected,
                "{memory} bytes"
            );
            drop(bounded);
            assert_eq!(fs::read_dir(&runs).expect("a folder").count(), 0);
        }
    }
}

#[test]
fn a_person_in_two_runs_is_found_out_and_nothing_is_left() {
    let once = PLAN.replace("rows = \"many\"", "rows = \"one\"");
    let plan = Plan::parse(&once).expect("a plan").rehearsal();
    let key = LinkageKey::generate()
        .expect("a key")
        .domain_key(&plan.domain());
    let runs = tempfile::tempdir().expect("a folder");
    let rows = || Rows::from_batches(&plan, "events", [batch(90_000)]).expect("rows");
    let refused = rows()
        .pseudonymise_within(&key, 1, runs.path())
        .expect_err("two rows");
    let expected = rows().identify().and_then(|rows| rows.pseudonymise(&key));
    assert_eq!(
        refused.to_string(),
        expected.expect_err("two rows").to_string()
    );
    assert_eq!(refused.kind(), ErrorKind::Rows);
    assert_eq!(fs::read_dir(runs.path()).expect("a folder").count(), 0);
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let plan = Plan::parse(PLAN).expect("a plan").rehearsal();
    let key = LinkageKey::generate()
        .expect("a key")
        .domain_key(&plan.domain());
    let runs = tempfile::tempdir().expect("a folder");
    let rows = Rows::from_batches(&plan, "events", [batch(9)]).expect("rows");
    let refused = rows.pseudonymise_within(&key, 1, runs.path().join("none"));
    assert_eq!(refused.expect_err("no folder").kind(), ErrorKind::File);
}
