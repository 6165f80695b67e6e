//! What columns are made from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Condition, DerivedFrom, Operand, Slot, TablePlan, Test};
use crate::plan::Source;
use crate::plan::document::{Need, RowsPerPerson};
use crate::plan::scalar::Scalar;

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

impl Origin {
    /// Whether whoever has nothing of this has nothing of the `other` either.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.source == other.source && (self.column.is_none() || self.column == other.column)
    }
}

/// What a column of a table is made from: a slot, and a column of its source's register;
/// none where more decides about it.
pub(crate) type MadeFrom = (usize, Option<String>);

/// Why two dimensions are not independent of each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bond {
    /// Both are made from this. Of slots that look up the same source in the same way the
    /// first: what one finds under its conditions the other finds too.
    MadeFrom(MadeFrom),
    /// Both are made from columns of this name: two agencies say the same of a person.
    Called(String),
}

impl TablePlan {
    /// What a dimension has in common with those that it is not independent of.
    pub(crate) fn bonds(&self, sources: &[Source], operand: Operand) -> BTreeSet<Bond> {
        let made_from = self.dimension_made_from(sources, operand).into_iter();
        let called = self.reads(sources, operand).into_iter();
        let called = called.filter_map(|(_, column)| column.map(Bond::Called));
        let folded = self.folded(sources, operand).map(|slot| (slot, None));
        let made_from = made_from.chain(folded);
        made_from.map(|of| self.bond(of)).chain(called).collect()
    }

    /// The slot that a column folds several rows of: of whoever has one row, all that is folded
    /// from them is the same.
    fn folded(&self, sources: &[Source], operand: Operand) -> Option<usize> {
        let (slot, _) = self.read_from(sources, operand)?;
        self.slots[slot].reduce.as_ref().map(|_| slot)
    }

    /// The bonds of what decides which rows the table has.
    pub(crate) fn bonds_of_limits(&self, sources: &[Source]) -> BTreeSet<Bond> {
        let limits = self.limited_by(sources).into_iter();
        limits.map(|of| self.bond(of)).collect()
    }

    fn bond(&self, (slot, column): MadeFrom) -> Bond {
        let is_alike = |other: &Slot| {
            other.source == self.slots[slot].source && other.on == self.slots[slot].on
        };
        let first = self.slots.iter().position(is_alike);
        Bond::MadeFrom((first.unwrap_or(slot), column))
    }

    /// What a column is made from: a slot, and a column of its source's register. None
    /// of a count with a condition, which may look at several.
    pub(crate) fn made_from(&self, sources: &[Source], operand: Operand) -> Option<MadeFrom> {
        if let Operand::Derived(index) = operand
            && let DerivedFrom::Matched { slot } = self.derived[index].from
        {
            return Some((slot, None));
        }
        let (slot, column) = self.read_from(sources, operand)?;
        Some((slot, column.filter(|_| self.is_always_there(slot))))
    }

    /// The slot and the column of its source's register that a column reads, whether or
    /// not every row has one; no column where a look-up's rows are counted.
    fn read_from(&self, sources: &[Source], operand: Operand) -> Option<MadeFrom> {
        let (slot, column) = match operand {
            Operand::Slot { slot, column } => (slot, column),
            Operand::Counted(_) => return None,
            Operand::Derived(index) => match self.derived[index].from {
                DerivedFrom::Column { slot, column } => (slot, column),
                DerivedFrom::Matched { .. } => return None,
            },
        };
        let of = &self.slots[slot];
        let place = match &of.reduce {
            Some(reduce) => reduce.reductions[column].column,
            None => Some(column),
        };
        let columns = sources[of.source].columns();
        Some((slot, place.map(|place| columns[place].from().to_owned())))
    }

    /// What a person must have a value of to have one of this column.
    pub(crate) fn values_of(&self, sources: &[Source], operand: Operand) -> Option<Origin> {
        let (slot, column) = self.read_from(sources, operand)?;
        Some(Origin {
            source: self.slots[slot].name.clone(),
            column: Some(column?),
        })
    }

    /// By dimension: in which of its own categories, by ordinal, nobody has a value, and of
    /// what; as the plan says it of who is found in a look-up, and of who has a value.
    pub(crate) fn lacking(&self, sources: &[Source]) -> Vec<Option<(i64, Origin)>> {
        let each = self.by.iter().map(|by| match by.operand {
            Operand::Counted(at) => match &self.counted[at].conditions[..] {
                [(operand, condition)] => {
                    let (has, of) = self.has_values(sources, *operand, Some(condition))?;
                    Some((i64::from(!has), of))
                }
                // Who does not satisfy several may satisfy each.
                _ => None,
            },
            operand => {
                let (has, of) = self.has_values(sources, operand, None)?;
                Some((i64::from(!has), of))
            }
        });
        each.collect()
    }

    /// What those have values of, or have not, of whom a column is true; or who satisfy a
    /// condition on it.
    fn has_values(
        &self,
        sources: &[Source],
        operand: Operand,
        condition: Option<&Condition>,
    ) -> Option<(bool, Origin)> {
        let found_in = match operand {
            Operand::Derived(at) => match self.derived[at].from {
                DerivedFrom::Matched { slot } => Some(Origin {
                    source: self.slots[slot].name.clone(),
                    column: None,
                }),
                DerivedFrom::Column { .. } => None,
            },
            _ => None,
        };
        match (found_in, condition.map(|condition| &condition.test)) {
            (Some(found_in), None) => Some((true, found_in)),
            (Some(found_in), Some(Test::OneOf(values))) => match values[..] {
                [Scalar::Boolean(is_found)] => Some((is_found, found_in)),
                _ => None,
            },
            (None, Some(Test::Present(has))) => Some((*has, self.values_of(sources, operand)?)),
            _ => None,
        }
    }

    /// The measures, by place, that disclose how many persons have a value of a column, each
    /// with the column: means do by their digits, and sums of what the plan clips nearly so.
    pub(crate) fn telling_values<'a>(
        &'a self,
        sources: &'a [Source],
    ) -> impl Iterator<Item = (usize, Operand)> + 'a {
        let measures = self.measures.iter().enumerate();
        measures.filter_map(|(at, measure)| {
            let (operand, _) = measure.what.values()?;
            let tells = measure.what.is_mean() || self.is_clipped(sources, operand);
            tells.then_some((at, operand))
        })
    }

    /// Whether the plan says how large a value is at least, or at most.
    pub(crate) fn is_clipped(&self, sources: &[Source], operand: Operand) -> bool {
        let (recipe, from) = match operand {
            Operand::Slot { slot, column } => (None, Some((slot, column))),
            Operand::Counted(_) => (None, None),
            Operand::Derived(at) => {
                let from = match self.derived[at].from {
                    DerivedFrom::Column { slot, column } => Some((slot, column)),
                    DerivedFrom::Matched { .. } => None,
                };
                (Some(&self.derived[at].recipe), from)
            }
        };
        let of_column = |(slot, column): (usize, usize)| {
            let of = &self.slots[slot];
            let column = match &of.reduce {
                Some(reduce) => reduce.reductions[column].column?,
                None => column,
            };
            Some(&sources[of.source].columns()[column].recipe)
        };
        let recipes = recipe.into_iter().chain(from.and_then(of_column));
        recipes.into_iter().any(|recipe| recipe.clip.is_some())
    }

    /// The slot and column that a column reads; of a condition all that it looks at.
    pub(crate) fn reads(&self, sources: &[Source], operand: Operand) -> BTreeSet<MadeFrom> {
        let of = |operand| self.read_from(sources, operand);
        let all: BTreeSet<MadeFrom> = match operand {
            Operand::Counted(at) => self.counted[at].operands().filter_map(of).collect(),
            operand => of(operand).into_iter().collect(),
        };
        all.into_iter()
            .filter(|(_, column)| column.is_some())
            .collect()
    }

    /// Whether every row has one of the slot: it is the base's, or needed.
    fn is_always_there(&self, slot: usize) -> bool {
        slot == 0 || self.slots[slot].need == Need::Required
    }

    /// What a dimension is made from; a condition from all that it looks at.
    fn dimension_made_from(&self, sources: &[Source], operand: Operand) -> BTreeSet<MadeFrom> {
        let of = |operand| self.made_from(sources, operand);
        match operand {
            Operand::Counted(at) => self.counted[at].operands().filter_map(of).collect(),
            operand => of(operand).into_iter().collect(),
        }
    }

    /// What is looked at to say which rows the table has: by its own conditions, those of
    /// what it links, and what the extracts keep. Not all of its values are left.
    fn limited_by(&self, sources: &[Source]) -> BTreeSet<MadeFrom> {
        let own = self.conditions.iter();
        let own = own.filter_map(|(operand, _)| self.made_from(sources, *operand));
        let linked = self.slots.iter().enumerate().flat_map(|(at, slot)| {
            let source = &sources[slot.source];
            let columns = source.columns();
            let conditions = slot.conditions.iter();
            let conditions = conditions.map(|(column, _)| columns[*column].from().to_owned());
            let kept = source.keep().iter().map(|condition| {
                let column = columns.iter().find(|c| c.name() == condition.column);
                column
                    .map_or(&*condition.column, |column| column.from())
                    .to_owned()
            });
            let there = self.is_always_there(at);
            let columns = conditions.chain(kept);
            columns.map(move |column| (at, Some(column).filter(|_| there)))
        });
        own.chain(linked).collect()
    }

    /// Of each of its dimensions, whether all rows of a person have the same category: it is
    /// made from a look-up that finds one row of the person, whatever the base's row is.
    pub(crate) fn same_for_person(&self, sources: &[Source]) -> Vec<bool> {
        let is_same = |slot: usize| {
            let slot = &self.slots[slot];
            let is_one = sources[slot.source].rows() == RowsPerPerson::One;
            slot.on.is_empty() && (is_one || slot.reduce.is_some())
        };
        let of = |operand: Operand| match operand {
            Operand::Slot { slot, .. } => is_same(slot),
            Operand::Derived(at) => match self.derived[at].from {
                DerivedFrom::Column { slot, .. } | DerivedFrom::Matched { slot } => is_same(slot),
            },
            Operand::Counted(_) => false,
        };
        let each = self.by.iter().map(|by| match by.operand {
            Operand::Counted(at) => self.counted[at].operands().all(of),
            operand => of(operand),
        });
        each.collect()
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
