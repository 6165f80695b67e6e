//! All methods side by side: held against what each does by itself.

use kobling::protect::perturbation::Perturbation;
use kobling::protect::utility::Utility;
use kobling::protect::{Comparison, Protection};
use kobling::{Ledger, Linkage, Plan, ReleaseKey};
use std::sync::Arc;

use super::registers::{extracted, plan_text, protected, register};
use crate::support::{change, file, key, parse};

fn plan(measures: &str, protect: &str) -> Plan {
    parse(&plan_text("one", "", &table(measures, protect)))
}

fn table(measures: &str, protect: &str) -> String {
    format!(
        "[table.t]
from = 'pay'
by = ['pay.town', 'pay.kind']
margins = true
sensitive = []
measures = [{measures}]
protect = {{ min_persons = 3, {protect} }}
"
    )
}

fn comparison(plan: &Plan, csv: &str, protection: Protection) -> Comparison {
    let extract = extracted(plan, &key(plan), csv);
    let linkage = Linkage::new(plan, [extract]).unwrap();
    linkage.compare(protection).unwrap()
}

/// What a method makes of the only table's first measure, or why it does not fit.
fn first<'a>(comparison: &'a Comparison, method: &str) -> Result<&'a Utility, String> {
    let mut methods = comparison.methods.iter();
    let found = methods.find(|compared| compared.method == method).unwrap();
    match &found.tables {
        Ok(tables) => Ok(&tables[0].1[0]),
        Err(reason) => Err(reason.to_string()),
    }
}

#[test]
fn each_method_is_worth_what_it_is_by_itself() {
    let csv = register(5, 90, false);
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let suppress = plan("{ persons = true }", "method = 'suppress'");
    let compared = comparison(&suppress, &csv, Protection::new(release_key.clone()));
    assert_eq!(compared.methods.len(), 7);

    let alone = |protect: &str| {
        let plan = plan("{ persons = true }", protect);
        let extract = extracted(&plan, &key(&plan), &csv);
        let protected = protected(&plan, extract, Protection::new(release_key.clone())).unwrap();
        protected.utility("t").unwrap()[0].clone()
    };
    for (method, protect) in [
        ("suppress", "method = 'suppress'"),
        (
            "round, nearest",
            "method = 'round', round = { base = 5, how = 'nearest' }",
        ),
        (
            "round, small-count",
            "method = 'round', round = { base = 5, how = 'small-count' }",
        ),
    ] {
        assert_eq!(first(&compared, method), Ok(&alone(protect)), "{method}");
    }

    let suppressed = first(&compared, "suppress").unwrap();
    assert!(suppressed.risk.unsafe_cells > 0);
    assert_eq!((suppressed.risk.published, suppressed.risk.exact), (0, 0));
    assert_eq!(suppressed.average_distance, 0.0);
    assert!(suppressed.survival.survived < suppressed.survival.cells);

    let rounded = first(&compared, "round, nearest").unwrap();
    assert_eq!(rounded.survival.survived, rounded.survival.cells);
    assert_eq!(rounded.risk.unsafe_cells, suppressed.risk.unsafe_cells);
    assert_eq!(rounded.risk.published, rounded.risk.unsafe_cells);
    assert_eq!(rounded.risk.exact, 0, "1 and 2 are no multiples of 5");

    let [little, more] = ["noise, ρ = 1.0", "noise, ρ = 0.1"].map(|name| first(&compared, name));
    let [little, more] = [little.unwrap(), more.unwrap()];
    assert!(little.average_distance < more.average_distance);
}

#[test]
fn what_does_not_fit_says_why() {
    let csv = register(5, 90, false);
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let measures = "{ sum = 'pay.income' }";
    let rules = "p_percent = 10, method = 'suppress'";
    let sums = plan(measures, rules);
    let compared = comparison(&sums, &csv, Protection::new(release_key.clone()));
    first(&compared, "suppress").unwrap();
    for (method, words) in [
        ("cell-key", "needs a perturbation file"),
        ("round, random", "table.t"),
        (
            "noise, ρ = 0.1",
            "needs a bound on what one person contributes",
        ),
    ] {
        let reason = first(&compared, method).unwrap_err();
        assert!(reason.contains(words), "{method}: {reason}");
    }

    let folder = tempfile::tempdir().unwrap();
    let perturbation = "[counts]\nreach = 3\nvariance = 1.0\n[sums]\nreach = 3\nvariance = 1.0\nflex = { point = 1000, small = 0.3, large = 0.05, power = 3 }\n";
    let path = file(folder.path(), "perturbation.toml", perturbation);
    let protection =
        Protection::new(release_key.clone()).perturbation(Perturbation::read(path).unwrap());
    let compared = comparison(&sums, &csv, protection);
    let noisy = first(&compared, "cell-key").unwrap();
    assert!(noisy.average_distance > 0.0);
    assert_eq!(
        noisy.risk.published, 0,
        "unsafe sums are suppressed as well"
    );
}

#[test]
fn a_method_that_would_list_too_many_cells_is_compared_with_those_that_fit() {
    // 2 100 towns and as many kinds: 4.4 million combinations.
    let names = |letter: &str, from: usize| -> String {
        let names = (from..2_100).map(|at| format!("{letter}{at} = '{letter}{at}'"));
        names.collect::<Vec<_>>().join(", ")
    };
    let suppress = plan_text(
        "one",
        "",
        &table("{ persons = true }", "method = 'suppress'"),
    );
    let suppress = change(&suppress, "t4 = 't4'", &names("t", 4));
    let suppress = parse(&change(&suppress, "k2 = 'k2'", &names("k", 2)));
    let csv = register(5, 90, false);
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let compared = comparison(&suppress, &csv, Protection::new(release_key.clone()));
    first(&compared, "suppress").unwrap();
    for method in ["round, random", "noise, ρ = 0.1"] {
        let reason = first(&compared, method).unwrap_err();
        assert!(reason.contains("combinations of categories"), "{reason}");
    }
}

#[test]
fn what_a_ledger_has_spent_does_not_keep_noise_from_being_tried() {
    let folder = tempfile::tempdir().unwrap();
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let table = "[table.t]
from = 'pay'
by = ['pay.town', 'pay.kind']
margins = true
sensitive = []
measures = [{ persons = true }]
protect = { min_persons = 3, method = 'noise', noise = { rho = 0.9, distribution = 'laplace' } }
";
    let plan = parse(&plan_text("one", "privacy_budget = 1.0", table));
    let domain = key(&plan);
    let csv = register(5, 90, false);
    let protection = || {
        let ledger = Ledger::open(folder.path().join("ledger.jsonl"), &plan, &release_key);
        Protection::new(release_key.clone()).ledger(ledger.unwrap())
    };
    let released = protected(&plan, extracted(&plan, &domain, &csv), protection());
    released.unwrap().release().unwrap();

    let linkage = Linkage::new(&plan, [extracted(&plan, &domain, &csv)]).unwrap();
    let compared = linkage.compare(protection()).unwrap();
    first(&compared, "noise, ρ = 0.1").unwrap();
    let reason = first(&compared, "round, nearest").unwrap_err();
    assert!(reason.contains("release 1 of the ledger"), "{reason}");
    let ledger = Ledger::open(folder.path().join("ledger.jsonl"), &plan, &release_key);
    assert_eq!(ledger.unwrap().entries().len(), 1, "a trial is no release");
}
