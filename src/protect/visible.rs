//! The rows that a release has: what is published of a table's hidden dimensions, as
//! measures in addition to the others, and nothing of them otherwise.

use std::collections::HashMap;

use super::primary::Outcomes;
use super::{Outcome, Protected};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::table::{Grouping, TablePlan};
use crate::table::counted::HOLDS;
use crate::table::{Block, Confidential, Dimension, Listing, Place, Table};

/// The table with `outcomes` in place of its figures, without what is hidden.
///
/// # Errors
///
/// [`ErrorKind::Protection`] if a count with a condition is not there for a cell.
pub(super) fn with(
    table: Table<Confidential>,
    plan: &TablePlan,
    outcomes: Outcomes,
) -> Result<Table<Protected>> {
    let visible = Dimension::visible(&table.dimensions);
    let counts = ConditionCounts::of(&table, &outcomes, visible);
    let blocks = table.blocks.iter().zip(&outcomes);
    let blocks = blocks.filter(|(block, _)| plan.counted_by(&block.grouping) == Ok(None));
    let blocks = blocks.map(|(block, outcomes)| {
        let grouping: Grouping = block.grouping[..visible].into();
        let cells = block.cells.iter().zip(outcomes).map(|((place, _), own)| {
            let place: Place = place[..visible].into();
            let measures = plan.measures.iter().zip(own).enumerate();
            let measures = measures.map(|(at, (measure, own))| match measure.counted {
                None => Ok(*own),
                Some(counted) => counts.get(&grouping, counted, &place, at),
            });
            let measures: Result<Vec<Outcome>> = measures.collect();
            Ok((place, measures?))
        });
        let cells: Result<Vec<_>> = cells.collect();
        Ok(Block {
            cells: cells?,
            measures: (0..plan.measures.len()).collect(),
            counted: None,
            grouping,
        })
    });
    let blocks = blocks.collect::<Result<Vec<_>>>()?;
    drop(counts);
    let mut dimensions = table.dimensions;
    dimensions.truncate(visible);
    Ok(Table {
        name: table.name,
        title: table.title,
        dimensions,
        listing: table.listing,
        match_rates: table.match_rates,
        blocks,
        contributions: table.contributions,
    })
}

impl Table<Protected> {
    /// The cells that a release has a row for. In a sparse table those are the
    /// ones with a figure, so that it says nothing that a row is not there.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Grouping, &Place, &Vec<Outcome>)> + Clone {
        let all = self.listing == Listing::Complete;
        self.cells().filter(move |(_, _, outcomes)| {
            all || outcomes.iter().any(|outcome| outcome.value().is_some())
        })
    }
}

/// The outcomes of published cells of counts with conditions, by grouping and condition.
struct ConditionCounts<'a>(HashMap<(Grouping, usize), VisibleCells<'a>>);

/// By the visible place.
type VisibleCells<'a> = HashMap<&'a [i64], &'a [Outcome]>;

impl<'a> ConditionCounts<'a> {
    fn of(table: &'a Table<Confidential>, outcomes: &'a Outcomes, visible: usize) -> Self {
        let blocks = table.blocks.iter().zip(outcomes);
        let counts = blocks.filter_map(|(block, outcomes)| {
            let counted = block.counted?;
            let cells = block.cells.iter().zip(outcomes);
            let holds = cells.filter(|((place, _), _)| place[counted] == HOLDS);
            let holds = holds.map(|((place, _), own)| (&place[..visible], own.as_slice()));
            let grouping: Grouping = block.grouping[..visible].into();
            Some(((grouping, counted - visible), holds.collect()))
        });
        Self(counts.collect())
    }

    fn get(
        &self,
        grouping: &Grouping,
        counted: usize,
        place: &[i64],
        measure: usize,
    ) -> Result<Outcome> {
        let cells = self.0.get(&(grouping.clone(), counted));
        let cell = cells.and_then(|cells| cells.get(place));
        cell.map(|outcomes| outcomes[measure]).ok_or_else(|| {
            let rule = "a count with a condition is not there for each of its cells";
            Error::new(ErrorKind::Protection, rule)
        })
    }
}
