//! Populations: which tables are about the same rows.
//!
//! Two tables about the same rows are two views of one finer table, by the
//! dimensions of both. What one suppresses the other may give away; so they
//! are protected together, on the cells of that finer table, which nobody
//! publishes.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use super::names::{Naming, Renamed, refine};
use super::zeros::{complete_joint, related};
use super::{Accumulator, Confidential, Contribution, Methods, Place, Table};
use crate::error::Result;
use crate::key::RecordKeys;
use crate::link::Linkage;
use crate::plan::table::same_rows::{meaning, same_rows};
use crate::plan::table::{
    Counted, Derived, DerivedFrom, Dimension, Grain, Measure, Method, Operand, Slot, TablePlan,
    What,
};

/// Tables about the same rows.
pub(crate) struct Population {
    pub(crate) members: Vec<Member>,
    /// The table by the dimensions of all members, if there are several.
    pub(crate) joint: Option<Table<Confidential>>,
    /// Whether a person has at most one row, so that persons add up and their
    /// number is that of rows.
    pub(crate) one_row_each: bool,
    /// Groups of dimensions of the inner cells that are made from the same thing: not
    /// all combinations of their categories can be.
    related: Vec<Vec<usize>>,
}

/// A table of a population.
pub(crate) struct Member {
    /// Its place among the plan's tables.
    pub(crate) table: usize,
    /// For each of its dimensions, the place among those of all members.
    pub(crate) dimensions: Vec<usize>,
    /// For each of its dimensions, what the categories of inner cells are in it.
    categories: Vec<Renamed>,
    /// For each of its contributions, the place among those of all members.
    pub(crate) contributions: Vec<usize>,
}

impl Member {
    /// The ordinal that an inner cell's place has in one of the table's dimensions.
    pub(crate) fn ordinal(&self, dimension: usize, inner: &[i64]) -> i64 {
        self.category(dimension, inner[self.dimensions[dimension]])
    }

    /// The ordinal that one of an inner cell's has in one of the table's dimensions.
    pub(crate) fn category(&self, dimension: usize, ordinal: i64) -> i64 {
        self.categories[dimension].ordinal(ordinal)
    }

    /// The finest place in the table of an inner cell's place.
    pub(crate) fn place(&self, inner: &[i64]) -> Vec<i64> {
        let dimensions = 0..self.dimensions.len();
        dimensions.map(|at| self.ordinal(at, inner)).collect()
    }
}

/// What the list of names tells of a number of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameFloor {
    /// Inner cells of the population, ascending.
    pub(crate) inner: Vec<u32>,
    /// At least so many persons are in them together.
    pub(crate) persons: u64,
}

impl Population {
    /// What the names tell that its tables list: of a category that the plan does
    /// not declare that as many persons have it as the table's threshold is, and
    /// of rare ones together, or of missing values, that somebody has.
    ///
    /// # Disclosure
    ///
    /// A recipient knows all of it: that a name is listed says so.
    pub(crate) fn known_from_names(
        &self,
        tables: &[Table<Confidential>],
        plans: &[TablePlan],
    ) -> Vec<NameFloor> {
        let inner = self.inner_cells(tables);
        let mut floors = Vec::new();
        for member in &self.members {
            let enough = plans[member.table].protect.min_persons;
            let dimensions = tables[member.table].dimensions.iter().enumerate();
            for (at, dimension) in dimensions {
                let levels = (0..dimension.levels.len()).map(Grain::Level);
                for grain in std::iter::once(Grain::Own).chain(levels) {
                    let mut cells: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
                    for (cell, (place, _)) in inner.iter().enumerate() {
                        let ordinal = dimension.at(grain, member.ordinal(at, place));
                        if let Ok(ordinal) = ordinal {
                            cells.entry(ordinal).or_default().push(cell as u32);
                        }
                    }
                    let told = cells.into_iter().filter_map(|(ordinal, inner)| {
                        let persons = dimension.least_listed(grain, ordinal, enough)?;
                        Some(NameFloor { inner, persons })
                    });
                    floors.extend(told);
                }
            }
        }
        floors
    }

    /// Of each inner cell, whether everybody may know that nobody can be in it: of the
    /// categories of dimensions that are made from the same thing, nobody has these.
    pub(crate) fn impossible(&self, tables: &[Table<Confidential>]) -> Vec<bool> {
        let inner = self.inner_cells(tables);
        let mut impossible = vec![false; inner.len()];
        for group in &self.related {
            let categories = |place: &Place| -> Vec<i64> {
                group.iter().map(|dimension| place[*dimension]).collect()
            };
            let populated = inner.iter().filter(|(_, cell)| cell.persons > 0);
            let known: HashSet<Vec<i64>> = populated.map(|(place, _)| categories(place)).collect();
            for ((place, _), impossible) in inner.iter().zip(&mut impossible) {
                *impossible |= !known.contains(&categories(place));
            }
        }
        impossible
    }

    /// Groups of dimensions of the inner cells that are made from the same thing: not
    /// all combinations of their categories can be.
    pub(crate) fn related(&self) -> &[Vec<usize>] {
        &self.related
    }

    fn inner_cells<'a>(&'a self, tables: &'a [Table<Confidential>]) -> &'a [(Place, Accumulator)] {
        let table = self.joint.as_ref();
        let table = table.unwrap_or_else(|| &tables[self.members[0].table]);
        &table.blocks[0].cells
    }
}

impl Linkage {
    /// The populations whose tables are protected together, in the order of
    /// their first tables.
    pub(super) fn populations(
        &self,
        tables: &[Table<Confidential>],
        namings: &[Vec<Naming>],
        keys: Option<&RecordKeys>,
        methods: Methods,
    ) -> Result<Vec<Population>> {
        let plans = self.plan.tables();
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
        let populations = classes.into_iter().map(|class| match class.as_slice() {
            [only] => Ok(Population {
                members: vec![Member {
                    table: *only,
                    dimensions: (0..tables[*only].dimensions.len()).collect(),
                    categories: vec![Renamed::Same; tables[*only].dimensions.len()],
                    contributions: (0..tables[*only].contributions.len()).collect(),
                }],
                joint: None,
                one_row_each: plans[*only].one_row_a_person,
                related: self.related(&plans[*only]),
            }),
            several => self.joint(several, tables, namings, keys),
        });
        populations.collect()
    }

    /// The population of several tables.
    fn joint(
        &self,
        class: &[usize],
        tables: &[Table<Confidential>],
        namings: &[Vec<Naming>],
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
        let (given, categories) = joint_names(joint.plan.by.len(), &members, namings);
        let (mut table, _) = self.tabulate_named(&joint.plan, keys, Some(given))?;
        let related = self.related(&joint.plan);
        let depth = joint.plan.protect.largest();
        let empty = Accumulator::nothing(table.contributions.len(), depth, keys.is_some());
        // Where a member lists its empty cells they are sums of empty inner cells.
        table.listing = complete_joint(&mut table.blocks[0], &table.dimensions, &related, &empty);
        let members = members.into_iter().zip(categories);
        let members = members.map(|((at, dimensions), categories)| {
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
                categories,
            }
        });
        Ok(Population {
            members: members.collect(),
            joint: Some(table),
            one_row_each: plans[class[0]].one_row_a_person,
            related,
        })
    }

    /// The groups of dimensions of a table that are made from the same thing: two bandings
    /// of an age, or two columns of a look-up that may have no row.
    fn related(&self, plan: &TablePlan) -> Vec<Vec<usize>> {
        let made_from = |operand| plan.made_from(self.plan.sources(), operand);
        let columns = plan.by.iter().filter(|by| !by.is_hidden());
        let columns: Vec<_> = columns.map(|by| made_from(by.operand)).collect();
        related(plan.by.iter().map(|by| match by.operand {
            Operand::Counted(at) => {
                // A condition on what a dimension is made from goes with that.
                let looked_at = plan.counted[at].operands().map(made_from);
                let origins: Vec<_> = looked_at.collect();
                let own = origins.iter().find(|origin| columns.contains(origin));
                let own = own.or(origins.first()).cloned().flatten();
                own.unwrap_or((plan.slots.len() + at, None))
            }
            operand => made_from(operand).expect("a column"),
        }))
    }
}

/// How the dimensions of a joint table are named, and what its categories are in
/// each member: as finely as any of the members names them.
fn joint_names(
    dimensions: usize,
    members: &[(usize, Vec<usize>)],
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
