//! Tables of cells, at their two stages: confidential, then protected.
//!
//! The stage is part of the type and decides what a cell holds. A
//! confidential cell has the figures and each rule's evidence, and no door
//! out; a protected cell has values where they are safe and, where they are
//! not, nothing to uncover.

pub(crate) mod cell;
mod cells;
pub(crate) mod counted;
mod groups;
pub(crate) mod margins;
mod microdata;
mod names;
mod partial;
mod pending;
pub(crate) mod population;
mod publish;
mod shape;
mod shares;
mod tabulate;
mod yes_or_no;
mod zeros;

use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

use crate::column::{Labels, ValueCounts};
use crate::error::Result;
use crate::extract::Part;
use crate::key::RecordKeys;
use crate::link::Linkage;
use crate::plan::table::{Grouping, MethodPlan, TablePlan};
use crate::plan::{self, ColumnType, Plan};
pub(crate) use cell::Accumulator;
use cell::Contribution;
pub(crate) use cells::Place;
use margins::LevelLabels;
pub(crate) use names::Listed;
use partial::Partial;
use population::Class;
pub(crate) use population::Population;
use shape::FoldShape;
pub(crate) use shares::Shares;
pub use zeros::Listing;

/// What a stage makes of a measure in a cell.
pub(crate) trait Stage {
    /// What a cell holds at this stage.
    type Cell;
    /// What is known in addition to the cells of all tables.
    type Context;
}

/// Before protection: exact figures, which never leave the process.
#[derive(Debug)]
pub(crate) enum Confidential {}

impl Stage for Confidential {
    type Cell = Accumulator;
    /// Which tables are about the same rows.
    type Context = Vec<Population>;
}

/// All tables of a plan at one stage.
///
/// They stay together because they are protected together: what one table
/// suppresses, another must not disclose.
pub(crate) struct Tables<S: Stage> {
    pub(crate) plan: Plan,
    pub(crate) tables: Vec<Table<S>>,
    pub(crate) context: S::Context,
    pub(crate) provenance: Provenance,
}

/// Where tables came from: for the manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Provenance {
    pub(crate) key_check: String,
    pub(crate) inputs: Vec<Input>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) source: String,
    pub(crate) content: Option<String>,
    pub(crate) maker: String,
    pub(crate) rows: u64,
    pub(crate) rows_read: u64,
    pub(crate) rows_filtered: u64,
    /// Rows under a replaced number; `None` if the plan has no history.
    pub(crate) retired: Option<u64>,
    pub(crate) quarantine: Vec<(String, u64)>,
    pub(crate) columns: Vec<(String, ValueCounts)>,
    /// Files whose last line has no line end.
    pub(crate) unended: u64,
}

/// One table at one stage.
pub(crate) struct Table<S: Stage> {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) dimensions: Vec<Dimension>,
    /// Which cells it has.
    pub(crate) listing: Listing,
    pub(crate) match_rates: Vec<MatchRate>,
    /// One for each grouping that is published, and for each that is published in part
    /// or not at all, where the table counts with conditions; the finest first.
    pub(crate) blocks: Vec<Block<S>>,
    /// What the cells' contributions are of.
    pub(crate) contributions: Vec<Contribution>,
}

/// The cells of one grouping of the dimensions.
pub(crate) struct Block<S: Stage> {
    pub(crate) grouping: Grouping,
    /// Which measures of the table it publishes, by place.
    pub(crate) measures: Box<[usize]>,
    /// The hidden dimension, by place, that its measures count by; only cells where the
    /// condition holds are published.
    pub(crate) counted: Option<usize>,
    /// By place, ascending.
    pub(crate) cells: Vec<(Place, S::Cell)>,
}

impl<S: Stage> Table<S> {
    /// All cells, each with its grouping.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&Grouping, &Place, &S::Cell)> + Clone {
        let blocks = self.blocks.iter();
        blocks.flat_map(|block| {
            let cells = block.cells.iter();
            cells.map(|(place, cell)| (&block.grouping, place, cell))
        })
    }
}

/// A dimension of a table, with the categories that it publishes and no others.
#[derive(Debug, Clone)]
pub(crate) struct Dimension {
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
    /// Whether it is the condition of a count, which no row or column of a release is by.
    pub(crate) hidden: bool,
    /// Of a category.
    pub(crate) labels: Labels,
    /// From finer to coarser.
    pub(crate) levels: Vec<LevelLabels>,
    /// Of numbers and days: those that are listed, ascending.
    pub(crate) ordinals: Box<[i64]>,
    /// Whether missing values are listed.
    pub(crate) lacks: bool,
    /// For the dimension and then each level, what it says that a category is
    /// listed, in the order of the categories.
    pub(crate) listed: Vec<Box<[Listed]>>,
}

impl Dimension {
    /// Of the plan's `planned`, with the names that the extracts have.
    fn raw(planned: &plan::table::DimensionPlan, labels: Labels) -> Self {
        Self {
            name: planned.name.clone(),
            kind: planned.kind,
            hidden: planned.is_hidden(),
            levels: LevelLabels::all(&planned.levels, &labels, &planned.names.rare),
            labels,
            ordinals: Box::default(),
            lacks: false,
            listed: Vec::new(),
        }
    }

    pub(crate) fn data_type(&self) -> DataType {
        crate::column::stored::data_type(self.kind)
    }
}

/// For which methods tables are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Methods {
    /// Those of the plan.
    Own,
    /// Any: nobody knows yet which.
    Any,
}

/// How well a look-up linked.
///
/// # Disclosure
///
/// Exact counts; a release rounds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MatchRate {
    pub(crate) source: String,
    /// Base rows with a match.
    pub(crate) matched: u64,
    /// Base rows without.
    pub(crate) unmatched: u64,
    /// Of those with a match, those that have it through the history only;
    /// `None` if the plan has no history.
    pub(crate) through_history: Option<u64>,
    /// The same by group, for each dimension that the plan names.
    pub(crate) by: Vec<Vec<GroupRate>>,
}

/// How well a look-up linked in one group of base rows.
///
/// # Disclosure
///
/// Exact counts; a release rounds them, and hides small groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupRate {
    /// `None` where base rows lack a value.
    pub(crate) label: Option<String>,
    /// Persons who have a base row in the group.
    pub(crate) persons: u64,
    pub(crate) matched: u64,
    pub(crate) unmatched: u64,
}

impl<S: Stage> std::fmt::Debug for Tables<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.tables.iter().map(|table| table.name.as_str());
        write!(f, "Tables({}, ..)", names.collect::<Vec<_>>().join(", "))
    }
}

/// The tables of a plan, for `methods`, and which of them are about the same rows.
/// `share` gives the cells of a table that all persons are in, where categories that
/// fewer persons have than its argument says may become one; record keys are folded where they
/// are given.
fn assemble(
    plan: &Plan,
    methods: Methods,
    keys: Option<&RecordKeys>,
    mut share: impl FnMut(&TablePlan, u64) -> Result<Partial>,
) -> Result<(Vec<Table<Confidential>>, Vec<Population>)> {
    let has_history = plan.history().is_some();
    let tables = plan.tables().iter().map(|table| {
        let shape = FoldShape::new(table, table.protect.largest(), keys);
        let partial = share(table, table.protect.min_persons)?;
        let table = shape.publish(partial, None, has_history);
        table.map_err(|error| error.in_table(&shape.plan.name))
    });
    let tables = tables.collect::<Result<Vec<_>>>()?;
    let (tables, namings): (Vec<_>, Vec<_>) = tables.into_iter().unzip();
    let populations = Class::all(plan, methods).into_iter().map(|class| {
        let joint = class.joint.as_ref();
        let joint = joint.map(|joint| share(joint, class.enough)).transpose()?;
        class.population(plan, &tables, &namings, joint, keys)
    });
    let populations = populations.collect::<Result<_>>()?;
    Ok((tables, populations))
}

impl Linkage {
    /// The cells of a table that all persons are in, or those of a part.
    fn share(
        &self,
        table: &TablePlan,
        keys: Option<&RecordKeys>,
        enough: u64,
        part: Option<Part>,
    ) -> Result<Partial> {
        let depth = table.protect.largest();
        tabulate::tabulate(self, table, depth, keys, enough, part)
            .map_err(|error| error.in_table(&table.name))
    }

    /// One table, with record keys folded where they are given.
    #[cfg(feature = "bench")]
    pub(crate) fn tabulate_one(
        &self,
        table: &TablePlan,
        keys: Option<&RecordKeys>,
    ) -> Result<Table<Confidential>> {
        self.tabulate_deep(table, table.protect.largest(), keys)
    }

    /// One table without what rules look at: no largest contributors.
    #[cfg(feature = "bench")]
    pub(crate) fn tabulate_plainly(&self, table: &TablePlan) -> Result<Table<Confidential>> {
        self.tabulate_deep(table, 0, None)
    }

    #[cfg(feature = "bench")]
    fn tabulate_deep(
        &self,
        table: &TablePlan,
        depth: usize,
        keys: Option<&RecordKeys>,
    ) -> Result<Table<Confidential>> {
        let enough = table.protect.min_persons;
        let partial = tabulate::tabulate(self, table, depth, keys, enough, None);
        let shape = FoldShape::new(table, depth, keys);
        let table = partial.and_then(|partial| shape.publish(partial, None, false));
        Ok(table.map_err(|error| error.in_table(&shape.plan.name))?.0)
    }

    /// Links, and folds the linked rows straight into the cells of all the plan's
    /// tables; and which of them are about the same rows.
    pub(crate) fn tables(
        &self,
        keys: Option<&RecordKeys>,
        methods: Methods,
    ) -> Result<(Vec<Table<Confidential>>, Vec<Population>)> {
        let share = |table: &TablePlan, enough| self.share(table, keys, enough, None);
        assemble(&self.plan, methods, keys, share)
    }

    /// Where the tables come from.
    pub(crate) fn provenance(&self, methods: Methods) -> Provenance {
        // Noise is drawn anew where anything changed; digests show whether it did.
        let mut plans = self.plan.tables().iter();
        let gets_noise = plans.any(|plan| matches!(plan.method, MethodPlan::Noise(_)));
        if gets_noise || methods == Methods::Any {
            self.extracts.iter().for_each(|extract| {
                extract.content();
            });
        }
        let inputs = self.extracts.iter().enumerate().map(|(place, extract)| {
            let header = extract.header();
            Input {
                source: header.source.clone(),
                content: extract.known_content().map(|content| content.to_string()),
                maker: header.maker.clone(),
                rows: header.rows,
                rows_read: header.rows_read,
                rows_filtered: header.rows_filtered(),
                retired: self.retired(place),
                quarantine: header.quarantine.clone().into_iter().collect(),
                columns: header.columns.clone().into_iter().collect(),
                unended: header.unended,
            }
        });
        Provenance {
            key_check: self.key_check().to_string(),
            inputs: inputs.collect(),
        }
    }
}
