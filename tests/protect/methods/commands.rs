//! The methods on the command line: rehearsed, linked by hand, inspected, refused.

use std::process::{Command, Output};

use tempfile::TempDir;

use super::registers::{plan_text, register};
use crate::support::file;

/// A folder with a plan and the register beside it.
fn bench(project: &str, tables: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    file(
        folder.path(),
        "plan.toml",
        plan_text("one", project, tables),
    );
    file(folder.path(), "pay.csv", register(3, 200, false));
    file(
        folder.path(),
        "perturbation.toml",
        "[counts]\nreach = 3\nvariance = 1.0\n",
    );
    folder
}

fn run(bench: &TempDir, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kobling"));
    let words = arguments.split_whitespace();
    let command = command.args(words).current_dir(bench.path());
    command.output().expect("kobling starts")
}

fn worked(bench: &TempDir, arguments: &str) -> String {
    let output = run(bench, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments}\n{errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn refused(bench: &TempDir, arguments: &str) -> String {
    let output = run(bench, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments}");
    String::from_utf8(output.stderr).expect("text")
}

fn table(protect: &str) -> String {
    format!(
        "[table.t]\nfrom = 'pay'\nby = ['pay.town']\nsensitive = []\nmeasures = [{{ persons = true }}]\nprotect = {{ min_persons = 3, {protect} }}"
    )
}

#[test]
fn a_table_with_cell_keys_is_rehearsed_and_linked_with_its_file() {
    let bench = bench("", &table("method = 'cell-key'"));
    let said = refused(&bench, "rehearse plan.toml");
    for words in [
        "error: table t: the cell-key method needs a perturbation file of the linkage unit's own",
        "help: write a TOML file that nobody else has",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!bench.path().join("rehearsal").exists());
    let said = worked(
        &bench,
        "rehearse plan.toml --commands --perturbation perturbation.toml",
    );
    for words in [
        "--perturbation perturbation.toml",
        "cells of persons: ",
        " perturbed\n",
        "perturbed: rounded or with noise by the plan's method; no such figure is certain\n    persons: standard deviation 1.00\n",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    assert!(!said.contains("· suppressed"), "{said}");
    // What it printed works when it is pasted.
    let commands = said
        .lines()
        .filter_map(|line| line.trim().strip_prefix("kobling "));
    let commands: Vec<&str> = commands.collect();
    assert!(commands.len() >= 5, "{said}");
    for command in commands {
        worked(&bench, command);
    }
    let inspected = worked(&bench, "inspect rehearsal/by-hand/recipient/manifest.json");
    let words = "cells have a figure, with noise of standard deviation 1.00\n";
    assert!(inspected.contains(words), "{inspected}");
    let link = "link --rehearsal --plan plan.toml --release-key rehearsal/by-hand/linkage-unit/release.key --out again rehearsal/by-hand/agency-pay/pay.arrow";
    assert!(refused(&bench, link).contains("needs a perturbation file"));
    file(
        bench.path(),
        "bad.toml",
        "[counts]\nreach = 3\nvariance = 1.0\nseen = 1\n",
    );
    let said = refused(&bench, &format!("{link} --perturbation bad.toml"));
    assert!(
        said.contains("bad.toml: line 4, column 1: counts.seen: unknown field `seen`"),
        "{said}"
    );
    file(
        bench.path(),
        "table.csv",
        "i,j,p,v,p_int_lb,p_int_ub,type\n0,0,1,0,0,1,all\n1,0,0.5,-1,0,0.5,all\n1,2,0.4,1,0.5,0.9,all\n",
    );
    file(bench.path(), "bad.toml", "[counts]\ntable = 'table.csv'\n");
    let said = refused(&bench, &format!("{link} --perturbation bad.toml"));
    assert!(
        said.contains("the probabilities do not sum to one"),
        "{said}"
    );
    assert!(!bench.path().join("again").exists());
}

#[test]
fn noise_is_rehearsed_and_otherwise_needs_the_ledger() {
    let noise = "method = 'noise', noise = { rho = 0.5, distribution = 'gaussian' }";
    let bench = bench("privacy_budget = 1.0", &table(noise));
    let said = worked(&bench, "plan check plan.toml");
    assert!(
        said.contains("discrete Gaussian noise, so that ρ = 0.5 bounds"),
        "{said}"
    );
    let said = worked(&bench, "rehearse plan.toml");
    assert!(
        said.contains("persons: standard deviation 1.00\n"),
        "{said}"
    );
    worked(&bench, "key new --role release --out release.key");
    let said = refused(
        &bench,
        "link --plan plan.toml --release-key release.key --out out x.arrow",
    );
    assert!(
        said.contains("the privacy budget is spent in the ledger"),
        "{said}"
    );
    let help = worked(&bench, "help link");
    assert!(
        help.contains("--perturbation <FILE>") && help.contains("flex = {"),
        "{help}"
    );
}

/// A bench with keys and the extract of an approved plan, ready to be linked.
fn linkable(tables: &str) -> TempDir {
    let bench = bench("", tables);
    for command in [
        "key new --role linkage --out linkage.key",
        "key domain --plan plan.toml --linkage-key linkage.key --out domain.key",
        "key new --role release --out release.key",
        "key new --role release --out other.key",
        "pseudonymise --plan plan.toml --source pay --key domain.key --out pay.arrow pay.csv",
    ] {
        worked(&bench, command);
    }
    bench
}

#[test]
fn a_ledger_is_kept_from_release_to_release() {
    let bench = linkable(&table("method = 'suppress'"));
    let link = |key: &str, out: &str| {
        format!(
            "link --plan plan.toml --release-key {key} --ledger ledger.jsonl --out {out} pay.arrow"
        )
    };
    let said = worked(&bench, &link("release.key", "first"));
    assert!(
        said.contains("It is entry 1 of the ledger ledger.jsonl.\n"),
        "{said}"
    );
    let said = worked(&bench, &link("release.key", "second"));
    assert!(said.contains("It is entry 2 of the ledger"), "{said}");
    let tables = ["first", "second"].map(|out| bench.path().join(out).join("t.csv"));
    let tables = tables.map(|path| std::fs::read(path).unwrap());
    assert_eq!(tables[0], tables[1]);
    let inspected = worked(&bench, "inspect second/manifest.json");
    assert!(inspected.contains("ledger: entry 2"), "{inspected}");

    let said = refused(&bench, &link("other.key", "third"));
    assert!(said.contains("ledger.jsonl"), "{said}");
    // A release that was cut out of the ledger is missed.
    let path = bench.path().join("ledger.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let first = text.lines().next().unwrap();
    std::fs::write(&path, format!("{first}\n")).unwrap();
    let said = refused(&bench, &link("release.key", "third"));
    assert!(
        said.contains("ledger.jsonl") && said.contains("cut"),
        "{said}"
    );
    std::fs::write(&path, text.replacen("town", "tovn", 1)).unwrap();
    let said = refused(&bench, &link("release.key", "third"));
    assert!(said.contains("entry 1"), "{said}");
    assert!(!bench.path().join("third").exists());
}

/// The ledger has a release before anything of it leaves; and yet not where it
/// cannot leave.
#[cfg(unix)]
#[test]
fn a_release_that_cannot_be_written_is_not_in_the_ledger() {
    use std::os::unix::fs::PermissionsExt as _;

    let bench = linkable(&table("method = 'suppress'"));
    let link = |ledger: &str, out: &str| {
        format!(
            "link --plan plan.toml --release-key release.key --ledger {ledger} --out {out} pay.arrow"
        )
    };
    let said = refused(&bench, &link("no/ledger.jsonl", "out"));
    assert!(said.contains("a folder that does not exist"), "{said}");

    // An empty file, which others may read, becomes a ledger, which they may not.
    let path = bench.path().join("ledger.jsonl");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    // Its name fits, and that of what becomes it does not.
    let said = refused(&bench, &link("ledger.jsonl", &"o".repeat(250)));
    assert!(said.contains("cannot write here: "), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    let said = worked(&bench, &link("ledger.jsonl", "out"));
    assert!(said.contains("It is entry 1 of the ledger"), "{said}");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let inspected = worked(&bench, "inspect out/manifest.json");
    assert!(!inspected.contains('\\'), "{inspected}");
}

#[test]
fn all_methods_are_compared_and_nothing_is_left() {
    let bench = linkable(&table("method = 'suppress'"));
    let before = std::fs::read_dir(bench.path()).unwrap().count();
    let command = "protect --compare --plan plan.toml --release-key release.key \
                   --perturbation perturbation.toml pay.arrow";
    let said = worked(&bench, command);
    for words in [
        "t, persons\n",
        "\n  suppress ",
        "\n  cell-key ",
        "noise, ρ = 0.1",
        "for the linkage unit",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    let json = worked(&bench, &format!("--json {command}"));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["methods"][0]["method"], "suppress");
    assert_eq!(
        json["methods"][0]["tables"][0]["measures"][0]["unsafe_exact"],
        0
    );
    assert_eq!(std::fs::read_dir(bench.path()).unwrap().count(), before);
    let output = run(
        &bench,
        "protect --plan plan.toml --release-key release.key pay.arrow",
    );
    assert_eq!(output.status.code(), Some(2));
}
