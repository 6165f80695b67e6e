//! What columns are made from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{DerivedFrom, Operand, TablePlan};
use crate::plan::Source;
use crate::plan::document::Need;

/// What a column is made from: two that are made from the same thing are not
/// independent, such as two bandings of an age.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The source.
    pub source: String,
    /// The column of its register; none where more decides about it, as of columns that
    /// are all missing where a look-up finds no row.
    pub column: Option<String>,
}

impl TablePlan {
    /// What a column is made from: a slot, and a column of its source's register. None
    /// of a count with a condition, which may look at several.
    pub(crate) fn made_from(
        &self,
        sources: &[Source],
        operand: Operand,
    ) -> Option<(usize, Option<String>)> {
        let (slot, column) = match operand {
            Operand::Slot { slot, column } => (slot, Some(column)),
            Operand::Counted(_) => return None,
            Operand::Derived(index) => match self.derived[index].from {
                DerivedFrom::Column { slot, column } => (slot, Some(column)),
                DerivedFrom::Matched { slot } => (slot, None),
            },
        };
        let of = &self.slots[slot];
        let place = column.filter(|_| slot == 0 || of.need == Need::Required);
        let place = place.and_then(|column| match &of.reduce {
            Some(reduce) => reduce.reductions[column].column,
            None => Some(column),
        });
        let columns = sources[of.source].columns();
        Some((slot, place.map(|place| columns[place].from().to_owned())))
    }

    /// What each of its dimensions is made from; a condition from all that it looks at.
    pub(crate) fn origins(&self, sources: &[Source]) -> Vec<BTreeSet<Origin>> {
        let of = |operand: Operand| {
            let (slot, column) = self.made_from(sources, operand)?;
            Some(Origin {
                source: self.slots[slot].name.clone(),
                column,
            })
        };
        let each = self.by.iter().map(|by| match by.operand {
            Operand::Counted(at) => self.counted[at].operands().filter_map(of).collect(),
            operand => of(operand).into_iter().collect(),
        });
        each.collect()
    }
}
