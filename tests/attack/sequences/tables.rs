//! The tables of a sequence of releases, and their plan.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::draw::Draw;
use crate::plan::PROJECT;
use crate::sequences::persons::{AREAS, Dimension, Income, Kind, Persons, REGIONS, SEXES, Test};

/// A table of persons, and of those who satisfy all of some conditions.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) by: Vec<Dimension>,
    pub(crate) conditions: Vec<Vec<Test>>,
    pub(crate) sums: bool,
    pub(crate) margins: bool,
    /// What its rows satisfy.
    pub(crate) only: Vec<Test>,
    /// Whether it has those only who are found in the other register.
    pub(crate) needs_tax: bool,
}

impl Table {
    /// Whether it is about persons of this kind.
    pub(crate) fn is_about(&self, kind: &Kind) -> bool {
        let is_found = kind.income != Income::NotFound;
        (is_found || !self.needs_tax) && self.only.iter().all(|test| test.holds(kind))
    }
}

/// The tables of each release.
pub(crate) fn drawn(draw: &mut Draw, persons: &Persons) -> Vec<Vec<Table>> {
    let releases = draw.pick(&[1, 2, 2, 2, 3]);
    (0..releases)
        .map(|_| {
            let tables = draw.pick(&[1, 1, 2]);
            (0..tables).map(|_| table(draw, persons)).collect()
        })
        .collect()
}

fn table(draw: &mut Draw, persons: &Persons) -> Table {
    let varies = |of: &dyn Fn(&Kind) -> i64| {
        let mut values = persons.kinds.iter().map(of);
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let has_income = persons
        .kinds
        .iter()
        .any(|kind| kind.income != Income::NotFound);
    let edges = draw.pick(&[&[60][..], &[40, 60], &[40], &[30, 40, 60], &[40, 50]]);
    let mut all = vec![draw.pick(&[Dimension::Area, Dimension::Area, Dimension::Region])];
    if varies(&|kind| kind.sex as i64) {
        all.push(Dimension::Sex);
    }
    if varies(&|kind| kind.age) {
        all.push(Dimension::Ages(edges.to_vec()));
    }
    if varies(&|kind| kind.flag) {
        all.push(Dimension::Flag);
    }
    if has_income {
        let edges = draw.pick(&[&[2][..], &[2, 3], &[3]]);
        all.push(draw.pick(&[Dimension::Found, Dimension::Incomes(edges.to_vec())]));
    }
    let dimensions = draw.pick(&[1, 1, 2, 2, 3]).min(all.len());
    let mut by = Vec::new();
    for _ in 0..dimensions {
        by.push(all.remove(draw.below(all.len())));
    }
    let mut tests = Vec::new();
    if varies(&|kind| kind.age) {
        let age = draw.pick(&[30, 40, 50, 60]);
        tests.push(draw.pick(&[Test::AgeBelow(age), Test::AgeFrom(age)]));
    }
    if varies(&|kind| kind.flag) {
        tests.push(Test::Flagged);
    }
    if has_income {
        let of = draw.from(2, 3) as i64;
        tests.push(draw.pick(&[
            Test::HasIncome(true),
            Test::HasIncome(false),
            Test::IncomeBelow(of),
            Test::IncomeFrom(of),
            Test::IncomeIs(2),
        ]));
    }
    let mut conditions: Vec<Vec<Test>> = Vec::new();
    for _ in 0..draw.pick(&[0, 1, 1, 2]) {
        let mut condition = tests.clone();
        for _ in draw.pick(&[1, 1, 2])..condition.len() {
            condition.remove(draw.below(condition.len()));
        }
        if !condition.is_empty() && !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    Table {
        by,
        conditions,
        sums: draw.chance(25),
        margins: draw.chance(60),
        only: Vec::new(),
        needs_tax: false,
    }
}

/// Tables of one release, of some of the persons each.
pub(crate) fn of_other_rows(draw: &mut Draw, persons: &Persons) -> Vec<Table> {
    let tables = draw.pick(&[2, 2, 3]);
    let mut tables: Vec<Table> = (0..tables).map(|_| table(draw, persons)).collect();
    for table in &mut tables {
        let income = draw.from(2, 3) as i64;
        let age = draw.pick(&[30, 40, 50, 60]);
        table.needs_tax = draw.chance(25);
        table.only = match draw.below(6) {
            0 => vec![Test::AgeFrom(age)],
            1 => vec![Test::Flagged],
            2 => vec![Test::IncomeFrom(income)],
            3 => vec![Test::HasIncome(true)],
            _ => Vec::new(),
        };
    }
    tables
}

/// The plan of a release.
pub(crate) fn plan(tables: &[Table], min_persons: u64) -> String {
    let mut columns: [BTreeMap<String, String>; 2] = Default::default();
    let mut text = String::new();
    for (number, table) in tables.iter().enumerate() {
        let mut own = String::new();
        let mut by = Vec::new();
        for dimension in &table.by {
            let name = dimension.name();
            let (from, column) = column(dimension);
            match dimension {
                Dimension::Found => {
                    let _ = writeln!(
                        own,
                        "[table.t{number}.columns.{name}]\nmatched = 'tax'\ntype = 'boolean'"
                    );
                }
                Dimension::Incomes(_) => {
                    columns[1].insert(name.clone(), column);
                    let _ = writeln!(
                        own,
                        "[table.t{number}.columns.{name}]\nfrom = 'tax.{name}'\ntype = 'category'\nabsent = 'none'"
                    );
                }
                _ => {
                    columns[0].insert(name.clone(), column);
                }
            }
            by.push(match from {
                Some(source) => format!("'{source}.{name}'"),
                None => format!("'{name}'"),
            });
        }
        let mut measures = vec!["{ persons = true }".to_owned()];
        if table.sums {
            columns[0].insert("amount".to_owned(), "type = 'integer'".to_owned());
            measures.push("{ sum = 'pop.amount' }".to_owned());
        }
        for (at, condition) in table.conditions.iter().enumerate() {
            let tests: Vec<String> = condition.iter().map(|test| test.text()).collect();
            measures.push(format!(
                "{{ persons = {{ where = [{}] }}, as = 'c{at}' }}",
                tests.join(", ")
            ));
        }
        let tests = || table.conditions.iter().flatten().chain(&table.only);
        for test in tests() {
            let (source, name) = match test {
                Test::AgeBelow(_) | Test::AgeFrom(_) => (0, "age"),
                Test::Flagged => (0, "flag"),
                _ => (1, "income"),
            };
            columns[source].insert(name.to_owned(), "type = 'integer'".to_owned());
        }
        let is_of_tax = table.needs_tax
            || table.by.iter().any(Dimension::is_of_tax)
            || tests().any(|test| test.is_of_tax());
        let only: Vec<String> = table.only.iter().map(|test| test.text()).collect();
        let only = match only.is_empty() {
            true => String::new(),
            false => format!("where = [{}]\n", only.join(", ")),
        };
        let dominance = if table.sums { ", p_percent = 10" } else { "" };
        let _ = writeln!(
            text,
            "[table.t{number}]\nfrom = 'pop'\n{only}by = [{}]\nsensitive = []\nmargins = {}\nmeasures = [{}]\nprotect = {{ min_persons = {min_persons}{dominance}, method = 'suppress' }}\n{own}",
            by.join(", "),
            table.margins,
            measures.join(", "),
        );
        if is_of_tax {
            let need = match table.needs_tax {
                true => "required",
                false => "optional",
            };
            let _ = writeln!(text, "[table.t{number}.with.tax]\nneed = '{need}'");
        }
    }
    let uses_tax = text.contains(".with.tax]");
    let mut plan = PROJECT.to_owned();
    for (source, columns) in ["pop", "tax"]
        .iter()
        .zip(columns)
        .take(1 + usize::from(uses_tax))
    {
        let _ = writeln!(
            plan,
            "[source.{source}]\nagency = 'An agency'\nlegal_basis = ['A law']\nidentifier = {{ column = 'nr', type = 'number' }}\nrows = 'one'\n[source.{source}.columns]"
        );
        for (name, column) in columns {
            let from = name.split('_').next().expect("a name");
            let from = match from {
                "region" => "area",
                "flagged" => "flag",
                from => from,
            };
            let _ = writeln!(plan, "{name} = {{ from = '{from}', {column} }}");
        }
    }
    plan + &text
}

/// Of which source a dimension is, if it is no column of the table's own, and how its
/// column is declared.
fn column(dimension: &Dimension) -> (Option<&'static str>, String) {
    let map = |raw: &[&str], names: &[&str]| {
        let pairs: Vec<String> = raw
            .iter()
            .zip(names)
            .map(|(raw, name)| format!("{raw} = '{name}'"))
            .collect();
        format!("type = 'category', map = {{ {} }}", pairs.join(", "))
    };
    let bands = |first: i64, edges: &[i64]| {
        let labels: Vec<String> = (0..=edges.len()).map(|at| format!("'g{at}'")).collect();
        let edges: Vec<String> = std::iter::once(&first)
            .chain(edges)
            .map(i64::to_string)
            .collect();
        format!(
            "type = 'category', bands = {{ edges = [{}], labels = [{}] }}",
            edges.join(", "),
            labels.join(", ")
        )
    };
    match dimension {
        Dimension::Area => (Some("pop"), map(&AREAS, &AREAS)),
        Dimension::Region => (Some("pop"), map(&AREAS, &REGIONS)),
        Dimension::Sex => (Some("pop"), map(&SEXES, &SEXES)),
        Dimension::Flag => (Some("pop"), map(&["0", "1"], &["N", "Y"])),
        Dimension::Ages(edges) => (Some("pop"), bands(0, edges)),
        Dimension::Found => (None, String::new()),
        Dimension::Incomes(edges) => (None, bands(0, edges)),
    }
}
