//! Complementary suppression on small random tables, compared with a naive twin, and on hard cases.

use std::collections::BTreeSet;

use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{
    Budget, Contributors, Refusal, Request, Status, by_count, by_value, suppress,
};
use proptest::prelude::*;

pub(crate) mod twin;

/// A table with margins and levels, of which some cells may be missing.
#[derive(Debug, Clone)]
struct Table {
    structure: Structure,
    counts: Vec<u64>,
    inner: Vec<u64>,
}

impl Table {
    /// Dimensions of so many categories, of which each `pair` of neighbours is a group of its own;
    /// a cell is left out where `kept` says no.
    fn new(sizes: &[(u32, bool)], counts: &[u64], kept: &[bool]) -> Self {
        let all: u32 = sizes.iter().map(|&(size, _)| size).product();
        let mut cells: Vec<Vec<u32>> = vec![(0..all).collect()];
        let mut stride = 1;
        for &(size, pairs) in sizes {
            let category = |inner: u32| inner / stride % size;
            let mut groups: Vec<Vec<u32>> = (0..size).map(|one| vec![one]).collect();
            if pairs {
                groups.extend((0..size - 1).step_by(2).map(|one| vec![one, one + 1]));
            }
            groups.push((0..size).collect());
            let split = cells.iter().flat_map(|cell| {
                let part = |group: &Vec<u32>| {
                    let members = cell.iter().copied();
                    members
                        .filter(|&inner| group.contains(&category(inner)))
                        .collect()
                };
                groups.iter().map(part).collect::<Vec<_>>()
            });
            cells = split.collect();
            stride *= size;
        }
        let mut kept = kept.iter().cycle();
        cells.retain(|_| *kept.next().unwrap_or(&true));
        let inner: Vec<u64> = counts.iter().copied().cycle().take(all as usize).collect();
        let counts = cells
            .iter()
            .map(|cell| cell.iter().map(|&one| inner[one as usize]).sum());
        Self {
            counts: counts.collect(),
            structure: Structure::new(all as usize, cells),
            inner,
        }
    }

    /// How many sums there are among some cells: those of the same inner cells are one.
    fn lines(&self, among: impl Fn(usize) -> bool) -> usize {
        let cells = (0..self.structure.cells()).filter(|&cell| among(cell));
        let lines: BTreeSet<&[u32]> = cells.map(|cell| self.structure.members(cell)).collect();
        lines.len()
    }

    fn small(&self, limit: u64) -> Vec<bool> {
        let small = |&count: &u64| (1..limit).contains(&count);
        self.counts.iter().map(small).collect()
    }

    /// Each count of one is a person's, of so many persons in turn.
    fn contributors(&self, persons: u32) -> Vec<Contributors> {
        let mut person = 0;
        let contributors = self.inner.iter().map(|count| match count {
            0 => Contributors::None,
            1 => {
                person = (person + 1) % persons;
                Contributors::One(person)
            }
            _ => Contributors::Many,
        });
        contributors.collect()
    }
}

fn tables() -> impl Strategy<Value = Table> {
    let sizes = prop::collection::vec((1u32..=4, any::<bool>()), 1..=3);
    let sizes = sizes.prop_filter("small enough for the twin", |sizes| {
        sizes.iter().map(|&(size, _)| size).product::<u32>() <= 18
    });
    let counts = prop::collection::vec(prop_oneof![3 => 0u64..4, 2 => 0u64..20], 1..24);
    let kept = prop::collection::vec(prop::bool::weighted(0.85), 1..40);
    (sizes, counts, kept).prop_map(|(sizes, counts, kept)| Table::new(&sizes, &counts, &kept))
}

/// Of cells, those whose turn it is: about one in `of`, none if that is zero.
fn some(cells: usize, of: usize, from: usize) -> Vec<bool> {
    (0..cells)
        .map(|cell| of > 0 && (cell * 7 + from).is_multiple_of(of))
        .collect()
}

/// Sums of published cells that are sums of `least` inner cells alone, with small weights.
fn least_sums(table: &Table, least: &[bool], published: &[bool]) -> Vec<twin::Vector> {
    let (structure, inner) = (&table.structure, table.inner.len());
    let mut order: Vec<usize> = (0..inner).collect();
    order.sort_by_key(|&one| least[one]);
    let others = least.iter().filter(|&&least| !least).count();
    let published = (0..structure.cells()).filter(|&cell| published[cell]);
    let rows = published.map(|cell| {
        let row = twin::row(structure, cell);
        order.iter().map(|&one| row[one]).collect()
    });
    let span = twin::Span::of(rows);
    let mut sums = vec![vec![twin::Fraction::ZERO; inner]];
    for basis in span.after(others).take(4) {
        let weighted = sums.iter().flat_map(|sum| {
            (-3..=3).map(|weight| {
                let weight = twin::Fraction::whole(weight);
                let numbers = sum.iter().zip(basis);
                numbers
                    .map(|(sum, &by)| sum.minus(weight.times(by)))
                    .collect()
            })
        });
        sums = weighted.collect();
    }
    sums
}

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
            forced: &forced,
            out: &out,
            withheld: &withheld,
            contributors: &contributors,
            known: &known,
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
            None => prop_assert!(matches!(pattern, Err(Refusal::Forced { .. })), "{:?}", pattern),
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
        let budget = Budget { work, ..Budget::default() };
        let whole = Request { contributors: &contributors, ..Request::new(&primary, &wanted) };
        match suppress(&table.structure, &Request { budget, ..whole }) {
            Err(refusal) => prop_assert_eq!(refusal, Refusal::Work),
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
    fn no_published_sum_is_of_least_values_alone(table in tables(), from in 2u64..4) {
        let primary = table.small(from);
        let wanted = by_count(&table.structure, &table.counts);
        let least: Vec<bool> = table.inner.iter().map(|&count| count == 1).collect();
        let request = Request { least: &least, ..Request::new(&primary, &wanted) };
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

/// Two by two inner cells, the totals of rows and columns, and the grand total.
fn square() -> Structure {
    let inner = [vec![0], vec![1], vec![2], vec![3]];
    let margins = [
        vec![0, 1],
        vec![2, 3],
        vec![0, 2],
        vec![1, 3],
        vec![0, 1, 2, 3],
    ];
    Structure::new(4, inner.into_iter().chain(margins))
}

const SQUARE: [u64; 9] = [2, 10, 20, 30, 12, 50, 22, 40, 62];

#[test]
fn what_is_undecided_is_what_the_budget_did_not_suffice_for() {
    let counts: Vec<u64> = (0..64).map(|at| 1 + at * 37 % 23).collect();
    let table = Table::new(&[(4, false), (4, false), (4, false)], &counts, &[true]);
    let (primary, wanted) = (table.small(3), by_count(&table.structure, &table.counts));
    let with = |work: u64| {
        let budget = Budget {
            work,
            ..Budget::default()
        };
        let request = Request {
            budget,
            ..Request::new(&primary, &wanted)
        };
        suppress(&table.structure, &request)
    };
    assert_eq!(with(10), Err(Refusal::Work));
    let whole = with(1 << 32).unwrap();
    assert_eq!(whole.undecided(), 0);
    let some = (1..200).filter_map(|work| with(500 * work).ok());
    let some: Vec<usize> = some.map(|pattern| pattern.undecided()).collect();
    assert!(some[0] > 0 && some.last() == Some(&0), "{some:?}");
}

#[test]
fn nothing_is_suppressed_where_nothing_is_primary() {
    let (structure, wanted) = (square(), by_count(&square(), &SQUARE));
    let pattern = suppress(&structure, &Request::new(&[false; 9], &wanted)).unwrap();
    assert_eq!(pattern.count(Status::Safe), 9);
    let nothing = Structure::new(0, Vec::<Vec<u32>>::new());
    let pattern = suppress(&nothing, &Request::new(&[], &[])).unwrap();
    assert_eq!(pattern.status(), []);
}

#[test]
fn all_are_suppressed_where_all_are_primary() {
    let (structure, wanted) = (square(), by_count(&square(), &SQUARE));
    let pattern = suppress(&structure, &Request::new(&[true; 9], &wanted)).unwrap();
    assert_eq!(pattern.count(Status::Primary), 9);
}

#[test]
fn a_dimension_of_one_category_is_its_own_total() {
    let table = Table::new(&[(1, false), (3, false)], &[1, 8, 9], &[true]);
    let wanted = by_count(&table.structure, &table.counts);
    let primary = table.small(3);
    let pattern = suppress(&table.structure, &Request::new(&primary, &wanted)).unwrap();
    // Each cell is there twice: as the category and as the total of one category.
    assert_eq!(pattern.count(Status::Primary), 2);
    assert_eq!(pattern.count(Status::Complementary), 2);
    for cell in 0..table.structure.cells() {
        let members = table.structure.members(cell);
        let same = (0..cell).find(|&other| table.structure.members(other) == members);
        let safe = |cell: usize| pattern.status()[cell] == Status::Safe;
        assert_eq!(same.map(safe), same.map(|_| safe(cell)));
    }
}

#[test]
fn one_cell_under_two_names_is_suppressed_under_both() {
    let structure = Structure::new(3, [vec![0], vec![1], vec![2], vec![0], vec![0, 1, 2]]);
    let primary = [true, false, false, false, false];
    let pattern = suppress(&structure, &Request::new(&primary, &[4, 3, 2, 1, 0])).unwrap();
    use Status::{Complementary, Primary, Safe};
    assert_eq!(
        pattern.status(),
        [Primary, Complementary, Safe, Complementary, Safe]
    );
}

#[test]
fn tables_of_different_people_do_not_touch() {
    let structure = Structure::new(
        4,
        [vec![0], vec![1], vec![0, 1], vec![2], vec![3], vec![2, 3]],
    );
    let primary = [true, false, false, false, false, false];
    let pattern = suppress(&structure, &Request::new(&primary, &[2, 5, 0, 1, 3, 4])).unwrap();
    assert_eq!(&pattern.status()[3..], [Status::Safe; 3]);
    assert_eq!(pattern.status()[1], Status::Complementary);
}

#[test]
fn an_insider_does_not_learn_the_other_of_two() {
    // A row of three, its total published: with two blanks, whoever is alone in one knows the other.
    let structure = Structure::new(3, [vec![0], vec![1], vec![2], vec![0, 1, 2]]);
    let primary = [true, true, false, false];
    let wanted = [3, 2, 1, 0];
    let request = Request::new(&primary, &wanted);
    assert_eq!(
        suppress(&structure, &request)
            .unwrap()
            .count(Status::Complementary),
        0
    );
    let contributors = [Contributors::One(7), Contributors::Many, Contributors::Many];
    let guarded = Request {
        contributors: &contributors,
        ..request
    };
    assert_eq!(
        suppress(&structure, &guarded)
            .unwrap()
            .count(Status::Complementary),
        1
    );
    // Both cells are the same person's: then there is nobody to guard against.
    let own = [
        Contributors::One(7),
        Contributors::One(7),
        Contributors::Many,
    ];
    let guarded = Request {
        contributors: &own,
        ..request
    };
    assert_eq!(
        suppress(&structure, &guarded)
            .unwrap()
            .count(Status::Complementary),
        0
    );
}

/// Two know of the same cell that nobody but them is in it; so nobody is, and both know it.
#[test]
fn what_two_know_both_subtract() {
    let structure = Structure::new(4, [vec![0], vec![1, 2], vec![0, 1], vec![2, 3]]);
    let primary = [true, true, false, false];
    let known = |of: &[(u32, u32)]| {
        let request = Request {
            known: of,
            ..Request::new(&primary, &[3, 2, 1, 0])
        };
        let pattern = suppress(&structure, &request).unwrap();
        pattern.status()[2]
    };
    // 7 is alone in 1 and knows 0 by the sum; 8 is alone in both parts of the second cell.
    assert_eq!(known(&[]), Status::Safe);
    assert_eq!(known(&[(1, 7)]), Status::Complementary);
    assert_eq!(known(&[(1, 8), (2, 8)]), Status::Complementary);
    assert_eq!(known(&[(1, 7), (1, 8), (2, 8)]), Status::Complementary);
    assert_eq!(
        known(&[(1, 7), (0, 7)]),
        Status::Safe,
        "both are the same person's"
    );
}

#[test]
fn what_is_out_and_tells_an_insider_is_no_reason_to_refuse() {
    // Whoever is alone in 0 knows 1 by their sum, which is out. That must not tell 2 as well.
    let cells = [
        vec![0],
        vec![1],
        vec![2],
        vec![0, 1],
        vec![0, 1, 2],
        vec![3],
        vec![2, 3],
    ];
    let structure = Structure::new(4, cells);
    let primary = [true, true, true, false, false, false, false];
    let contributors = [
        Contributors::One(1),
        Contributors::Many,
        Contributors::Many,
        Contributors::Many,
    ];
    let sum = [false, false, false, true, false, false, false];
    let request = Request {
        forced: &sum,
        contributors: &contributors,
        ..Request::new(&primary, &[4, 3, 6, 5, 2, 1, 0])
    };
    let refusal = suppress(&structure, &request).unwrap_err();
    assert_eq!(refusal, Refusal::Forced { cell: 3 });
    let pattern = suppress(
        &structure,
        &Request {
            out: &sum,
            ..request
        },
    )
    .unwrap();
    let published = [false, false, false, true, false, false, true];
    assert_eq!(pattern.published(), published);
}

#[test]
fn who_is_alone_in_several_cells_subtracts_them_all() {
    // 0 and 1 are one person's; 2 is primary; the sum of all three is published.
    let structure = Structure::new(
        4,
        [
            vec![0],
            vec![1],
            vec![2],
            vec![0, 1, 2],
            vec![3],
            vec![2, 3],
        ],
    );
    let primary = [true, true, true, false, false, false];
    let contributors = [
        Contributors::One(1),
        Contributors::One(1),
        Contributors::Many,
        Contributors::Many,
    ];
    let request = Request {
        contributors: &contributors,
        ..Request::new(&primary, &[3, 5, 4, 0, 1, 2])
    };
    let pattern = suppress(&structure, &request).unwrap();
    assert_eq!(pattern.status()[3], Status::Complementary);
}

#[test]
fn refusals_name_what_is_wrong() {
    let (structure, wanted) = (square(), by_count(&square(), &SQUARE));
    let mut primary = [false; 9];
    primary[0] = true;
    let request = Request::new(&primary, &wanted);
    let refusal = |request: &Request<'_>| suppress(&structure, request).unwrap_err();

    let forced = [true; 9];
    assert_eq!(
        refusal(&Request {
            forced: &forced,
            ..request
        }),
        Refusal::Forced { cell: 0 }
    );
    let forced = [false, true, true, true, true, true, true, true, true];
    assert!(matches!(
        refusal(&Request {
            forced: &forced,
            ..request
        }),
        Refusal::Forced { cell: 1.. }
    ));

    let shape = |request: &Request<'_>, what| assert_eq!(refusal(request), Refusal::Shape { what });
    shape(
        &Request {
            primary: &primary[1..],
            ..request
        },
        "primary",
    );
    shape(
        &Request {
            wanted: &wanted[1..],
            ..request
        },
        "wanted",
    );
    shape(
        &Request {
            wanted: &[0, 1, 2, 3, 4, 5, 6, 7, 7],
            ..request
        },
        "wanted",
    );
    shape(
        &Request {
            wanted: &[0, 1, 2, 3, 4, 5, 6, 7, 9],
            ..request
        },
        "wanted",
    );
    shape(
        &Request {
            forced: &[true],
            ..request
        },
        "forced",
    );
    shape(
        &Request {
            withheld: &[true],
            ..request
        },
        "withheld",
    );
    shape(
        &Request {
            contributors: &[Contributors::Many],
            ..request
        },
        "contributors",
    );
    let out = [true; 9];
    shape(
        &Request {
            out: &out,
            ..request
        },
        "out",
    );
    shape(
        &Request {
            known: &[(3, 0), (4, 0)],
            ..request
        },
        "known",
    );
    shape(
        &Request {
            least: &[true],
            ..request
        },
        "least",
    );

    let budget = Budget {
        entries: 1,
        ..Budget::default()
    };
    assert_eq!(refusal(&Request { budget, ..request }), Refusal::Memory);
    let budget = Budget {
        work: 1,
        ..Budget::default()
    };
    assert_eq!(refusal(&Request { budget, ..request }), Refusal::Work);

    let structure = Structure::new(1, [vec![0], vec![]]);
    let refusal = suppress(&structure, &Request::new(&[false, true], &[0, 1])).unwrap_err();
    assert_eq!(refusal, Refusal::Empty { cell: 1 });
    assert!(refusal.to_string().contains("cell 1"));
}

#[test]
fn zeros_are_wanted_most_then_the_large() {
    let structure = Structure::new(
        4,
        [
            vec![0],
            vec![1],
            vec![2],
            vec![3],
            vec![0, 1, 2, 3],
            vec![3],
        ],
    );
    let order = by_count(&structure, &[5, 0, 9, 5, 19, 5]);
    // 3 and 5 are the same cell, in more than 0 is.
    assert_eq!(order, [1, 4, 2, 3, 5, 0]);
    let order = by_value(&structure, &[5.5, 0.0, -9.0, 5.5, 20.0, 5.5]);
    assert_eq!(order, [1, 4, 2, 3, 5, 0]);
}
