//! The same seed gives the same bytes; and the files are what the plan reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow_array::RecordBatch;
use kobling::synthesise::{Rates, Register, SyntheticPopulation, WrittenRegisters};
use kobling::{Format, Plan};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::read::rows;

/// Two blocks.
const PERSONS: u64 = 70_000;

/// The files below a folder, by their path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            let below = files(&path).into_iter();
            found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// All files of a population that a number of threads makes.
fn made(
    seed: u64,
    format: Format,
    threads: usize,
) -> (BTreeMap<String, Vec<u8>>, WrittenRegisters) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("synthetic");
    let population = SyntheticPopulation::new(PERSONS, seed).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let written = pool
        .build()
        .unwrap()
        .install(|| population.write(&out, format));
    (files(&out), written.unwrap())
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for format in Format::ALL {
        let (one, _) = made(5, format, 1);
        let ending = format.ending();
        let mut names: Vec<String> = Register::ALL
            .into_iter()
            .map(|register| match register.is_truth() {
                true => format!("truth/{}.{ending}", register.name()),
                false => format!("{}.{ending}", register.name()),
            })
            .collect();
        names.push("plan.toml".to_owned());
        names.sort();
        assert_eq!(one.keys().cloned().collect::<Vec<_>>(), names);
        for threads in [1, 2, 3] {
            let (again, _) = made(5, format, threads);
            // Not by `assert_eq`, which would print megabytes.
            assert!(again == one, "{ending} by {threads} threads");
        }
    }
}

#[test]
fn another_seed_is_another_population() {
    let rows_of = |seed| {
        let population = SyntheticPopulation::new(100, seed).unwrap();
        rows(&population.register(Register::Population).unwrap())
    };
    assert_eq!(rows_of(1), rows_of(1));
    let (one, other) = (rows_of(1), rows_of(2));
    assert!(one.iter().all(|row| !other.contains(row)));
}

#[test]
fn other_mistakes_leave_the_population_as_it_is() {
    let right = SyntheticPopulation::new(3000, 1).unwrap();
    let wrong = right
        .clone()
        .with_rates(Rates {
            missing: 0.5,
            ..Rates::NONE
        })
        .unwrap();
    for register in [Register::Population, Register::History, Register::Moves] {
        assert_eq!(
            right.register(register).unwrap(),
            wrong.register(register).unwrap()
        );
    }
    let incomes = |population: &SyntheticPopulation| {
        let rows = rows(&population.register(Register::Tax).unwrap());
        rows.into_iter()
            .map(|row| row[2].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(incomes(&right), incomes(&wrong));
}

#[test]
fn every_format_has_the_same_rows() {
    let population = SyntheticPopulation::new(PERSONS, 5).unwrap();
    let (parquet, written) = made(5, Format::Parquet, 2);
    let (arrow, _) = made(5, Format::Arrow, 2);
    let (csv, _) = made(5, Format::Csv, 2);
    for register in Register::ALL {
        let expected = population.register(register).unwrap();
        let count: usize = expected.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(written.rows(register), count as u64);
        let expected = rows(&expected);
        let place = match register.is_truth() {
            true => format!("truth/{}", register.name()),
            false => register.name().to_owned(),
        };

        let bytes = bytes::Bytes::from(parquet[&format!("{place}.parquet")].clone());
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
        let read: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
        assert!(rows(&read) == expected, "{place}.parquet");

        let file = std::io::Cursor::new(&arrow[&format!("{place}.arrow")]);
        let reader = arrow_ipc::reader::FileReader::try_new(file, None).unwrap();
        let read: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        assert!(rows(&read) == expected, "{place}.arrow");

        let mut reader = csv::Reader::from_reader(&csv[&format!("{place}.csv")][..]);
        let read = reader.records().map(|record| {
            let record = record.unwrap();
            record.iter().map(str::to_owned).collect::<Vec<String>>()
        });
        assert!(read.collect::<Vec<_>>() == expected, "{place}.csv");
    }
}

/// The plan of a small population.
fn plan() -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("synthetic");
    let population = SyntheticPopulation::new(10, 1).unwrap();
    population.write(&out, Format::Csv).unwrap();
    fs::read_to_string(out.join("plan.toml")).unwrap()
}

#[test]
fn the_plan_reads_columns_that_the_registers_have() {
    let plan: toml::Table = plan().parse().unwrap();
    let population = SyntheticPopulation::new(10, 1).unwrap();
    let sources = plan["source"].as_table().unwrap();
    assert_eq!(sources.len(), 5);
    for (name, source) in sources {
        let named = Register::ALL.into_iter();
        let mut named = named.filter(|one| one.name() == name && !one.is_truth());
        let register = population.register(named.next().unwrap()).unwrap();
        let schema = register[0].schema();
        let mut columns = vec![source["identifier"]["column"].as_str().unwrap()];
        columns.extend(
            ["current", "valid_from"]
                .iter()
                .filter_map(|key| source.get(key)?.as_str()),
        );
        if let Some(declared) = source.get("columns") {
            let declared = declared.as_table().unwrap().values();
            columns.extend(declared.map(|column| column["from"].as_str().unwrap()));
        }
        for column in columns {
            assert!(schema.field_with_name(column).is_ok(), "{name}: {column}");
        }
        // Real numbers have no place beside these.
        assert_eq!(source["identifier"]["synthetic"].as_str(), Some("only"));
    }
}

#[test]
fn the_plan_has_no_findings() {
    let plan = Plan::parse(&plan()).unwrap();
    assert_eq!(plan.table_names().collect::<Vec<_>>(), ["income", "movers"]);
}
