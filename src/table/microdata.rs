//! Tables that are lists of persons, which no method makes a statistic.
//!
//! Where most persons are in cells of fewer than `min_persons`, what comes out
//! is a list with gaps: suppression leaves nothing, and what noise or rounding
//! leave is noise. It is most often a mistake: a second identifier, a date of
//! birth, a dimension that nobody coarsened.

use std::collections::HashMap;

use super::{Dimension, Place};
use crate::error::{Error, ErrorKind, Result};

/// Refuses a table most of whose persons are in cells of fewer than `enough`.
/// `cells` are the persons of those of its finest grouping, before any of their names become
/// one; who is in several of them counts in each.
///
/// # Errors
///
/// [`ErrorKind::Protection`] if it is one, with the dimension to coarsen.
pub(super) fn refuse(dimensions: &[Dimension], cells: &[(Place, u64)], enough: u64) -> Result<()> {
    // A table of one cell lists nothing.
    if dimensions.is_empty() {
        return Ok(());
    }
    let persons: u64 = cells.iter().map(|(_, persons)| persons).sum();
    let few = cells.iter().map(|(_, persons)| *persons);
    let few: u64 = few.filter(|persons| *persons < enough).sum();
    if few.saturating_mul(2) <= persons {
        return Ok(());
    }
    let rule = format!(
        "more than half of the table's persons are in cells of fewer than {enough}: it is a list of persons"
    );
    let error = Error::new(ErrorKind::Protection, rule);
    let worst = worst(dimensions, cells, enough);
    Err(error.in_column(&worst.name).help(format!(
        "coarsen `{}`, by bands, a prefix or a map, or leave it out; of all dimensions it contributes most to this",
        worst.name
    )))
}

/// The dimension without which the fewest persons are in such cells.
fn worst<'a>(dimensions: &'a [Dimension], cells: &[(Place, u64)], enough: u64) -> &'a Dimension {
    let without = |at: usize| -> u64 {
        let mut merged: HashMap<Vec<i64>, u64> = HashMap::new();
        for (place, persons) in cells {
            let mut place = place.to_vec();
            place.remove(at);
            *merged.entry(place).or_default() += persons;
        }
        merged
            .into_values()
            .filter(|persons| *persons < enough)
            .sum()
    };
    let at = (0..dimensions.len()).min_by_key(|at| without(*at));
    &dimensions[at.unwrap_or(0)]
}
