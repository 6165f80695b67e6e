//! Pseudonyms that are not spread as a keyed hash spreads them: read from a
//! file they are refused, and in memory they cost time and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::support::{PROJECT, parse};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type, UInt64Type};
use arrow_array::{
    ArrayRef, DictionaryArray, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray,
    UInt32Array,
};
use kobling::protect::Protection;
use kobling::{Linkage, ReleaseKey, bench};

const SOURCES_AND_TABLE: &str = r#"
[source.people]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "one"
columns = { region = { from = "region", type = "category" } }
[source.pay]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "many"
columns = { amount = { from = "amount", type = "integer" } }
[table.t]
from = "people"
by = ["people.region"]
sensitive = []
measures = [{ persons = true }, { sum = "pay.amount", as = "total" }]
with = { pay = { need = "required", reduce = { amount = "sum" } } }
protect = { min_persons = 3, dominance = { n = 1, percent = 99.99 }, method = "suppress" }
"#;

/// More than a part of the largest size that is sorted by its bits.
const PERSONS: u64 = 200_000;
const REGIONS: u64 = 7;

fn keys(persons: impl Iterator<Item = u128>) -> ArrayRef {
    let bytes: Vec<u8> = persons.flat_map(u128::to_be_bytes).collect();
    Arc::new(FixedSizeBinaryArray::new(16, bytes.into(), None))
}

/// `key` gives each person a pseudonym.
fn check(key: impl Fn(u64) -> u128) {
    let plan = parse(&format!("{PROJECT}{SOURCES_AND_TABLE}")).rehearsal();
    // A prime that does not divide the number of persons puts them in no order.
    let shuffled = |row: u64| row * 7919 % PERSONS;
    let region = |person: u64| person % REGIONS;
    let codes = (0..PERSONS).map(|row| region(shuffled(row)) as u32);
    let labels = (0..REGIONS).map(|region| format!("region {region}"));
    let regions = DictionaryArray::<UInt32Type>::new(
        UInt32Array::from_iter_values(codes),
        Arc::new(StringArray::from_iter_values(labels)),
    );
    let people = [
        (
            "pseudonym",
            keys((0..PERSONS).map(|row| key(shuffled(row)))),
        ),
        ("region", Arc::new(regions) as ArrayRef),
    ];
    // Every other person has pay, in two rows.
    let paid = |row: u64| shuffled(row) / 2 * 2;
    let amounts = (0..PERSONS).map(|row| row as i64);
    let pay = [
        ("pseudonym", keys((0..PERSONS).map(|row| key(paid(row))))),
        (
            "amount",
            Arc::new(Int64Array::from_iter_values(amounts)) as ArrayRef,
        ),
    ];
    let people = RecordBatch::try_from_iter(people).expect("a batch");
    let pay = RecordBatch::try_from_iter(pay).expect("a batch");
    let extracts = [("people", people), ("pay", pay)];
    let extracts = extracts.map(|(source, batch)| bench::extract(&plan, source, &[batch]));
    let extracts = extracts.map(|extract| extract.expect("an extract"));
    let protection = Protection::new(ReleaseKey::generate().expect("a key"));
    let tables = Linkage::new(&plan, extracts).and_then(|linkage| linkage.tabulate(protection));
    let protected = tables.and_then(|tables| tables.protect());
    let release = protected
        .and_then(|tables| tables.release())
        .expect("a release");

    let mut expected: BTreeMap<u64, (u64, i64)> = BTreeMap::new();
    for person in (0..PERSONS).step_by(2) {
        expected.entry(region(person)).or_default().0 += 1;
    }
    for row in 0..PERSONS {
        expected.entry(region(paid(row))).or_default().1 += row as i64;
    }
    let table = release.table("t").expect("the table");
    let persons = table.column_by_name("persons").expect("persons");
    let persons = persons.as_primitive::<UInt64Type>().iter();
    let sums = table.column_by_name("total").expect("sums");
    let sums = sums.as_primitive::<Int64Type>().iter();
    let found: Vec<(Option<u64>, Option<i64>)> = persons.zip(sums).collect();
    let expected = expected
        .into_values()
        .map(|(persons, sum)| (Some(persons), Some(sum)));
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn pseudonyms_that_share_64_leading_bits() {
    check(|person| 7 << 64 | u128::from(person));
}

#[test]
fn pseudonyms_that_share_64_trailing_bits() {
    check(|person| u128::from(person) << 64 | 7);
}

#[test]
fn pseudonyms_at_both_ends() {
    check(|person| match person % 2 {
        0 => u128::from(person),
        _ => u128::MAX - u128::from(person),
    });
}
