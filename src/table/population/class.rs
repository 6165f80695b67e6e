//! Which tables of a plan are about the same rows, and the finer table behind several.

use super::joint::JointTable;
use super::{Member, Population};
use crate::error::Result;
use crate::key::RecordKeys;
use crate::plan::Plan;
use crate::plan::table::same_rows::same_rows;
use crate::plan::table::{Grain, TablePlan};
use crate::table::names::{Naming, Renamed, refine};
use crate::table::partial::Partial;
use crate::table::shape::{FoldShape, contributions};
use crate::table::zeros::{complete_joint, related};
use crate::table::{Confidential, Contribution, Methods, Table};

/// Tables about the same rows, before any row is seen.
pub(in crate::table) struct Class {
    /// The places of its tables among the plan's, and of their dimensions and
    /// contributions among those of all.
    members: Vec<(usize, Vec<usize>, Vec<usize>)>,
    /// The table by the dimensions of all of them, if there are several.
    pub(in crate::table) joint: Option<TablePlan>,
    /// Of an undeclared category no table has more than this many persons and calls it rare.
    pub(in crate::table) enough: u64,
    related: Vec<Vec<usize>>,
    tied: Vec<Vec<usize>>,
    bounded: Vec<bool>,
}

impl Class {
    /// The classes whose tables are protected together, in the order of their first
    /// tables.
    pub(in crate::table) fn all(plan: &Plan, methods: Methods) -> Vec<Self> {
        let plans = plan.tables();
        let mut classes: Vec<Vec<usize>> = Vec::new();
        let together = |(_, plan): &(usize, &TablePlan)| {
            methods == Methods::Any || plan.method.works_on_populations()
        };
        for (at, plan) in plans.iter().enumerate().filter(together) {
            let same = |class: &&mut Vec<usize>| same_rows(&plans[class[0]], plan);
            match classes.iter_mut().find(same) {
                Some(class) => class.push(at),
                None => classes.push(vec![at]),
            }
        }
        let classes = classes.into_iter().map(|class| match class.as_slice() {
            [only] => Self::of_one(plan, *only),
            several => Self::of_several(plan, several),
        });
        classes.collect()
    }

    fn of_one(plan: &Plan, only: usize) -> Self {
        let table = &plan.tables()[only];
        let dimensions = (0..table.by.len()).collect();
        let contributions = (0..contributions(table).len()).collect();
        Self {
            members: vec![(only, dimensions, contributions)],
            joint: None,
            enough: table.protect.min_persons,
            related: related_of(plan, table),
            tied: tied_of(plan, table),
            bounded: bounded_of(plan, table),
        }
    }

    fn of_several(plan: &Plan, class: &[usize]) -> Self {
        let plans = plan.tables();
        let mut joint = JointTable::new(&plans[class[0]]);
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
        let all = contributions(&joint.plan);
        let members = members.into_iter().map(|(at, dimensions)| {
            let contributions = contributions(&plans[at]).into_iter().map(|contribution| {
                let own = match contribution {
                    Contribution::Rows => Contribution::Rows,
                    Contribution::Values(operand) => {
                        Contribution::Values(joint.operand(&plans[at], operand))
                    }
                };
                let place = all.iter().position(|other| *other == own);
                place.expect("the joint table has the measures of its members")
            });
            let contributions = contributions.collect();
            (at, dimensions, contributions)
        });
        let thresholds = class.iter().map(|at| plans[*at].protect.min_persons);
        Self {
            enough: thresholds.max().unwrap_or(0),
            members: members.collect(),
            related: related_of(plan, &joint.plan),
            tied: tied_of(plan, &joint.plan),
            bounded: bounded_of(plan, &joint.plan),
            joint: Some(joint.plan),
        }
    }

    /// The population of the class, out of its `tables` and how they are named; `joint`
    /// is the share of all persons in its joint table, if it has one.
    pub(in crate::table) fn population(
        self,
        plan: &Plan,
        tables: &[Table<Confidential>],
        namings: &[Vec<Naming>],
        joint: Option<Partial>,
        keys: Option<&RecordKeys>,
    ) -> Result<Population> {
        let one_row_each = plan.tables()[self.members[0].0].one_row_a_person;
        let same = |at: usize| vec![Renamed::Same; tables[at].dimensions.len()];
        let mut categories: Vec<Vec<Renamed>> =
            self.members.iter().map(|(at, ..)| same(*at)).collect();
        let mut table = None;
        if let (Some(planned), Some(partial)) = (&self.joint, joint) {
            let own = self.members.iter();
            let own: Vec<(usize, &[usize])> = own.map(|(at, own, _)| (*at, &**own)).collect();
            let given;
            (given, categories) = joint_names(planned.by.len(), &own, namings);
            let shape = FoldShape::new(planned, planned.protect.largest(), keys);
            let (mut joint, _) = shape.publish(partial, Some(given), false)?;
            // Where a member lists its empty cells they are sums of empty inner cells.
            let block = &mut joint.blocks[0];
            joint.listing = complete_joint(block, &joint.dimensions, &self.related, &shape.empty());
            table = Some(joint);
        }
        let members = self.members.into_iter().zip(categories);
        let members = members.map(|((table, dimensions, contributions), categories)| Member {
            table,
            dimensions,
            origins: plan.tables()[table].origins(plan.sources()),
            lacking: plan.tables()[table].lacking(plan.sources()),
            categories,
            contributions,
        });
        Ok(Population {
            members: members.collect(),
            joint: table,
            one_row_each,
            related: self.related,
            tied: self.tied,
            bounded: self.bounded,
        })
    }
}

/// The groups of dimensions of a table not all of whose categories go together, as
/// everybody knows: two bandings of an age, two columns of a look-up that may have no
/// row, a condition and what it looks at; or a banding of what decides which rows there
/// are.
fn related_of(whole: &Plan, plan: &TablePlan) -> Vec<Vec<usize>> {
    let sources = whole.sources();
    let each = plan.by.iter();
    let each = each.map(|by| plan.bonds(sources, by.operand));
    related(each, &plan.bonds_of_limits(sources))
}

/// For each contribution of a table, the dimensions that are made from what it is made
/// from: in some of their categories everybody may know that there is nothing.
fn tied_of(whole: &Plan, plan: &TablePlan) -> Vec<Vec<usize>> {
    let sources = whole.sources();
    let each = contributions(plan).into_iter().map(|contribution| {
        let Contribution::Values(operand) = contribution else {
            return Vec::new();
        };
        let own = plan.bonds(sources, operand);
        let dimensions = plan.by.iter().enumerate();
        let tied = dimensions.filter(|(_, by)| !plan.bonds(sources, by.operand).is_disjoint(&own));
        tied.map(|(at, _)| at).collect()
    });
    each.collect()
}

/// For each contribution of a table, whether something is known of how large it is: by a
/// dimension or a condition that is made from it, or since it is a number of rows.
fn bounded_of(whole: &Plan, plan: &TablePlan) -> Vec<bool> {
    let sources = whole.sources();
    let read = |operand| {
        let columns = plan.reads(sources, operand).into_iter();
        columns.map(|(slot, column)| (plan.slots[slot].source, column))
    };
    let told_apart: Vec<_> = plan.by.iter().flat_map(|by| read(by.operand)).collect();
    let each = contributions(plan)
        .into_iter()
        .map(|contribution| match contribution {
            // Nobody has less than a row.
            Contribution::Rows => true,
            Contribution::Values(operand) => read(operand).any(|own| told_apart.contains(&own)),
        });
    each.collect()
}

/// How the dimensions of a joint table are named, and what its categories are in
/// each member: as finely as any of the members names them.
fn joint_names(
    dimensions: usize,
    members: &[(usize, &[usize])],
    namings: &[Vec<Naming>],
) -> (Vec<Naming>, Vec<Vec<Renamed>>) {
    let mut categories: Vec<Vec<Renamed>> = members
        .iter()
        .map(|(_, dimensions)| vec![Renamed::Same; dimensions.len()])
        .collect();
    let named = (0..dimensions).map(|joint| {
        let uses = members.iter().enumerate().flat_map(|(member, (_, own))| {
            let places = own.iter().enumerate();
            let places = places.filter(move |(_, of)| **of == joint);
            places.map(move |(at, _)| (member, at))
        });
        let uses: Vec<(usize, usize)> = uses.collect();
        let each: Vec<&Naming> = uses
            .iter()
            .map(|(member, at)| &namings[members[*member].0][*at])
            .collect();
        let (naming, renamed) = refine(&each);
        for ((member, at), renamed) in uses.into_iter().zip(renamed) {
            categories[member][at] = renamed;
        }
        naming
    });
    (named.collect(), categories)
}
