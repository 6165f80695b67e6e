//! The extract of a history: two columns of pseudonyms, a day, and no number.

use std::collections::BTreeMap;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use kobling::{ErrorKind, Extract, Rows};

use super::registers::{PLAN, plan};
use crate::support::{change, extract, file, identify, key, parse, refusal};

const PAIRS: &str =
    "old,new,from\n7,1,2020-02-03\n8,2,2021-01-01\n9,1,2019-05-05\n7,1,2018-01-01\n";

#[test]
fn both_sides_are_the_pseudonyms_that_other_registers_have() {
    let plan = plan();
    let key = key(&plan);
    let pairs = extract(&plan, &key, "changes", PAIRS)
        .expect("an extract")
        .to_batch();
    let schema = pairs.schema();
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(names, ["pseudonym", "current", "valid_from"]);
    assert_eq!(schema.field(0).metadata(), schema.field(1).metadata());
    assert_eq!(
        schema.field(1).metadata()["ARROW:extension:name"],
        "kobling.pseudonym"
    );
    let of = |number: u32| {
        let csv = format!("nr,year,income\n{number},2024,1\n");
        let batch = extract(&plan, &key, "tax", &csv)
            .expect("an extract")
            .to_batch();
        batch.column(0).as_fixed_size_binary().value(0).to_vec()
    };
    let side = |place: usize, row: usize| {
        let keys = pairs.column(place).as_fixed_size_binary();
        keys.value(row).to_vec()
    };
    let days = pairs.column(2).as_primitive::<Date32Type>();
    let mut expected = vec![
        (of(7), of(1), 18_295),
        (of(8), of(2), 18_628),
        (of(9), of(1), 18_021),
        (of(7), of(1), 17_532),
    ];
    expected.sort();
    let found = (0..4).map(|row| (side(0, row), side(1, row), days.value(row)));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn a_pair_that_does_not_fit_stays_behind_and_is_counted() {
    let plan = plan();
    let csv = "old,new,from\n1,2,2020-01-01\nx,2,2020-01-01\n,2,2020-01-01\n1,,2020-01-01\n\
               1,x,2020-01-01\n3,4,\n5,6,2020-01-01\n,x,\n";
    let made = extract(&plan, &key(&plan), "changes", csv).expect("an extract");
    let header = made.header();
    let quarantine = [("missing", 3), ("missing-date", 1), ("wrong-characters", 2)];
    let quarantine = quarantine.map(|(reason, rows)| (reason.to_owned(), rows));
    assert_eq!(header.quarantine, BTreeMap::from(quarantine));
    assert_eq!((header.rows_read, header.rows, made.rows()), (8, 2, 2));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("changes.arrow");
    made.write(&path).expect("written");
    assert_eq!(Extract::read(&plan, &path).expect("read").header(), header);
}

#[test]
fn what_cannot_be_read_is_refused_by_its_place_only() {
    let refused = |text: &str, csv: &str, column: &str, kind: ErrorKind| {
        let error = refusal(identify(&parse(text), "changes", csv));
        let place = (error.source_name(), error.column(), error.row());
        assert_eq!(place, (Some("changes"), Some(column), Some(2)), "{error}");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.to_string().contains("4711"), "{error}");
    };
    let day = "old,new,from\n1,2,2020-01-01\n3,4,4711\n";
    refused(PLAN, day, "from", ErrorKind::Rows);
    let fails = "{ column = \"old\", type = \"number\", invalid = \"fail\" }";
    let fails = change(PLAN, "{ column = \"old\", type = \"number\" }", fails);
    let old = "old,new,from\n1,2,2020-01-01\nx4711,4,2020-01-01\n";
    refused(&fails, old, "old", ErrorKind::Identifier);
    let new = "old,new,from\n1,2,2020-01-01\n4,x4711,2020-01-01\n";
    refused(&fails, new, "new", ErrorKind::Identifier);
}

#[test]
fn a_day_is_written_as_the_plan_says() {
    let format = "valid_from = { column = \"from\", format = \"YYYYMMDD\" }";
    let plan = parse(&change(PLAN, "valid_from = \"from\"", format));
    let made = extract(
        &plan,
        &key(&plan),
        "changes",
        "old,new,from\n1,2,20200203\n",
    );
    let made = made.expect("an extract").to_batch();
    assert_eq!(made.column(2).as_primitive::<Date32Type>().value(0), 18_295);
}

#[test]
fn memory_and_the_order_of_rows_do_not_matter() {
    let plan = plan();
    let key = key(&plan);
    let pair = |row: u32| format!("{},{row},2020-01-{:02}\n", 1_000_000 + row, 1 + row % 28);
    let csv = |rows: &mut dyn Iterator<Item = u32>| {
        format!("old,new,from\n{}", rows.map(pair).collect::<String>())
    };
    let made = extract(&plan, &key, "changes", &csv(&mut (1..100_000))).expect("an extract");
    let turned = extract(&plan, &key, "changes", &csv(&mut (1..100_000).rev())).expect("one");
    assert_eq!(made.content(), turned.content());
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "changes.csv", csv(&mut (1..100_000)));
    let bounded = Rows::open(&plan, "changes", &[path]).expect("rows");
    let bounded = bounded
        .pseudonymise_within(&key, 1 << 10, folder.path())
        .expect("an extract");
    assert_eq!(bounded.content(), made.content());
    assert_eq!(bounded.to_batch(), made.to_batch());
    for ending in ["arrow", "parquet"] {
        let path = folder.path().join(format!("changes.{ending}"));
        made.write(&path).expect("written");
        let read = Extract::read(&plan, &path).expect("read");
        assert_eq!(read.to_batch(), made.to_batch(), "{ending}");
    }
    assert_eq!(made.to_batch().column(1).null_count(), 0);
}
