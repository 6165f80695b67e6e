//! Rare names become one: by level, with totals, of persons in several rows, in tables together.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{counts, plan_text, register, release_of, rows, table};
use crate::support::{parse, refusal};

const ROUND: &str = "min_persons = 3, method = 'round', round = { base = 3, how = 'nearest' }";
const SUPPRESS: &str = "min_persons = 3, method = 'suppress'";
const TOWN: &str = "town = { from = 'town', type = 'category' }";
const COUNTIES: &str = "levels.town = [{ name = 'county', prefix = 1 }]\nmargins = true";

fn some(counts: &[(&str, u64)]) -> Vec<(String, Option<u64>)> {
    let counts = counts.iter();
    counts
        .map(|(name, n)| ((*name).to_owned(), Some(*n)))
        .collect()
}

#[test]
fn names_that_few_have_become_one() {
    let plan = parse(&plan_text(
        "one",
        TOWN,
        &table("t", "'people.town'", "", SUPPRESS),
    ));
    let csv = register(
        "town",
        &[("Ask", 4), ("Elm", 2), ("Fir", 1), ("Oak", 3), ("", 3)],
    );
    let release = release_of(&plan, &csv).unwrap();
    let found = counts(&release, "t");
    assert_eq!(
        found,
        some(&[("-", 3), ("Ask", 4), ("Oak", 3), ("other", 3)])
    );
}

#[test]
fn the_plan_says_what_rare_ones_are_called() {
    for (columns, by, derived) in [
        (
            "town = { from = 'town', type = 'category', rare = 'elsewhere' }",
            "'people.town'",
            "",
        ),
        (
            TOWN,
            "'place'",
            "columns.place = { from = 'people.town', type = 'category', rare = 'elsewhere' }",
        ),
        (
            "town = { from = 'town', type = 'category', rare = 'elsewhere' }",
            "'place'",
            "columns.place = { from = 'people.town', type = 'category' }",
        ),
    ] {
        let plan = parse(&plan_text(
            "one",
            columns,
            &table("t", by, derived, SUPPRESS),
        ));
        let csv = register("town", &[("Ask", 4), ("Elm", 2), ("Fir", 1)]);
        let release = release_of(&plan, &csv).unwrap();
        assert_eq!(counts(&release, "t"), some(&[("Ask", 4), ("elsewhere", 3)]));
    }
}

#[test]
fn a_category_of_the_same_name_is_one_with_the_rare_ones() {
    let plan = parse(&plan_text(
        "one",
        TOWN,
        &table("t", "'people.town'", "", SUPPRESS),
    ));
    let csv = register("town", &[("Ask", 4), ("other", 5), ("Fir", 1)]);
    let release = release_of(&plan, &csv).unwrap();
    assert_eq!(counts(&release, "t"), some(&[("Ask", 4), ("other", 6)]));
}

#[test]
fn rare_ones_become_one_below_each_category_of_the_level_above() {
    let plan = parse(&plan_text(
        "one",
        TOWN,
        &table("t", "'people.town'", COUNTIES, ROUND),
    ));
    let csv = register(
        "town",
        &[
            ("A1", 9),
            ("A2", 1),
            ("A3", 2),
            ("B1", 3),
            ("B2", 3),
            ("C1", 1),
            ("D1", 2),
            ("", 3),
        ],
    );
    let release = release_of(&plan, &csv).unwrap();
    let wanted = [
        ("- total", 24),
        ("- town", 3),
        ("- county", 3),
        ("A county", 12),
        ("A1 town", 9),
        ("B county", 6),
        ("B1 town", 3),
        ("B2 town", 3),
        ("other (A) town", 3),
        ("other county", 3),
        ("other town", 3),
    ];
    let mut found = counts(&release, "t");
    let mut wanted = some(&wanted);
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
}

#[test]
fn a_declared_level_lists_each_of_its_categories() {
    let level = "levels.town = [{ name = 'side', map = { A1 = 'east', A2 = 'west', Z = 'north' }, otherwise = 'west' }]";
    let plan = parse(&plan_text(
        "one",
        TOWN,
        &table("t", "'people.town'", level, ROUND),
    ));
    let csv = register("town", &[("A1", 9), ("A2", 1), ("A3", 2)]);
    let release = release_of(&plan, &csv).unwrap();
    let mut wanted = some(&[
        ("A1 town", 9),
        ("east side", 9),
        ("north side", 0),
        ("west side", 3),
        ("other (north) town", 0),
        ("other (west) town", 3),
    ]);
    wanted.sort();
    assert_eq!(counts(&release, "t"), wanted);
}

#[test]
fn a_name_that_rare_ones_would_have_below_another_level_is_refused() {
    let plan = parse(&plan_text(
        "one",
        TOWN,
        &table("t", "'people.town'", COUNTIES, ROUND),
    ));
    let csv = register("town", &[("A1", 9), ("A2", 1), ("other (A)", 5)]);
    let error = refusal(release_of(&plan, &csv));
    assert_eq!(error.kind(), kobling::ErrorKind::Protection);
    assert_eq!(error.column(), Some("town"));
    assert!(error.to_string().contains("rare = "), "{error}");
    assert!(!error.to_string().contains("(A)"), "{error}");
}

#[test]
fn a_person_with_several_rows_counts_once_in_what_rare_names_become() {
    let measures = "measures = [{ persons = true }, { rows = true }]";
    let text = table("t", "'people.town'", COUNTIES, ROUND);
    let text = text.replace("measures = [{ persons = true }]", measures);
    let plan = parse(&plan_text("many", TOWN, &text));
    // Six are in A1; of those, three are in A2 and A3 as well.
    let mut csv = "nr,town\n".to_owned();
    for nr in 1..=6 {
        csv += &format!("{nr},A1\n{nr},A1\n");
    }
    for (nr, town) in [(1, "A2"), (2, "A2"), (1, "A3"), (2, "A3"), (3, "A4")] {
        csv += &format!("{nr},{town}\n");
    }
    let release = release_of(&plan, &csv).unwrap();
    let found = counts(&release, "t");
    let mut wanted = some(&[
        ("- total", 6),
        ("A county", 6),
        ("A1 town", 6),
        ("other (A) town", 3),
    ]);
    wanted.sort();
    assert_eq!(found, wanted);
}

#[test]
fn dates_and_numbers_that_few_have_are_counted_with_the_missing_ones() {
    let columns = "born = { from = 'born', type = 'integer' , truncate = 'year' }";
    let plan = parse(&plan_text(
        "one",
        columns,
        &table("t", "'people.born'", "", SUPPRESS),
    ));
    let csv = register(
        "born",
        &[
            ("1950-01-01", 4),
            ("1903-05-05", 1),
            ("1904-05-05", 1),
            ("", 2),
        ],
    );
    let release = release_of(&plan, &csv).unwrap();
    let batch = release.table("t").unwrap();
    let years =
        arrow_array::cast::as_primitive_array::<arrow_array::types::Int64Type>(batch.column(0));
    assert_eq!(years.iter().collect::<Vec<_>>(), [Some(1950), None]);
}

#[test]
fn tables_together_name_by_their_own_thresholds_and_agree() {
    let tables = [
        table(
            "fine",
            "'people.town', 'people.sex'",
            "margins = true",
            SUPPRESS,
        ),
        table(
            "coarse",
            "'people.town'",
            COUNTIES,
            "min_persons = 5, method = 'suppress'",
        ),
    ];
    let columns = format!(
        "{TOWN}\nsex = {{ from = 'sex', type = 'category', categories = ['f', 'm', 'x'] }}"
    );
    let plan = parse(&plan_text("one", &columns, &tables.concat()));
    let csv = register(
        "town,sex",
        &[
            ("A1,f", 9),
            ("A1,m", 9),
            ("A2,f", 2),
            ("A2,m", 1),
            ("A3,f", 1),
            ("A3,m", 1),
            ("B1,f", 8),
            ("B1,m", 7),
            ("C1,m", 1),
        ],
    );
    let release = release_of(&plan, &csv).unwrap();
    let names = |table: &str| -> BTreeSet<String> {
        let rows = rows(release.table(table).unwrap());
        rows.into_keys().map(|names| names[0].clone()).collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(names("fine"), set(&["-", "A1", "A2", "B1", "other"]));
    assert_eq!(
        names("coarse"),
        set(&["-", "A", "A1", "B", "B1", "other", "other (A)"])
    );
    // Three sexes and what is outside of the list, each in each town and in all.
    assert_eq!(release.table("fine").unwrap().num_rows(), 5 * 5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// By noise-free rounding to a base of one's own: what is published of a name
    /// does not depend on what becomes of the rare ones.
    #[test]
    fn figures_of_published_names_are_those_of_their_rows(
        towns in prop::collection::vec(0..12u64, 12),
    ) {
        let names: Vec<String> = (0..12).map(|at| format!("{}{at}", ["A", "B", "C"][at % 3])).collect();
        let rows: Vec<(&str, u64)> = names.iter().map(String::as_str).zip(towns).collect();
        let plan = parse(&plan_text("one", TOWN, &table("t", "'people.town'", "margins = true", ROUND)));
        let all: u64 = rows.iter().map(|row| row.1).sum();
        let few: u64 = rows.iter().map(|row| row.1).filter(|n| *n < 3).sum();
        let release = release_of(&plan, &register("town", &rows));
        if few * 2 > all {
            prop_assert_eq!(refusal(release).kind(), kobling::ErrorKind::Protection);
            return Ok(());
        }
        let near = |n: u64| (n + 1) / 3 * 3;
        let mut wanted: BTreeMap<String, Option<u64>> = rows
            .iter()
            .filter(|row| row.1 >= 3)
            .map(|row| (format!("{} town", row.0), Some(near(row.1))))
            .collect();
        if few > 0 {
            wanted.insert("other town".to_owned(), Some(near(few)));
        }
        if all > 0 {
            wanted.insert("- total".to_owned(), Some(near(all)));
        }
        let found: BTreeMap<_, _> = counts(&release.unwrap(), "t").into_iter().collect();
        let total = |rows: &BTreeMap<String, Option<u64>>| rows.get("- total").copied().flatten().unwrap_or(0);
        prop_assert_eq!(total(&found), total(&wanted));
        let named = |rows: BTreeMap<String, Option<u64>>| -> Vec<_> {
            rows.into_iter().filter(|row| row.0 != "- total").collect()
        };
        prop_assert_eq!(named(found), named(wanted));
    }
}
