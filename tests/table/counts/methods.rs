//! The methods that change figures: a count with a condition is what a table of those
//! rows alone has.

use std::collections::BTreeMap;

use kobling::Plan;

use super::register::{DEATHS, Row, count, plan_text, released, rows, table, twin, visits};
use crate::support::{change, parse};

const SHARE: &str = "{ share = 'deaths', of = 'persons', as = 'percent' }";

/// A plan that declares the towns, and the kinds where it has them: all are listed
/// then, whoever is counted.
fn plan_of(rows: &str, project: &str, tables: &str) -> Plan {
    let declared = |text: &str, name: &str, categories: &str| {
        let column =
            |more: &str| format!("{name} = {{ from = '{name}', type = 'category'{more} }}");
        change(
            text,
            &column(""),
            &column(&format!(", categories = [{categories}]")),
        )
    };
    let text = plan_text(rows, project, tables);
    let text = declared(&text, "town", "'10', '11', '12', '13', '14'");
    match tables.contains("visits.kind") {
        true => parse(&declared(&text, "kind", "'k0', 'k1', 'k2'")),
        false => parse(&text),
    }
}

/// The town's row, or the total's.
fn by_town(rows: Vec<Row>, measure: &str) -> BTreeMap<Option<String>, Option<u64>> {
    let rows = rows.into_iter();
    rows.map(|row| (row["town"].clone(), count(&row, measure)))
        .collect()
}

fn check_shares(rows: &[Row]) {
    for row in rows {
        let (deaths, persons) = (
            count(row, "deaths").unwrap(),
            count(row, "persons").unwrap(),
        );
        let wanted = (persons > 0).then(|| deaths as f64 * 100.0 / persons as f64);
        let share = row["percent"].as_deref().filter(|text| !text.is_empty());
        let share = share.map(|share| share.parse::<f64>().unwrap());
        assert_eq!(share, wanted, "{row:?}");
        assert_eq!(row["percent_status"].as_deref(), Some("perturbed"));
    }
}

/// The same persons get the same noise, whether a condition picks them or `where` does.
#[test]
fn cells_have_one_figure_however_they_are_asked_for() {
    let methods = [
        "method = 'cell-key'",
        "method = 'round', round = { base = 5, how = 'random' }",
        "method = 'round', round = { base = 5, how = 'nearest' }",
    ];
    let measures = format!("{{ persons = true }}, {DEATHS}, {SHARE}");
    let only =
        "margins = true\nsensitive = ['town']\nwhere = [{ column = 'visits.died', equals = 1 }]";
    for method in methods {
        for many in [false, true] {
            let counted = table(
                "a",
                "'visits.town'",
                "margins = true\nsensitive = ['deaths']",
                &measures,
                method,
            );
            let alone = table("b", "'visits.town'", only, "{ persons = true }", method);
            let plan = plan_of(if many { "many" } else { "one" }, "", &(counted + &alone));
            let visits = visits(4, 180, many);
            let release = released(&plan, &visits).unwrap();
            let counted = rows(&release, "a");
            check_shares(&counted);
            for row in &counted {
                let truth = twin(&visits, row).get("deaths");
                let figure = count(row, "deaths").unwrap();
                assert!(figure.abs_diff(truth) < 5, "{method}: {figure} of {truth}");
                if method.contains("nearest") {
                    assert!(figure <= count(row, "persons").unwrap());
                }
            }
            let counted = by_town(counted, "deaths");
            for (town, figure) in by_town(rows(&release, "b"), "persons") {
                assert_eq!(counted[&town], figure, "{method}");
            }
        }
    }
}

#[test]
fn small_count_rounding_keeps_parts_and_totals() {
    let measures = format!("{{ persons = true }}, {DEATHS}, {SHARE}");
    let method = "method = 'round', round = { base = 5, how = 'small-count' }";
    let table = table(
        "t",
        "'visits.town', 'visits.kind'",
        "margins = true\nsensitive = []",
        &measures,
        method,
    );
    let plan = plan_of("one", "", &table);
    let mut changed = 0;
    for seed in 0..5 {
        let visits = visits(seed, 140, false);
        let release = released(&plan, &visits).unwrap();
        let rows = rows(&release, "t");
        check_shares(&rows);
        for row in &rows {
            let (deaths, persons) = (
                count(row, "deaths").unwrap(),
                count(row, "persons").unwrap(),
            );
            assert!(deaths <= persons, "{row:?}");
            // Neither those who died nor those who did not are few.
            for figure in [deaths, persons, persons - deaths] {
                assert!(figure == 0 || figure >= 5, "{row:?}");
            }
            changed += usize::from(deaths != twin(&visits, row).get("deaths"));
        }
        for measure in ["persons", "deaths"] {
            let level = |row: &Row, at: &str| row[at].clone().unwrap();
            let sum = |town: &str, kind: &str| -> u64 {
                let rows = rows.iter().filter(|row| {
                    level(row, "town_level") == town && level(row, "kind_level") == kind
                });
                rows.map(|row| count(row, measure).unwrap()).sum()
            };
            let total = sum("total", "total");
            assert_eq!(sum("town", "kind"), total);
            assert_eq!(sum("town", "total"), total);
            assert_eq!(sum("total", "kind"), total);
        }
    }
    assert!(changed > 0);
}

#[test]
fn noise_is_asked_once_for_each_count() {
    let noise = |clip: &str| {
        format!("method = 'noise', noise = {{ rho = 0.5, distribution = 'gaussian'{clip} }}")
    };
    let all = "margins = true\nsensitive = []";
    let counted = format!("{{ persons = true }}, {DEATHS}, {SHARE}");
    let tables = table(
        "a",
        "'visits.town', 'visits.kind'",
        all,
        &counted,
        &noise(""),
    ) + &table(
        "b",
        "'visits.town', 'visits.kind'",
        all,
        "{ persons = true }, { sum = 'visits.age' }",
        &noise(", clip = { sum_age = 1 }"),
    ) + &table(
        "c",
        "'visits.town', 'visits.kind'",
        all,
        "{ persons = true }, { rows = true }",
        &noise(""),
    );
    let plan = plan_of("one", "privacy_budget = 2", &tables).rehearsal();
    let visits = visits(9, 2000, false);
    // Ages clipped to 1 are ones; the refusal of those is another test's.
    let refused = released(&plan, &visits);
    assert!(refused.is_err());
    let tables = tables.replace("sum_age = 1 ", "sum_age = 2 ");
    let plan = plan_of("one", "privacy_budget = 2", &tables).rehearsal();
    let release = released(&plan, &visits).unwrap();
    let rows = rows(&release, "a");
    check_shares(&rows);
    let mut squares = 0.0;
    for row in &rows {
        let (figure, truth) = (
            count(row, "deaths").unwrap(),
            twin(&visits, row).get("deaths"),
        );
        squares += (figure as f64 - truth as f64).powi(2) / rows.len() as f64;
    }
    let record = |table: usize, measure: &str| {
        let utility = &release.manifest().tables[table].utility[measure];
        utility.noise_deviation.unwrap()
    };
    let deviation = record(0, "deaths");
    // Four groupings, and half of ρ for each of two counts: σ² = 4 / (2 · 0.25).
    assert!((deviation - 8f64.sqrt()).abs() < 1e-9, "{deviation}");
    assert_eq!(record(0, "persons"), deviation);
    assert_eq!(record(1, "persons"), deviation, "a sum takes as much of it");
    assert!(
        (record(2, "rows") - 2.0).abs() < 1e-9,
        "one question has all of it"
    );
    assert!(squares > 1.0 && squares < 30.0, "{squares}");
    let statuses = &release.manifest().tables[0].statuses["deaths"];
    assert_eq!(statuses["perturbed"], rows.len() as u64);
}
