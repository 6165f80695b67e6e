//! What may be disclosed of no group: that all satisfy a condition, that nobody does, that
//! nobody is in a category.

use super::register::{DEATHS, Row, Visit, count, plan_of, released, rows, table, visits};

/// Towns of `towns`: of each, how many persons and how many of them died.
fn towns(towns: &[(u64, u64)]) -> Vec<Visit> {
    let mut all = Vec::new();
    for (town, &(persons, dead)) in towns.iter().enumerate() {
        for (nth, mut visit) in visits(1, persons, false).into_iter().enumerate() {
            visit.person = all.len() as u64;
            visit.town = format!("{}", 10 + town);
            visit.died = Some(u8::from((nth as u64) < dead));
            all.push(visit);
        }
    }
    all
}

fn deaths(sensitive: &str, of: &[(u64, u64)]) -> Vec<Option<u64>> {
    let measures = format!("{{ persons = true }}, {DEATHS}");
    let more = format!("sensitive = {sensitive}");
    let table = table(
        "t",
        "'visits.town'",
        &more,
        &measures,
        "method = 'suppress'",
    );
    let plan = plan_of("one", &table);
    let release = released(&plan, &towns(of)).unwrap();
    let rows = rows(&release, "t");
    assert!(rows.iter().all(|row| count(row, "persons").is_some()));
    rows.iter().map(|row| count(row, "deaths")).collect()
}

#[test]
fn all_or_none_of_a_group_satisfy_a_condition() {
    let towns = [(20, 20), (20, 0), (20, 8)];
    assert_eq!(deaths("[]", &towns), [Some(20), Some(0), Some(8)]);
    assert_eq!(deaths("['deaths']", &towns), [None, Some(0), Some(8)]);
    let none = "[{ name = 'deaths', none = true }]";
    assert_eq!(deaths(none, &towns), [None, None, Some(8)]);
    let not = "[{ name = 'deaths' }]";
    assert_eq!(deaths(not, &towns), [None, Some(0), Some(8)]);
}

/// By town and kind: which cells are published.
fn kinds(sensitive: &str) -> Vec<Row> {
    let mut all = Vec::new();
    // Nobody of the first town is of the first kind.
    for (town, kinds) in [[0, 9, 9], [9, 9, 9], [8, 8, 8]].into_iter().enumerate() {
        for (kind, persons) in kinds.into_iter().enumerate() {
            for mut visit in visits(1, persons, false) {
                visit.person = all.len() as u64;
                visit.town = format!("{}", 10 + town);
                visit.kind = format!("k{kind}");
                all.push(visit);
            }
        }
    }
    let more = format!("margins = true\nsensitive = {sensitive}");
    let table = table(
        "t",
        "'visits.town', 'visits.kind'",
        &more,
        "{ persons = true }",
        "method = 'suppress'",
    );
    rows(&released(&plan_of("one", &table), &all).unwrap(), "t")
}

#[test]
fn nobody_in_a_category_is_disclosed_unless_the_plan_says_otherwise() {
    let cell = |rows: &[Row]| {
        let mut rows = rows.iter();
        let of = |row: &&Row| {
            row["town"].as_deref() == Some("10") && row["kind"].as_deref() == Some("k0")
        };
        rows.find(of).map(|row| count(row, "persons"))
    };
    assert_eq!(cell(&kinds("['kind']")), Some(Some(0)));
    let none = kinds("[{ name = 'kind', none = true }, 'town']");
    assert_eq!(cell(&none), Some(None));
    // Nor is it what is left of the town, or of the kind.
    for at in ["town", "kind"] {
        let (of, other) = if at == "town" {
            ("10", "kind")
        } else {
            ("k0", "town")
        };
        let line = none.iter().filter(|row| row[at].as_deref() == Some(of));
        let absent = line.filter(|row| count(row, "persons").is_none());
        assert!(absent.count() >= 2, "by {other}");
    }
}
