//! Releases one after another: a count with a condition is held against earlier ones.

use kobling::protect::Protection;
use kobling::{Ledger, Linkage, LinkageKey, Release, ReleaseKey};
use std::sync::Arc;

use super::register::{DEATHS, Visit, count, csv, plan_of, rows, table, visits};
use crate::support::extract;

/// Two releases under one ledger.
fn two(first: &[Visit], second: &[Visit]) -> [Release; 2] {
    let measures = format!("{{ persons = true }}, {DEATHS}");
    let table = table(
        "t",
        "'visits.town'",
        "margins = true\nsensitive = []",
        &measures,
        "method = 'suppress'",
    );
    let plan = plan_of("one", &table);
    let folder = tempfile::tempdir().unwrap();
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let domain_key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    [first, second].map(|visits| {
        let ledger = Ledger::open(folder.path().join("l.jsonl"), &plan, &release_key).unwrap();
        let protection = Protection::new(release_key.clone()).ledger(ledger);
        let extract = extract(&plan, &domain_key, "visits", &csv(visits)).unwrap();
        let linkage = Linkage::new(&plan, [extract]).unwrap();
        let tables = linkage.tabulate(protection).unwrap();
        tables.protect().unwrap().release().unwrap()
    })
}

/// Persons of one town each, numbered from `from`.
fn town(town: &str, from: u64, persons: u64, dead: u64) -> Vec<Visit> {
    let mut all = visits(1, persons, false);
    for (nth, visit) in (0..).zip(&mut all) {
        visit.person = from + nth;
        visit.town = town.to_owned();
        visit.died = Some(u8::from(nth < dead));
    }
    all
}

fn figures(release: &Release, town: &str) -> [Option<u64>; 2] {
    let rows = rows(release, "t");
    let mut rows = rows.iter();
    let row = rows
        .find(|row| row["town"].as_deref() == Some(town))
        .unwrap();
    ["persons", "deaths"].map(|measure| count(row, measure))
}

#[test]
fn the_same_figures_come_out_again() {
    let all = [town("11", 0, 30, 10), town("12", 100, 30, 12)].concat();
    let [first, second] = two(&all, &all);
    for town in ["11", "12"] {
        assert_eq!(figures(&first, town), figures(&second, town));
        assert!(figures(&first, town)[1].is_some());
    }
}

/// Eleven come to the town, of whom ten died: what is left changed by one person.
#[test]
fn one_more_who_did_not_die_is_not_disclosed() {
    let first = [town("11", 0, 30, 10), town("12", 100, 30, 12)].concat();
    let second = [first.clone(), town("11", 50, 11, 10)].concat();
    let [first, second] = two(&first, &second);
    assert_eq!(figures(&first, "11"), [Some(30), Some(10)]);
    let [persons, deaths] = figures(&second, "11");
    assert!(
        persons.is_none() || deaths.is_none(),
        "{persons:?} {deaths:?}"
    );
    assert_eq!(figures(&second, "12"), figures(&first, "12"));
}

/// Six came who died and six who did not: nobody is disclosed.
#[test]
fn many_more_on_both_sides_are_published() {
    let first = [town("11", 0, 30, 10), town("12", 100, 30, 12)].concat();
    let second = [first.clone(), town("11", 50, 12, 6)].concat();
    let [_, second] = two(&first, &second);
    assert_eq!(figures(&second, "11"), [Some(42), Some(16)]);
}
