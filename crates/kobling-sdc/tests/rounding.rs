//! Rounding, small-count rounding and utility: reference data and laws.
//!
//! Tables of the R package SmallCountRounding (MIT) are read from
//! `$KOBLING_DATA/vectors/sdc/SmallCountRounding`. The examples of the handbook are
//! in `handbook.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use kobling_sdc::ErrorKind;
use kobling_sdc::rounding::{Base, small_count};
use kobling_sdc::structure::Structure;
use kobling_sdc::utility;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::data::data;

type Record = BTreeMap<String, String>;

fn records(name: &str) -> Option<Vec<Record>> {
    let folder = data("vectors/sdc/SmallCountRounding")?;
    let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
    Some(reader.deserialize().map(|record| record.unwrap()).collect())
}

/// The codes that an inner cell belongs to, by column of the published table.
type Codes = BTreeMap<String, BTreeSet<String>>;

/// Which inner cells each published row is the sum of.
fn structure(inner: &[Codes], published: &[Record]) -> Structure {
    let mut of_code: BTreeMap<(&str, &str), BTreeSet<u32>> = BTreeMap::new();
    for (at, codes) in (0..).zip(inner) {
        for (column, codes) in codes {
            let total = ["Total"]
                .into_iter()
                .chain(codes.iter().map(String::as_str));
            for code in total {
                of_code.entry((column, code)).or_default().insert(at);
            }
        }
    }
    let figures = ["original", "rounded", "difference"];
    let cells = published.iter().map(|row| {
        let by = row
            .iter()
            .filter(|(column, _)| !figures.contains(&column.as_str()));
        let mut sets: Vec<_> = by
            .map(|(column, code)| &of_code[&(column.as_str(), code.as_str())])
            .collect();
        sets.sort_by_key(|set| set.len());
        let (fewest, others) = sets.split_first().unwrap();
        let members = fewest.iter().copied();
        members
            .filter(|at| others.iter().all(|set| set.contains(at)))
            .collect::<Vec<u32>>()
    });
    Structure::new(inner.len(), cells)
}

/// A case: its file, its base, and the columns of the data that are levels of
/// a published column.
type Case = (
    &'static str,
    &'static str,
    u64,
    &'static [(&'static str, &'static [&'static str])],
);

const CASES: [Case; 5] = [
    (
        "exPSD_b5_seed124",
        "data_exPSD",
        5,
        &[("rows", &["rows"]), ("cols", &["cols"])],
    ),
    (
        "e6_b5",
        "data_e6",
        5,
        &[("geo", &["geo", "eu"]), ("year", &["year"])],
    ),
    (
        "e6_b3_full",
        "data_e6",
        3,
        &[("geo", &["geo", "eu"]), ("year", &["year"])],
    ),
    (
        "z3_b3_seed1",
        "data_z3",
        3,
        &[
            ("region", &["region", "fylke", "kostragr"]),
            ("hovedint", &["hovedint"]),
            ("mnd", &["mnd", "mnd2"]),
        ],
    ),
    (
        "d4_b5_seed1",
        "data_sosialFiktiv",
        5,
        &[
            ("region", &["region", "fylke", "kostragr"]),
            ("main_income", &["hovedint"]),
            ("months", &["mnd", "mnd2"]),
        ],
    ),
];

/// The reference names these in English, the data in Norwegian.
fn english(code: &str, column: &str) -> String {
    let name = match (column, code) {
        ("main_income", "annet") => "other",
        ("main_income", "arbeid") => "wages",
        ("main_income", "soshjelp") => "assistance",
        ("main_income", "trygd") => "pensions",
        _ => code,
    };
    name.to_owned()
}

#[test]
fn published_counts_are_as_near_as_the_reference() {
    for (name, data, base, columns) in CASES {
        let Some(published) = records(&format!("{name}_publish.csv")) else {
            return;
        };
        let metrics = records(&format!("{name}_metrics.csv")).unwrap();
        let inner = records(&format!("{name}_inner.csv")).unwrap();
        let data = records(&format!("{data}.csv")).unwrap();
        let codes: Vec<Codes> = data
            .iter()
            .map(|row| {
                let levels = columns.iter().map(|(column, levels)| {
                    let codes = levels.iter().map(|&level| english(&row[level], column));
                    ((*column).to_owned(), codes.collect())
                });
                levels.collect()
            })
            .collect();
        let structure = structure(&codes, &published);
        let number = |record: &Record, name: &str| record[name].parse::<u64>().unwrap();
        let counts: Vec<u64> = inner.iter().map(|row| number(row, "original")).collect();
        let truth: Vec<u64> = published
            .iter()
            .map(|row| number(row, "original"))
            .collect();
        let sum = |inner: &[u64], cell| -> u64 {
            let members = structure.members(cell).iter();
            members.map(|&member| inner[member as usize]).sum()
        };
        for (cell, &truth) in truth.iter().enumerate() {
            assert_eq!(
                sum(&counts, cell),
                truth,
                "{name}: the structure is the reference's"
            );
        }

        for seed in 1..=3 {
            let start = Instant::now();
            let rounded =
                small_count::round(&structure, &counts, Base::new(base).unwrap(), seed).unwrap();
            let took = start.elapsed();
            for (cell, &published) in rounded.published.iter().enumerate() {
                assert_eq!(sum(&rounded.inner, cell), published, "{name}: additive");
                assert!(
                    !(1..base).contains(&published),
                    "{name}: a small count is left"
                );
            }
            for (&count, &rounded) in counts.iter().zip(&rounded.inner) {
                let may = (1..base).contains(&count) && (rounded == 0 || rounded == base);
                assert!(count == rounded || may, "{name}: to zero or the base");
            }
            let figures =
                |counts: &[u64]| -> Vec<f64> { counts.iter().map(|&n| n as f64).collect() };
            let (truth, ours) = (figures(&truth), figures(&rounded.published));
            let metric = |name: &str| {
                let row = metrics.iter().find(|row| row["metric"] == name).unwrap();
                row["value"].parse::<f64>().unwrap()
            };
            let theirs: Vec<f64> = published
                .iter()
                .map(|row| number(row, "rounded") as f64)
                .collect();
            assert!(
                (utility::hellinger_utility(&truth, &theirs) - metric("HDutility")).abs() < 1e-12
            );
            assert!(
                (utility::average_distance(&truth, &theirs) - metric("meanAbsDiff")).abs() < 1e-12
            );
            let theirs_rms = utility::root_mean_square(&truth, &theirs);
            assert!((theirs_rms - metric("rootMeanSquare")).abs() < 1e-12);
            assert!((utility::largest_distance(&truth, &theirs) - metric("maxdiff")).abs() < 1e-12);

            let largest = utility::largest_distance(&truth, &ours);
            let average = utility::average_distance(&truth, &ours);
            let rms = utility::root_mean_square(&truth, &ours);
            let hellinger = utility::hellinger_utility(&truth, &ours);
            println!(
                "{name}: largest {largest} ({}), average {average:.4} ({:.4}), \
             root mean square {rms:.4} ({:.4}), Hellinger utility {hellinger:.4} ({:.4}); {took:?}",
                metric("maxdiff"),
                metric("meanAbsDiff"),
                metric("rootMeanSquare"),
                metric("HDutility"),
            );
            assert!(largest <= metric("maxdiff"), "{name}");
            assert!(average <= metric("meanAbsDiff") + 1e-12, "{name}");
            assert!(rms <= metric("rootMeanSquare") + 1e-12, "{name}");
            assert!(hellinger >= metric("HDutility") - 1e-12, "{name}");
        }
    }
}

/// The example exPSD of the R package SmallCountRounding (MIT), whose margins
/// are published: its solution has a largest deviation of 2, a mean of 1.
#[test]
fn the_example_of_small_count_rounding() {
    let rows = [[6, 0, 1, 3, 4], [1, 2, 3, 1, 2], [0, 1, 1, 0, 2]];
    let inner: Vec<u64> = rows.concat();
    let at = |row: u32, column: u32| row * 5 + column;
    let mut cells: Vec<Vec<u32>> = vec![(0..15).collect()];
    cells.extend((0..3).map(|row| (0..5).map(|column| at(row, column)).collect()));
    cells.extend((0..5).map(|column| (0..3).map(|row| at(row, column)).collect()));
    let structure = Structure::new(15, cells);
    let rounded = small_count::round(&structure, &inner, Base::new(5).unwrap(), 124).unwrap();
    let truth = [27.0, 14.0, 9.0, 4.0, 7.0, 3.0, 5.0, 4.0, 8.0];
    let published: Vec<f64> = rounded.published.iter().map(|&n| n as f64).collect();
    assert!(published.iter().all(|&n| n == 0.0 || n >= 5.0));
    assert!(utility::largest_distance(&truth, &published) <= 2.0);
    assert!(utility::average_distance(&truth, &published) <= 1.0);
    assert!(utility::hellinger_utility(&truth, &published) >= 0.940_951_032_733_457 - 1e-12);
}

/// How many of all 2⁶⁴ keys round up: by search for the first that does not.
fn keys_up(base: Base, value: i128) -> u128 {
    let up = |key: u64| base.random(value, key).unwrap() > value;
    let (mut low, mut high) = (0u128, 1u128 << 64);
    while low < high {
        let middle = low.midpoint(high);
        match up(middle as u64) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

proptest! {
    /// Section 5.5: to a neighbouring multiple, and unbiased over keys.
    #[test]
    fn random_rounding_is_unbiased(base in 2u64..1000, value in -5000i128..5000, key in any::<u64>()) {
        let base = Base::new(base).unwrap();
        let b = i128::from(base.get());
        let rounded = base.random(value, key).unwrap();
        prop_assert_eq!(rounded % b, 0);
        prop_assert!((rounded - value).abs() < b);
        prop_assert_eq!(rounded, base.random(value, key).unwrap());
        let nearest = base.nearest(value).unwrap();
        prop_assert!(nearest % b == 0 && 2 * (nearest - value).abs() <= b);
        prop_assert!(2 * (value - nearest) != b, "a half goes up");

        let rest = value.rem_euclid(b) as u128;
        let expected = (rest << 64) / b as u128;
        prop_assert!(keys_up(base, value).abs_diff(expected) <= 1);
    }

    /// On random tables: additive, nothing small left, only what feeds a small
    /// published count changes, the same seed gives the same.
    #[test]
    fn small_counts_are_rounded_and_tables_stay_additive(
        counts in vec(0u64..8, 1..40), groups in vec(vec(any::<prop::sample::Index>(), 1..10), 0..12),
        base in 2u64..6, seed in any::<u64>(), publish_inner in any::<bool>(),
    ) {
        let mut cells: Vec<Vec<u32>> = groups.iter().map(|group| {
            let members: BTreeSet<u32> =
                group.iter().map(|at| at.index(counts.len()) as u32).collect();
            members.into_iter().collect()
        }).collect();
        cells.push((0..counts.len() as u32).collect());
        if publish_inner {
            cells.extend((0..counts.len() as u32).map(|at| vec![at]));
        }
        let structure = Structure::new(counts.len(), cells.clone());
        let base_of = Base::new(base).unwrap();
        let rounded = small_count::round(&structure, &counts, base_of, seed).unwrap();
        prop_assert_eq!(&rounded, &small_count::round(&structure, &counts, base_of, seed).unwrap());
        let sum = |inner: &[u64], cell: &[u32]| -> u64 {
            cell.iter().map(|&at| inner[at as usize]).sum()
        };
        for (cell, &published) in cells.iter().zip(&rounded.published) {
            prop_assert_eq!(sum(&rounded.inner, cell), published);
            prop_assert!(!(1..base).contains(&published));
        }
        for (&count, &inner) in counts.iter().zip(&rounded.inner) {
            prop_assert!(inner == count || ((1..base).contains(&count) && (inner == 0 || inner == base)));
        }
        if cells.iter().all(|cell| !(1..base).contains(&sum(&counts, cell))) {
            prop_assert_eq!(&rounded.inner, &counts);
        }
    }

    /// On tables so small that all choices can be tried, none is better: where
    /// every inner cell is published, all small ones must change.
    #[test]
    fn no_choice_is_better_on_small_tables(
        counts in vec(1u64..5, 2..9), split in 1usize..8, seed in any::<u64>(),
    ) {
        let n = counts.len();
        let split = split.min(n - 1);
        let all: Vec<u32> = (0..n as u32).collect();
        let mut cells: Vec<Vec<u32>> = all.iter().map(|&at| vec![at]).collect();
        cells.extend([all[..split].to_vec(), all[split..].to_vec(), all.clone()]);
        cells.push(all.iter().copied().step_by(2).collect());
        let structure = Structure::new(n, cells.clone());
        let rounded = small_count::round(&structure, &counts, Base::new(5).unwrap(), seed).unwrap();
        let loss = |inner: &dyn Fn(u32) -> i64| -> i64 {
            let deviation = |cell: &Vec<u32>| -> i64 {
                cell.iter().map(|&at| inner(at) - counts[at as usize] as i64).sum()
            };
            cells.iter().map(|cell| deviation(cell).pow(2)).sum()
        };
        let ours = loss(&|at| rounded.inner[at as usize] as i64);
        let best = (0u32..1 << n).map(|up| loss(&|at| i64::from(up >> at & 1) * 5)).min().unwrap();
        prop_assert_eq!(ours, best);
    }

    /// Distances are zero for the same and grow with the noise; bounds between them hold.
    #[test]
    fn distances_are_distances(truth in vec(0.0f64..1e4, 0..50), noise in vec(-50.0f64..50.0, 50)) {
        let published: Vec<f64> = truth.iter().zip(&noise).map(|(x, e)| (x + e).max(0.0)).collect();
        let average = utility::average_distance(&truth, &published);
        let rms = utility::root_mean_square(&truth, &published);
        let largest = utility::largest_distance(&truth, &published);
        prop_assert!(average <= rms + 1e-9 && rms <= largest + 1e-9);
        prop_assert!(utility::noise_deviation(&truth, &published) <= rms + 1e-9);
        prop_assert_eq!(utility::average_distance(&truth, &truth), 0.0);
        prop_assert_eq!(utility::hellinger_utility(&truth, &truth), 1.0);
        prop_assert!(utility::hellinger_utility(&truth, &published) <= 1.0);
        let moved: Vec<f64> = truth.iter().map(|x| x + 7.0).collect();
        prop_assert!(utility::noise_deviation(&truth, &moved) < 1e-6);
    }
}

#[test]
fn what_survived_is_counted() {
    let survival = utility::survival(&[1.0, 5.0, 10.0, 4.0], &[None, None, Some(10.0), Some(4.0)]);
    assert_eq!((survival.cells, survival.survived), (4, 2));
    assert_eq!(survival.total_percent, 70.0);
    let nothing = utility::survival(&[], &[]);
    assert_eq!(
        (nothing.cells, nothing.survived, nothing.total_percent),
        (0, 0, 100.0)
    );
}

#[test]
fn what_cannot_be_rounded_is_refused() {
    for base in [0, 1, 2_000_000_000] {
        assert_eq!(
            Base::new(base).unwrap_err().rule(),
            "rounding: a base is from 2 to 1,000,000,000"
        );
    }
    let base = Base::new(5).unwrap();
    let two = Base::new(2).unwrap();
    assert_eq!(
        two.nearest(i128::MAX).unwrap_err().kind(),
        ErrorKind::Overflow
    );
    assert!(two.random(i128::MAX, 0).is_err());
    assert!(base.nearest(i128::MIN).is_err());
    let structure = Structure::new(2, [vec![0, 1]]);
    assert!(small_count::round(&structure, &[1], base, 1).is_err());
    assert!(small_count::round(&structure, &[u64::MAX, 1], base, 1).is_err());
    assert!(small_count::round(&structure, &[1, 1], Base::new(5000).unwrap(), 1).is_err());
    let nothing = small_count::round(&Structure::new(0, Vec::<Vec<u32>>::new()), &[], base, 1);
    assert!(nothing.unwrap().published.is_empty());
}
