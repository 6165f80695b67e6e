//! The rows of the OULAD table, linked with hash maps, and the distinct persons in each cell.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::margins::Row;
use super::raw::columns;

/// The registers, by source.
pub(crate) fn inputs(data: &Path) -> [(&'static str, PathBuf); 3] {
    [
        ("studentInfo", data.join("studentInfo.parquet")),
        (
            "studentRegistration",
            data.join("studentRegistration.parquet"),
        ),
        ("studentVle", data.join("studentVle_ds")),
    ]
}

/// Persons by region, age, clicks and result.
pub(crate) fn persons(data: &Path) -> BTreeMap<Vec<String>, u64> {
    let mut persons: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for row in enrolments(data) {
        let cell = persons.entry(row.categories).or_default();
        cell.insert(row.person);
    }
    persons
        .into_iter()
        .map(|(cell, persons)| (cell, persons.len() as u64))
        .collect()
}

/// Enrolments by region, age, clicks and result.
pub(crate) fn enrolments(data: &Path) -> Vec<Row> {
    let mut clicks: HashMap<[String; 3], u64> = HashMap::new();
    let parts = data.join("studentVle_ds");
    for module in std::fs::read_dir(&parts).unwrap() {
        let module = module.unwrap().path();
        for presentation in std::fs::read_dir(&module).unwrap() {
            let presentation = presentation.unwrap().path();
            let value = |path: &Path| {
                let name = path.file_name().unwrap().to_str().unwrap();
                name.split_once('=').unwrap().1.to_owned()
            };
            for part in std::fs::read_dir(&presentation).unwrap() {
                for row in columns(&part.unwrap().path(), &["id_student", "sum_click"]) {
                    let key = [
                        row[0].clone().unwrap(),
                        value(&module),
                        value(&presentation),
                    ];
                    *clicks.entry(key).or_default() +=
                        row[1].as_ref().unwrap().parse::<u64>().unwrap();
                }
            }
        }
    }
    let names = [
        "id_student",
        "code_module",
        "code_presentation",
        "region",
        "age_band",
        "final_result",
    ];
    let students = columns(&data.join("studentInfo.parquet"), &names).into_iter();
    let rows = students.map(|row| {
        let row: Vec<String> = row.into_iter().map(Option::unwrap).collect();
        let [person, module, presentation, region, age, result] = row.try_into().unwrap();
        let key = [person, module, presentation];
        let band = match clicks.get(&key) {
            None => "none",
            Some(0..=100) => "<=100",
            Some(101..=500) => "101-500",
            Some(501..=1500) => "501-1500",
            Some(_) => ">1500",
        };
        let [person, ..] = key;
        Row {
            categories: vec![region, age, band.to_owned(), result],
            person,
            value: None,
        }
    });
    rows.collect()
}
