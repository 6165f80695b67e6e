//! What the tests share: one plan of three sources, registers of made-up rows, and the way to a release.
//!
//! Nothing here asserts but that a step which must work does.

// Each room of tests is a program of its own, and none uses all of this.
#![allow(dead_code)]

pub(crate) mod alone;
pub(crate) mod cell;
pub(crate) mod column;
pub(crate) mod data;
pub(crate) mod desk;
pub(crate) mod forge;
pub(crate) mod shown;
pub(crate) mod towns;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::FileWriter;
use kobling::protect::Protection;
use kobling::{
    DomainKey, Error, Extract, Identified, Linkage, LinkageKey, Plan, Release, Result, Rows,
};
use parquet::arrow::ArrowWriter;

/// How a plan begins whose project does not matter.
pub(crate) const PROJECT: &str = r#"version = 1
[project]
id = "test"
epoch = 1
title = "A test"
purpose = "A test"
controller = "A test"
linkage_unit = "A test"
recipient = "A test"
valid = { from = 2020-01-01, until = 2999-12-31 }
approved = [{ by = "legal", name = "A lawyer", on = 2020-01-01 }]
"#;

/// A plan that no check finds anything in.
pub(crate) const PLAN: &str = r#"version = 1

[project]
id = "test-2026-1"
epoch = 1
title = "Income by county"
purpose = "Statistics on income"
controller = "A university"
linkage_unit = "A statistics office"
recipient = "A reader"
valid = { from = 2026-01-01, until = 2199-12-31 }
approved = [{ by = "legal", name = "A lawyer", on = 2026-01-10 }]

[source.population]
agency = "A registry"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "nr", type = "number" }
rows = "one"
keep = [{ column = "age", at_least = 20 }]

[source.population.columns.age_band]
from = "age"
type = "category"
bands = [20, 35, 50, 67]

[source.population.columns.county]
from = "municipality"
type = "category"
prefix = 2

[source.tax]
agency = "A tax office"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "nr", type = "number" }
rows = "one"

[source.tax.columns.income]
from = "wage"
type = "decimal"
scale = 2
missing = ["", "-9"]

[source.benefit]
agency = "A benefit office"
legal_basis = ["GDPR art. 6(1)(e)"]
identifier = { column = "nr", type = "number" }
rows = "many"

[source.benefit.columns.year]
from = "year"
type = "integer"

[source.benefit.columns.paid]
from = "amount"
type = "decimal"
scale = 2

[table.income]
from = "population"
by = ["population.county", "population.age_band", "paid_band"]
sensitive = []
measures = [{ persons = true }, { sum = "tax.income" }]

[table.income.with.tax]
need = "optional"

[table.income.with.benefit]
need = "optional"
where = [{ column = "year", equals = 2024 }]
reduce = { paid = "sum" }

[table.income.columns.paid_band]
from = "benefit.paid"
type = "category"
bands = [1, 1000]
absent = "none"

[table.income.protect]
min_persons = 3
dominance = { n = 1, percent = 95 }
method = "suppress"
"#;

/// [`PLAN`], checked.
pub(crate) fn plan() -> Plan {
    parse(PLAN)
}

/// A plan that must have no findings.
pub(crate) fn parse(text: &str) -> Plan {
    Plan::parse(text).unwrap_or_else(|findings| panic!("{findings}"))
}

/// `text` with its only `from` turned into `to`.
pub(crate) fn change(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} is there once");
    text.replace(from, to)
}

/// A domain key of `plan` that nobody else has.
pub(crate) fn key(plan: &Plan) -> DomainKey {
    let linkage_key = LinkageKey::generate().expect("random numbers");
    linkage_key.domain_key(&plan.domain())
}

/// The registers of `persons` persons as CSV, in the order of [`SOURCES`].
pub(crate) fn registers(persons: u32) -> [String; 3] {
    let mut population = String::from("nr,age,municipality\n");
    let mut tax = String::from("nr,wage\n");
    let mut benefit = String::from("nr,year,amount\n");
    for nr in 1..=persons {
        let county = 1 + nr % 3;
        population += &format!("{nr},{},{county:02}01\n", 18 + nr * 7 % 60);
        if nr % 5 != 0 {
            tax += &format!("{nr},{}.{:02}\n", 200_000 + nr * 13, nr % 100);
        }
        for paid in 0..nr % 4 {
            benefit += &format!("{nr},{},{}\n", 2023 + paid % 2, 300 + nr % 700);
        }
    }
    [population, tax, benefit]
}

/// The sources of [`PLAN`], in the order of [`registers`].
pub(crate) const SOURCES: [&str; 3] = ["population", "tax", "benefit"];

/// Writes a file into `folder`.
pub(crate) fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
    fs::write(&path, content).expect("a file is written");
    path
}

/// A batch of the given columns.
pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .expect("columns of one length")
}

/// Writes a batch as Arrow IPC.
pub(crate) fn write_ipc(path: &Path, batch: &RecordBatch) {
    let file = fs::File::create(path).expect("a file");
    let mut writer = FileWriter::try_new(file, &batch.schema()).expect("a writer");
    writer.write(batch).expect("a batch is written");
    writer.finish().expect("the file is finished");
}

/// Writes a batch as Parquet.
pub(crate) fn write_parquet(path: &Path, batch: &RecordBatch) {
    let file = fs::File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(batch).expect("a batch is written");
    writer.close().expect("the file is finished");
}

/// Reads and identifies the register `source` from a CSV text.
pub(crate) fn identify(plan: &Plan, source: &str, csv: impl AsRef<[u8]>) -> Result<Identified> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "register.csv", csv);
    Rows::open(plan, source, &[path])?.identify()
}

/// The extract of the register `source` from a CSV text.
pub(crate) fn extract(plan: &Plan, key: &DomainKey, source: &str, csv: &str) -> Result<Extract> {
    identify(plan, source, csv)?.pseudonymise(key)
}

/// The extracts of [`registers`] of `persons` persons.
pub(crate) fn extracts(plan: &Plan, key: &DomainKey, persons: u32) -> Vec<Extract> {
    let registers = registers(persons);
    let sources = SOURCES.into_iter().zip(&registers);
    sources
        .map(|(source, csv)| extract(plan, key, source, csv).expect("a good register"))
        .collect()
}

/// Links, tabulates, protects and releases.
pub(crate) fn release(plan: &Plan, extracts: Vec<Extract>) -> Result<Release> {
    let tables =
        Linkage::new(plan, extracts)?.tabulate(Protection::new(shown::RELEASE_KEY.clone()))?;
    tables.protect()?.release()
}

/// The error of what must be refused, without asking `T` for a `Debug`.
pub(crate) fn refusal<T>(result: Result<T>) -> Error {
    match result {
        Ok(_) => panic!("was not refused"),
        Err(error) => error,
    }
}

/// An array behind an `Arc`, as columns are.
pub(crate) fn array(array: impl arrow_array::Array + 'static) -> ArrayRef {
    Arc::new(array)
}
