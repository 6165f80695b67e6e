//! The cell-key method: reference data of the ONS and cellKey, and its laws.
//!
//! Reference data are read from `$KOBLING_DATA/vectors/sdc`. The examples of the
//! handbook are in `handbook.rs`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kobling_sdc::cell_key::{
    CellKeys, CellTotals, Flex, OnsTable, SmallCells, SumNoise, SumTables, SumToPerturb,
    perturbed_count, separation_point,
};
use kobling_sdc::perturbation::{Design, KeySpace, Lookup, PerturbationTable, RowKind};
use kobling_sdc::structure::Structure;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::data::data;

type Record = BTreeMap<String, String>;

/// A file of the reference data, if `KOBLING_DATA` says where it is.
fn reference(name: &str) -> Option<PathBuf> {
    data(&format!("vectors/sdc/{name}"))
}

fn records(name: &str) -> Option<Vec<Record>> {
    let mut reader = csv::Reader::from_path(reference(name)?).unwrap();
    Some(reader.deserialize().map(|record| record.unwrap()).collect())
}

fn ons_table(name: &str) -> Option<OnsTable> {
    let path = reference(&format!("ons_cell_key/{name}"))?;
    let text = std::process::Command::new("gzip")
        .arg("-dc")
        .arg(path)
        .output()
        .unwrap();
    Some(OnsTable::read(text.stdout.as_slice(), 256).unwrap())
}

/// The expected tables of the ONS package: rows of which file, which table of
/// perturbations, and the count below which cells are blank.
const ONS: [(&str, &str, &str, u64); 9] = [
    ("expected_var1__var5_var8", "micro", "ptable_10_5_rule", 10),
    (
        "expected_nogeog__var1_var5_var8",
        "micro",
        "ptable_10_5_rule",
        10,
    ),
    ("expected_none__var9_var10", "micro", "ptable_10_5_rule", 10),
    ("expected_var1__none", "micro", "ptable_10_5_rule", 10),
    ("expected_var2__var3_thr0", "micro", "ptable_10_5_rule", 0),
    ("R_expected_expected_result", "R_micro", "R_ptable_10_5", 10),
    (
        "expected_8000_ckeydep_var1__var5_var8",
        "micro_8000",
        "ptable_ckeydep",
        0,
    ),
    (
        "expected_8000_ckeydep_var1_var2",
        "micro_8000",
        "ptable_ckeydep",
        0,
    ),
    (
        "expected_8000_ckeydep_var2",
        "micro_8000",
        "ptable_ckeydep",
        0,
    ),
];

#[test]
fn cells_are_those_of_the_ons() {
    for (expected, micro, table, threshold) in ONS {
        let Some(table) = ons_table(&format!("{table}.csv.gz")) else {
            return;
        };
        let cells = records(&format!("ons_cell_key/{expected}.csv")).unwrap();
        let micro = records(&format!("ons_cell_key/{micro}.csv")).unwrap();
        println!("{expected}: {} cells", cells.len());
        cells_are_as_expected(&micro, &cells, &table, threshold);
    }
}

fn cells_are_as_expected(micro: &[Record], expected: &[Record], table: &OnsTable, threshold: u64) {
    let by = || expected[0].keys().filter(|name| name.starts_with("var"));
    let cell = |record: &Record| -> Vec<String> { by().map(|name| record[name].clone()).collect() };
    let place: BTreeMap<_, _> = (0..)
        .zip(expected)
        .map(|(at, row)| (cell(row), at))
        .collect();
    let keys: Vec<u64> = micro
        .iter()
        .map(|row| row["record_key"].parse().unwrap())
        .collect();
    let cells: Vec<u32> = micro.iter().map(|row| place[&cell(row)]).collect();
    let mut folded = CellKeys::new(expected.len());
    folded.add(&keys, &cells).unwrap();

    for (cell, expected) in folded.cells().iter().zip(expected) {
        let number = |name: &str| expected[name].parse::<i64>().unwrap();
        let key = cell.key_modulo(256);
        let noise = table.deviation(cell.persons, key);
        assert_eq!(cell.persons as i64, number("pre_sdc_count"));
        assert_eq!(key as i64, number("ckey"));
        assert_eq!(OnsTable::row(cell.persons) as i64, number("pcv"));
        assert_eq!(i64::from(noise), number("pvalue"));
        let count = cell.persons.checked_add_signed(noise.into()).unwrap();
        let shown = match count < threshold {
            true => String::new(),
            false => count.to_string(),
        };
        assert_eq!(shown, expected["count"]);
    }
}

/// Their table "10_5_rule": less than 10 becomes 0, the rest goes to the nearest 5.
fn ten_five_rule() -> OnsTable {
    let mut text = "pcv,ckey,pvalue\n".to_owned();
    for count in 1..=750i32 {
        let noise = match count {
            0..10 => -count,
            _ => (count + 2) / 5 * 5 - count,
        };
        text.extend((0..256).map(|key| format!("{count},{key},{noise}\n")));
    }
    OnsTable::read(text.as_bytes(), 256).unwrap()
}

/// The same without `KOBLING_DATA`, on the copy in `tests/ons`.
#[test]
fn two_hundred_cells_are_those_of_the_ons() {
    let read = |text: &str| -> Vec<Record> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().map(|record| record.unwrap()).collect()
    };
    let table = ten_five_rule();
    if let Some(theirs) = ons_table("ptable_10_5_rule.csv.gz") {
        assert_eq!(table, theirs);
    }
    let expected = read(include_str!("ons/expected.csv"));
    assert_eq!(expected.len(), 200);
    cells_are_as_expected(&read(include_str!("ons/micro.csv")), &expected, &table, 10);
}

/// Keys are decimals in the reference; here they are integers of 10⁻⁸.
fn decimal(text: &str) -> u64 {
    (text.parse::<f64>().unwrap() * 1e8).round() as u64
}

fn belongs(record: &Record, expected: &Record) -> bool {
    let total = |name: &str| expected[name] == "Total" || expected[name] == record[name];
    total("sex") && total("age")
}

fn fold<'a>(keys: impl Iterator<Item = &'a str>) -> CellTotals {
    let keys: Vec<u64> = keys.map(decimal).collect();
    let mut folded = CellKeys::new(1);
    folded.add(&keys, &vec![0; keys.len()]).unwrap();
    folded.cells()[0]
}

fn lookup(name: &str) -> Option<Lookup> {
    let file = std::fs::File::open(reference(&format!("cellKey/{name}.csv"))?).unwrap();
    let table = PerturbationTable::read(file, RowKind::All).unwrap();
    Some(table.lookup(KeySpace::Decimal))
}

#[test]
fn counts_are_those_of_cell_key() {
    let Some(lookup) = lookup("ptable_D5_V3_js2_pstay0.5") else {
        return;
    };
    let micro = records("cellKey/microdata_counts.csv").unwrap();
    let expected = records("cellKey/expected_mod_cnts.csv").unwrap();
    let published = records("cellKey/expected_freqtab.csv").unwrap();
    assert_eq!(expected.len(), 63);
    for (cell, published) in expected.iter().zip(&published) {
        let variable = &cell["countvar"];
        assert_eq!(variable, &published["vname"]);
        let counts = |record: &&Record| variable == "total" || record[variable] == "1";
        let persons = micro
            .iter()
            .filter(|record| belongs(record, cell))
            .filter(counts);
        let folded = fold(persons.map(|record| record["rec_key"].as_str()));
        let key = folded.key_modulo(100_000_000);
        assert_eq!(key, decimal(&cell["ckey"]));
        assert_eq!(
            lookup.deviation(folded.persons, key).to_string(),
            cell["pert"]
        );
        let count = perturbed_count(&lookup, folded.persons, key);
        assert_eq!(folded.persons.to_string(), published["uwc"]);
        assert_eq!(count.to_string(), published["puwc"]);
    }
}

#[test]
fn sums_are_those_of_cell_key() {
    let Some(all) = lookup("ptable_nums_sep_all") else {
        return;
    };
    let micro = records("cellKey/microdata_nums.csv").unwrap();
    let folder = "cellKey";
    let name = "unweighted_top1_flex_sep";
    let expected = records(&format!("{folder}/expected_mod_nums_{name}.csv")).unwrap();
    let published = records(&format!("{folder}/expected_numtab_{name}.csv")).unwrap();
    assert_eq!(expected.len(), 42);
    let small = lookup("ptable_nums_sep_small").unwrap();
    let up_to = separation_point(2.0, 3.0, 0.3);
    let noise = SumNoise::new(
        Flex::new(1000.0, 0.3, 0.03, 3).unwrap(),
        SumTables::One(all),
        Some(SmallCells {
            up_to,
            magnitude: 1.0,
            table: small,
        }),
    );
    let noise = noise.unwrap();
    for (cell, published) in expected.iter().zip(&published) {
        let variable = &cell["numvar"];
        let value = |record: &Record| record[variable].parse::<i128>().unwrap();
        let persons: Vec<&Record> = micro
            .iter()
            .filter(|record| belongs(record, cell) && value(record) != 0)
            .collect();
        let folded = fold(persons.iter().map(|record| record["rkey"].as_str()));
        let key = folded.key_modulo(100_000_000);
        assert_eq!(key, decimal(&cell["ckey"]));
        let sum = SumToPerturb {
            sum: persons.iter().map(|record| value(record)).sum(),
            absolute: persons.iter().map(|record| value(record)).sum(),
            largest: persons.iter().map(|record| value(record)).max().unwrap(),
            contributors: folded.persons,
            key,
        };
        let number = |record: &Record, name: &str| record[name].parse::<f64>().unwrap();
        assert_eq!(sum.sum as f64, number(published, "ws"));
        let noise_of_cell = noise.of(&sum).unwrap();
        assert!((noise_of_cell - number(cell, "pert")).abs() < 1e-6);
        let perturbed = sum.sum as f64 + noise_of_cell;
        assert!((perturbed - number(published, "pws")).abs() < 1e-6);
        assert_eq!(
            noise.perturbed(&sum).unwrap(),
            sum.sum + noise_of_cell.round() as i128
        );
    }
}

#[test]
fn the_flex_function_joins_and_falls() {
    let flex = Flex::new(1000.0, 0.3, 0.03, 3).unwrap();
    assert!((flex.share(1000.0) - flex.share(1_000.000_001)).abs() < 1e-8);
    assert!((flex.share(1e9) - 0.03).abs() < 1e-5);
    let shares: Vec<f64> = (0..200)
        .map(|at| flex.share(500.0 * 1.1f64.powi(at)))
        .collect();
    assert!(shares.is_sorted_by(|a, b| a >= b));
    for (point, small, large, power) in [
        (0.0, 0.3, 0.03, 3),
        (f64::NAN, 0.3, 0.03, 3),
        (1.0, 0.03, 0.3, 3),
        (1.0, 1.3, 0.3, 3),
        (1.0, f64::NAN, 0.3, 3),
        (1.0, 0.3, 0.0, 3),
        (1.0, 0.3, 0.03, 1),
        (1.0, 0.3, 0.03, 17),
    ] {
        assert!(Flex::new(point, small, large, power).is_err());
    }
}

fn sums() -> (SumNoise, SumNoise) {
    let table = |design: Design| {
        PerturbationTable::generate(&design)
            .unwrap()
            .lookup(KeySpace::Whole)
    };
    let even = table(Design::sums(8, 1.0, 2, &[1, 5, 8]));
    let odd = table(Design::sums(10, 2.0, 2, &[1, 10]));
    let flex = Flex::new(1000.0, 0.3, 0.03, 3).unwrap();
    let small = SmallCells {
        up_to: separation_point(1.0, 2.0, 0.3),
        magnitude: 1.0,
        table: table(Design::sums(5, 1.0, 5, &[1, 3, 5])),
    };
    let one = SumNoise::new(flex, SumTables::One(odd.clone()), None);
    let parity = SumNoise::new(flex, SumTables::Parity { even, odd }, Some(small));
    (one.unwrap(), parity.unwrap())
}

proptest! {
    /// The fold is what adding up one by one gives, in any order and split.
    #[test]
    fn folds_are_sums_over_persons(
        persons in vec((any::<u64>(), 0u32..20), 0..200), split in 0usize..200,
    ) {
        let mut naive: BTreeMap<u32, (u128, u64)> = BTreeMap::new();
        for (key, cell) in &persons {
            let (sum, count) = naive.entry(*cell).or_default();
            *sum += u128::from(*key);
            *count += 1;
        }
        let (keys, cells): (Vec<u64>, Vec<u32>) = persons.iter().copied().unzip();
        let split = split.min(persons.len());
        let mut folded = CellKeys::new(20);
        folded.add(&keys[split..], &cells[split..]).unwrap();
        let mut first = CellKeys::new(20);
        first.add(&keys[..split], &cells[..split]).unwrap();
        folded.merge(&first).unwrap();
        for (cell, folded) in (0..).zip(folded.cells()) {
            let (sum, persons) = naive.get(&cell).copied().unwrap_or_default();
            prop_assert_eq!(*folded, CellTotals { sum: sum as u64, persons });
            prop_assert_eq!(folded.key_modulo(4096), (sum % 4096) as u64);
        }
        // A margin has the sum of all its persons.
        let structure = Structure::new(20, [(0..20).collect::<Vec<u32>>(), vec![3]]);
        let margin = folded.published(&structure).unwrap();
        let mut all = CellKeys::new(1);
        all.add(&keys, &vec![0; keys.len()]).unwrap();
        prop_assert_eq!(margin.cells()[0], all.cells()[0]);
        prop_assert_eq!(margin.cells()[1], folded.cells()[3]);
    }

    /// The same persons give the same noise, wherever and in whatever order;
    /// zeros stay zero; nothing is further off than the table reaches.
    #[test]
    fn counts_are_perturbed_alike_and_within_reach(
        persons in vec(any::<u64>(), 0..60), salt in any::<u64>(), swap in any::<prop::sample::Index>(),
    ) {
        let design = Design::counts(4, 2.0).unseen(1);
        let lookup = PerturbationTable::generate(&design).unwrap().lookup(KeySpace::Whole);
        let prf = |sum: u64, persons: u64| (sum ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ persons;
        let publish = |persons: &[u64], cell: u32| {
            let mut keys = CellKeys::new(3);
            keys.add(persons, &vec![cell; persons.len()]).unwrap();
            let folded = keys.cells()[cell as usize];
            perturbed_count(&lookup, folded.persons, folded.key(prf))
        };
        let mut turned = persons.clone();
        if !turned.is_empty() {
            turned.rotate_left(swap.index(persons.len()));
        }
        let published = publish(&persons, 0);
        prop_assert_eq!(published, publish(&turned, 2));
        prop_assert!(published.abs_diff(persons.len() as u64) <= 4);
        prop_assert!(published != 1);
        prop_assert!(!persons.is_empty() || published == 0);
    }

    /// Sums stay from zero up, within reach, and have noise only where there is something.
    #[test]
    fn sums_are_perturbed_within_reach(
        largest in 0i128..10_000_000, more in 0i128..100_000_000, contributors in 1u64..9,
        key in any::<u64>(),
    ) {
        let (one, parity) = sums();
        for (noise, reach) in [(one, 10.0), (parity, 10.0)] {
            let sum = if largest == 0 { 0 } else { largest + more };
            let cell = SumToPerturb { sum, absolute: sum, largest, contributors, key };
            let published = noise.perturbed(&cell).unwrap();
            prop_assert!(published >= 0);
            prop_assert!(sum != 0 || published == 0);
            let far = (published - sum).unsigned_abs() as f64;
            prop_assert!(far <= reach * (0.3 * largest as f64).max(1.0) + 0.5);
        }
    }

    /// Where contributions are negative: the opposite ones have the opposite noise,
    /// and a sum of nearly nothing has no less than one of the same absolute values.
    #[test]
    fn noise_follows_absolute_contributions(
        values in vec(prop_oneof![-5_000i128..5_000, -20i128..20], 1..8), key in any::<u64>(),
    ) {
        let sum_of = |values: &[i128]| SumToPerturb {
            sum: values.iter().sum(),
            absolute: values.iter().map(|value| value.abs()).sum(),
            largest: values.iter().map(|value| value.abs()).max().unwrap(),
            contributors: values.iter().filter(|value| **value != 0).count() as u64,
            key,
        };
        let opposite: Vec<i128> = values.iter().map(|value| -value).collect();
        let sizes: Vec<i128> = values.iter().map(|value| value.abs()).collect();
        let (one, parity) = sums();
        for noise in [one, parity] {
            let cell = sum_of(&values);
            let published = noise.perturbed(&cell).unwrap();
            if cell.sum != 0 {
                prop_assert_eq!(noise.perturbed(&sum_of(&opposite)).unwrap(), -published);
            }
            prop_assert!(cell.sum != cell.absolute || published >= 0);
            prop_assert!(cell.sum != -cell.absolute || published <= 0);
            let (own, plain) = (noise.of(&cell).unwrap(), noise.of(&sum_of(&sizes)).unwrap());
            prop_assert_eq!(own.abs(), plain.abs());
        }
    }

    /// Over all keys the noise on a sum has mean zero: from the tables' bounds, not sampled.
    #[test]
    fn noise_on_sums_is_unbiased_over_keys(ratio in 0.0f64..15.0) {
        // Interpolation is linear in the two rows' deviations, each of mean zero.
        let table = PerturbationTable::generate(&Design::sums(10, 2.0, 2, &[1, 5, 10])).unwrap();
        let lookup = table.lookup(KeySpace::Whole);
        let rows: Vec<f64> = table.rows().iter().map(|row| row.original() as f64).collect();
        let above = rows.iter().position(|&row| row > ratio).unwrap_or(rows.len() - 1);
        let expected = lookup.mean_over_keys(above) + lookup.mean_over_keys(above - 1);
        prop_assert!(expected.abs() < 1e-9);
    }
}

#[test]
fn parity_and_smallness_choose_the_table() {
    let (_, noise) = sums();
    let of = |largest, contributors| {
        let cell = SumToPerturb {
            sum: largest * 100,
            absolute: largest * 100,
            largest,
            contributors,
            key: 0,
        };
        noise.of(&cell).unwrap()
    };
    // The lowest key has the lowest deviation: that of the table's reach.
    assert!((of(1000, 4) + 8.0 * 300.0).abs() < 1e-9);
    assert!((of(1000, 5) + 10.0 * 300.0).abs() < 1e-9);
    assert!((of(2, 5) + 5.0).abs() < 1e-9);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut keys = CellKeys::new(2);
    assert!(keys.add(&[1, 2], &[0]).is_err());
    let refusal = keys.add(&[1, 2], &[0, 2]).unwrap_err();
    assert_eq!(refusal.rule(), "cell keys: a cell number is of no cell");
    assert_eq!(keys, CellKeys::new(2), "nothing was added");
    assert!(keys.merge(&CellKeys::new(3)).is_err());
    assert!(keys.published(&Structure::new(3, [vec![0]])).is_err());
    assert_eq!(CellTotals::default().key_modulo(0), 0);

    let (noise, _) = sums();
    let cell = |sum: i128, largest| SumToPerturb {
        sum,
        absolute: sum.checked_abs().unwrap_or(i128::MAX),
        largest,
        contributors: 2,
        key: 1,
    };
    for (sum, largest) in [(5, 6), (-5, 6), (5, -1), (5, 0)] {
        assert!(noise.of(&cell(sum, largest)).is_err());
    }
    for (sum, absolute) in [(5, 4), (-5, 4), (0, -1), (i128::MIN, i128::MAX)] {
        let cell = SumToPerturb {
            absolute,
            ..cell(sum, 3)
        };
        assert!(noise.of(&cell).is_err(), "{cell:?}");
    }
    let huge = noise.perturbed(&cell(i128::MAX, i128::MAX)).unwrap();
    assert!(huge >= 0);
    let table = PerturbationTable::generate(&Design::sums(5, 1.0, 5, &[1, 3, 5])).unwrap();
    for magnitude in [0.0, f64::NAN, f64::INFINITY] {
        let table = table.lookup(KeySpace::Whole);
        let small = SmallCells {
            up_to: 1.0,
            magnitude,
            table: table.clone(),
        };
        let flex = Flex::new(1000.0, 0.3, 0.03, 3).unwrap();
        assert!(SumNoise::new(flex, SumTables::One(table), Some(small)).is_err());
    }
}

#[test]
fn ons_tables_that_are_not_whole_are_refused() {
    let read = |lines: &str| {
        let error = OnsTable::read(format!("pcv,ckey,pvalue\n{lines}").as_bytes(), 2).unwrap_err();
        (error.row(), error.rule().to_owned())
    };
    let whole = "cell keys: the table does not name every pair".to_owned();
    assert_eq!(read("1,0,-1\n"), (None, whole));
    let twice = "cell keys: the table names a pair twice".to_owned();
    assert_eq!(read("1,0,-1\n1,0,-1\n"), (Some(2), twice));
    let below = "cell keys: a deviation leads below zero".to_owned();
    assert_eq!(read("1,0,-2\n"), (Some(1), below));
    assert_eq!(read("751,0,-2\n").0, Some(1));
    assert_eq!(read("1,2,-2\n").0, Some(1));
    assert_eq!(read("1,one,-2\n").0, Some(1));
    assert!(OnsTable::read("a,b,c\n".as_bytes(), 2).is_err());
    assert!(OnsTable::read("pcv,ckey,pvalue\n".as_bytes(), 0).is_err());
    assert_eq!(
        [0, 750, 751, 1000, 1001].map(OnsTable::row),
        [0, 750, 501, 750, 501]
    );
}
