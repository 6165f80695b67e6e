//! A made-up register of arrivals, where it is known who is who.

use kobling::{Count, Linkage, Manifest, Plan};

use super::registers::{Registers, plain, plan, release};
use crate::support::{change, extract, key, parse};

/// `persons` persons. Every fourth came with a first number, under which tax
/// knows them; every eighth had another before, under which the school does.
pub(crate) fn arrivals(persons: u32) -> Registers {
    let mut registers = Registers::default();
    for nr in 1..=persons {
        let (first, earlier) = (1_000_000 + nr, 2_000_000 + nr);
        let (changed, twice) = (nr % 4 == 0, nr % 8 == 0);
        registers.population.push([nr, nr % 3, 2024]);
        let paid = if changed { first } else { nr };
        registers.tax.push([paid, 2024, 100 + nr % 7]);
        // Some were paid under the old number and then under the new.
        if nr % 12 == 0 {
            registers.tax.push([nr, 2024, 50]);
        }
        let taught = if twice { earlier } else { nr };
        registers.school.push([taught, nr % 2]);
        if changed {
            registers.changes.push([first, nr, 0]);
        }
        if twice {
            registers.changes.push([earlier, first, 0]);
        }
    }
    registers
}

#[test]
fn every_person_links_and_the_manifest_says_how() {
    let plan = plan();
    let key = key(&plan);
    let found = release(&plan, arrivals(2400).extracts(&plan, &key)).expect("a release");
    let tables = &found.manifest().tables;
    let table = |name: &str| {
        tables
            .iter()
            .find(|table| table.name == name)
            .expect("a table")
    };
    let seen = |name: &str| -> Vec<_> {
        let look_ups = table(name).look_ups.iter();
        let seen = look_ups.map(|look_up| {
            let history = look_up.history.as_ref().expect("the plan has a history");
            let counts = (history.directly.get(), history.through_history.get());
            (
                look_up.source.as_str(),
                look_up.unmatched.get().expect("none is hidden"),
                counts.0.expect("none is hidden"),
                counts.1.expect("none is hidden"),
            )
        });
        seen.collect()
    };
    // By person: 600 are in tax under the first number, 200 of them under both.
    assert_eq!(
        seen("persons"),
        [("school", 0, 2100, 300), ("tax", 0, 2000, 400)]
    );
    // By row of tax: of 2600, 600 are under the first number. The school knows
    // 300 of the persons by an earlier one, who have 100 rows more.
    assert_eq!(
        seen("earners"),
        [("population", 0, 2000, 600), ("school", 0, 1900, 700)]
    );
    // By person again, whatever the number of rows.
    assert_eq!(
        seen("folded"),
        [("population", 0, 2000, 400), ("school", 0, 1900, 500)]
    );
    let inputs = found.manifest().inputs.iter();
    let retired = inputs.map(|i| (i.source.as_str(), i.retired.map(Count::get)));
    let retired: Vec<_> = retired.collect();
    assert_eq!(
        retired,
        [
            ("changes", None),
            ("population", Some(Some(0))),
            ("school", Some(Some(300))),
            ("tax", Some(Some(600)))
        ]
    );
}

#[test]
fn without_the_history_they_do_not() {
    let plain = plain();
    let found = release(&plain, arrivals(2400).extracts(&plain, &key(&plain))).expect("a release");
    for record in &found.manifest().tables {
        assert!(record.look_ups.iter().all(|l| !l.unmatched.is_zero()));
        assert!(
            record
                .look_ups
                .iter()
                .all(|look_up| look_up.history.is_none())
        );
    }
    assert!(
        found
            .manifest()
            .inputs
            .iter()
            .all(|input| input.retired.is_none())
    );
    let json = found.manifest().to_json();
    assert!(!json.contains("\"history\"") && !json.contains("retired"));
}

#[test]
fn small_counts_are_hidden() {
    let plan = plan();
    let mut registers = arrivals(240);
    // Two of them have a replaced number in the population register alone.
    for (place, nr) in [(0, 1), (1, 2)] {
        registers.population[place][0] = 3_000_000 + nr;
        registers.changes.push([3_000_000 + nr, nr, 0]);
    }
    let found = release(&plan, registers.extracts(&plan, &key(&plan))).expect("a release");
    let inputs = found.manifest().inputs.iter();
    let retired: Vec<_> = inputs.map(|input| input.retired.map(Count::get)).collect();
    assert_eq!(retired, [None, Some(None), Some(Some(30)), Some(Some(60))]);
    // A count that is hidden is not one that is not there.
    let read: Manifest = serde_json::from_str(&found.manifest().to_json()).expect("a manifest");
    assert_eq!(read.to_json(), found.manifest().to_json());
    let read: Vec<_> = read
        .inputs
        .iter()
        .map(|i| i.retired.map(Count::get))
        .collect();
    assert_eq!(read, retired);
}

#[test]
fn what_is_replaced_depends_on_the_reference_date() {
    let unmatched = |plan: &Plan| {
        let mut registers = arrivals(240);
        for pair in &mut registers.changes {
            pair[2] = 10;
        }
        let found = release(plan, registers.extracts(plan, &key(plan))).expect("a release");
        let record = &found.manifest().tables[2];
        assert_eq!(record.name, "persons");
        record
            .look_ups
            .iter()
            .map(|look_up| look_up.unmatched.get().expect("none is hidden"))
            .sum::<u64>()
    };
    let on = |day: &str| {
        let text = change(super::registers::PLAN, "reference_date = 2025-01-01", day);
        parse(&text)
    };
    assert_eq!(unmatched(&plan()), 70);
    assert_eq!(unmatched(&on("reference_date = 2025-01-09")), 70);
    assert_eq!(unmatched(&on("reference_date = 2025-01-10")), 0);
    // Without one it is the first valid day.
    assert_eq!(unmatched(&on("")), 0);
}

#[test]
fn sources_of_another_identifier_type_are_left_alone() {
    // The school's numbers are texts: equal digits are other pseudonyms.
    let text = super::registers::PLAN;
    let (before, school) = text.split_once("[source.school]").expect("a school");
    let school = school.replacen("type = \"number\"", "type = \"text\"", 1);
    let text = format!("{before}[source.school]{school}")
        .replace("with.school = { need = \"optional\" }\n", "")
        .replace("with.school = { need = \"required\" }\n", "")
        .replace(", \"school.passed\"]", "]")
        .replace(
            "where = [{ column = \"school.passed\", present = true }]\n",
            "",
        );
    let pupils = "[table.pupils]\nfrom = \"school\"\nby = [\"school.passed\"]\n\
                  sensitive = []\n\
                  measures = [{ persons = true }]\n\
                  protect = { min_persons = 3, method = \"suppress\" }\n";
    let plan = parse(&format!("{text}{pupils}"));
    let found = release(&plan, arrivals(240).extracts(&plan, &key(&plan))).expect("a release");
    let inputs = found.manifest().inputs.iter();
    let retired: Vec<_> = inputs.map(|input| input.retired.map(Count::get)).collect();
    assert_eq!(
        retired,
        [None, Some(Some(0)), Some(Some(0)), Some(Some(60))]
    );
}

#[test]
fn rows_move_in_extracts_that_were_read_from_files_too() {
    let plan = plan();
    let key = key(&plan);
    let registers = arrivals(2400);
    let folder = tempfile::tempdir().expect("a folder");
    let tables = |made: Vec<kobling::Extract>| -> Vec<_> {
        let found = release(&plan, made).expect("a release");
        found
            .tables()
            .map(|(name, batch)| (name.to_owned(), batch.clone()))
            .collect()
    };
    let plain = tables(registers.extracts(&plan, &key));
    for ending in ["arrow", "parquet"] {
        let read = registers.extracts(&plan, &key).into_iter().map(|made| {
            let path = folder
                .path()
                .join(format!("{}.{ending}", made.source().name()));
            made.write(&path).expect("written");
            kobling::Extract::read(&plan, &path).expect("read")
        });
        assert_eq!(tables(read.collect()), plain, "{ending}");
    }
}

#[test]
fn a_history_without_pairs_moves_nothing() {
    let plan = plan();
    let key = key(&plan);
    let mut registers = arrivals(240);
    registers.changes.clear();
    let empty = extract(&plan, &key, "changes", &registers.csv("changes")).expect("an extract");
    assert_eq!(empty.rows(), 0);
    assert!(Linkage::new(&plan, registers.extracts(&plan, &key)).is_ok());
}
