//! The primary rules on cells computed by hand: at each rule's edge, and just beyond it.
//!
//! Definitions are those of the ESSnet handbook on statistical disclosure
//! control, 2nd edition, chapter 4; its examples are in `handbook.rs`. Cells
//! of whole tables are held against sdcTable's primary suppressions where
//! `KOBLING_DATA` is set.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::support::cell::{PAY, cell, protect, sum};
use crate::support::{PROJECT, parse};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use kobling::protect::Rule;
use proptest::prelude::*;

use crate::support::data::data;

fn safe(value: &str) -> Result<String, Rule> {
    Ok(value.to_owned())
}

#[test]
fn the_threshold_is_the_least_number_of_persons_that_is_safe() {
    let persons = |n: u32| -> Vec<(u32, &str)> { (0..n).map(|person| (person, "2")).collect() };
    for measure in ["persons = true", "rows = true"] {
        assert_eq!(
            cell("min_persons = 5", measure, &persons(4)),
            Err(Rule::MinPersons)
        );
        assert_eq!(cell("min_persons = 5", measure, &persons(5)), safe("5"));
    }
    assert_eq!(sum("min_persons = 3", &["2", "2"]), Err(Rule::MinPersons));
    assert_eq!(sum("min_persons = 3", &["2", "2", "2"]), safe("6.00"));
}

#[test]
fn a_person_with_many_rows_counts_once() {
    let rows = [(1, "2"), (1, "2"), (1, "2"), (1, "2"), (2, "2"), (3, "2")];
    for measure in [
        "persons = true",
        "rows = true",
        "sum = 'pay.amount'",
        "mean = 'pay.amount'",
    ] {
        assert_eq!(
            cell("min_persons = 4", measure, &rows),
            Err(Rule::MinPersons)
        );
    }
    assert_eq!(cell("min_persons = 3", "persons = true", &rows), safe("3"));
    assert_eq!(cell("min_persons = 3", "rows = true", &rows), safe("6"));
    // No row has more than a third of the total; one person has two thirds.
    let rules = "min_persons = 3, dominance = { n = 1, percent = 66 }";
    assert_eq!(
        cell(rules, "sum = 'pay.amount'", &rows),
        Err(Rule::Dominance)
    );
    assert_eq!(cell(rules, "rows = true", &rows), Err(Rule::Dominance));
    assert_eq!(cell(rules, "persons = true", &rows), safe("3"));
}

#[test]
fn a_sum_or_mean_counts_the_persons_who_have_a_value() {
    let rows = [(1, "1"), (2, "2.5"), (3, ""), (4, "")];
    for measure in ["sum = 'pay.amount'", "mean = 'pay.amount'"] {
        assert_eq!(
            cell("min_persons = 3", measure, &rows),
            Err(Rule::MinPersons)
        );
    }
    assert_eq!(cell("min_persons = 3", "persons = true", &rows), safe("4"));
    let rows = [(1, "1"), (2, "2.5"), (3, "0"), (4, ""), (1, "6.5"), (3, "")];
    assert_eq!(
        cell("min_persons = 3", "sum = 'pay.amount'", &rows),
        safe("10.00")
    );
    assert_eq!(
        cell("min_persons = 3", "mean = 'pay.amount'", &rows),
        safe("2.5")
    );
}

#[test]
fn dominance_is_more_than_k_percent() {
    let one = "min_persons = 3, dominance = { n = 1, percent = 85 }";
    assert_eq!(sum(one, &["85", "5", "5", "5"]), safe("100.00"));
    assert_eq!(sum(one, &["85.01", "4.99", "5", "5"]), Err(Rule::Dominance));
    let two = "min_persons = 3, dominance = { n = 2, percent = 85 }";
    assert_eq!(sum(two, &["10", "50", "5", "35"]), safe("100.00"));
    assert_eq!(
        sum(two, &["9.99", "50", "5", "35.01"]),
        Err(Rule::Dominance)
    );
    // More contributors asked for than there are: they are all of the total.
    let ten = "min_persons = 3, dominance = { n = 10, percent = 99.99 }";
    assert_eq!(sum(ten, &["2", "2", "2", "2"]), Err(Rule::Dominance));
}

#[test]
fn p_percent_is_less_than_p_percent_left() {
    let rules = "min_persons = 3, p_percent = 10";
    assert_eq!(sum(rules, &["50", "49", "3", "2"]), safe("104.00"));
    assert_eq!(sum(rules, &["50", "49", "3", "1.99"]), Err(Rule::PPercent));
    let fine = "min_persons = 3, p_percent = 10.01";
    assert_eq!(sum(fine, &["50", "49", "3", "2"]), Err(Rule::PPercent));
}

#[test]
fn contributions_of_zero_are_contributions() {
    let rules = "min_persons = 3, dominance = { n = 1, percent = 85 }";
    assert_eq!(sum(rules, &["0", "0", "0"]), safe("0.00"));
    assert_eq!(
        sum("min_persons = 3, p_percent = 10", &["0", "0", "0"]),
        safe("0.00")
    );
    assert_eq!(sum(rules, &["10", "0", "0"]), Err(Rule::Dominance));
    assert_eq!(
        sum("min_persons = 3, p_percent = 10", &["10", "0", "0"]),
        Err(Rule::PPercent)
    );
}

#[test]
fn concentration_is_of_absolute_contributions() {
    // 85 of 100, and no more; the published sum is another number.
    let one = "min_persons = 3, dominance = { n = 1, percent = 85 }";
    assert_eq!(sum(one, &["85", "-5", "5", "-5"]), safe("80.00"));
    assert_eq!(sum(one, &["-85", "-5", "5", "5"]), safe("-80.00"));
    assert_eq!(
        sum(one, &["-85.01", "4.99", "5", "-5"]),
        Err(Rule::Dominance)
    );
    // The sum of nearly nothing is of large contributions.
    assert_eq!(sum(one, &["50", "-50", "1", "-1"]), safe("0.00"));
    // 104 − 50 − 49 is 10 % of 50.
    let rules = "min_persons = 3, p_percent = 10";
    assert_eq!(sum(rules, &["-50", "49", "-3", "2"]), safe("-2.00"));
    assert_eq!(
        sum(rules, &["-50", "49", "-3", "1.99"]),
        Err(Rule::PPercent)
    );
    // One value below zero loses no sum of many.
    let many: Vec<&str> = std::iter::once("-1")
        .chain(std::iter::repeat_n("7", 60))
        .collect();
    assert_eq!(sum(rules, &many), safe("419.00"));
    for rules in [one, rules] {
        // What counts is what a person contributes, not what a row does.
        let rows = [(1, "10"), (2, "10"), (3, "99"), (3, "-90"), (4, "9")];
        assert_eq!(cell(rules, "sum = 'pay.amount'", &rows), safe("38.00"));
    }
    // A count of rows has no negative contributions, nor have persons.
    let rows = [(1, "10"), (2, "10"), (3, "10"), (4, "-1")];
    assert_eq!(
        cell("min_persons = 3, p_percent = 1", "rows = true", &rows),
        safe("4")
    );
}

#[test]
fn the_first_rule_that_finds_a_value_unsafe_is_named() {
    let rules = "min_persons = 3, dominance = { n = 1, percent = 85 }, p_percent = 10";
    assert_eq!(sum(rules, &["-10", "1"]), Err(Rule::MinPersons));
    assert_eq!(sum(rules, &["100", "1", "-1"]), Err(Rule::Dominance));
    assert_eq!(sum(rules, &["100", "1", "1"]), Err(Rule::Dominance));
    assert_eq!(sum(rules, &["50", "49", "1"]), Err(Rule::PPercent));
    assert_eq!(sum(rules, &["50", "49", "50"]), safe("149.00"));
}

/// What a sum and the sum of the opposite values become.
fn mirrored(rules: &str, hundredths: &[i64]) -> [Result<String, Rule>; 2] {
    [1, -1].map(|sign| {
        let amounts = hundredths.iter().map(|amount| {
            let amount = sign * amount;
            let (minus, size) = (if amount < 0 { "-" } else { "" }, amount.abs());
            format!("{minus}{}.{:02}", size / 100, size % 100)
        });
        let amounts: Vec<String> = amounts.collect();
        sum(
            rules,
            &amounts.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Few values, so that there are ties, and some that only a sign distinguishes.
    #[test]
    fn a_column_and_its_negative_have_the_same_unsafe_figures(
        amounts in prop::collection::vec(prop_oneof![
            -3..4i64, Just(-500), Just(500), Just(-501), 0..2000i64, -2000..0i64,
        ], 1..9),
        rules in prop::sample::select(vec![
            "dominance = { n = 1, percent = 60 }",
            "dominance = { n = 2, percent = 80 }",
            "dominance = { n = 3, percent = 90 }",
            "p_percent = 25",
            "prior_posterior = { p = 10, q = 40 }",
        ]),
    ) {
        let rules = format!("min_persons = 3, {rules}");
        let [one, other] = mirrored(&rules, &amounts);
        prop_assert_eq!(one.as_ref().err(), other.as_ref().err());
        if let (Ok(one), Ok(other)) = (one, other) {
            let negative = match one.strip_prefix('-') {
                Some(size) => size.to_owned(),
                None if one == "0.00" => one,
                None => format!("-{one}"),
            };
            prop_assert_eq!(negative, other);
        }
    }
}

/// The primary suppressions of sdcTable (Meindl) on its microdata: inner cells and margins.
#[test]
fn whole_tables_agree_with_sdc_table() {
    let Some(folder) = data("vectors/sdc/sdcTable") else {
        return;
    };
    let read = |name: &str| -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let rows = text.lines().skip(1);
        rows.map(|line| {
            line.split(',')
                .map(|cell| cell.trim_matches('"').to_owned())
                .collect()
        })
        .collect()
    };
    let microdata = read("microdata1.csv");
    let column = |at: usize| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            microdata.iter().map(|row| &row[at]),
        ))
    };
    let ids: UInt32Array = (0..microdata.len() as u32).map(Some).collect();
    let columns = [
        ("id", Arc::new(ids) as ArrayRef),
        ("region", column(0)),
        ("gender", column(1)),
        ("val", column(2)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    for (file, measure, rules) in [
        (
            "primary_freq_maxN2.csv",
            "persons = true",
            "min_persons = 3",
        ),
        (
            "primary_freq_maxN3.csv",
            "persons = true",
            "min_persons = 4",
        ),
        (
            "primary_nk_2_75.csv",
            "sum = 'pay.val'",
            "min_persons = 3, dominance = { n = 2, percent = 75 }",
        ),
        (
            "primary_pq_60_80.csv",
            "sum = 'pay.val'",
            "min_persons = 3, prior_posterior = { p = 60, q = 80 }",
        ),
        (
            "primary_p70.csv",
            "sum = 'pay.val'",
            "min_persons = 3, p_percent = 70",
        ),
    ] {
        let mut text = format!(
            "{PROJECT}{PAY}[source.pay.columns]
            region = {{ from = 'region', type = 'category' }}
            gender = {{ from = 'gender', type = 'category' }}\n"
        );
        if measure.contains("val") {
            text += "val = { from = 'val', type = 'integer' }\n";
        }
        for (name, by) in [
            ("inner", "'pay.region', 'pay.gender'"),
            ("region", "'pay.region'"),
            ("gender", "'pay.gender'"),
            ("all", ""),
        ] {
            text += &format!(
                "[table.{name}]
                from = 'pay'
                by = [{by}]
                sensitive = []
                measures = [{{ {measure}, as = 'figure' }}]
                protect = {{ {rules}, method = 'suppress' }}\n"
            );
        }
        let plan = parse(&text);
        let protected = protect(&plan, batch.clone());
        // Why a figure is suppressed is in the report, and not in the release.
        let primary: BTreeSet<(String, String, String)> = protected
            .suppression_report()
            .figures()
            .filter(|figure| figure.reason != "complementary")
            .map(|figure| {
                let of = |name: &str| figure.cell.get(name).cloned().flatten();
                let category = |name| of(name).unwrap_or_else(|| "total".to_owned());
                let (region, gender) = (category("region"), category("gender"));
                (figure.table, region, gender)
            })
            .collect();
        let release = protected.release().unwrap();
        let mut found = BTreeMap::new();
        for (name, table) in release.tables() {
            let label = |dimension: &str, row: usize| {
                let column = table.column_by_name(dimension)?.as_any_dictionary();
                let labels = column.values().as_string::<i32>();
                Some(labels.value(column.normalized_keys()[row]).to_owned())
            };
            let status = table.column_by_name("figure_status").unwrap();
            let status = status.as_string::<i32>();
            for row in 0..table.num_rows() {
                let total = || "total".to_owned();
                let place = (
                    label("region", row).unwrap_or_else(total),
                    label("gender", row).unwrap_or_else(total),
                );
                let key = (name.to_owned(), place.0.clone(), place.1.clone());
                let is_primary = primary.contains(&key);
                assert!(!is_primary || status.value(row) == "suppressed");
                let twice = found.insert(place, is_primary);
                assert_eq!(twice, None, "{name}");
            }
        }
        let wanted: BTreeMap<_, _> = read(file)
            .iter()
            .map(|row| ((row[6].clone(), row[7].clone()), row[2] == "u"))
            .collect();
        assert_eq!(wanted.len(), 15);
        assert_eq!(found, wanted, "{file}");
    }
}
