//! The columns of a range of linked rows, each made once, when it is first asked for.

use std::collections::HashMap;

use super::RangeWork;
use crate::column::Values;
use crate::column::condition::restrict;
use crate::column::steps::reread;
use crate::error::{Error, ErrorKind, Result};
use crate::link::merge::Merged;
use crate::plan::table::{Counted, DerivedFrom, MatchDimension, Operand, TablePlan};

/// Columns of a range, each gathered once.
pub(super) struct GatheredColumns<'a> {
    work: &'a RangeWork<'a>,
    merged: &'a Merged,
    seen: HashMap<Operand, Values>,
}

impl<'a> GatheredColumns<'a> {
    pub(super) fn new(work: &'a RangeWork<'a>, merged: &'a Merged) -> Self {
        Self {
            work,
            merged,
            seen: HashMap::new(),
        }
    }

    pub(super) fn get(&mut self, operand: Operand) -> Result<&Values> {
        if !self.seen.contains_key(&operand) {
            let values = match operand {
                Operand::Counted(at) => self.holds(&self.work.plan.counted[at])?,
                _ => self.work.compute(self.merged, operand)?,
            };
            self.seen.insert(operand, values);
        }
        Ok(self.seen(operand))
    }

    /// Whether each row satisfies all conditions of a count.
    fn holds(&mut self, counted: &Counted) -> Result<Values> {
        let mut holds = vec![true; self.merged.rows];
        for (operand, condition) in &counted.conditions {
            restrict(condition, self.get(*operand)?, &mut holds);
        }
        Ok(Values::Booleans(holds.into_iter().map(Some).collect()))
    }

    pub(super) fn seen(&self, operand: Operand) -> &Values {
        &self.seen[&operand]
    }
}

impl RangeWork<'_> {
    fn compute(&self, merged: &Merged, operand: Operand) -> Result<Values> {
        let index = match operand {
            Operand::Slot { slot, column } => {
                return Ok(merged.slots[slot].gather(column));
            }
            Operand::Derived(index) => index,
            Operand::Counted(_) => unreachable!("is made of other columns"),
        };
        let derived = &self.plan.derived[index];
        let values = match derived.from {
            DerivedFrom::Column { slot, column } => merged.slots[slot].gather(column),
            DerivedFrom::Matched { slot } => {
                let matched = merged.slots[slot].matched(merged.rows);
                Values::Booleans(matched.into_iter().map(Some).collect())
            }
        };
        let read = reread(&derived.recipe, values).ok_or_else(|| {
            Error::new(
                ErrorKind::Overflow,
                "a value is too large to be held exactly",
            )
            .in_column(&derived.name)
        })?;
        self.steps[index].apply(read).map_err(|refused| {
            let help = refused.help();
            let error = Error::new(ErrorKind::Linkage, refused.rule).in_column(&derived.name);
            help.into_iter().fold(error, Error::help)
        })
    }
}

/// For each slot, which of its columns the table needs.
pub(super) fn needed(plan: &TablePlan) -> Vec<Vec<bool>> {
    let slots = plan.slots.iter();
    let mut needed: Vec<Vec<bool>> = slots.map(|slot| vec![false; slot.columns.len()]).collect();
    let measured = plan.measures.iter();
    let measured = measured.filter_map(|measure| Some(measure.what.values()?.0));
    let conditions = plan.conditions.iter().map(|(operand, _)| *operand);
    let counted = plan.counted.iter().flat_map(Counted::operands);
    let by = plan.by.iter().map(|dimension| dimension.operand);
    let match_by = plan.match_by.iter().map(MatchDimension::operand);
    let operands = measured.chain(conditions).chain(counted);
    for operand in operands.chain(by).chain(match_by) {
        let from = match operand {
            Operand::Counted(_) => continue,
            Operand::Slot { slot, column } => DerivedFrom::Column { slot, column },
            Operand::Derived(index) => plan.derived[index].from,
        };
        if let DerivedFrom::Column { slot, column } = from {
            needed[slot][column] = true;
        }
    }
    needed
}
