//! Populations: which tables are about the same rows.
//!
//! Two tables about the same rows are two views of one finer table, by the
//! dimensions of both. What one suppresses the other may give away; so they
//! are protected together, on the cells of that finer table, which nobody
//! publishes.

use super::{Confidential, Contribution, Table};
use crate::error::Result;
use crate::key::RecordKeys;
use crate::link::Linkage;
use crate::plan::table::same_rows::{meaning, same_rows};
use crate::plan::table::{
    Counted, Derived, DerivedFrom, Dimension, Grain, Measure, Method, Operand, Sensitive, Slot,
    TablePlan, What,
};

/// Tables about the same rows.
pub(crate) struct Population {
    pub(crate) members: Vec<Member>,
    /// The table by the dimensions of all members, if there are several.
    pub(crate) joint: Option<Table<Confidential>>,
    /// Whether a person has at most one row, so that persons add up and their
    /// number is that of rows.
    pub(crate) one_row_each: bool,
}

/// A table of a population.
pub(crate) struct Member {
    /// Its place among the plan's tables.
    pub(crate) table: usize,
    /// For each of its dimensions, the place among those of all members.
    pub(crate) dimensions: Vec<usize>,
    /// For each of its contributions, the place among those of all members.
    pub(crate) contributions: Vec<usize>,
}

impl Linkage {
    /// The populations whose tables are protected together, in the order of
    /// their first tables.
    pub(super) fn populations(
        &self,
        tables: &[Table<Confidential>],
        keys: Option<&RecordKeys>,
    ) -> Result<Vec<Population>> {
        let plans = self.plan.tables();
        let mut classes: Vec<Vec<usize>> = Vec::new();
        let together = |(_, plan): &(usize, &TablePlan)| plan.method.works_on_populations();
        for (at, plan) in plans.iter().enumerate().filter(together) {
            let same = |class: &&mut Vec<usize>| same_rows(&plans[class[0]], plan);
            match classes.iter_mut().find(same) {
                Some(class) => class.push(at),
                None => classes.push(vec![at]),
            }
        }
        let populations = classes.into_iter().map(|class| match class.as_slice() {
            [only] => Ok(Population {
                members: vec![Member {
                    table: *only,
                    dimensions: (0..tables[*only].dimensions.len()).collect(),
                    contributions: (0..tables[*only].contributions.len()).collect(),
                }],
                joint: None,
                one_row_each: plans[*only].one_row_a_person,
            }),
            several => self.joint(several, tables, keys),
        });
        populations.collect()
    }

    /// The population of several tables.
    fn joint(
        &self,
        class: &[usize],
        tables: &[Table<Confidential>],
        keys: Option<&RecordKeys>,
    ) -> Result<Population> {
        let plans = self.plan.tables();
        let mut joint = Joint::new(&plans[class[0]]);
        // Hidden dimensions are the last.
        for hidden in [false, true] {
            for plan in class.iter().map(|at| &plans[*at]) {
                for by in plan.by.iter().filter(|by| by.is_hidden() == hidden) {
                    joint.dimension(plan, by);
                }
            }
        }
        let members = class.iter().map(|&at| {
            let plan = &plans[at];
            let dimensions = plan.by.iter().map(|by| joint.dimension(plan, by)).collect();
            for measure in &plan.measures {
                joint.measure(plan, measure);
            }
            (at, dimensions)
        });
        let members: Vec<(usize, Vec<usize>)> = members.collect();
        let whole: Vec<Grain> = joint.plan.by.iter().map(|_| Grain::Own).collect();
        joint.plan.groupings = vec![whole.into()];
        // Where a member lists its empty cells they are sums of empty inner cells.
        if class.iter().any(|at| !plans[*at].sensitive.is_empty()) {
            let dimensions = 0..joint.plan.by.len();
            joint.plan.sensitive = dimensions.map(Sensitive::all).collect();
        }
        let table = self.tabulate_one(&joint.plan, keys)?;
        let members = members.into_iter().map(|(at, dimensions)| {
            let contributions = tables[at].contributions.iter().map(|contribution| {
                let own = match contribution {
                    Contribution::Rows => Contribution::Rows,
                    Contribution::Values(operand) => {
                        Contribution::Values(joint.operand(&plans[at], *operand))
                    }
                };
                let mut places = table.contributions.iter();
                let place = places.position(|other| *other == own);
                place.expect("the joint table has the measures of its members")
            });
            Member {
                table: at,
                contributions: contributions.collect(),
                dimensions,
            }
        });
        Ok(Population {
            members: members.collect(),
            joint: Some(table),
            one_row_each: plans[class[0]].one_row_a_person,
        })
    }
}

/// A table by the dimensions, and with the measures, of several, being put together.
struct Joint {
    plan: TablePlan,
}

impl Joint {
    /// With the rows of `first`, and nothing yet to tell them apart by.
    fn new(first: &TablePlan) -> Self {
        Self {
            plan: TablePlan {
                by: Vec::new(),
                measures: Vec::new(),
                counted: Vec::new(),
                shares: Vec::new(),
                groupings: Vec::new(),
                match_by: Vec::new(),
                sensitive: Vec::new(),
                // Nobody publishes it.
                method: Method::Suppress,
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
    fn operand(&mut self, plan: &TablePlan, operand: Operand) -> Operand {
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

    fn dimension(&mut self, plan: &TablePlan, dimension: &Dimension) -> usize {
        let operand = self.operand(plan, dimension.operand);
        let found = self.plan.by.iter().position(|by| by.operand == operand);
        found.unwrap_or_else(|| {
            self.plan.by.push(Dimension {
                operand,
                levels: Vec::new(),
                ..dimension.clone()
            });
            self.plan.by.len() - 1
        })
    }

    fn measure(&mut self, plan: &TablePlan, measure: &Measure) {
        let what = match measure.what {
            What::Persons | What::Rows => measure.what,
            What::Sum { operand, kind } | What::Mean { operand, kind } => What::Sum {
                operand: self.operand(plan, operand),
                kind,
            },
        };
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
