//! The auditor against published and computed reference intervals.
//!
//! The data is outside the repository, in the folder that `KOBLING_DATA`
//! names; without it these tests say that they did not run. The largest case
//! also wants `KOBLING_LARGE=1`, as it takes a while without optimisation.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kobling_sdc::audit::{Audit, AuditBudget, AuditRefusal, Primes, Requirement, Seen, Sign};
use kobling_sdc::structure::Structure;

use crate::data::data;
use crate::rational;

/// The rows of a file, by the names of their columns.
fn rows(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let mut file = csv::Reader::from_path(path).unwrap();
    file.deserialize().map(|row| row.unwrap()).collect()
}

struct Case {
    structure: Structure,
    values: Vec<i128>,
    suppressed: Vec<bool>,
    primary: Vec<usize>,
    /// Cell, low, high.
    expected: Vec<(usize, f64, f64)>,
}

impl Case {
    fn read(name: &str) -> Option<Self> {
        let folder = data("vectors/sdc")?.join("attack_intervals");
        let file = |end: &str| rows(folder.join(format!("{name}_{end}.csv")));
        let inner: Vec<i128> = file("inner")
            .iter()
            .map(|row| row["y"].parse().unwrap())
            .collect();
        let cells = file("cells");
        let mut members = vec![Vec::new(); cells.len()];
        for row in file("x_coo") {
            let cell: usize = row["cell"].parse().unwrap();
            members[cell].push(row["inner"].parse::<u32>().unwrap());
        }
        let flagged = |flag: &str| {
            cells
                .iter()
                .map(|cell| cell[flag] == "TRUE")
                .collect::<Vec<_>>()
        };
        let primary = flagged("primary");
        let sum = |cell: &Vec<u32>| cell.iter().map(|&at| inner[at as usize]).sum();
        let number = |text: &String| text.parse::<f64>().unwrap();
        let expected = file("expected_intervals_highs");
        Some(Self {
            values: members.iter().map(sum).collect(),
            structure: Structure::new(inner.len(), members),
            suppressed: flagged("suppressed"),
            primary: (0..cells.len()).filter(|&cell| primary[cell]).collect(),
            expected: expected
                .iter()
                .map(|row| {
                    (
                        row["cell"].parse().unwrap(),
                        number(&row["lo"]),
                        number(&row["up"]),
                    )
                })
                .collect(),
        })
    }

    fn published(&self) -> Vec<Option<i128>> {
        let cells = self.values.iter().zip(&self.suppressed);
        cells
            .map(|(value, blank)| (!blank).then_some(*value))
            .collect()
    }

    fn seen<'a>(&'a self, values: &'a [Option<i128>]) -> Seen<'a> {
        Seen {
            structure: &self.structure,
            values,
            sign: Sign::NonNegative,
        }
    }
}

/// The intervals are HiGHS's, nothing is recovered by subtraction, and any
/// suppressed cell that is published after all makes the audit say so.
fn meets_reference(name: &str) {
    let Some(case) = Case::read(name) else { return };
    let published = case.published();
    let audit = Audit::new(case.seen(&published), AuditBudget::default()).unwrap();
    let cells: Vec<usize> = case.expected.iter().map(|row| row.0).collect();
    assert!(!cells.is_empty());
    let started = std::time::Instant::now();
    let intervals = audit.intervals(&cells).unwrap();
    println!(
        "{name}: {} intervals in {:?}",
        cells.len(),
        started.elapsed()
    );
    for (interval, (cell, low, high)) in intervals.iter().zip(&case.expected) {
        assert!(
            (interval.low - low).abs() < 1e-6,
            "{name}: low of cell {cell}"
        );
        assert!(
            (interval.high - high).abs() < 1e-6,
            "{name}: high of cell {cell}"
        );
    }
    let requirements: Vec<Requirement> = case
        .primary
        .iter()
        .map(|&cell| Requirement::count(cell, case.values[cell]))
        .collect();
    let started = std::time::Instant::now();
    let verdict = audit
        .verdict(&requirements, &[], Primes::drawn([3; 16]))
        .unwrap();
    println!("{name}: audited in {:?}: {verdict:?}", started.elapsed());
    assert_eq!(
        verdict.suppressed,
        case.suppressed.iter().filter(|blank| **blank).count()
    );
    assert_eq!(
        (verdict.known.len(), verdict.missed.len()),
        (0, 0),
        "{name}"
    );
    assert!(verdict.holds());
}

#[test]
fn intervals_are_those_of_highs() {
    for name in ["z1", "z2", "mun", "z3"] {
        meets_reference(name);
    }
}

#[test]
fn intervals_of_the_largest_case_are_those_of_highs() {
    match std::env::var_os("KOBLING_LARGE") {
        Some(_) => meets_reference("d4"),
        None => println!("skipped: set KOBLING_LARGE=1 for the case of 14160 cells"),
    }
}

/// The table of sdcTable's attack: a file of cells `strID`, their values and `u` or `x` where suppressed.
fn attack_4x4(blank: &str) -> Option<Vec<(usize, f64, f64)>> {
    let folder = data("vectors/sdc")?.join("sdcTable");
    let cells = rows(folder.join(blank));
    let code = |cell: &BTreeMap<String, String>| {
        let digits = cell["strID"].as_bytes();
        (usize::from(digits[1] - b'0'), usize::from(digits[3] - b'0'))
    };
    let inside = |at: usize, of: usize| of == 0 || at == of;
    let members = cells.iter().map(|cell| {
        let (row, column) = code(cell);
        let inner = (1..5).flat_map(|r| (1..5).map(move |c| (r, c)));
        let held = inner.filter(move |(r, c)| inside(*r, row) && inside(*c, column));
        held.map(|(r, c)| (4 * (r - 1) + c - 1) as u32)
            .collect::<Vec<_>>()
    });
    let structure = Structure::new(16, members);
    let value = |cell: &BTreeMap<String, String>| {
        let value = cell.get("freq").or(cell.get("Freq")).unwrap();
        (cell["sdcStatus"] == "s").then(|| value.parse::<i128>().unwrap())
    };
    let values: Vec<Option<i128>> = cells.iter().map(value).collect();
    let seen = Seen {
        structure: &structure,
        values: &values,
        sign: Sign::NonNegative,
    };
    let audit = Audit::new(seen, AuditBudget::default()).unwrap();
    let blank = audit.suppressed();
    let known = audit.disclosed(&[], Primes::drawn([5; 16])).unwrap().to_all;
    let intervals = audit.intervals(&blank).unwrap();
    for (cell, interval) in blank.iter().zip(&intervals) {
        assert_eq!(interval.is_known(), known.contains(cell));
    }
    Some(
        blank
            .into_iter()
            .zip(intervals)
            .map(|(cell, i)| (cell, i.low, i.high))
            .collect(),
    )
}

/// The bounds that sdcTable gives; its `id` counts cells from one.
fn expected_4x4(file: &str) -> Vec<(usize, f64, f64)> {
    let bounds = rows(data("vectors/sdc").unwrap().join("sdcTable").join(file));
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    let bounds = bounds.iter().map(|row| {
        (
            number(row, "id") as usize - 1,
            number(row, "low"),
            number(row, "up"),
        )
    });
    bounds.collect()
}

fn near(found: &[(usize, f64, f64)], expected: &[(usize, f64, f64)]) {
    for (cell, low, high) in expected {
        let found = found.iter().find(|(other, _, _)| other == cell).unwrap();
        assert!(
            (found.1 - low).abs() < 1e-6 && (found.2 - high).abs() < 1e-6,
            "cell {cell}"
        );
    }
}

#[test]
fn the_attack_on_four_by_four_finds_what_sdctable_does() {
    let Some(found) = attack_4x4("attack4x4_problem.csv") else {
        return;
    };
    let expected = expected_4x4("attack4x4_bounds_unprotected.csv");
    assert_eq!(found.len(), expected.len());
    near(&found, &expected);
    assert!(
        found.contains(&(7, 47.0, 47.0)),
        "the cell of 47 is known exactly"
    );
    let simple = attack_4x4("attack4x4_protected_simpleheuristic.csv").unwrap();
    near(&simple, &expected_4x4("attack4x4_bounds_protected.csv"));
    near(&simple, &[(7, 0.0, 78.0)]);
    let gauss = attack_4x4("attack4x4_protected_gauss.csv").unwrap();
    near(&gauss, &expected_4x4("attack4x4_bounds_gauss.csv"));
}

/// Publishing one suppressed cell after all: the audit says so wherever it
/// discloses another, as dense elimination over the rationals finds.
#[test]
fn a_pattern_with_a_hole_is_refused() {
    for name in ["z1", "mun", "z2"] {
        let Some(case) = Case::read(name) else { return };
        let cells = 0..case.values.len();
        let row = |cell: usize| {
            let mut row = vec![0; case.structure.inner()];
            case.structure
                .members(cell)
                .iter()
                .for_each(|&at| row[at as usize] = 1);
            row
        };
        let zeros = cells
            .clone()
            .filter(|&cell| !case.suppressed[cell] && case.values[cell] == 0);
        let zeros = zeros.flat_map(|cell| case.structure.members(cell));
        let zeros = zeros.map(|&at| {
            let mut row = vec![0; case.structure.inner()];
            row[at as usize] = 1;
            row
        });
        let published = cells
            .clone()
            .filter(|&cell| !case.suppressed[cell])
            .map(row);
        let rows: Vec<Vec<i128>> = published.chain(zeros).collect();
        let blank: Vec<usize> = cells.filter(|&cell| case.suppressed[cell]).collect();
        let mut refused = 0;
        for &hole in &blank {
            let mut published = case.published();
            published[hole] = Some(case.values[hole]);
            let audit = Audit::new(case.seen(&published), AuditBudget::default()).unwrap();
            let found = audit.verdict(&[], &[], Primes::drawn([9; 16])).unwrap();
            let mut rows = rows.clone();
            rows.push(row(hole));
            let rows = rational::echelon(&rows);
            let others = blank.iter().filter(|other| **other != hole);
            let given: Vec<usize> = others
                .copied()
                .filter(|&other| {
                    rational::less(row(other), &rows)
                        .iter()
                        .all(|value| *value == 0)
                })
                .collect();
            assert!(
                given.iter().all(|cell| found.known.contains(cell)),
                "{name}"
            );
            assert_eq!(found.holds(), found.known.is_empty());
            assert!(found.known.len() >= given.len());
            refused += usize::from(!found.holds());
        }
        println!("{name}: {refused} of {} holes are refused", blank.len());
        assert!(refused > 0, "{name}");
    }
}

#[test]
fn bounds_do_not_depend_on_threads() {
    let Some(case) = Case::read("z3") else { return };
    let published = case.published();
    let bounds = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let audit = Audit::new(case.seen(&published), AuditBudget::default()).unwrap();
            let cells = audit.suppressed();
            (
                audit.intervals(&cells).unwrap(),
                audit.verdict(&[], &[], Primes::drawn([1; 16])).unwrap(),
            )
        })
    };
    assert_eq!(bounds(1), bounds(3));
}

/// A budget too small is a refusal, and never a verdict.
#[test]
fn what_cannot_be_finished_is_refused() {
    let Some(case) = Case::read("z3") else { return };
    let published = case.published();
    let verdict = |budget| {
        let audit = Audit::new(case.seen(&published), budget)?;
        audit.verdict(&[], &[], Primes::drawn([1; 16]))
    };
    let whole = AuditBudget::default();
    let cost = verdict(whole).unwrap().work;
    for work in [0, 10, 10_000, cost / 2, cost - 1] {
        assert_eq!(
            verdict(AuditBudget { work, ..whole }),
            Err(AuditRefusal::Work)
        );
    }
    assert!(
        verdict(AuditBudget {
            work: cost,
            ..whole
        })
        .is_ok()
    );
    for terms in [0, 1000] {
        assert_eq!(
            verdict(AuditBudget { terms, ..whole }),
            Err(AuditRefusal::Memory)
        );
    }
}
