//! What holds of any pattern, beside a naive twin.

use kobling_sdc::suppress::{
    Request, Status, SuppressionBudget, SuppressionRefusal, by_count, suppress,
};
use proptest::prelude::*;

use super::table::*;
use super::twin;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_pattern_is_that_of_the_naive_twin_or_suppresses_less(
        table in tables(),
        limit in 1u64..5,
        persons in 0u32..5,
        (forced, withheld) in (prop_oneof![3 => Just(0), 1 => 4usize..9], prop_oneof![2 => Just(0), 1 => 4usize..9]),
        from in 0usize..9,
        known in prop::collection::vec((0u32..18, 0u32..4), 0..8),
        out in 0usize..3,
        seed: u64,
    ) {
        let cells = table.structure.cells();
        let primary = table.small(limit);
        let wanted = by_count(&table.structure, &table.counts);
        let mut forced = some(cells, forced, from);
        let withheld = some(cells, withheld, from + 1);
        for cell in 0..cells {
            forced[cell] &= !primary[cell] && !withheld[cell];
        }
        let contributors = match persons {
            0 => Vec::new(),
            _ => table.contributors(persons),
        };
        let mut out = some(cells, out, from / 2);
        for cell in 0..cells {
            out[cell] &= forced[cell];
        }
        let inner = table.structure.inner() as u32;
        let known: Vec<(u32, u32)> = known.iter().map(|(at, person)| (at % inner, *person)).collect();
        let request = Request {
            must_publish: &forced,
            already_published: &out,
            withheld: &withheld,
            contributors: &contributors,
            sole_contributors: &known,
            seed,
            ..Request::new(&primary, &wanted)
        };
        let pattern = suppress(&table.structure, &request);
        match twin::suppress(&table.structure, &request) {
            Some(twin) => {
                let pattern = pattern.unwrap();
                let status = pattern.status();
                let guard = twin::Guard::new(&table.structure, &request);
                let mut published = pattern.published();
                prop_assert!(guard.holds(&published));
                // Nothing is suppressed in vain.
                for cell in (0..cells).filter(|&cell| status[cell] == Status::Complementary) {
                    published[cell] = true;
                    prop_assert!(!guard.holds(&published));
                    published[cell] = false;
                }
                // In another order than the twin's, if that suppresses less.
                let lines = |status: &[Status]| table.lines(|cell| status[cell] == Status::Complementary);
                prop_assert!(status == twin || lines(status) < lines(&twin));
                prop_assert_eq!(pattern.undecided(), 0);
                for cell in 0..cells {
                    let mark = |own, flag: &[bool]| (status[cell] == own) == flag[cell];
                    prop_assert!(mark(Status::Primary, &primary));
                    prop_assert!(primary[cell] || mark(Status::Withheld, &withheld));
                    prop_assert!(!forced[cell] || status[cell] == Status::Safe);
                }
            }
            None => prop_assert!(matches!(pattern, Err(SuppressionRefusal::Forced { .. })), "{:?}", pattern),
        }
    }

    /// What a budget leaves undecided is suppressed, or all is refused.
    #[test]
    fn a_budget_that_ends_gives_nothing_away(table in tables(), work in 1u64..4000, persons in 0u32..5) {
        let primary = table.small(3);
        let wanted = by_count(&table.structure, &table.counts);
        let contributors = match persons {
            0 => Vec::new(),
            _ => table.contributors(persons),
        };
        let budget = SuppressionBudget { work, ..SuppressionBudget::default() };
        let whole = Request { contributors: &contributors, ..Request::new(&primary, &wanted) };
        match suppress(&table.structure, &Request { budget, ..whole }) {
            Err(refusal) => prop_assert_eq!(refusal, SuppressionRefusal::Work),
            Ok(pattern) => {
                let guard = twin::Guard::new(&table.structure, &whole);
                let published = pattern.published();
                prop_assert!(guard.holds(&published));
                prop_assert!(pattern.undecided() <= pattern.count(Status::Complementary));
            }
        }
    }

    /// The mutation: a complementary cell that is published after all is found out.
    #[test]
    fn a_skipped_complementary_cell_gives_a_primary_one_away(table in tables(), which: prop::sample::Index) {
        let primary = table.small(3);
        let wanted = by_count(&table.structure, &table.counts);
        let request = Request::new(&primary, &wanted);
        let pattern = suppress(&table.structure, &request).unwrap();
        let status = pattern.status().iter();
        let complementary: Vec<usize> = status
            .enumerate()
            .filter_map(|(cell, &status)| (status == Status::Complementary).then_some(cell))
            .collect();
        prop_assume!(!complementary.is_empty());
        let mut published = pattern.published();
        published[*which.get(&complementary)] = true;
        prop_assert!(!twin::Guard::new(&table.structure, &request).holds(&published));
    }

    #[test]
    fn no_published_sum_is_of_least_values_only(table in tables(), from in 2u64..4) {
        let primary = table.small(from);
        let wanted = by_count(&table.structure, &table.counts);
        let least: Vec<bool> = table.inner.iter().map(|&count| count == 1).collect();
        let request = Request { at_lower_bound: &least, ..Request::new(&primary, &wanted) };
        let pattern = suppress(&table.structure, &request).unwrap();
        let published = pattern.published();
        prop_assert!(twin::Guard::new(&table.structure, &request).holds(&published));
        for sum in least_sums(&table, &least, &published) {
            let has = |sign: i128| sum.iter().any(|number| number.sign() == sign);
            prop_assert_eq!(has(1), has(-1));
        }
    }

    #[test]
    fn neither_threads_nor_seeds_change_the_pattern(table in tables(), seeds: (u64, u64)) {
        let primary = table.small(3);
        let wanted = by_count(&table.structure, &table.counts);
        let contributors = table.contributors(3);
        let pattern = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let request = Request { seed, contributors: &contributors, ..Request::new(&primary, &wanted) };
            pool.install(|| suppress(&table.structure, &request))
        };
        prop_assert_eq!(pattern(1, seeds.0), pattern(3, seeds.1));
    }
}
