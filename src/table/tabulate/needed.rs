//! Which columns a table needs; no others are looked at.

use crate::plan::table::{DerivedFrom, MatchDimension, Operand, TablePlan, What};

/// For each slot, which of its columns the table needs.
pub(super) fn needed(plan: &TablePlan) -> Vec<Vec<bool>> {
    let slots = plan.slots.iter();
    let mut needed: Vec<Vec<bool>> = slots.map(|slot| vec![false; slot.columns.len()]).collect();
    let measured = plan
        .measures
        .iter()
        .filter_map(|measure| match measure.what {
            What::Persons | What::Rows => None,
            What::Sum { operand, .. } | What::Mean { operand, .. } => Some(operand),
        });
    let conditions = plan.conditions.iter().map(|(operand, _)| *operand);
    let by = plan.by.iter().map(|dimension| dimension.operand);
    let match_by = plan.match_by.iter().map(MatchDimension::operand);
    for operand in measured.chain(conditions).chain(by).chain(match_by) {
        let from = match operand {
            Operand::Slot { slot, column } => DerivedFrom::Column { slot, column },
            Operand::Derived(index) => plan.derived[index].from,
        };
        if let DerivedFrom::Column { slot, column } = from {
            needed[slot][column] = true;
        }
    }
    needed
}
