//! Extracts of another plan or key, and rows out of order, gone or added: none is linked.

use crate::support::forge::{Bench, counting, rows};
use crate::support::{PLAN, change, extract, extracts, key, parse, refusal, registers};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use kobling::{ErrorKind, Extract, Linkage};

// ---- plan and key ----

#[test]
fn an_extract_belongs_to_one_plan_epoch_and_project() {
    let bench = Bench::new();
    let path = bench.folder.path().join("other.arrow");
    for (from, to, words) in [
        ("min_persons = 3", "min_persons = 4", "another plan"),
        ("epoch = 1", "epoch = 2", "epoch 2; the plan is in epoch 1"),
        (
            "test-2026-1",
            "test-2026-2",
            "for project test-2026-2, not test-2026-1",
        ),
    ] {
        let other = parse(&change(PLAN, from, to));
        let made = extracts(&other, &key(&other), 9).remove(0);
        made.write(&path).expect("it is written");
        let error = refusal(Extract::read(&bench.plan, &path));
        assert_eq!(error.kind(), ErrorKind::Extract);
        assert_eq!(error.source_name(), Some("population"));
        assert!(error.to_string().contains(words), "{error}");
        let error = refusal(Linkage::new(&bench.plan, [made]));
        assert_eq!(error.kind(), ErrorKind::Extract);
    }
}

#[test]
fn a_rehearsal_and_the_real_thing_never_meet() {
    let bench = Bench::new();
    let rehearsal = bench.plan.rehearsal();
    let made = extracts(&rehearsal, &key(&rehearsal), 9).remove(0);
    let path = bench.folder.path().join("rehearsed.parquet");
    made.write(&path).expect("it is written");
    assert!(Extract::read(&rehearsal, &path).is_ok());
    let error = refusal(Extract::read(&bench.plan, &path));
    assert!(error.to_string().contains("rehearsal of"), "{error}");
    bench.good[0].write(&path).expect("it is written");
    assert_eq!(
        refusal(Extract::read(&rehearsal, &path)).kind(),
        ErrorKind::Extract
    );
    // Nor do the keys.
    let csv = &registers(9)[0];
    let error = refusal(extract(&bench.plan, &key(&rehearsal), "population", csv));
    assert_eq!(error.kind(), ErrorKind::Key);
    let error = refusal(extract(&rehearsal, &bench.key, "population", csv));
    assert_eq!(error.kind(), ErrorKind::Key);
}

#[test]
fn extracts_of_two_keys_are_refused_and_both_key_checks_shown() {
    let mut bench = Bench::new();
    let other = key(&bench.plan);
    bench.good[2] = extract(&bench.plan, &other, "benefit", &registers(9)[2]).expect("an extract");
    let (one, two) = (bench.key.check().to_string(), other.check().to_string());
    let error = refusal(Linkage::new(&bench.plan, bench.good));
    assert_eq!(error.kind(), ErrorKind::Extract);
    let text = error.to_string();
    assert!(
        one != two && text.contains(&one) && text.contains(&two),
        "{text}"
    );
}

#[test]
fn every_source_has_exactly_one_extract() {
    let mut bench = Bench::new();
    let twice = extract(&bench.plan, &bench.key, "tax", &registers(9)[1]).expect("an extract");
    let missing = bench.good.remove(0);
    let error = refusal(Linkage::new(&bench.plan, bench.good));
    assert_eq!(
        (error.kind(), error.source_name()),
        (ErrorKind::Linkage, Some("population"))
    );
    let tax = extract(&bench.plan, &bench.key, "tax", &registers(9)[1]).expect("an extract");
    let error = refusal(Linkage::new(&bench.plan, [missing, tax, twice]));
    assert_eq!(
        (error.kind(), error.source_name()),
        (ErrorKind::Linkage, Some("tax"))
    );
}

// ---- rows ----

#[test]
fn a_copy_is_taken_and_rows_out_of_order_are_not() {
    let bench = Bench::new();
    let tax = &bench.batch("tax");
    let last = tax.num_rows() as u32 - 1;
    bench.taken(tax);
    bench.refused(&rows(tax, (0..=last).rev()), "not sorted by pseudonym");
    bench.refused(
        &rows(tax, (0..last - 1).chain([last, last - 1])),
        "not sorted by pseudonym",
    );
    bench.refused(&rows(tax, (0..=last).chain([last])), "rows = \"one\"");
    bench.refused(&rows(tax, [0].into_iter().chain(0..=last)), "row 2");

    let benefit = &bench.batch("benefit");
    let keys = benefit.column(0).as_fixed_size_binary();
    let one = (1..benefit.num_rows()).find(|&row| {
        let at = |row: usize| {
            benefit
                .columns()
                .iter()
                .map(move |c| c.slice(row, 1).to_data())
        };
        keys.value(row - 1) == keys.value(row) && !at(row - 1).eq(at(row))
    });
    let one = one.expect("a person of two unequal rows") as u32;
    let count = benefit.num_rows() as u32;
    let swapped = (0..one - 1).chain([one, one - 1]).chain(one + 1..count);
    bench.refused(&rows(benefit, swapped), "not sorted by their other columns");
}

#[test]
fn rows_that_are_gone_or_added_are_missed() {
    let bench = Bench::new();
    let tax = &bench.batch("tax");
    // This source keeps all rows; of the other, `keep` may have left out the rest.
    bench.refused_as_arrow(&counting(tax, 1), "lacks rows");
    bench.refused(&counting(tax, 1), "rows");
    let population = &bench.batch("population");
    let one = counting(population, 1);
    bench.refused(&one, "its header says 1");
    let short = rows(population, 0..100);
    bench.refused(&counting(&short, 99), "has 100 rows");
    bench.refused(&short, "changed or damaged");
    bench.refused(&rows(tax, 0..100), "changed or damaged");
    bench.refused(&rows(tax, []), "changed or damaged");
}
