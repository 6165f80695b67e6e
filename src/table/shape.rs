//! How a table's rows become cells: all that is known before any row is seen.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::cells::{Cells, Contributed, Radix};
use super::counted::of_persons;
use super::margins::KeptDimensions;
use super::names::Naming;
use super::{Accumulator, Contribution, Dimension};
use crate::column::Values;
use crate::error::Result;
use crate::extract::PseudonymBytes;
use crate::key::{RecordKey, RecordKeys};
use crate::link::merge::Persons;
use crate::plan::ColumnType;
use crate::plan::table::{Grain, Grouping, Statistic, TablePlan};

/// How the rows of a table are folded into cells.
pub(super) struct FoldShape<'a> {
    pub(super) plan: &'a TablePlan,
    pub(super) contributions: Vec<Contribution>,
    /// How many largest contributors a cell keeps.
    pub(super) depth: usize,
    /// Where record keys are folded.
    pub(super) keys: Option<&'a RecordKeys>,
    /// The groupings that rows are folded by. Others are rolled up.
    pub(super) folded: &'a [Grouping],
}

/// What rows are folded by.
pub(super) struct By<'a> {
    pub(super) dimensions: &'a [Dimension],
    /// What becomes of the values before they are folded.
    pub(super) namings: Option<&'a [Naming]>,
    pub(super) groupings: &'a [Grouping],
    /// Groupings whose cells have numbers of persons and nothing else.
    pub(super) counted: &'a [Grouping],
}

/// Linked rows in columns.
pub(super) struct LinkedRows<'a> {
    pub(super) rows: usize,
    pub(super) persons: &'a Persons,
    /// By dimension.
    pub(super) dimensions: Vec<&'a Values>,
    /// By contribution.
    pub(super) contributed: Vec<Contributed<'a>>,
    /// The pseudonym of each row's person, where record keys are folded.
    pub(super) pseudonyms: &'a [PseudonymBytes],
}

impl<'a> FoldShape<'a> {
    pub(super) fn new(plan: &'a TablePlan, depth: usize, keys: Option<&'a RecordKeys>) -> Self {
        // Persons of one row are in one cell of each grouping.
        let folded = match plan.one_row_a_person {
            true => 1,
            false => plan.groupings.len(),
        };
        Self {
            plan,
            contributions: contributions(plan),
            depth,
            keys,
            folded: &plan.groupings[..folded],
        }
    }

    /// A cell that nobody is in.
    pub(super) fn empty(&self) -> Accumulator {
        Accumulator::nothing(self.contributions.len(), self.depth, self.keys.is_some())
    }

    /// Where persons may have several rows: each dimension, and each of its levels,
    /// whose categories' persons are counted for themselves.
    pub(super) fn counted(&self) -> Vec<Grouping> {
        let mut counted = Vec::new();
        if self.plan.one_row_a_person {
            return counted;
        }
        for (at, dimension) in self.plan.by.iter().enumerate() {
            let levels = dimension.levels.iter().enumerate();
            let levels = levels.map(|(level, named)| (Grain::Level(level), &named.names));
            let grains = std::iter::once((Grain::Own, &dimension.names)).chain(levels);
            for (grain, _) in grains.filter(|(_, names)| !names.all) {
                let mut grouping = vec![Grain::Total; self.plan.by.len()];
                grouping[at] = grain;
                counted.push(grouping.into());
            }
        }
        counted
    }

    /// By grouping that rows are folded by, and then by those that are counted: no cells yet.
    pub(super) fn nothing(&self, by: &By<'_>) -> Vec<Cells> {
        let radix = by.dimensions.iter().map(|dimension| match dimension.kind {
            ColumnType::Category => Some(dimension.labels.len() + 1),
            ColumnType::Boolean => Some(3),
            _ => None,
        });
        let radix: Vec<Radix> = radix.collect();
        let radix_of = |grouping| KeptDimensions::new(by.dimensions, grouping).radix(&radix);
        let folded = by.groupings.iter().map(|grouping| {
            let contributions = self.contributions.len();
            let keyed = self.keys.is_some();
            Cells::new(&radix_of(grouping), contributions, self.depth, keyed)
        });
        let counted = by.counted.iter();
        let counted = counted.map(|grouping| Cells::new(&radix_of(grouping), 0, 0, false));
        folded.chain(counted).collect()
    }

    /// Adds rows to cells of [`nothing`](Self::nothing).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a figure is too large
    /// to be held exactly.
    pub(super) fn fold(
        &self,
        cells: &mut [Cells],
        rows: &LinkedRows<'_>,
        by: &By<'_>,
    ) -> Result<()> {
        let dimensions = rows.dimensions.iter().enumerate();
        let dimensions = dimensions.map(|(at, values)| match by.namings {
            Some(namings) => namings[at].values(values),
            None => Cow::Borrowed(*values),
        });
        let dimensions: Vec<Cow<'_, Values>> = dimensions.collect();
        let dimensions: Vec<&Values> = dimensions.iter().map(|values| &**values).collect();
        let (full, counted) = cells.split_at_mut(by.groupings.len());
        let (persons, conditions) = (rows.persons, &self.plan.counted);
        let contributed = &rows.contributed;
        let keys = self.record_keys(rows);
        for (cells, grouping) in full.iter_mut().zip(by.groupings) {
            let own = of_persons(&dimensions, by.dimensions, grouping, conditions, persons)?;
            let own: Vec<&Values> = own.iter().map(|values| &**values).collect();
            let (kept, names) = KeptDimensions::new(by.dimensions, grouping).values(&own)?;
            let kept: Vec<&Values> = kept.iter().map(|values| &**values).collect();
            cells.add(&kept, &names, rows.rows, persons, contributed, &keys)?;
        }
        for (cells, grouping) in counted.iter_mut().zip(by.counted) {
            let (kept, names) = KeptDimensions::new(by.dimensions, grouping).values(&dimensions)?;
            let kept: Vec<&Values> = kept.iter().map(|values| &**values).collect();
            cells.add(&kept, &names, rows.rows, persons, &[], &[])?;
        }
        Ok(())
    }
}

impl FoldShape<'_> {
    /// The record key of each row's person, if they are folded.
    fn record_keys(&self, rows: &LinkedRows<'_>) -> Zeroizing<Vec<RecordKey>> {
        match (self.keys, rows.persons) {
            (Some(keys), Persons::Ends(ends)) => keys.keys_of_rows(rows.pseudonyms, ends),
            (Some(keys), Persons::OneRowEach) => keys.keys(rows.pseudonyms),
            (None, _) => Zeroizing::default(),
        }
    }
}

/// What persons contribute to the measures of a table, each once.
pub(super) fn contributions(plan: &TablePlan) -> Vec<Contribution> {
    let mut contributions = Vec::new();
    for measure in &plan.measures {
        let values = measure.what.values();
        let values = values.map(|(operand, _)| Contribution::Values(operand));
        // Where a person has one row, what a mean is over is the number of persons.
        let over_rows = measure.what.is_mean() && !plan.one_row_a_person;
        let rows = (measure.what == Statistic::Rows || over_rows).then_some(Contribution::Rows);
        for contribution in values.into_iter().chain(rows) {
            if !contributions.contains(&contribution) {
                contributions.push(contribution);
            }
        }
    }
    contributions
}
