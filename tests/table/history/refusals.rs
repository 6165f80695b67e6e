//! Histories that are refused: those that settle nothing, are missing, or are forged.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Date32Array, FixedSizeBinaryArray, RecordBatch};
use arrow_schema::{Field, Metadata};
use kobling::{DomainKey, Error, ErrorKind, Extract, Linkage, Plan};

use super::registers::{PLAN, Registers, plan};
use crate::support::forge::{FORMATS, pseudonyms, rebuilt, rows, with_column};
use crate::support::{change, extract, key, parse, refusal};

fn refused(registers: &Registers) -> Error {
    let plan = plan();
    refusal(Linkage::new(&plan, registers.extracts(&plan, &key(&plan))))
}

fn changes(changes: &[[u32; 3]]) -> Registers {
    Registers {
        changes: changes.to_vec(),
        ..Registers::default()
    }
}

#[test]
fn a_number_with_two_current_ones_is_refused() {
    let error = refused(&changes(&[
        [7, 1, 0],
        [7, 2, 1],
        [8, 1, 0],
        [9, 3, 0],
        [9, 9, 0],
    ]));
    assert_eq!(error.kind(), ErrorKind::Linkage);
    assert_eq!(error.source_name(), Some("changes"));
    let rule = "gives 2 numbers two current ones or more, as of 2025-01-01";
    assert_eq!(error.rule(), rule);
    // On the same day as well as on another one; but not after the reference date.
    let error = refused(&changes(&[[7, 1, 0], [7, 2, 0]]));
    assert!(error.rule().contains("gives 1 number two current ones"));
    let plan = plan();
    let later = changes(&[[7, 1, 0], [7, 2, 2]]).extracts(&plan, &key(&plan));
    assert!(Linkage::new(&plan, later).is_ok());
}

#[test]
fn numbers_in_a_circle_are_refused() {
    // Three in it, and one that leads there.
    let error = refused(&changes(&[
        [7, 8, 0],
        [8, 9, 0],
        [9, 7, 1],
        [6, 7, 0],
        [1, 2, 0],
    ]));
    assert_eq!(error.kind(), ErrorKind::Linkage);
    assert_eq!(error.source_name(), Some("changes"));
    assert_eq!(
        error.rule(),
        "leads 4 numbers in a circle, as of 2025-01-01"
    );
    let plan = plan();
    let later = changes(&[[7, 8, 0], [8, 7, 2]]).extracts(&plan, &key(&plan));
    assert!(Linkage::new(&plan, later).is_ok());
}

#[test]
fn a_person_has_one_row_where_the_plan_says_so() {
    let mut registers = changes(&[[7, 1, 0], [8, 1, 0], [9, 2, 0], [5, 3, 0]]);
    // Person 1 has three rows, person 2 two, person 3 one.
    registers.school = vec![[1, 0], [7, 1], [8, 1], [2, 1], [9, 0], [5, 1], [4, 0]];
    let error = refused(&registers);
    assert_eq!(error.kind(), ErrorKind::Linkage);
    assert_eq!(error.source_name(), Some("school"));
    let rule = "has 3 rows of persons who have a row already, under another number, \
                and the plan says rows = \"one\"";
    assert_eq!(error.rule(), rule);
    // Also where none of the rows is under the current number.
    registers.school = vec![[7, 1], [8, 1]];
    assert!(
        refused(&registers)
            .rule()
            .starts_with("has 1 row of persons")
    );
    // Where the plan says that there may be several, there may.
    registers.school.clear();
    registers.tax = vec![[1, 2024, 0], [7, 2024, 1], [8, 2024, 1]];
    let plan = plan();
    assert!(Linkage::new(&plan, registers.extracts(&plan, &key(&plan))).is_ok());
}

#[test]
fn a_history_is_not_left_out_and_not_given_twice() {
    let plan = plan();
    let key = key(&plan);
    let made = || changes(&[[7, 1, 0]]).extracts(&plan, &key);
    let without = made()
        .into_iter()
        .filter(|extract| !extract.source().is_history());
    let error = refusal(Linkage::new(&plan, without));
    assert_eq!(error.to_string(), "source changes: has no extract");
    let twice = made().into_iter().chain(made().into_iter().take(1));
    let error = refusal(Linkage::new(&plan, twice));
    assert!(error.rule().contains("has two extracts"), "{error}");
}

#[test]
fn a_history_of_another_plan_or_key_is_refused() {
    let plan = plan();
    let key = key(&plan);
    let registers = changes(&[[7, 1, 0]]);
    let swapped = |changes: Extract| {
        let others = registers.extracts(&plan, &key).into_iter();
        let others = others.filter(|extract| !extract.source().is_history());
        refusal(Linkage::new(&plan, others.chain([changes])))
    };
    let of = |plan: &Plan, key: &DomainKey| {
        extract(plan, key, "changes", &registers.csv("changes")).expect("an extract")
    };
    let other = parse(&change(
        PLAN,
        "reference_date = 2025-01-01",
        "reference_date = 2025-01-02",
    ));
    let error = swapped(of(&other, &key));
    assert_eq!(error.kind(), ErrorKind::Extract);
    assert_eq!(error.rule(), "was made under another plan");
    let error = swapped(of(&plan, &crate::support::key(&plan)));
    assert_eq!(error.kind(), ErrorKind::Extract);
    assert!(error.rule().contains("with another domain key"), "{error}");
    // And from a file, before there is a linkage.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("changes.arrow");
    of(&other, &key).write(&path).expect("written");
    let error = refusal(Extract::read(&plan, &path));
    assert!(error.rule().contains("made under another plan"), "{error}");
}

// ---- forged ----

struct Bench {
    plan: Plan,
    good: RecordBatch,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let plan = plan();
        let pairs: Vec<[u32; 3]> = (1..600).map(|nr| [1000 + nr, nr, nr % 20]).collect();
        let registers = changes(&pairs);
        let made = extract(&plan, &key(&plan), "changes", &registers.csv("changes"));
        Self {
            good: made.expect("an extract").to_batch(),
            plan,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn refused(&self, batch: &RecordBatch, words: &str) {
        for (name, write) in FORMATS {
            let path = self.folder.path().join(name);
            write(&path, batch);
            let error = refusal(Extract::read(&self.plan, &path));
            assert_eq!(error.kind(), ErrorKind::Extract, "{name}: {error}");
            assert!(error.to_string().contains(words), "{name}: {error}");
        }
    }

    fn with_current(&self, column: ArrayRef) -> RecordBatch {
        with_column(&self.good, 1, column)
    }
}

#[test]
fn a_forged_current_column_is_refused() {
    let bench = Bench::new();
    let count = bench.good.num_rows();
    let spread = "column current: its pseudonyms are not spread as those of a keyed hash";
    bench.refused(&bench.with_current(pseudonyms(count, |row| row)), spread);
    bench.refused(
        &bench.with_current(pseudonyms(count, |row| row << 64)),
        spread,
    );
    let keys = bench.good.column(1).as_fixed_size_binary();
    let nulls = (0..count).map(|row| (row > 0).then(|| keys.value(row)));
    let nulls = FixedSizeBinaryArray::try_from_sparse_iter_with_size(nulls, 16).expect("an array");
    let missing = "column current: a pseudonym is missing";
    bench.refused(&bench.with_current(Arc::new(nulls)), missing);
    let short = keys.iter().map(|key| key.expect("no null")[..8].to_vec());
    let short = FixedSizeBinaryArray::try_from_iter(short).expect("8 bytes each");
    let wide = "plan declares FixedSizeBinary(16)";
    bench.refused(&bench.with_current(Arc::new(short)), wide);
    // Pseudonyms of the domain, but not those that the agency gave.
    let turned: Vec<&[u8]> = (0..count).rev().map(|row| keys.value(row)).collect();
    let turned = FixedSizeBinaryArray::try_from_iter(turned.into_iter()).expect("an array");
    bench.refused(&bench.with_current(Arc::new(turned)), "changed or damaged");
}

#[test]
fn the_current_column_is_tagged_as_the_other_is() {
    let bench = Bench::new();
    let schema = bench.good.schema();
    let tagged = |edit: &dyn Fn(&mut Metadata)| {
        let mut fields: Vec<Field> = schema.fields().iter().map(|f| f.as_ref().clone()).collect();
        let mut metadata = fields[1].metadata().clone();
        edit(&mut metadata);
        fields[1].set_metadata(metadata);
        rebuilt(&bench.good, fields, bench.good.columns().to_vec())
    };
    let words = "column current: is not tagged as the pseudonym column is";
    bench.refused(&tagged(&|metadata| *metadata = Metadata::default()), words);
    let name = "ARROW:extension:metadata";
    let good = schema.field(1).metadata()[name].clone();
    for (from, to) in [
        ("\"epoch\":1", "\"epoch\":2"),
        ("history-2026", "history-2027"),
    ] {
        let other = change(&good, from, to);
        bench.refused(
            &tagged(&|metadata| drop(metadata.insert(name.to_owned(), other.clone()))),
            words,
        );
    }
}

#[test]
fn pairs_are_in_order_and_have_a_day() {
    let bench = Bench::new();
    let count = bench.good.num_rows() as u32;
    let turned = rows(&bench.good, (0..count).rev());
    bench.refused(&turned, "row 2: its pairs are not sorted");
    let days = bench.good.column(2);
    let undated = Date32Array::from(vec![None::<i32>; days.len()]);
    let words = "a pair does not say from which day it holds";
    bench.refused(&with_column(&bench.good, 2, Arc::new(undated)), words);
    let never = Date32Array::from_value(i32::MAX, days.len());
    let words = "column valid_from: holds a value that the plan's steps do not give";
    bench.refused(&with_column(&bench.good, 2, Arc::new(never)), words);
}
