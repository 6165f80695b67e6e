//! The naive twin: cells from the extract's rows, keys from the release key's file.

use std::collections::{BTreeMap, BTreeSet};

use super::registers::{KINDS, TOWNS};
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, RecordBatch};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kobling::{Extract, ReleaseKey};
use sha2::Sha256;

/// A row of the extract.
#[derive(Clone)]
pub(crate) struct Paid {
    pub(crate) person: [u8; 16],
    town: Option<String>,
    kind: Option<String>,
    /// In hundredths.
    pub(crate) income: Option<i128>,
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let Some(column) = batch.column_by_name(name) else {
        return vec![None; batch.num_rows()];
    };
    let coded = column.as_any_dictionary();
    let labels = coded.values().as_string::<i32>();
    let keys = coded.normalized_keys().into_iter().enumerate();
    keys.map(|(row, key)| (!column.is_null(row)).then(|| labels.value(key).to_owned()))
        .collect()
}

pub(crate) fn paid(extract: &Extract) -> Vec<Paid> {
    let batch = extract.to_batch();
    let persons = batch.column(0).as_fixed_size_binary();
    let (towns, kinds) = (texts(&batch, "town"), texts(&batch, "kind"));
    let incomes = batch
        .column_by_name("income")
        .map(|column| column.as_primitive::<Decimal128Type>().clone());
    let rows = (0..batch.num_rows()).map(|row| Paid {
        person: persons.value(row).try_into().expect("16 bytes"),
        town: towns[row].clone(),
        kind: kinds[row].clone(),
        income: incomes
            .as_ref()
            .and_then(|incomes| incomes.is_valid(row).then(|| incomes.value(row))),
    });
    rows.collect()
}

/// Level and category of each dimension.
pub(crate) type At = Vec<(String, Option<String>)>;

/// The rows of each cell of all groupings of `dimensions`, empty combinations
/// of what the plan declares, and of what occurs, included; only the finest grouping without `margins`.
pub(crate) fn cells(paid: &[Paid], dimensions: &[&str], margins: bool) -> BTreeMap<At, Vec<Paid>> {
    let category = |paid: &Paid, dimension: &str| match dimension {
        "town" => paid.town.clone(),
        _ => paid.kind.clone(),
    };
    let mut places: Vec<At> = vec![Vec::new()];
    for dimension in dimensions {
        let mut occur: BTreeSet<Option<String>> =
            paid.iter().map(|row| category(row, dimension)).collect();
        let declared = match *dimension {
            "town" => TOWNS.as_slice(),
            _ => KINDS.as_slice(),
        };
        occur.extend(declared.iter().map(|name| Some((*name).to_owned())));
        let mut choices: At = occur
            .into_iter()
            .map(|category| ((*dimension).to_owned(), category))
            .collect();
        if margins {
            choices.push(("total".to_owned(), None));
        }
        places = places
            .iter()
            .flat_map(|place| {
                choices.iter().map(|choice| {
                    let mut place = place.clone();
                    place.push(choice.clone());
                    place
                })
            })
            .collect();
    }
    let inside = |place: &At, row: &Paid| {
        let mut places = place.iter().zip(dimensions);
        places.all(|((level, label), dimension)| {
            level == "total" || category(row, dimension) == *label
        })
    };
    let cells = places.into_iter().map(|place| {
        let rows = paid.iter().filter(|row| inside(&place, row));
        let rows = rows.cloned().collect();
        (place, rows)
    });
    cells.collect()
}

/// The rows of each person of a cell.
pub(crate) fn by_person(cell: &[Paid]) -> BTreeMap<[u8; 16], Vec<Paid>> {
    let mut persons: BTreeMap<[u8; 16], Vec<Paid>> = BTreeMap::new();
    for row in cell {
        persons.entry(row.person).or_default().push(row.clone());
    }
    persons
}

/// What everything random is made of, out of the release key's file.
pub(crate) struct Keyed(Vec<u8>);

impl Keyed {
    pub(crate) fn of(key: &ReleaseKey) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("release.key");
        key.write(&path).expect("a key file");
        let text = std::fs::read_to_string(&path).expect("a key file");
        let hex = text.lines().find_map(|line| line.strip_prefix("key = "));
        let hex = hex.expect("the key").trim();
        let bytes = (0..hex.len()).step_by(2);
        Self(
            bytes
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
                .collect(),
        )
    }

    /// The first 8 bytes of HMAC-SHA256 over 0x00 ‖ 0x01 ‖ part(label) ‖ part(message) …
    fn derive(&self, label: &[u8], messages: &[&[u8]]) -> u64 {
        let mut bytes = vec![0, 1];
        for part in [label].iter().chain(messages) {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(*part);
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length");
        mac.update(&bytes);
        let code = mac.finalize().into_bytes();
        u64::from_be_bytes(code[..8].try_into().expect("8 bytes"))
    }

    /// The wrapping sum of the record keys of these persons.
    pub(crate) fn sum<'a>(&self, persons: impl Iterator<Item = &'a [u8; 16]>) -> u64 {
        let keys = persons.map(|person| self.derive(b"record key", &[person]));
        keys.fold(0, u64::wrapping_add)
    }

    /// The key of `what`, of these persons, `count` in all.
    pub(crate) fn cell<'a>(
        &self,
        label: &[u8],
        what: &[u8],
        persons: impl Iterator<Item = &'a [u8; 16]>,
        count: u64,
    ) -> u64 {
        let sum = self.sum(persons).to_be_bytes();
        self.derive(label, &[what, &sum, &count.to_be_bytes()])
    }

    /// The key of a number of rows: that of the number of persons, where it is the same.
    pub(crate) fn rows(&self, label: &[u8], cell: &[Paid]) -> u64 {
        let persons = by_person(cell);
        let what: &[u8] = match persons.len() == cell.len() {
            true => b"persons",
            false => b"rows",
        };
        self.cell(label, what, persons.keys(), cell.len() as u64)
    }
}
