//! The command line's report on a register's identifiers, and its refusals.
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{PLAN, file, key, plan, write_ipc};
use serde_json::{Value, json};

use crate::support;

/// Persons whose identifiers are distinguished from all other numbers.
fn nr(n: u32) -> u32 {
    7_310_000 + n
}

/// 61 rows: 40 persons of age, one of them twice; 12 too young; 6 with a
/// number that is none and 2 without any.
fn population() -> String {
    let mut csv = String::from("nr,age,municipality\n");
    for n in 0..40 {
        csv += &format!("{},{},0301\n", nr(n), 20 + n);
    }
    csv += &format!("0{},33,0301\n", nr(1));
    for n in 40..52 {
        csv += &format!("{},19,0301\n", nr(n));
    }
    csv + &"73-1,40,0301\n".repeat(6) + ",40,0301\n  ,40,0301\n"
}

fn run(folder: &Path, arguments: &str) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kobling"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("kobling starts");
    let text = |bytes| String::from_utf8(bytes).expect("kobling writes UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    for said in [&stdout, &stderr] {
        assert!(!said.contains("7310") && !said.contains("73-1"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    (output.status.code(), stdout, stderr)
}

fn bench() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "plan.toml", PLAN);
    file(folder.path(), "population.csv", population());
    folder
}

const POPULATION: &str = "inspect --plan plan.toml --source population";

#[test]
fn a_register_is_shown_in_rounded_counts() {
    let folder = bench();
    let (code, stdout, stderr) = run(folder.path(), &format!("{POPULATION} population.csv"));
    assert_eq!(code, Some(0), "{stderr}");
    let line = |name: &str| {
        let mut lines = stdout.lines().map(str::trim);
        let found = lines.find_map(|line| line.strip_prefix(name));
        found
            .unwrap_or_else(|| panic!("no {name}:\n{stdout}"))
            .trim()
    };
    assert_eq!(
        stdout.lines().next(),
        Some("population: identifiers in nr (number)")
    );
    assert_eq!(line("rows"), "60");
    assert_eq!(line("filtered"), "10  left out by `keep`");
    assert_eq!(line("missing"), "fewer than 5  no identifier");
    assert_eq!(line("wrong-characters"), "5  quarantined");
    assert_eq!(line("identified"), "40");
    assert_eq!(line("number"), "40");
    assert_eq!(line("of them synthetic"), "0  invented persons");
    assert_eq!(
        line("of them repeated"),
        "fewer than 5  occur in several rows"
    );
    assert_eq!(line("distinct identifiers"), "40");
    assert!(stderr.contains("warning: population: identifiers occur more than once"));
}

#[test]
fn exact_counts_are_asked_for() {
    let folder = bench();
    let exact = format!("{POPULATION} --exact --json population.csv");
    let (code, stdout, stderr) = run(folder.path(), &exact);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(
        report,
        json!({
            "source": "population", "columns": ["nr"], "type": "number", "rounded_to": 1,
            "rows": 61, "filtered": 12, "missing": 2, "identified": 41,
            "valid": { "number": 41 }, "quarantined": { "wrong-characters": 6 },
            "distinct": 40, "repeated": 2, "most_frequent": 2, "synthetic": 0,
            "warnings": report["warnings"],
            "read_as": ["fields separated by commas"],
        })
    );
    assert_eq!(report["warnings"].as_array().map(Vec::len), Some(1));
    let quiet = format!("{POPULATION} -q population.csv");
    assert_eq!(
        run(folder.path(), &quiet),
        (Some(0), String::new(), String::new())
    );
    // A register of several files is one.
    let twice = format!("{POPULATION} --exact --json population.csv more");
    file(folder.path(), "more/again.csv", population());
    let (_, stdout, _) = run(folder.path(), &twice);
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(
        (&report["rows"], &report["distinct"]),
        (&json!(122), &json!(40))
    );
    assert_eq!(report["repeated"], 82);
}

#[test]
fn what_is_no_register_is_refused() {
    let folder = bench();
    let own = support::extracts(&plan(), &key(&plan()), 60);
    write_ipc(&folder.path().join("p.arrow"), &own[0].to_batch());
    file(
        folder.path(),
        "latin1.csv",
        b"nr,age,municipality\n\x9b,40,0301\n",
    );
    file(folder.path(), "none.csv", "age,municipality\n40,0301\n");
    for (arguments, words) in [
        (
            "p.arrow",
            "p.arrow: is an extract, or a table of a release, and no register",
        ),
        ("p.arrow", "help: kobling inspect p.arrow"),
        (
            "none.csv",
            "none.csv, source population, column nr: the file has no such column",
        ),
        (
            "latin1.csv",
            "column nr, row 1: is neither UTF-8 nor letters",
        ),
        ("nope.csv", "nope.csv"),
        ("plan.toml", "is of no format that is read"),
    ] {
        let (code, stdout, stderr) = run(folder.path(), &format!("{POPULATION} {arguments}"));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
        assert!(
            stderr.contains("error: ") && stderr.contains(words),
            "{stderr}"
        );
    }
    for (arguments, words) in [
        (
            "--plan plan.toml --source people population.csv",
            "help: its sources: ",
        ),
        ("--plan nope.toml --source tax population.csv", "nope.toml"),
        ("population.csv", "--plan and --source"),
        ("p.arrow population.csv", "is one file too many"),
    ] {
        let (code, stdout, stderr) = run(folder.path(), &format!("inspect {arguments}"));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    // Of itself an extract still speaks, and of what was left behind.
    let (code, stdout, _) = run(folder.path(), "inspect p.arrow");
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("an extract: ") && stdout.contains("filtered    2 rows"),
        "{stdout}"
    );
}

#[test]
fn half_of_the_arguments_is_wrong_use() {
    let folder = bench();
    for arguments in [
        "--plan plan.toml population.csv",
        "--source population population.csv",
        "--exact population.csv",
        "--rehearsal population.csv",
        "--plan plan.toml --source population",
    ] {
        let (code, stdout, stderr) = run(folder.path(), &format!("inspect {arguments}"));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(stderr.contains("Usage"), "{stderr}");
    }
}

#[test]
fn a_plan_that_nobody_approved_reads_no_register_but_in_rehearsal() {
    let folder = bench();
    let approved = "approved = [{ by = \"legal\", name = \"A lawyer\", on = 2026-01-10 }]";
    file(
        folder.path(),
        "plan.toml",
        support::change(PLAN, approved, ""),
    );
    let (code, _, stderr) = run(folder.path(), &format!("{POPULATION} population.csv"));
    assert_eq!(code, Some(1));
    assert!(stderr.contains("is approved by nobody yet"), "{stderr}");
    let rehearsed = format!("{POPULATION} --rehearsal population.csv");
    assert_eq!(run(folder.path(), &rehearsed).0, Some(0));
}
