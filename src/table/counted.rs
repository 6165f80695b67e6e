//! Counts with conditions in a table: hidden dimensions, and which cells they leave unpublished.
//!
//! Of each condition there are two categories: who satisfies it, and who does not.
//! Both are listed wherever there is a cell, for that nobody satisfies it is a number
//! that is published too.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use super::cells::by_place;
use super::margins::KeptDimensions;
use super::{Accumulator, Block, Dimension, Place, Stage};
use crate::column::Values;
use crate::error::{Error, ErrorKind, Result};
use crate::link::merge::Persons;
use crate::plan::table::{Counted, Grain, Grouping, Unit};

/// The most cells that one grouping may have with its hidden ones.
const MOST_CELLS: usize = 1 << 22;

/// The category of who satisfies a condition.
pub(crate) const HOLDS: i64 = 1;

/// The categories of a condition.
const CATEGORIES: [i64; 2] = [0, HOLDS];

impl<S: Stage> Block<S> {
    /// The measures of the table, by place, that its published cells have a figure of.
    pub(crate) fn measures(&self) -> &[usize] {
        &self.measures
    }

    /// Whether its published cells have a figure of a measure.
    pub(crate) fn publishes(&self, measure: usize) -> bool {
        self.measures.contains(&measure)
    }

    /// Whether a cell, by place in the block, is never published: then it may be
    /// unsafe nevertheless, for what a recipient subtracts.
    pub(crate) fn is_hidden(&self, cell: usize) -> bool {
        let (place, _) = &self.cells[cell];
        self.measures.is_empty() || self.counted.is_some_and(|at| place[at] != HOLDS)
    }
}

impl Dimension {
    /// How many of `dimensions` a release has: hidden ones are the last.
    pub(crate) fn visible(dimensions: &[Self]) -> usize {
        dimensions
            .iter()
            .filter(|dimension| !dimension.hidden)
            .count()
    }
}

/// Adds the cells that a condition of a cell is not there with. The order stays.
///
/// # Errors
///
/// [`ErrorKind::Overflow`] if there are too many.
pub(super) fn list_hidden(
    cells: &mut Vec<(Place, Accumulator)>,
    dimensions: &[Dimension],
    grouping: &Grouping,
    nothing: &Accumulator,
) -> Result<()> {
    let told_apart = dimensions.iter().zip(grouping).enumerate();
    let hidden = told_apart.filter(|(_, (by, grain))| by.hidden && **grain == Grain::Own);
    let hidden: Vec<usize> = hidden.map(|(at, _)| at).collect();
    if hidden.is_empty() {
        return Ok(());
    }
    let base = |place: &Place| {
        let mut place = place.clone();
        hidden.iter().for_each(|at| place[*at] = 0);
        place
    };
    let there: HashSet<Place> = cells.iter().map(|(place, _)| place.clone()).collect();
    let visible: HashSet<Place> = there.iter().map(base).collect();
    let all = visible.len().checked_shl(hidden.len() as u32);
    if all.is_none_or(|all| all > MOST_CELLS) {
        let rule = format!(
            "has more than {MOST_CELLS} combinations of categories with the conditions that it counts by"
        );
        let help = "coarser dimensions, or fewer counts with conditions";
        return Err(Error::new(ErrorKind::Overflow, rule).help(help));
    }
    let mut places: Vec<Place> = visible.into_iter().collect();
    for &at in &hidden {
        let both = places.into_iter().flat_map(|place| {
            CATEGORIES.map(|category| {
                let mut place = place.clone();
                place[at] = category;
                place
            })
        });
        places = both.collect();
    }
    let missing = places.into_iter().filter(|place| !there.contains(place));
    cells.extend(missing.map(|place| (place, nothing.clone())));
    cells.sort_unstable_by(|a, b| by_place(&a.0, &b.0));
    Ok(())
}

/// The values by which a grouping divides rows, where a person counts for a
/// condition in a cell if any of its rows there satisfies it. `values` has whether
/// each row does.
pub(super) fn of_persons<'v>(
    values: &[&'v Values],
    dimensions: &[Dimension],
    grouping: &Grouping,
    counted: &[Counted],
    persons: &Persons,
) -> Result<Vec<Cow<'v, Values>>> {
    let visible = Dimension::visible(dimensions);
    let mut own: Vec<Cow<'v, Values>> =
        values.iter().map(|values| Cow::Borrowed(*values)).collect();
    let is_by_person =
        |at: &usize| grouping[*at] == Grain::Own && counted[*at - visible].unit == Unit::Persons;
    let by_person: Vec<usize> = (visible..dimensions.len()).filter(is_by_person).collect();
    let Persons::Ends(ends) = persons else {
        return Ok(own);
    };
    if by_person.is_empty() {
        return Ok(own);
    }
    let in_cell = grouping.iter().enumerate();
    let in_cell = in_cell.map(|(at, grain)| if at < visible { *grain } else { Grain::Total });
    let in_cell: Grouping = in_cell.collect();
    let (in_cell, _) = KeptDimensions::new(dimensions, &in_cell).values(values)?;
    for at in by_person {
        let Values::Booleans(holds) = values[at] else {
            unreachable!("a condition holds or does not");
        };
        own[at] = Cow::Owned(Values::Booleans(any_in_cell(holds, &in_cell, ends)));
    }
    Ok(own)
}

/// For each row, whether any row of its person with the same values `in_cell` holds.
fn any_in_cell(
    holds: &[Option<bool>],
    in_cell: &[Cow<'_, Values>],
    ends: &[u32],
) -> Vec<Option<bool>> {
    let mut any = holds.to_vec();
    let place = |row: usize| -> Vec<Option<i64>> {
        in_cell.iter().map(|values| values.ordinal(row)).collect()
    };
    let mut start = 0;
    for &end in ends {
        let rows = start..end as usize;
        start = end as usize;
        let holding = rows.clone().filter(|row| holds[*row] == Some(true));
        let cells: BTreeSet<Vec<Option<i64>>> = match rows.len() {
            0 | 1 => continue,
            _ => holding.map(place).collect(),
        };
        if cells.is_empty() {
            continue;
        }
        for row in rows {
            any[row] = Some(any[row] == Some(true) || cells.contains(&place(row)));
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::WholeNumbers;

    #[test]
    fn a_person_holds_in_each_cell_that_one_of_its_rows_holds_in() {
        let cells = Values::Numbers {
            values: WholeNumbers::Narrow(vec![1, 1, 2, 1, 1, 2]),
            scale: 0,
        };
        let holds = [true, false, false, false, false, true].map(Some);
        // Persons of three rows, one row and two rows.
        let any = any_in_cell(&holds, &[Cow::Borrowed(&cells)], &[3, 4, 6]);
        assert_eq!(any, [true, true, false, false, false, true].map(Some));
    }
}
