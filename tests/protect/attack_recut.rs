//! The same persons in two releases that cut them otherwise: bands that share an edge, towns put
//! together in other ways, conditions that are cells of the other release. Whoever adds and
//! subtracts what both published must not be left with one unsafe number.

use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{category, cells, plan_with};
use kobling::{Plan, Release};

/// How many releases under keys of their own: which cells are suppressed is drawn.
const KEYS: usize = 6;

/// How many persons there are of a town, a sex, an age, an income, and whether they are sick.
type Persons = (&'static str, &'static str, u32, Option<u32>, bool, usize);

fn csv(persons: &[Persons]) -> String {
    let mut csv = "nr,town,sex,age,income,sick\n".to_owned();
    let mut nr = 0;
    for (town, sex, age, income, sick, number) in persons {
        for _ in 0..*number {
            nr += 1;
            // Nobody has the same as another.
            let income = income.map_or_else(String::new, |income| (income + nr).to_string());
            writeln!(csv, "{nr},{town},{sex},{age},{income},{sick}").unwrap();
        }
    }
    csv
}

/// What a plan may declare.
const COLUMNS: [(&str, &str); 11] = [
    (
        "sex",
        "sex = { from = 'sex', type = 'category', map = { f = 'f', m = 'm' } }",
    ),
    ("age", "age = { from = 'age', type = 'integer' }"),
    (
        "sick",
        "sick = { from = 'sick', type = 'category', map = { true = 'true', false = 'false' } }",
    ),
    ("income", "income = { from = 'income', type = 'integer' }"),
    (
        "early",
        "early = { from = 'age', type = 'category', bands = { edges = [18, 30, 40], labels = ['18', '30', '40'] } }",
    ),
    (
        "late",
        "late = { from = 'age', type = 'category', bands = { edges = [18, 40, 60], labels = ['18', '40', '60'] } }",
    ),
    (
        "mid",
        "mid = { from = 'age', type = 'category', bands = { edges = [18, 30, 60], labels = ['18', '30', '60'] } }",
    ),
    (
        "town",
        "town = { from = 'town', type = 'category', map = { a = 'a', b = 'b', c = 'c', d = 'd' } }",
    ),
    (
        "first",
        "first = { from = 'town', type = 'category', map = { a = 'ab', b = 'ab', c = 'c', d = 'd' } }",
    ),
    (
        "last",
        "last = { from = 'town', type = 'category', map = { a = 'a', b = 'b', c = 'cd', d = 'cd' } }",
    ),
    (
        "region",
        "region = { from = 'town', type = 'category', map = { a = 'w', b = 'w', c = 'e', d = 'w' } }",
    ),
];

fn plan(by: &[&str], measures: &str, more: &str) -> Plan {
    plan_with_margins(by, measures, more, false)
}

fn plan_with_margins(by: &[&str], measures: &str, more: &str, margins: bool) -> Plan {
    let by: Vec<String> = by.iter().map(|name| format!("'pay.{name}'")).collect();
    let table = format!(
        "[table.t]
        from = 'pay'
        by = [{}]
        sensitive = []
        margins = {margins}
        measures = [{measures}]
        {more}
        protect = {{ min_persons = 5, p_percent = 20, method = 'suppress' }}",
        by.join(", ")
    );
    let named = COLUMNS
        .iter()
        .filter(|(name, _)| table.contains(&format!("pay.{name}'")));
    let columns: String = named.map(|(_, column)| format!("{column}\n")).collect();
    parse(&plan_with("one", &columns, &table))
}

/// One figure of a release.
fn figure(release: &Release, by: &[&str], at: &[&str], measure: &str) -> Option<i128> {
    let cells = cells(release.table("t").unwrap(), by, measure);
    let mut found = cells.iter().filter(|(place, _)| {
        let names = place.iter().map(|(_, name)| name.as_deref());
        names.eq(at.iter().map(|name| Some(*name)))
    });
    let (_, (value, _)) = found.next().expect("a cell");
    *value
}

/// Refused, or the figures do not all come out that leave one unsafe figure.
fn is_not_left(
    plans: [&Plan; 2],
    csv: &str,
    figures: &dyn Fn(&Release, &Release) -> Vec<Option<i128>>,
) {
    for _ in 0..KEYS {
        let desk = Desk::new();
        let first = desk.release(plans[0], csv).expect("a first release");
        if let Ok(second) = desk.release(plans[1], csv) {
            let figures = figures(&first, &second);
            assert!(figures.contains(&None), "{figures:?} leave an unsafe one");
        }
    }
}

const COUNT: &str = "{ persons = true }";

/// Of men of 60 and above there are two.
const AGES: [Persons; 8] = [
    ("a", "f", 20, Some(100), false, 5),
    ("a", "m", 20, Some(100), false, 11),
    ("b", "f", 35, Some(100), false, 17),
    ("b", "m", 35, Some(100), false, 14),
    ("c", "f", 45, Some(100), false, 13),
    ("c", "m", 45, Some(100), false, 14),
    ("d", "f", 70, Some(100), false, 12),
    ("d", "m", 70, Some(100), false, 2),
];

#[test]
fn bands_that_share_an_edge_leave_no_unsafe_number() {
    for (measures, measure) in [(COUNT, "persons"), ("{ sum = 'pay.income' }", "sum_income")] {
        let fine = plan(&["late", "sex"], measures, "");
        let coarse = plan(&["early"], measures, "");
        let figures = |first: &Release, second: &Release| {
            let fine = |at: [&str; 2]| figure(first, &["late", "sex"], &at, measure);
            let above = figure(second, &["early"], &["40"], measure);
            assert_eq!(fine(["60", "m"]), None, "two are too few");
            vec![
                above,
                fine(["40", "f"]),
                fine(["40", "m"]),
                fine(["60", "f"]),
            ]
        };
        is_not_left([&fine, &coarse], &csv(&AGES), &figures);
        let above_30 = "where = [{ column = 'pay.age', at_least = 30 }]";
        let of_some = plan(&["early"], measures, above_30);
        is_not_left([&fine, &of_some], &csv(&AGES), &figures);
    }
}

#[test]
fn towns_put_together_otherwise_leave_no_unsafe_number() {
    let fine = plan(&["first", "sex"], COUNT, "");
    let coarse = plan(&["last"], COUNT, "");
    let figures = |first: &Release, second: &Release| {
        let fine = |at: [&str; 2]| figure(first, &["first", "sex"], &at, "persons");
        let both = figure(second, &["last"], &["cd"], "persons");
        assert_eq!(fine(["d", "m"]), None, "two are too few");
        vec![both, fine(["c", "f"]), fine(["c", "m"]), fine(["d", "f"])]
    };
    is_not_left([&fine, &coarse], &csv(&AGES), &figures);
}

/// Of the sick women below 30 in the town c, which is the region e, there are two.
const SICK: [Persons; 8] = [
    ("c", "m", 20, None, true, 7),
    ("c", "f", 20, None, true, 2),
    ("c", "m", 50, None, true, 9),
    ("c", "f", 50, None, false, 8),
    ("a", "m", 20, None, true, 8),
    ("a", "f", 20, None, true, 9),
    ("b", "m", 50, None, false, 12),
    ("b", "f", 20, None, false, 11),
];

#[test]
fn a_condition_that_is_a_cell_of_another_release_leaves_no_unsafe_number() {
    let young_and_sick = "{ persons = true }, { persons = { where = [{ column = 'pay.age', below = 30 }, { column = 'pay.sick', equals = 'true' }] }, as = 'both' }";
    let young = "{ persons = true }, { persons = { where = [{ column = 'pay.age', below = 30 }] }, as = 'young' }";
    let coarse = plan(&["town"], young_and_sick, "");
    let by = ["region", "sick", "sex"];
    let fine = plan(&by, young, "");
    let figures = |one: &Release, other: &Release| {
        let men = figure(other, &by, &["e", "true", "m"], "young");
        assert_eq!(figure(other, &by, &["e", "true", "f"], "young"), None);
        vec![figure(one, &["town"], &["c"], "both"), men]
    };
    is_not_left([&coarse, &fine], &csv(&SICK), &figures);
    is_not_left([&fine, &coarse], &csv(&SICK), &|fine, coarse| {
        figures(coarse, fine)
    });
}

#[test]
fn bands_that_are_the_condition_of_another_release_leave_no_unsafe_number() {
    let young_and_sick = "{ persons = true }, { persons = { where = [{ column = 'pay.age', below = 40 }, { column = 'pay.sick', equals = 'true' }] }, as = 'both' }";
    let coarse = plan(&["town"], young_and_sick, "");
    let by = ["region", "sick", "early", "sex"];
    let fine = plan(&by, COUNT, "");
    let mut persons = SICK.to_vec();
    persons.push(("c", "m", 35, None, true, 6));
    let figures = |one: &Release, other: &Release| {
        let at = |band, sex| figure(other, &by, &["e", "true", band, sex], "persons");
        assert_eq!(at("18", "f"), None);
        vec![
            figure(one, &["town"], &["c"], "both"),
            at("18", "m"),
            at("30", "m"),
        ]
    };
    is_not_left([&coarse, &fine], &csv(&persons), &figures);
    is_not_left([&fine, &coarse], &csv(&persons), &|fine, coarse| {
        figures(coarse, fine)
    });
}

/// One woman is rich.
const INCOMES: [Persons; 6] = [
    ("a", "f", 30, None, false, 19),
    ("b", "f", 30, Some(100_000), false, 6),
    ("c", "f", 30, Some(400_000), false, 1),
    ("a", "m", 30, None, false, 5),
    ("c", "m", 30, Some(100_000), false, 10),
    ("b", "m", 30, Some(400_000), false, 9),
];

#[test]
fn counts_that_complete_each_other_leave_no_unsafe_number() {
    let count = |condition: &str, name: &str| {
        format!(
            "{COUNT}, {{ persons = {{ where = [{{ column = 'pay.income', {condition} }}] }}, as = '{name}' }}"
        )
    };
    let with = plan(&["town"], &count("present = true", "with"), "");
    let both = format!(
        "{}, {}",
        count("below = 300000", "poor"),
        &count("at_least = 300000", "rich")[COUNT.len() + 2..]
    );
    let both = plan(&["sex"], &both, "");
    let figures = |one: &Release, other: &Release| {
        let towns = ["a", "b", "c"].map(|town| figure(one, &["town"], &[town], "with"));
        let at = |sex: &str, name: &str| figure(other, &["sex"], &[sex], name);
        assert_eq!(at("f", "rich"), None);
        let mut figures = towns.to_vec();
        figures.extend([at("f", "poor"), at("m", "poor"), at("m", "rich")]);
        figures
    };
    is_not_left([&with, &both], &csv(&INCOMES), &figures);
    is_not_left([&both, &with], &csv(&INCOMES), &|both, with| {
        figures(with, both)
    });
}

/// A region that nobody lives in is not where the men of a town may be: its towns are known.
#[test]
fn a_region_of_nobody_hides_nobody() {
    let persons = [
        ("a", "m", 20, Some(100), false, 2),
        ("a", "f", 20, Some(100), false, 7),
        ("b", "m", 20, Some(100), false, 6),
        ("b", "f", 20, Some(100), false, 12),
        ("d", "m", 20, Some(100), false, 7),
        ("d", "f", 20, Some(100), false, 8),
    ];
    for (measures, measure) in [(COUNT, "persons"), ("{ sum = 'pay.income' }", "sum_income")] {
        let fine = plan(&["town", "sex"], measures, "");
        let coarse = plan(&["region", "sex"], measures, "");
        let figures = |first: &Release, second: &Release| {
            let fine = |at: [&str; 2]| figure(first, &["town", "sex"], &at, measure);
            assert_eq!(fine(["a", "m"]), None, "two are too few");
            let coarse = figure(second, &["region", "sex"], &["w", "m"], measure);
            vec![coarse, fine(["b", "m"]), fine(["d", "m"])]
        };
        is_not_left([&fine, &coarse], &csv(&persons), &figures);
    }
}

/// Two of one town are from 40 to 59. One table is about some of the towns, the other about all;
/// both have those of 60 and above, and the rest in other bands. Few towns, of which every choice
/// can be tried; and many, of which those of a county are side by side.
#[test]
fn some_towns_and_all_by_other_bands_leave_no_unsafe_number() {
    // Of many towns it is seldom that which cells go leaves it, so they are looked at more often.
    for (all, some) in [(3, 2), (40, 20), (40, 20), (40, 20)] {
        let towns: Vec<String> = (0..all).map(|town| format!("t{town:02}")).collect();
        let towns: Vec<&str> = towns.iter().map(String::as_str).collect();
        let persons = towns.iter().flat_map(|town| {
            let few = if *town == "t01" { 2 } else { 7 };
            [(20, 9), (35, 11), (45, few), (70, 6)].map(|(age, persons)| (*town, age, persons))
        });
        let mut csv = "nr,town,age\n".to_owned();
        let rows = persons.flat_map(|(town, age, persons)| vec![(town, age); persons]);
        for (nr, (town, age)) in rows.enumerate() {
            writeln!(csv, "{nr},{town},{age}").unwrap();
        }
        let plan = |band: &str, more: &str| {
            let column = COLUMNS.iter().find(|(name, _)| *name == band);
            let columns = category("town", "town", &towns) + column.expect("a band").1 + "\n";
            let table = format!(
                "[table.t]
                from = 'pay'
                by = ['pay.town', 'pay.{band}']
                sensitive = []
                margins = [['pay.town']]
                measures = [{COUNT}]
                {more}
                protect = {{ min_persons = 5, method = 'suppress' }}"
            );
            parse(&plan_with("one", &columns, &table))
        };
        let chosen: Vec<String> = towns[..some]
            .iter()
            .map(|town| format!("'{town}'"))
            .collect();
        let chosen = chosen.join(", ");
        let chosen = format!("where = [{{ column = 'pay.town', one_of = [{chosen}] }}]");
        let is_few = |late: &Release, mid: &Release| {
            let figure = |release: &Release, by: &str, band: Option<&str>| {
                let cells = cells(release.table("t").unwrap(), &["town", by], "persons");
                let mut found = cells.iter().filter(|(place, _)| {
                    let names: Vec<_> = place.iter().map(|(_, name)| name.as_deref()).collect();
                    names == [Some("t01"), band]
                });
                found.next().expect("a cell").1.0
            };
            assert_eq!(figure(late, "late", Some("40")), None, "two are too few");
            let old = figure(late, "late", Some("60")).or(figure(mid, "mid", Some("60")));
            vec![
                figure(late, "late", None),
                figure(late, "late", Some("18")),
                old,
            ]
        };
        let swapped = |first: &Release, second: &Release| is_few(second, first);
        is_not_left([&plan("late", &chosen), &plan("mid", "")], &csv, &is_few);
        is_not_left([&plan("late", ""), &plan("mid", &chosen)], &csv, &is_few);
        is_not_left([&plan("mid", &chosen), &plan("late", "")], &csv, &swapped);
        is_not_left([&plan("mid", ""), &plan("late", &chosen)], &csv, &swapped);
    }
}

/// Those of 40 and above by town, and a month later in two bands: their totals over all towns
/// are margins, and say who came.
#[test]
fn who_came_is_not_what_totals_of_finer_bands_leave() {
    let persons = |in_b| {
        csv(&[
            ("a", "f", 20, Some(100), false, 10),
            ("a", "f", 45, Some(100), false, 9),
            ("a", "f", 70, Some(100), false, 3),
            ("b", "f", 20, Some(100), false, 12),
            ("b", "f", 45, Some(100), false, 8),
            ("c", "f", 20, Some(100), false, 9),
            ("c", "f", 45, Some(100), false, 8),
            ("c", "f", 70, Some(100), false, 9),
            ("b", "f", 70, Some(100), false, in_b),
        ])
    };
    let coarse = plan_with_margins(&["town", "early"], COUNT, "", true);
    let fine = plan_with_margins(&["town", "late"], COUNT, "", true);
    for (plans, bands) in [
        (
            [&coarse, &fine],
            [("early", &["40"][..]), ("late", &["40", "60"])],
        ),
        (
            [&fine, &coarse],
            [("late", &["40", "60"][..]), ("early", &["40"])],
        ),
    ] {
        for _ in 0..KEYS {
            let desk = Desk::new();
            let mut figures = Vec::new();
            for ((plan, in_b), (by, names)) in plans.into_iter().zip([8, 9]).zip(bands) {
                let Ok(release) = desk.release(plan, &persons(in_b)) else {
                    figures.push(None);
                    continue;
                };
                let cells = cells(release.table("t").unwrap(), &["town", by], "persons");
                figures.extend(names.iter().map(|name| {
                    let total = cells.iter().find(|(place, _)| {
                        let names: Vec<_> = place.iter().map(|(_, name)| name.as_deref()).collect();
                        names == [None, Some(*name)]
                    });
                    total.expect("a margin").1.0
                }));
            }
            assert!(figures.contains(&None), "{figures:?} say that one came");
        }
    }
}
