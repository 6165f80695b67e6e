//! In which order cells are wanted: large ones first, and of equals those of larger tables.
//!
//! The order decides the pattern, so it is that of `CandidatesDefault` of the R
//! package GaussSuppression (MIT licence), whose patterns are known: zeros
//! come first, since a recipient who sees them suppressed learns little and one
//! who sees them published loses nothing; then cells from the largest value to
//! the smallest. Of two equal ones, that whose inner cells are in the larger
//! published cells comes first; last, that which comes first in the structure.

use std::cmp::Reverse;
use std::mem;
use std::ops::Add;

use crate::structure::Structure;

/// The cells from most to least wanted, by what they count.
///
/// # Panics
///
/// If there is not a count for each cell of `structure`.
pub fn by_count(structure: &Structure, counts: &[u64]) -> Vec<u32> {
    assert_eq!(counts.len(), structure.cells(), "a count for each cell");
    let weight = |cell: usize| u128::from(counts[cell]) + 1;
    let ties = ties(structure, weight);
    let mut order = cells(structure);
    order.sort_by_key(|&cell| {
        let (count, tie) = (counts[cell as usize], ties[cell as usize]);
        (count != 0, Reverse(count), Reverse(tie))
    });
    order
}

/// The cells from most to least wanted, by the size of a value that they hold.
///
/// # Panics
///
/// If there is not a value for each cell of `structure`.
pub fn by_value(structure: &Structure, values: &[f64]) -> Vec<u32> {
    assert_eq!(values.len(), structure.cells(), "a value for each cell");
    let ties = ties(structure, |cell| values[cell].abs());
    let mut order = cells(structure);
    order.sort_by(|&a, &b| {
        let key = |cell: u32| (values[cell as usize].abs(), ties[cell as usize]);
        let ((a, tie_of_a), (b, tie_of_b)) = (key(a), key(b));
        let zeros_first = (a != 0.0).cmp(&(b != 0.0));
        zeros_first
            .then(b.total_cmp(&a))
            .then(tie_of_b.total_cmp(&tie_of_a))
    });
    order
}

fn cells(structure: &Structure) -> Vec<u32> {
    (0..structure.cells() as u32).collect()
}

/// Of each cell, the weights of all cells that its inner cells are in, as often as they are.
fn ties<W: Copy + Default + Add<Output = W>>(
    structure: &Structure,
    weight: impl Fn(usize) -> W,
) -> Vec<W> {
    let mut inner = vec![W::default(); structure.inner()];
    for cell in 0..structure.cells() {
        let weight = weight(cell);
        for &member in structure.members(cell) {
            inner[member as usize] = inner[member as usize] + weight;
        }
    }
    let sums = (0..structure.cells()).map(|cell| {
        let members = structure.members(cell).iter();
        members.fold(W::default(), |sum, &member| sum + inner[member as usize])
    });
    sums.collect()
}

/// Whether `order` names each of so many `cells` once.
pub(super) fn is_order(order: &[u32], cells: usize) -> bool {
    let mut named = vec![false; cells];
    let fresh = order
        .iter()
        .all(|&cell| match named.get_mut(cell as usize) {
            Some(named) => !mem::replace(named, true),
            None => false,
        });
    fresh && order.len() == cells
}
