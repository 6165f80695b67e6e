//! Small registers as offices hold them, in `tests/cases`: each was once read
//! wrongly without a word, or refused without help.
//!
//! Everybody in them is made up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{key, refusal, release};
use kobling::{Extract, Format, Plan, Result, Rows};

use crate::support;

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
    for (plan, file) in [
        ("plan.toml", "folk.parquet"),
        ("plan-number.toml", "folk-number.parquet"),
        ("plan-number.toml", "folk-double.parquet"),
    ] {
        let plan = plan_as_it_is(&format!("float-identifiers/{plan}"));
        let reasons = quarantined(&plan, "folk", &format!("float-identifiers/{file}"));
        let reasons: Vec<&str> = reasons.keys().map(String::as_str).collect();
        assert_eq!(reasons, ["imprecise"], "{file}");
        let file = format!("float-identifiers/{file}");
        let refused = refusal(extracts(&plan, &[("folk", &file)])).to_string();
        assert!(
            refused.contains("a number whose last digits a float or a spreadsheet lost"),
            "{refused}"
        );
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

// ---- points in time ----

#[test]
fn a_day_is_a_day_in_a_zone() {
    let stated = |zone: &str| {
        plan("midnights/plan.toml", |text| {
            let format = format!("[source.folk]\nformat = {{ time_zone = \"{zone}\" }}");
            support::change(&text, "[source.folk]", &format)
        })
    };
    let unstated = plan_as_it_is("midnights/plan.toml");
    let years = |plan: &Plan, file: &str| {
        let table = table(plan, &[("folk", &format!("midnights/{file}.parquet"))])?;
        let there = table.into_iter().filter(|row| !row.ends_with(" 0"));
        Ok::<_, kobling::Error>(there.collect::<Vec<_>>())
    };
    let in_oslo = ["2020 30", "2021+ 30"].map(str::to_owned);
    for file in ["folk", "folk-utc", "folk-oslo", "folk-naive"] {
        let found = years(&stated("Europe/Oslo"), file).expect("a table");
        assert_eq!(found, in_oslo, "{file}");
    }
    // Local time has no zone, and this file states one.
    for file in ["folk-naive", "folk-oslo"] {
        assert_eq!(years(&unstated, file).expect("a table"), in_oslo, "{file}");
    }
    // An instant in universal time states none.
    for file in ["folk", "folk-utc"] {
        let refused = refusal(years(&unstated, file)).to_string();
        let help = "format = { time_zone = \"Europe/Oslo\" }";
        assert!(
            refused.contains("column k") && refused.contains(help),
            "{refused}"
        );
        let found = years(&stated("UTC"), file).expect("a table");
        assert_eq!(
            found,
            ["2019", "2020"].map(|year| format!("{year} 30")),
            "{file}"
        );
    }
}

// ---- placeholders ----

#[test]
fn a_placeholder_for_no_number_is_nobody() {
    let registers = [("a", "placeholders/a.csv"), ("b", "placeholders/b.csv")];
    let listed = plan("placeholders/plan.toml", |text| {
        text.replace(
            "type = \"text\" }",
            "type = \"text\", missing = [\"NULL\", \"UKJENT\", \"-\"] }",
        )
    });
    let sums = |plan: &Plan| table(plan, &registers).expect("a table");
    let sum = |table: &[String], name: &str| {
        let row = table.iter().find(|row| row.starts_with(name));
        let sum = row.expect("a row").rsplit(' ').next();
        sum.expect("a sum").to_owned()
    };
    let found = sums(&listed);
    assert_eq!(sum(&found, "vest"), "2000", "{found:?}");
    assert_eq!(sum(&found, "øst"), "2000", "{found:?}");
    // Where they are not listed, how often they occur is reported.
    let unlisted = plan_as_it_is("placeholders/plan.toml");
    let rows = Rows::open(&unlisted, "a", &[case("placeholders/a.csv")]).expect("a register");
    let report = rows.exact_identifier_report().expect("a report");
    assert_eq!(report.most_frequent.get(), Some(6));
}

#[test]
fn repeated_digits_are_nobody() {
    for (name, file, rows) in [
        ("plan-nhs.toml", "nhs.csv", 10),
        ("plan-org.toml", "org.csv", 3),
    ] {
        let plan = plan_as_it_is(&format!("placeholders/{name}"));
        let found = quarantined(&plan, "a", &format!("placeholders/{file}"));
        assert_eq!(found.values().sum::<u64>(), rows, "{found:?}");
        let registers = [("a", format!("placeholders/{file}"))];
        let registers = registers
            .each_ref()
            .map(|(source, file)| (*source, file.as_str()));
        let refused = refusal(extracts(&plan, &registers)).to_string();
        assert!(refused.contains("identifies nobody"), "{refused}");
        assert!(
            refused.contains("a number that is never issued"),
            "{refused}"
        );
    }
}

// ---- what leaves the agency ----

#[test]
fn a_row_that_the_plan_calls_missing_does_not_leave_the_agency() {
    let rows = |plan: &Plan| {
        let rows = Rows::open(plan, "folk", &[case("keep-and-missing/folk.csv")]);
        rows.and_then(Rows::identify).expect("a register")
    };
    let present = rows(&plan_as_it_is("keep-and-missing/plan.toml"));
    assert_eq!(present.rows_filtered(), 20);
    assert_eq!(present.rows_read(), present.rows() + 20);
    let at_least = rows(&plan_as_it_is("keep-and-missing/plan-number.toml"));
    assert!(at_least.rows() > 0 && at_least.rows_filtered() >= 20);
    // The reverse: only rows without a value.
    let absent = plan("keep-and-missing/plan.toml", |text| {
        support::change(&text, "present = true", "present = false")
    });
    assert_eq!(rows(&absent).rows(), 20);
}

// ---- what a file costs ----

#[test]
fn a_header_that_claims_what_is_not_there_is_refused_at_once() {
    let file = case("parquet-that-takes-hours/hang.parquet");
    let begun = std::time::Instant::now();
    let plan = plan_as_it_is("float-identifiers/plan-number.toml");
    let refused = refusal(Extract::read(&plan, &file)).to_string();
    assert!(refused.contains("another format version"), "{refused}");
    assert!(kobling::Inspection::read(&file).is_err());
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn keep_sees_a_column_as_its_steps_leave_it() {
    let kept = |recipe: &str, keep: &str, values: &[&str]| {
        let plan = support::column::plan(recipe, keep);
        let values = arrow_array::StringArray::from(values.to_vec());
        let extract = support::column::extract(&plan, support::array(values));
        extract.map(|extract| extract.rows())
    };
    // A date in the plan's format.
    let dates = "type = \"date\"\nformat = \"DD.MM.YYYY\"";
    let since = "{ column = \"v\", at_least = 2020-01-01 }";
    let days = ["31.12.2019", "01.01.2020", "02.01.2020"];
    assert_eq!(kept(dates, since, &days).ok(), Some(2));
    let refused = refusal(kept(dates, since, &["2020-01-01"])).to_string();
    assert!(refused.contains("in the plan's format"), "{refused}");
    // What cannot be read, where the plan says that it is missing then.
    let present = "{ column = \"v\", present = true }";
    let lenient = "type = \"integer\"\ninvalid = \"missing\"";
    let numbers = ["1", "many", "", "5"];
    assert_eq!(kept(lenient, present, &numbers).ok(), Some(2));
    let above = "{ column = \"v\", at_least = 4 }";
    assert_eq!(kept(lenient, above, &numbers).ok(), Some(1));
    assert!(kept("type = \"integer\"", above, &numbers).is_err());
    // What the map has no place for is not present by being called something.
    let map = "type = \"category\"\nmap = { a = \"b\" }\ninvalid = \"missing\"\nabsent = \"none\"";
    assert_eq!(kept(map, present, &["a", "c", ""]).ok(), Some(1));
    // Names are compared in Unicode's canonical composition.
    let name = "{ column = \"v\", equals = \"\u{c5}\" }";
    let spelt = ["\u{c5}", "A\u{30a}", "\u{212b}", "A"];
    assert_eq!(kept("type = \"category\"", name, &spelt).ok(), Some(3));
}

#[test]
fn keep_sees_numbers_in_text_as_they_are_read() {
    use arrow_array::Float64Array;
    let comma = "[source.reg.format]\ndecimal = \",\"";
    let kept = |recipe: &str, keep: &str, values: arrow_array::ArrayRef| {
        let plan = support::column::plan(recipe, &format!("{{ column = \"v\", {keep} }}"));
        support::column::extract(&plan, values).map(|extract| extract.rows())
    };
    let texts = support::column::texts;
    // 9 999,0 is listed, in whatever way it is written; a name is listed as it is written.
    let missing = "type = \"decimal\"\nscale = 1\nmissing = [9999, \"UKJENT\"]";
    let missing = format!("{missing}\n{comma}");
    let written = ["1,5", "9999", "9.999,0", "9 999", "UKJENT", "12.000,5", ""];
    assert_eq!(
        kept(&missing, "present = true", texts(&written)).ok(),
        Some(2)
    );
    assert_eq!(
        kept(&missing, "present = false", texts(&written)).ok(),
        Some(5)
    );
    assert_eq!(
        kept(&missing, "at_least = 2", texts(&written)).ok(),
        Some(1)
    );
    // A number with two readings is not passed over, though what cannot be read is.
    let lenient = "type = \"decimal\"\nscale = 1\ninvalid = \"missing\"";
    for keep in ["present = true", "present = false", "at_least = 2"] {
        let refused = refusal(kept(lenient, keep, texts(&["1.5", "many", "2,5"])));
        assert!(refused.rule().contains("two readings"), "{refused}");
        assert_eq!((refused.column(), refused.row()), (Some("v"), Some(3)));
    }
    // What the plan says of text says nothing of floats: 1.234 is no thousand.
    let floats = support::array(Float64Array::from(vec![1.234, 1234.0]));
    let decimal = format!("type = \"decimal\"\nscale = 3\n{comma}");
    assert_eq!(kept(&decimal, "at_least = 1000", floats).ok(), Some(1));
}

#[test]
fn what_is_listed_as_no_identifier_may_be_guarded_from_spreadsheets() {
    let recipe = "type = \"integer\"";
    let plan = |kind: &str, missing: &str| {
        let identifier = format!("type = \"{kind}\", missing = {missing} }}");
        support::column::change_plan(recipe, "", |text| {
            support::change(text, "type = \"number\" }", &identifier)
        })
    };
    let missing = |kind: &str, listed: &str| {
        let plan = plan(kind, listed);
        let numbers = ["12345", "99999", "'99999", "=\"99999\"", "9.9999e+04"];
        let batch = support::batch(vec![
            ("nr", support::column::texts(&numbers)),
            ("v", support::column::texts(&["1"; 5])),
        ]);
        let rows = Rows::from_batches(&plan, "reg", [batch]).and_then(Rows::identify);
        let rows = rows.expect("a register");
        let missing: BTreeMap<_, _> = rows.quarantine().by_reason().collect();
        (rows.rows(), missing.get("missing").copied())
    };
    for listed in ["[\"99999\"]", "[99999]"] {
        assert_eq!(missing("number", listed), (1, Some(4)), "{listed}");
    }
    // In text such characters are a part of it.
    assert_eq!(missing("text", "[\"99999\"]"), (4, Some(1)));
}
