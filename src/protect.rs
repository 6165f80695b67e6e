//! Disclosure control: from confidential tables to protected ones.
//!
//! A cell is unsafe for a measure if a rule says so ([`rule`]); then its value
//! is suppressed, and with it whatever would give it away: of all tables about
//! the same rows together ([`suppress`]). An auditor who sees only what a
//! recipient sees attacks the result ([`audit`]), and what it can still tell is
//! no release. A suppressed value is not hidden but absent: the type of a
//! protected cell has no place for it.
//!
//! ```text
//! primary rules ─▶ complementary cells ─▶ audit ─▶ protected tables
//!                          ▲                │ told too nearly
//!                          └────────────────┘
//! ```
//!
//! The algorithms work on a [`structure`] and on numbers, and know nothing of
//! persons; so they stand open, with what else disclosure control is made of:
//! perturbation tables ([`perturbation`]), the cell-key method ([`cell_key`]),
//! rounding ([`round`]), noise of differential privacy ([`noise`]) and measures
//! of utility ([`utility`]). A plan can ask for suppression only, so far.
//!
//! Where the linkage unit keeps a [ledger](crate::ledger), earlier releases are
//! cells like any others: what they published stays published, and what they
//! suppressed must not be given away now.
//!
//! What is not done: tables of one release about other rows of the same
//! persons, and what is known from elsewhere, are not taken into account. The
//! manifest of every release says so.

pub mod audit;
pub mod cell_key;
mod differencing;
mod earlier;
pub mod noise;
mod pattern;
pub mod perturbation;
mod primary;
mod protection;
mod record;
pub mod round;
pub mod rule;
pub mod structure;
pub mod suppress;
pub mod utility;
mod view;

use std::collections::BTreeMap;

pub use pattern::AuditRecord;
pub use protection::Protection;
pub use rule::Rule;

use differencing::Published;
use primary::Outcomes;

use crate::error::Result;
use crate::key::{KeyCheck, ReleaseKey};
use crate::ledger::Ledger;
use crate::ledger::entry::ReleaseEntry;
use crate::plan::Plan;
use crate::table::{Behind, Block, Confidential, Stage, Table, Tables, sealed};

/// After protection: safe values, and the absence of unsafe ones.
#[derive(Debug)]
pub enum Protected {}

impl sealed::Stage for Protected {
    type Cell = Vec<Outcome>;
    /// What the auditor found.
    type Beside = Vec<AuditRecord>;
}

impl Stage for Protected {}

/// What became of a measure in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// The rules find the value safe.
    Safe(Value),
    /// A rule finds it unsafe, and the plan publishes it anyway, with a reason
    /// and somebody who answers for it.
    Excepted(Value),
    /// Unsafe by a primary rule; there is no value.
    Primary(Rule),
    /// Safe by itself, but it would give an unsafe one away; there is no value.
    Complementary,
}

impl Outcome {
    /// The value, if it is published.
    pub fn value(self) -> Option<Value> {
        match self {
            Self::Safe(value) | Self::Excepted(value) => Some(value),
            Self::Primary(_) | Self::Complementary => None,
        }
    }

    /// As the release's status column names it.
    pub fn status(self) -> &'static str {
        match self {
            Self::Safe(_) => "safe",
            Self::Excepted(_) => "excepted",
            Self::Primary(_) => "primary",
            Self::Complementary => "complementary",
        }
    }
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A number of persons or rows.
    Count(u64),
    /// A count of `10^-scale`.
    Sum(i128),
    /// A mean over the rows with a value.
    Mean(f64),
    /// The mean of no rows.
    Nothing,
}

impl Tables<Confidential> {
    /// Applies the plan's rules to every cell of every table.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a rule cannot be
    /// computed exactly; nothing is released then.
    ///
    /// # Disclosure
    ///
    /// The result holds nothing that the rules find unsafe.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::{Linkage, LinkageKey, Plan, ReleaseKey, Rows};
    /// use kobling::protect::Rule;
    ///
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let extracts: Vec<_> = plan.sources().iter().map(|source| {
    /// #     let path = format!("examples/nhanes/{}.parquet", source.name());
    /// #     Rows::open(&plan, source.name(), &[path])?.identify()?.pseudonymise(&key)
    /// # }).collect::<kobling::Result<_>>()?;
    /// let tables = Linkage::new(&plan, extracts)?.tabulate()?;
    /// let protected = tables.protect(&ReleaseKey::generate()?)?;
    /// let suppressed = protected.suppressed_by_rule("mortality");
    /// assert_eq!(suppressed[&Rule::MinPersons], 28); // 14 cells, two measures each
    /// assert_eq!(suppressed[&Rule::Dominance], 10); // one or two deaths
    /// # Ok(())
    /// # }
    /// ```
    pub fn protect(self, key: &ReleaseKey) -> Result<ProtectedTables> {
        self.protect_with(Protection::new(key))
    }

    /// As [`protect`](Self::protect), with what a method may need beside the release key.
    ///
    /// # Errors
    ///
    /// As [`protect`](Self::protect), and [`ErrorKind::Protection`](crate::ErrorKind::Protection)
    /// if a table's method needs something that `protection` does not have.
    pub fn protect_with(self, protection: Protection<'_>) -> Result<ProtectedTables> {
        let Behind {
            populations,
            linkage,
        } = self.beside;
        let (tables, populations) = match protection.needs_record_keys(&self.plan) {
            false => (self.tables, populations),
            true => linkage.tables(Some(&protection.key.record_keys()))?,
        };
        drop(linkage);
        let plans = self.plan.tables();
        let documents = &self.plan.document().tables;
        let published = Published::of(protection.earlier());
        let outcomes = tables.iter().zip(plans).map(|(table, plan)| {
            let exceptions = &documents[&plan.name].protect.publish;
            let outcomes = primary::outcomes(table, plan, exceptions, &published);
            outcomes.map_err(|error| error.in_table(&plan.name))
        });
        let mut outcomes: Vec<Outcomes> = outcomes.collect::<Result<_>>()?;
        let mut work = pattern::Work {
            plan: &self.plan,
            tables: &tables,
            outcomes: &mut outcomes,
            key: protection.key,
            ledger: protection.earlier(),
        };
        let mut audits = Vec::new();
        for population in &populations {
            audits.extend(work.suppress(population)?);
        }
        let release_key = protection.key.check();
        let recording = protection.ledger.map(|ledger| {
            let entry = record::entry(&self.plan, &tables, &populations, &outcomes);
            (ledger, entry)
        });
        let tables = tables.into_iter().zip(outcomes);
        Ok(ProtectedTables {
            tables: Tables {
                tables: tables
                    .map(|(table, outcomes)| with(table, outcomes))
                    .collect(),
                plan: self.plan,
                beside: audits,
                provenance: self.provenance,
            },
            release_key,
            recording,
        })
    }
}

/// The method that protects a table, as plans name it.
fn method_name(plan: &Plan, table: &str) -> &'static str {
    plan.document().tables[table].protect.method.name()
}

/// The table with `outcomes` in place of its figures.
fn with(table: Table<Confidential>, outcomes: Outcomes) -> Table<Protected> {
    let blocks = table.blocks.into_iter().zip(outcomes);
    let blocks = blocks.map(|(block, outcomes)| {
        let places = block.cells.into_iter().map(|(place, _)| place);
        Block {
            grouping: block.grouping,
            cells: places.zip(outcomes).collect(),
        }
    });
    Table {
        name: table.name,
        title: table.title,
        dimensions: table.dimensions,
        match_rates: table.match_rates,
        blocks: blocks.collect(),
        contributions: table.contributions,
    }
}

/// The protected tables of a plan.
#[derive(Debug)]
pub struct ProtectedTables {
    pub(crate) tables: Tables<Protected>,
    /// The check of the release key that any randomness came from.
    pub(crate) release_key: KeyCheck,
    /// The ledger that the release is to be written in, and what it is to hold.
    pub(crate) recording: Option<(Ledger, ReleaseEntry)>,
}

impl ProtectedTables {
    /// For a table of the plan and one of its measures: how many cells each
    /// rule suppressed.
    ///
    /// # Disclosure
    ///
    /// For the linkage unit and the risk owner; a release tells only how many
    /// cells were suppressed.
    pub fn suppressed_by_rule(&self, table: &str) -> BTreeMap<Rule, u64> {
        let mut rules = BTreeMap::new();
        let found = self
            .tables
            .tables
            .iter()
            .filter(|other| other.name == table);
        for outcome in found
            .flat_map(Table::cells)
            .flat_map(|(_, _, outcomes)| outcomes)
        {
            if let Outcome::Primary(rule) = outcome {
                *rules.entry(*rule).or_default() += 1;
            }
        }
        rules
    }
}
