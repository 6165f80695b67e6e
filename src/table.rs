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
pub(crate) mod population;
mod tabulate;
mod yes_or_no;
mod zeros;

use arrow_schema::DataType;

use crate::column::{Labels, ValueCounts};
use crate::error::Result;
use crate::key::{KeyCheck, RecordKeys, ReleaseKey};
use crate::link::Linkage;
use crate::plan::table::{Grouping, Method, TablePlan};
use crate::plan::{ColumnType, Plan};
pub(crate) use cell::Accumulator;
use cell::Contribution;
pub(crate) use cells::Place;
use margins::LevelLabels;
pub(crate) use names::Listed;
use names::Naming;
pub(crate) use population::Population;
pub use zeros::Listing;

/// What a stage makes of a measure in a cell.
pub trait Stage: sealed::Stage {}

pub(crate) mod sealed {
    /// Stages are this crate's alone: nobody else can call a table protected.
    pub trait Stage {
        /// What a cell holds at this stage.
        type Cell;
        /// What is known beside the cells of all tables.
        type Beside;
    }
}

/// Before protection: exact figures, which never leave the process.
#[derive(Debug)]
pub enum Confidential {}

impl sealed::Stage for Confidential {
    type Cell = Accumulator;
    type Beside = Behind;
}

impl Stage for Confidential {}

/// What confidential tables are made of, and will be protected by.
pub struct Behind {
    /// Which tables are about the same rows.
    pub(crate) populations: Vec<Population>,
    /// For tables whose protection needs record keys that are not folded yet:
    /// they are folded again, once the release key is there.
    pub(crate) linkage: Linkage,
    /// Of the release key whose record keys are folded, if any are.
    pub(crate) keyed: Option<KeyCheck>,
}

/// All tables of a plan at one stage.
///
/// They stay together because they are protected together: what one table
/// suppresses, another must not give away.
///
/// # Disclosure
///
/// [`Confidential`] tables cannot be written, printed or read:
///
/// ```compile_fail,E0599
/// use kobling::{Release, table::{Confidential, Tables}};
/// fn leak(tables: Tables<Confidential>) -> kobling::Result<Release> { tables.release() }
/// ```
/// ```compile_fail,E0599
/// use kobling::table::{Confidential, Tables};
/// fn look(tables: &Tables<Confidential>) { for cell in tables.tables()[0].cells() {} }
/// ```
pub struct Tables<S: Stage> {
    pub(crate) plan: Plan,
    pub(crate) tables: Vec<Table<S>>,
    pub(crate) beside: S::Beside,
    pub(crate) provenance: Provenance,
}

/// Where tables came from: for the manifest.
#[derive(Debug, Clone)]
pub(crate) struct Provenance {
    pub(crate) key_check: String,
    pub(crate) inputs: Vec<Input>,
}

#[derive(Debug, Clone)]
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
pub struct Table<S: Stage> {
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

impl<S: Stage> Tables<S> {
    /// The plan that they were made under.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How many tables there are.
    pub fn len(&self) -> usize {
        self.tables.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

impl<S: Stage> std::fmt::Debug for Tables<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.tables.iter().map(|table| table.name.as_str());
        write!(f, "Tables({}, ..)", names.collect::<Vec<_>>().join(", "))
    }
}

impl Linkage {
    /// One table, with record keys folded where they are given.
    #[cfg(feature = "bench")]
    pub(crate) fn tabulate_one(
        &self,
        table: &TablePlan,
        keys: Option<&RecordKeys>,
    ) -> Result<Table<Confidential>> {
        Ok(self.tabulate_named(table, keys, None)?.0)
    }

    /// One table, and what becomes of the names in it: as `given`, or else as
    /// its own rows and rules ask.
    fn tabulate_named(
        &self,
        table: &TablePlan,
        keys: Option<&RecordKeys>,
        given: Option<Vec<Naming>>,
    ) -> Result<(Table<Confidential>, Vec<Naming>)> {
        let depth = table.protect.largest();
        tabulate::tabulate(self, table, depth, keys, given)
            .map_err(|error| error.in_table(&table.name))
    }

    /// One table without what rules look at: no largest contributors.
    #[cfg(feature = "bench")]
    pub(crate) fn tabulate_plainly(&self, table: &TablePlan) -> Result<Table<Confidential>> {
        let tabulated = tabulate::tabulate(self, table, 0, None, None);
        Ok(tabulated.map_err(|error| error.in_table(&table.name))?.0)
    }

    /// All the plan's tables, and which of them are about the same rows.
    pub(crate) fn tables(
        &self,
        keys: Option<&RecordKeys>,
        methods: Methods,
    ) -> Result<(Vec<Table<Confidential>>, Vec<Population>)> {
        let tables = self.plan.tables().iter();
        let tables = tables.map(|table| self.tabulate_named(table, keys, None));
        let tables = tables.collect::<Result<Vec<_>>>()?;
        let (tables, namings): (Vec<_>, Vec<_>) = tables.into_iter().unzip();
        let populations = self.populations(&tables, &namings, keys, methods)?;
        Ok((tables, populations))
    }

    /// Links, and folds the linked rows straight into the cells of all the
    /// plan's tables.
    ///
    /// Categories that the plan does not declare and fewer than `min_persons`
    /// persons have become one, which the plan names.
    ///
    /// The result is the same for any number of threads and any order of
    /// extracts, bit for bit. Columns of a table are made for the rows that
    /// count in it: a value of any other row is refused by no step.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a figure is too
    /// large to be held exactly, or a table has more cells than its method can
    /// list; [`ErrorKind::Protection`](crate::ErrorKind::Protection) if more than
    /// half of a table's persons are in cells of fewer than `min_persons`: then
    /// it is a list of persons; or if a sum or mean is of a column whose values are
    /// 0 and 1 only.
    pub fn tabulate(self) -> Result<Tables<Confidential>> {
        self.tabulate_keyed(None)
    }

    /// As [`tabulate`](Self::tabulate), with record keys folded if `key` is given.
    pub(crate) fn tabulate_keyed(self, key: Option<&ReleaseKey>) -> Result<Tables<Confidential>> {
        let keys = key.map(ReleaseKey::record_keys);
        let (tables, populations) = self.tables(keys.as_ref(), Methods::Own)?;
        Ok(Tables {
            tables,
            provenance: self.provenance(Methods::Own),
            plan: self.plan.clone(),
            beside: Behind {
                populations,
                linkage: self,
                keyed: key.map(ReleaseKey::check),
            },
        })
    }

    /// Where the tables come from.
    pub(crate) fn provenance(&self, methods: Methods) -> Provenance {
        // Noise is drawn anew where anything changed; what did, digests tell.
        let mut plans = self.plan.tables().iter();
        let gets_noise = plans.any(|plan| matches!(plan.method, Method::Noise(_)));
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
