//! The plan of a table by the dimensions, and with the measures, of several.

use crate::plan::table::same_rows::meaning;
use crate::plan::table::{
    Counted, Derived, DerivedFrom, DimensionPlan, Measure, MethodPlan, Operand, Preferred, Slot,
    Statistic, TablePlan,
};

/// A table by the dimensions, and with the measures, of several, being put together.
pub(super) struct JointTable {
    pub(super) plan: TablePlan,
}

impl JointTable {
    /// With the rows of `first`, and nothing yet to divide them by.
    pub(super) fn new(first: &TablePlan) -> Self {
        Self {
            plan: TablePlan {
                by: Vec::new(),
                measures: Vec::new(),
                counted: Vec::new(),
                shares: Vec::new(),
                groupings: Vec::new(),
                match_by: Vec::new(),
                prefer: Preferred::default(),
                sensitive: Vec::new(),
                // Nobody publishes it.
                method: MethodPlan::Suppress,
                ..first.clone()
            },
        }
    }

    fn slot(&mut self, slot: &Slot) -> usize {
        let found = self.plan.slots.iter().position(|other| other == slot);
        found.unwrap_or_else(|| {
            self.plan.slots.push(slot.clone());
            self.plan.slots.len() - 1
        })
    }

    /// The operand that means what `operand` means in `plan`.
    pub(super) fn operand(&mut self, plan: &TablePlan, operand: Operand) -> Operand {
        let counted = (0..self.plan.counted.len()).map(Operand::Counted);
        let own = (0..self.plan.derived.len())
            .map(Operand::Derived)
            .chain(counted)
            .find(|own| meaning(&self.plan, *own) == meaning(plan, operand));
        if let Some(own) = own {
            return own;
        }
        match operand {
            Operand::Slot { slot, column } => Operand::Slot {
                slot: self.slot(&plan.slots[slot]),
                column,
            },
            Operand::Derived(index) => {
                let derived = &plan.derived[index];
                let from = match derived.from {
                    DerivedFrom::Column { slot, column } => DerivedFrom::Column {
                        slot: self.slot(&plan.slots[slot]),
                        column,
                    },
                    DerivedFrom::Matched { slot } => DerivedFrom::Matched {
                        slot: self.slot(&plan.slots[slot]),
                    },
                };
                self.plan.derived.push(Derived {
                    from,
                    ..derived.clone()
                });
                Operand::Derived(self.plan.derived.len() - 1)
            }
            Operand::Counted(index) => {
                let counted = &plan.counted[index];
                let conditions = counted.conditions.iter();
                let conditions = conditions
                    .map(|(operand, condition)| (self.operand(plan, *operand), condition.clone()));
                let conditions = conditions.collect();
                self.plan.counted.push(Counted {
                    unit: counted.unit,
                    conditions,
                });
                Operand::Counted(self.plan.counted.len() - 1)
            }
        }
    }

    pub(super) fn dimension(&mut self, plan: &TablePlan, dimension: &DimensionPlan) -> usize {
        let operand = self.operand(plan, dimension.operand);
        let found = self.plan.by.iter().position(|by| by.operand == operand);
        if let Some(found) = found {
            // One table may declare its names, and another not.
            self.plan.by[found].names.all &= dimension.names.all;
        }
        found.unwrap_or_else(|| {
            self.plan.by.push(DimensionPlan {
                operand,
                levels: Vec::new(),
                ..dimension.clone()
            });
            self.plan.by.len() - 1
        })
    }

    pub(super) fn measure(&mut self, plan: &TablePlan, measure: &Measure) {
        if measure.what.is_mean() && !plan.one_row_a_person {
            // What it is over: tables that publish means add it up too.
            self.add(Statistic::Rows, measure);
        }
        let what = match measure.what.values() {
            None => measure.what,
            // Nobody publishes the joint table: what is added up is what it is for.
            Some((operand, kind)) => Statistic::Sum {
                operand: self.operand(plan, operand),
                kind,
            },
        };
        self.add(what, measure);
    }

    /// Adds a measure of the joint table, as `measure` of a member needs it.
    fn add(&mut self, what: Statistic, measure: &Measure) {
        if !self.plan.measures.iter().any(|other| other.what == what) {
            self.plan.measures.push(Measure {
                name: measure.name.clone(),
                what,
                counted: None,
                column: measure.column.clone(),
            });
        }
    }
}
