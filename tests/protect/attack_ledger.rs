//! Ways around the ledger that an attacker who collects releases might try.

use std::fmt::Write as _;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{category, cells, plan_with as pay};
use kobling::{Plan, Release};

const RULES: &str = "min_persons = 3, dominance = { n = 1, percent = 80 }";

/// One table `t`, which begins with `by`; `columns` as name and its type.
fn plan(rows: &str, columns: &[&str], table: &str) -> Plan {
    plan_with(rows, columns, table, "", RULES)
}

fn plan_with(rows: &str, columns: &[&str], table: &str, keep: &str, rules: &str) -> Plan {
    let columns: String = columns.iter().fold(String::new(), |mut text, column| {
        let (name, from) = column.split_once('=').unwrap_or((column, column));
        let names: &[&str] = match from {
            "amount" => return text + "amount = { from = 'amount', type = 'integer' }\n",
            "town" => &["a", "b"],
            "kind" => &["x", "y", "z"],
            _ => &["2023", "2024"],
        };
        text += &category(name, from, names);
        text
    });
    let table = format!(
        "[table.t]
        from = 'pay'
        {table}
        protect = {{ {rules}, method = 'suppress' }}"
    );
    let text = pay(rows, &columns, &table);
    parse(&text.replace(
        "[source.pay.columns]",
        &format!("{keep}\n[source.pay.columns]"),
    ))
}

/// The figures of `measure`, in order of the cells, and their statuses.
fn figures(release: &Release, by: &[&str], measure: &str) -> Vec<(Option<i128>, String)> {
    let found = cells(release.table("t").unwrap(), by, measure);
    for (at, cell) in &found {
        println!("  {at:?} {cell:?}");
    }
    found.into_values().collect()
}

const PERSONS: &str = "sensitive = []\nmeasures = [{ persons = true }]";

/// Twelve persons, of whom two are of kind x; each with `rows` rows.
fn twelve(rows: impl Fn(u64) -> u64) -> String {
    let mut csv = String::from("nr,town,kind,amount\n");
    for nr in 0..12 {
        for _ in 0..rows(nr) {
            let kind = if nr < 2 { "x" } else { "y" };
            let _ = writeln!(csv, "{nr},a,{kind},{}", 10 + nr);
        }
    }
    csv
}

/// A panel: everybody has a row in each of two years. Of each year the sum of
/// kind x is unsafe.
#[test]
fn a_balanced_panel() {
    let desk = Desk::new();
    let mut csv = String::from("nr,year,kind,amount\n");
    for nr in 0..12u64 {
        for year in [2023, 2024] {
            let kind = if nr < 2 { "x" } else { "y" };
            let _ = writeln!(
                csv,
                "{nr},{year},{kind},{}",
                100 + nr * 7 % 5 + year % 10 * nr
            );
        }
    }
    let sum = "sensitive = []\nmeasures = [{ sum = 'pay.amount', as = 'amount' }]";
    let parts = plan(
        "many",
        &["year", "kind", "amount"],
        &format!("by = ['pay.year', 'pay.kind']\n{sum}"),
    );
    let whole = plan(
        "many",
        &["year", "amount"],
        &format!("by = ['pay.year']\n{sum}"),
    );
    let parts = figures(
        &desk.release(&parts, &csv).unwrap(),
        &["year", "kind"],
        "amount",
    );
    let whole = figures(&desk.release(&whole, &csv).unwrap(), &["year"], "amount");
    assert_eq!(parts[0], (None, "suppressed".into()), "2023, x");
    assert!(
        parts[1].0.is_none() || whole[0].0.is_none(),
        "{parts:?} {whole:?}"
    );
}

/// A later table of some of the rows: x and y, without z.
#[test]
fn a_part_of_the_rows() {
    let desk = Desk::new();
    let mut csv = String::from("nr,kind\n");
    for nr in 0..22 {
        let kind = if nr < 2 {
            "x"
        } else if nr < 12 {
            "y"
        } else {
            "z"
        };
        let _ = writeln!(csv, "{nr},{kind}");
    }
    let all = plan("one", &["kind"], &format!("by = ['pay.kind']\n{PERSONS}"));
    let some = plan(
        "one",
        &["kind"],
        &format!("by = []\n{PERSONS}\nwhere = [{{ column = 'pay.kind', one_of = ['x', 'y'] }}]"),
    );
    let parts = figures(&desk.release(&all, &csv).unwrap(), &["kind"], "persons");
    let whole = figures(&desk.release(&some, &csv).unwrap(), &[], "persons");
    assert_eq!(parts[0], (None, "suppressed".into()));
    assert!(
        parts[1].0.is_none() || whole[0].0.is_none(),
        "{parts:?} {whole:?}"
    );
}

/// The same the other way round: first the part, then all.
#[test]
fn parts_and_then_the_whole() {
    let desk = Desk::new();
    let csv = twelve(|_| 1);
    let part = |kind: &str| {
        plan(
            "one",
            &["kind"],
            &format!("by = []\n{PERSONS}\nwhere = [{{ column = 'pay.kind', equals = '{kind}' }}]"),
        )
    };
    let all = plan(
        "one",
        &["kind"],
        &format!("by = ['pay.kind']\n{PERSONS}\nmargins = true"),
    );
    let y = figures(&desk.release(&part("y"), &csv).unwrap(), &[], "persons");
    let all = figures(&desk.release(&all, &csv).unwrap(), &["kind"], "persons");
    assert_eq!(y[0].0, Some(10));
    let total = all.last().unwrap();
    assert!(total.0.is_none(), "{all:?}");
}

fn month(persons: u64, more: &str) -> String {
    let mut csv = String::from("nr,town,kind,amount\n");
    for nr in 0..persons {
        let _ = writeln!(
            csv,
            "{nr},a,{},{}",
            if nr % 2 == 0 { "x" } else { "y" },
            10 + nr % 7
        );
    }
    csv + more
}

/// In January the parts of town a, in February town a: one person came.
#[test]
fn a_newcomer_between_parts_and_whole() {
    let desk = Desk::new();
    let parts = plan(
        "one",
        &["town", "kind"],
        &format!("by = ['pay.town', 'pay.kind']\n{PERSONS}"),
    );
    let whole = plan("one", &["town"], &format!("by = ['pay.town']\n{PERSONS}"));
    let january = desk.release(&parts, &month(20, "")).unwrap();
    let january = figures(&january, &["town", "kind"], "persons");
    let february = desk.release(&whole, &month(20, "77,a,x,500\n")).unwrap();
    let february = figures(&february, &["town"], "persons");
    let known: Option<i128> = january.iter().map(|cell| cell.0).sum();
    assert!(
        known.is_none() || february[0].0.is_none(),
        "{january:?} {february:?}"
    );
}

/// The same dimension, under another name.
#[test]
fn a_newcomer_and_another_name() {
    let desk = Desk::new();
    let january = plan("one", &["town"], &format!("by = ['pay.town']\n{PERSONS}"));
    let february = plan(
        "one",
        &["place=town"],
        &format!("by = ['pay.place']\n{PERSONS}"),
    );
    let january = figures(
        &desk.release(&january, &month(20, "")).unwrap(),
        &["town"],
        "persons",
    );
    let csv = month(20, "77,a,x,500\n");
    let february = figures(
        &desk.release(&february, &csv).unwrap(),
        &["place"],
        "persons",
    );
    assert!(
        january[0].0.is_none() || february[0].0.is_none(),
        "{january:?} {february:?}"
    );
}

/// The same rows, chosen by the source's `keep` and by the table's `where`.
#[test]
fn the_same_rows_in_other_words() {
    let desk = Desk::new();
    let mut csv = String::from("nr,town,kind\n");
    for nr in 0..30 {
        let town = if nr % 15 < 2 { "a" } else { "b" };
        let _ = writeln!(csv, "{nr},{town},{}", if nr < 15 { "x" } else { "y" });
    }
    let by_where = plan(
        "one",
        &["town", "kind"],
        &format!(
            "by = ['pay.town']\n{PERSONS}\nwhere = [{{ column = 'pay.kind', one_of = ['x', 'z'] }}]"
        ),
    );
    let by_keep = plan_with(
        "one",
        &[],
        &format!("by = []\n{PERSONS}"),
        "keep = [{ column = 'kind', equals = 'x' }]",
        RULES,
    );
    let parts = figures(
        &desk.release(&by_where, &csv).unwrap(),
        &["town"],
        "persons",
    );
    assert_eq!(parts[0], (None, "suppressed".into()));
    let whole = desk.release(&by_keep, &csv).unwrap();
    assert!(desk.audits.borrow()[0].earlier > 0);
    let whole = figures(&whole, &[], "persons");
    assert!(
        parts[1].0.is_none() || whole[0].0.is_none(),
        "{parts:?} {whole:?}"
    );
}
