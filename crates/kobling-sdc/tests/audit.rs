//! The auditor on releases that are small enough to be seen through.

mod laws;
mod refuse;
mod small;

use std::collections::BTreeSet;

use kobling_sdc::audit::{Audit, AuditBudget, Requirement, Sign, Witness};
use kobling_sdc::structure::Structure;

use small::*;

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
fn the_singleton_of_a_corner_learns_the_others() {
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

/// Inner cells that no published sum distinguishes, and some that none holds.
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
        let budget = AuditBudget {
            whole,
            ..AuditBudget::default()
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
