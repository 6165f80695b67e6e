//! Shares of a table as bytes, out of which whoever has the plan makes them again.

use serde::{Deserialize, Serialize};

use super::{List, Partial, SeenRows};
use crate::column::{Labels, Values};
use crate::table::names::Bearers;
use crate::table::pending::Pending;
use crate::table::shape::FoldShape;
use crate::table::{Dimension, Place};

/// A share of a table, without what its plan says.
#[derive(Serialize, Deserialize)]
pub(in crate::table) struct StoredShare {
    /// By dimension.
    labels: Vec<Labels>,
    bearers: Vec<Vec<Bearers>>,
    visible: Option<Vec<(Place, u64)>>,
    lists: Vec<List>,
    pending: Vec<Pending>,
    seen: SeenRows,
}

impl From<Partial> for StoredShare {
    fn from(partial: Partial) -> Self {
        let dimensions = partial.dimensions.into_iter();
        Self {
            labels: dimensions.map(|dimension| dimension.labels).collect(),
            bearers: partial.bearers,
            visible: partial.visible,
            lists: partial.lists,
            pending: partial.pending,
            seen: partial.seen,
        }
    }
}

impl StoredShare {
    /// The share of a table of `shape`; `None` if it is of another table.
    pub(in crate::table) fn partial(self, shape: &FoldShape<'_>) -> Option<Partial> {
        let fits = self.labels.len() == shape.plan.by.len()
            && self.bearers.len() == self.labels.len()
            && self.lists.len() == shape.folded.len()
            && self.seen.yes_or_no.len() == shape.contributions.len()
            && self.seen.groups.len() == shape.plan.match_by.len()
            && self.seen.matches.len() + 1 == shape.plan.slots.len();
        if !fits {
            return None;
        }
        let planned = shape.plan.by.iter().zip(self.labels);
        let dimensions = planned.map(|(planned, labels)| Dimension::raw(planned, labels));
        let dimensions: Vec<Dimension> = dimensions.collect();
        let mut pending = self.pending;
        for rows in &mut pending {
            for (values, dimension) in rows.dimensions.iter_mut().zip(&dimensions) {
                if let Values::Codes { labels, .. } = values {
                    *labels = dimension.labels.clone();
                }
            }
        }
        Some(Partial {
            dimensions,
            bearers: self.bearers,
            visible: self.visible,
            lists: self.lists,
            pending,
            seen: self.seen,
        })
    }
}
