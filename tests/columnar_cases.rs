//! Small registers as offices hold them, in `tests/cases`: each was once read
//! wrongly without a word, or refused without help.
//!
//! Everybody in them is made up.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kobling::{Extract, Format, Plan, Result, Rows};
use support::{key, release};

/// A file of a case.
fn case(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(path)
}

/// The plan of a case, changed if `change` says so.
fn plan(path: &str, change: impl Fn(String) -> String) -> Plan {
    let text = std::fs::read_to_string(case(path)).expect("a plan");
    support::parse(&change(text))
}

/// The plan of a case as it is.
fn plan_as_it_is(path: &str) -> Plan {
    plan(path, |text| text)
}

/// The extracts of registers of `plan`, all under one key.
fn extracts(plan: &Plan, registers: &[(&str, &str)]) -> Result<Vec<Extract>> {
    let key = key(plan);
    let extract = |(source, file): &(&str, &str)| {
        let rows = Rows::open(plan, source, &[case(file)])?;
        rows.identify()?.pseudonymise(&key)
    };
    registers.iter().map(extract).collect()
}

/// The table `t` of these registers, without its header and statuses.
fn table(plan: &Plan, registers: &[(&str, &str)]) -> Result<Vec<String>> {
    let release = release(plan, extracts(plan, registers)?)?;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("release");
    release.write(&folder, &[Format::Csv])?;
    let text = std::fs::read_to_string(folder.join("t.csv")).expect("a table");
    let figures = text.lines().skip(1).map(|line| {
        let fields = line.split(',');
        let fields = fields.filter(|field| !matches!(*field, "safe" | "zero"));
        fields.collect::<Vec<_>>().join(" ")
    });
    Ok(figures.collect())
}

/// How many rows of a register stay behind, by reason.
fn quarantined(plan: &Plan, source: &str, file: &str) -> BTreeMap<String, u64> {
    let rows = Rows::open(plan, source, &[case(file)]).expect("a register");
    let report = rows.exact_identifier_report().expect("a report");
    let rows = report.quarantined.into_iter();
    rows.map(|(reason, rows)| (reason, rows.get().expect("an exact count")))
        .collect()
}

// ---- floats ----

#[test]
fn a_float_that_cannot_hold_an_identifier_identifies_nobody() {
    for (plan, file, rows) in [
        ("plan.toml", "folk.parquet", 60),
        ("plan-number.toml", "folk-number.parquet", 60),
        ("plan-number.toml", "folk-double.parquet", 60),
    ] {
        let plan = plan_as_it_is(&format!("float-identifiers/{plan}"));
        let reasons = quarantined(&plan, "folk", &format!("float-identifiers/{file}"));
        let imprecise = [("imprecise".to_owned(), rows)].into();
        assert_eq!(reasons, imprecise, "{file}");
    }
}

#[test]
fn noise_in_the_last_digits_of_a_float_is_no_decimal() {
    for name in ["plan.toml", "plan-missing.toml"] {
        let plan = plan_as_it_is(&format!("float-noise/{name}"));
        let table = table(&plan, &[("folk", "float-noise/folk.parquet")]).expect("a table");
        let sum = |row: &String| {
            let sum = row.split(' ').nth(2).expect("a sum");
            sum.parse::<f64>().expect("a number")
        };
        assert_eq!(table.iter().map(sum).sum::<f64>(), 195.0, "{table:?}");
    }
}
