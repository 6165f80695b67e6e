//! Disclosure control: from confidential tables to protected ones.
//!
//! A cell is unsafe for a measure if a rule says so ([`rule`]); then its value
//! is suppressed. A suppressed value is not hidden but absent: the type of a
//! protected cell has no place for it.
//!
//! What this does not do yet: a suppressed cell can be had by subtraction
//! where totals are known from elsewhere, cells that nobody is in are not
//! suppressed, and releases are not compared with each other. The manifest of
//! every release says so.

pub mod rule;

use std::collections::BTreeMap;

pub use rule::Rule;

use crate::error::Result;
use crate::key::{KeyCheck, ReleaseKey};
use crate::plan::ColumnType;
use crate::plan::table::{Measure, TablePlan, What};
use crate::table::cell::{Contribution, Total};
use crate::table::{Accumulator, Confidential, Stage, Table, Tables, sealed};

/// After protection: safe values, and the absence of unsafe ones.
#[derive(Debug)]
pub enum Protected {}

impl sealed::Stage for Protected {
    type Cell = Vec<Outcome>;
}

impl Stage for Protected {}

/// What became of a measure in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// The rules find the value safe.
    Safe(Value),
    /// Unsafe by a primary rule; there is no value.
    Primary(Rule),
}

impl Outcome {
    /// The value, if it is safe.
    pub fn value(self) -> Option<Value> {
        match self {
            Self::Safe(value) => Some(value),
            Self::Primary(_) => None,
        }
    }

    /// As the release's status column names it.
    pub fn status(self) -> &'static str {
        match self {
            Self::Safe(_) => "safe",
            Self::Primary(_) => "primary",
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
        let plans = self.plan.clone();
        let tables = self.tables.into_iter().zip(plans.tables());
        let tables = tables
            .map(|(table, plan)| protect(table, plan).map_err(|error| error.in_table(&plan.name)));
        Ok(ProtectedTables {
            tables: Tables {
                tables: tables.collect::<Result<_>>()?,
                plan: self.plan,
                provenance: self.provenance,
            },
            release_key: key.check(),
        })
    }
}

/// The protected tables of a plan.
#[derive(Debug)]
pub struct ProtectedTables {
    pub(crate) tables: Tables<Protected>,
    /// The check of the release key that any randomness came from.
    pub(crate) release_key: KeyCheck,
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
            .flat_map(|table| &table.cells)
            .flat_map(|(_, outcomes)| outcomes)
        {
            if let Outcome::Primary(rule) = outcome {
                *rules.entry(*rule).or_default() += 1;
            }
        }
        rules
    }
}

fn protect(table: Table<Confidential>, plan: &TablePlan) -> Result<Table<Protected>> {
    let contributions = &table.contributions;
    let cells = table.cells.into_iter().map(|(place, cell)| {
        let measures = plan.measures.iter();
        let outcomes = measures.map(|measure| outcome(measure, plan, contributions, &cell));
        Ok((place, outcomes.collect::<Result<_>>()?))
    });
    Ok(Table {
        name: table.name,
        title: table.title,
        dimensions: table.dimensions,
        match_rates: table.match_rates,
        cells: cells.collect::<Result<_>>()?,
        contributions: table.contributions,
    })
}

fn outcome(
    measure: &Measure,
    plan: &TablePlan,
    contributions: &[Contribution],
    cell: &Accumulator,
) -> Result<Outcome> {
    let rules = &plan.protect;
    // Without its contributions a measure could not be judged, and must not be released.
    let total = |wanted: Contribution| -> &Total {
        let place = contributions.iter().position(|other| *other == wanted);
        &cell.totals[place.expect("tabulation adds up what every measure needs")]
    };
    let (total, value) = match measure.what {
        What::Persons => (None, Value::Count(cell.persons)),
        What::Rows => (Some(total(Contribution::Rows)), Value::Count(cell.rows)),
        What::Sum { operand, .. } => {
            let total = total(Contribution::Values(operand));
            (Some(total), Value::Sum(total.sum))
        }
        What::Mean { operand, kind } => {
            let total = total(Contribution::Values(operand));
            (Some(total), Value::Mean(mean(total, kind)))
        }
    };
    let unsafe_by = match rule::persons(rules, cell.persons) {
        Some(rule) => Some(rule),
        None => match total {
            Some(total) => rule::contributions(rules, total)?,
            None => None,
        },
    };
    Ok(match unsafe_by {
        Some(rule) => Outcome::Primary(rule),
        None => Outcome::Safe(value),
    })
}

/// The mean of the rows with a value. One division of exact figures, each
/// rounded to a float once, so it is the same on every machine.
fn mean(total: &Total, kind: ColumnType) -> f64 {
    let scale = 10f64.powi(kind.scale().unwrap_or(0).into());
    total.sum as f64 / (total.rows as f64 * scale)
}
