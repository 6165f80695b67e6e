//! Patterns that hold against those who know cells of their own.

use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{Contributors, Request, Status, SuppressionRefusal, suppress};

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
            sole_contributors: of,
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
fn what_is_published_and_known_to_an_insider_is_no_reason_to_refuse() {
    // Whoever is alone in 0 knows 1 by their sum, which is out. That must not disclose 2 as well.
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
        must_publish: &sum,
        contributors: &contributors,
        ..Request::new(&primary, &[4, 3, 6, 5, 2, 1, 0])
    };
    let refusal = suppress(&structure, &request).unwrap_err();
    assert_eq!(refusal, SuppressionRefusal::Forced { cell: 3 });
    let pattern = suppress(
        &structure,
        &Request {
            already_published: &sum,
            ..request
        },
    )
    .unwrap();
    let published = [false, false, false, true, false, false, true];
    assert_eq!(pattern.published(), published);
}

#[test]
fn the_singleton_of_several_cells_subtracts_them_all() {
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
