//! The cell-key method: every figure by its definition, the same wherever its cell appears.

use std::collections::BTreeSet;
use std::sync::Arc;

use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::sdc::cell_key::{Flex, SumNoise, SumTables, SumToPerturb, mean, perturbed_count};
use kobling::sdc::perturbation::{Design, KeySpace, PerturbationTable};
use kobling::{Release, ReleaseKey};
use proptest::prelude::*;

use super::registers::{Row, count, extracted, place, plan_of, protected, register, rows};
use super::twin::{Keyed, Paid, by_person, cells, paid};
use crate::support::{file, key};

const SETTINGS: &str = "[counts]
reach = 4
variance = 1.5
[sums]
reach = 5
variance = 2.0
steps = 4
originals = [1, 2, 5]
flex = { point = 500, small = 0.5, large = 0.1, power = 3 }
";

fn settings(text: &str) -> Perturbation {
    let folder = tempfile::tempdir().unwrap();
    Perturbation::read(file(folder.path(), "p.toml", text)).unwrap()
}

const ALL: &str =
    "{ persons = true }, { rows = true }, { sum = 'pay.income' }, { mean = 'pay.income' }";

fn table(name: &str, by: &str, measures: &str, rules: &str) -> String {
    format!(
        "[table.{name}]
from = 'pay'
by = [{by}]
sensitive = []
measures = [{measures}]
margins = true
protect = {{ method = 'cell-key', {rules} }}
"
    )
}

const RULES: &str = "min_persons = 3, dominance = { n = 1, percent = 60 }";

/// What each person of a cell contributes, of those who have a value.
fn contributions(cell: &[Paid]) -> Vec<([u8; 16], i128)> {
    let persons = by_person(cell).into_iter();
    persons
        .filter_map(|(person, rows)| {
            let values: Vec<i128> = rows.iter().filter_map(|row| row.income).collect();
            (!values.is_empty()).then(|| (person, values.iter().sum()))
        })
        .collect()
}

/// The twin of one cell: its four figures, a sum and mean only where they are safe.
struct Twin {
    persons: u64,
    rows: u64,
    sum: Option<i128>,
    mean: Option<Option<f64>>,
}

fn twin(cell: &[Paid], keyed: &Keyed) -> Twin {
    let counts = PerturbationTable::generate(&Design::counts(4, 1.5)).unwrap();
    let counts = counts.lookup(KeySpace::Whole);
    let sums = PerturbationTable::generate(&Design::sums(5, 2.0, 4, &[1, 2, 5])).unwrap();
    let flex = Flex::new(50_000.0, 0.5, 0.1, 3).unwrap();
    let noise = SumNoise::new(flex, SumTables::One(sums.lookup(KeySpace::Whole)), None).unwrap();
    let label = b"cell key";
    let owners = by_person(cell);
    let n = owners.len() as u64;
    let of_persons = keyed.cell(label, b"persons", owners.keys(), n);
    let mut twin = Twin {
        persons: perturbed_count(&counts, n, of_persons),
        rows: perturbed_count(&counts, cell.len() as u64, keyed.rows(label, cell)),
        sum: None,
        mean: None,
    };
    let contributed = contributions(cell);
    let largest = contributed
        .iter()
        .map(|(_, value)| value.abs())
        .max()
        .unwrap_or(0);
    let total: i128 = contributed.iter().map(|(_, value)| *value).sum();
    let absolute: i128 = contributed.iter().map(|(_, value)| value.abs()).sum();
    // More than 60 % of the sum of absolute values; and nobody is too few as well.
    if contributed.len() < 3 || largest * 10 > absolute * 6 {
        return twin;
    }
    let nonzero: Vec<[u8; 16]> = contributed
        .iter()
        .filter(|(_, value)| *value != 0)
        .map(|(person, _)| *person)
        .collect();
    let contributors = nonzero.len() as u64;
    let sum = noise.perturbed(&SumToPerturb {
        sum: total,
        absolute,
        largest,
        contributors,
        key: keyed.cell(label, b"sum", nonzero.iter(), contributors),
    });
    let sum = sum.unwrap();
    let values = cell.iter().filter(|row| row.income.is_some()).count() as u64;
    let key = if values == contributed.len() as u64 && contributors == values {
        keyed.cell(label, b"persons", nonzero.iter(), values)
    } else if values == n {
        of_persons
    } else if values == cell.len() as u64 {
        keyed.rows(label, cell)
    } else {
        keyed.cell(label, b"values", nonzero.iter(), values)
    };
    let values = perturbed_count(&counts, values, key);
    twin.sum = Some(sum);
    twin.mean = Some(mean(sum, values).map(|mean| mean / 100.0));
    twin
}

/// A decimal of two places as hundredths.
fn hundredths(text: &str) -> i128 {
    let (whole, rest) = text.split_once('.').unwrap();
    format!("{whole}{rest}").parse().unwrap()
}

/// Holds a row of a release against the twin of its cell.
fn same(row: &Row, twin: &Twin) {
    assert_eq!(count(row, "persons"), twin.persons);
    assert_eq!(count(row, "rows"), twin.rows);
    let status = |measure: &str| row[&format!("{measure}_status")].clone().unwrap();
    let sum = row["sum_income"].as_deref().map(hundredths);
    assert_eq!(sum, twin.sum);
    let wanted = if twin.sum.is_some() {
        "perturbed"
    } else {
        "suppressed"
    };
    assert_eq!(status("sum_income"), wanted);
    assert_eq!(status("mean_income"), wanted);
    let mean: Option<f64> = row["mean_income"]
        .as_deref()
        .map(|mean| mean.parse().unwrap());
    assert_eq!(mean, twin.mean.flatten());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn figures_are_perturbed_as_defined(seed in 0..1_000u64, persons in 80..160u64, many: bool) {
        let dimensions = ["town", "kind"];
        let plan = plan_of(
            if many { "many" } else { "one" },
            &table("t", "'pay.town', 'pay.kind'", ALL, RULES),
        );
        let mut csv = register(seed, persons, many);
        // Somebody who owes.
        csv += "900001,t0,k0,-250.00\n";
        let extract = extracted(&plan, &key(&plan), &csv);
        let cells = cells(&paid(&extract), &dimensions, true);
        let release_key = Arc::new(ReleaseKey::generate().unwrap());
        let keyed = Keyed::of(&release_key);
        let protection = Protection::new(release_key.clone()).perturbation(settings(SETTINGS));
        let tables = protected(&plan, extract, protection).unwrap();
        let release = tables.release().unwrap();
        let found = rows(&release, "t");
        prop_assert_eq!(found.len(), cells.len());
        for row in &found {
            same(row, &twin(&cells[&place(row, &dimensions)], &keyed));
        }
    }
}

fn released(
    tables: &str,
    csv: &str,
    domain: &kobling::DomainKey,
    key: &Arc<ReleaseKey>,
) -> Release {
    let plan = plan_of("many", tables);
    let protection = Protection::new(key.clone()).perturbation(settings(SETTINGS));
    let protected = protected(&plan, extracted(&plan, domain, csv), protection).unwrap();
    protected.release().unwrap()
}

#[test]
fn the_same_cell_has_the_same_noise_in_every_table_and_release() {
    let both = table("both", "'pay.town', 'pay.kind'", ALL, RULES);
    let kinds = table("kinds", "'pay.kind'", ALL, RULES);
    let plan = plan_of("many", &both);
    let (domain, csv) = (key(&plan), register(11, 300, true));
    let [one, another] = [(); 2].map(|()| Arc::new(ReleaseKey::generate().unwrap()));
    let whole = released(&format!("{both}{kinds}"), &csv, &domain, &one);
    // Another plan, and so another release, of the same project.
    let alone = released(&both, &csv, &domain, &one);
    assert_ne!(whole.manifest().plan_digest, alone.manifest().plan_digest);
    assert_eq!(rows(&whole, "both"), rows(&alone, "both"));
    let figures = |row: &Row| -> Vec<Option<String>> {
        let names = ["persons", "rows", "sum_income", "mean_income"];
        names.iter().map(|name| row[*name].clone()).collect()
    };
    let totals: BTreeSet<_> = rows(&whole, "both")
        .iter()
        .filter(|row| row["town_level"].as_deref() == Some("total"))
        .map(|row| (row["kind"].clone(), figures(row)))
        .collect();
    let of_kinds = rows(&whole, "kinds");
    let of_kinds: BTreeSet<_> = of_kinds
        .iter()
        .map(|row| (row["kind"].clone(), figures(row)))
        .collect();
    assert_eq!(totals, of_kinds);
    let other = released(&both, &csv, &domain, &another);
    assert_ne!(rows(&other, "both"), rows(&alone, "both"));
    let check = |release: &Release| release.manifest().perturbation_check.clone().unwrap();
    assert_eq!(check(&whole), check(&alone));
    assert_ne!(check(&whole), check(&other));
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let tables = table("both", "'pay.town', 'pay.kind'", ALL, RULES);
    let (domain, csv) = (key(&plan_of("many", &tables)), register(5, 400, true));
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let run = || released(&tables, &csv, &domain, &release_key);
        rows(&pool.build().unwrap().install(run), "both")
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn zeros_stay_zero_and_are_listed_among_those_that_became_zero() {
    let tables = table(
        "t",
        "'pay.town', 'pay.kind'",
        "{ persons = true }",
        "min_persons = 3",
    );
    let plan = plan_of("one", &tables);
    let extract = extracted(&plan, &key(&plan), &register(2, 60, false));
    let cells = cells(&paid(&extract), &["town", "kind"], true);
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    // Nobody sees a 1 or 2.
    let perturbation = settings("[counts]\nreach = 5\nvariance = 3.0\nunseen = 2");
    let protection = Protection::new(release_key.clone()).perturbation(perturbation);
    let release = protected(&plan, extract, protection)
        .unwrap()
        .release()
        .unwrap();
    let (mut empty, mut became) = (0, 0);
    for row in rows(&release, "t") {
        let persons = count(&row, "persons");
        assert!(!(1..=2).contains(&persons));
        match cells[&place(&row, &["town", "kind"])].len() {
            0 => {
                assert_eq!(persons, 0);
                empty += 1;
            }
            _ => became += usize::from(persons == 0),
        }
    }
    assert!(empty > 0 && became > 0, "{empty} {became}");
}

/// What is published of a cell beside its number must not say that nobody is in it.
#[test]
fn a_cell_that_nobody_is_in_looks_like_one_of_few() {
    let tables = table("t", "'pay.town', 'pay.kind'", ALL, RULES);
    let plan = plan_of("one", &tables);
    let extract = extracted(&plan, &key(&plan), &register(2, 60, false));
    let cells = cells(&paid(&extract), &["town", "kind"], true);
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let protection = Protection::new(release_key).perturbation(settings(SETTINGS));
    let release = protected(&plan, extract, protection)
        .unwrap()
        .release()
        .unwrap();
    let of_sums = |row: &Row| -> Vec<Option<String>> {
        let names = ["sum_income", "mean_income"].into_iter();
        let names = names.flat_map(|name| [name.to_owned(), format!("{name}_status")]);
        names.map(|name| row[&name].clone()).collect()
    };
    let (mut empty, mut few) = (BTreeSet::new(), BTreeSet::new());
    for row in rows(&release, "t") {
        match cells[&place(&row, &["town", "kind"])].len() {
            0 => empty.insert(of_sums(&row)),
            1 | 2 => few.insert(of_sums(&row)),
            _ => false,
        };
    }
    assert_eq!(empty.len(), 1);
    assert_eq!(empty, few);
    let limits = release.manifest().limits.join(" ");
    assert!(limits.contains("discloses that its cell has at least `min_persons` persons"));
}

/// Where perturbed figures happen to be exact, a mean must not disclose that: it is of
/// the perturbed sum and count, and is the true one only if both are.
#[test]
fn means_are_never_of_exact_figures() {
    let tables = table("t", "'pay.town', 'pay.kind'", ALL, RULES);
    let plan = plan_of("one", &tables);
    let extract = extracted(&plan, &key(&plan), &register(8, 400, false));
    let cells = cells(&paid(&extract), &["town", "kind"], true);
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let protection = Protection::new(release_key.clone()).perturbation(settings(SETTINGS));
    let release = protected(&plan, extract, protection)
        .unwrap()
        .release()
        .unwrap();
    let mut differing = 0;
    for row in rows(&release, "t") {
        let cell = &cells[&place(&row, &["town", "kind"])];
        let values: Vec<i128> = cell.iter().filter_map(|row| row.income).collect();
        let total: i128 = values.iter().sum();
        let Some(sum) = row["sum_income"].as_deref().map(hundredths) else {
            continue;
        };
        if values.is_empty() || sum == total {
            continue;
        }
        let exact = total as f64 / values.len() as f64 / 100.0;
        let half_exact = sum as f64 / values.len() as f64 / 100.0;
        let mean: f64 = row["mean_income"].as_deref().unwrap().parse().unwrap();
        assert_ne!(mean, exact);
        differing += usize::from(mean != half_exact);
    }
    assert!(differing > 5, "the number of values is perturbed too");
}

/// Whether a number is anywhere in `value`.
fn holds(value: &serde_json::Value, number: u64) -> bool {
    match value {
        serde_json::Value::Number(found) => found.as_u64() == Some(number),
        serde_json::Value::Array(values) => values.iter().any(|value| holds(value, number)),
        serde_json::Value::Object(values) => values.values().any(|value| holds(value, number)),
        _ => false,
    }
}

#[test]
fn the_release_states_the_deviation_and_not_the_reach() {
    let tables = table("t", "'pay.town'", ALL, RULES);
    let plan = plan_of("one", &tables);
    let extract = extracted(&plan, &key(&plan), &register(2, 200, false));
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let perturbation = settings(
        "[counts]\nreach = 37\nvariance = 1.5\n[sums]\nreach = 29\nvariance = 2.0\nsteps = 1\noriginals = [5]\nflex = { point = 500, small = 0.5, large = 0.1, power = 3 }",
    );
    let check = perturbation.check(&release_key);
    let protection = Protection::new(release_key.clone()).perturbation(perturbation);
    let tables = protected(&plan, extract, protection).unwrap();
    let worth = tables.utility("t").unwrap();
    assert_eq!(worth[0].measure, "persons");
    assert_eq!(worth[0].survival.cells, worth[0].survival.survived);
    assert!(worth[0].root_mean_square > 0.0 && worth[0].hellinger.unwrap() < 1.0);
    assert!(worth[2].average_distance > 0.0 && worth[2].hellinger.is_none());
    assert!(tables.utility("other").is_none());
    let release = tables.release().unwrap();
    let manifest = release.manifest();
    let deviation = |measure: &str| manifest.tables[0].utility[measure].noise_deviation;
    assert!((deviation("persons").unwrap() - 1.5f64.sqrt()).abs() < 1e-6);
    assert_eq!(deviation("persons"), deviation("rows"));
    assert_eq!(
        (deviation("sum_income"), deviation("mean_income")),
        (None, None)
    );
    assert_eq!(manifest.perturbation_check.as_deref(), Some(check.as_str()));
    assert_eq!(check.len(), 16);
    let json = manifest.to_json();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(!holds(&value, 37) && !holds(&value, 29) && !json.contains("reach"));
    assert!(json.contains("are suppressed, but not protected against subtraction"));
    let read: kobling::Manifest = serde_json::from_str(&json).unwrap();
    assert_eq!(read.tables[0].utility, manifest.tables[0].utility);
}
