//! One entry of the ledger: a release's cells, in a form that later releases can be matched with.
//!
//! What a plan calls a table, a dimension or a category does not say whether
//! two cells of different releases are about the same persons: plans change,
//! and so do extracts. So each cell is known by a [`Fingerprint`] of its rows,
//! and names are kept for people to read.
//!
//! In JSON, numbers that a reader with 53 bits would round are written as text.

mod sketch;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::plan::document::CountInterval;
pub use crate::plan::table::Origin;
pub use sketch::{PowerOfTwo, Sketch};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// Counted from 1.
    pub number: u64,
    /// SHA-256 of the line before, its newline included, in hexadecimal; zeros
    /// before the first.
    pub before: String,
    /// The project; a rehearsal's is distinguished from the real one's.
    pub project: String,
    /// What was released.
    pub release: ReleaseEntry,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReleaseEntry {
    /// When, in universal time.
    pub made_at: String,
    /// The plan's digest.
    pub plan_digest: String,
    /// The epoch of the pseudonyms.
    pub epoch: u32,
    /// The content digest of each source's extract, if it is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extracts: BTreeMap<String, String>,
    /// What its noise spent: ρ of zero-concentrated differential privacy, in
    /// billionths; 0 if it has none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rho_billionths: u64,
    /// Its tables; where several are about the same rows, first the one by the dimensions
    /// of all of them.
    pub tables: Vec<TableEntry>,
}

/// One table of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TableEntry {
    /// Its name; of the table by the dimensions of several, of which nothing is
    /// published, all their names.
    pub name: String,
    /// The source of its base.
    pub base: String,
    /// The rows that the table is about.
    pub population: Fingerprint,
    /// Whether nobody had several rows, so that persons add up.
    pub one_row_each: bool,
    /// The method of protection, as plans name it.
    pub method: String,
    /// What was promised of numbers of persons.
    pub promise: PromiseEntry,
    /// Its dimensions.
    pub dimensions: Vec<DimensionEntry>,
    /// What its measures are about.
    pub quantities: Vec<QuantityEntry>,
    /// Its cells.
    pub cells: Vec<CellEntry>,
}

impl TableEntry {
    /// What the table's cells break of its form, if anything.
    pub(super) fn broken_rule(&self) -> Option<&'static str> {
        let figures = |cell: &CellEntry| {
            let each = [
                cell.figures.len(),
                cell.fingerprints.len(),
                cell.contributions.len(),
                cell.singletons.len(),
                cell.signs.len(),
                cell.unsafe_sums.len(),
            ];
            each == [self.quantities.len(); 6]
        };
        if !self.cells.iter().all(figures) {
            return Some("a cell has not one figure for each quantity");
        }
        let jointly = self
            .dimensions
            .iter()
            .flat_map(|dimension| &dimension.jointly);
        let mut held = jointly.map(|category| category.fingerprints.len());
        if held.any(|quantities| quantities != self.quantities.len()) {
            return Some("a category does not hold each quantity");
        }
        let published = |figure: &Figure| matches!(figure, Figure::Published(_));
        let sketched = |cell: &CellEntry| {
            let mut contributions = cell.contributions.iter().zip(&cell.figures);
            cell.sketch.is_some() == cell.persons.is_some()
                && cell.persons.is_some() == cell.figures.iter().any(published)
                && contributions.all(|(entry, figure)| entry.is_none() || published(figure))
        };
        if !self.cells.iter().all(sketched) {
            return Some("a cell describes its persons and has no exact figure, or the reverse");
        }
        let is_valid = |(at, dimension): (&Coordinate, &DimensionEntry)| match at {
            Coordinate::Level(level, _) => *level < dimension.levels.len(),
            Coordinate::Own(_) | Coordinate::Total => true,
        };
        let placed = |cell: &CellEntry| {
            cell.at.len() == self.dimensions.len()
                && cell.at.iter().zip(&self.dimensions).all(is_valid)
        };
        if !self.cells.iter().all(placed) {
            return Some("a cell has not one place in each dimension");
        }
        let named = |dimension: &DimensionEntry| {
            let mut names = dimension.names.iter();
            names.all(|name| is_valid((&name.at, dimension)))
        };
        match self.dimensions.iter().all(named) {
            true => None,
            false => Some("a category is of a level that its dimension has not"),
        }
    }
}

/// What a release promised of the unsafe numbers of persons of a table: later releases keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PromiseEntry {
    /// The threshold: persons.
    pub min_persons: u64,
    /// How many values stay possible.
    pub count_interval: CountInterval,
}

/// One dimension of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DimensionEntry {
    /// Its column.
    pub name: String,
    /// Whether it is the condition of a count: then it separates the rows that are
    /// counted from the others, and nothing else is published by it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// What it is made from.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub origins: BTreeSet<Origin>,
    /// Its coarser levels, if it has any.
    pub levels: Vec<LevelEntry>,
    /// The category in which nobody has a value of something, by the plan: who is not found in
    /// a look-up, or has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacking: Option<LackingEntry>,
    /// The categories of which the listing itself says that somebody has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NameEntry>,
    /// Of the condition of a count, in a release that has other tables of the same rows: the
    /// categories in the table by all their dimensions. Where a person has several rows, the
    /// condition separates other rows there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jointly: Vec<CategoryEntry>,
}

/// A category in which nobody has a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LackingEntry {
    /// Which category.
    pub name: Option<String>,
    /// Of what: of the column, or, without one, of any column of the source.
    pub of: Origin,
}

/// What a category of a dimension holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CategoryEntry {
    /// Which category.
    pub name: Option<String>,
    /// Its rows.
    pub rows: Fingerprint,
    /// For each quantity of the table the rows and their values.
    pub fingerprints: Vec<Fingerprint>,
}

/// What everybody knows of a category since it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NameEntry {
    /// Which category: of the dimension, or of one of its levels.
    pub at: Coordinate,
    /// So many persons have it at least.
    pub persons: u64,
}

/// One coarser level of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LevelEntry {
    /// Its name.
    pub name: String,
    /// For each own category that a cell has, the category at this level.
    pub of: BTreeMap<String, String>,
}

/// What one or several measures of a table are about: persons, or the values of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct QuantityEntry {
    /// The measures that publish it.
    pub measures: Vec<String>,
    /// The rows and their values.
    pub fingerprint: Fingerprint,
    /// What a person must have a value of to contribute to a sum; not said by releases of
    /// before, nor of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Origin>,
    /// Whether it is numbers of rows, where a person may have several: there are no more
    /// persons. Not said by releases of before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_rows: bool,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CellEntry {
    /// Where it is in each dimension.
    pub at: Vec<Coordinate>,
    /// Its rows.
    pub rows: Fingerprint,
    /// Persons in it; only if one of its figures is published exactly. It need
    /// not be this number that is.
    pub persons: Option<u64>,
    /// Persons in it.
    pub padded: Padded,
    /// Who they are, so that later cells can be compared with it; where their
    /// number is.
    pub sketch: Option<Sketch>,
    /// For each quantity the rows and their values.
    pub fingerprints: Vec<Fingerprint>,
    /// For each quantity its only contributor in the cell (its singleton), if there is one: the
    /// same person, the same number, which says nothing else about the person.
    #[serde(rename = "alone")]
    pub singletons: Vec<Option<Fingerprint>>,
    /// For each quantity what was published.
    pub figures: Vec<Figure>,
    /// For each quantity which signs contributions have.
    pub signs: Vec<Signs>,
    /// For each quantity who contributes what, if it is a sum that is published exactly.
    pub contributions: Vec<Option<ContributionEntry>>,
    /// For each quantity what is to stay uncertain, if it is a sum that a rule of its own
    /// suppressed.
    pub unsafe_sums: Vec<Option<UnsafeSum>>,
}

/// A sum that must stay uncertain in later releases too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct UnsafeSum {
    /// The sum, in whole units of its scale.
    pub value: Padded,
    /// Its protection level, in the same units: as far above the sum the feasibility
    /// interval must reach.
    pub level: Padded,
}

/// What later sums are compared with: how many persons contribute something
/// else, and how much it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ContributionEntry {
    /// Who contributes what.
    pub sketch: Sketch,
    /// The power of two at or above the absolute value of every contribution;
    /// none where that is not known.
    pub largest: Option<PowerOfTwo>,
}

/// Which signs contributions have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signs {
    /// None is less than zero.
    #[default]
    NonNegative,
    /// None is greater than zero, and one is less.
    NonPositive,
    /// One is greater than zero, and one is less.
    Mixed,
}

impl Signs {
    /// Of contributions of which one is less than zero, or greater.
    pub fn of(negative: bool, positive: bool) -> Self {
        match (negative, positive) {
            (false, _) => Self::NonNegative,
            (true, false) => Self::NonPositive,
            (true, true) => Self::Mixed,
        }
    }
}

/// Where a cell is in a dimension. A category that is missing is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Coordinate {
    /// In one of the dimension's own categories.
    Own(Option<String>),
    /// In a category of a coarser level, by the level's place, counted from 0.
    Level(usize, Option<String>),
    /// In the margin over all.
    Total,
}

impl Coordinate {
    /// 0 for the dimension's own categories, then its levels; none where it is summed over.
    pub(crate) fn grain(&self) -> Option<usize> {
        match self {
            Self::Own(_) => Some(0),
            Self::Level(level, _) => Some(level + 1),
            Self::Total => None,
        }
    }
}

/// What became of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Figure {
    /// It is exact, in whole units of its scale: a number, or a sum, which
    /// represents a mean of the same column too.
    Published(#[serde(with = "decimal")] i128),
    /// It is suppressed by a rule of its own.
    Primary,
    /// It is suppressed so that others cannot be computed.
    Complementary,
    /// What was published is not exact.
    Perturbed,
}

/// Shows whether two cells, or two tables, are about the same rows; or
/// whether the same person is the only contributor to two cells.
///
/// Written as 16 lower-case hexadecimal digits.
///
/// # Disclosure
///
/// Equal ones show that the rows, or the persons, are the same, also those of
/// suppressed cells; so it goes no further than the ledger does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint(pub u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A number under a pad that only the release key gives, added to it modulo 2¹²⁸.
///
/// With it the linkage unit can show that later releases leave uncertain what is
/// suppressed; whoever reads the ledger without that key learns nothing. Written as 32
/// lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Padded(pub u128);

impl fmt::Debug for Padded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Padded({:032x})", self.0)
    }
}

impl From<Padded> for String {
    fn from(padded: Padded) -> Self {
        format!("{:032x}", padded.0)
    }
}

impl TryFrom<String> for Padded {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16)
            .map(Self)
            .ok()
            .filter(|read| String::from(*read) == text)
            .ok_or("a padded number is 32 lower-case hexadecimal digits")
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16)
            .map(Self)
            .ok()
            // One way to write it: neither a sign, nor capitals, nor fewer digits.
            .filter(|read| read.to_string() == text)
            .ok_or("a fingerprint is 16 lower-case hexadecimal digits")
    }
}

/// Whole numbers as decimal text, each in one way.
mod decimal {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &i128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i128, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .ok()
            .filter(|number: &i128| number.to_string() == text)
            .ok_or_else(|| D::Error::custom("not a whole number in decimal digits"))
    }
}

fn is_false(is: &bool) -> bool {
    !is
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
