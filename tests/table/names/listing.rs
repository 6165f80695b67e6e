//! Which rows a table has: all combinations, or only those with a figure.

use arrow_array::Array;
use kobling::release::Listing;

use super::{counts, plan_text, register, release_of, rows, table};
use crate::support::{parse, refusal};

const SUPPRESS: &str = "min_persons = 3, method = 'suppress'";

fn listing(release: &kobling::Release) -> Listing {
    release.manifest().tables[0].listing
}

#[test]
fn all_combinations_of_published_categories_have_a_row_and_empty_ones_are_zero() {
    let columns = "town = { from = 'town', type = 'category' }
        age = { from = 'age', type = 'category', bands = { edges = [0, 20, 65], labels = ['young', 'grown', 'old'] } }
        sex = { from = 'sex', type = 'category', map = { f = 'woman', m = 'man' }, absent = 'not told' }";
    let by = "'people.town', 'people.age', 'people.sex'";
    let plan = parse(&plan_text("one", columns, &table("t", by, "", SUPPRESS)));
    let csv = register(
        "town,age,sex",
        &[("A,30,f", 5), ("B,30,f", 4), ("B,3,m", 3)],
    );
    let release = release_of(&plan, &csv).unwrap();
    let found = rows(release.table("t").unwrap());
    assert_eq!(found.len(), 2 * 3 * 3);
    for town in ["A", "B"] {
        for age in ["young", "grown", "old"] {
            for sex in ["woman", "man", "not told"] {
                let wanted = match (town, age, sex) {
                    ("A", "grown", "woman") => 5,
                    ("B", "grown", "woman") => 4,
                    ("B", "young", "man") => 3,
                    _ => 0,
                };
                let place = [town, age, sex].map(str::to_owned);
                assert_eq!(found[&place[..]], Some(wanted), "{place:?}");
            }
        }
    }
    assert_eq!(listing(&release), Listing::Complete);
    let manifest = release.manifest().to_json();
    assert!(manifest.contains(r#""listing": "complete""#), "{manifest}");
    assert!(
        manifest.contains("has a row, also where nobody is in it"),
        "{manifest}"
    );
}

#[test]
fn categories_that_are_declared_are_listed_in_the_order_of_the_plan() {
    let columns = "kind = { from = 'kind', type = 'category', categories = ['z', 'a', 'm'] }";
    let plan = parse(&plan_text(
        "one",
        columns,
        &table("t", "'people.kind'", "", SUPPRESS),
    ));
    let csv = register("kind", &[("a", 4), ("q", 3)]);
    let release = release_of(&plan, &csv).unwrap();
    let batch = release.table("t").unwrap();
    let names = batch.column(0).as_any();
    let names: &arrow_array::DictionaryArray<arrow_array::types::UInt32Type> =
        names.downcast_ref().unwrap();
    let names = names.downcast_dict::<arrow_array::StringArray>().unwrap();
    let names: Vec<&str> = names.into_iter().flatten().collect();
    assert_eq!(names, ["z", "a", "m", "other"]);
    let found = counts(&release, "t");
    let zero = |name: &str| found.contains(&(name.to_owned(), Some(0)));
    assert!(zero("z") && zero("m"), "{found:?}");
}

#[test]
fn nobody_at_all_is_a_table_of_zeros() {
    let columns = "kind = { from = 'kind', type = 'category', categories = ['a', 'b'] }";
    let more = "where = [{ column = 'people.kind', equals = 'b' }]\nmargins = true";
    let plan = parse(&plan_text(
        "one",
        columns,
        &table("t", "'people.kind'", more, SUPPRESS),
    ));
    let release = release_of(&plan, &register("kind", &[("a", 4)])).unwrap();
    let found = counts(&release, "t");
    let names: Vec<&str> = found.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(names, ["- total", "a kind", "b kind", "other kind"]);
    assert!(found.iter().all(|row| row.1 == Some(0)), "{found:?}");
}

/// Three dimensions of 200 categories: 8 million cells.
fn many(method: &str) -> String {
    let names: Vec<String> = (0..199).map(|at| format!("'c{at:03}'")).collect();
    let names = names.join(", ");
    let column = |name| {
        format!("{name} = {{ from = '{name}', type = 'category', categories = [{names}] }}\n")
    };
    let columns: String = ["one", "two", "three"].map(column).concat();
    let by = "'people.one', 'people.two', 'people.three'";
    plan_text("one", &columns, &table("t", by, "margins = [[]]", method))
}

const FEW: [(&str, u64); 4] = [
    ("c001,c002,c003", 9),
    ("c001,c002,c004", 2),
    ("c007,c008,c009", 6),
    ("c010,c010,c010", 1),
];

#[test]
fn a_table_of_too_many_cells_has_only_rows_with_a_figure() {
    let plan = parse(&many(SUPPRESS));
    let release = release_of(&plan, &register("one,two,three", &FEW)).unwrap();
    assert_eq!(listing(&release), Listing::Sparse);
    let found = rows(release.table("t").unwrap());
    assert!(!found.is_empty());
    assert!(found.values().all(Option::is_some), "{found:?}");
    let named = |name: &str| found.keys().flatten().any(|other| other == name);
    // The rows of one and of two persons are not there, nor is their name.
    assert!(
        named("c003") && !named("c004") && !named("c010"),
        "{found:?}"
    );
    let record = &release.manifest().tables[0];
    assert_eq!(record.cells, found.len());
    let statuses: u64 = record.statuses["persons"].values().sum();
    assert_eq!(statuses, found.len() as u64);
    assert_eq!(record.utility["persons"].cells, found.len() as u64);
    let labels = release.table("t").unwrap().column(4);
    assert!(labels.len() == found.len());
    let manifest = release.manifest().to_json();
    assert!(manifest.contains(r#""listing": "sparse""#), "{manifest}");
    assert!(
        manifest.contains("the table does not say which"),
        "{manifest}"
    );
    assert!(!format!("{:?}", release.table("t").unwrap()).contains("c004"));
}

/// Registers that differ in nothing that the release discloses: nor do the audits.
#[test]
fn audits_say_nothing_of_rows_that_are_not_there() {
    let plan = parse(&many(SUPPRESS));
    let others = [
        ("c001,c002,c003", 9),
        ("c001,c002,c004", 1),
        ("c007,c008,c009", 6),
        ("c010,c010,c010", 1),
        ("c011,c012,c013", 1),
    ];
    let release = |rows| release_of(&plan, &register("one,two,three", rows)).unwrap();
    let (one, other) = (release(&FEW), release(&others));
    assert_eq!(one.table("t"), other.table("t"));
    assert_eq!(one.manifest().audits, other.manifest().audits);
    let audit = &one.manifest().audits[0];
    let listed = one.table("t").unwrap().num_rows();
    assert_eq!((audit.cells, audit.suppressed), (listed, 0));
    // Nor whether there is an unsafe one at all.
    let safe = release(&[("c001,c002,c003", 9), ("c007,c008,c009", 6)]);
    let promise = safe.manifest().audits[0].count_interval;
    assert!(promise.is_some() && promise == audit.count_interval);
}

#[test]
fn other_methods_list_all_cells_or_none() {
    let round = "min_persons = 3, method = 'round', round = { base = 5, how = 'nearest' }";
    let plan = parse(&many(round));
    let error = refusal(release_of(&plan, &register("one,two,three", &FEW)));
    assert_eq!(error.kind(), kobling::ErrorKind::Overflow);
    assert!(error.to_string().contains("coarser dimensions"), "{error}");
}

#[test]
fn noise_asks_for_categories_that_the_plan_declares() {
    let noise = "min_persons = 3, method = 'noise', noise = { rho = 1, distribution = 'gaussian' }";
    let plan = |columns: &str| {
        let text = plan_text("one", columns, &table("t", "'people.town'", "", noise));
        let text = text.replacen("[project]", "[project]\nprivacy_budget = 1", 1);
        kobling::Plan::parse(&text)
    };
    let findings = plan("town = { from = 'town', type = 'category', prefix = 2 }").unwrap_err();
    let found = findings.as_slice().iter();
    let found: Vec<_> = found
        .filter(|finding| finding.path.join(".") == "table.t.by.0")
        .collect();
    assert_eq!(found.len(), 1, "{findings}");
    assert!(found[0].rule.contains("does not declare"), "{findings}");
    assert!(found[0].help.as_ref().unwrap().contains("categories = "));
    assert!(found[0].line.is_some());
    for declared in [
        "town = { from = 'town', type = 'category', categories = ['A', 'B'] }",
        "town = { from = 'town', type = 'category', map = { A = 'a' }, otherwise = 'b' }",
        "town = { from = 'town', type = 'category', bands = [1, 2] }",
        "town = { from = 'town', type = 'boolean' }",
        "town = { from = 'town', type = 'integer', clip = { at_least = 0, at_most = 9 } }",
    ] {
        plan(declared).unwrap_or_else(|findings| panic!("{findings}"));
    }
    // Nobody's town is missing, and it is listed all the same: that would be outside of ρ.
    let plan =
        plan("town = { from = 'town', type = 'category', categories = ['A', 'B'] }").unwrap();
    // A rehearsal spends of no budget.
    let release = release_of(&plan.rehearsal(), &register("town", &[("A", 9)])).unwrap();
    let found = counts(&release, "t");
    let names: Vec<&str> = found.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(names, ["-", "A", "B", "other"]);
}
