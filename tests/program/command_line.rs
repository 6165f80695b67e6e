//! The command line: the whole flow with real files, and every way of being refused.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const APPROVED: &str = r#"approved = [ { by = "legal", name = "A. Lawyer", on = 2020-01-01 } ]"#;

const PLAN: &str = r#"
version = 1

[project]
id = "test-1"
epoch = 1
title = "Income by county"
purpose = "Statistics on income"
controller = "Ministry"
linkage_unit = "Statistics"
recipient = "Researcher"
valid = { from = 2020-01-01, until = 2099-12-31 }
approved = [ { by = "legal", name = "A. Lawyer", on = 2020-01-01 } ]

[source.population]
agency = "Registry"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "id", type = "digits(9)" }
rows = "one"
keep = [ { column = "age", at_least = 20 } ]

[source.population.columns.county]
from = "municipality"
type = "category"
prefix = 2

[source.tax]
agency = "Tax Agency"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "person", type = "digits(9)" }
rows = "one"

[source.tax.columns.income]
from = "wage"
type = "decimal"
scale = 2

[table.income]
title = "Income by county"
from = "population"
by = ["population.county"]
sensitive = []
measures = [ { persons = true }, { sum = "tax.income" }, { mean = "tax.income" } ]
[table.income.with.tax]
need = "optional"
[table.income.protect]
min_persons = 3
p_percent = 1
method = "suppress"
"#;

/// The identifier of person `n`; never to be seen again.
fn identifier(n: u32) -> u32 {
    731_000_000 + n
}

/// A folder with a plan and two registers.
///
/// Of 20 persons, 4 are too young; the others live in county 03 (6 persons),
/// 11 (8) and 46 (2, and so below `min_persons`). Two rows have no valid
/// identifier. The first 17 have an income of n thousand and a half.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().expect("a temporary folder"));
        let mut population = String::from("id,age,municipality,secret\n");
        let mut tax = String::from("person,wage\n");
        for n in 1..=20 {
            let municipality = match n {
                1..=10 => "0301",
                11..=18 => "1103",
                _ => "4601",
            };
            let (id, age) = (identifier(n), 15 + n);
            population.push_str(&format!("{id},{age},{municipality},secret\n"));
            if n <= 17 {
                tax.push_str(&format!("{id},{n}000.50\n"));
            }
        }
        population.push_str("none,44,0301,secret\n12345678901,55,0301,secret\n");
        bench.file("plan.toml", PLAN);
        bench.file("population.csv", population);
        bench.file("tax.csv", tax);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("write a test file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file that was written")
    }

    /// Runs `kobling` in the folder, its arguments parted by white space.
    fn run(&self, arguments: &str) -> Ran {
        let output = self.command(arguments).output().expect("kobling starts");
        Ran::new(arguments, output)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kobling"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    /// The keys of all roles, in their files.
    fn with_keys() -> Self {
        let bench = Self::new();
        bench.run("key new --out linkage.key").worked();
        bench
            .run("key domain --linkage-key linkage.key --plan plan.toml --out domain.key")
            .worked();
        bench
            .run("key new --role release --out release.key")
            .worked();
        bench
    }

    /// Keys, and the extracts of both sources.
    fn with_extracts() -> Self {
        let bench = Self::with_keys();
        bench
            .run(&format!("{POPULATION} --out p.arrow population.csv"))
            .worked();
        bench
            .run(&format!("{TAX} --out t.parquet tax.csv"))
            .worked();
        bench
    }
}

const POPULATION: &str = "pseudonymise --plan plan.toml --key domain.key --source population";
const TAX: &str = "pseudonymise --plan plan.toml --key domain.key --source tax";
const LINK: &str = "link --plan plan.toml --release-key release.key";

/// What a run came to.
struct Ran {
    arguments: String,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn new(arguments: &str, output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("kobling writes UTF-8");
        let ran = Self {
            arguments: arguments.to_owned(),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        // Whatever is done, nothing that is said holds an identifier.
        for n in 1..=20 {
            let identifier = identifier(n).to_string();
            assert!(!ran.stdout.contains(&identifier), "{}", ran.shown());
            assert!(!ran.stderr.contains(&identifier), "{}", ran.shown());
        }
        assert!(!ran.stderr.contains("panicked"), "{}", ran.shown());
        ran
    }

    fn shown(&self) -> String {
        let (code, stdout, stderr) = (self.code, &self.stdout, &self.stderr);
        format!("kobling {}: {code:?}\n{stdout}\n{stderr}", self.arguments)
    }

    #[track_caller]
    fn worked(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.shown());
        self
    }

    /// Refused, with nothing on stdout and all of `words` on stderr.
    #[track_caller]
    fn refused(self, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(1), "{}", self.shown());
        assert_eq!(self.stdout, "", "{}", self.shown());
        assert!(self.stderr.contains("error: "), "{}", self.shown());
        for word in words {
            let said = self.stderr.contains(word);
            assert!(said, "not said: {word}\n{}", self.shown());
        }
        self
    }

    #[track_caller]
    fn wrong_use(self) {
        assert_eq!(self.code, Some(2), "{}", self.shown());
        assert_eq!(self.stdout, "", "{}", self.shown());
        assert!(self.stderr.contains("Usage") || self.stderr.contains("--help"));
    }

    #[track_caller]
    fn says(&self, words: &[&str]) {
        for word in words {
            let said = self.stdout.contains(word);
            assert!(said, "not said: {word}\n{}", self.shown());
        }
    }

    /// The one JSON object on stdout; with it, stderr is empty.
    #[track_caller]
    fn json(&self) -> Value {
        assert_eq!(self.stderr, "", "{}", self.shown());
        let value: Value = serde_json::from_str(&self.stdout).expect("one JSON object");
        assert!(value.is_object(), "{}", self.shown());
        value
    }
}

#[test]
fn from_keys_to_release() {
    let bench = Bench::with_keys();
    let population = bench
        .run(&format!("{POPULATION} --out p.arrow population.csv"))
        .worked();
    population.says(&[
        "population: 22 rows read",
        "kept        16",
        "quarantined 2 (wrong-characters 1, wrong-length 1)",
        "filtered    4 (by `keep`)",
    ]);
    assert_eq!(population.stderr, "agency population: 22 rows read\n");
    bench
        .run(&format!("{TAX} --out t.parquet tax.csv"))
        .worked();

    let linked = bench
        .run(&format!("{LINK} --out release p.arrow t.parquet"))
        .worked();
    linked.says(&[
        "\n  county  persons  sum_income  mean_income\n",
        "\n  03            6    45003.00      7500.50\n",
        "\n  other         ·           ·            ·\n",
        "cells of persons: 1 suppressed, 2 safe",
        "  income, persons: min_persons 1\n",
        "--report FILE",
        // Of 16, by the noise in a manifest; or too few to show a rate.
        " base rows ",
        "release/income.csv",
    ]);
    assert!(!linked.stdout.contains("more"), "{}", linked.shown());
    assert_eq!(
        bench.read("release/income.csv").lines().nth(3),
        Some("other,,suppressed,,suppressed,,suppressed")
    );
    // The county of two persons, which the plan does not declare.
    assert!(!linked.stdout.contains("46 ") && !bench.read("release/income.csv").contains("46"));
    let manifest: Value = serde_json::from_str(&bench.read("release/manifest.json")).expect("JSON");
    assert_eq!(manifest["rehearsal"], false);
}

#[test]
fn the_same_rows_have_the_same_content() {
    let bench = Bench::with_extracts();
    let made = bench.run(&format!("{TAX} --json --out again.parquet tax.csv"));
    let inspected = bench.run("inspect --json t.parquet").worked().json();
    // In either file format.
    let made = made.worked().json();
    assert!(
        made["content"]
            .as_str()
            .is_some_and(|content| content.len() == 64)
    );
    assert_eq!(made["content"], inspected["content"]);
}

#[test]
fn the_suppression_report_is_next_to_the_ledger_and_never_in_the_release() {
    let bench = Bench::with_extracts();
    let ledger = format!("{LINK} --ledger ledger.jsonl");
    for entry in 1..=2 {
        let linked = bench
            .run(&format!("{ledger} --out r{entry} p.arrow t.parquet"))
            .worked();
        let name = format!("ledger.report-{entry}.jsonl");
        linked.says(&[
            "Why figures are suppressed:",
            &name,
            "not for the recipient",
        ]);
        let report = bench.read(&name);
        let summary: Value = serde_json::from_str(report.lines().next().expect("a line")).unwrap();
        assert_eq!(summary["ledger_entry"], entry);
        assert_eq!(summary["tables"]["income"]["persons"]["min_persons"], 1);
        assert_eq!(report.lines().count(), 4, "{report}");
        assert_eq!(below(&bench.path(&format!("r{entry}"))).len(), 4);
    }
    // In a place of its own, with a ledger or without.
    let json = bench
        .run(&format!(
            "{LINK} --json --report why.jsonl --out r3 p.arrow t.parquet"
        ))
        .worked()
        .json();
    assert_eq!(json["report"], "why.jsonl");
    assert_eq!(json["suppression"]["income"]["persons"]["min_persons"], 1);
    assert!(
        bench
            .read("why.jsonl")
            .contains("\"reason\":\"min_persons\"")
    );
    bench
        .run(&format!(
            "{ledger} --report own.jsonl --out r4 p.arrow t.parquet"
        ))
        .worked();
    assert!(bench.path("own.jsonl").exists() && !bench.path("ledger.report-3.jsonl").exists());
    for file in below(&bench.path("r4")) {
        let bytes = fs::read(bench.path("r4").join(file)).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("complementary") && !text.contains("\"reason\""));
    }

    // What is refused is refused before any work, and the ledger knows nothing of it.
    fs::create_dir(bench.path("inner")).expect("a folder");
    let before = bench.read("ledger.jsonl");
    for (report, words) in [
        ("r5/why.jsonl", "is not for the recipient"),
        ("inner/../r5/deep/why.jsonl", "is not for the recipient"),
        ("r5", "is not for the recipient"),
        ("ledger.jsonl", "is a file of the ledger"),
        ("why.jsonl", "exists already"),
        ("no/why.jsonl", "does not exist"),
    ] {
        bench
            .run(&format!(
                "{ledger} --report {report} --out r5 p.arrow t.parquet"
            ))
            .refused(&[words]);
        assert!(!bench.path("r5").exists());
    }
    bench.file("ledger.report-4.jsonl", "mine");
    bench
        .run(&format!("{ledger} --out r5 p.arrow t.parquet"))
        .refused(&["ledger.report-4.jsonl: exists already"]);
    assert_eq!(bench.read("ledger.report-4.jsonl"), "mine");
    assert_eq!(bench.read("ledger.jsonl"), before);
    bench
        .run("help link")
        .worked()
        .says(&["--report", "ledger.report-3.jsonl"]);
}

#[cfg(target_os = "linux")]
#[test]
fn there_is_no_report_on_a_release_that_is_not_there() {
    let bench = Bench::with_extracts();
    // A folder that nothing can be made in.
    bench
        .run(&format!(
            "{LINK} --report why.jsonl --out /proc/self/release p.arrow t.parquet"
        ))
        .refused(&["/proc/self/release"]);
    assert!(!bench.path("why.jsonl").exists());
    let left: Vec<String> = below(bench.0.path());
    assert!(!left.iter().any(|name| name.contains("why")), "{left:?}");
}

#[test]
fn an_inspected_manifest_names_rules_without_parameters() {
    let bench = Bench::with_extracts();
    bench.file(
        "plan.toml",
        PLAN.replace(
            "min_persons = 3",
            "min_persons = 3\ndominance = { n = 7, percent = 93.71 }",
        ),
    );
    bench.run("rehearse plan.toml").worked();
    let inspected = bench
        .run("inspect rehearsal/recipient/manifest.json")
        .worked();
    inspected.says(&[
        "  method suppress, min_persons 3; dominance, p_percent, whose parameters are not in a release\n",
        "quarantined",
    ]);
    for file in below(&bench.path("rehearsal/recipient")) {
        let bytes = fs::read(bench.path("rehearsal/recipient").join(&file)).expect("a file");
        assert!(!String::from_utf8_lossy(&bytes).contains("93.71"), "{file}");
    }
    let manifest = bench.read("rehearsal/recipient/manifest.json");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    // One row has wrong characters, and one a wrong length: the keys would say so.
    assert_eq!(manifest["inputs"][0]["source"], "population");
    let quarantine = manifest["inputs"][0]["quarantine"]
        .as_object()
        .expect("reasons");
    assert!(quarantine.keys().eq(["other"]), "{quarantine:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_refused_before_the_ledger_has_it() {
    let bench = Bench::with_extracts();
    let long = "x".repeat(240);
    // Where nobody can make a folder, and by a name for which there is no room.
    for out in ["/proc/self/release", long.as_str()] {
        bench
            .run(&format!(
                "{LINK} --ledger ledger.jsonl --out {out} p.arrow t.parquet"
            ))
            .refused(&["cannot write here"]);
        assert!(!bench.path("ledger.jsonl").exists());
    }
}

#[test]
fn extracts_are_copied_where_they_are_not_to_be_mapped() {
    let bench = Bench::with_extracts();
    let inspected = |options: &str| bench.run(&format!("inspect p.arrow{options}")).worked();
    assert_eq!(inspected(" --no-map").stdout, inspected("").stdout);
    bench
        .run(&format!("{LINK} --no-map --out r p.arrow t.parquet"))
        .worked();
    let compare = LINK.replace("link", "protect --compare");
    bench
        .run(&format!("{compare} --no-map p.arrow t.parquet"))
        .worked();
}

#[test]
fn extracts_are_taken_in_any_order_and_some_formats_only() {
    let bench = Bench::with_extracts();
    let linked = bench
        .run(&format!(
            "{LINK} --out release --format csv --rows 1 t.parquet p.arrow"
        ))
        .worked();
    linked.says(&["… and 2 more", "release/income.csv"]);
    assert!(!bench.path("release/income.arrow").exists());
    assert_eq!(bench.read("release/income.csv").lines().count(), 4);
}

#[test]
fn keys_are_described_and_never_shown() {
    let bench = Bench::with_keys();
    for (file, kind) in [
        ("linkage.key", "linkage key"),
        ("domain.key", "domain key"),
        ("release.key", "release key"),
    ] {
        let shown = bench.run(&format!("key show {file}")).worked();
        shown.says(&[kind]);
        let content = bench.read(file);
        let secret = content.lines().find_map(|line| line.strip_prefix("key = "));
        assert!(!shown.stdout.contains(secret.expect("a key line")));
    }
    let domain = bench.run("key show --json domain.key").worked().json();
    assert_eq!(domain["kind"], "domain");
    assert_eq!(domain["project"], "test-1");
    assert_eq!(domain["epoch"], 1);
    assert_eq!(domain["key_check"].as_str().map(str::len), Some(16));
    let linkage = bench.run("key show --json linkage.key").worked().json();
    assert_eq!(linkage["key_check"], Value::Null);
}

#[test]
fn a_key_of_another_role_is_refused() {
    let bench = Bench::with_keys();
    bench
        .run("key domain --linkage-key release.key --plan plan.toml --out x.key")
        .refused(&["release.key: this is a release key; a linkage key is needed here"]);
    bench
        .run("pseudonymise --plan plan.toml --key linkage.key --source tax --out t.arrow tax.csv")
        .refused(&["linkage.key: this is a linkage key; a domain key is needed here"]);
    bench
        .run("link --plan plan.toml --release-key domain.key --out r p.arrow")
        .refused(&["domain.key: this is a domain key; a release key is needed here"]);
    bench
        .run(&format!("{TAX} --rehearsal --out t.arrow tax.csv"))
        .refused(&["the key is for test-1/1, the plan for rehearsal of test-1/1"]);
    assert!(!bench.path("t.arrow").exists());
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::with_keys();
    let shared = fs::Permissions::from_mode(0o640);
    fs::set_permissions(bench.path("domain.key"), shared).expect("set a mode");
    bench
        .run(&format!("{TAX} --out t.arrow tax.csv"))
        .refused(&["help: chmod 600 domain.key"]);
    bench
        .run("inspect domain.key")
        .refused(&["help: kobling key show domain.key"]);
}

#[test]
fn what_is_there_is_left_untouched() {
    let bench = Bench::with_extracts();
    for name in ["linkage.key", "p.arrow"] {
        let before = fs::read(bench.path(name)).expect("a file");
        let arguments = match name {
            "linkage.key" => "key new --out linkage.key".to_owned(),
            _ => format!("{POPULATION} --out p.arrow population.csv"),
        };
        bench
            .run(&arguments)
            .refused(&[name, "help: choose another name"]);
        assert_eq!(fs::read(bench.path(name)).expect("a file"), before);
    }
    fs::create_dir(bench.path("release")).expect("a folder");
    bench.file("release/mine.txt", "mine");
    bench
        .run(&format!("{LINK} --out release p.arrow t.parquet"))
        .refused(&["release: exists already"]);
    bench
        .run("rehearse plan.toml --out release")
        .refused(&["release: exists already, and no rehearsal left it"]);
    assert_eq!(bench.read("release/mine.txt"), "mine");
    assert_eq!(
        fs::read_dir(bench.path("release"))
            .expect("a folder")
            .count(),
        1
    );
}

#[test]
fn input_that_cannot_be_read_is_refused() {
    let bench = Bench::with_extracts();
    let tax = |rest: &str| bench.run(&format!("{TAX} --out new.arrow {rest}"));
    tax("nope.csv").refused(&["nope.csv", "cannot read"]);
    tax("population.csv").refused(&["column person: the file has no such column"]);
    bench.file("latin1.csv", b"person,wage\n100000001,1\n100000002,\x9b\n");
    tax("latin1.csv").refused(&[
        "column wage, row 2: is neither UTF-8 nor letters of Windows-1252",
        "format = { encoding = \"windows-1252\" }",
    ]);
    bench.file("twice.csv", "person,wage\n100000001,1\n100000001,2\n");
    tax("twice.csv").refused(&["source tax", "rows = \"one\""]);
    bench
        .run(&format!("{TAX} --out no/new.arrow tax.csv"))
        .refused(&["help: mkdir -p no"]);
    bench
        .run("pseudonymise --plan plan.toml --key domain.key --source taxx --out new.arrow tax.csv")
        .refused(&[
            "the plan has no such source",
            "help: its sources: population, tax",
        ]);
    bench
        .run(&format!("{LINK} --out new p.arrow"))
        .refused(&["source tax: has no extract"]);
    bench
        .run(&format!("{LINK} --out new p.arrow tax.csv"))
        .refused(&["tax.csv: is neither"]);
    let whole = fs::read(bench.path("p.arrow")).expect("an extract");
    bench.file("cut.arrow", &whole[..whole.len() / 2]);
    bench
        .run(&format!("{LINK} --out new cut.arrow t.parquet"))
        .refused(&["cut.arrow"]);
    assert!(!bench.path("new").exists() && !bench.path("new.arrow").exists());
}

#[test]
fn errors_are_json_where_it_is_asked_for() {
    let bench = Bench::with_keys();
    bench.file("bad.csv", "person,wage\n100000001,1\n100000002,1x\n");
    let ran = bench.run(&format!("{TAX} --json --out t.arrow bad.csv"));
    assert_eq!(ran.code, Some(1));
    let error = &ran.json()["error"];
    assert_eq!(error["kind"], "rows");
    assert_eq!(error["source"], "tax");
    assert_eq!(error["column"], "wage");
    assert_eq!(error["row"], 2);
    let message = error["message"].as_str().expect("a message");
    assert!(message.ends_with("is not a number"), "{message}");
    assert_eq!(error["file"], "bad.csv");
    assert_eq!(
        (&error["table"], &error["rule"]),
        (&Value::Null, &json!("is not a number"))
    );

    bench.file(
        "bad.toml",
        PLAN.replace("min_persons = 3", "min_persons = 1"),
    );
    let ran = bench.run("plan check --json bad.toml");
    assert_eq!(ran.code, Some(1));
    let error = &ran.json()["error"];
    assert_eq!(error["kind"], "plan");
    assert_eq!(error["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn every_command_speaks_json() {
    let bench = Bench::with_extracts();
    let key = bench.run("key new --json --out new.key").worked().json();
    assert_eq!(key["kind"], "linkage");
    let plan = bench.run("--json plan check plan.toml").worked().json();
    assert_eq!(plan["ok"], true);
    assert_eq!(plan["may_run_today"], true);
    let made = bench
        .run(&format!(
            "{POPULATION} --json --out new.arrow population.csv"
        ))
        .worked()
        .json();
    assert_eq!(made["rows_read"], 22);
    assert_eq!(made["rows_kept"], 16);
    assert_eq!(made["rows_quarantined"], 2);
    assert_eq!(made["rows_filtered"], 4);
    assert_eq!(made["quarantine"]["wrong-length"], 1);
    let linked = bench
        .run(&format!("{LINK} --json --out release p.arrow t.parquet"))
        .worked()
        .json();
    assert_eq!(linked["key_check"], made["key_check"]);
    assert_eq!(linked["tables"][0]["statuses"]["persons"]["suppressed"], 1);
    assert_eq!(linked["files"].as_array().map(Vec::len), Some(4));
    let inspected = bench.run("inspect --json p.arrow").worked().json();
    assert_eq!(inspected["kind"], "extract");
    let rehearsed = bench.run("rehearse --json plan.toml").worked().json();
    assert_eq!(rehearsed["rehearsal"], true);
    assert_eq!(rehearsed["sources"][1]["rows_kept"], 17);
}

#[test]
fn quiet_prints_errors_only() {
    let bench = Bench::with_extracts();
    for arguments in [
        "key new --quiet --out new.key",
        "key show -q new.key",
        "plan check -q plan.toml",
        "pseudonymise -q --plan plan.toml --key domain.key --source tax --out n.arrow tax.csv",
        "link -q --plan plan.toml --release-key release.key --out release p.arrow t.parquet",
        "inspect -q p.arrow",
        "rehearse -q plan.toml",
    ] {
        let ran = bench.run(arguments).worked();
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    }
    bench.run("inspect -q nope.arrow").refused(&["nope.arrow"]);
}

#[test]
fn wrong_use_is_distinguished_from_refusal() {
    let bench = Bench::with_keys();
    for arguments in [
        "",
        "unlink",
        "key new",
        "key new --role master --out x.key",
        "plan check",
        "plan check --quiet --json plan.toml",
        "pseudonymise --plan plan.toml --key domain.key --source tax --out t.arrow",
        "pseudonymise --plan plan.toml --key domain.key --source tax --out t.csv tax.csv",
        "link --plan plan.toml --release-key release.key --out r --format xlsx p.arrow",
        "rehearse plan.toml --input tax",
    ] {
        bench.run(arguments).wrong_use();
    }
    bench.run("--version").worked().says(&["kobling 0."]);
    for command in [
        "key new",
        "key domain",
        "key show",
        "plan check",
        "pseudonymise",
        "link",
        "inspect",
        "rehearse",
    ] {
        let help = bench.run(&format!("{command} --help")).worked();
        help.says(&["Example", &format!("kobling {command}")]);
    }
}

#[test]
fn parts_are_sealed_one_by_one_and_merged_to_the_same_release() {
    let bench = Bench::with_extracts();
    bench
        .run(&format!("{LINK} --out whole p.arrow t.parquet"))
        .worked();
    for part in 0..3 {
        let ran = bench.run(&format!(
            "{LINK} --part {part}/3 --out {part}.sealed p.arrow t.parquet"
        ));
        ran.worked().says(&["is sealed in", "kobling link --merge"]);
    }
    bench
        .run(&format!("{LINK} --merge --out new 0.sealed 2.sealed"))
        .refused(&["part 1/3 is missing"]);
    assert!(!bench.path("new").exists());
    bench
        .run(&format!("{LINK} --merge --out new 0.sealed p.arrow"))
        .refused(&["p.arrow", "is no sealed part"]);
    bench
        .run(&format!(
            "{LINK} --part 0/3 --out 0.sealed p.arrow t.parquet"
        ))
        .refused(&["0.sealed", "exists already"]);
    bench
        .run(&format!(
            "{LINK} --part 3/3 --out 3.sealed p.arrow t.parquet"
        ))
        .wrong_use();
    bench
        .run(&format!(
            "{LINK} --merge --out merged 2.sealed 0.sealed 1.sealed"
        ))
        .worked();
    // An extract in parts is the same extract.
    bench
        .run(&format!("{TAX} --parts 5 --out t tax.csv"))
        .worked();
    assert!(bench.path("t").join("part-004-of-005.arrow").exists());
    bench
        .run(&format!("{LINK} --out of-parts p.arrow t"))
        .worked();
    bench
        .run(&format!("{TAX} --parts 5 --out t5.arrow tax.csv"))
        .refused(&["t5.arrow", "its own name has no ending"]);
    bench
        .run(&format!("{TAX} --out other tax.csv"))
        .refused(&["other", "--parts"]);
    for file in ["income.csv", "income.arrow"] {
        let [whole, merged, of_parts] = ["whole", "merged", "of-parts"]
            .map(|folder| std::fs::read(bench.path(folder).join(file)).unwrap());
        assert!(whole == merged && whole == of_parts, "{file}");
    }
}

#[test]
fn a_plan_is_checked_in_full() {
    let bench = Bench::new();
    bench
        .run("plan check plan.toml")
        .worked()
        .says(&["Statistics on income", "plan.toml: ok"]);
    let bad = PLAN
        .replace("min_persons = 3", "min_persons = 1")
        .replace("[\"population.county\"]", "[\"population.countty\"]");
    bench.file("bad.toml", &bad);
    let line = |text: &str| bad.lines().position(|l| l.contains(text)).expect("a line") + 1;
    let ran = bench.run("plan check bad.toml").refused(&[
        &format!("bad.toml:{}:", line("countty")),
        &format!("bad.toml:{}:", line("min_persons")),
        "help: did you mean `population.county`?",
        "error: bad.toml: the plan has 2 findings",
    ]);
    assert_eq!(ran.stderr.matches("\nbad.toml:").count(), 1);
    bench.run("plan check nope.toml").refused(&["nope.toml"]);
    bench
        .run("rehearse bad.toml")
        .refused(&["the plan has 2 findings"]);
}

#[test]
fn without_approval_there_is_only_rehearsal() {
    let bench = Bench::with_extracts();
    bench.file("plan.toml", PLAN.replace(APPROVED, ""));
    let checked = bench.run("plan check plan.toml").worked();
    assert!(checked.stderr.contains("is approved by nobody yet"));
    let json = bench.run("plan check --json plan.toml").worked().json();
    assert_eq!(json["may_run_today"], false);
    assert_eq!(json["may_run_on"], Value::Null);
    assert_eq!(json["warnings"].as_array().map(Vec::len), Some(1));
    bench
        .run(&format!("{TAX} --out new.arrow tax.csv"))
        .refused(&["is approved by nobody yet", "kobling rehearse"]);
    bench
        .run(&format!("{LINK} --out new p.arrow t.parquet"))
        .refused(&["is approved by nobody yet"]);
    bench.run("rehearse plan.toml").worked();
}

#[test]
fn a_plan_is_checked_as_of_a_day() {
    let bench = Bench::new();
    let on = |day: &str| bench.run(&format!("plan check --json --on {day} plan.toml"));
    assert_eq!(on("2099-12-31").worked().json()["may_run_on"], true);
    let over = on("2100-01-01").worked().json();
    assert_eq!(
        (&over["may_run_on"], &over["may_run_today"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(over["on"], "2100-01-01");
    let said = bench.run("plan check --on 2100-01-01 plan.toml").worked();
    assert!(
        said.stderr.contains("it cannot run on 2100-01-01"),
        "{}",
        said.stderr
    );
    on("tomorrow").wrong_use();
}

#[test]
fn an_expired_plan_does_not_run_at_all() {
    let bench = Bench::with_keys();
    bench.file("plan.toml", PLAN.replace("2099-12-31", "2020-12-31"));
    bench
        .run(&format!("{TAX} --out new.arrow tax.csv"))
        .refused(&["expired: it was valid until"]);
    bench
        .run("rehearse plan.toml")
        .refused(&["expired: it was valid until"]);
    assert!(!bench.path("rehearsal").exists());
}

#[test]
fn inspecting_another_file_says_where_to_go() {
    let bench = Bench::with_keys();
    bench
        .run("inspect plan.toml")
        .refused(&["help: kobling plan check plan.toml"]);
    bench
        .run("inspect release.key")
        .refused(&["help: kobling key show release.key"]);
    bench.run("inspect tax.csv").refused(&["tax.csv", "help: "]);
    bench.run("inspect .").refused(&["is a folder"]);
}

/// Everything below `folder`, sorted.
fn below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if path.is_dir() {
            names.extend(below(&path).iter().map(|inner| format!("{name}/{inner}")));
        } else {
            names.push(name.into_owned());
        }
    }
    names.sort();
    names
}

#[test]
fn a_rehearsal_leaves_each_role_its_files() {
    let bench = Bench::new();
    let ran = bench.run("rehearse plan.toml --commands").worked();
    ran.says(&[
        "Key custodian\n",
        "Agency of population: Registry\n",
        "Linkage unit: Statistics\n",
        "Recipient: Researcher\n",
        "\n  03            6    45003.00      7500.50\n",
    ]);
    let left = [
        ".kobling-rehearsal",
        "agency-population/domain.key",
        "agency-population/population.arrow",
        "agency-tax/domain.key",
        "agency-tax/tax.arrow",
        "key-custodian/linkage.key",
        "linkage-unit/ledger.jsonl",
        "linkage-unit/ledger.jsonl.head",
        "linkage-unit/ledger.jsonl.lock",
        "linkage-unit/ledger.report-1.jsonl",
        "linkage-unit/population.arrow",
        "linkage-unit/release.key",
        "linkage-unit/tax.arrow",
        "recipient/income.arrow",
        "recipient/income.csv",
        "recipient/income.parquet",
        "recipient/manifest.json",
    ];
    assert_eq!(below(&bench.path("rehearsal")), left);
    assert!(
        bench
            .read("rehearsal/recipient/manifest.json")
            .contains("\"rehearsal\": true")
    );

    // The next rehearsal replaces it, and nothing is left of either's making;
    // but not where there is something of a person's.
    let key = bench.read("rehearsal/key-custodian/linkage.key");
    for name in ["rehearsal/mine.txt", "rehearsal/by-hand/linkage-unit/mine"] {
        bench.file(name, "mine");
        bench
            .run("rehearse plan.toml")
            .refused(&["which no rehearsal left", "move it away"]);
        assert_eq!(bench.read(name), "mine");
        assert_eq!(bench.read("rehearsal/key-custodian/linkage.key"), key);
        fs::remove_file(bench.path(name)).expect("it is removed");
    }
    bench.run("rehearse plan.toml").worked();
    assert_eq!(below(&bench.path("rehearsal")), left);
    assert_ne!(bench.read("rehearsal/key-custodian/linkage.key"), key);
    let entries = fs::read_dir(bench.0.path()).expect("a folder").count();
    assert_eq!(entries, 4, "the plan, two registers and the rehearsal");
}

/// A share has a status as a count has, and neither is shown as a dimension.
#[test]
fn a_table_with_shares_is_shown_by_its_dimensions() {
    let bench = Bench::new();
    let nhanes = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nhanes/plan.toml");
    let nhanes = nhanes.to_str().expect("a path of UTF-8");
    let shown = bench.run(&format!("rehearse {nhanes}")).worked().stdout;
    let mut heads = shown.lines().filter(|line| line.ends_with("percent_dead"));
    let head: Vec<&str> = heads.next().expect("a head").split_whitespace().collect();
    let columns = [
        "age",
        "sex",
        "insured",
        "hba1c_band",
        "persons",
        "deaths",
        "percent_dead",
    ];
    assert_eq!(head, columns);
    assert!(!shown.contains("_status"), "{shown}");
    assert!(
        shown.contains('·') && !shown.contains("  suppressed  "),
        "{shown}"
    );
}

#[test]
fn a_rehearsal_that_fails_leaves_the_earlier_one() {
    let bench = Bench::new();
    bench.run("rehearse plan.toml").worked();
    let key = bench.read("rehearsal/key-custodian/linkage.key");
    bench.file("bad.csv", "person,wage\n100000001,x\n");
    bench
        .run("rehearse plan.toml --input tax=bad.csv")
        .refused(&["bad.csv, source tax, column wage, row 1"]);
    fs::copy(bench.path("tax.csv"), bench.path("rehearsal/tax.csv")).expect("a copy");
    bench
        .run("rehearse plan.toml --input tax=rehearsal/tax.csv")
        .refused(&["lies in the earlier rehearsal's folder"]);
    assert_eq!(bench.read("rehearsal/key-custodian/linkage.key"), key);
    let entries = fs::read_dir(bench.0.path()).expect("a folder").count();
    assert_eq!(entries, 5, "the plan, three registers and the rehearsal");
}

#[cfg(unix)]
#[test]
fn every_command_that_a_rehearsal_prints_works() {
    let bench = Bench::new();
    // Names that a shell would take apart.
    fs::create_dir(bench.path("it's odd")).expect("a folder");
    for name in ["plan.toml", "population.csv", "tax.csv"] {
        fs::rename(bench.path(name), bench.path("it's odd").join(name)).expect("moved");
    }
    let arguments = [
        "rehearse",
        "it's odd/plan.toml",
        "--commands",
        "--out",
        "it's odd/tried $1",
    ];
    let ran = Ran::new(
        "rehearse",
        bench.command("").args(arguments).output().expect("starts"),
    )
    .worked();
    let commands: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("    kobling "))
        .collect();
    // A key, two domain keys; two extracts; a key, a release; a look at its table.
    assert_eq!(commands.len(), 8, "{}", ran.shown());

    let program = Path::new(env!("CARGO_BIN_EXE_kobling"));
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", &format!("\"$0\" {command}")])
            .arg(program)
            .current_dir(bench.0.path())
            .output()
            .expect("a shell");
        Ran::new(command, output).worked();
    }
    let csv = |role: &str| bench.read(&format!("it's odd/tried $1/{role}/income.csv"));
    assert_eq!(csv("by-hand/recipient"), csv("recipient"));
}

#[test]
fn a_rehearsal_finds_registers_or_says_where_it_looked() {
    let bench = Bench::new();
    fs::rename(bench.path("tax.csv"), bench.path("other.csv")).expect("moved");
    bench.run("rehearse plan.toml").refused(&[
        "looked for a folder tax, and for tax.parquet, tax.csv, tax.tsv, tax.arrow, tax.ipc, \
         tax.feather, tax.csv.gz, tax.csv.zst",
        "help: name it with --input tax=PATH",
    ]);
    bench
        .run("rehearse plan.toml --input tax=other.csv")
        .worked();
    bench
        .run("rehearse plan.toml --input taks=other.csv")
        .refused(&["source taks: the plan has no such source"]);

    for name in ["tax.CSV", "tax.feather"] {
        fs::copy(bench.path("other.csv"), bench.path(name)).expect("copied");
        bench.run("rehearse plan.toml").worked();
        fs::remove_file(bench.path(name)).expect("removed");
    }
    fs::create_dir(bench.path("tax")).expect("a folder");
    fs::copy(bench.path("other.csv"), bench.path("tax/part.csv")).expect("copied");
    bench.run("rehearse plan.toml").worked();
    fs::copy(bench.path("other.csv"), bench.path("tax.csv")).expect("copied");
    bench
        .run("rehearse plan.toml")
        .refused(&["the register of tax could be tax.csv or tax"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = Bench::new();
    let mut child = bench
        .command("plan check plan.toml")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kobling starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_stopped_leaves_nothing_and_one_that_is_killed_is_named() {
    let bench = Bench::new();
    let parts = || {
        let names = fs::read_dir(bench.0.path()).expect("a folder");
        let names = names.map(|name| name.expect("a name").file_name());
        let hidden = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".part");
        names.filter(hidden).count()
    };
    let stopped_by = |signal: &str| {
        let mut run = bench.command("synthesise --persons 3000000 --out made");
        let mut run = run.stderr(Stdio::null()).spawn().expect("kobling starts");
        let begun = std::time::Instant::now();
        while parts() == 0 {
            assert!(begun.elapsed().as_secs() < 60, "nothing is written");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let kill = Command::new("kill")
            .args([signal, &run.id().to_string()])
            .status();
        assert!(kill.expect("kill starts").success());
        assert!(!run.wait().expect("it ends").success());
    };
    for signal in ["-INT", "-TERM", "-HUP"] {
        stopped_by(signal);
        assert_eq!(parts(), 0, "after {signal}");
    }
    stopped_by("-KILL");
    assert_eq!(parts(), 1);
    let ran = bench.run("synthesise --persons 100 --out made").worked();
    assert!(
        ran.stderr.contains(".part was left by a run"),
        "{}",
        ran.stderr
    );
}

#[test]
fn registers_are_made_up() {
    let bench = Bench::new();
    let made =
        bench.run("synthesise --persons 500 --seed 7 --out made --format csv --missing 0.25");
    let made = made.worked();
    made.says(&[
        "made: nobody in these registers exists",
        "  population            500 rows",
        "  truth/numbers ",
        "kobling rehearse made/plan.toml",
    ]);
    assert_eq!(bench.read("made/population.csv").lines().count(), 501);
    let tax = bench.read("made/tax.csv");
    let missing = tax.lines().filter(|line| line.starts_with(',')).count();
    let share = missing as f64 / tax.lines().count() as f64;
    assert!((share - 0.25).abs() < 0.08, "{share}");

    let arguments = "synthesise --persons 500 --seed 7 --out again --format csv --json";
    bench.file("rates.toml", "missing = 0.25\nborrowed = 0.5\n");
    let again = bench.run(&format!("{arguments} --rates rates.toml --borrowed 0.001"));
    let again = again.worked().json();
    assert_eq!(again["rates"]["missing"], 0.25);
    assert_eq!(again["rates"]["borrowed"], 0.001);
    assert_eq!(again["rows"]["population"], 500);
    assert_eq!(bench.read("again/tax.csv"), tax);
    assert_eq!(
        bench.read("again/truth/tax.csv"),
        bench.read("made/truth/tax.csv")
    );
}

#[test]
fn registers_that_cannot_be_made_up_are_refused() {
    let bench = Bench::new();
    bench.file("rates.toml", "mistypd = 0.1");
    fs::create_dir(bench.path("there")).expect("a folder");
    bench.file("there/kept", "");
    for (arguments, words) in [
        ("--persons 0 --out new", "at least 1 person"),
        ("--persons 10000001 --out new", "10000000 persons at most"),
        (
            "--persons 9 --out new --missing 1.5",
            "the rate `missing` is not a number from 0 to 1",
        ),
        (
            "--persons 9 --out new --missing=-0.5",
            "the rate `missing` is not",
        ),
        (
            "--persons 9 --out new --zero-lost nan",
            "the rate `zero_lost` is not",
        ),
        (
            "--persons 9 --out new --missing 0.7 --swapped 0.7",
            "more than 1 together",
        ),
        (
            "--persons 9 --out new --rates rates.toml",
            "did you mean `mistyped`?",
        ),
        (
            "--persons 9 --out new --rates none.toml",
            "none.toml: cannot read the rates",
        ),
        ("--persons 9 --out there", "nothing is overwritten"),
        ("--persons 9 --out none/new", "does not exist"),
    ] {
        bench
            .run(&format!("synthesise {arguments}"))
            .refused(&[words]);
        assert!(!bench.path("new").exists());
    }
    assert_eq!(
        fs::read_dir(bench.path("there")).expect("a folder").count(),
        1
    );
    for arguments in [
        "--out new",
        "--persons 9",
        "--persons many --out new",
        "--persons -1 --out new",
        "--persons 9 --out new --missing often",
        "--persons 9 --out new --format text",
    ] {
        bench.run(&format!("synthesise {arguments}")).wrong_use();
    }
}

#[test]
fn synthetic_registers_are_rehearsed_with_the_plan_in_their_folder() {
    let bench = Bench::new();
    bench.run("synthesise --persons 12000 --out made").worked();
    let rehearsed = bench.run("rehearse made/plan.toml");
    rehearsed.worked().says(&["through the history only"]);
}
