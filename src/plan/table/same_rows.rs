//! Which tables are about the same rows, and which columns mean the same in two tables.
//!
//! Two tables about the same rows are two views of one finer table. What one
//! of them hides the other may disclose, so they are protected together.

use super::{Condition, DerivedFrom, MethodPlan, Operand, Slot, TablePlan, Test, Unit};
use crate::plan::document::Need;
use crate::plan::recipe::Recipe;

/// What an operand means, whatever the table calls it.
#[derive(PartialEq)]
pub(crate) enum Meaning<'a> {
    Column(SlotSource<'a>, usize),
    Derived(SlotSource<'a>, usize, &'a Recipe),
    Matched(Found<'a>, &'a Recipe),
    Counted(Unit, Vec<(Meaning<'a>, &'a Test)>),
}

/// What a slot looks up, whether or not it is needed.
#[derive(PartialEq)]
pub(crate) struct SlotSource<'a>(&'a Slot);

impl PartialEq for Slot {
    /// Whether both give the same row for the same base row.
    fn eq(&self, other: &Self) -> bool {
        self.finds_as(other) && self.reduce == other.reduce
    }
}

impl Slot {
    /// Whether both find something for the same base rows, whatever they fold it to.
    fn finds_as(&self, other: &Self) -> bool {
        self.source == other.source && self.on == other.on && self.conditions == other.conditions
    }
}

/// Of which base rows a slot finds something.
pub(crate) struct Found<'a>(&'a Slot);

impl PartialEq for Found<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.finds_as(other.0)
    }
}

/// What `operand` means in `plan`.
pub(crate) fn meaning(plan: &TablePlan, operand: Operand) -> Meaning<'_> {
    let source = |slot: usize| SlotSource(&plan.slots[slot]);
    match operand {
        Operand::Slot { slot, column } => Meaning::Column(source(slot), column),
        Operand::Derived(index) => {
            let derived = &plan.derived[index];
            match derived.from {
                DerivedFrom::Column { slot, column } => {
                    Meaning::Derived(source(slot), column, &derived.recipe)
                }
                DerivedFrom::Matched { slot } => {
                    Meaning::Matched(Found(&plan.slots[slot]), &derived.recipe)
                }
            }
        }
        Operand::Counted(index) => {
            let counted = &plan.counted[index];
            let conditions = counted.conditions.iter();
            let conditions =
                conditions.map(|(operand, condition)| (meaning(plan, *operand), &condition.test));
            Meaning::Counted(counted.unit, conditions.collect())
        }
    }
}

/// Whether two tables are about the same rows of the base.
pub(crate) fn same_rows(one: &TablePlan, other: &TablePlan) -> bool {
    let needed = |plan: &TablePlan| {
        let lookups = plan.slots.iter().skip(1);
        let needed = lookups.filter(|slot| slot.need == Need::Required);
        needed.cloned().collect::<Vec<Slot>>()
    };
    let conditions = |plan: &TablePlan, of: &TablePlan| {
        plan.conditions.iter().all(|(operand, condition)| {
            let wanted: (Meaning<'_>, &Condition) = (meaning(plan, *operand), condition);
            let mut others = of.conditions.iter();
            others.any(|(operand, condition)| {
                wanted.0 == meaning(of, *operand) && wanted.1.test == condition.test
            })
        })
    };
    let finds_all = |these: &[Slot], those: &[Slot]| {
        let mut these = these.iter();
        these.all(|slot| those.iter().any(|other| slot.finds_as(other)))
    };
    let (first, second) = (needed(one), needed(other));
    one.slots[0] == other.slots[0]
        && finds_all(&first, &second)
        && finds_all(&second, &first)
        && conditions(one, other)
        && conditions(other, one)
}

/// Whether suppressed tables are about different rows, so that some are protected given what
/// is published of others.
pub(crate) fn are_suppressed_in_turn(tables: &[TablePlan]) -> bool {
    let mut suppressed = tables
        .iter()
        .filter(|table| table.method == MethodPlan::Suppress);
    let Some(first) = suppressed.next() else {
        return false;
    };
    suppressed.any(|table| !same_rows(first, table))
}
