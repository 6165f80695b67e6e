//! Match rates by group, from the plan to the terminal, and the warning of biased linkage.
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{PLAN, change, file, parse, refusal};
use kobling::{ErrorKind, Manifest};
use serde_json::Value;

use crate::support;

/// Persons of a county.
const PERSONS: usize = 5000;

/// Counties 01 to 03 of 5,000 persons each, all, 9 of 10 and half of whom have an
/// income; and county 04, of the two persons that are left.
fn registers() -> [(&'static str, String); 3] {
    let mut population = String::from("nr,age,municipality\n");
    let mut tax = String::from("nr,wage\n");
    for nr in 0..3 * PERSONS + 2 {
        population += &format!("{nr},{},{:02}01\n", 20 + nr % 60, 1 + nr / PERSONS);
        let has_income = match nr / PERSONS {
            0 => true,
            1 => nr % 10 > 0,
            _ => nr % 2 > 0,
        };
        if has_income {
            tax += &format!("{nr},{}.50\n", 1000 + nr);
        }
    }
    let benefit = "nr,year,amount\n".to_owned();
    [
        ("population", population),
        ("tax", tax),
        ("benefit", benefit),
    ]
}

fn plan(margin: u32) -> String {
    let rates = format!("match_rates = {{ by = [\"population.county\"], margin = {margin} }}");
    change(
        PLAN,
        "[table.income.with.tax]",
        &format!("{rates}\n[table.income.with.tax]"),
    )
}

fn bench(margin: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "plan.toml", plan(margin));
    for (name, csv) in registers() {
        file(folder.path(), &format!("{name}.csv"), csv);
    }
    folder
}

fn run(folder: &Path, arguments: &str) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kobling"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("kobling starts");
    let text = |bytes| String::from_utf8(bytes).expect("kobling writes UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Whether a text shows the match rates: county 04 is too small, and hidden with the smallest
/// of the others, 01.
fn are_shown(text: &str) -> bool {
    let rates = text.split_once("  tax: about 80 % ");
    let rates = rates.and_then(|(_, tax)| tax.split_once("    by population.county\n"));
    let Some((_, rates)) = rates else {
        return false;
    };
    let starts = [
        "      02           90 % (",
        "      03           50 % (",
        "      all others  100 % (",
    ];
    let counts = [[4500, 5000], [2500, 5000], [5001, 5002]];
    let mut lines = rates.lines().zip(starts).zip(counts);
    lines.all(|((line, start), counts)| {
        let shown = line.strip_prefix(start).unwrap_or_default();
        let mut numbers = shown.split(|char: char| !char.is_ascii_digit());
        let mut is_near = |count: u64| {
            let number: Option<u64> = numbers.find_map(|number| number.parse().ok());
            number.is_some_and(|number| number.abs_diff(count) <= 80)
        };
        // Of the others so few are without a match that it may not be said how many.
        is_near(counts[0]) && (shown.contains("have none") || is_near(counts[1]))
    })
}

#[test]
fn loss_that_differs_is_a_warning_wherever_it_is_seen() {
    let folder = bench(20);
    let (code, stdout, stderr) = run(folder.path(), "rehearse plan.toml");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(are_shown(&stdout), "{stdout}");
    let warning = "table income: tax: linkage loses some groups of population.county more than \
                   others: 50 % of the rows of 03, but 10 % of 02, which is over the margin of 20 \
                   percentage points";
    assert!(stderr.contains(&format!("warning: {warning}")), "{stderr}");

    let manifest = "rehearsal/recipient/manifest.json";
    let (code, inspected, stderr) = run(folder.path(), &format!("inspect {manifest}"));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(are_shown(&inspected), "{inspected}");
    let read = inspected
        .split_once("source population: about ")
        .expect("the rows read")
        .1;
    let read: u64 = read
        .split(' ')
        .next()
        .and_then(|rows| rows.parse().ok())
        .expect("rows");
    assert!(read.abs_diff(15_002) <= 40 && inspected.contains(" kept, 0 filtered"));
    assert!(stderr.contains(warning), "{stderr}");

    // As JSON it is where it is about, and stderr is silent.
    let (_, json, stderr) = run(folder.path(), &format!("inspect --json {manifest}"));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (stderr.as_str(), &json["kind"]),
        ("", &Value::from("manifest"))
    );
    let by = &json["tables"][0]["look_ups"][1]["by"][0];
    assert_eq!(by["groups"][1]["group"], "03");
    assert_eq!(by["groups"][1]["match_rate"], 50);
    assert!(
        by["warning"]
            .as_str()
            .is_some_and(|text| warning.ends_with(text))
    );
    let (_, json, _) = run(folder.path(), "rehearse --json plan.toml");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let again = &json["release"]["tables"][0]["look_ups"][1]["by"][0];
    // By keys of its own.
    assert_eq!(again["warning"], by["warning"]);
}

#[test]
fn loss_within_the_margin_is_none() {
    let folder = bench(45);
    let (code, stdout, stderr) = run(folder.path(), "rehearse plan.toml");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("by population.county"));
    // But for a register that is empty on purpose.
    let warnings: Vec<&str> = stderr.matches("warning: ").collect();
    assert_eq!(warnings.len(), 1, "{stderr}");
    assert!(stderr.contains("warning: benefit: the register has no rows"));
}

#[test]
fn a_manifest_is_read_back_as_it_was_written() {
    let plan = parse(&plan(20));
    let key = support::key(&plan);
    let extracts = registers()
        .map(|(source, csv)| support::extract(&plan, &key, source, &csv).expect("an extract"));
    let release = support::release(&plan, extracts.into()).expect("a release");
    let manifest = release.manifest();
    assert_eq!(manifest.warnings().count(), 1);
    assert_eq!(
        manifest.warnings().next().map(|(table, _)| table),
        Some("income")
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "manifest.json", manifest.to_json());
    let read = Manifest::read(&path).expect("a manifest");
    assert_eq!(read.to_json(), manifest.to_json());
}

#[test]
fn what_is_no_manifest_is_refused() {
    let folder = bench(20);
    let (code, _, _) = run(folder.path(), "rehearse plan.toml");
    assert_eq!(code, Some(0));
    let whole = folder.path().join("rehearsal/recipient/manifest.json");
    let whole = std::fs::read_to_string(whole).expect("a manifest");
    let later = change(&whole, "\"format\": 1,", "\"format\": 2,");
    for (name, content) in [
        ("later.json", later.as_str()),
        ("cut.json", &whole[..whole.len() / 2]),
        ("list.json", "[\"12345678901\"]"),
        ("empty.json", ""),
    ] {
        let path = file(folder.path(), name, content);
        let error = refusal(Manifest::read(path));
        assert_eq!(error.kind(), ErrorKind::Extract);
        assert!(!error.to_string().contains("12345678901"), "{error}");
        let (code, stdout, stderr) = run(folder.path(), &format!("inspect {name}"));
        assert_eq!((code, stdout.as_str()), (Some(1), ""));
        assert!(stderr.contains("is no manifest of a release"), "{stderr}");
    }
    // Forged counts, and words for a terminal: neither a panic nor an escape.
    let mut forged: Value = serde_json::from_str(&whole).expect("JSON");
    forged["tables"][0]["look_ups"][1]["by"][0]["groups"][0]["matched"] = u64::MAX.into();
    let forged = forged
        .to_string()
        .replace("\"group\":\"03\"", "\"group\":\"\\u001b[2J\"");
    file(folder.path(), "forged.json", forged);
    let (code, stdout, stderr) = run(folder.path(), "inspect forged.json");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        !stdout.contains('\u{1b}') && !stderr.contains("panicked"),
        "{stdout}{stderr}"
    );
    assert!(
        stdout.contains(r"\u{1b}[2J") && stdout.contains("the categories that its plan declares")
    );
    assert!(refusal(Manifest::read(folder.path().join("nope.json"))).kind() == ErrorKind::File);
}
