//! Distinct persons in each cell of the OULAD table, counted with hash maps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::raw::columns;

/// Persons by region, age, clicks and result.
pub(crate) fn persons(data: &Path) -> BTreeMap<Vec<String>, u64> {
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
    let mut persons: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for row in columns(&data.join("studentInfo.parquet"), &names) {
        let row: Vec<String> = row.into_iter().map(Option::unwrap).collect();
        let key = [row[0].clone(), row[1].clone(), row[2].clone()];
        let band = match clicks.get(&key) {
            None => "none",
            Some(0..=100) => "<=100",
            Some(101..=500) => "101-500",
            Some(501..=1500) => "501-1500",
            Some(_) => ">1500",
        };
        let cell = vec![
            row[3].clone(),
            row[4].clone(),
            band.to_owned(),
            row[5].clone(),
        ];
        persons.entry(cell).or_default().insert(row[0].clone());
    }
    persons
        .into_iter()
        .map(|(cell, persons)| (cell, persons.len() as u64))
        .collect()
}
