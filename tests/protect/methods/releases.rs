//! A release of each method, written in every format and read back.

use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::{Format, Inspection, Manifest, Release, ReleaseKey};
use std::sync::Arc;

use super::registers::{extracted, plan_text, protected, register};
use crate::support::{file, key, parse};

const ALL: &str = "{ persons = true }, { sum = 'pay.income' }, { mean = 'pay.income' }";

const METHODS: [(&str, &str); 3] = [
    (
        "{ persons = true }",
        "method = 'round', round = { base = 5, how = 'random' }",
    ),
    (ALL, "method = 'cell-key', p_percent = 10"),
    (
        ALL,
        "method = 'noise', noise = { rho = 0.5, distribution = 'gaussian', clip = { sum_income = 900, mean_income = 900 } }",
    ),
];

/// A rehearsal's release, for that may spend.
fn released(measures: &str, protect: &str) -> Release {
    let table = format!(
        "[table.t]\nfrom = 'pay'\nby = ['pay.town', 'pay.kind']\nmargins = true\nsensitive = []\nmeasures = [{measures}]\nprotect = {{ min_persons = 3, {protect} }}"
    );
    let plan = parse(&plan_text("one", "privacy_budget = 1", &table)).rehearsal();
    let folder = tempfile::tempdir().unwrap();
    let settings = "[counts]\nreach = 3\nvariance = 1.0\n[sums]\nreach = 3\nvariance = 1.0\nflex = { point = 500, small = 0.5, large = 0.1, power = 3 }\n";
    let perturbation = Perturbation::read(file(folder.path(), "p.toml", settings)).unwrap();
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let extract = extracted(&plan, &key(&plan), &register(12, 250, false));
    let protection = Protection::new(release_key.clone()).perturbation(perturbation);
    let tables = protected(&plan, extract, protection).unwrap();
    tables.release().unwrap()
}

#[test]
fn files_hold_what_was_released() {
    for (measures, protect) in METHODS {
        let release = released(measures, protect);
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("release");
        release.write(&folder, &Format::ALL).unwrap();
        let read = Manifest::read(folder.join("manifest.json")).unwrap();
        assert_eq!(read.to_json(), release.manifest().to_json());
        let cells = release.table("t").unwrap().num_rows() as u64;
        for name in ["t.arrow", "t.parquet"] {
            let inspection = Inspection::read(folder.join(name)).unwrap();
            assert_eq!(inspection.rows, cells);
            let types: Vec<&str> = inspection
                .columns
                .iter()
                .filter(|(name, _)| {
                    ["persons", "sum_income", "mean_income"].contains(&name.as_str())
                })
                .map(|(_, kind)| kind.as_str())
                .collect();
            let all = ["UInt64", "Decimal128(38, 2)", "Float64"];
            assert_eq!(types, all[..types.len()], "the types that suppression has");
            assert_eq!(types.len(), measures.matches('{').count());
        }
        let text = std::fs::read_to_string(folder.join("t.csv")).unwrap();
        let lines = text.lines().skip(1);
        let written: Vec<Vec<String>> = lines
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect();
        let rows = release.rows("t").unwrap();
        let rows: Vec<Vec<String>> = rows
            .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
            .collect();
        assert_eq!(written, rows);
        let statuses = &read.tables[0].statuses;
        assert_eq!(statuses["persons"]["perturbed"], cells);
        // Only the cell-key method has cells without a figure, and not of counts.
        let suppressed = statuses
            .values()
            .any(|counts| counts.contains_key("suppressed"));
        assert_eq!(suppressed, protect.contains("cell-key"));
        assert_eq!(
            read.perturbation_check.is_some(),
            protect.contains("cell-key")
        );
        for (measure, utility) in &read.tables[0].utility {
            let without = statuses[measure].get("suppressed").copied().unwrap_or(0);
            assert_eq!(utility.survived + without, utility.cells);
        }
    }
}
