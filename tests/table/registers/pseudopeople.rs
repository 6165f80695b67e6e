//! The pseudopeople table counted with hash maps, with and without what kobling
//! does otherwise than the reference: it quarantines malformed numbers, and of
//! several dates of birth it takes the earliest, whatever the order of the file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::margins::Row;
use super::raw::columns;
use super::{cells, example, reference, release};

/// By how much kobling's way differs from the reference's, in persons.
#[derive(Debug)]
pub(crate) struct Difference {
    /// Wage earners whose number is malformed.
    pub(crate) quarantined_persons: usize,
    /// Wage earners whose year of birth depends on the order of the file.
    pub(crate) order_dependent_persons: usize,
    /// Wage earners none of whose wages is a number.
    pub(crate) without_amount: usize,
}

/// A wage earner, as one of the two ways counts them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Earner {
    age: &'static str,
    wages: Option<i64>,
    wage: &'static str,
    filed: bool,
}

impl Earner {
    /// What it is counted by, where one without an amount is called `no_amount`.
    fn cell(&self, no_amount: &str) -> Vec<String> {
        let wage = if self.wage.is_empty() {
            no_amount
        } else {
            self.wage
        };
        [self.age, wage, &self.filed.to_string()]
            .map(str::to_owned)
            .to_vec()
    }
}

/// Wage earners as kobling counts them.
pub(crate) fn wage_earners(data: &Path) -> Vec<Row> {
    let earners = earners(data, well_formed, true).into_iter();
    let rows = earners.map(|(person, earner)| Row {
        categories: earner.cell("no amount"),
        person,
        value: earner.wages,
    });
    rows.collect()
}

/// The registers of one version, by source.
pub(crate) fn inputs(data: &Path) -> [(&'static str, PathBuf); 3] {
    ["taxes_w2_and_1099", "social_security", "taxes_1040"]
        .map(|source| (source, data.join(format!("{source}.parquet"))))
}

/// Compares the release with the reference, by way of a count that can do both.
pub(crate) fn compare(folder: &Path, version: &str, name: &str) -> Difference {
    let data = folder.join(version);
    let release = release(&example("pseudopeople/plan.toml"), &inputs(&data), "arrow");
    let published = cells(&release, "filed", 3);

    let theirs = earners(&data, |_| true, false);
    let ours = earners(&data, well_formed, true);
    let reference = reference(
        &folder.join(format!("reference_2020_age_wage_filed_{name}.csv")),
        3,
    );

    // The count by hand is the reference's, to the cell.
    assert_eq!(
        count(&theirs, "<10k"),
        reference
            .into_iter()
            .map(|(cell, n)| (lower(cell), n[0]))
            .collect()
    );
    // And with kobling's two rules it is kobling's, to the cell.
    let expected = count(&ours, "no amount");
    assert!(expected.keys().all(|cell| published.contains_key(cell)));
    // All combinations of ages, wages and who filed are listed, those that nobody has
    // as zero.
    assert_eq!(published.len(), 7 * 6 * 2);
    for cell in published.keys() {
        let persons = expected.get(cell).unwrap_or(&0);
        let safe = *persons == 0 || *persons >= 5;
        assert_eq!(
            published[cell][0],
            safe.then(|| persons.to_string()),
            "{cell:?}"
        );
    }
    let malformed = theirs.keys().filter(|ssn| !well_formed(ssn));
    let both = theirs
        .iter()
        .filter_map(|(ssn, one)| Some((one, ours.get(ssn)?)));
    Difference {
        quarantined_persons: malformed.count(),
        order_dependent_persons: both.filter(|(one, other)| one.age != other.age).count(),
        without_amount: ours
            .values()
            .filter(|earner| earner.wage.is_empty())
            .count(),
    }
}

fn lower(mut cell: Vec<String>) -> Vec<String> {
    cell[2] = cell[2].to_lowercase();
    cell
}

/// What the Social Security Administration may have issued, with its dashes.
pub(crate) fn well_formed(ssn: &str) -> bool {
    let bytes = ssn.trim().as_bytes();
    let digits = bytes.iter().enumerate().all(|(at, byte)| match at {
        3 | 6 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    digits
        && bytes.len() == 11
        && !ssn.starts_with("000")
        && !ssn.starts_with("666")
        && !ssn.starts_with('9')
        && &ssn[4..6] != "00"
        && &ssn[7..] != "0000"
}

fn earners(data: &Path, valid: impl Fn(&str) -> bool, earliest: bool) -> HashMap<String, Earner> {
    let of = |source: &str, names: &[&str], column: usize, value: &str| {
        let rows = columns(&data.join(format!("{source}.parquet")), names).into_iter();
        let value = value.to_owned();
        rows.filter(move |row| row[column].as_deref() == Some(&value))
            .filter_map(|mut row| Some((row[0].take()?, row)))
            .collect::<Vec<_>>()
    };
    let mut wages: HashMap<String, Option<i64>> = HashMap::new();
    for (ssn, row) in of(
        "taxes_w2_and_1099",
        &["ssn", "wages", "tax_year"],
        2,
        "2020",
    ) {
        if valid(&ssn) {
            let total = wages.entry(ssn).or_default();
            if let Some(wage) = row[1].as_ref().and_then(|wage| wage.parse::<i64>().ok()) {
                *total = Some(total.unwrap_or(0) + wage);
            }
        }
    }
    let mut born: HashMap<String, Vec<Option<i64>>> = HashMap::new();
    for (ssn, row) in of(
        "social_security",
        &["ssn", "date_of_birth", "event_type"],
        2,
        "creation",
    ) {
        born.entry(ssn)
            .or_default()
            .push(row[1].as_deref().and_then(year));
    }
    let returns = of("taxes_1040", &["ssn", "tax_year"], 1, "2020");
    let filed: HashSet<String> = returns.into_iter().map(|(ssn, _)| ssn).collect();
    wages
        .into_iter()
        .map(|(ssn, wage)| {
            let years = born.get(&ssn).map_or(&[][..], Vec::as_slice);
            let year = match earliest {
                true => years.iter().flatten().min().copied(),
                false => years.first().copied().flatten(),
            };
            let earner = Earner {
                age: age(year),
                wages: wage,
                wage: band(wage),
                filed: filed.contains(&ssn),
            };
            (ssn, earner)
        })
        .collect()
}

/// The year of a date written `YYYYMMDD`, if it is one.
fn year(date: &str) -> Option<i64> {
    let part = |from: usize, to: usize| date.get(from..to)?.parse::<i8>().ok();
    let digits = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    let year = digits.then(|| date[..4].parse::<i16>().ok()).flatten()?;
    kobling::plan::Date::new(year, part(4, 6)?, part(6, 8)?).map(|_| year.into())
}

fn age(year: Option<i64>) -> &'static str {
    let born = year.filter(|year| (1700..2263).contains(year));
    match born.map(|year| 2020 - year) {
        None => "no SSA match/dob",
        Some(..25) => "<25",
        Some(25..35) => "25-34",
        Some(35..45) => "35-44",
        Some(45..55) => "45-54",
        Some(55..65) => "55-64",
        Some(_) => "65+",
    }
}

/// Empty if there is no amount.
fn band(wage: Option<i64>) -> &'static str {
    match wage {
        None => "",
        Some(..=10_000) => "<10k",
        Some(..=30_000) => "10-30k",
        Some(..=60_000) => "30-60k",
        Some(..=100_000) => "60-100k",
        Some(_) => "100k+",
    }
}

fn count(earners: &HashMap<String, Earner>, no_amount: &str) -> BTreeMap<Vec<String>, u64> {
    let mut cells = BTreeMap::new();
    for earner in earners.values() {
        *cells.entry(earner.cell(no_amount)).or_default() += 1;
    }
    cells
}
