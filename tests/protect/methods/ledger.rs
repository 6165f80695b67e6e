//! Methods and the ledger: a budget that is spent once, and no two methods on the same rows.

use kobling::{ErrorKind, Plan};

use super::registers::{plan_text, register, rows};
use crate::support::desk::Desk;
use crate::support::{parse, refusal};

fn plan(by: &str, protect: &str) -> Plan {
    let table = format!(
        "[table.t]
from = 'pay'
by = ['{by}']
sensitive = []
measures = [{{ persons = true }}]
protect = {{ min_persons = 3, {protect} }}
"
    );
    parse(&plan_text("one", "privacy_budget = 1.0", &table))
}

const SUPPRESS: &str = "method = 'suppress'";
const NOISE: &str = "method = 'noise', noise = { rho = 0.4, distribution = 'gaussian' }";
const NEAREST: &str = "method = 'round', round = { base = 5, how = 'nearest' }";

#[test]
fn a_budget_is_spent_and_then_exhausted() {
    let desk = Desk::new();
    let plan = plan("pay.town", NOISE);
    for (month, left) in [(1, 0.6), (2, 0.2)] {
        let release = desk.release(&plan, &register(month, 60, false)).unwrap();
        assert_eq!(release.manifest().ledger.as_ref().unwrap().entry, month);
        let spent = desk.ledger(&plan).spent();
        assert_eq!(spent, 1_000_000_000 - (left * 1e9) as u64);
    }
    let error = refusal(desk.release(&plan, &register(3, 60, false)));
    assert_eq!(error.kind(), ErrorKind::Protection);
    assert_eq!(
        error.rule(),
        "noise: the release needs more than is left of the privacy budget"
    );
    // What was refused spent nothing.
    assert_eq!(desk.ledger(&plan).entries().len(), 2);
}

/// That figures of two releases are equal would disclose, outside of ρ, that nothing changed
/// between them, and so would the digests of the extracts.
#[test]
fn every_release_has_noise_of_its_own() {
    let desk = Desk::new();
    let plan = plan("pay.town", NOISE);
    let csv = register(1, 400, false);
    let releases = [(); 2].map(|()| desk.release(&plan, &csv).unwrap());
    let figures = releases.each_ref().map(|release| rows(release, "t"));
    assert!(figures[0].len() > 3, "{figures:?}");
    assert_ne!(figures[0], figures[1]);
    for release in &releases {
        let mut inputs = release.manifest().inputs.iter();
        assert!(inputs.all(|input| input.content.is_none()));
    }
    let ledger = desk.ledger(&plan);
    let extracts = ledger.entries().iter();
    let extracts: Vec<_> = extracts.map(|entry| &entry.release.extracts).collect();
    assert_eq!(extracts[0].len(), 1);
    assert_eq!(extracts[0], extracts[1]);
}

#[test]
fn what_is_protected_and_not_released_spends_nothing() {
    let desk = Desk::new();
    let plan = plan("pay.town", NOISE);
    let protection = desk.protection().ledger(desk.ledger(&plan));
    let tables = desk.tables(&plan, &register(1, 60, false), protection);
    drop(tables.unwrap().protect().unwrap());
    assert_eq!(desk.ledger(&plan).spent(), 0);
}

#[test]
fn the_same_rows_have_one_method_in_all_releases() {
    for (first, second) in [
        (SUPPRESS, NEAREST),
        (NOISE, SUPPRESS),
        (NEAREST, NOISE),
        (SUPPRESS, NOISE),
        // Two bases narrow a figure, as two methods do.
        (
            NEAREST,
            "method = 'round', round = { base = 7, how = 'nearest' }",
        ),
        (
            NEAREST,
            "method = 'round', round = { base = 5, how = 'random' }",
        ),
    ] {
        let desk = Desk::new();
        let csv = register(1, 60, false);
        desk.release(&plan("pay.town", first), &csv).unwrap();
        // By another dimension, but of the same persons.
        let error = refusal(desk.release(&plan("pay.kind", second), &csv));
        assert_eq!(error.kind(), ErrorKind::Protection);
        assert!(
            error.to_string().starts_with(
                "table t: release 1 of the ledger has figures of the same rows by the method"
            ),
            "{error}"
        );
        // Of other rows it may be another method.
        let others = register(7, 80, false);
        desk.release(&plan("pay.kind", second), &others).unwrap();
    }
}

#[test]
fn a_perturbed_figure_is_not_in_the_ledger() {
    let desk = Desk::new();
    let plan = plan("pay.town", NEAREST);
    desk.release(&plan, &register(1, 60, false)).unwrap();
    let ledger = desk.ledger(&plan);
    let table = &ledger.entries()[0].release.tables[0];
    assert_eq!(table.method, "round, nearest, base 5");
    for cell in &table.cells {
        assert_eq!(cell.figures, [kobling::ledger::entry::Figure::Perturbed]);
        assert_eq!(cell.persons, None);
    }
}
