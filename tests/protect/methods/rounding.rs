//! Rounding: each figure is what the definition says, and what should add up does.

use std::collections::BTreeMap;
use std::sync::Arc;

use kobling::ReleaseKey;
use kobling::protect::Protection;
use kobling::sdc::rounding::Base;
use proptest::prelude::*;

use super::registers::{Row, count, extracted, place, plan_of, protected, register, rows};
use super::twin::{At, Keyed, by_person, cells, paid};
use crate::support::key;

/// A table of numbers of persons and of rows, with all totals.
fn table(name: &str, by: &str, measures: &str, base: u64, how: &str) -> String {
    format!(
        "[table.{name}]
from = 'pay'
by = [{by}]
sensitive = []
measures = [{measures}]
margins = true
protect = {{ min_persons = 3, method = 'round', round = {{ base = {base}, how = '{how}' }} }}
"
    )
}

const BOTH: &str = "{ persons = true }, { rows = true }";

/// The figures of a measure by place.
fn figures(rows: &[Row], dimensions: &[&str], measure: &str) -> BTreeMap<At, u64> {
    let figures = rows.iter();
    figures
        .map(|row| (place(row, dimensions), count(row, measure)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn counts_are_rounded_as_defined(
        seed in 0..1_000u64,
        persons in 100..200u64,
        many: bool,
        random: bool,
        base in 3..12u64,
    ) {
        let dimensions = ["town", "kind"];
        let how = if random { "random" } else { "nearest" };
        let tables = table("t", "'pay.town', 'pay.kind'", BOTH, base, how);
        let plan = plan_of(if many { "many" } else { "one" }, &tables);
        let extract = extracted(&plan, &key(&plan), &register(seed, persons, many));
        let paid = paid(&extract);
        let release_key = Arc::new(ReleaseKey::generate().unwrap());
        let keyed = Keyed::of(&release_key);
        let release = protected(&plan, extract, Protection::new(release_key.clone())).unwrap();
        let release = release.release().unwrap();
        let found = rows(&release, "t");
        let cells = cells(&paid, &dimensions, true);
        prop_assert_eq!(found.len(), cells.len());
        let rule = Base::new(base).unwrap();
        for row in &found {
            let cell = &cells[&place(row, &dimensions)];
            let owners = by_person(cell);
            let rounded = |value: usize, key: u64| -> u64 {
                let value = value as i128;
                let rounded = match random {
                    true => rule.random(value, key),
                    false => rule.nearest(value),
                };
                rounded.unwrap() as u64
            };
            let label = b"rounding key";
            let of_persons = keyed.cell(label, b"persons", owners.keys(), owners.len() as u64);
            prop_assert_eq!(count(row, "persons"), rounded(owners.len(), of_persons));
            prop_assert_eq!(count(row, "rows"), rounded(cell.len(), keyed.rows(label, cell)));
            if !many {
                prop_assert_eq!(&row["persons"], &row["rows"]);
            }
        }
    }

    /// Over all tables about the same rows: what is published adds up, no number
    /// is small, and those who have no part in a small one are as they were.
    #[test]
    fn small_counts_vanish_and_everything_adds_up(
        seed in 0..1_000u64,
        // Of fewer persons it would be a list of them.
        persons in 60..150u64,
        many: bool,
        base in 3..8u64,
    ) {
        let measures = if many { "{ rows = true }" } else { BOTH };
        let tables = table("both", "'pay.town', 'pay.kind'", measures, base, "small-count")
            + &table("towns", "'pay.town'", "{ rows = true }", base, "small-count");
        let plan = plan_of(if many { "many" } else { "one" }, &tables);
        let extract = extracted(&plan, &key(&plan), &register(seed, persons, many));
        let truth = cells(&paid(&extract), &["town", "kind"], true);
        let release_key = Arc::new(ReleaseKey::generate().unwrap());
        let protected = protected(&plan, extract, Protection::new(release_key.clone())).unwrap();
        let release = protected.release().unwrap();
        let found = rows(&release, "both");
        let both = figures(&found, &["town", "kind"], "rows");
        prop_assert_eq!(both.len(), truth.len());
        for (at, figure) in &both {
            prop_assert!(*figure == 0 || *figure >= base, "{figure}");
            if truth[at].is_empty() {
                prop_assert_eq!(*figure, 0);
            }
            // A total is the sum of its parts.
            let total = |level: &str| level == "total";
            let inside = |part: &At| part.iter().zip(at).all(|((level, label), (own, wanted))| {
                !total(level) && (total(own) || label == wanted)
            });
            let parts: u64 = both.iter().filter(|(part, _)| inside(part)).map(|(_, n)| n).sum();
            prop_assert_eq!(*figure, parts);
        }
        if !many {
            for row in &found {
                prop_assert_eq!(&row["persons"], &row["rows"]);
            }
        }
        for (at, figure) in figures(&rows(&release, "towns"), &["town"], "rows") {
            let mut whole = at.clone();
            whole.push(("total".to_owned(), None));
            prop_assert_eq!(figure, both[&whole], "the other table has the same figure");
        }
        // Nothing small: nothing changes.
        let least = truth.values().map(Vec::len).filter(|n| *n > 0).min().unwrap() as u64;
        if least >= base {
            for (at, figure) in &both {
                prop_assert_eq!(*figure, truth[at].len() as u64);
            }
        }
    }
}

#[test]
fn the_same_cell_is_rounded_alike_everywhere() {
    let tables = table("both", "'pay.town', 'pay.kind'", BOTH, 5, "random")
        + &table("kinds", "'pay.kind'", "{ persons = true }", 5, "random");
    let plan = plan_of("many", &tables);
    let (domain_key, csv) = (key(&plan), register(7, 200, true));
    let [one, another] = [(); 2].map(|()| Arc::new(ReleaseKey::generate().unwrap()));
    let released = |key: &Arc<ReleaseKey>| {
        let extract = extracted(&plan, &domain_key, &csv);
        let protected = protected(&plan, extract, Protection::new(key.clone())).unwrap();
        protected.release().unwrap()
    };
    let (first, again, other) = (released(&one), released(&one), released(&another));
    assert_eq!(rows(&first, "both"), rows(&again, "both"));
    assert_ne!(rows(&first, "both"), rows(&other, "both"));
    let both = figures(&rows(&first, "both"), &["town", "kind"], "persons");
    for (at, figure) in figures(&rows(&first, "kinds"), &["kind"], "persons") {
        let mut whole = vec![("total".to_owned(), None)];
        whole.extend(at);
        assert_eq!(both[&whole], figure);
    }
}

#[test]
fn the_manifest_states_the_deviation_and_the_limits() {
    let manifest = |how: &str| {
        let plan = plan_of(
            "one",
            &table("t", "'pay.town'", "{ persons = true }", 5, how),
        );
        let extract = extracted(&plan, &key(&plan), &register(3, 100, false));
        let release_key = Arc::new(ReleaseKey::generate().unwrap());
        let protected = protected(&plan, extract, Protection::new(release_key.clone())).unwrap();
        assert_eq!(protected.spent(), None);
        protected.release().unwrap().manifest().clone()
    };
    for (how, deviation, limit) in [
        ("random", Some(4.0), "Random rounding: tables do not add up"),
        ("nearest", Some(2.0), "Rounding to the nearest"),
        ("small-count", None, "Small-count rounding"),
    ] {
        let manifest = manifest(how);
        let utility = &manifest.tables[0].utility["persons"];
        assert_eq!(utility.survived, utility.cells);
        let square = utility
            .noise_deviation
            .map(|deviation| deviation * deviation);
        assert_eq!(square.map(|square| (square * 1e9).round() / 1e9), deviation);
        assert!(manifest.limits.iter().any(|line| line.starts_with(limit)));
        assert!(
            !manifest
                .limits
                .iter()
                .any(|line| line.starts_with("Suppression"))
        );
        assert!(manifest.audits.is_empty() && manifest.perturbation_check.is_none());
        assert_eq!(
            manifest.tables[0].statuses["persons"]["perturbed"],
            utility.cells
        );
    }
}
