//! Complementary suppression on hard cases, and what it refuses.

mod insiders;
mod laws;
mod table;
pub(crate) mod twin;

use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{
    Contributors, Request, Status, SuppressionBudget, SuppressionRefusal, by_count, by_value,
    suppress,
};

use table::Table;

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
        let budget = SuppressionBudget {
            work,
            ..SuppressionBudget::default()
        };
        let request = Request {
            budget,
            ..Request::new(&primary, &wanted)
        };
        suppress(&table.structure, &request)
    };
    assert_eq!(with(10), Err(SuppressionRefusal::Work));
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
fn refusals_name_what_is_wrong() {
    let (structure, wanted) = (square(), by_count(&square(), &SQUARE));
    let mut primary = [false; 9];
    primary[0] = true;
    let request = Request::new(&primary, &wanted);
    let refusal = |request: &Request<'_>| suppress(&structure, request).unwrap_err();

    let forced = [true; 9];
    assert_eq!(
        refusal(&Request {
            must_publish: &forced,
            ..request
        }),
        SuppressionRefusal::Forced { cell: 0 }
    );
    let forced = [false, true, true, true, true, true, true, true, true];
    assert!(matches!(
        refusal(&Request {
            must_publish: &forced,
            ..request
        }),
        SuppressionRefusal::Forced { cell: 1.. }
    ));

    let shape = |request: &Request<'_>, what| {
        assert_eq!(refusal(request), SuppressionRefusal::Shape { what })
    };
    shape(
        &Request {
            primary: &primary[1..],
            ..request
        },
        "primary",
    );
    shape(
        &Request {
            priority: &wanted[1..],
            ..request
        },
        "priority",
    );
    shape(
        &Request {
            priority: &[0, 1, 2, 3, 4, 5, 6, 7, 7],
            ..request
        },
        "priority",
    );
    shape(
        &Request {
            priority: &[0, 1, 2, 3, 4, 5, 6, 7, 9],
            ..request
        },
        "priority",
    );
    shape(
        &Request {
            must_publish: &[true],
            ..request
        },
        "must_publish",
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
            already_published: &out,
            ..request
        },
        "already_published",
    );
    shape(
        &Request {
            sole_contributors: &[(3, 0), (4, 0)],
            ..request
        },
        "sole_contributors",
    );
    shape(
        &Request {
            at_lower_bound: &[true],
            ..request
        },
        "at_lower_bound",
    );

    let budget = SuppressionBudget {
        entries: 1,
        ..SuppressionBudget::default()
    };
    assert_eq!(
        refusal(&Request { budget, ..request }),
        SuppressionRefusal::Memory
    );
    let budget = SuppressionBudget {
        work: 1,
        ..SuppressionBudget::default()
    };
    assert_eq!(
        refusal(&Request { budget, ..request }),
        SuppressionRefusal::Work
    );

    let structure = Structure::new(1, [vec![0], vec![]]);
    let refusal = suppress(&structure, &Request::new(&[false, true], &[0, 1])).unwrap_err();
    assert_eq!(refusal, SuppressionRefusal::Empty { cell: 1 });
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
