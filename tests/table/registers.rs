//! The three examples on whole registers: every published cell equals a
//! reference computed independently, and exactly the cells that the rules name
//! are suppressed.
//!
//! NHANES runs everywhere, from `examples/`. The other two need the folder
//! that `KOBLING_DATA` names, and say so where it is absent.

pub(crate) mod margins;
pub(crate) mod oulad;
pub(crate) mod pseudopeople;
pub(crate) mod raw;
pub(crate) mod unlinked;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use kobling::protect::Protection;
use kobling::{Extract, Linkage, LinkageKey, Plan, Release, Rows};
use margins::{PERSONS, Row};

use crate::support::data::data;
use crate::support::shown::RELEASE_KEY;

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(path)
}

/// Plays all roles, with extracts written to files of `ending` and read back.
fn release(plan: &Path, inputs: &[(&str, PathBuf)], ending: &str) -> Release {
    let plan = Plan::read(plan).unwrap();
    let key = LinkageKey::generate().unwrap().domain_key(&plan.domain());
    let folder = tempfile::tempdir().unwrap();
    let extracts: Vec<Extract> = inputs
        .iter()
        .map(|(source, input)| {
            let rows = Rows::open(&plan, source, &[input])
                .unwrap()
                .identify()
                .unwrap();
            let path = folder.path().join(format!("{source}.{ending}"));
            rows.pseudonymise(&key).unwrap().write(&path).unwrap();
            Extract::read(&plan, &path).unwrap()
        })
        .collect();
    let linkage = Linkage::new(&plan, extracts).unwrap();
    let protection = Protection::new(RELEASE_KEY.clone());
    let tables = linkage.tabulate(protection).unwrap();
    tables.protect().unwrap().release().unwrap()
}

/// The cells of a released table: dimensions to measures, `None` where suppressed.
fn cells(
    release: &Release,
    table: &str,
    dimensions: usize,
) -> BTreeMap<Vec<String>, Vec<Option<String>>> {
    let batch: &RecordBatch = release.table(table).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("release");
    release.write(&out, &[kobling::Format::Csv]).unwrap();
    let mut reader = csv::Reader::from_path(out.join(format!("{table}.csv"))).unwrap();
    let cells: BTreeMap<_, _> = reader
        .records()
        .map(|record| {
            let fields: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
            let (key, measures) = fields.split_at(dimensions);
            let of_nobody = measures[0] == "0";
            let measures = measures.chunks(2).map(|pair| {
                let is_there = !pair[0].is_empty();
                // A mean or a share of nobody is none, and safe.
                let none = of_nobody && pair[1] == "safe";
                assert!(
                    is_there == (pair[1] == "safe") || none,
                    "a value is there exactly where it is safe"
                );
                is_there.then(|| pair[0].clone())
            });
            (key.to_vec(), measures.collect())
        })
        .collect();
    assert_eq!(cells.len(), batch.num_rows(), "no cell twice");
    cells
}

/// The rows of a reference table: dimensions to counts.
fn reference(path: &Path, dimensions: usize) -> BTreeMap<Vec<String>, Vec<u64>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.records().map(|record| {
        let fields: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        let (key, counts) = fields.split_at(dimensions);
        (
            key.to_vec(),
            counts.iter().map(|count| count.parse().unwrap()).collect(),
        )
    });
    rows.collect()
}

fn nhanes_inputs() -> [(&'static str, PathBuf); 4] {
    ["demo", "insurance", "hba1c", "mortality"]
        .map(|source| (source, example(&format!("nhanes/{source}.parquet"))))
}

/// A row of the reference, with the names that the plan has for its categories.
fn nhanes_cell(key: &[String]) -> Vec<String> {
    let sex = if key[1] == "1.0" { "male" } else { "female" };
    let insured = if key[2] == "unk" { "unknown" } else { &key[2] };
    [&key[0], sex, insured, &key[3]].map(str::to_owned).to_vec()
}

#[test]
fn nhanes_equals_its_reference() {
    let inputs = nhanes_inputs();
    for ending in ["arrow", "parquet"] {
        let release = release(&example("nhanes/plan.toml"), &inputs, ending);
        let cells = cells(&release, "mortality", 4);
        let reference = reference(&example("nhanes/reference.csv"), 4);
        assert_eq!(reference.len(), 95);
        let named: BTreeMap<_, _> = reference
            .iter()
            .map(|(key, counts)| (nhanes_cell(key), counts))
            .collect();
        assert_eq!(named.len(), reference.len());
        let mut suppressed = 0;
        let mut empty = 0;
        for (key, cell) in &cells {
            let Some(counts) = named.get(key) else {
                // A combination that nobody has is listed too.
                let nobody = [Some("0"), Some("0"), None];
                assert!(cell.iter().map(Option::as_deref).eq(nobody), "{cell:?}");
                empty += 1;
                continue;
            };
            let (persons, deaths) = (counts[0], counts[1]);
            let enough = |count: u64| count == 0 || count >= 5;
            // Who alone did not die would know how many others did.
            let safe = enough(persons) && persons - deaths != 1;
            // Those who died and those who did not are both counts of persons.
            let deaths_safe = enough(deaths) && enough(persons - deaths);
            assert_eq!(cell[0], safe.then(|| persons.to_string()), "{key:?}");
            assert_eq!(cell[1], deaths_safe.then(|| deaths.to_string()), "{key:?}");
            let percent = cell[2]
                .as_ref()
                .map(|percent| percent.parse::<f64>().unwrap());
            let wanted = deaths as f64 * 100.0 / persons as f64;
            assert_eq!(percent, deaths_safe.then_some(wanted), "{key:?}");
            suppressed += usize::from(!safe);
        }
        assert_eq!((cells.len(), empty), (96, 1));
        assert_eq!(suppressed, 15);
    }
}

#[test]
fn oulad_equals_its_reference() {
    let Some(data) = data("data") else { return };
    let data = data.join("oulad");
    let inputs = oulad::inputs(&data);
    let release = release(&example("oulad/plan.toml"), &inputs, "arrow");
    let cells = cells(&release, "results", 4);
    let reference = reference(&data.join("reference_region_age_clicks_result.csv"), 4);
    let persons = oulad::persons(&data);
    assert_eq!(reference.len(), 524);
    // All combinations of regions, ages, clicks and results.
    assert_eq!(cells.len(), 13 * 3 * 5 * 4);
    assert!(reference.keys().all(|key| cells.contains_key(key)));
    let mut suppressed = 0;
    for (key, cell) in &cells {
        let Some(counts) = reference.get(key) else {
            let zero = Some("0".to_owned());
            assert_eq!(cell[..], [zero.clone(), zero], "{key:?}");
            continue;
        };
        let persons = persons[key];
        let safe = persons >= 5;
        assert_eq!(cell[0], safe.then(|| counts[0].to_string()), "{key:?}");
        assert_eq!(cell[1], safe.then(|| persons.to_string()), "{key:?}");
        // The reference counts disclose most of it: fewer rows are fewer persons.
        assert!(safe || counts[0] < 5 || persons < counts[0], "{key:?}");
        suppressed += usize::from(!safe);
    }
    println!("{suppressed} of {} cells suppressed", reference.len());
    assert!(suppressed >= 94);
}

#[test]
fn pseudopeople_clean_equals_its_reference() {
    let Some(data) = data("data") else { return };
    let found = pseudopeople::compare(&data.join("pseudopeople"), "clean", "clean_by_ssn");
    assert_eq!(found.quarantined_persons, 0);
    assert_eq!(found.order_dependent_persons, 0);
    assert_eq!(found.without_amount, 0);
}

#[test]
fn pseudopeople_noised_differs_by_malformed_numbers_only() {
    let Some(data) = data("data") else { return };
    let folder = data.join("pseudopeople");
    let found = pseudopeople::compare(&folder, "noised", "noised_default_seed0_by_ssn");
    println!("{found:?}");
    assert!(found.quarantined_persons > 0);
}

#[test]
fn nhanes_with_margins_is_its_reference_added_up() {
    let release = margins::with_margins(&example("nhanes/plan.toml"), &nhanes_inputs());
    let reference = reference(&example("nhanes/reference.csv"), 4).into_iter();
    // Who is in a cell does not matter: a person has one row.
    let mut numbers = 0..;
    let rows = reference.flat_map(|(key, counts)| {
        let (persons, deaths) = (counts[0], counts[1]);
        let row = |nth: u64| Row {
            categories: nhanes_cell(&key),
            person: numbers
                .next()
                .map(|number: u64| number.to_string())
                .unwrap(),
            value: Some(i64::from(nth < deaths)),
        };
        (0..persons).map(row).collect::<Vec<Row>>()
    });
    let rows: Vec<Row> = rows.collect();
    margins::compare(
        &release,
        &rows,
        &[
            PERSONS,
            ("deaths", |cell| cell.sum as f64),
            (margins::SHARE, |cell| {
                cell.sum as f64 * 100.0 / cell.persons.len() as f64
            }),
        ],
        5,
        &[],
    );
}

#[test]
fn oulad_with_margins_is_what_its_rows_say() {
    let Some(data) = data("data") else { return };
    let data = data.join("oulad");
    let release = margins::with_margins(&example("oulad/plan.toml"), &oulad::inputs(&data));
    let rows = oulad::enrolments(&data);
    margins::compare(
        &release,
        &rows,
        &[("enrolments", |cell| cell.rows as f64), PERSONS],
        5,
        &[],
    );
}

#[test]
fn pseudopeople_with_margins_is_what_its_rows_say() {
    let Some(data) = data("data") else { return };
    for version in ["clean", "noised"] {
        let data = data.join("pseudopeople").join(version);
        let inputs = pseudopeople::inputs(&data);
        let release = margins::with_margins(&example("pseudopeople/plan.toml"), &inputs);
        let rows = pseudopeople::wage_earners(&data);
        let mean = |cell: &margins::Figures<'_>| cell.sum as f64 / cell.values as f64;
        let measures = [PERSONS, ("mean_wages", mean)];
        // Where everybody's wage is known it is listed all the same.
        margins::compare(&release, &rows, &measures, 5, &[(1, "no amount")]);
    }
}

#[test]
fn pseudopeople_says_why_wage_reports_do_not_link() {
    let Some(data) = data("data") else { return };
    let folder = data.join("pseudopeople");
    let clean = unlinked::unlinked(&folder.join("clean"));
    println!("clean: {clean:?}");
    // Numbers are borrowed, and well-formed all of them.
    assert!(clean.borrowed > 0 && clean.right > 0, "{clean:?}");
    assert_eq!((clean.missing, clean.malformed), (0, 0));
    let noised = unlinked::unlinked(&folder.join("noised"));
    println!("noised: {noised:?}");
    assert!(noised.repaired > 0 && noised.missing > 0 && noised.malformed > 0);
    assert!(noised.wrong_number > clean.wrong_number, "{noised:?}");
}
