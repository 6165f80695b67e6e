//! Complementary suppression on the reference data of GaussSuppression, SSBtools and sdcTable.
//!
//! The data are in the folder that `KOBLING_DATA` names; without it, what was
//! not compared is said. Those of SSBtools and GaussSuppression (Statistics
//! Norway) are under the MIT licence; sdcTable's are only read.

use std::collections::HashMap;
use std::path::PathBuf;

use kobling_sdc::attacker::{Knowledge, Possible, Unsafe};
use kobling_sdc::audit::proofs::check;
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{
    Contributors, Pattern, Request, Status, Task, by_count, prove, suppress,
};

use crate::data::data;
use crate::suppress::twin;

type Record = HashMap<String, String>;

fn records(path: PathBuf) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records = reader.deserialize().map(Result::unwrap);
    records.collect()
}

/// A table of reference, with the pattern that the reference found.
struct Reference {
    structure: Structure,
    inner: Vec<u64>,
    counts: Vec<u64>,
    primary: Vec<bool>,
    suppressed: Vec<bool>,
    /// By dimension, the category of each inner cell.
    places: Vec<Vec<u32>>,
}

/// By dimension the category of each inner cell, which the cells of one inner cell name.
fn places(cells: &[Record], members: &[Vec<u32>], inner: usize) -> Vec<Vec<u32>> {
    let others = ["ant", "freq", "lo", "up", "primary", "suppressed", "cell"];
    let mut names: Vec<&String> = cells[0].keys().collect();
    names.retain(|name| !others.contains(&name.as_str()));
    names.sort();
    let places = names.into_iter().map(|name| {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut places = vec![u32::MAX; inner];
        for (cell, members) in cells.iter().zip(members) {
            if let [only] = members.as_slice() {
                let next = numbers.len() as u32;
                places[*only as usize] = *numbers.entry(&cell[name]).or_insert(next);
            }
        }
        assert!(!places.contains(&u32::MAX));
        places
    });
    places.collect()
}

fn count(record: &Record) -> u64 {
    let count = record.get("freq").or(record.get("ant"));
    count.unwrap().parse().unwrap()
}

fn flags(records: &[Record], name: &str) -> Vec<bool> {
    records
        .iter()
        .map(|record| record[name] == "TRUE")
        .collect()
}

impl Reference {
    fn new(name: &str) -> Option<Self> {
        let file = |part: &str| {
            Some(data("vectors/sdc")?.join(format!("attack_intervals/{name}_{part}.csv")))
        };
        let cells = records(file("cells")?);
        let mut members = vec![Vec::new(); cells.len()];
        for record in records(file("x_coo")?) {
            let number = |name: &str| record[name].parse::<u32>().unwrap();
            members[number("cell") as usize].push(number("inner"));
        }
        let inner = records(file("inner")?);
        let inner: Vec<u64> = inner
            .iter()
            .map(|record| record["y"].parse().unwrap())
            .collect();
        Some(Self {
            places: places(&cells, &members, inner.len()),
            structure: Structure::new(inner.len(), members),
            inner,
            counts: cells.iter().map(count).collect(),
            primary: flags(&cells, "primary"),
            suppressed: flags(&cells, "suppressed"),
        })
    }

    /// The same table with another pattern of reference.
    fn with(mut self, file: &str) -> Self {
        let path = data("vectors/sdc")
            .unwrap()
            .join("SSBtools_GaussSuppression")
            .join(file);
        let cells = records(path);
        assert_eq!(cells.iter().map(count).collect::<Vec<_>>(), self.counts);
        self.primary = flags(&cells, "primary");
        self.suppressed = flags(&cells, "suppressed");
        self
    }

    /// Suppressed as the reference does it: with counts of `least` as the least of suppressed ones.
    fn suppress(&self, least: Option<u64>, insiders: bool) -> Pattern {
        let wanted = by_count(&self.structure, &self.counts);
        let least: Vec<bool> = match least {
            Some(least) => self.inner.iter().map(|&count| count == least).collect(),
            None => Vec::new(),
        };
        let contributors = (0u32..)
            .zip(&self.inner)
            .map(|(inner, &count)| match count {
                0 => Contributors::None,
                1 => Contributors::One(inner),
                _ => Contributors::Many,
            });
        let contributors: Vec<Contributors> = match insiders {
            true => contributors.collect(),
            false => Vec::new(),
        };
        let request = Request {
            at_lower_bound: &least,
            contributors: &contributors,
            ..Request::new(&self.primary, &wanted)
        };
        let pattern = suppress(&self.structure, &request).unwrap();
        if self.structure.inner() < 100 {
            assert!(twin::Guard::new(&self.structure, &request).holds(&pattern.published()));
        }
        pattern
    }

    /// How many cells are suppressed by a pattern that is proven, to contributors too:
    /// zeros may be suppressed, and three values stay possible of each primary cell.
    fn proven(&self) -> usize {
        let ones = self
            .inner
            .iter()
            .zip(0u32..)
            .filter(|(count, _)| **count == 1);
        let singletons: Vec<Vec<u32>> = ones.map(|(_, at)| vec![at]).collect();
        let inner: Vec<i128> = self.inner.iter().map(|count| i128::from(*count)).collect();
        let primary = (0..self.primary.len()).filter(|cell| self.primary[*cell]);
        let possible = Possible::Consecutive(3);
        let wanted: Vec<Unsafe> = primary.map(|cell| Unsafe { cell, possible }).collect();
        let may = vec![true; self.counts.len()];
        let known = Knowledge {
            singletons: &singletons,
            ..Knowledge::new(&self.structure, &may)
        };
        let task = Task {
            known,
            inner: &inner,
            places: &self.places,
            wanted: &wanted,
            forced: &[],
            weights: &[],
            seed: 1,
            watch: None,
        };
        let pattern = prove(&task).unwrap();
        let seen = Knowledge {
            published: &pattern.published,
            ..known
        };
        let checked = check(&seen, &inner, &wanted, &pattern.proofs);
        assert!(checked.missed.is_empty());
        assert!(wanted.is_empty() || checked.fewest_values >= Some(3));
        pattern
            .published
            .iter()
            .filter(|published| !**published)
            .count()
    }

    fn suppressed(&self) -> usize {
        self.suppressed
            .iter()
            .filter(|&&suppressed| suppressed)
            .count()
    }
}

fn suppressed(pattern: &Pattern) -> usize {
    pattern.status().len() - pattern.count(Status::Safe)
}

/// More cells are not proven in a build without optimisation.
const LARGE: usize = 5_000;

/// How many cells are suppressed: for the span alone, with sums of ones guarded as the reference
/// does, and with insiders guarded besides the span, which the reference does not.
fn compare(name: &str, reference: usize, expected: [usize; 3]) {
    let Some(table) = Reference::new(name) else {
        return;
    };
    assert_eq!(table.suppressed(), reference);
    let patterns = [(None, false), (Some(1), false), (None, true)];
    let patterns = patterns.map(|(least, insiders)| table.suppress(least, insiders));
    let counts = patterns.each_ref().map(suppressed);
    println!("{name}: {reference} by the reference, {counts:?} here");
    match table.structure.cells() > LARGE && cfg!(debug_assertions) {
        true => println!("{name}: proofs skipped, they take minutes where nothing is optimised"),
        false => println!("{name}: {} with proofs", table.proven()),
    }
    assert_eq!(counts, expected);
    assert!(counts[0] <= reference && counts[1] <= reference);
}

#[test]
fn no_more_is_suppressed_than_by_the_reference() {
    compare("z1", 6, [6, 6, 6]);
    compare("mun", 13, [13, 13, 13]);
    compare("z2", 24, [24, 24, 29]);
    compare("z3", 619, [519, 578, 582]);
    compare("d4", 3594, [3335, 3474, 3689]);
}

#[test]
fn the_patterns_of_small_tables_are_those_of_the_reference() {
    for name in ["z1", "mun", "z2"] {
        let Some(table) = Reference::new(name) else {
            return;
        };
        let published = table.suppress(Some(1), false).published();
        let reference: Vec<bool> = table.suppressed.iter().map(|&one| !one).collect();
        assert_eq!(published, reference, "{name}");
    }
}

#[test]
fn other_thresholds_and_protected_zeros_need_no_more_than_the_reference() {
    let cases = [
        ("z1", "smallcount_z1_maxN3.csv", 0),
        ("z1", "smallcount_z1_maxN3_noprotzero.csv", 1),
        ("mun", "smallcount_mun_accidents_maxN3.csv", 0),
        ("mun", "smallcount_mun_accidents_maxN3_noprotzero.csv", 1),
        ("z2", "smallcount_z2_hier_maxN5.csv", 0),
        ("z2", "smallcount_z2_hier_maxN5_noprotzero.csv", 1),
        ("z3", "smallcount_z3_hier_maxN5_noprotzero.csv", 1),
        ("d4", "smallcount_d4_hier_maxN3_noprotzero.csv", 1),
    ];
    for (name, file, least) in cases {
        let Some(table) = Reference::new(name) else {
            return;
        };
        let table = table.with(file);
        let counts = (
            suppressed(&table.suppress(Some(least), false)),
            table.suppressed(),
        );
        println!("{file}: {} here, {} by the reference", counts.0, counts.1);
        assert!(counts.0 <= counts.1, "{file}");
    }
}

/// The example of the documentation of SSBtools' `GaussSuppression`: three patterns.
#[test]
fn the_documented_example_of_the_reference() {
    let Some(data) = data("vectors/sdc") else {
        return;
    };
    let data = data.join("SSBtools_GaussSuppression");
    let cells = records(data.join("gauss_doc_example_cells.csv"));
    let inner = records(data.join("gauss_doc_example_inner.csv"));
    let number = |record: &Record| record["values"].parse::<u64>().unwrap();
    let values: Vec<u64> = cells.iter().map(number).collect();
    let mut x = csv::Reader::from_path(data.join("gauss_doc_example_x.csv")).unwrap();
    let mut members = vec![Vec::new(); cells.len()];
    for (inner, record) in (0u32..).zip(x.records()) {
        for (cell, entry) in record.unwrap().iter().enumerate() {
            if entry == "1" {
                members[cell].push(inner);
            }
        }
    }
    let structure = Structure::new(inner.len(), members);
    let primary = flags(&cells, "isPrimary");
    let ones: Vec<bool> = inner.iter().map(|record| number(record) == 1).collect();
    let in_order: Vec<u32> = (0..values.len() as u32).collect();
    let mut zeros_first = in_order.clone();
    zeros_first.sort_by_key(|&cell| values[cell as usize] > 0);
    let patterns = [
        ("secondaryA", &in_order, &[][..]),
        ("secondaryB", &zeros_first, &[]),
        ("secondaryC", &zeros_first, &ones),
    ];
    for (name, wanted, least) in patterns {
        let request = Request {
            at_lower_bound: least,
            ..Request::new(&primary, wanted)
        };
        let pattern = suppress(&structure, &request).unwrap();
        let status = pattern.status().iter();
        let complementary: Vec<bool> = status.map(|&one| one == Status::Complementary).collect();
        assert_eq!(complementary, flags(&cells, name), "{name}");
    }
}

/// sdcTable's four by four table, in which one of nine primary cells was known exactly.
#[test]
fn one_further_cell_protects_the_table_that_sdctable_attacks() {
    let Some(data) = data("vectors/sdc") else {
        return;
    };
    let cells = records(data.join("sdcTable/attack4x4_problem.csv"));
    let place = |code: &str| code.parse::<u32>().unwrap();
    let members = cells.iter().map(|record| {
        let (row, column) = (place(&record["v1"]), place(&record["v2"]));
        let inner = (0..16).filter(move |inner| {
            let (r, c) = (inner / 4 + 1, inner % 4 + 1);
            (row == 0 || row == r) && (column == 0 || column == c)
        });
        inner.collect::<Vec<u32>>()
    });
    let structure = Structure::new(16, members);
    let counts: Vec<u64> = cells.iter().map(count).collect();
    let primary: Vec<bool> = cells
        .iter()
        .map(|record| record["sdcStatus"] == "u")
        .collect();
    let wanted = by_count(&structure, &counts);
    let request = Request::new(&primary, &wanted);
    let published: Vec<bool> = primary.iter().map(|&primary| !primary).collect();
    assert!(!twin::Guard::new(&structure, &request).holds(&published));
    let pattern = suppress(&structure, &request).unwrap();
    // With this one the interval of the cell of 47 is [0, 78].
    let file = "sdcTable/attack4x4_protected_simpleheuristic.csv";
    let expected =
        records(data.join(file))
            .into_iter()
            .map(|record| match &record["sdcStatus"][..] {
                "u" => Status::Primary,
                "x" => Status::Complementary,
                _ => Status::Safe,
            });
    assert_eq!(pattern.status(), expected.collect::<Vec<_>>());
}
