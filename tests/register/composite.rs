//! Composite identifiers: several columns that identify a person together, from the plan to the extract.

use std::fs;
use std::path::Path;

use crate::support::{array, batch, change, extract, identify, parse, refusal};
use arrow_array::cast::AsArray;
use arrow_array::{Array, Date32Array, RecordBatch, StringArray};
use kobling::{DomainKey, ErrorKind, Extract, Plan, Rows};

/// Two registers without a number, and no look-up between them but by name and birth.
const PLAN: &str = r#"version = 1

[project]
id = "skatteforsk-2026-017"
epoch = 1
title = "Pupils by county"
purpose = "Statistics on pupils"
controller = "A university"
linkage_unit = "A statistics office"
recipient = "A reader"
valid = { from = 2026-01-01, until = 2199-12-31 }
approved = [{ by = "legal", name = "A lawyer", on = 2026-01-10 }]

[source.parish]
agency = "A parish"
legal_basis = ["GDPR art. 6(1)(e)"]
rows = "one"
[source.parish.identifier]
columns = [{ column = "family_name", type = "text" }, { column = "born", type = "date" }]
[source.parish.columns.county]
from = "county"
type = "category"

[source.school]
agency = "A school"
legal_basis = ["GDPR art. 6(1)(e)"]
rows = "one"
[source.school.identifier]
columns = [{ column = "name", type = "text" }, { column = "birth", type = "date" }]
[source.school.columns.level]
from = "level"
type = "category"

[table.pupils]
from = "parish"
by = ["parish.county", "school.level"]
sensitive = []
measures = [{ persons = true }]
protect = { min_persons = 3, method = "suppress" }
[table.pupils.with.school]
need = "required"
"#;

const PARISH: &str =
    r#"columns = [{ column = "family_name", type = "text" }, { column = "born", type = "date" }]"#;

/// The key of `tests/keys.rs`.
const KEY: &str = "\
kobling domain key 1
project = skatteforsk-2026-017
epoch = 1
key = 25f120586168709e3b41912e1b5f5bffa63ddd5586a4780e44ab92af09241e8e
check = e1ea180d503dd475
";

fn key() -> DomainKey {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("domain.key");
    fs::write(&path, KEY).expect("a key file");
    own(&path);
    DomainKey::read(&path).expect("a key")
}

#[cfg(unix)]
fn own(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("set a mode");
}

#[cfg(not(unix))]
fn own(_path: &Path) {}

/// The pseudonyms of an extract, in its order, in hexadecimal digits.
fn pseudonyms(extract: &Extract) -> Vec<String> {
    let batch: RecordBatch = extract.to_batch();
    let column = batch.column_by_name("pseudonym").expect("a pseudonym");
    let column = column.as_fixed_size_binary();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    (0..column.len())
        .map(|row| hex(column.value(row)))
        .collect()
}

// ---- pseudonyms ----

// The known answers below, computed apart from this crate:
//
//   import hmac, hashlib, struct
//   def mac(m): return hmac.new(domain_key, m, hashlib.sha256).digest()[:16].hex()
//   def part(b): return struct.pack('>I', len(b)) + b
//   def message(name, form): return bytes([len(name)]) + name + part(form)
//   mac(message(b'number', b'7'))
//   mac(message(b'composite(text,date)', part(b'ola nordmann') + part(b'1980-01-31')))

#[test]
fn a_single_column_has_the_known_pseudonym() {
    let single = "column = \"family_name\"\ntype = \"number\"";
    let plan = change(PLAN, PARISH, single);
    let school =
        r#"columns = [{ column = "name", type = "text" }, { column = "birth", type = "date" }]"#;
    let plan = parse(&change(
        &plan,
        school,
        "column = \"name\"\ntype = \"number\"",
    ));
    let made = extract(&plan, &key(), "parish", "family_name,county\n007,03\n");
    let made = made.expect("an extract");
    assert_eq!(pseudonyms(&made), ["fcb9d36f1115fa3becf67460f86df9bb"]);
}

#[test]
fn a_composite_has_the_known_pseudonym_in_every_register() {
    let (plan, key) = (parse(PLAN), key());
    let known = ["ef3dc48b76eca2d6d8072bd68baff621"];
    let parish = "county,born,family_name\n03,1980-01-31,Ola  Nordmann\n";
    let made = extract(&plan, &key, "parish", parish).expect("an extract");
    assert_eq!(pseudonyms(&made), known);
    // Another spelling, other names of columns, and a column of dates.
    let school = batch(vec![
        ("name", array(StringArray::from(vec![" OLA NORDMANN "]))),
        ("birth", array(Date32Array::from(vec![3682]))),
        ("level", array(StringArray::from(vec!["7"]))),
    ]);
    let rows = Rows::from_batches(&plan, "school", [school]).expect("rows");
    let made = rows.identify().and_then(|found| found.pseudonymise(&key));
    assert_eq!(pseudonyms(&made.expect("an extract")), known);
}

#[test]
fn where_one_part_ends_and_the_next_begins_counts() {
    let text = change(
        PLAN,
        PARISH,
        r#"columns = [{ column = "family_name", type = "text" }, { column = "born", type = "text" }]"#,
    );
    let school = r#"{ column = "birth", type = "date" }"#;
    let plan = parse(&change(
        &text,
        school,
        r#"{ column = "birth", type = "text" }"#,
    ));
    let rows = "family_name,born,county\nab,c,03\na,bc,03\nabc,d,03\nc,ab,03\n";
    let made = extract(&plan, &key(), "parish", rows).expect("an extract");
    let mut found = pseudonyms(&made);
    found.dedup();
    assert_eq!(found.len(), 4);
}

// ---- rows ----

#[test]
fn a_row_that_lacks_a_part_stays_behind_and_is_counted() {
    let plan = parse(PLAN);
    let rows = "family_name,born,county\n\
        Nordmann,1980-01-31,03\n\
        ,1980-01-31,03\n\
        Nordmann,,03\n\
        ,,03\n\
        Nordmann,1980-02-31,03\n\
        Nordmann,31.01.1980,03\n";
    let found = identify(&plan, "parish", rows).expect("rows");
    let quarantine: Vec<_> = found.quarantine().by_reason().collect();
    assert_eq!(
        quarantine,
        [("missing", 3), ("not-a-date", 1), ("wrong-characters", 1)]
    );
    assert_eq!(found.rows_read(), found.rows() + found.quarantine().rows());
}

#[test]
fn a_part_that_does_not_fit_is_named_where_it_must_fit() {
    let plan = parse(&change(
        PLAN,
        PARISH,
        &format!("{PARISH}\ninvalid = \"fail\""),
    ));
    for (row, column, words) in [
        ("canary,", "born", "is no date (missing)"),
        (",1980-01-31", "family_name", "is no text (missing)"),
        (
            "canary,1980-02-31",
            "born",
            "is no date (no date of the type)",
        ),
    ] {
        let rows = format!("family_name,born,county\na,1980-01-31,03\n{row},03\n");
        let error = refusal(identify(&plan, "parish", rows));
        assert_eq!(error.kind(), ErrorKind::Identifier);
        let text = error.to_string();
        assert!(text.contains(column) && text.contains(words), "{text}");
        assert!(!text.contains("canary") && !text.contains("1980"), "{text}");
    }
}

#[test]
fn every_part_is_read_and_must_be_there() {
    let plan = parse(PLAN);
    let reads = plan.source("parish").expect("a source").reads();
    assert_eq!(reads, ["born", "county", "family_name"]);
    let error = refusal(identify(&plan, "parish", "family_name,county\na,03\n"));
    assert!(error.to_string().contains("born"), "{error}");
}

#[test]
fn two_rows_of_one_person_are_found() {
    let rows = "family_name,born,county\nÅse,1980-01-31,03\nÅSE,1980-01-31,11\n";
    let error = refusal(extract(&parse(PLAN), &key(), "parish", rows));
    assert!(!error.to_string().to_lowercase().contains("åse"), "{error}");
}

// ---- the plan ----

/// Words of the one finding, and its path.
fn finding(from: &str, to: &str) -> (String, String) {
    let found = match Plan::parse(&change(PLAN, from, to)) {
        Ok(_) => panic!("nothing is found wrong with {to}"),
        Err(found) => found,
    };
    assert_eq!(found.as_slice().len(), 1, "{found}");
    let finding = &found.as_slice()[0];
    (finding.path.join("."), finding.to_string())
}

#[test]
fn what_cannot_be_a_composite_is_found() {
    let born = r#"{ column = "born", type = "date" }"#;
    let nine = [born; 9].join(", ");
    for (from, to, path, words) in [
        (
            PARISH,
            format!("{PARISH}\ncolumn = 'nr'\ntype = 'number'"),
            "identifier",
            "not both",
        ),
        (
            PARISH,
            format!("{PARISH}\ntype = 'number'"),
            "identifier",
            "not both",
        ),
        (PARISH, "column = 'nr'".into(), "identifier", "its `type`"),
        (
            PARISH,
            "type = 'number'".into(),
            "identifier",
            "its `column`",
        ),
        (
            PARISH,
            format!("columns = [{born}]"),
            "identifier.columns",
            "2 to 8 parts",
        ),
        (
            PARISH,
            format!("columns = [{born}, {born}]"),
            "identifier.columns.1.column",
            "a part already",
        ),
        (
            born,
            "{ column = '', type = 'date' }".into(),
            "identifier.columns.1.column",
            "is empty",
        ),
        (
            born,
            "{ column = 'born', type = 'dato' }".into(),
            "identifier.columns.1.type",
            "did you mean `date`?",
        ),
        (
            born,
            "{ column = 'born', type = 'composite(text,date)' }".into(),
            "identifier.columns.1.type",
            "is one of",
        ),
    ] {
        // What does not match the other register is found besides.
        let text = change(PLAN, from, &to);
        let found = Plan::parse(&text).expect_err("something is wrong");
        let path = format!("source.parish.{path}");
        let fits = found
            .as_slice()
            .iter()
            .any(|f| f.path.join(".") == path && f.to_string().contains(words));
        assert!(fits, "{to}: {found}");
    }
    let found = Plan::parse(&change(PLAN, PARISH, &format!("columns = [{nine}]")));
    assert!(
        found
            .expect_err("too many")
            .to_string()
            .contains("2 to 8 parts")
    );
}

#[test]
fn registers_link_by_the_same_types_in_the_same_order_only() {
    let (name, birth) = (
        r#"{ column = "name", type = "text" }"#,
        r#"{ column = "birth", type = "date" }"#,
    );
    let columns = format!("columns = [{name}, {birth}]");
    for (other, types) in [
        (
            format!("columns = [{birth}, {name}]"),
            "composite(date,text)",
        ),
        (
            format!("columns = [{name}, {birth}, {{ column = 'nr', type = 'number' }}]"),
            "composite(text,date,number)",
        ),
        ("column = 'nr'\ntype = 'text'".to_owned(), "by text,"),
    ] {
        let (path, text) = finding(&columns, &other);
        assert_eq!(path, "table.pupils.with.school");
        assert!(
            text.contains(types) && text.contains("the base by composite(text,date)"),
            "{text}"
        );
    }
}

#[test]
fn of_the_parts_only_the_year_or_month_of_a_day_may_leave() {
    let county = "from = \"county\"\ntype = \"category\"";
    for step in [
        "",
        "\nprefix = 1",
        "\nmap = { a = \"b\" }\notherwise = \"c\"",
    ] {
        let (path, text) = finding(
            county,
            &format!("from = \"family_name\"\ntype = \"category\"{step}"),
        );
        assert_eq!(path, "source.parish.columns.county.from");
        assert!(text.contains("never leaves the agency"), "{text}");
    }
    let (path, text) = finding(county, "from = \"born\"\ntype = \"category\"");
    assert_eq!(path, "source.parish.columns.county.from");
    assert!(text.contains("truncate = \"year\""), "{text}");
    for truncate in ["year", "month"] {
        let column = format!("from = \"born\"\ntype = \"category\"\ntruncate = \"{truncate}\"");
        let plan = parse(&change(PLAN, county, &column));
        let rows = "family_name,born\na,1980-01-31\n";
        extract(&plan, &key(), "parish", rows).expect("an extract");
    }
}

#[test]
fn the_plan_in_words_names_every_part() {
    let words = parse(PLAN).summary();
    let line = "persons by family_name (text) and born (date) together, replaced by a pseudonym";
    assert!(words.contains(line), "{words}");
    let digest = parse(PLAN).digest();
    let other = change(
        PLAN,
        r#""born", type = "date""#,
        r#""birth", type = "date""#,
    );
    assert_ne!(parse(&other).digest(), digest);
}
