//! What holds of any audit, on small releases that are tried whole.

use std::collections::BTreeSet;

use kobling_sdc::audit::{Audit, AuditBudget, Requirement, Sign, Witness};
use proptest::prelude::*;

use super::small::*;

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
        let near = Audit::new(seen, AuditBudget { whole: 0, ..AuditBudget::default() }).unwrap();
        let found = near.witnessed(&required, witness).unwrap();
        let whole = Audit::new(seen, AuditBudget::default()).unwrap();
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
        let audit = Audit::new(seen(&small.structure, &published, Sign::Any), AuditBudget::default()).unwrap();
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
