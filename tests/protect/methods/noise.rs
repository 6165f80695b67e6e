//! Differentially private noise: of the designed width on every cell, the same
//! for the same input, and of bounded contributions.

use std::collections::BTreeMap;
use std::sync::Arc;

use kobling::protect::{ProtectedTables, Protection};
use kobling::sdc::noise::Rho;
use kobling::{DomainKey, ErrorKind, Plan, Release, ReleaseKey};

use super::registers::{Row, count, extracted, place, plan_text, protected, register, rows};
use super::twin::{At, Paid, cells, paid};
use crate::support::{key, parse, refusal};

/// The plan's rehearsal, which may spend all of its budget.
fn rehearsal(project: &str, tables: &str) -> Plan {
    parse(&plan_text("one", project, tables)).rehearsal()
}

fn table(name: &str, by: &str, measures: &str, noise: &str) -> String {
    format!(
        "[table.{name}]
from = 'pay'
by = [{by}]
sensitive = []
measures = [{measures}]
margins = true
protect = {{ min_persons = 3, method = 'noise', noise = {{ {noise} }} }}
"
    )
}

const BUDGET: &str = "privacy_budget = 2.5";
const BY: &str = "'pay.town', 'pay.kind'";
const DIMENSIONS: [&str; 2] = ["town", "kind"];

fn tables(plan: &Plan, domain: &DomainKey, csv: &str, key: &Arc<ReleaseKey>) -> ProtectedTables {
    protected(
        plan,
        extracted(plan, domain, csv),
        Protection::new(key.clone()),
    )
    .unwrap()
}

fn released(plan: &Plan, domain: &DomainKey, csv: &str, key: &Arc<ReleaseKey>) -> Release {
    tables(plan, domain, csv, key).release().unwrap()
}

#[test]
fn without_a_ledger_only_a_rehearsal_spends() {
    let text = plan_text(
        "one",
        BUDGET,
        &table(
            "t",
            "'pay.town'",
            "{ persons = true }",
            "rho = 0.5, distribution = 'gaussian'",
        ),
    );
    let plan = parse(&text);
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let error = refusal(Protection::new(release_key.clone()).check_plan(&plan));
    assert_eq!(error.kind(), ErrorKind::Protection);
    assert_eq!(
        error.rule(),
        "the privacy budget is spent in the ledger, and there is none"
    );
    let extract = extracted(&plan, &key(&plan), &register(1, 30, false));
    let error = refusal(protected(
        &plan,
        extract,
        Protection::new(release_key.clone()),
    ));
    assert_eq!(error.kind(), ErrorKind::Protection);

    let plan = plan.rehearsal();
    let spent = tables(&plan, &key(&plan), &register(1, 30, false), &release_key).spent();
    assert_eq!(spent, Some(Rho::new(0.5).unwrap()));
}

#[test]
fn the_same_input_has_the_same_noise_and_another_has_another() {
    let noise = "rho = 0.01, distribution = 'laplace', clip = { sum_income = 1000 }";
    let measures = "{ persons = true }, { sum = 'pay.income' }";
    let two = table("a", BY, measures, noise) + &table("b", BY, measures, noise);
    let plan = rehearsal(BUDGET, &two);
    let domain = key(&plan);
    let [one, another] = [(); 2].map(|()| Arc::new(ReleaseKey::generate().unwrap()));
    let csv = register(4, 150, false);
    let first = released(&plan, &domain, &csv, &one);
    let again = released(&plan, &domain, &csv, &one);
    assert_eq!(rows(&first, "a"), rows(&again, "a"));
    // Each table draws its own, and so do another key and another plan.
    assert_ne!(rows(&first, "a"), rows(&first, "b"));
    assert_ne!(
        rows(&first, "a"),
        rows(&released(&plan, &domain, &csv, &another), "a")
    );
    let other = rehearsal("privacy_budget = 2.4", &two);
    assert_ne!(
        rows(&first, "a"),
        rows(&released(&other, &domain, &csv, &one), "a")
    );
    // One income changed by an øre: everything is drawn anew.
    let at = csv.find("5.").expect("an income");
    let mut changed = csv.clone();
    changed.replace_range(at..at + 2, "6.");
    let persons = |release: &Release| -> Vec<u64> {
        let rows = rows(release, "a");
        rows.iter().map(|row| count(row, "persons")).collect()
    };
    assert_ne!(
        persons(&first),
        persons(&released(&plan, &domain, &changed, &one))
    );
}

/// Published less true, over all cells, in units of the designed deviation.
fn spread(
    release: &Release,
    truth: &BTreeMap<At, Vec<Paid>>,
    name: &str,
    scale: f64,
    figure: impl Fn(&[Paid]) -> f64,
) -> Vec<f64> {
    let deviation = release.manifest().tables[0].utility[name]
        .noise_deviation
        .unwrap();
    let noise = rows(release, "t").into_iter().map(|row: Row| {
        assert_eq!(row[&format!("{name}_status")].as_deref(), Some("perturbed"));
        let published: f64 = row[name].as_deref().unwrap().parse().unwrap();
        (published - figure(&truth[&place(&row, &DIMENSIONS)]) / scale) / deviation
    });
    noise.collect()
}

/// What a person adds: from 0 to 300.
fn clipped(cell: &[Paid]) -> f64 {
    let incomes = cell.iter().filter_map(|row| row.income);
    incomes.map(|income| income.clamp(0, 30_000) as f64).sum()
}

/// With noise a missing category is listed whether or not somebody lacks it.
fn with_missing(truth: BTreeMap<At, Vec<Paid>>) -> BTreeMap<At, Vec<Paid>> {
    let mut all = truth.clone();
    for place in truth.into_keys() {
        for missing in 0..4 {
            let mut place = place.clone();
            for (at, (level, category)) in place.iter_mut().enumerate() {
                if missing >> at & 1 == 1 && level != "total" {
                    *category = None;
                }
            }
            all.entry(place).or_default();
        }
    }
    all
}

#[test]
fn noise_has_the_designed_width_on_clipped_contributions() {
    let (mut persons, mut sums) = (Vec::new(), Vec::new());
    for (seed, distribution) in [
        (1, "gaussian"),
        (2, "laplace"),
        (3, "gaussian"),
        (4, "laplace"),
    ] {
        let noise =
            format!("rho = 1.0, distribution = '{distribution}', clip = {{ sum_income = 300 }}");
        let measures = "{ persons = true }, { rows = true }, { sum = 'pay.income' }";
        let plan = rehearsal(BUDGET, &table("t", BY, measures, &noise));
        // Large cells, so that no count is held at zero; somebody has far more
        // than the bound, and somebody owes.
        let mut csv = register(seed, 3_000, false);
        csv += "900001,t0,k0,99999999.00\n900002,t0,k0,-5000.00\n";
        let extract = extracted(&plan, &key(&plan), &csv);
        let truth = with_missing(cells(&paid(&extract), &DIMENSIONS, true));
        let release_key = Arc::new(ReleaseKey::generate().unwrap());
        let release = protected(&plan, extract, Protection::new(release_key.clone())).unwrap();
        let release = release.release().unwrap();
        assert_eq!(
            rows(&release, "t").len(),
            truth.len(),
            "empty cells have noise too"
        );
        // A number of rows is the number of persons, and is asked once: two
        // queries of ρ = 0.5 each, in the four groupings of two dimensions.
        for row in rows(&release, "t") {
            assert_eq!(row["persons"], row["rows"]);
        }
        let utility = &release.manifest().tables[0].utility;
        let wanted = match distribution {
            // σ² = 4 · 1² / (2 · 0.5); of hundredths up to 30 000.
            "gaussian" => [2.0, 600.0],
            // 4 / √(2 · 0.5).
            _ => [4.0 * 2f64.sqrt(), 1_200.0 * 2f64.sqrt()],
        };
        for (name, wanted) in ["persons", "sum_income"].into_iter().zip(wanted) {
            let stated = utility[name].noise_deviation.unwrap();
            assert!((stated - wanted).abs() < 1e-9, "{name}: {stated}, {wanted}");
        }
        let large = |noise: Vec<f64>| -> Vec<f64> {
            let cells = rows(&release, "t").into_iter().zip(noise);
            cells
                .filter(|(row, _)| truth[&place(row, &DIMENSIONS)].len() > 100)
                .map(|(_, noise)| noise)
                .collect()
        };
        persons.extend(large(spread(&release, &truth, "persons", 1.0, |cell| {
            cell.len() as f64
        })));
        sums.extend(spread(&release, &truth, "sum_income", 100.0, clipped));
    }
    for noise in [persons, sums] {
        let n = noise.len() as f64;
        assert!(n >= 40.0);
        let mean = noise.iter().sum::<f64>() / n;
        let square = noise.iter().map(|noise| noise * noise).sum::<f64>() / n;
        // Four standard errors and more; a clipped outlier would be thousands.
        assert!(mean.abs() < 5.0 / n.sqrt(), "{mean}");
        assert!((0.3..3.0).contains(&square), "{square}");
        assert!(noise.iter().all(|noise| noise.abs() < 25.0));
    }
}

#[test]
fn a_mean_spends_on_its_sum_and_on_its_number_of_values() {
    let deviation = |measures: &str, clip: &str| {
        let noise = format!("rho = 1.2, distribution = 'gaussian', clip = {{ {clip} }}");
        let plan = rehearsal(BUDGET, &table("t", "'pay.town'", measures, &noise));
        let release_key = Arc::new(ReleaseKey::generate().unwrap());
        let release = released(&plan, &key(&plan), &register(6, 400, false), &release_key);
        let means: Vec<f64> = rows(&release, "t")
            .iter()
            .filter_map(|row| row.get("mean_income")?.as_deref()?.parse().ok())
            .collect();
        let utility = release.manifest().tables[0].utility.clone();
        let square = utility["persons"].noise_deviation.unwrap().powi(2);
        (
            square.round(),
            utility.get("mean_income").map(|mean| mean.noise_deviation),
            means,
        )
    };
    // Two groupings: σ² = 2 / 2ρ, rounded up. One query of 1.2, two of 0.6, three of 0.4.
    assert_eq!(deviation("{ persons = true }", "").0, 1.0);
    let sum = "{ persons = true }, { sum = 'pay.income' }";
    assert_eq!(deviation(sum, "sum_income = 900").0, 2.0);
    let mean = "{ persons = true }, { mean = 'pay.income' }";
    let (square, stated, means) = deviation(mean, "mean_income = 900");
    assert_eq!((square, stated), (3.0, Some(None)));
    assert!(means.len() >= 4 && means.iter().all(|mean| mean.is_finite()));
    // Clipped at 900, of which few have more; small cells are noise.
    let between = means.iter().filter(|mean| (300.0..700.0).contains(*mean));
    assert!(between.count() >= 3, "{means:?}");
    // A sum of the same contributions is the mean's own; of others it is not.
    let both = "{ persons = true }, { sum = 'pay.income' }, { mean = 'pay.income' }";
    assert_eq!(
        deviation(both, "sum_income = 900, mean_income = 900").0,
        3.0
    );
    assert_eq!(
        deviation(both, "sum_income = 800, mean_income = 900").0,
        4.0
    );
}

#[test]
fn counts_are_never_below_zero_and_a_mean_of_nobody_is_none() {
    let noise = "rho = 0.0001, distribution = 'gaussian', clip = { mean_income = 10 }";
    let measures = "{ persons = true }, { mean = 'pay.income' }";
    let plan = rehearsal(BUDGET, &table("t", BY, measures, noise));
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let release = released(&plan, &key(&plan), &register(9, 40, false), &release_key);
    let found = rows(&release, "t");
    let zeros = found
        .iter()
        .filter(|row| count(row, "persons") == 0)
        .count();
    assert!(zeros > 3 && zeros < found.len(), "{zeros}");
    let nothing = found.iter().filter(|row| row["mean_income"].is_none());
    assert!(nothing.clone().count() > 3);
    assert!(
        nothing
            .clone()
            .all(|row| row["mean_income_status"].as_deref() == Some("perturbed"))
    );
    let limits = &release.manifest().limits;
    assert!(
        limits
            .iter()
            .any(|line| line.starts_with("Noise: the plan's ρ bounds"))
    );
}

#[test]
fn a_base_that_is_folded_has_one_row_a_person() {
    let table = "[table.t]
from = 'pay'
base = { reduce = { income = 'sum' } }
by = []
sensitive = []
measures = [{ persons = true }, { sum = 'pay.income' }]
protect = { min_persons = 3, method = 'noise', noise = { rho = 1000, distribution = 'gaussian', clip = { sum_income = 50 } } }
";
    let plan = parse(&plan_text("many", "privacy_budget = 1000", table)).rehearsal();
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    // Three rows of 100 of one person, and others who have nothing: clipped by
    // person, and not by row.
    let mut csv = String::from("nr,income\n1,100\n1,100\n1,100\n");
    (2..50).for_each(|nr| csv += &format!("{nr},0\n"));
    let release = released(&plan, &key(&plan), &csv, &release_key);
    let row = &rows(&release, "t")[0];
    let sum: f64 = row["sum_income"].as_deref().unwrap().parse().unwrap();
    // Unclipped it would be 300, and clipped by row 150.
    assert!((sum - 50.0).abs() < 20.0, "{sum}");
    let (persons, deviation) = (
        count(row, "persons"),
        release.manifest().tables[0].utility["sum_income"].noise_deviation,
    );
    assert!((40..60).contains(&persons));
    // σ² = 5 000² / (2 · 500), of hundredths.
    assert_eq!(deviation, Some(25_000f64.sqrt() / 100.0));
}
