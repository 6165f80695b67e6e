//! A register of pay, plans of tables about it, and the way to a release.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kobling::protect::{ProtectedTables, Protection};
use kobling::{DomainKey, Extract, Linkage, Plan, Release, Result};

pub(crate) use crate::support::towns::Draw;
use crate::support::{PROJECT, extract, parse};

/// The towns and kinds that the plan declares.
pub(crate) const TOWNS: [&str; 5] = ["t0", "t1", "t2", "t3", "t4"];
pub(crate) const KINDS: [&str; 3] = ["k0", "k1", "k2"];

/// The project and the one source; only those columns that `tables` names.
pub(crate) fn plan_text(rows: &str, project: &str, tables: &str) -> String {
    let mut columns = String::new();
    for (name, column) in [
        ("town", same(&TOWNS)),
        ("kind", same(&KINDS)),
        ("income", "type = 'decimal', scale = 2".to_owned()),
    ] {
        if tables.contains(&format!("pay.{name}'")) {
            let _ = writeln!(columns, "{name} = {{ from = '{name}', {column} }}");
        }
    }
    format!(
        "{PROJECT}{project}
[source.pay]
agency = 'An agency'
legal_basis = ['A law']
identifier = {{ column = 'nr', type = 'number' }}
rows = '{rows}'
[source.pay.columns]
{columns}
{tables}"
    )
}

/// A category whose names the plan declares.
fn same(names: &[&str]) -> String {
    let names = names.iter().map(|name| format!("{name} = '{name}'"));
    let names: Vec<String> = names.collect();
    format!("type = 'category', map = {{ {} }}", names.join(", "))
}

pub(crate) fn plan_of(rows: &str, tables: &str) -> Plan {
    parse(&plan_text(rows, "", tables))
}

/// A register of `persons` persons, each of one row, or of up to three.
pub(crate) fn register(seed: u64, persons: u64, many: bool) -> String {
    let mut draw = Draw(seed + 1);
    let mut csv = String::from("nr,town,kind,income\n");
    for person in 0..persons {
        let rows = if many { 1 + draw.below(3) } else { 1 };
        for _ in 0..rows {
            // Few in the last towns, and of the last kinds.
            let town = draw.below(4) * draw.below(4) / 2;
            let kind = draw.below(2) + draw.below(8) / 7;
            let income = match draw.below(10) {
                0 => String::new(),
                1 => "0".to_owned(),
                _ => format!("{}.{:02}", 100 + draw.below(900), draw.below(100)),
            };
            let _ = writeln!(csv, "{person},t{town},k{kind},{income}");
        }
    }
    csv
}

pub(crate) fn extracted(plan: &Plan, key: &DomainKey, csv: &str) -> Extract {
    extract(plan, key, "pay", csv).expect("a good register")
}

/// Links and protects one extract.
pub(crate) fn protected(
    plan: &Plan,
    extract: Extract,
    protection: Protection,
) -> Result<ProtectedTables> {
    let tables = Linkage::new(plan, [extract])?.tabulate(protection)?;
    tables.protect()
}

/// A row of a table by the names of its columns.
pub(crate) type Row = BTreeMap<String, Option<String>>;

pub(crate) fn rows(release: &Release, table: &str) -> Vec<Row> {
    let schema = release.table(table).expect("the table").schema();
    let rows = release.rows(table).expect("the table");
    rows.map(|row| {
        let names = schema.fields().iter().map(|field| field.name().clone());
        names.zip(row).collect()
    })
    .collect()
}

/// Where a row of a table with totals is: for each of `dimensions` its
/// level and its category.
pub(crate) fn place(row: &Row, dimensions: &[&str]) -> Vec<(String, Option<String>)> {
    let place = dimensions.iter().map(|name| {
        let level = row.get(&format!("{name}_level")).cloned().flatten();
        (
            level.unwrap_or_else(|| (*name).to_owned()),
            row[*name].clone(),
        )
    });
    place.collect()
}

/// The figure of a measure as a number, which must have been perturbed.
pub(crate) fn count(row: &Row, measure: &str) -> u64 {
    let status = row[&format!("{measure}_status")].as_deref();
    assert_eq!(status, Some("perturbed"), "{measure}");
    row[measure]
        .as_deref()
        .expect("a figure")
        .parse()
        .expect("a count")
}
