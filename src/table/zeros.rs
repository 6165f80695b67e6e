//! Cells that nobody is in, where protection needs them listed.
//!
//! Against group disclosure it is no help to suppress the one category that
//! all of a group are in: that it is the only one listed says it all. And where
//! figures are rounded or get noise, a cell that is listed with zero would be
//! known to have somebody in it. So a table that is protected in one of these
//! ways lists every combination of the categories that occur; which of them are
//! empty can be suppressed too, or cannot be told from those that became zero.

use std::collections::BTreeSet;

use super::cells::by_place;
use super::{Accumulator, Place};
use crate::error::{Error, ErrorKind, Result};

/// The most cells that one grouping may have with its empty ones.
const MOST_CELLS: usize = 1 << 20;

/// Adds the empty cells to those of a grouping, whose order stays.
///
/// # Errors
///
/// [`ErrorKind::Overflow`] if there are too many.
pub(super) fn list_zeros(
    cells: &mut Vec<(Place, Accumulator)>,
    contributions: usize,
    depth: usize,
) -> Result<()> {
    let Some((first, figures)) = cells.first() else {
        return Ok(());
    };
    let ordinals: Vec<BTreeSet<i64>> = (0..first.len())
        .map(|at| cells.iter().map(|(place, _)| place[at]).collect())
        .collect();
    let sizes = ordinals.iter().map(BTreeSet::len);
    let all = sizes.fold(1usize, usize::saturating_mul);
    if all > MOST_CELLS {
        let rule = format!(
            "has more than {MOST_CELLS} combinations of categories, all of which are listed so that \
             empty ones cannot be told"
        );
        return Err(
            Error::new(ErrorKind::Overflow, rule).help("coarser dimensions, or fewer of them")
        );
    }
    let mut places: Vec<Vec<i64>> = vec![Vec::new()];
    for ordinals in &ordinals {
        let longer = places.iter().flat_map(|place| {
            let longer = ordinals.iter();
            longer.map(|ordinal| place.iter().copied().chain([*ordinal]).collect())
        });
        places = longer.collect();
    }
    let listed: BTreeSet<Place> = cells.iter().map(|(place, _)| place.clone()).collect();
    let empty = Accumulator::nothing(contributions, depth, figures.keys.is_some());
    let zeros = places.into_iter().map(Vec::into_boxed_slice);
    let zeros = zeros.filter(|place| !listed.contains(place));
    cells.extend(zeros.map(|place| (place, empty.clone())));
    cells.sort_unstable_by(|a, b| by_place(&a.0, &b.0));
    Ok(())
}
