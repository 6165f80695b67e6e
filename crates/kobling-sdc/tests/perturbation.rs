//! Perturbation tables: those of the R package ptable, their laws, and what is refused.
//!
//! The tables of ptable are read from `$KOBLING_DATA/vectors/sdc/ptable`.

use std::path::PathBuf;

use kobling_sdc::ErrorKind;
use kobling_sdc::perturbation::{Design, KeySpace, NoiseEntry, PerturbationTable, RowKind};
use proptest::prelude::*;

use crate::data::data;

/// A file of the reference data, if `KOBLING_DATA` says where it is.
fn reference(name: &str) -> Option<PathBuf> {
    data(&format!("vectors/sdc/{name}"))
}

fn read(name: &str, kind: RowKind) -> Option<PerturbationTable> {
    let path = reference(name)?;
    let file = std::fs::File::open(path).unwrap();
    Some(PerturbationTable::read(file, kind).unwrap())
}

/// What ptable was asked for, and what it made.
fn cases() -> Vec<(&'static str, RowKind, Design)> {
    use RowKind::{All, Even, Odd};
    let most = [true, true, false, true];
    vec![
        ("cnt_D2_V0.9", All, Design::counts(2, 0.9)),
        ("cnt_D2_V1", All, Design::counts(2, 1.0)),
        ("cnt_D3_V1", All, Design::counts(3, 1.0)),
        ("cnt_D7_V3", All, Design::counts(7, 3.0)),
        (
            "cnt_D2_V1.08_js1_vignette",
            All,
            Design::counts(2, 1.08).unseen(1).monotone(&most),
        ),
        (
            "pt_ex_cnts_D2_V1.05_js1",
            All,
            Design::counts(2, 1.05).unseen(1).monotone(&most),
        ),
        ("cnt_D5_V3_js2", All, Design::counts(5, 3.0).unseen(2)),
        (
            "cnt_D5_V3_js2_pstay0.5_cellKeytest",
            All,
            Design::counts(5, 3.0).unseen(2).stay(&[0.5]),
        ),
        (
            "cnt_D4_V1_pstay0.5",
            All,
            Design::counts(4, 1.0).stay(&[0.5]),
        ),
        (
            "cnt_D4_V1_pstayvec",
            All,
            Design::counts(4, 1.0).stay(&[0.5, 0.5, 0.7, 0.8]),
        ),
        (
            "num_D5_V2_step4_icat135",
            All,
            Design::sums(5, 2.0, 4, &[1, 3, 5]),
        ),
        (
            "pt_ex_nums_parityF_even",
            Even,
            Design::sums(8, 1.0, 2, &[1, 5, 8]).exactly(),
        ),
        (
            "pt_ex_nums_parityF_odd",
            Odd,
            Design::sums(10, 2.0, 2, &[1, 10]).exactly(),
        ),
        (
            "pt_ex_nums_sep_all",
            All,
            Design::sums(10, 3.0, 2, &[1, 5, 10]).exactly(),
        ),
        (
            "pt_ex_nums_sep_small_cells",
            All,
            Design::sums(5, 1.0, 5, &[1, 3, 5]).exactly(),
        ),
    ]
}

#[test]
fn tables_are_those_of_ptable() {
    for (name, kind, design) in cases() {
        let Some(expected) = read(&format!("ptable/{name}.csv"), kind) else {
            return;
        };
        let table = PerturbationTable::generate(&design).unwrap();
        assert_eq!(table.per_unit(), expected.per_unit(), "{name}");
        assert_eq!(table.rows().len(), expected.rows().len(), "{name}");
        let mut worst = 0.0f64;
        for (ours, theirs) in table.rows().iter().zip(expected.rows()) {
            assert_eq!(ours.original(), theirs.original(), "{name}");
            let deviations = |entries: &[NoiseEntry]| -> Vec<i32> {
                entries.iter().map(|entry| entry.deviation).collect()
            };
            assert_eq!(deviations(ours.entries()), deviations(theirs.entries()));
            for (ours, theirs) in ours.entries().iter().zip(theirs.entries()) {
                worst = worst.max((ours.probability - theirs.probability).abs());
            }
        }
        println!("{name}: largest difference of a probability {worst:.1e}");
        assert!(worst < 1e-6, "{name}: {worst}");
    }
}

/// Mean and variance as ptable's own checks have them, to their five decimals.
#[test]
fn moments_are_those_of_ptable() {
    for (name, _, design) in cases() {
        let Some(path) = reference(&format!("ptable/{name}_checks.csv")) else {
            return;
        };
        let table = PerturbationTable::generate(&design).unwrap();
        let mut checks = csv::Reader::from_path(path).unwrap();
        for (row, record) in table.rows().iter().zip(checks.records()) {
            let record = record.unwrap();
            let number = |at: usize| record[at].parse::<f64>().unwrap();
            assert_eq!(row.original() as f64, number(0), "{name}");
            assert!(row.mean(table.per_unit()).abs() < 1e-10, "{name}");
            let variance = row.variance(table.per_unit());
            assert!((variance - number(2)).abs() < 1e-5, "{name}: {variance}");
        }
    }
}

/// Tables that ptable wrote and changed (a column of bounds split over the
/// row) are read, and written again as they were.
#[test]
fn files_come_back() {
    for (name, kind, _) in cases() {
        let Some(table) = read(&format!("ptable/{name}.csv"), kind) else {
            return;
        };
        let mut text = Vec::new();
        table.write(&mut text, kind).unwrap();
        let again = PerturbationTable::read(text.as_slice(), kind).unwrap();
        for (row, other) in table.rows().iter().zip(again.rows()) {
            for (entry, other) in row.entries().iter().zip(other.entries()) {
                assert_eq!(entry.deviation, other.deviation, "{name}");
                assert!((entry.probability - other.probability).abs() < 1e-12);
            }
        }
    }
    let modified = read(
        "ptable/cnt_D2_V0.9_modified_thr0.2_seed123.csv",
        RowKind::All,
    )
    .unwrap();
    assert_eq!(modified.rows()[1].entries().len(), 6);
    assert!((modified.variance() - 0.9).abs() < 1e-6);
}

fn designs() -> impl Strategy<Value = Design> {
    (
        1u32..8,
        0u32..3,
        0.05f64..1.0,
        0.0f64..0.6,
        any::<bool>(),
        1u32..4,
    )
        .prop_map(|(reach, unseen, share, stay, monotone, per_unit)| {
            let variance = share * f64::from(reach * reach) / 3.0;
            let design = match per_unit {
                1 => Design::counts(reach, variance).unseen(unseen),
                _ => Design::sums(reach, variance, per_unit, &[1, 2, reach.max(3)]),
            };
            design.stay(&[stay]).monotone(&[monotone])
        })
}

proptest! {
    /// Whatever comes out is sound: mean zero, variance not exceeded, nothing
    /// below zero or unseen, staying as likely as asked, monotone where asked.
    #[test]
    fn generated_tables_keep_their_promises(
        reach in 1u32..8, unseen in 0u32..3, share in 0.05f64..1.0, stay in 0.0f64..0.6,
        monotone in any::<bool>(),
    ) {
        let variance = share * f64::from(reach * reach) / 3.0;
        let design = Design::counts(reach, variance)
            .unseen(unseen).stay(&[stay]).monotone(&[monotone]);
        let Ok(table) = PerturbationTable::generate(&design) else {
            return Ok(()); // there may be none; which is right is tested below
        };
        table.fit_for_counts().unwrap();
        prop_assert!(table.reach() <= f64::from(reach));
        for row in &table.rows()[1..] {
            let sum: f64 = row.entries().iter().map(|entry| entry.probability).sum();
            prop_assert!((sum - 1.0).abs() < 1e-12);
            prop_assert!(row.mean(1).abs() < 1e-9);
            prop_assert!(row.variance(1) <= variance + 1e-7);
            for entry in row.entries() {
                let value = row.original() as i64 + i64::from(entry.deviation);
                prop_assert!(value >= 0 && !(1..=i64::from(unseen)).contains(&value));
            }
            let below: Vec<_> = row.entries().iter().filter(|e| e.deviation <= 0).collect();
            let stays = below.last().is_some_and(|entry| entry.deviation == 0);
            if stays {
                prop_assert!(below[below.len() - 1].probability >= stay - 1e-8);
            }
            if stays && monotone {
                prop_assert!(below.is_sorted_by(|a, b| a.probability <= b.probability + 1e-12));
            }
        }
    }

    /// No distribution that meets the same conditions has greater entropy:
    /// steps from it that keep sum, mean and variance only lose.
    #[test]
    fn no_feasible_neighbour_has_more_entropy(
        reach in 2u32..6, share in 0.1f64..0.9, at in 0usize..100, size in 1e-6f64..1e-3,
    ) {
        let variance = share * f64::from(reach * reach) / 3.0;
        let design = Design::counts(reach, variance).monotone(&[false]);
        let table = PerturbationTable::generate(&design).unwrap();
        let row = table.rows().last().unwrap().entries();
        // The third difference sums to zero, and so do its first two moments.
        let pattern = [1.0, -3.0, 3.0, -1.0];
        let at = at % (row.len() - 3);
        for sign in [1.0, -1.0] {
            let mut moved: Vec<f64> = row.iter().map(|entry| entry.probability).collect();
            for (p, step) in moved[at..at + 4].iter_mut().zip(pattern) {
                *p += sign * size * step;
            }
            if moved.iter().any(|p| *p <= 0.0) {
                continue;
            }
            let entropy = |p: &mut dyn Iterator<Item = f64>| -> f64 { p.map(|p| -p * p.ln()).sum() };
            let ours = entropy(&mut row.iter().map(|entry| entry.probability));
            prop_assert!(entropy(&mut moved.into_iter()) < ours);
        }
    }

    /// Unbiased over keys, computed from the bounds, not sampled; and the
    /// lookup is what a search through the probabilities gives.
    #[test]
    fn lookups_are_unbiased_and_like_a_search(
        design in designs(), original in 0u64..40, key in any::<u64>(), decimal in any::<bool>(),
    ) {
        let Ok(table) = PerturbationTable::generate(&design) else { return Ok(()) };
        let keys = if decimal { KeySpace::Decimal } else { KeySpace::Whole };
        let key = if decimal { key % 100_000_000 } else { key };
        let lookup = table.lookup(keys);
        let near = if decimal { 1e-6 } else { 1e-9 };
        for row in 0..table.rows().len() {
            prop_assert!(lookup.mean_over_keys(row).abs() < near);
        }
        let row = table.rows().iter().rev().find(|row| row.original() <= original).unwrap();
        let share = match keys {
            KeySpace::Whole => key as f64 / 2f64.powi(64),
            KeySpace::Decimal => key as f64 / 1e8,
        };
        let mut sum = 0.0;
        let naive = row.entries().iter().find(|entry| {
            sum += entry.probability;
            share < sum
        });
        // Where the key is as near to a bound as rounding is, either is right.
        let mut bound = 0.0;
        let near_a_bound = row.entries().iter().any(|entry| {
            bound += entry.probability;
            (share - bound).abs() < 2e-8
        });
        let naive = naive.unwrap_or(row.entries().last().unwrap()).deviation;
        prop_assert!(near_a_bound || lookup.deviation(original, key) == naive);
        prop_assert_eq!(lookup.deviation(0, key), 0);
    }

    /// No text makes the reader panic.
    #[test]
    fn any_text_is_read_or_refused(text in "[ijpv,0-9.\\-a-l\n]{0,200}") {
        let header = "i,j,p,v,p_int_lb,p_int_ub,type\n";
        let _ = PerturbationTable::read(format!("{header}{text}").as_bytes(), RowKind::All);
        let _ = PerturbationTable::read(text.as_bytes(), RowKind::All);
    }
}

fn refusal(lines: &str) -> String {
    let text = format!("i,j,p,v,p_int_lb,p_int_ub,type\n0,0,1,0,0,1,all\n{lines}");
    let error = PerturbationTable::read(text.as_bytes(), RowKind::All).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    match error.row() {
        Some(row) => format!("row {row}: {}", error.rule()),
        None => error.rule().to_owned(),
    }
}

#[test]
fn unsound_files_are_refused_by_row() {
    let one = "perturbation table, original value 1:";
    let cases = [
        ("1,0,0.5,-1,0,0.5,all\n1,2,0.4,1,0.5,0.9,all\n", format!("{one} the probabilities do not sum to one")),
        ("1,0,-0.5,-1,0,-0.5,all\n1,2,1.5,1,-0.5,1,all\n", format!("{one} a probability is negative or not a number")),
        ("1,1,0.5,0,0,0.5,all\n1,2,0.5,1,0.5,1,all\n", format!("{one} the mean of the noise is not zero")),
        ("1,0,0.5,-1,0,0.5,all\n1,2,0.4,1,0.6,1,all\n", format!("{one} the bounds leave a gap or overlap")),
        ("1,0,0.5,-1,0,0.5,all\n1,2,0.4,1,0.5,1,all\n", format!("{one} a probability is not what its bounds say")),
        ("1,-1,0.5,-2,0,0.5,all\n1,3,0.5,2,0.5,1,all\n", format!("{one} a deviation leads below zero")),
        ("1,0,half,-1,0,0.5,all\n", "row 2: perturbation table: a field is not a number".to_owned()),
        ("1,0,inf,-1,0,0.5,all\n", "row 2: perturbation table: a field is not a number".to_owned()),
        ("1,5,1,-1,0,1,all\n", "row 2: perturbation table: the perturbed value is not the original one and the deviation".to_owned()),
        ("-1,0,1,1,0,1,all\n", "row 2: perturbation table: an original value is not a whole number from 0".to_owned()),
        ("1,1,1,0,0,1\n", "row 2: perturbation table: it cannot be read as comma-separated text with a header".to_owned()),
        ("1,1,1,0,0,1,all\n0,0,1,0,0,1,all\n", "perturbation table: original values increase from row to row".to_owned()),
    ];
    for (lines, expected) in cases {
        assert_eq!(refusal(lines), expected);
    }
    let text = "i,j,p,v,p_int_lb,p_int_ub,type\n0,0,0.5,0,0,0.5,all\n0,1,0.5,1,0.5,1,all\n";
    let error = PerturbationTable::read(text.as_bytes(), RowKind::All).unwrap_err();
    assert!(error.rule().contains("original value 0"));
    let error = PerturbationTable::read(text.as_bytes(), RowKind::Even).unwrap_err();
    assert_eq!(
        error.rule(),
        "perturbation table: there are no rows of type `even`"
    );
    let error = PerturbationTable::read("i,j,p\n".as_bytes(), RowKind::All).unwrap_err();
    assert_eq!(error.rule(), "perturbation table: there is no column `v`");
}

#[test]
fn noise_on_zero_is_refused() {
    let even = |deviation| NoiseEntry {
        deviation,
        probability: 0.5,
    };
    let error = PerturbationTable::new(1, vec![(0, vec![even(-1), even(1)])]).unwrap_err();
    assert_eq!(
        error.rule(),
        "perturbation table, original value 0: zeros stay zero, but there is noise"
    );
    assert!(PerturbationTable::new(0, Vec::new()).is_err());
    assert!(PerturbationTable::new(1, Vec::new()).is_err());
    assert!(PerturbationTable::new(1, vec![(0, Vec::new())]).is_err());
}

#[test]
fn gaps_between_counts_are_named() {
    let table = PerturbationTable::generate(&Design::sums(5, 2.0, 1, &[1, 3, 5])).unwrap();
    assert_eq!(
        table.fit_for_counts().unwrap_err().rule(),
        "perturbation table, original value 2: there is no row for it, but for a larger one"
    );
    let halves = PerturbationTable::generate(&Design::sums(5, 2.0, 2, &[1, 2])).unwrap();
    assert!(halves.fit_for_counts().is_err());
}

#[test]
fn designs_that_cannot_be_met_are_refused() {
    let refused = [
        Design::counts(0, 1.0),
        Design::counts(u32::MAX, 1.0),
        Design::sums(5, 1.0, u32::MAX, &[1]),
        Design::counts(2, 0.0),
        Design::counts(2, f64::NAN),
        Design::counts(2, f64::INFINITY),
        Design::counts(2, 1.0).stay(&[1.0]),
        Design::counts(2, 1.0).stay(&[f64::NAN]),
        Design::counts(2, 1.0).stay(&[]),
        Design::counts(2, 1.0).monotone(&[]),
        // A 1 would have to become 0 always.
        Design::counts(2, 1.0).unseen(5),
        // Not even the two ends have as much.
        Design::counts(2, 9.0).exactly(),
        // −1 and +2 alone have more.
        Design::counts(3, 0.5).unseen(1),
        // Staying leaves too little.
        Design::counts(2, 1.0).exactly().stay(&[0.9]),
    ];
    for design in refused {
        let error = PerturbationTable::generate(&design).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input, "{design:?}");
    }
}
