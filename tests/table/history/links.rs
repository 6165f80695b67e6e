//! A made-up register of arrivals, where it is known who is who.

use kobling::{Count, Manifest, Plan};

use super::registers::{Registers, plain, plan};
use crate::support::shown::{are_linked, is_shown, shown};
use crate::support::{change, key, parse, release};

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
    // By look-up: how many link by the same number, and how many through the history only.
    let agrees = |name: &str, base: &str, expected: [(&str, u64, u64); 2]| {
        let look_ups = &table(name).look_ups;
        assert_eq!(look_ups.len(), expected.len());
        for (look_up, (source, directly, through)) in look_ups.iter().zip(expected) {
            assert_eq!(look_up.source, source);
            let history = look_up.history.as_ref().expect("the plan has a history");
            // What links by the same number is what is left of what is shown.
            let left = |count: Count| count.get().expect("many");
            let all = directly + through;
            let linked = [look_up.matched, look_up.unmatched];
            let what = [base, source, "through_history", &all.to_string()];
            let agrees = are_linked(linked, (base, source), [all, 0], &[])
                && is_shown(history.through_history, &what, through)
                && left(history.directly) == left(look_up.matched) - left(history.through_history);
            assert!(agrees, "{name}: {look_up:?}");
        }
    };
    // By person: 600 are in tax under the first number, 200 of them under both.
    agrees(
        "persons",
        "population",
        [("school", 2100, 300), ("tax", 2000, 400)],
    );
    // By row of tax: of 2600, 600 are under the first number. The school knows
    // 300 of the persons by an earlier one, who have 100 rows more.
    agrees(
        "earners",
        "tax",
        [("population", 2000, 600), ("school", 1900, 700)],
    );
    // By person again, whatever the number of rows.
    agrees(
        "folded",
        "tax",
        [("population", 2000, 400), ("school", 1900, 500)],
    );
    let inputs = found.manifest().inputs.iter();
    let retired: Vec<_> = inputs
        .map(|input| (input.source.as_str(), input.retired))
        .collect();
    let expected = [
        ("changes", None),
        ("population", Some(0)),
        ("school", Some(300)),
        ("tax", Some(600)),
    ];
    for ((source, retired), (name, expected)) in retired.into_iter().zip(expected) {
        assert_eq!((source, retired.is_some()), (name, expected.is_some()));
        assert!(retired.zip(expected).is_none_or(|(count, rows)| is_shown(
            count,
            &[source, "retired"],
            rows
        )));
    }
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
fn a_count_that_is_hidden_is_not_one_that_is_not_there() {
    let plan = plan();
    let mut registers = arrivals(240);
    // Two of them have a replaced number in the population register alone.
    for (place, nr) in [(0, 1), (1, 2)] {
        registers.population[place][0] = 3_000_000 + nr;
        registers.changes.push([3_000_000 + nr, nr, 0]);
    }
    let found = release(&plan, registers.extracts(&plan, &key(&plan))).expect("a release");
    let mut manifest = found.manifest().clone();
    let retired: Vec<_> = manifest.inputs.iter().map(|input| input.retired).collect();
    assert_eq!(
        retired,
        [
            None,
            Some(shown(&["population", "retired"], 2)),
            Some(shown(&["school", "retired"], 30)),
            Some(shown(&["tax", "retired"], 60))
        ]
    );
    manifest.inputs[1].retired = Some(Count::rounded(2));
    let json = manifest.to_json();
    assert!(json.contains("\"retired\": null"), "{json}");
    let read: Manifest = serde_json::from_str(&json).expect("a manifest");
    assert_eq!(read.to_json(), json);
    assert_eq!(read.inputs[0].retired, None);
    assert_eq!(read.inputs[1].retired.map(Count::get), Some(None));
}

#[test]
fn what_is_replaced_depends_on_the_reference_date() {
    // In the school's register, and in that of tax.
    let are_unmatched = |plan: &Plan, rows: [u64; 2]| {
        let mut registers = arrivals(240);
        for pair in &mut registers.changes {
            pair[2] = 10;
        }
        let found = release(plan, registers.extracts(plan, &key(plan))).expect("a release");
        let record = &found.manifest().tables[2];
        assert_eq!(record.name, "persons");
        for (look_up, rows) in record.look_ups.iter().zip(rows) {
            let linked = [look_up.matched, look_up.unmatched];
            let of = ("population", look_up.source.as_str());
            assert!(
                are_linked(linked, of, [240 - rows, rows], &[]),
                "{look_up:?}, but {rows} rows"
            );
        }
    };
    let on = |day: &str| {
        let text = change(super::registers::PLAN, "reference_date = 2025-01-01", day);
        parse(&text)
    };
    are_unmatched(&plan(), [30, 40]);
    are_unmatched(&on("reference_date = 2025-01-09"), [30, 40]);
    are_unmatched(&on("reference_date = 2025-01-10"), [0, 0]);
}
