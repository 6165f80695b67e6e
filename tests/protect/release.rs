//! What comes out at the edges: nothing safe, nothing linked, nothing written.

use std::collections::BTreeSet;
use std::fs;

use crate::support::desk::Desk;
use crate::support::shown::are_linked;
use crate::support::{PLAN, change, extract, extracts, key, parse, plan, refusal, registers};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use kobling::release::manifest::BASE;
use kobling::{Count, ErrorKind, Format, Linkage, Plan, Release};
use sha2::{Digest as _, Sha256};

use crate::support;

/// The release of `persons` persons.
fn released(plan: &Plan, persons: u32) -> Release {
    support::release(plan, extracts(plan, &key(plan), persons)).expect("a release")
}

#[test]
fn a_table_whose_every_cell_is_unsafe_is_not_released() {
    let plan = parse(&change(PLAN, "min_persons = 3", "min_persons = 1000"));
    let error = refusal(support::release(&plan, extracts(&plan, &key(&plan), 400)));
    assert_eq!(error.kind(), ErrorKind::Protection);
    assert!(error.to_string().contains("table income"), "{error}");
}

#[test]
fn registers_that_share_no_person_link_to_the_base_only() {
    let plan = plan();
    let key = key(&plan);
    let [population, _, _] = registers(300);
    let strangers = [
        "nr,wage\n900001,1\n900002,2\n",
        "nr,year,amount\n900003,2024,5\n",
    ];
    let linked = [
        extract(&plan, &key, "population", &population),
        extract(&plan, &key, "tax", strangers[0]),
        extract(&plan, &key, "benefit", strangers[1]),
    ];
    let linked = linked.into_iter().map(|e| e.expect("an extract")).collect();
    let release = support::release(&plan, linked).expect("a release");
    for look_up in &release.manifest().tables[0].look_ups {
        let shown = [look_up.matched, look_up.unmatched];
        let of = ("population", look_up.source.as_str());
        // Those of 20 and above.
        assert!(are_linked(shown, of, [0, 290], &[]), "{look_up:?}");
        assert!(look_up.match_rate.is_some_and(|percent| percent < 15));
    }
    let table = release.table("income").expect("the table");
    let band = table.column_by_name("paid_band").expect("a dimension");
    let band = band.as_any_dictionary();
    let labels = band.values().as_string::<i32>();
    let keys = band.normalized_keys();
    let persons = table.column_by_name("persons").expect("a measure");
    let persons = persons.as_primitive::<UInt64Type>();
    // The other bands are listed too, with nobody in them.
    for (row, label) in keys.into_iter().enumerate() {
        assert!(labels.value(label) == "none" || persons.is_valid(row) && persons.value(row) == 0);
    }
    assert!(persons.iter().flatten().sum::<u64>() > 200);
    // Nobody has a tax row: no contributor, so no sum is safe.
    let sums = table.column_by_name("sum_income").expect("a measure");
    for row in 0..sums.len() {
        assert!(sums.is_null(row) || persons.is_valid(row) && persons.value(row) == 0);
    }
}

#[test]
fn a_table_without_rows_is_released_as_such() {
    let plan = plan();
    let key = key(&plan);
    let [_, tax, benefit] = registers(30);
    let sources = [
        ("population", "nr,age,municipality\n"),
        ("tax", &tax),
        ("benefit", &benefit),
    ];
    let linked =
        sources.map(|(source, csv)| extract(&plan, &key, source, csv).expect("an extract"));
    let release = support::release(&plan, linked.into()).expect("a release");
    assert_eq!(release.table("income").expect("the table").num_rows(), 0);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("release");
    release
        .write(&out, &Format::ALL)
        .expect("a folder of files");
    let csv = fs::read_to_string(out.join("income.csv")).expect("a file");
    assert_eq!(csv.lines().count(), 1);
    assert_eq!(release.manifest().tables[0].look_ups[0].match_rate, None);
}

#[test]
fn counts_in_the_manifest_are_rounded() {
    let rounded = |count| Count::rounded(count).get();
    assert_eq!([1, 2, 3, 4].map(rounded), [None; 4]);
    assert_eq!(
        [0, 5, 7, 8, 12, 13].map(rounded),
        [0, 5, 5, 10, 10, 15].map(Some)
    );
    assert_eq!(rounded(u64::MAX), Some(u64::MAX / BASE * BASE));
    for count in 0..60 {
        let alike = (0..80).filter(|other| Count::rounded(*other) == Count::rounded(count));
        let alike: Vec<u64> = alike.collect();
        let (least, most) = (alike[0], alike[alike.len() - 1]);
        assert!(alike.iter().copied().eq(least..=most), "{count}");
        let few = if count == 0 { 1 } else { 3 };
        assert!(
            alike.contains(&count) && (few..=5).contains(&alike.len()),
            "{count}"
        );
    }
    let manifest = released(&plan(), 398).manifest().clone();
    let is_rounded = |count: Count| count.get().is_some_and(|n| n.is_multiple_of(BASE));
    for input in &manifest.inputs {
        let counts = [input.rows, input.rows_read].into_iter();
        assert!(
            counts
                .chain(input.quarantine.values().copied())
                .all(is_rounded)
        );
    }
    for look_up in &manifest.tables[0].look_ups {
        assert!(is_rounded(look_up.matched) && is_rounded(look_up.unmatched));
    }
    assert!(
        manifest
            .limits
            .iter()
            .any(|limit| limit.contains("subtraction"))
    );
}

#[test]
fn a_release_is_a_new_folder_or_none() {
    let release = released(&plan(), 100);
    let folder = tempfile::tempdir().expect("a folder");
    let there = folder.path().join("there");
    fs::create_dir(&there).expect("a folder");
    fs::write(there.join("mine"), "mine").expect("a file");
    let error = refusal(release.write(&there, &Format::ALL));
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(
        error.to_string().contains("nothing is overwritten"),
        "{error}"
    );
    let error = refusal(release.write(folder.path().join("no/such/parent"), &Format::ALL));
    assert_eq!(error.kind(), ErrorKind::File);
    let names: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(names.len(), 1, "only what was there");
    assert_eq!(fs::read_dir(&there).expect("a folder").count(), 1);
}

#[test]
fn a_release_that_cannot_be_written_is_not_in_the_ledger() {
    let desk = Desk::new();
    let plan = plan();
    let folder = tempfile::tempdir().expect("a folder");
    let there = folder.path().join("there");
    fs::create_dir(&there).expect("a folder");
    let extracts = || extracts(&plan, &desk.domain_key(&plan), 400);
    let protected = || -> kobling::Result<_> {
        let protection = desk.protection().ledger(desk.ledger(&plan));
        let tables = Linkage::new(&plan, extracts())?.tabulate(protection)?;
        tables.protect()
    };
    let tables = protected().expect("protected tables");
    let error = refusal(tables.release_into(&there, &Format::ALL));
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(desk.ledger(&plan).entries().is_empty());

    let tables = protected().expect("protected tables");
    let out = folder.path().join("out");
    let release = tables.release_into(&out, &Format::ALL).expect("a release");
    assert_eq!(desk.ledger(&plan).entries().len(), 1);
    let record = release.manifest().ledger.as_ref().expect("a record");
    assert_eq!(record.entry, 1);
    let json = fs::read_to_string(out.join("manifest.json")).expect("a manifest");
    assert!(json.contains(&record.digest), "the manifest names the line");
    let ledger = fs::read(desk.folder.path().join("ledger.jsonl"));
    let digest = Sha256::digest(ledger.expect("a ledger"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(record.digest, digest);
}

#[test]
fn every_format_holds_the_same_table() {
    let release = released(&plan(), 400);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("release");
    release
        .write(&out, &Format::ALL)
        .expect("a folder of files");
    let rows: Vec<Vec<Option<String>>> = release.rows("income").expect("the table").collect();
    let mut csv = csv::Reader::from_path(out.join("income.csv")).expect("a file");
    for (record, row) in csv.records().zip(&rows) {
        let record = record.expect("a record");
        assert!(
            record
                .iter()
                .eq(row.iter().map(|text| text.as_deref().unwrap_or_default()))
        );
    }
    for ending in ["arrow", "parquet"] {
        let inspection = kobling::Inspection::read(out.join(format!("income.{ending}")));
        let inspection = inspection.expect("a table of a release");
        assert_eq!(
            (inspection.kind.as_str(), inspection.rows),
            ("release", rows.len() as u64)
        );
    }
}

#[test]
fn a_label_without_a_cell_is_in_no_format() {
    let [population, tax, benefit] = registers(300);
    // One person in a county of her own, whom the table's `where` leaves out.
    let population = population + "999,40,9901\n";
    let conditions = "where = [{ column = \"population.county\", one_of = [\"01\", \"02\"] }]\n[table.income.with.tax]";
    let plan = parse(&change(PLAN, "[table.income.with.tax]", conditions));
    let key = key(&plan);
    let linked = [
        ("population", &population),
        ("tax", &tax),
        ("benefit", &benefit),
    ]
    .map(|(source, csv)| extract(&plan, &key, source, csv).expect("an extract"));
    let release = support::release(&plan, linked.into()).expect("a release");
    let county = release
        .table("income")
        .expect("the table")
        .column(0)
        .clone();
    let county = county.as_any_dictionary();
    let labels: Vec<_> = county
        .values()
        .as_string::<i32>()
        .iter()
        .flatten()
        .collect();
    assert_eq!(labels, ["01", "02"]);
}

#[test]
fn a_name_that_a_spreadsheet_would_run_is_guarded_in_csv_only() {
    let plan = parse(&change(
        PLAN,
        "from = \"municipality\"\ntype = \"category\"\nprefix = 2",
        "from = \"municipality\"\ntype = \"category\"",
    ));
    let mut population = String::from("nr,age,municipality\n");
    let names = ["=1+1", "=2", "-9", "'s-Gravenhage", "@a"];
    for nr in 0..100 {
        population += &format!("{nr},40,{}\n", names[nr % names.len()]);
    }
    let key = key(&plan);
    let [_, tax, benefit] = registers(100);
    let sources = [
        ("population", population.as_str()),
        ("tax", &tax),
        ("benefit", &benefit),
    ];
    let linked =
        sources.map(|(source, csv)| extract(&plan, &key, source, csv).expect("an extract"));
    let release = support::release(&plan, linked.into()).expect("a release");
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("release");
    release
        .write(&out, &Format::ALL)
        .expect("a folder of files");
    let mut csv = csv::Reader::from_path(out.join("income.csv")).expect("a file");
    let written: BTreeSet<String> = csv
        .records()
        .map(|record| record.expect("a record")[0].to_owned())
        .collect();
    let wanted = ["'=1+1", "'=2", "-9", "'s-Gravenhage", "'@a"];
    assert_eq!(written, wanted.map(str::to_owned).into());
    let exact: BTreeSet<String> = release
        .rows("income")
        .expect("the table")
        .map(|row| row[0].clone().expect("a name"))
        .collect();
    let wanted = ["=1+1", "=2", "-9", "'s-Gravenhage", "@a"];
    assert_eq!(exact, wanted.map(str::to_owned).into());
}

#[test]
fn who_comes_second_to_a_ledger_is_told_that_nothing_was_released() {
    let desk = Desk::new();
    let plan = plan();
    let folder = tempfile::tempdir().expect("a folder");
    // Of the same rows, so that their entries are alike.
    let protected = || -> kobling::Result<_> {
        let protection = desk.protection().ledger(desk.ledger(&plan));
        let extracts = extracts(&plan, &desk.domain_key(&plan), 400);
        Linkage::new(&plan, extracts)?
            .tabulate(protection)?
            .protect()
    };
    let [first, second] = [(); 2].map(|()| protected().expect("protected tables"));
    let out = |name: &str| folder.path().join(name);
    first
        .release_into(out("first"), &Format::ALL)
        .expect("a release");
    let error = refusal(second.release_into(out("second"), &Format::ALL));
    assert_eq!(error.kind(), ErrorKind::Ledger);
    assert!(
        error.rule().contains("has changed since it was opened"),
        "{error}"
    );
    assert!(!out("second").exists());
    assert_eq!(desk.ledger(&plan).entries().len(), 1);
}
