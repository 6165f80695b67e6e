//! Persons in towns and of kinds, the tables of them, and an attacker who tries all there may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, UInt64Type};

use super::PROJECT;

/// The towns and kinds that [`register`] has.
pub(crate) const TOWNS: [&str; 4] = ["10", "11", "22", "23"];
pub(crate) const KINDS: [&str; 3] = ["k0", "k1", "k2"];

/// A plan of one source, with `tables` for its tables, that declares [`TOWNS`] and [`KINDS`].
pub(crate) fn plan_of(rows: &str, tables: &str) -> String {
    plan_naming(rows, &TOWNS, &KINDS, tables)
}

/// A plan of one source that declares these towns and kinds; only those columns
/// that `tables` names.
pub(crate) fn plan_naming(rows: &str, towns: &[&str], kinds: &[&str], tables: &str) -> String {
    let mut columns = String::new();
    for (name, names) in [("town", towns), ("kind", kinds)] {
        if tables.contains(&format!("pay.{name}'")) {
            columns += &category(name, name, names);
        }
    }
    plan_with(rows, &columns, tables)
}

/// A column of categories that are all declared: each is published, whoever has it.
pub(crate) fn category(name: &str, from: &str, names: &[&str]) -> String {
    let names = names.iter().map(|name| format!("'{name}' = '{name}'"));
    let names: Vec<String> = names.collect();
    format!(
        "{name} = {{ from = '{from}', type = 'category', map = {{ {} }} }}\n",
        names.join(", ")
    )
}

/// A source whose identifier is the number `nr`, with these columns.
pub(crate) fn source(name: &str, rows: &str, columns: &str) -> String {
    format!(
        "[source.{name}]
        agency = 'An agency'
        legal_basis = ['A law']
        identifier = {{ column = 'nr', type = 'number' }}
        rows = '{rows}'
        [source.{name}.columns]
        {columns}
        "
    )
}

/// A plan of one source with these columns.
pub(crate) fn plan_with(rows: &str, columns: &str, tables: &str) -> String {
    let source = source("pay", rows, columns);
    format!("{PROJECT}\n{source}\n{tables}")
}

pub(crate) const PROTECT: &str = "protect = { min_persons = 3, method = 'suppress' }";

/// Small numbers without a pattern; the same ones every time.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    /// Below `end`; by Lehmer's generator modulo 2³¹ − 1.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 % end
    }
}

/// Persons with a town of a county and a kind; some of them in several rows.
pub(crate) type Register = Vec<(u64, String, String)>;

pub(crate) fn register(draw: &mut Draw, persons: u64, rows: u64) -> Register {
    let mut register = Vec::new();
    for person in 0..persons {
        for _ in 0..=draw.below(rows) {
            let town = draw.below(4);
            // Few of the second kind, so that some cells are small.
            let kind = draw.below(6) / 5 + draw.below(2) * (draw.below(4) / 3);
            register.push((
                person,
                format!("{}{}", 1 + town / 2, town),
                format!("k{kind}"),
            ));
        }
    }
    register
}

pub(crate) fn csv(register: &Register) -> String {
    let mut csv = String::from("nr,town,kind\n");
    for (person, town, kind) in register {
        let _ = writeln!(csv, "{person},{town},{kind}");
    }
    csv
}

/// What a row of the release says of each dimension: its level and its category.
pub(crate) type At = Vec<(String, Option<String>)>;

/// Each cell of a table: its value if it is published, and its status.
pub(crate) fn cells(
    table: &RecordBatch,
    dimensions: &[&str],
    measure: &str,
) -> BTreeMap<At, (Option<i128>, String)> {
    let text = |name: &str, row: usize| -> Option<String> {
        let column = table.column_by_name(name)?;
        if column.is_null(row) {
            return None;
        }
        Some(match column.as_string_opt::<i32>() {
            Some(texts) => texts.value(row).to_owned(),
            None => {
                let coded = column.as_any_dictionary();
                let labels = coded.values().as_string::<i32>();
                labels.value(coded.normalized_keys()[row]).to_owned()
            }
        })
    };
    let values = table.column_by_name(measure).unwrap();
    let value = |row: usize| -> i128 {
        if let Some(counts) = values.as_primitive_opt::<UInt64Type>() {
            counts.value(row).into()
        } else if let Some(sums) = values.as_primitive_opt::<Int64Type>() {
            sums.value(row).into()
        } else {
            values.as_primitive::<Decimal128Type>().value(row)
        }
    };
    let mut cells = BTreeMap::new();
    for row in 0..table.num_rows() {
        let at = dimensions.iter().map(|dimension| {
            let level = text(&format!("{dimension}_level"), row);
            (
                level.unwrap_or_else(|| (*dimension).to_owned()),
                text(dimension, row),
            )
        });
        let status = text(&format!("{measure}_status"), row).unwrap();
        let value = values.is_valid(row).then(|| value(row));
        assert_eq!(cells.insert(at.collect(), (value, status)), None);
    }
    cells
}

/// The naive twin: for every grouping of every row the persons who are in it, of
/// [`TOWNS`] and [`KINDS`].
pub(crate) fn persons(register: &Register) -> BTreeMap<At, BTreeSet<u64>> {
    persons_of(register, &TOWNS, &KINDS)
}

/// The same of these towns and kinds: each of their cells is there, also if nobody is in it.
pub(crate) fn persons_of(
    register: &Register,
    towns: &[&str],
    kinds: &[&str],
) -> BTreeMap<At, BTreeSet<u64>> {
    let mut cells: BTreeMap<At, BTreeSet<u64>> = BTreeMap::new();
    let some = |level: &str, name: &str| (level.to_owned(), Some(name.to_owned()));
    let total = || ("total".to_owned(), None);
    let groups = |town: &str, kind: &str| {
        let towns = [some("town", town), some("county", &town[..1]), total()];
        let kinds = [some("kind", kind), total()];
        towns.map(|town| kinds.clone().map(|kind| vec![town.clone(), kind]))
    };
    for (town, kind) in towns.iter().flat_map(|t| kinds.iter().map(move |k| (t, k))) {
        for at in groups(town, kind).into_iter().flatten() {
            cells.entry(at).or_default();
        }
    }
    for (person, town, kind) in register {
        for at in groups(town, kind).into_iter().flatten() {
            let cell = cells.get_mut(&at).expect("a town and a kind of the table");
            cell.insert(*person);
        }
    }
    cells
}

/// Some cells, by their places, and how many persons they have together.
pub(crate) type Sum = (Vec<usize>, i128);

/// The numbers of persons that the cells `of` may have together, of those near to the
/// true one, if all of these `sums` are known: whoever knows them tries all tables of
/// whole numbers. `truth` is the true table.
pub(crate) fn possible(sums: &[Sum], truth: &[i128], of: &[usize]) -> BTreeSet<i128> {
    let count: i128 = of.iter().map(|cell| truth[*cell]).sum();
    let near = (count - 3).max(0)..=count + 3;
    let holds = |value: &i128| {
        let sums = [sums, &[(of.to_vec(), *value)]].concat();
        fill(&sums, truth, 0, &mut vec![0; truth.len()])
    };
    near.filter(holds).collect()
}

/// Tries every value from `at` on that no sum forbids; whether there is a table.
fn fill(sums: &[Sum], truth: &[i128], at: usize, values: &mut [i128]) -> bool {
    let Some(own) = truth.get(at) else {
        return sums
            .iter()
            .all(|(members, sum)| total(members, values) == *sum);
    };
    let with_it = || sums.iter().filter(|(members, _)| members.contains(&at));
    // A cell that is in no sum may be anything, and changes nothing.
    if with_it().next().is_none() {
        return fill(sums, truth, at + 1, values);
    }
    let left = |(members, sum): &Sum| {
        let before = members.iter().filter(|member| **member < at);
        sum - before.map(|member| values[*member]).sum::<i128>()
    };
    let most = with_it().map(left).min().unwrap_or(0);
    let is_last = |(members, _): &&Sum| members.iter().max() == Some(&at);
    let least = with_it().filter(is_last).map(left).max().unwrap_or(0);
    // The likely ones first.
    let mut tried: Vec<i128> = (least.max(0)..=most).collect();
    tried.sort_by_key(|value| (value - own).abs());
    let found = tried.into_iter().any(|value| {
        values[at] = value;
        fill(sums, truth, at + 1, values)
    });
    values[at] = 0;
    found
}

fn total(members: &[usize], values: &[i128]) -> i128 {
    members.iter().map(|member| values[*member]).sum()
}

/// How many of the `possible` values follow on each other, up to and on from this one.
pub(crate) fn consecutive(possible: &BTreeSet<i128>, value: i128) -> usize {
    assert!(possible.contains(&value), "{value} is not in {possible:?}");
    let below = (1..).take_while(|step| possible.contains(&(value - step)));
    let above = (1..).take_while(|step| possible.contains(&(value + step)));
    1 + below.count() + above.count()
}
