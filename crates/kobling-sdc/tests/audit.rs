//! The auditor against naive twins on random small releases, and what it refuses.

use std::collections::BTreeSet;

use kobling_sdc::audit::{Audit, Budget, Primes, Refusal, Requirement, Seen, Sign, Witness};
use kobling_sdc::structure::Structure;
use proptest::prelude::*;

use crate::rational;

/// A small release: its structure, the true inner cells, and what is suppressed.
#[derive(Debug, Clone)]
struct Small {
    structure: Structure,
    inner: Vec<i128>,
    suppressed: Vec<bool>,
}

impl Small {
    fn truth(&self, cell: usize) -> i128 {
        let members = self.structure.members(cell).iter();
        members.map(|&at| self.inner[at as usize]).sum()
    }

    fn published(&self) -> Vec<Option<i128>> {
        let cells = 0..self.structure.cells();
        cells
            .map(|cell| (!self.suppressed[cell]).then(|| self.truth(cell)))
            .collect()
    }

    fn row(&self, cell: usize) -> Vec<i128> {
        let members = self.structure.members(cell);
        let inner = 0..self.structure.inner() as u32;
        inner.map(|at| members.contains(&at).into()).collect()
    }

    fn rows(&self) -> Vec<Vec<i128>> {
        let cells = 0..self.structure.cells();
        cells
            .filter(|&cell| !self.suppressed[cell])
            .map(|cell| self.row(cell))
            .collect()
    }

    fn blank(&self) -> Vec<usize> {
        (0..self.structure.cells())
            .filter(|&cell| self.suppressed[cell])
            .collect()
    }

    /// That its blanks reach so far above, be so wide, and reach so far below.
    fn required(&self, distances: &[(i128, i128, i128)]) -> Vec<Requirement> {
        let blank = self.blank().into_iter().zip(distances);
        let required = blank.map(|(cell, &(above, width, below))| Requirement {
            cell,
            value: self.truth(cell),
            below,
            above,
            width,
        });
        required.collect()
    }
}

fn seen<'a>(structure: &'a Structure, values: &'a [Option<i128>], sign: Sign) -> Seen<'a> {
    Seen {
        structure,
        values,
        sign,
    }
}

fn audit<'a>(structure: &'a Structure, values: &'a [Option<i128>]) -> Result<Audit<'a>, Refusal> {
    Audit::new(
        seen(structure, values, Sign::NonNegative),
        Budget::default(),
    )
}

fn primes() -> Primes {
    Primes::drawn([42; 16])
}

fn unit(at: u32, inner: usize) -> Vec<i128> {
    (0..inner as u32)
        .map(|other| (other == at).into())
        .collect()
}

/// A table of rows and columns with all its margins.
fn two_way(rows: usize, columns: usize) -> Structure {
    let at = move |row: usize, column: usize| (row * columns + column) as u32;
    let mut cells: Vec<Vec<u32>> = Vec::new();
    for row in 0..rows {
        cells.extend((0..columns).map(|column| vec![at(row, column)]));
        cells.push((0..columns).map(|column| at(row, column)).collect());
    }
    cells.extend((0..columns).map(|column| (0..rows).map(|row| at(row, column)).collect()));
    cells.push((0..(rows * columns) as u32).collect());
    Structure::new(rows * columns, cells)
}

fn filled(structure: Structure, least: i128, most: i128) -> impl Strategy<Value = Small> {
    let (inner, cells) = (structure.inner(), structure.cells());
    let values = prop::collection::vec(least..=most, inner);
    let suppressed = prop::collection::vec(prop::bool::weighted(0.6), cells);
    (values, suppressed).prop_map(move |(inner, suppressed)| Small {
        structure: structure.clone(),
        inner,
        suppressed,
    })
}

/// Tables of two ways, whose total is published.
fn tables() -> impl Strategy<Value = Small> {
    let shapes = (2..=3usize, 2..=3usize);
    let tables = shapes.prop_flat_map(|(rows, columns)| filled(two_way(rows, columns), 0, 2));
    tables.prop_map(|mut small| {
        *small.suppressed.last_mut().unwrap() = false;
        small
    })
}

/// Any sums of up to seven inner cells, the last one of all of them.
fn structures() -> impl Strategy<Value = Structure> {
    (2..=7usize).prop_flat_map(|inner| {
        let cell = prop::collection::btree_set(0..inner as u32, 1..=inner);
        prop::collection::vec(cell, 1..=9).prop_map(move |cells| {
            let all = std::iter::once((0..inner as u32).collect());
            Structure::new(inner, cells.into_iter().chain(all))
        })
    })
}

fn releases(least: i128, most: i128) -> impl Strategy<Value = Small> {
    let small = structures().prop_flat_map(move |structure| filled(structure, least, most));
    small.prop_map(|mut small| {
        *small.suppressed.last_mut().unwrap() = false;
        small
    })
}

/// Every table of whole numbers that has the published values: by cell, the
/// least and the most that occur.
fn brute(small: &Small) -> Vec<(i128, i128)> {
    fn fill(
        at: usize,
        small: &Small,
        left: &mut [Option<i128>],
        inner: &mut Vec<i128>,
        found: &mut Vec<(i128, i128)>,
    ) {
        if at == small.inner.len() {
            if left.iter().flatten().all(|left| *left == 0) {
                for (cell, (low, high)) in found.iter_mut().enumerate() {
                    let members = small.structure.members(cell).iter();
                    let value = members.map(|&at| inner[at as usize]).sum();
                    (*low, *high) = ((*low).min(value), (*high).max(value));
                }
            }
            return;
        }
        let holders: Vec<usize> = (0..left.len())
            .filter(|&cell| {
                left[cell].is_some() && small.structure.members(cell).contains(&(at as u32))
            })
            .collect();
        let most = holders.iter().filter_map(|&cell| left[cell]).min().unwrap();
        for value in 0..=most {
            let add = |left: &mut [Option<i128>], by| {
                for &cell in &holders {
                    left[cell] = left[cell].map(|left| left + by);
                }
            };
            add(left, -value);
            inner.push(value);
            fill(at + 1, small, left, inner, found);
            inner.pop();
            add(left, value);
        }
    }
    let mut found = vec![(i128::MAX, i128::MIN); small.structure.cells()];
    fill(
        0,
        small,
        &mut small.published(),
        &mut Vec::new(),
        &mut found,
    );
    found
}

/// Whether a row is a sum of multiples of others.
fn spans(rows: &[Vec<i128>], row: &[i128]) -> bool {
    let rest = rational::less(row.to_vec(), &rational::echelon(rows));
    rest.iter().all(|value| *value == 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whether an end reaches far enough is found without looking for the end.
    #[test]
    fn what_falls_short_is_what_the_whole_intervals_say(
        small in releases(0, 4),
        distances in prop::collection::vec((0..5i128, 0..6i128, 0..2i128), 20),
    ) {
        let published = small.published();
        let audit = audit(&small.structure, &published).unwrap();
        let required = small.required(&distances);
        let whole = audit.required(&required).unwrap();
        prop_assert_eq!(audit.missed(&required).unwrap(), whole.missed);
        // Over and over, so that not all are among the few computed whole.
        let often: Vec<Requirement> = required.iter().copied().cycle().take(90).collect();
        prop_assert_eq!(audit.narrowest(&often).unwrap(), whole.narrowest);
    }

    /// Whatever groups are looked at, a witness leads to the same cells, and to no
    /// width that is not there.
    #[test]
    fn a_witness_shows_what_the_whole_intervals_say(
        small in releases(0, 4),
        distances in prop::collection::vec((0..5i128, 0..6i128, 0..2i128), 20),
        places in prop::collection::vec(prop::collection::vec(0..4u32, 7), 1..3),
    ) {
        let published = small.published();
        let required = small.required(&distances);
        let places: Vec<Vec<u32>> = places
            .into_iter()
            .map(|places| places[..small.inner.len()].to_vec())
            .collect();
        let witness = Witness { inner: &small.inner, places: &places };
        let seen = seen(&small.structure, &published, Sign::NonNegative);
        let near = Audit::new(seen, Budget { whole: 0, ..Budget::default() }).unwrap();
        let found = near.witnessed(&required, witness).unwrap();
        let whole = Audit::new(seen, Budget::default()).unwrap();
        let exact = whole.required(&required).unwrap();
        prop_assert_eq!(&found.missed, &exact.missed);
        if found.missed.is_empty() {
            prop_assert!(found.narrowest.unwrap_or(f64::INFINITY) <= exact.narrowest.unwrap_or(f64::INFINITY));
            prop_assert_eq!(whole.witnessed(&required, witness).unwrap().narrowest, exact.narrowest);
        }
    }

    /// The bounds of a two-way table are whole (its matrix is totally
    /// unimodular), so they are what brute force finds.
    #[test]
    fn of_two_ways_the_bounds_are_attained(small in tables()) {
        let published = small.published();
        let audit = audit(&small.structure, &published).unwrap();
        let range = brute(&small);
        for (cell, interval) in small.blank().into_iter().zip(audit.intervals(&small.blank()).unwrap()) {
            let (low, high) = range[cell];
            prop_assert!((interval.low - low as f64).abs() < 1e-6, "{interval:?} {low}");
            prop_assert!((interval.high - high as f64).abs() < 1e-6, "{interval:?} {high}");
            prop_assert_eq!(interval.is_known(), low == high);
        }
    }

    /// Whatever the sums, no table of whole numbers is outside the bounds.
    #[test]
    fn every_table_is_within_the_bounds(small in releases(0, 2)) {
        let published = small.published();
        let audit = audit(&small.structure, &published).unwrap();
        let range = brute(&small);
        for (cell, interval) in small.blank().into_iter().zip(audit.intervals(&small.blank()).unwrap()) {
            let (low, high) = range[cell];
            let whole = interval.whole();
            prop_assert!(whole.low <= low as f64 && high as f64 <= whole.high, "{interval:?}");
            prop_assert!(!interval.is_known() || low == high);
        }
    }

    /// Where no inner cell is zero, a sum is known if and only if its row is in
    /// the span over the rationals; insiders likewise, with their own rows.
    #[test]
    fn what_is_recoverable_is_in_the_rational_span(small in releases(1, 3), own in prop::collection::btree_set(0u32..7, 1..=2)) {
        let inner = small.structure.inner();
        let own: Vec<u32> = own.into_iter().filter(|at| (*at as usize) < inner).collect();
        let published = small.published();
        let audit = audit(&small.structure, &published).unwrap();
        let found = audit.disclosed(std::slice::from_ref(&own), primes()).unwrap();
        let rows = small.rows();
        let known = |rows: &[Vec<i128>]| -> BTreeSet<usize> {
            small.blank().into_iter().filter(|&cell| spans(rows, &small.row(cell))).collect()
        };
        let to_all = known(&rows);
        prop_assert_eq!(&found.to_all, &to_all);
        let mut with_own = rows.clone();
        with_own.extend(own.iter().map(|&at| unit(at, inner)));
        let others = |cell: &usize| {
            let mut row = small.row(*cell);
            own.iter().for_each(|&at| row[at as usize] = 0);
            !spans(&rows, &row)
        };
        let learnt = known(&with_own).into_iter().filter(|cell| !to_all.contains(cell) && others(cell));
        prop_assert_eq!(found.to_insiders, learnt.map(|cell| (0, cell)).collect());
    }

    /// Where values may be negative, only subtraction bounds anything.
    #[test]
    fn of_signed_sums_the_bounds_are_all_or_nothing(small in releases(-3, 3)) {
        let published = small.published();
        let audit = Audit::new(seen(&small.structure, &published, Sign::Any), Budget::default()).unwrap();
        let rows = small.rows();
        for (cell, interval) in small.blank().into_iter().zip(audit.intervals(&small.blank()).unwrap()) {
            match spans(&rows, &small.row(cell)) {
                true => prop_assert!((interval.low - small.truth(cell) as f64).abs() < 1e-6 && interval.width() < 1e-6),
                false => prop_assert!(interval.low == f64::NEG_INFINITY && interval.high == f64::INFINITY),
            }
        }
    }

    /// More is suppressed, and intervals only widen: a suppressor may rely on it.
    #[test]
    fn intervals_widen_with_the_pattern(mut small in tables(), more in 0usize..4) {
        let before = small.published();
        let cells = small.blank();
        let last = small.suppressed.len() - 1;
        small.suppressed[more.min(last - 1)] = true;
        let after = small.published();
        let narrow = audit(&small.structure, &before).unwrap().intervals(&cells).unwrap();
        let wide = audit(&small.structure, &after).unwrap().intervals(&cells).unwrap();
        for (narrow, wide) in narrow.iter().zip(&wide) {
            prop_assert!(wide.low <= narrow.low + 1e-6 && wide.high >= narrow.high - 1e-6);
        }
    }
}

/// Three by three with the four corners suppressed; the cells of a row, then its margin.
fn corners() -> Small {
    let mut suppressed = vec![false; 16];
    for corner in [0, 2, 8, 10] {
        suppressed[corner] = true;
    }
    Small {
        structure: two_way(3, 3),
        inner: vec![2, 10, 7, 12, 11, 13, 9, 14, 6],
        suppressed,
    }
}

#[test]
fn a_square_of_blanks_holds_and_three_corners_do_not() {
    let small = corners();
    let published = small.published();
    let verdict = audit(&small.structure, &published).unwrap();
    let required = [Requirement::count(0, 2)];
    let verdict = verdict.verdict(&required, &[], primes()).unwrap();
    assert!(verdict.holds());
    assert_eq!((verdict.suppressed, verdict.narrowest), (4, Some(9.0)));
    for corner in [2, 8, 10] {
        let mut hole = small.clone();
        hole.suppressed[corner] = false;
        let published = hole.published();
        let verdict = audit(&hole.structure, &published)
            .unwrap()
            .verdict(&required, &[], primes())
            .unwrap();
        assert!(!verdict.holds());
        assert_eq!(
            (verdict.known.len(), verdict.missed.as_slice()),
            (3, [0].as_slice())
        );
    }
}

#[test]
fn an_insider_alone_in_a_corner_learns_the_others() {
    let small = corners();
    let published = small.published();
    let audit = audit(&small.structure, &published).unwrap();
    let found = audit.disclosed(&[vec![1], vec![0]], primes()).unwrap();
    assert!(found.to_all.is_empty());
    // The first insider's cell is published anyway; the second opens the square.
    assert_eq!(found.to_insiders, BTreeSet::from([(1, 2), (1, 8), (1, 10)]));
    let verdict = audit.verdict(&[], &[vec![1], vec![0]], primes()).unwrap();
    assert_eq!((verdict.insiders, verdict.known_to_insiders), (2, 3));
    assert!(!verdict.holds() && verdict.known.is_empty());
}

#[test]
fn requirements_are_distances_from_the_true_value() {
    let small = corners();
    let published = small.published();
    let audit = audit(&small.structure, &published).unwrap();
    // The corner of 2 is in [0, 9]: the square can turn by 2 down and 7 up.
    let required = |below, above, width| Requirement {
        cell: 0,
        value: 2,
        below,
        above,
        width,
    };
    for fits in [required(2, 7, 9), required(100, 0, 0), required(0, 0, 0)] {
        assert!(audit.required(&[fits]).unwrap().missed.is_empty());
    }
    for fails in [required(0, 8, 0), required(0, 0, 10), required(3, 7, 10)] {
        assert_eq!(audit.required(&[fails]).unwrap().missed, [0]);
    }
}

/// Inner cells that no published sum tells apart, and some that none holds.
#[test]
fn sums_that_are_shared_bound_each_share() {
    let structure = Structure::new(
        5,
        [
            vec![0, 1, 2],
            vec![0],
            vec![0, 1, 2, 3],
            vec![4],
            vec![0, 4],
        ],
    );
    let values = [Some(9), None, Some(14), None, None];
    let audit = audit(&structure, &values).unwrap();
    let ends: Vec<_> = audit
        .intervals(&[1, 3, 4])
        .unwrap()
        .iter()
        .map(|i| (i.low, i.high))
        .collect();
    assert_eq!(
        ends,
        [(0.0, 9.0), (0.0, f64::INFINITY), (0.0, f64::INFINITY)]
    );
}

#[test]
fn large_sums_keep_nine_digits() {
    let scale = 10i128.pow(24);
    let mut small = corners();
    small.inner.iter_mut().for_each(|value| *value *= scale);
    let published = small.published();
    let audit = audit(&small.structure, &published).unwrap();
    let interval = audit.intervals(&[0]).unwrap()[0];
    assert!((interval.low / scale as f64).abs() < 1e-9 * 84.0);
    assert!((interval.high / scale as f64 - 9.0).abs() < 1e-9 * 84.0);
    assert!(!interval.is_known() && interval.play <= 1e-9 * 84.0 * scale as f64);
}

#[test]
fn what_contradicts_itself_is_refused() {
    let structure = two_way(2, 2);
    let cells = [
        Some(1),
        Some(2),
        Some(3),
        Some(4),
        Some(5),
        Some(9),
        Some(5),
        Some(7),
        Some(12),
    ];
    assert!(audit(&structure, &cells).is_ok());
    for wrong in 0..cells.len() {
        let mut cells = cells;
        cells[wrong] = cells[wrong].map(|value| value + 1);
        assert_eq!(
            audit(&structure, &cells).unwrap_err(),
            Refusal::Contradiction
        );
    }
    let negative = [None, None, Some(-1), None, None, None, None, None, None];
    assert_eq!(
        audit(&structure, &negative).unwrap_err(),
        Refusal::Contradiction
    );
    let refused = |structure: &Structure, values: &[Option<i128>], sign| {
        let audit = Audit::new(seen(structure, values, sign), Budget::default()).unwrap();
        audit.intervals(&[0]).unwrap_err()
    };
    // a+b = 1, b+c = 1, a+c = 4: only with b = −1.
    let odd = Structure::new(3, [vec![0], vec![0, 1], vec![1, 2], vec![0, 2]]);
    assert_eq!(
        refused(&odd, &[None, Some(1), Some(1), Some(4)], Sign::NonNegative),
        Refusal::Contradiction
    );
    // a+b, b+c, c+d and a+d, of which the last depends on the others.
    let ring = Structure::new(4, [vec![0], vec![0, 1], vec![1, 2], vec![2, 3], vec![0, 3]]);
    assert_eq!(
        refused(
            &ring,
            &[None, Some(5), Some(5), Some(5), Some(6)],
            Sign::Any
        ),
        Refusal::Contradiction
    );
}

#[test]
fn a_true_value_outside_its_interval_is_refused() {
    let small = corners();
    let published = small.published();
    let audit = audit(&small.structure, &published).unwrap();
    for value in [-1, 10] {
        let required = [Requirement::count(0, value)];
        assert_eq!(audit.required(&required), Err(Refusal::Contradiction));
        assert_eq!(
            audit.verdict(&required, &[], primes()),
            Err(Refusal::Contradiction)
        );
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let small = corners();
    let published = small.published();
    assert_eq!(
        audit(&small.structure, &published[1..]).unwrap_err(),
        Refusal::Shape
    );
    let audit = audit(&small.structure, &published).unwrap();
    assert_eq!(audit.intervals(&[1]), Err(Refusal::Shape)); // published
    assert_eq!(audit.intervals(&[99]), Err(Refusal::Shape));
    assert_eq!(
        audit.required(&[Requirement::count(1, 10)]),
        Err(Refusal::Shape)
    );
    assert_eq!(
        audit.verdict(&[Requirement::count(1, 10)], &[], primes()),
        Err(Refusal::Shape)
    );
    assert_eq!(audit.disclosed(&[vec![9]], primes()), Err(Refusal::Shape));
}

#[test]
fn sums_beyond_all_numbers_are_refused() {
    let structure = Structure::new(3, [vec![0], vec![1], vec![0, 1, 2]]);
    let values = [Some(i128::MIN), Some(2), Some(1)];
    let refused = Audit::new(seen(&structure, &values, Sign::Any), Budget::default());
    assert_eq!(refused.unwrap_err(), Refusal::Overflow);
}

/// Found by the test of `narrowest`: the simplex came to 0 one way, to 2·10⁻¹⁵ another.
#[test]
fn a_width_has_no_rounding_error_in_it() {
    let structure = Structure::new(
        7,
        [
            vec![2, 3, 5, 6],
            vec![0, 2, 3, 4],
            vec![2, 5, 6],
            vec![0, 1, 2, 5],
            vec![0, 2, 5],
            vec![0, 3, 4, 5],
            vec![2, 3, 5, 6],
            (0..7).collect(),
        ],
    );
    let small = Small {
        structure,
        inner: vec![0, 3, 1, 2, 2, 1, 2],
        suppressed: (0..8).map(|cell| [2, 4, 6].contains(&cell)).collect(),
    };
    let published = small.published();
    let audit = audit(&small.structure, &published).unwrap();
    let counts = small.blank().into_iter();
    let counts: Vec<Requirement> = counts
        .map(|cell| Requirement::count(cell, small.truth(cell)))
        .collect();
    assert_eq!(audit.required(&counts).unwrap().narrowest, Some(0.0));
    let often: Vec<Requirement> = counts.iter().copied().cycle().take(90).collect();
    assert_eq!(audit.narrowest(&often).unwrap(), Some(0.0));
}

/// A square of which half the inner cells are unsafe: most are seen to be uncertain
/// in groups, at a part of what the whole costs.
#[test]
fn a_witness_is_looked_at_group_by_group() {
    let side = 24;
    let structure = two_way(side, side);
    let inner: Vec<i128> = (0..side * side)
        .map(|at| 1 + (at as i128 * 7919) % 6)
        .collect();
    let suppressed = (0..structure.cells()).map(|cell| {
        let members = structure.members(cell);
        members.len() == 1 && inner[members[0] as usize] < 4
    });
    let small = Small {
        suppressed: suppressed.collect(),
        structure,
        inner,
    };
    let published = small.published();
    let counts = small.blank().into_iter();
    let counts: Vec<Requirement> = counts
        .map(|cell| Requirement::count(cell, small.truth(cell)))
        .collect();
    let place = |at: usize| [at / side, at % side].map(|place| place as u32);
    let places: Vec<Vec<u32>> = (0..2)
        .map(|dimension| (0..side * side).map(|at| place(at)[dimension]).collect())
        .collect();
    let witness = Witness {
        inner: &small.inner,
        places: &places,
    };
    let spent = |whole: usize| {
        let seen = seen(&small.structure, &published, Sign::NonNegative);
        let budget = Budget {
            whole,
            ..Budget::default()
        };
        let audit = Audit::new(seen, budget).unwrap();
        let found = audit.witnessed(&counts, witness).unwrap();
        assert_eq!(found.missed, [] as [usize; 0]);
        assert!(found.narrowest.unwrap() >= 2.0);
        audit.work()
    };
    let (near, whole) = (spent(0), spent(usize::MAX));
    assert!(2 * near < whole, "{near} {whole}");
}

#[test]
fn a_witness_that_is_none_is_refused() {
    let structure = two_way(2, 2);
    let inner = [1, 2, 3, 4];
    let suppressed = (0..structure.cells()).map(|cell| structure.members(cell).len() == 1);
    let small = Small {
        suppressed: suppressed.collect(),
        inner: inner.to_vec(),
        structure,
    };
    let published = small.published();
    let audit = audit(&small.structure, &published).unwrap();
    let first = [Requirement::count(0, 1)];
    let told = |inner: &[i128], places: &[Vec<u32>], required: &[Requirement]| {
        audit
            .witnessed(required, Witness { inner, places })
            .map(drop)
    };
    let places = [vec![0, 0, 1, 1], vec![0, 1, 0, 1]];
    assert_eq!(told(&inner, &places, &first), Ok(()));
    // Other sums; negative; another value than is required of; not of this release.
    assert_eq!(
        told(&[2, 2, 3, 4], &places, &first),
        Err(Refusal::Contradiction)
    );
    assert_eq!(
        told(&[-1, 4, 5, 2], &places, &first),
        Err(Refusal::Contradiction)
    );
    assert_eq!(
        told(&[2, 1, 2, 5], &places, &first),
        Err(Refusal::Contradiction)
    );
    assert_eq!(told(&inner[1..], &places, &first), Err(Refusal::Shape));
    assert_eq!(told(&inner, &[vec![0; 3]], &first), Err(Refusal::Shape));
    let total = [Requirement::count(small.structure.cells() - 1, 10)];
    assert_eq!(told(&inner, &places, &total), Err(Refusal::Shape));
    let huge = [i128::MAX, i128::MAX, 3, 4];
    assert_eq!(told(&huge, &places, &first), Err(Refusal::Overflow));
}

#[test]
fn nothing_suppressed_is_nothing_known() {
    let small = Small {
        suppressed: vec![false; 16],
        ..corners()
    };
    let published = small.published();
    let verdict = audit(&small.structure, &published)
        .unwrap()
        .verdict(&[], &[], primes())
        .unwrap();
    assert!(verdict.holds());
    assert_eq!((verdict.suppressed, verdict.narrowest), (0, None));
}
