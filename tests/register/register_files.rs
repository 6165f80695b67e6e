//! Files of registers: their formats, their identifiers, and what is wrong with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{
    PLAN, array, batch, change, file, identify, key, parse, plan, refusal, registers,
};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int32Array, Int64Array,
    LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray, Time32SecondArray,
    UInt16Array,
};
use arrow_schema::DataType;
use kobling::{DomainKey, Error, ErrorKind, Identified, Plan, Result, Rows};

use crate::support;

/// A refusal that names source, column and row, where they are known.
fn is_placed(error: &Error, column: Option<&str>, row: Option<u64>, words: &str) {
    assert_eq!(error.kind(), ErrorKind::Rows, "{error}");
    assert_eq!(error.source_name(), Some("tax"), "{error}");
    assert_eq!((error.column(), error.row()), (column, row), "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

fn tax(csv: impl AsRef<[u8]>) -> Result<Identified> {
    identify(&plan(), "tax", csv)
}

// ---- CSV ----

#[test]
fn a_csv_file_that_is_not_whole_is_refused_at_its_row() {
    is_placed(
        &refusal(tax("nr,wage\n1,2\n3\n")),
        None,
        Some(2),
        "has 1 field, the header has 2",
    );
    is_placed(
        &refusal(tax("nr,wage\n1,2\n3,4,5\n")),
        None,
        Some(2),
        "has 3 fields",
    );
    is_placed(
        &refusal(tax("nr,wage\n1,\"2\n3,4\n")),
        None,
        Some(1),
        "not closed",
    );
    is_placed(
        &refusal(tax(b"nr,wage\n1,2\n2,\x9b\n")),
        Some("wage"),
        Some(2),
        "neither UTF-8 nor letters of Windows-1252",
    );
    is_placed(
        &refusal(tax(b"nr,w\xe6ge\n1,2\n")),
        Some("wage"),
        None,
        "did you mean \"w\u{e6}ge\"?",
    );
    is_placed(&refusal(tax(b"\xff\xfen\0r\0")), None, None, "UTF-16");
    is_placed(&refusal(tax("")), None, None, "is empty");
    is_placed(
        &refusal(tax("nr,wages\n1,2\n")),
        Some("wage"),
        None,
        "did you mean \"wages\"?",
    );
    is_placed(
        &refusal(tax("nr,wage,wage\n1,2,3\n")),
        Some("wage"),
        None,
        "twice",
    );
    is_placed(
        &refusal(tax("nr;income\n1;2\n")),
        Some("wage"),
        None,
        "no such column",
    );
    // A file without a header must not show its first row.
    let error = refusal(tax("12345678901,54321\n2,3\n"));
    assert!(!error.to_string().contains("12345678901"), "{error}");
}

#[test]
fn csv_is_read_as_registers_write_it() {
    for csv in [
        "\u{feff}nr,wage\n1,2\n3,4\n",
        "nr;wage\n1;2\n3;4\n",
        "nr,wage\r\n1,2\r\n\r\n3,4\r\n",
        "wage,other,nr\n2,x,1\n4,\"a \"\"quote\"\", and\na line\",3\n",
        "nr,wage,fødested\n1,2,Å\n3,4,Ø\n",
    ] {
        let rows = tax(csv).unwrap_or_else(|error| panic!("{csv}: {error}"));
        assert_eq!((rows.rows(), rows.rows_read()), (2, 2), "{csv}");
    }
    // Only what the plan asks for is looked at.
    assert_eq!(tax(b"nr,wage,note\n1,2,\xf8\n").expect("unasked").rows(), 1);
}

#[test]
fn a_value_that_cannot_be_read_is_named_by_place_and_rule_only() {
    let long = "nr,wage\n1,2\n\n2,3\n3,secret\n";
    let error = refusal(tax(long));
    is_placed(&error, Some("wage"), Some(3), "is not a number");
    assert!(error.to_string().contains("register.csv") && !error.to_string().contains("secret"));
    for (value, words) in [
        ("1.234", "more than 2 decimals"),
        ("99999999999999999999", "18 digits"),
    ] {
        let error = refusal(tax(format!("nr,wage\n1,{value}\n")));
        is_placed(&error, Some("wage"), Some(1), words);
        assert!(!format!("{error:?}").contains(value), "{error}");
    }
}

// ---- identifiers ----

#[test]
fn an_identifier_that_does_not_fit_is_counted_by_reason_or_stops_the_run() {
    let csv = "nr,wage\n1,1\n,2\n  ,3\n-5,4\n5.5,5\nabc,6\n9007199254740993.0,7\n2,bad\n";
    let csv = csv.replace(",bad", ",8");
    let quarantined = tax(&csv).expect("a register");
    assert_eq!((quarantined.rows(), quarantined.rows_read()), (2, 8));
    let reasons: BTreeMap<_, _> = quarantined.quarantine().by_reason().collect();
    let expected = [
        ("missing", 2),
        ("wrong-characters", 2),
        ("fraction", 1),
        ("imprecise", 1),
    ];
    assert_eq!(reasons, BTreeMap::from(expected));
    assert_eq!(quarantined.quarantine().rows(), 6);

    let tax_identifier = "agency = \"A tax office\"\nlegal_basis = [\"GDPR art. 6(1)(e)\"]\nidentifier = { column = \"nr\", ";
    let fail = change(
        PLAN,
        tax_identifier,
        &format!("{tax_identifier}invalid = \"fail\", "),
    );
    let error = refusal(identify(&parse(&fail), "tax", "nr,wage\n1,1\n77x77,2\n"));
    assert_eq!(error.kind(), ErrorKind::Identifier);
    assert_eq!(
        (error.source_name(), error.column(), error.row()),
        (Some("tax"), Some("nr"), Some(2))
    );
    assert!(error.rule().contains("invalid = \"fail\""), "{error}");
    assert!(!format!("{error:?}").contains("77x77"), "{error}");
}

#[test]
fn a_row_in_quarantine_or_not_kept_need_not_be_readable() {
    let rows = tax("nr,wage\nabc,secret\n1,2\n").expect("the first row stays behind");
    assert_eq!((rows.rows(), rows.quarantine().rows()), (1, 1));
    let csv = "nr,age,municipality\nabc,5,0301\n1,19,0301\n2,20,0301\n";
    let rows = identify(&plan(), "population", csv).expect("children are not kept");
    assert_eq!(
        (rows.rows(), rows.rows_read(), rows.quarantine().rows()),
        (1, 3, 0)
    );
}

#[test]
fn two_rows_of_one_person_are_refused_where_the_plan_says_one() {
    let plan = plan();
    let error = refusal(support::extract(
        &plan,
        &key(&plan),
        "tax",
        "nr,wage\n7,1\n007,2\n7.0,3\n",
    ));
    assert_eq!(error.kind(), ErrorKind::Rows);
    assert!(
        error
            .to_string()
            .contains("2 rows of persons who have a row already"),
        "{error}"
    );
    let many = "nr,year,amount\n7,2024,1\n007,2024,2\n";
    assert!(support::extract(&plan, &key(&plan), "benefit", many).is_ok());
}

/// The extract's bytes, whatever file the register stood in.
fn bytes(plan: &Plan, key: &DomainKey, source: &str, path: &Path) -> Vec<u8> {
    let rows = Rows::open(plan, source, &[path]).and_then(Rows::identify);
    let rows = rows.unwrap_or_else(|error| panic!("{error}"));
    let out = path.with_extension("extract.arrow");
    let extract = rows.pseudonymise(key).expect("an extract");
    extract.write(&out).expect("it is written");
    let bytes = fs::read(&out).expect("it is read");
    fs::remove_file(out).expect("it is gone");
    bytes
}

fn identifiers() -> Vec<ArrayRef> {
    let numbers = [7i64, 1, 65_535, 301];
    let text = || numbers.iter().map(|n| Some(format!("{n:06}")));
    let decimals = numbers.map(|n| i128::from(n) * 1000);
    let decimals =
        Decimal128Array::from(decimals.to_vec()).with_data_type(DataType::Decimal128(20, 3));
    let dictionary: DictionaryArray<Int32Type> =
        ["7", " 1 ", "65535.0", "301"].into_iter().collect();
    vec![
        array(Int64Array::from(numbers.to_vec())),
        array(Int32Array::from(numbers.map(|n| n as i32).to_vec())),
        array(UInt16Array::from(numbers.map(|n| n as u16).to_vec())),
        array(Float64Array::from(numbers.map(|n| n as f64).to_vec())),
        array(Float32Array::from(numbers.map(|n| n as f32).to_vec())),
        array(text().collect::<StringArray>()),
        array(text().collect::<LargeStringArray>()),
        array(text().collect::<StringViewArray>()),
        array(decimals),
        array(dictionary),
    ]
}

#[test]
fn an_identifier_gives_the_same_bytes_from_every_type_and_format() {
    let plan = plan();
    let key = key(&plan);
    let folder = tempfile::tempdir().expect("a folder");
    let csv = file(
        folder.path(),
        "t.csv",
        "nr,wage\n7,1.50\n1,\n65535,-9\n301,3\n",
    );
    let expected = bytes(&plan, &key, "tax", &csv);
    let tsv = file(
        folder.path(),
        "t.tsv",
        "wage\tnr\n1.5\t7.0\n\t01\n-9\t 65535\n3\t301\n",
    );
    assert!(bytes(&plan, &key, "tax", &tsv) == expected, "TSV");
    let wages: ArrayRef = array(Float64Array::from(vec![
        Some(1.5),
        None,
        Some(-9.0),
        Some(3.0),
    ]));
    for nr in identifiers() {
        let kind = nr.data_type().clone();
        let register = batch(vec![
            ("nr", nr),
            ("unasked", wages.clone()),
            ("wage", wages.clone()),
        ]);
        for (name, write) in FORMATS {
            let path = folder.path().join(name);
            write(&path, &register);
            assert!(
                bytes(&plan, &key, "tax", &path) == expected,
                "{kind} in {name}"
            );
        }
        let rows = Rows::from_batches(&plan, "tax", [register]).and_then(Rows::identify);
        let made = rows
            .and_then(|rows| rows.pseudonymise(&key))
            .expect("from memory");
        let path = folder.path().join("memory.arrow");
        made.write(&path).expect("it is written");
        assert!(
            fs::read(&path).expect("it is read") == expected,
            "{kind} in memory"
        );
    }
}

type Write = fn(&Path, &RecordBatch);

const FORMATS: [(&str, Write); 2] = [
    ("register.arrow", support::write_ipc),
    ("register.parquet", support::write_parquet),
];

// ---- other formats ----

#[test]
fn columns_without_any_value_are_missing_and_no_panic() {
    let plan = plan();
    let nr: ArrayRef = array(Int64Array::from(vec![1, 2]));
    let no_values = DictionaryArray::<Int32Type>::new(
        Int32Array::from(vec![None, None]),
        array(StringArray::from(Vec::<&str>::new())),
    );
    let folder = tempfile::tempdir().expect("a folder");
    for wage in [array(no_values), array(NullArray::new(2))] {
        let register = batch(vec![("nr", nr.clone()), ("wage", wage.clone())]);
        let rows = Rows::from_batches(&plan, "tax", [register.clone()]).and_then(Rows::identify);
        assert_eq!(
            rows.expect("missing wages").rows(),
            2,
            "{}",
            wage.data_type()
        );
        let path = folder.path().join("register.arrow");
        support::write_ipc(&path, &register);
        let rows = Rows::open(&plan, "tax", &[path]).and_then(Rows::identify);
        assert_eq!(
            rows.expect("missing wages").rows(),
            2,
            "{}",
            wage.data_type()
        );
        // Nor does it where the identifier is such a column.
        let register = batch(vec![("nr", wage), ("wage", nr.clone())]);
        let rows = Rows::from_batches(&plan, "tax", [register]).and_then(Rows::identify);
        assert_eq!(rows.expect("quarantine").quarantine().rows(), 2);
    }
}

#[test]
fn batches_in_memory_are_held_to_what_files_are() {
    let plan = plan();
    let nr: ArrayRef = array(Int64Array::from(vec![1]));
    let open =
        |columns| Rows::from_batches(&plan, "tax", [batch(columns)]).and_then(Rows::identify);
    let error = refusal(open(vec![("nr", nr.clone())]));
    is_placed(&error, Some("wage"), None, "no such column");
    let error = refusal(open(vec![
        ("nr", nr.clone()),
        ("wage", nr.clone()),
        ("wage", nr.clone()),
    ]));
    is_placed(&error, Some("wage"), None, "twice");
    let times: ArrayRef = array(Time32SecondArray::from(vec![1]));
    let error = refusal(open(vec![("nr", nr.clone()), ("wage", times)]));
    is_placed(&error, Some("wage"), None, "type");
    assert_eq!(
        refusal(Rows::from_batches(&plan, "nobody", [])).kind(),
        ErrorKind::Plan
    );
}

#[test]
fn damaged_files_of_any_format_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let numbers: ArrayRef = array(Int64Array::from_iter_values(1..200));
    let register = batch(vec![("nr", numbers.clone()), ("wage", numbers)]);
    for (name, write) in FORMATS {
        let path = folder.path().join(name);
        write(&path, &register);
        let whole = fs::read(&path).expect("it is read");
        for length in (0..whole.len()).step_by(97) {
            fs::write(&path, &whole[..length]).expect("it is cut");
            let error = refusal(Rows::open(&plan(), "tax", &[&path]).and_then(Rows::identify));
            is_placed(&error, None, None, name);
        }
        for at in (0..whole.len()).step_by(19) {
            let mut changed = whole.clone();
            changed[at] ^= 0x5a;
            fs::write(&path, changed).expect("it is changed");
            match Rows::open(&plan(), "tax", &[&path]).and_then(Rows::identify) {
                Ok(rows) => assert_eq!(rows.rows_read(), 199, "{name}, byte {at}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Rows, "{error}"),
            }
        }
    }
}

// ---- folders and empty registers ----

#[test]
fn an_empty_register_is_an_extract_without_rows_and_links() {
    let plan = plan();
    let key = key(&plan);
    let empty = ["nr,age,municipality\n", "nr,wage\n", "nr,year,amount\n"];
    let extracts = support::SOURCES.into_iter().zip(empty);
    let extracts = extracts.map(|(source, csv)| support::extract(&plan, &key, source, csv));
    let extracts: Vec<_> = extracts.collect::<Result<_>>().expect("empty extracts");
    assert!(extracts.iter().all(|extract| extract.rows() == 0));
    let folder = tempfile::tempdir().expect("a folder");
    for extract in &extracts {
        for ending in ["arrow", "parquet"] {
            let path = folder.path().join(format!("x.{ending}"));
            extract.write(&path).expect("it is written");
            let read = kobling::Extract::read(&plan, &path).expect("it is read");
            assert_eq!(read.to_batch(), extract.to_batch());
        }
    }
    let release = support::release(&plan, extracts).expect("a release");
    assert_eq!(release.table("income").expect("a table").num_rows(), 0);
    let none: [PathBuf; 0] = [];
    assert_eq!(
        refusal(Rows::open(&plan, "tax", &none)).kind(),
        ErrorKind::Rows
    );
    assert_eq!(
        refusal(Rows::open(&plan, "tax", &[folder.path().join("x.csv")])).kind(),
        ErrorKind::File
    );
}

#[test]
fn the_folders_of_a_register_are_columns_of_it() {
    let plan = plan();
    let key = key(&plan);
    let folder = tempfile::tempdir().expect("a folder");
    let [_, _, csv] = registers(60);
    let whole = file(folder.path(), "whole.csv", &csv);
    let parts = folder.path().join("parts");
    for year in ["2023", "2024"] {
        let mut part = String::from("amount,nr\n");
        for line in csv.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            if fields[1] == year {
                part += &format!("{},{}\n", fields[2], fields[0]);
            }
        }
        file(&parts, &format!("year={year}/part-0.csv"), part);
        file(&parts, &format!("year={year}/_SUCCESS"), "");
    }
    assert!(bytes(&plan, &key, "benefit", &parts) == bytes(&plan, &key, "benefit", &whole));
    let open = || Rows::open(&plan, "benefit", &[&parts]);
    file(
        &parts,
        "year=2025/part-0.csv",
        "year,amount,nr\n2025.0,1,1\n",
    );
    assert!(open().and_then(Rows::identify).is_ok());
    file(&parts, "year=2025/part-0.csv", "year,amount,nr\n2024,1,1\n");
    let error = refusal(open().and_then(Rows::identify)).to_string();
    assert!(
        error.contains("another value than the name of a folder"),
        "{error}"
    );
    file(&parts, "year=2025/part-0.csv", "amount\n1\n");
    assert_eq!(refusal(open()).column(), Some("nr"));
    file(&parts, "year=2025/part-0.csv", "amount,nr\n1,1\n");
    file(&parts, "year=2025/notes.txt", "hello");
    assert!(
        refusal(open())
            .to_string()
            .contains("no format that is read")
    );
    let twice = [whole.clone(), whole];
    let error = refusal(Rows::open(&plan, "benefit", &twice));
    assert!(error.to_string().contains("given twice"), "{error}");
}
