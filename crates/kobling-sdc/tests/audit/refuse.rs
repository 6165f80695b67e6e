//! What an audit refuses.

use kobling_sdc::audit::{Audit, AuditBudget, AuditRefusal, Requirement, Sign, Witness};
use kobling_sdc::structure::Structure;

use super::corners;
use super::small::*;

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
            AuditRefusal::Contradiction
        );
    }
    let negative = [None, None, Some(-1), None, None, None, None, None, None];
    assert_eq!(
        audit(&structure, &negative).unwrap_err(),
        AuditRefusal::Contradiction
    );
    let refused = |structure: &Structure, values: &[Option<i128>], sign| {
        let audit = Audit::new(seen(structure, values, sign), AuditBudget::default()).unwrap();
        audit.intervals(&[0]).unwrap_err()
    };
    // a+b = 1, b+c = 1, a+c = 4: only with b = −1.
    let odd = Structure::new(3, [vec![0], vec![0, 1], vec![1, 2], vec![0, 2]]);
    assert_eq!(
        refused(&odd, &[None, Some(1), Some(1), Some(4)], Sign::NonNegative),
        AuditRefusal::Contradiction
    );
    // a+b, b+c, c+d and a+d, of which the last depends on the others.
    let ring = Structure::new(4, [vec![0], vec![0, 1], vec![1, 2], vec![2, 3], vec![0, 3]]);
    assert_eq!(
        refused(
            &ring,
            &[None, Some(5), Some(5), Some(5), Some(6)],
            Sign::Any
        ),
        AuditRefusal::Contradiction
    );
}

#[test]
fn a_true_value_outside_its_interval_is_refused() {
    let small = corners();
    let published = small.published();
    let audit = audit(&small.structure, &published).unwrap();
    for value in [-1, 10] {
        let required = [Requirement::count(0, value)];
        assert_eq!(audit.required(&required), Err(AuditRefusal::Contradiction));
        assert_eq!(
            audit.verdict(&required, &[], primes()),
            Err(AuditRefusal::Contradiction)
        );
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let small = corners();
    let published = small.published();
    assert_eq!(
        audit(&small.structure, &published[1..]).unwrap_err(),
        AuditRefusal::Shape
    );
    let audit = audit(&small.structure, &published).unwrap();
    assert_eq!(audit.intervals(&[1]), Err(AuditRefusal::Shape)); // published
    assert_eq!(audit.intervals(&[99]), Err(AuditRefusal::Shape));
    assert_eq!(
        audit.required(&[Requirement::count(1, 10)]),
        Err(AuditRefusal::Shape)
    );
    assert_eq!(
        audit.verdict(&[Requirement::count(1, 10)], &[], primes()),
        Err(AuditRefusal::Shape)
    );
    assert_eq!(
        audit.disclosed(&[vec![9]], primes()),
        Err(AuditRefusal::Shape)
    );
}

#[test]
fn sums_beyond_all_numbers_are_refused() {
    let structure = Structure::new(3, [vec![0], vec![1], vec![0, 1, 2]]);
    let values = [Some(i128::MIN), Some(2), Some(1)];
    let refused = Audit::new(seen(&structure, &values, Sign::Any), AuditBudget::default());
    assert_eq!(refused.unwrap_err(), AuditRefusal::Overflow);
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
    let refused = |inner: &[i128], places: &[Vec<u32>], required: &[Requirement]| {
        audit
            .witnessed(required, Witness { inner, places })
            .map(drop)
    };
    let places = [vec![0, 0, 1, 1], vec![0, 1, 0, 1]];
    assert_eq!(refused(&inner, &places, &first), Ok(()));
    // Other sums; negative; another value than is required of; not of this release.
    assert_eq!(
        refused(&[2, 2, 3, 4], &places, &first),
        Err(AuditRefusal::Contradiction)
    );
    assert_eq!(
        refused(&[-1, 4, 5, 2], &places, &first),
        Err(AuditRefusal::Contradiction)
    );
    assert_eq!(
        refused(&[2, 1, 2, 5], &places, &first),
        Err(AuditRefusal::Contradiction)
    );
    assert_eq!(
        refused(&inner[1..], &places, &first),
        Err(AuditRefusal::Shape)
    );
    assert_eq!(
        refused(&inner, &[vec![0; 3]], &first),
        Err(AuditRefusal::Shape)
    );
    let total = [Requirement::count(small.structure.cells() - 1, 10)];
    assert_eq!(refused(&inner, &places, &total), Err(AuditRefusal::Shape));
    let huge = [i128::MAX, i128::MAX, 3, 4];
    assert_eq!(refused(&huge, &places, &first), Err(AuditRefusal::Overflow));
}
