//! No row is lost without a word: what is read is kept, filtered or in
//! quarantine, in every run, from every format of file.
//!
//! The twin classifies each row as it is drawn, so what is counted is known
//! beforehand. The identifier report counts the same rows again.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::support::{PROJECT, array, batch, file, key, parse, refusal, write_ipc, write_parquet};
use arrow_array::{RecordBatch, StringArray};
use kobling::{Count, Extract, IdentifierReport, Plan, Rows};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support;

/// A plan of one register; `keep` leaves out rows.
fn plan(kind: &str, keep: bool, rest: &str) -> Plan {
    let keep = match keep {
        true => "keep = [{ column = \"kept\", equals = \"yes\" }]",
        false => "",
    };
    parse(&format!(
        r#"{PROJECT}
        [source.reg]
        agency = "a"
        legal_basis = ["l"]
        identifier = {{ column = "id", type = "{kind}"{rest} }}
        rows = "many"
        {keep}
        [source.reg.columns.place]
        from = "place"
        type = "category"
        [source.reg.columns.value]
        from = "v"
        type = "integer"
        missing = ["-9"]
        invalid = "missing"
        [table.t]
        from = "reg"
        by = ["reg.place"]
        sensitive = []
        measures = [{{ persons = true }}, {{ sum = "reg.value" }}]
        [table.t.protect]
        min_persons = 3
        p_percent = 10
        method = "suppress""#
    ))
}

/// What the twin takes a row for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Is {
    Person(u32),
    Invalid(&'static str),
}

#[derive(Debug, Clone)]
struct Row {
    identifier: Option<String>,
    is: Is,
    kept: bool,
    value: &'static str,
}

/// Values, and what each is: used, missing or unreadable.
const VALUES: [(&str, usize); 7] = [
    ("1", 0),
    (" -20 ", 0),
    ("", 1),
    ("-9", 1),
    ("many", 2),
    ("1.5", 2),
    ("1000000000000000000", 2),
];

/// Rows whose identifiers are of `kind`, in several ways to write each.
fn rows(kind: &'static str) -> impl Strategy<Value = Vec<Row>> {
    let person = (0..30u32, 0..3usize).prop_map(move |(person, way)| {
        // One of them is longer than what is compared as a number.
        let name = match person % 7 {
            0 => format!("{person:020} of a very long name"),
            _ => format!("no {person:04}"),
        };
        let ways = match kind {
            "text" => [name.clone(), name.to_uppercase(), format!(" {name} ")],
            _ => [
                person.to_string(),
                format!("0{person}"),
                format!("{person}.0"),
            ],
        };
        (Some(ways[way].clone()), Is::Person(person))
    });
    let missing = (0..3usize).prop_map(|at| {
        let empty = [None, Some(String::new()), Some("  ".to_owned())];
        (empty[at].clone(), Is::Invalid("missing"))
    });
    let wrong = (0..3usize).prop_map(move |at| {
        let (text, reason) = match kind {
            "text" => ("x".repeat(2000), "too-long"),
            _ => {
                let wrong = [
                    ("1-2", "wrong-characters"),
                    ("1.5", "fraction"),
                    ("ÿ", "wrong-characters"),
                ];
                (wrong[at].0.to_owned(), wrong[at].1)
            }
        };
        (Some(text), Is::Invalid(reason))
    });
    let row = (
        prop_oneof![6 => person, 1 => missing, 1 => wrong],
        any::<bool>(),
        prop::sample::select(VALUES.map(|(value, _)| value).to_vec()),
    );
    let row = row.prop_map(|((identifier, is), kept, value)| Row {
        identifier,
        is,
        kept,
        value,
    });
    vec(row, 0..80)
}

fn registers() -> impl Strategy<Value = (&'static str, Vec<Row>)> {
    prop_oneof![Just("text"), Just("number"), Just("digits(4)")]
        .prop_flat_map(|kind| (Just(kind), rows(kind)))
}

fn as_batch(rows: &[Row]) -> RecordBatch {
    let identifiers: StringArray = rows.iter().map(|row| row.identifier.as_deref()).collect();
    let kept = rows
        .iter()
        .map(|row| Some(if row.kept { "yes" } else { "no" }));
    let places = rows
        .iter()
        .map(|row| Some(if row.kept { "here" } else { "there" }));
    let values: StringArray = rows.iter().map(|row| Some(row.value)).collect();
    batch(vec![
        ("v", array(values)),
        ("place", array(places.collect::<StringArray>())),
        ("id", array(identifiers)),
        ("kept", array(kept.collect::<StringArray>())),
    ])
}

/// CSV in which a missing identifier is empty.
fn as_text(rows: &[Row], delimiter: char) -> String {
    let mut text = format!("id{delimiter}kept{delimiter}place{delimiter}v\n");
    for row in rows {
        let identifier = row.identifier.as_deref().unwrap_or_default();
        let kept = if row.kept { "yes" } else { "no" };
        let value = row.value;
        text += &format!("{identifier}{delimiter}{kept}{delimiter}here{delimiter}{value}\n");
    }
    text
}

/// The register in every form that registers come in.
fn forms(rows: &[Row], folder: &Path) -> Vec<PathBuf> {
    let path = |name: &str| folder.join(name);
    let whole = as_batch(rows);
    write_ipc(&path("reg.arrow"), &whole);
    write_parquet(&path("reg.parquet"), &whole);
    let (first, second) = rows.split_at(rows.len() / 2);
    file(folder, "parts/a.csv", as_text(first, ','));
    file(folder, "parts/b.tsv", as_text(second, '\t'));
    write_parquet(&path("parts/c.parquet"), &as_batch(&[]));
    file(folder, "reg.csv", as_text(rows, ';'));
    ["reg.arrow", "reg.parquet", "reg.csv", "parts"]
        .map(path)
        .into()
}

/// What the twin counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counted {
    read: u64,
    filtered: u64,
    kept: u64,
    quarantined: BTreeMap<String, u64>,
    distinct: u64,
    repeated: u64,
    /// Values of kept rows that are used, missing and unreadable.
    values: [u64; 3],
}

impl Counted {
    fn of(rows: &[Row], keep: bool) -> Self {
        let mut counted = Self::default();
        let mut persons: HashMap<u32, u64> = HashMap::new();
        for row in rows {
            counted.read += 1;
            match row.is {
                _ if keep && !row.kept => counted.filtered += 1,
                Is::Person(person) => {
                    counted.kept += 1;
                    let value = VALUES.iter().find(|(value, _)| *value == row.value);
                    counted.values[value.expect("one of them").1] += 1;
                    *persons.entry(person).or_default() += 1;
                }
                Is::Invalid(reason) => {
                    *counted.quarantined.entry(reason.to_owned()).or_default() += 1;
                }
            }
        }
        counted.distinct = persons.len() as u64;
        counted.repeated = persons.values().filter(|rows| **rows > 1).sum();
        counted
    }

    fn add_up(&self) -> bool {
        self.read == self.kept + self.filtered + self.quarantined.values().sum::<u64>()
            && self.kept == self.values.iter().sum::<u64>()
    }

    /// Whether rows are in quarantine, and none is kept: of these no extract is made.
    fn identifies_nobody(&self) -> bool {
        self.kept == 0 && !self.quarantined.is_empty()
    }

    fn reported(report: &IdentifierReport) -> Self {
        let exact = |count: Count| count.get().expect("an exact count");
        let mut quarantined = BTreeMap::new();
        for (reason, rows) in &report.quarantined {
            quarantined.insert(reason.clone(), exact(*rows));
        }
        if !report.missing.is_zero() {
            quarantined.insert("missing".to_owned(), exact(report.missing));
        }
        let kept = report.valid.values().map(|rows| exact(*rows)).sum();
        assert_eq!(exact(report.identified), kept);
        Self {
            read: exact(report.rows),
            filtered: exact(report.filtered),
            kept,
            quarantined,
            distinct: exact(report.distinct),
            repeated: exact(report.repeated),
            // A report does not look at them.
            values: [0; 3],
        }
    }

    /// What an extract and its file say.
    fn extracted(&self, extract: &Extract) {
        let header = extract.header();
        let said = (header.rows_read, header.rows_filtered(), header.rows);
        assert_eq!(said, (self.read, self.filtered, self.kept));
        assert_eq!(header.quarantine, self.quarantined);
        assert_eq!(
            header.rows_read,
            header.rows + header.rows_filtered() + header.rows_quarantined()
        );
        assert_eq!(extract.rows() as u64, self.kept);
        let value = header.columns["value"];
        assert_eq!([value.used, value.missing, value.unreadable], self.values);
        for counts in header.columns.values() {
            assert_eq!(counts.read(), header.rows);
            assert_eq!(
                counts.used + counts.missing + counts.unreadable,
                header.rows
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn rows_read_are_kept_filtered_or_in_quarantine((kind, rows) in registers(), keep: bool) {
        let plan = plan(kind, keep, "");
        let key = key(&plan);
        let counted = Counted::of(&rows, keep);
        prop_assert!(counted.add_up());
        let folder = tempfile::tempdir().unwrap();
        for form in forms(&rows, folder.path()) {
            let open = || Rows::open(&plan, "reg", &[&form]).unwrap();
            let identified = open().identify().unwrap();
            prop_assert_eq!(identified.rows_read(), counted.read);
            prop_assert_eq!(identified.rows_filtered(), counted.filtered);
            prop_assert_eq!(identified.rows(), counted.kept);
            let found = identified.quarantine().by_reason();
            let found: BTreeMap<String, u64> =
                found.map(|(reason, rows)| (reason.to_owned(), rows)).collect();
            prop_assert_eq!(&found, &counted.quarantined);

            let report = open().exact_identifier_report().unwrap();
            let reported = Counted { values: [0; 3], ..counted.clone() };
            prop_assert_eq!(&Counted::reported(&report), &reported);
            if counted.identifies_nobody() {
                let refused = refusal(identified.pseudonymise(&key));
                prop_assert!(refused.to_string().contains("identifies nobody"));
                continue;
            }
            counted.extracted(&identified.pseudonymise(&key).unwrap());
            let within = open().pseudonymise_within(&key, 1, folder.path()).unwrap();
            counted.extracted(&within);
            for ending in ["arrow", "parquet"] {
                let path = folder.path().join(format!("extract.{ending}"));
                let _ = std::fs::remove_file(&path);
                within.write(&path).unwrap();
                counted.extracted(&Extract::read(&plan, &path).unwrap());
            }
        }
        let rows = Rows::from_batches(&plan, "reg", [as_batch(&rows)]).unwrap();
        let report = rows.exact_identifier_report().unwrap();
        let reported = Counted { values: [0; 3], ..counted.clone() };
        prop_assert_eq!(&Counted::reported(&report), &reported);
    }

    #[test]
    fn a_report_that_may_be_passed_on_is_rounded((kind, rows) in registers(), keep: bool) {
        let plan = plan(kind, keep, ", invalid = \"fail\"");
        let counted = Counted::of(&rows, keep);
        let rows = Rows::from_batches(&plan, "reg", [as_batch(&rows)]).unwrap();
        let report = rows.identifier_report().unwrap();
        let rounded = |count: u64| match count {
            0 => Some(0),
            1..=4 => None,
            count => Some((count + 2) / 5 * 5),
        };
        prop_assert_eq!(report.rounded_to, 5);
        prop_assert_eq!(report.rows.get(), rounded(counted.read));
        prop_assert_eq!(report.filtered.get(), rounded(counted.filtered));
        prop_assert_eq!(report.identified.get(), rounded(counted.kept));
        prop_assert_eq!(report.distinct.get(), rounded(counted.distinct));
        prop_assert_eq!(report.repeated.get(), rounded(counted.repeated));
        for (reason, rows) in &counted.quarantined {
            let found = match reason.as_str() {
                "missing" => report.missing,
                reason => report.quarantined[reason],
            };
            prop_assert_eq!(found.get(), rounded(*rows));
        }
        // That an identifier does not fit is counted, and said; it stops nothing.
        let unfit = report.warnings.iter().filter(|warning| warning.contains("do not fit"));
        prop_assert_eq!(unfit.count(), usize::from(!counted.quarantined.is_empty()));
        let json = serde_json::to_value(&report).unwrap();
        prop_assert_eq!(&json["rows"], &serde_json::json!(rounded(counted.read)));
        prop_assert_eq!(&json["type"], kind);
        let text = report.to_string();
        prop_assert_eq!(text.contains("fewer than 5"), json.to_string().contains("null"));
    }
}

#[test]
fn an_identifier_that_repeats_is_reported_before_an_extract_is_refused() {
    let text = support::change(
        support::PLAN,
        "column = \"age\", at_least = 20",
        "column = \"age\", at_least = 30",
    );
    let plan = parse(&text);
    let folder = tempfile::tempdir().expect("a folder");
    let report = |csv: &str| {
        let path = file(folder.path(), "population.csv", csv);
        let rows = Rows::open(&plan, "population", &[path]).expect("a register");
        rows.identifier_report().expect("a report")
    };
    // The second row of person 1 is not kept.
    let once = report("nr,age,municipality\n1,40,0301\n01,20,0301\n2,50,0301\n");
    assert!(once.repeated.is_zero() && once.warnings.is_empty());
    let twice = report("nr,age,municipality\n1,40,0301\n01,50,0301\n2,50,0301\n");
    assert_eq!(twice.repeated.get(), None);
    assert!(
        twice.warnings[0].contains("rows = \"one\""),
        "{:?}",
        twice.warnings
    );
}

#[test]
fn only_identifiers_and_what_is_kept_by_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    // A wage that is no number, and not even UTF-8: not read, so no reason to refuse.
    let csv = b"nr,wage\n1,\x9b\n2,many\n";
    let path = file(folder.path(), "tax.csv", csv);
    let plan = support::plan();
    let open = || Rows::open(&plan, "tax", &[&path]).expect("a register");
    assert!(
        refusal(open().identify())
            .to_string()
            .contains("neither UTF-8 nor")
    );
    let report = open().exact_identifier_report().expect("a report");
    assert_eq!(report.identified.get(), Some(2));
}

#[test]
fn what_is_no_register_has_no_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = support::plan();
    let refused = |name: &str, content: &[u8], words: &str| {
        let path = file(folder.path(), name, content);
        let report = Rows::open(&plan, "population", &[path]).and_then(Rows::identifier_report);
        let error = refusal(report).to_string();
        assert!(error.contains(words) && error.contains(name), "{error}");
    };
    refused("empty.csv", b"", "is empty: not even a header");
    refused(
        "none.csv",
        b"age,municipality\n40,0301\n",
        "column nr: the file has no such column",
    );
    refused(
        "latin1.csv",
        b"nr,age,municipality\n\x9b,40,0301\n",
        "column nr, row 1: is neither UTF-8",
    );
    refused(
        "age.csv",
        b"nr,age,municipality\n1,old,0301\n",
        "column age, row 1: is not a number",
    );
    refused("damaged.parquet", b"PAR1", "damaged");
    refused("plan.toml", b"version = 1", "is of no format that is read");
    let nobody = file(folder.path(), "nobody.csv", "nr,age,municipality\n");
    let rows = Rows::open(&plan, "population", &[&nobody]).expect("a register");
    let report = rows.identifier_report().expect("a report");
    assert!(report.rows.is_zero() && report.valid.is_empty() && report.distinct.is_zero());
    let error = refusal(Rows::open(&plan, "populations", &[&nobody]));
    assert!(error.to_string().contains("no such source"), "{error}");
}

#[test]
fn what_cannot_be_read_is_bounded_by_the_plan() {
    // Of four values that are there one cannot be read; a fifth is missing.
    let csv = "nr,wage\n1,1\n2,2\n3,3\n4,many\n5,\n";
    let plan = |more: &str| {
        let wage = "missing = [\"\", \"-9\"]";
        parse(&support::change(
            support::PLAN,
            wage,
            &format!("{wage}\n{more}"),
        ))
    };
    let extract = |plan: &Plan| support::extract(plan, &key(plan), "tax", csv);
    let at_most = |percent: &str| {
        plan(&format!(
            "invalid = \"missing\"\ninvalid_at_most = {percent}"
        ))
    };
    for allowed in ["25", "25.01", "100"] {
        let extract = extract(&at_most(allowed)).expect("an extract");
        let wage = extract.header().columns["income"];
        assert_eq!(
            [wage.used, wage.missing, wage.unreadable],
            [3, 1, 1],
            "{allowed}"
        );
    }
    for refused in ["24.99", "1", "0"] {
        let error = refusal(extract(&at_most(refused)));
        assert_eq!(
            (error.source_name(), error.column()),
            (Some("tax"), Some("wage"))
        );
        assert!(
            error.to_string().contains("25.00 % of the values"),
            "{error}"
        );
    }
    let findings = Plan::parse(&support::change(
        support::PLAN,
        "missing = [\"\", \"-9\"]",
        "invalid_at_most = 1",
    ));
    let findings = findings.expect_err("a finding").to_string();
    assert!(
        findings.contains("invalid_at_most") && findings.contains("invalid = \"missing\""),
        "{findings}"
    );
}
