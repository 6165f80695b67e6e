//! A table as the plan's checks leave it: names resolved, types known.

use super::Date;
pub(crate) use super::document::CountInterval;
use super::document::{Need, Reducer};
use super::recipe::{ColumnType, Map, Recipe};
use super::scalar::{Number, Percent, Scalar};

mod counted;
pub(in crate::plan) mod method;
pub(crate) mod names;
mod origin;
mod preferred;
pub(crate) mod same_rows;

pub(crate) use counted::{Counted, Share, Unit, with_hidden};
pub(crate) use method::{MethodPlan, NoiseSettings, Round};
pub(crate) use names::Names;
pub use origin::Origin;
pub(crate) use preferred::Preferred;

/// One table of the plan.
#[derive(Debug, Clone)]
pub(crate) struct TablePlan {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    /// What is linked: the base first, then the look-ups by name.
    pub(crate) slots: Vec<Slot>,
    pub(crate) derived: Vec<Derived>,
    pub(crate) conditions: Vec<(Operand, Condition)>,
    pub(crate) by: Vec<DimensionPlan>,
    /// Which groupings of the dimensions are published; the first is by all of them.
    pub(crate) groupings: Vec<Grouping>,
    /// Categories of the base that match rates are reported by.
    pub(crate) match_by: Vec<MatchDimension>,
    pub(crate) measures: Vec<Measure>,
    /// The conditions that measures count by; each is a hidden dimension, the last ones.
    pub(crate) counted: Vec<Counted>,
    /// What is made of published measures.
    pub(crate) shares: Vec<Share>,
    /// Whether a person has at most one row of the base; then a number of rows
    /// is one of persons, and persons add up.
    pub(crate) one_row_a_person: bool,
    pub(crate) protect: Rules,
    /// What is suppressed only where others cannot be.
    pub(crate) prefer: Preferred,
    pub(crate) method: MethodPlan,
    /// What is protected against group disclosure.
    pub(crate) sensitive: Vec<Sensitive>,
}

/// A dimension of which nobody may learn that all of a group are in one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sensitive {
    /// Its place among the table's dimensions.
    pub(crate) dimension: usize,
    /// Nor that nobody of a group is in a category.
    pub(crate) none: bool,
}

/// A source in its part as base or look-up.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    /// Index among the plan's sources.
    pub(crate) source: usize,
    /// Its name in the plan.
    pub(crate) name: String,
    pub(crate) need: Need,
    /// Pairs of column indices (of the base's source, of this source) that must be equal.
    pub(crate) on: Vec<(usize, usize)>,
    /// Conditions on columns of the source, by index.
    pub(crate) conditions: Vec<(usize, Condition)>,
    pub(crate) reduce: Option<Reduce>,
    /// What the rest of the table sees of it.
    pub(crate) columns: Vec<(String, ColumnType)>,
}

/// How a person's rows are folded to one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reduce {
    /// One a column of the slot, in the same order.
    pub(crate) reductions: Vec<Reduction>,
    /// A column of the source, by index.
    pub(crate) order_by: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reduction {
    /// A column of the source, by index; `None` counts rows.
    pub(crate) column: Option<usize>,
    pub(crate) by: Reducer,
}

/// A column of a slot, a derived column, or whether the conditions of a count hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operand {
    Slot {
        slot: usize,
        column: usize,
    },
    Derived(usize),
    /// By the place among [`TablePlan::counted`].
    Counted(usize),
}

/// A column made from linked and reduced ones.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    pub(crate) name: String,
    pub(crate) from: DerivedFrom,
    pub(crate) recipe: Recipe,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum DerivedFrom {
    Column {
        slot: usize,
        column: usize,
    },
    /// Whether the slot had a row for the person.
    Matched {
        slot: usize,
    },
}

/// A dimension of the table.
#[derive(Debug, Clone)]
pub(crate) struct DimensionPlan {
    pub(crate) name: String,
    pub(crate) operand: Operand,
    pub(crate) kind: ColumnType,
    pub(crate) names: Names,
    /// From finer to coarser.
    pub(crate) levels: Vec<Level>,
}

impl DimensionPlan {
    /// Whether it separates who satisfies the conditions of a count from who does
    /// not. No row or column of a release is by it.
    pub(crate) fn is_hidden(&self) -> bool {
        matches!(self.operand, Operand::Counted(_))
    }
}

/// A coarser level of a dimension.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    pub(crate) name: String,
    pub(crate) coarser: Coarser,
    pub(crate) names: Names,
}

/// How a level's category is made of the category one level below. Of that and
/// of nothing else, so that levels nest by construction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Coarser {
    /// Its first characters.
    Prefix(usize),
    Map(Map),
}

/// How finely a grouping divides a dimension's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Grain {
    /// Each by itself.
    Own,
    /// By one of the dimension's levels.
    Level(usize),
    /// Not at all.
    Total,
}

/// What the level of a total is called, in plans and releases.
pub(crate) const TOTAL: &str = "total";

/// A grain for each dimension.
pub(crate) type Grouping = Box<[Grain]>;

/// A dimension that match rates are reported by.
#[derive(Debug, Clone)]
pub(crate) struct MatchDimension {
    /// As the plan writes it, such as `population.county`.
    pub(crate) name: String,
    /// A column of the base's slot, by index: a category.
    pub(crate) column: usize,
    /// In percentage points.
    pub(crate) margin: Percent,
}

impl MatchDimension {
    pub(crate) fn operand(&self) -> Operand {
        Operand::Slot {
            slot: 0,
            column: self.column,
        }
    }
}

/// What is counted or summed in each cell.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
    pub(crate) name: String,
    pub(crate) what: Statistic,
    /// Of a count with conditions: those, by their place among the table's.
    pub(crate) counted: Option<usize>,
    /// Of a sum or mean: the column, as the plan writes it.
    pub(crate) column: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    Persons,
    Rows,
    Sum { operand: Operand, kind: ColumnType },
    Mean { operand: Operand, kind: ColumnType },
}

impl Statistic {
    /// Whether it is a number of persons or rows.
    pub(crate) fn is_count(self) -> bool {
        matches!(self, Self::Persons | Self::Rows)
    }

    /// What it adds up, which every measure does that is no count: a column's values.
    pub(crate) fn values(self) -> Option<(Operand, ColumnType)> {
        match self {
            Self::Persons | Self::Rows => None,
            Self::Sum { operand, kind } | Self::Mean { operand, kind } => Some((operand, kind)),
        }
    }

    /// Whether it is over a number of rows, so that with its sum it discloses that number.
    pub(crate) fn is_mean(self) -> bool {
        matches!(self, Self::Mean { .. })
    }

    /// The same of the values of `operand`, if it adds up any.
    pub(crate) fn of(self, operand: Operand) -> Self {
        match self {
            Self::Persons | Self::Rows => self,
            Self::Sum { kind, .. } => Self::Sum { operand, kind },
            Self::Mean { kind, .. } => Self::Mean { operand, kind },
        }
    }

    /// Decimals of its figures; 0 of counts.
    pub(crate) fn scale(self) -> u8 {
        let (_, kind) = self.values().unzip();
        kind.and_then(ColumnType::scale).unwrap_or(0)
    }
}

/// The disclosure control rules of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) min_persons: u64,
    pub(crate) count_interval: CountInterval,
    pub(crate) dominance: Option<(usize, Percent)>,
    pub(crate) p_percent: Option<Percent>,
    /// p and q of the (p,q) rule.
    pub(crate) prior_posterior: Option<(Percent, Percent)>,
}

impl Rules {
    /// How many of a cell's largest contributors they look at. That is two at
    /// least: how wide a feasibility interval must stay depends on those.
    pub(crate) fn largest(&self) -> usize {
        self.dominance.map_or(2, |(n, _)| n.max(2))
    }
}

/// A checked condition on one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    /// As the plan names it, for errors.
    pub(crate) column: String,
    pub(crate) test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    OneOf(Vec<Scalar>),
    Numbers(Range<Number>),
    Dates(Range<Date>),
    Present(bool),
}

/// Bounds, each with whether it is included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range<T> {
    pub(crate) low: Option<(T, bool)>,
    pub(crate) high: Option<(T, bool)>,
}

impl<T: PartialOrd> Range<T> {
    pub(crate) fn contains(&self, value: &T) -> bool {
        let above = self
            .low
            .as_ref()
            .is_none_or(|(low, included)| value > low || (*included && value == low));
        let below = self
            .high
            .as_ref()
            .is_none_or(|(high, included)| value < high || (*included && value == high));
        above && below
    }
}
