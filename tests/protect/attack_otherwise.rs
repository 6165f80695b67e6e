//! The same persons described otherwise in a second release: as a condition, a dimension, a table
//! of some rows, a total, or of a source with another name; and one person more.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::towns::{PROTECT, cells, plan_with};
use crate::support::{extract, parse};
use kobling::{Linkage, Plan, Release};

/// How many persons there are of a town, a kind and an age.
type Counts = Vec<(&'static str, &'static str, u64, u64)>;

/// Two towns: in the first, 30 of kind x below 18, 25 of it from 19 on, 20 of kind y, and 2
/// of age 18.
fn counts() -> Counts {
    vec![
        ("a", "x", 10, 30),
        ("a", "x", 40, 25),
        ("a", "y", 40, 20),
        ("a", "x", 18, 2),
        ("b", "x", 10, 20),
        ("b", "y", 40, 20),
    ]
}

fn csv(counts: &Counts) -> String {
    let mut csv = "nr,town,kind,age\n".to_owned();
    let mut nr = 0;
    for (town, kind, age, persons) in counts {
        for _ in 0..*persons {
            nr += 1;
            writeln!(csv, "{nr},{town},{kind},{age}").unwrap();
        }
    }
    csv
}

/// With a line more.
fn and(csv: &str, line: &str) -> String {
    format!("{csv}9999,{line}\n")
}

/// What a plan may declare.
const COLUMNS: [(&str, &str); 4] = [
    ("town", "town = { from = 'town', type = 'category' }\n"),
    ("kind", "kind = { from = 'kind', type = 'category' }\n"),
    ("age", "age = { from = 'age', type = 'integer' }\n"),
    (
        "band",
        "band = { from = 'age', type = 'category', bands = [0, 19, 120] }\n",
    ),
];

fn text(by: &str, measures: &str, more: &str) -> String {
    let table = format!(
        "[table.t]
        from = 'pay'
        by = [{by}]
        sensitive = []
        margins = false
        measures = [{measures}]
        {more}
        {PROTECT}"
    );
    let named = COLUMNS
        .iter()
        .filter(|(name, _)| table.contains(&format!("pay.{name}'")));
    plan_with(
        "one",
        &named.map(|(_, column)| *column).collect::<String>(),
        &table,
    )
}

fn plan(by: &str, measures: &str, more: &str) -> Plan {
    parse(&text(by, measures, more))
}

const PERSONS: &str = "{ persons = true }";
const ALSO_X: &str = "{ persons = true }, { persons = { where = [{ column = 'pay.kind', equals = 'x' }] }, as = 'xs' }";
const OF_X: &str = "where = [{ column = 'pay.kind', equals = 'x' }]";

/// By the categories of each cell.
fn found(
    release: &Release,
    by: &[&str],
    measure: &str,
) -> BTreeMap<Vec<Option<String>>, Option<i128>> {
    let cells = cells(release.table("t").unwrap(), by, measure).into_iter();
    let values = cells.map(|(at, (value, _))| {
        let names = at.into_iter().map(|(_, name)| name);
        (names.collect(), value)
    });
    values.collect()
}

/// Of the town `a`, in a table by towns.
fn of_a(release: &Release, measure: &str) -> Option<i128> {
    let at = vec![Some("a".to_owned())];
    found(release, &["town"], measure)[&at]
}

#[test]
fn a_total_does_not_disclose_what_was_suppressed_though_others_came() {
    let mut few = counts();
    // 57 of x and 2 of y, of which the latter are unsafe.
    few[2].3 = 2;
    let first_csv = csv(&few);
    let fine = plan("'pay.town', 'pay.kind'", PERSONS, "");
    let coarse = plan("'pay.town'", PERSONS, "");
    for came in [Some("b,x,10"), Some("b,y,40"), None] {
        let desk = Desk::new();
        let first = desk.release(&fine, &first_csv).unwrap();
        let of_kinds = found(&first, &["town", "kind"], "persons");
        let at = |kind: &str| vec![Some("a".to_owned()), Some(kind.to_owned())];
        assert_eq!((of_kinds[&at("x")], of_kinds[&at("y")]), (Some(57), None));
        let later = came.map_or_else(|| first_csv.clone(), |line| and(&first_csv, line));
        let second = desk.release(&coarse, &later).unwrap();
        assert_eq!(of_a(&second, "persons"), None, "{came:?}");
        if came.is_some() {
            assert!(desk.reasons().contains(&"differencing".to_owned()));
        }
    }
    // Where the earlier release is of safe figures, all that is the same is published.
    let desk = Desk::new();
    desk.release(&fine, &csv(&counts())).unwrap();
    let second = desk
        .release(&coarse, &and(&csv(&counts()), "b,x,10"))
        .unwrap();
    assert_eq!(of_a(&second, "persons"), Some(77));
}

#[test]
fn a_total_of_sums_does_not_disclose_what_one_person_has() {
    let mut csv = "nr,town,kind,age\n".to_owned();
    for nr in 0..20 {
        writeln!(csv, "{nr},a,x,{}\n{},b,x,{}", 50 + nr, 100 + nr, 60 + nr).unwrap();
    }
    // Of four persons of y, one has nearly all.
    csv += "200,a,y,60000\n201,a,y,300\n202,a,y,290\n203,a,y,300\n";
    let measures = "{ persons = true }, { sum = 'pay.age', as = 'total' }";
    let rules = "[table.t.protect]\nmin_persons = 3\ndominance = { n = 1, percent = 80 }\nmethod = 'suppress'";
    let ruled = |by: &str| parse(&text(by, measures, "").replace(PROTECT, rules));
    let desk = Desk::new();
    let first = desk
        .release(&ruled("'pay.town', 'pay.kind'"), &csv)
        .unwrap();
    let sums = found(&first, &["town", "kind"], "total");
    // Nobody of b is of y.
    assert_eq!(sums.values().filter(|sum| sum.is_some()).count(), 3);
    let second = desk
        .release(&ruled("'pay.town'"), &and(&csv, "b,x,70"))
        .unwrap();
    assert_eq!(of_a(&second, "total"), None);
}

/// One person more, of kind x in town a: between two ways to publish how many there are.
#[test]
fn one_person_more_is_not_disclosed_by_the_same_persons_cut_otherwise() {
    let csv = csv(&counts());
    let more = and(&csv, "a,x,40");
    let (by_town, by_both) = ("'pay.town'", "'pay.town', 'pay.kind'");
    let condition = (plan(by_town, ALSO_X, ""), vec!["town"], "xs");
    let dimension = (plan(by_both, PERSONS, ""), vec!["town", "kind"], "persons");
    let filtered = (plan(by_town, PERSONS, OF_X), vec!["town"], "persons");
    let of_x = |release: &Release, (_, by, measure): &(Plan, Vec<&str>, &str)| {
        let at = ["a", "x"].into_iter().map(|name| Some(name.to_owned()));
        let at: Vec<Option<String>> = at.take(by.len()).collect();
        found(release, by, measure)[&at]
    };
    let ways = [&condition, &dimension, &filtered];
    for (first, one) in ways.iter().enumerate() {
        for (second, other) in ways.iter().enumerate().filter(|(at, _)| *at != first) {
            let desk = Desk::new();
            let before = of_x(&desk.release(&one.0, &csv).unwrap(), one);
            assert_eq!(before, Some(57), "{first}");
            let after = of_x(&desk.release(&other.0, &more).unwrap(), other);
            assert_eq!(after, None, "{first}, then {second}");
        }
    }
}

#[test]
fn who_lies_between_a_filter_and_a_band_is_not_disclosed() {
    let csv = csv(&counts());
    let below = plan(
        "'pay.town'",
        PERSONS,
        "where = [{ column = 'pay.age', below = 18 }]",
    );
    let bands = plan("'pay.town', 'pay.band'", PERSONS, "");
    let desk = Desk::new();
    assert_eq!(
        of_a(&desk.release(&below, &csv).unwrap(), "persons"),
        Some(30)
    );
    let second = desk.release(&bands, &csv).unwrap();
    let bands = found(&second, &["town", "band"], "persons");
    let young = bands
        .iter()
        .find(|(at, _)| at[0].as_deref() == Some("a") && at[1].as_deref() == Some("0–18"));
    assert_eq!(young.map(|(_, persons)| *persons), Some(None), "{bands:?}");
}

#[test]
fn a_source_by_another_name_has_the_same_persons() {
    let csv = csv(&counts());
    let desk = Desk::new();
    let text = text("'pay.town'", PERSONS, "");
    assert_eq!(
        of_a(&desk.release(&parse(&text), &csv).unwrap(), "persons"),
        Some(77)
    );
    let renamed = parse(
        &text
            .replace("source.pay", "source.register")
            .replace("'pay", "'register"),
    );
    let extract = extract(
        &renamed,
        &desk.domain_key(&renamed),
        "register",
        &and(&csv, "a,x,40"),
    );
    let protection = desk.protection().ledger(desk.ledger(&renamed));
    let linkage = Linkage::new(&renamed, [extract.unwrap()]).unwrap();
    let second = linkage
        .tabulate(protection)
        .unwrap()
        .protect()
        .unwrap()
        .release()
        .unwrap();
    assert_eq!(of_a(&second, "persons"), None);
}

/// All of a town are of one kind, which the first plan calls sensitive and the second does not.
#[test]
fn that_nobody_is_of_the_other_kind_stays_unsaid() {
    let mut all_of_x = counts();
    all_of_x.push(("c", "x", 40, 30));
    let csv = csv(&all_of_x);
    let sensitive = text("'pay.town', 'pay.kind'", PERSONS, "");
    let sensitive = sensitive.replace("sensitive = []", "sensitive = ['kind']");
    let desk = Desk::new();
    let at = |kind: &str| vec![Some("c".to_owned()), Some(kind.to_owned())];
    let first = desk.release(&parse(&sensitive), &csv).unwrap();
    let first = found(&first, &["town", "kind"], "persons");
    assert_eq!((first[&at("x")], first[&at("y")]), (None, None));
    let plan = plan("'pay.town', 'pay.kind'", PERSONS, "");
    for later in [csv.clone(), and(&csv, "b,x,10")] {
        let second = desk.release(&plan, &later).unwrap();
        let second = found(&second, &["town", "kind"], "persons");
        assert_eq!(second[&at("y")], None);
    }
}

/// The same plan a month later, and one person more: what was published as it is now is not
/// asked to be uncertain, and the release is not refused for that.
#[test]
fn a_table_with_small_cells_is_released_again_a_month_later() {
    let counts: Counts = vec![
        ("a", "x", 10, 6),
        ("b", "x", 40, 98),
        ("c", "x", 40, 44),
        ("d", "x", 40, 74),
        // The unsafe one.
        ("e", "x", 40, 2),
        ("b", "y", 40, 7),
        ("c", "y", 40, 8),
        ("d", "y", 40, 10),
    ];
    let csv = csv(&counts);
    let measures = format!(
        "{PERSONS}, {{ persons = {{ where = [{{ column = 'pay.age', below = 18 }}] }}, as = 'young' }}"
    );
    let margins = "margins = true";
    let text = text("'pay.kind', 'pay.town'", &measures, "").replace("margins = false", margins);
    let plan = parse(&text);
    let desk = Desk::new();
    let first = desk.release(&plan, &csv).unwrap();
    let second = desk.release(&plan, &and(&csv, "a,x,40")).unwrap();
    let by = ["kind", "town"];
    let (first, second) = (
        found(&first, &by, "persons"),
        found(&second, &by, "persons"),
    );
    let hidden = |cells: &BTreeMap<Vec<Option<String>>, Option<i128>>| {
        cells.values().filter(|persons| persons.is_none()).count()
    };
    // The cells of the newcomer: one, its two totals and the grand total, unless they were
    // suppressed before.
    assert!(hidden(&second) <= hidden(&first) + 4, "{second:?}");
    let changed = |at: &[Option<String>]| {
        let newcomer = [Some("x"), Some("a")];
        let mut own = at.iter().zip(newcomer);
        own.all(|(at, own)| at.is_none() || at.as_deref() == own)
    };
    for (at, persons) in first
        .iter()
        .filter(|(at, persons)| persons.is_some() && !changed(at))
    {
        assert_eq!(second[at], *persons, "{at:?}");
    }
}

/// Three persons of a town are of one kind, and a month later one of them is of another: who
/// moved, and is the only one there, would learn from the same five how many stayed. Each
/// month by itself has the town's total.
#[test]
fn who_moved_within_a_total_does_not_learn_of_the_others_that_it_stays() {
    let moved = |of_y: u64| -> Counts {
        vec![
            ("a", "x", 40, 40),
            ("a", "y", 40, 30),
            ("b", "x", 40, 35),
            ("b", "y", 40, 25),
            ("e", "x", 40, 3 - of_y),
            ("e", "y", 40, of_y),
        ]
    };
    let text = text("'pay.town', 'pay.kind'", PERSONS, "");
    let plan = parse(&text.replace("margins = false", "margins = [['pay.town'], []]"));
    let desk = Desk::new();
    let by = ["town", "kind"];
    let of = |cells: &BTreeMap<Vec<Option<String>>, Option<i128>>, kind: Option<&str>| {
        let kind = kind.map(str::to_owned);
        cells[&vec![Some("e".to_owned()), kind]]
    };
    let first = found(
        &desk.release(&plan, &csv(&moved(0))).unwrap(),
        &by,
        "persons",
    );
    assert_eq!(of(&first, None), Some(3), "{first:?}");
    let second = desk.release(&plan, &csv(&moved(1))).unwrap();
    let second = found(&second, &by, "persons");
    assert_eq!(of(&second, Some("x")), None, "{second:?}");
    assert_eq!(of(&second, None), None, "{second:?}");
}
