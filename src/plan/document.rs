//! The plan as it is written: one struct per section, nothing checked yet but its form.
//!
//! A [`PlanDocument`] is what a person types and signs. It is read with serde,
//! so it can be built from TOML, from JSON or in code; unknown fields are
//! refused, since a misspelt rule that is silently ignored protects nobody.
//! Only [`PlanDocument::check`] turns it into a [`Plan`](super::Plan).

mod bands;
mod categories;
mod format;
mod history;
mod in_code;
mod margins;

use std::collections::BTreeMap;

pub use bands::{BandsDocument, Closed};
pub use categories::{CategoriesDocument, CodeListDocument, OTHER};
pub use format::{DecimalSign, Encoding, FormatDocument, LastLine, ThousandsSign};
pub use history::{Role, ValidFromDocument};
pub use margins::{LevelDocument, MarginsDocument};
use serde::{Deserialize, Serialize};

mod measure;
mod protect;
mod rules;
mod sensitive;

pub use measure::{CountDocument, MeasureDocument};

pub use protect::{
    Distribution, Method, NoiseDocument, ProtectDocument, RoundDocument, RoundingMode,
};

pub use rules::{CountInterval, DominanceDocument, PriorPosteriorDocument, PublishDocument};

pub use sensitive::SensitiveDocument;

use super::scalar::{Number, Percent, Scalar};
use super::{Control, Date, FnrKinds, HnrControl, Synthetic};

/// A linkage plan as written: who may link what, for which purpose, into which tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PlanDocument {
    /// The version of the plan language: 1.
    pub version: u32,
    /// The project: its purpose, its parties, its dates.
    pub project: ProjectDocument,
    /// The registers, by name.
    #[serde(rename = "source", default)]
    pub sources: BTreeMap<String, SourceDocument>,
    /// The tables that come out, by name.
    #[serde(rename = "table", default)]
    pub tables: BTreeMap<String, TableDocument>,
}

/// What the linkage is for, who answers for it, and when it may run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ProjectDocument {
    /// Names the pseudonymisation domain, together with `epoch`.
    pub id: String,
    /// Counts renewals of the domain's key, from 1.
    pub epoch: u32,
    /// A title for people.
    pub title: String,
    /// The purpose that the legal bases allow (GDPR art. 5(1)(b)).
    pub purpose: String,
    /// A term of the W3C Data Privacy Vocabulary, such as `dpv:ResearchAndDevelopment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_code: Option<String>,
    /// The controller (GDPR art. 4(7)).
    pub controller: String,
    /// The trusted third party that links.
    pub linkage_unit: String,
    /// Who receives the release.
    pub recipient: String,
    /// Nothing runs outside these dates, both included.
    pub valid: ValidDocument,
    /// The day as of which identifiers are read; the first valid day unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_date: Option<Date>,
    /// What all releases of the project may disclose about a person, where tables have
    /// `method = "noise"`: ρ of zero-concentrated differential privacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_budget: Option<Number>,
    /// Who approved the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<ApprovalDocument>,
}

impl ProjectDocument {
    /// The day as of which identifiers are read.
    pub fn reference_date(&self) -> Date {
        self.reference_date.unwrap_or(self.valid.from)
    }

    /// The last day on which somebody in a register may be born: the reference
    /// date if the plan gives one. Where it does not, registers may be read until
    /// the last valid day, and hold who was born by then.
    pub fn latest_birth(&self) -> Date {
        self.reference_date.unwrap_or(self.valid.until)
    }
}

/// The first and the last day on which the plan may run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ValidDocument {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ApprovalDocument {
    /// In which role: `legal`, `data`, …
    pub by: String,
    /// Who.
    pub name: String,
    /// When.
    pub on: Date,
}

/// One register: whose it is, on what legal basis it is used, what leaves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SourceDocument {
    /// What it is in the linkage: a `register`, unless it is said, or a `history`.
    #[serde(default, skip_serializing_if = "Role::is_register")]
    pub role: Role,
    /// The agency that holds the register.
    pub agency: String,
    /// The legal bases for its use in this project.
    pub legal_basis: Vec<String>,
    /// How its files are written, where they do not say it themselves.
    #[serde(default, skip_serializing_if = "FormatDocument::says_nothing")]
    pub format: FormatDocument,
    /// Which column identifies a person, or which do together, and how each is written.
    pub identifier: IdentifierDocument,
    /// Of a history: the column of the identifier that took the place of the
    /// other, of the same type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Of a history: the column of the day from which it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<ValidFromDocument>,
    /// Of a register: whether a person has at most one row, or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowsPerPerson>,
    /// Which rows leave the agency; all conditions must hold. A condition sees a
    /// register's column as `missing`, `format` and `invalid` of the columns that are
    /// made `from` it leave it: what they call missing is missing here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<ConditionDocument>,
    /// The columns that leave the agency, by their name in the extract.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnDocument>,
}

/// How many rows a person may have in a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowsPerPerson {
    /// At most one; a second one is refused.
    One,
    /// Any number.
    Many,
}

/// The column that identifies a person, and which of its values are accepted.
///
/// A Norwegian health register that also holds persons without a fødselsnummer:
///
/// ```toml
/// identifier = { column = "fnr", type = "no-fnr", kinds = ["fnr", "dnr", "hnr", "fhnr"] }
/// ```
///
/// What is not accepted stays behind, each for a reason of its own: test persons
/// as `synthetic`, a kind that is not listed as `other-kind`; and a month with 40
/// added, which an H-number shares with test numbers of NAV, as `ambiguous`
/// unless the plan says which to expect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IdentifierDocument {
    /// The column's name in the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The [identifier type](super::IdentifierType), such as `no-fnr`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Instead of `column` and `type`: the parts of a composite identifier, 2 to 8,
    /// for a register without a number. Each is required, and their order counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<PartDocument>,
    /// Of `no-fnr`: which kinds of number are accepted; `fnr` and `dnr` unless given.
    #[serde(default, skip_serializing_if = "says_nothing")]
    pub kinds: Option<FnrKinds>,
    /// Of `no-fnr`: which control digits are accepted; those `by-date` unless given.
    #[serde(default, skip_serializing_if = "says_nothing")]
    pub control: Option<Control>,
    /// Of `no-fnr` with the kind `hnr`: what control digits are computed from;
    /// the number `as-written` unless given.
    #[serde(default, skip_serializing_if = "says_nothing")]
    pub hnr_control: Option<HnrControl>,
    /// Placeholders that are written where there is no identifier, such as `UKJENT` or
    /// `99999999999`. Null and empty text always count as such.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Scalar>,
    /// Whether numbers of test persons are accepted; they are not unless given.
    #[serde(default, skip_serializing_if = "says_nothing")]
    pub synthetic: Option<Synthetic>,
    /// What becomes of a row whose identifier does not fit.
    #[serde(default)]
    pub invalid: InvalidIdentifier,
}

/// Whether nothing is given but what holds anyway: then it is not part of the
/// plan's canonical form.
fn says_nothing<T: Default + PartialEq>(given: &Option<T>) -> bool {
    given.as_ref().is_none_or(|given| *given == T::default())
}

/// One column of a composite identifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PartDocument {
    /// The column's name in the register.
    pub column: String,
    /// The [identifier type](super::IdentifierType), such as `text` or `date`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a `date`: how it is written, such as `YYYYMMDD`; `YYYY-MM-DD` unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Placeholders that are written where there is no value. Null and empty text always
    /// count as such.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Scalar>,
}

/// What becomes of a row whose identifier does not fit its type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum InvalidIdentifier {
    /// It stays behind and is counted by reason.
    #[default]
    Quarantine,
    /// The run stops.
    Fail,
}

/// What becomes of a value that cannot be read as its column's type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum InvalidValue {
    /// The run stops.
    #[default]
    Fail,
    /// It counts as missing.
    Missing,
}

/// The type of a column in an extract or a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TypeName {
    /// One of a list of labels.
    Category,
    /// A whole number.
    Integer,
    /// A number with `scale` decimals.
    Decimal,
    /// True or false.
    Boolean,
    /// A day.
    Date,
}

/// One column: where it comes from and how much of it is kept.
///
/// The steps apply in this order: `missing`, reading as the type (`format`,
/// `invalid`), `truncate`, `clip`, `bands`, `map` with `otherwise`, `prefix`,
/// `categories` with `rare`, `absent`. In a table, a category is made from a
/// category, a boolean, or numbers or years in `bands`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ColumnDocument {
    /// The register's column, which each column of a source names. In a table
    /// `source.column` of the linkage, unless it has `matched`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// In a table instead of `from`: whether this look-up had a row for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<String>,
    /// The type.
    #[serde(rename = "type")]
    pub kind: TypeName,
    /// Decimals of a `decimal`: 0–18.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    /// How a date is written in text, such as `YYYY-MM-DD` (the default) or `MM/DD/YYYY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Values that mean "missing". Null and empty text always do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Scalar>,
    /// What becomes of a value that cannot be read.
    #[serde(default)]
    pub invalid: InvalidValue,
    /// With `invalid = "missing"`: how many of the values that are there may be
    /// unreadable, in percent; where more are, no extract is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_at_most: Option<Percent>,
    /// Numbers outside these bounds are set to the bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<ClipDocument>,
    /// Keeps the year or the month of a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncate: Option<Truncate>,
    /// Turns a number into one of a few bands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands: Option<BandsDocument>,
    /// New names for categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<BTreeMap<String, String>>,
    /// With `map`: the name of everything that it does not list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Keeps the first characters of a category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<u32>,
    /// The categories that there are, one by one or in a code list: then no other
    /// is published, and one that is not among them is called `rare`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<CategoriesDocument>,
    /// What the categories are called together that no release may name: those
    /// that the plan does not declare and too few persons have; `other` unless it
    /// is given.
    #[serde(default, skip_serializing_if = "categories::is_usual")]
    pub rare: Option<String>,
    /// What a missing value is called. In a column that a table makes, a base row
    /// without a match too; in a source's column it is not, as it is no row of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
}

/// Bounds that numbers are clipped to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ClipDocument {
    /// The least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Number>,
    /// The greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Number>,
}

/// How much of a date is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Truncate {
    /// The year.
    Year,
    /// The year and the month.
    Month,
}

/// A condition on one column. A missing value satisfies only `present = false`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConditionDocument {
    /// The column.
    pub column: String,
    /// Equal to this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Scalar>,
    /// Equal to one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<Scalar>>,
    /// This or more (numbers), this or later (dates).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Scalar>,
    /// This or less (numbers), this or earlier (dates).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Scalar>,
    /// Less than this, earlier than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Scalar>,
    /// More than this, later than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Scalar>,
    /// Whether there is a value at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
}

/// One table: what it is about, what is looked up, what is counted, how it is protected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TableDocument {
    /// A title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The base: the source whose rows the table is about.
    pub from: String,
    /// What becomes of the base's rows before anything is looked up.
    #[serde(default, skip_serializing_if = "BaseDocument::is_nothing")]
    pub base: Option<BaseDocument>,
    /// The look-ups, by source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, LookupDocument>,
    /// Columns derived from linked and reduced ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnDocument>,
    /// Which linked rows count; all conditions must hold.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionDocument>,
    /// The dimensions: `source.column`, or the name of a derived column.
    pub by: Vec<String>,
    /// What nobody may learn of a whole group: see [`SensitiveDocument`]. The key is
    /// required; `sensitive = []` says that nothing is sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<Vec<SensitiveDocument>>,
    /// What is counted or summed in each cell.
    pub measures: Vec<MeasureDocument>,
    /// Coarser levels of a dimension, from finer to coarser, by the dimension's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, Vec<LevelDocument>>,
    /// By which groups the manifest reports match rates of the look-ups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_rates: Option<MatchRatesDocument>,
    /// Which totals over the dimensions are published too.
    #[serde(default)]
    pub margins: MarginsDocument,
    /// The disclosure control rules.
    pub protect: ProtectDocument,
}

/// What becomes of the base's rows before anything is looked up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BaseDocument {
    /// Which of the base's rows count.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionDocument>,
    /// Folds the base's rows to one per person: which columns remain, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce: Option<BTreeMap<String, Reducer>>,
    /// What `first` and `last` go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_by: Option<String>,
}

impl BaseDocument {
    /// Whether it says nothing: then it is not part of the plan's canonical form.
    fn is_nothing(base: &Option<Self>) -> bool {
        base.as_ref().is_none_or(|base| *base == Self::default())
    }
}

/// One look-up: a source read by person, and by further columns where `on` says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LookupDocument {
    /// Whether a base row without a match is kept.
    pub need: Need,
    /// Further columns that must be equal in base and look-up, in addition to the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// Which of the look-up's rows count.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionDocument>,
    /// Folds the look-up's rows to one per person and `on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce: Option<BTreeMap<String, Reducer>>,
    /// What `first` and `last` go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_by: Option<String>,
}

/// Whether a base row without a match in a look-up is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// It is dropped.
    Required,
    /// It is kept; the look-up's columns are missing.
    Optional,
}

/// How several rows of a person become one value. Missing values are left out;
/// where all are missing, so is the result (a count is 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Reducer {
    /// The sum.
    Sum,
    /// How many values are not missing; under the name `rows`, how many rows.
    Count,
    /// Whether any value is true.
    Any,
    /// The value of the row that is first by `order_by`, among rows where
    /// neither is missing; the least such value on a tie.
    First,
    /// The value of the row that is last by `order_by`, among rows where
    /// neither is missing; the least such value on a tie.
    Last,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
}

impl Reducer {
    /// As plans name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Any => "any",
            Self::First => "first",
            Self::Last => "last",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// By which groups of base rows match rates are reported, and when their difference
/// is a warning: linkage that loses some groups more than others is biased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MatchRatesDocument {
    /// Columns of the base that are categories, each for itself.
    pub by: Vec<String>,
    /// By how many percentage points the loss of two groups may differ without
    /// a warning; 5 unless it is given.
    #[serde(default = "MatchRatesDocument::usual_margin")]
    pub margin: Percent,
}

impl MatchRatesDocument {
    fn usual_margin() -> Percent {
        Percent::from_hundredths(500).expect("5 % is at most 100 %")
    }
}
