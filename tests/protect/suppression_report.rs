//! Why figures are suppressed: known to the linkage unit, and in nothing that a recipient gets.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::plan_with;
use kobling::protect::ProtectedTables;
use kobling::{ErrorKind, Format, Manifest, Plan};
use serde_json::Value;

const COLUMNS: &str = "town = { from = 'town', type = 'category' }
    kind = { from = 'kind', type = 'category' }
    amount = { from = 'amount', type = 'decimal', scale = 2 }";

/// Parameters that are in no file by chance.
const RULES: &str = "min_persons = 4, dominance = { n = 7, percent = 93.71 }, p_percent = 17.39, \
    prior_posterior = { p = 23.57, q = 71.93 }, method = 'suppress'";

const PARAMETERS: [&str; 6] = ["93.71", "17.39", "23.57", "71.93", "\"n\"", "\"percent\""];

const REASONS: [&str; 8] = [
    "primary",
    "complementary",
    "min_persons",
    "dominance",
    "p_percent",
    "prior_posterior",
    "group_disclosure",
    "differencing",
];

fn plan() -> Plan {
    plan_of(
        "levels = { town = [{ name = 'county', prefix = 1 }] }
        margins = true",
    )
}

fn plan_of(more: &str) -> Plan {
    let table = format!(
        "[table.t]
        from = 'pay'
        by = ['pay.town', 'pay.kind']
        sensitive = ['kind']
        {more}
        measures = [{{ persons = true }}, {{ sum = 'pay.amount', as = 'sum' }}]
        protect = {{ {RULES} }}"
    );
    parse(&plan_with("one", COLUMNS, &table))
}

/// Of town 10 few are of kind y; in town 11 one person has nearly all; in town 12
/// all are of kind x; town 20 has nothing unsafe. One kind is missing.
fn register(further: &str) -> String {
    let mut csv = String::from("nr,town,kind,amount\n");
    let mut nr = 0;
    let mut crowd = |town: &str, kind: &str, persons: u64, first: u64| {
        for place in 0..persons {
            nr += 1;
            let amount = if place == 0 { first } else { 100 + nr % 3 };
            let _ = writeln!(csv, "{nr},{town},{kind},{amount}");
        }
    };
    crowd("10", "x", 30, 100);
    crowd("10", "y", 2, 100);
    crowd("10", "", 20, 100);
    crowd("11", "x", 30, 1_000_000);
    crowd("11", "y", 25, 100);
    crowd("12", "x", 30, 100);
    crowd("20", "x", 30, 100);
    crowd("20", "y", 30, 100);
    csv + further
}

fn tables(desk: &Desk, plan: &Plan, further: &str) -> ProtectedTables {
    let protection = desk.protection().ledger(desk.ledger(plan));
    let tables = desk.tables(plan, &register(further), protection);
    tables.unwrap().protect().unwrap()
}

/// The report's summary, and its figures.
fn written(path: &Path) -> (Value, Vec<Value>) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (lines.next().unwrap(), lines.collect())
}

#[test]
fn each_suppressed_figure_has_its_reason() {
    let (desk, plan) = (Desk::new(), plan());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.jsonl");
    let tables = tables(&desk, &plan, "");
    tables.suppression_report().write(&path).unwrap();
    let (summary, figures) = written(&path);
    assert_eq!(summary["kind"], "suppression-report");
    assert_eq!(summary["project"], plan.project());
    assert_eq!(summary["plan_digest"], plan.digest().to_string());
    assert_eq!(summary["ledger_entry"], 1);

    // As many as are suppressed, each once, and the summary counts them.
    let release = tables.release().unwrap();
    let statuses = &release.manifest().tables[0].statuses;
    let mut counted: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut places = std::collections::BTreeSet::new();
    for figure in &figures {
        assert_eq!(figure["table"], "t");
        let text = |key: &str| figure[key].as_str().unwrap().to_owned();
        *counted
            .entry((text("measure"), text("reason")))
            .or_default() += 1;
        let place = (
            figure["cell"].clone(),
            figure["level"].clone(),
            figure["measure"].clone(),
        );
        assert!(
            places.insert(format!("{place:?}")),
            "{figure} is there twice"
        );
        assert!(REASONS.contains(&text("reason").as_str()), "{figure}");
    }
    for measure in ["persons", "sum"] {
        let of = counted.iter().filter(|((name, _), _)| name == measure);
        let sum: u64 = of.clone().map(|(_, figures)| figures).sum();
        assert_eq!(sum, statuses[measure]["suppressed"]);
        for ((_, reason), figures) in of {
            assert_eq!(summary["tables"]["t"][measure][reason], *figures);
        }
    }
    let reason = |town: &str, kind: Option<&str>, measure: &str| -> Vec<&Value> {
        let own = figures.iter().filter(|figure| {
            let level = &figure["level"];
            level["town"] == "town" && level["kind"] == "kind"
        });
        let found = own.filter(|figure| {
            let cell = &figure["cell"];
            cell["town"] == town && cell["kind"].as_str() == kind && figure["measure"] == measure
        });
        found.map(|figure| &figure["reason"]).collect()
    };
    assert_eq!(reason("10", Some("y"), "persons"), ["min_persons"]);
    assert_eq!(reason("11", Some("x"), "sum"), ["dominance"]);
    assert_eq!(reason("12", Some("x"), "persons"), ["group_disclosure"]);
    assert!(
        reason("20", Some("x"), "persons")
            .iter()
            .all(|r| *r == "complementary")
    );
    for measure in ["persons", "sum"] {
        assert!(counted.contains_key(&(measure.to_owned(), "complementary".to_owned())));
    }
}

#[test]
fn a_difference_names_the_ledgers_entry() {
    let (desk, plan) = (Desk::new(), plan_of(""));
    tables(&desk, &plan, "").release().unwrap();
    tables(&desk, &plan, "").release().unwrap();
    // One came to a cell that was published before.
    let third = tables(&desk, &plan, "9001,20,x,100\n");
    let report = third.suppression_report();
    assert_eq!(report.summary().ledger_entry, Some(3));
    let near = report
        .figures()
        .filter(|figure| figure.reason == "differencing");
    let entries: Vec<Option<u64>> = near.map(|figure| figure.entry).collect();
    assert!(!entries.is_empty());
    // The first that had the figure; the second said nothing new.
    assert!(entries.iter().all(|entry| *entry == Some(1)), "{entries:?}");
    let others = report
        .figures()
        .filter(|figure| figure.reason != "differencing");
    assert!(others.into_iter().all(|figure| figure.entry.is_none()));

    let release = third.release().unwrap();
    let words = release.rows("t").unwrap().flatten().flatten();
    assert!(
        !words
            .into_iter()
            .any(|word| REASONS.contains(&word.as_str()))
    );
    assert!(!release.manifest().to_json().contains("differencing"));
}

#[test]
fn nothing_that_a_recipient_gets_says_why() {
    let (desk, plan) = (Desk::new(), plan());
    let release = tables(&desk, &plan, "").release().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("release");
    release.write(&out, &Format::ALL).unwrap();

    let mut files = 0;
    for file in fs::read_dir(&out).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let holds = |word: &str| bytes.windows(word.len()).any(|at| at == word.as_bytes());
        for parameter in PARAMETERS {
            assert!(!holds(parameter), "{} has {parameter}", path.display());
        }
        let manifest = path.ends_with("manifest.json");
        // A manifest names the rules that apply, and says of no figure which one did.
        let named = &REASONS[2..7];
        for word in REASONS
            .iter()
            .filter(|word| !manifest || !named.contains(word))
        {
            assert!(!holds(word), "{} has {word}", path.display());
        }
        files += 1;
    }
    assert_eq!(files, 4);
    let words = release.rows("t").unwrap().flatten().flatten();
    let words: Vec<String> = words.collect();
    assert!(words.iter().any(|word| word == "suppressed"));
    assert!(words.iter().all(|word| !REASONS.contains(&word.as_str())));

    let manifest = Manifest::read(out.join("manifest.json")).unwrap();
    let table = &manifest.tables[0];
    for (measure, statuses) in &table.statuses {
        let named: Vec<&str> = statuses.keys().map(String::as_str).collect();
        assert_eq!(named, ["safe", "suppressed"], "{measure}");
    }
    assert_eq!(table.rules.min_persons, 4);
    let concentration = ["dominance", "p_percent", "prior_posterior"];
    assert_eq!(table.rules.concentration, concentration);
    let json: Value = serde_json::from_str(&manifest.to_json()).unwrap();
    let protect = &json["plan"]["table"]["t"]["protect"];
    assert_eq!(*protect, json["tables"][0]["rules"]);
    assert_eq!(json["plan"]["table"]["t"]["by"][0], "pay.town");
    assert_eq!(json["plan_digest"], plan.digest().to_string());
}

#[test]
fn a_manifest_says_of_audits_what_its_tables_say() {
    let desk = Desk::new();
    let table = format!(
        "[table.t]
        from = 'pay'
        by = ['pay.town', 'pay.kind']
        sensitive = []
        margins = true
        measures = [
            {{ persons = true }},
            {{ persons = {{ where = [{{ column = 'pay.amount', above = 101 }}] }}, as = 'more' }},
            {{ persons = {{ where = [{{ column = 'pay.amount', present = true }}] }}, as = 'with' }},
            {{ sum = 'pay.amount', as = 'sum' }},
            {{ mean = 'pay.amount', as = 'mean' }},
        ]
        protect = {{ {RULES} }}"
    );
    let plan = parse(&plan_with("one", COLUMNS, &table));
    // The first is nobody's secret, and is promised the same.
    let plain: String = (0..90).fold("nr,town,kind,amount\n".to_owned(), |csv, nr| {
        csv + &format!("{nr},10,x,{}\n", 100 + nr % 3)
    });
    for (csv, is_unsafe) in [(plain, false), (register(""), true)] {
        let tables = desk.tables(&plan, &csv, desk.protection()).unwrap();
        let protected = tables.protect().unwrap();
        let found = protected.suppression_report().summary().audits;
        let release = protected.release().unwrap();
        let schema = release.table("t").unwrap().schema();
        let column = |name: &str| schema.index_of(&format!("{name}_status")).unwrap();
        let rows: Vec<Vec<Option<String>>> = release.rows("t").unwrap().collect();
        // How many rows have a figure of one of the measures.
        let without = |measures: &[&str]| {
            let suppressed = |row: &&Vec<Option<String>>| {
                let statuses = measures.iter().map(|name| row[column(name)].as_deref());
                statuses
                    .into_iter()
                    .all(|status| status == Some("suppressed"))
            };
            rows.iter().filter(suppressed).count()
        };
        let manifest: Value = serde_json::from_str(&release.manifest().to_json()).unwrap();
        let audits = manifest["audits"].as_array().unwrap();
        assert_eq!(audits.len(), 2);
        let keys = |at: usize| {
            let keys = audits[at].as_object().unwrap().keys();
            keys.map(String::as_str).collect::<Vec<_>>()
        };
        assert_eq!(
            keys(0),
            ["cells", "count_interval", "measures", "suppressed"]
        );
        assert_eq!(keys(1), ["cells", "measures", "primes", "suppressed"]);
        assert_eq!(audits[0]["count_interval"], 3);
        assert_eq!(audits[0]["cells"], 3 * rows.len());
        let counts = ["persons", "more", "with"].map(|count| without(&[count]));
        let counts: usize = counts.iter().sum();
        assert_eq!(audits[0]["suppressed"], counts);
        assert_eq!(audits[1]["cells"], rows.len());
        assert_eq!(audits[1]["suppressed"], without(&["sum", "mean"]));
        assert_eq!(counts > 0, is_unsafe);
        // How little is left of the most certain figure is for the linkage unit.
        assert_eq!(
            found[0].fewest_values.is_some_and(|values| values >= 3),
            is_unsafe
        );
        assert_eq!(found[1].narrowest.is_some(), is_unsafe);
    }
}

#[test]
fn a_report_is_its_owners_and_there_only_when_it_is_finished() {
    let (desk, plan) = (Desk::new(), plan());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.jsonl");
    let tables = tables(&desk, &plan, "");
    let names = || fs::read_dir(folder.path()).unwrap().count();
    let prepared = tables.suppression_report().prepare(&path).unwrap();
    assert!(!path.exists());
    drop(prepared);
    assert_eq!(names(), 0, "nothing is left");
    let prepared = tables.suppression_report().prepare(&path).unwrap();
    prepared.finish().unwrap();
    assert_eq!(names(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let nowhere = folder.path().join("no/such/report.jsonl");
    let error = tables.suppression_report().write(nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
}
