//! Why a figure is suppressed, or what is left uncertain of it: the proof of any cell.
//!
//! An unsafe figure is suppressed together with others, which are safe by themselves. What
//! shows that this suffices is other tables, which agree with everything published and differ
//! in the unsafe figure. Whoever answers for a release can see them, for one figure at a time.

mod name;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

pub use name::FigureName;
use name::{FigureLocation, of_cell, of_inner};

use super::confidential::ConfidentialTables;
use super::figures::ConfidentialFigures;
use super::method::suppress::QuantityProofs;
use super::quantity::Quantity;
use super::report::{COMPLEMENTARY, reason};
use super::view::CellLocation;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::table::Statistic;
use crate::table::Population;
use kobling_sdc::proof::Change;

/// What becomes of one figure, and what shows that it stays uncertain if it is unsafe.
///
/// # Disclosure
///
/// For the linkage unit and the risk owner, and no part of a release: it has true figures,
/// of suppressed cells and of those that other tables differ in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// As the release's status column has it: `safe`, `excepted` or `suppressed`; or
    /// `perturbed`.
    pub status: &'static str,
    /// Why it is suppressed, if it is: as in the [report](super::SuppressedFigure::reason).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it is, as its inner cells add up; of a mean, the sum. Numbers of persons who may have several rows do
    /// not add up: their proofs are about this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Of an unsafe figure: other tables that agree with all that is published, in which it
    /// is another one.
    pub tables: Vec<OtherTable>,
    /// Of a figure that is safe and suppressed: by dimension the categories of the unsafe ones
    /// whose proofs change it.
    pub guards: Vec<BTreeMap<String, Option<String>>>,
}

/// A table that agrees with all that is published, by what differs from the true one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OtherTable {
    /// What the figure is there.
    pub value: String,
    /// The inner cells that differ.
    pub cells: Vec<ChangedCell>,
    /// How many cells of earlier releases differ, too.
    pub earlier: usize,
}

/// An inner cell: of the finest table of which all that have the same rows are sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChangedCell {
    /// By dimension the category; none if it is missing. The condition of a count is a
    /// dimension, too.
    pub cell: BTreeMap<String, Option<String>>,
    /// What it holds.
    pub value: String,
    /// What it holds in the other table.
    pub other: String,
}

impl ConfidentialTables {
    /// Protects the tables as the plan says, and explains one figure in place of releasing
    /// any. With `before`, as when the ledger's entry of this number was made: without it
    /// and those after it.
    ///
    /// The same extracts, plan, ledger and release key give the same figures and proofs as the
    /// release.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`] if there is no such figure or entry, its table's method is not
    /// `suppress`, or the tables cannot be protected.
    ///
    /// # Disclosure
    ///
    /// True figures: see [`Explanation`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::protect::{FigureName, Protection};
    /// use kobling::{Linkage, LinkageKey, Plan, ReleaseKey, Rows};
    ///
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let extracts: Vec<_> = plan.sources().iter().map(|source| {
    /// #     let path = format!("examples/nhanes/{}.parquet", source.name());
    /// #     Rows::open(&plan, source.name(), &[path])?.identify()?.pseudonymise(&key)
    /// # }).collect::<kobling::Result<_>>()?;
    /// let protection = Protection::new(ReleaseKey::generate()?);
    /// let tables = Linkage::new(&plan, extracts)?.tabulate(protection)?;
    /// let name = FigureName::new("mortality", "deaths")
    ///     .category("age", Some("18-39"))
    ///     .category("sex", Some("female"))
    ///     .category("insured", Some("no"))
    ///     .category("hba1c_band", Some(">=6.5"));
    /// let deaths = tables.explain(&name, None)?;
    /// assert_eq!(deaths.reason.as_deref(), Some("min_persons"));
    /// // Two died; and there are tables in which other numbers did.
    /// assert_eq!(deaths.value.as_deref(), Some("2"));
    /// assert!(deaths.tables.len() >= 2 && deaths.tables.iter().all(|table| table.value != "2"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(self, figure: &FigureName, before: Option<u64>) -> Result<Explanation> {
        let Self {
            tables,
            mut protection,
        } = self;
        protection.explains = true;
        if let Some(number) = before {
            protection.before(number)?;
        }
        let figures = ConfidentialFigures {
            plan: tables.plan,
            tables: tables.tables,
            populations: tables.context,
            provenance: tables.provenance,
        };
        let location = figure.location(&figures)?;
        let decided = figures.decide(&figures.plan, &protection, protection.earlier())?;
        let outcome =
            decided.outcomes[location.table][location.block][location.cell][location.measure];
        let mut explanation = Explanation {
            status: outcome.status(),
            reason: reason(outcome).map(|(reason, _)| reason),
            value: None,
            tables: Vec::new(),
            guards: Vec::new(),
        };
        let populations = figures.populations.iter().zip(&decided.shown);
        for (population, shown) in populations {
            for proofs in shown {
                let asked = Asked {
                    figures: &figures,
                    population,
                    proofs,
                    location,
                };
                asked.explain(&mut explanation);
            }
        }
        Ok(explanation)
    }
}

impl Explanation {
    /// What the tables and the guards show, in words; lines of a terminal's width.
    pub fn conclusion(&self) -> &'static str {
        let (is_proven, guards) = (!self.tables.is_empty(), !self.guards.is_empty());
        match self.reason.as_deref() {
            None => "It is published.",
            Some(_) if is_proven => {
                "Each table agrees with all that is published. These are true figures: for the\n\
                 linkage unit and the risk owner."
            }
            Some(COMPLEMENTARY) if guards => {
                "Without it one of those could be derived, or estimated too nearly."
            }
            Some(COMPLEMENTARY) => {
                "No proof changes it: it goes with another suppressed figure of its cell, or says\n\
                 something of another one that is suppressed."
            }
            Some(_) => {
                "There is no proof of it as a table: that it is uncertain was shown by the\n\
                 auditor's feasibility intervals, or it is suppressed by its rule alone."
            }
        }
    }
}

/// The figure that was asked after, among the proofs of a quantity.
struct Asked<'a> {
    figures: &'a ConfidentialFigures,
    population: &'a Population,
    proofs: &'a QuantityProofs,
    location: FigureLocation,
}

impl Asked<'_> {
    fn explain(&self, explanation: &mut Explanation) {
        let FigureLocation {
            table,
            block,
            cell,
            measure,
        } = self.location;
        let own = CellLocation { table, block, cell };
        let mut locations = self.proofs.locations.iter();
        let Some(cell) = locations.position(|location| *location == own) else {
            return;
        };
        if !self.proofs.measures[table].contains(&measure) {
            return;
        }
        // A mean discloses a number, too; what is unsafe of it is the sum.
        let is_own = self.is_own();
        let members: HashSet<u32> = self
            .proofs
            .structure
            .members(cell)
            .iter()
            .copied()
            .collect();
        let moved = |change: &Change| -> i128 {
            let own = change.inner.iter().filter(|(at, _)| members.contains(at));
            own.map(|(_, more)| i128::from(*more)).sum()
        };
        let held = members.iter().map(|at| self.proofs.inner[*at as usize]);
        let value: i128 = held.sum();
        let is_safe = explanation.reason.as_deref() == Some(COMPLEMENTARY);
        if is_own {
            explanation.value = Some(self.text(value));
        }
        for proof in &self.proofs.proofs {
            let mut changes = proof.changes.iter();
            if proof.cell == cell {
                let tables = changes.filter(|_| is_own);
                let tables = tables.map(|change| self.table(value + moved(change), change));
                explanation.tables.extend(tables);
            } else if let Some(location) = self.proofs.locations.get(proof.cell)
                && is_safe
                && changes.any(|change| moved(change) != 0)
            {
                let of = &self.figures.tables[location.table];
                explanation.guards.push(of_cell(of, *location));
            }
        }
        explanation.guards.sort();
        explanation.guards.dedup();
    }

    /// Whether the proofs are of the measure's own quantity.
    fn is_own(&self) -> bool {
        let at = self.location.table;
        let plan = &self.figures.plan.tables()[at];
        let measure = &plan.measures[self.location.measure];
        let own = Quantity::of(measure, plan, &self.figures.tables[at]);
        let mut members = self.population.members.iter();
        let member = members.find(|member| member.table == at);
        member.is_some_and(|member| own.of_member(member) == self.proofs.quantity)
    }

    fn table(&self, value: i128, change: &Change) -> OtherTable {
        let inner = self.population.inner(&self.figures.tables);
        let own = change.inner.iter();
        let own = own.filter_map(|(at, more)| {
            let (place, _) = inner.get(*at as usize)?;
            let value = self.proofs.inner[*at as usize];
            Some(ChangedCell {
                cell: of_inner(self.population, &self.figures.tables, place),
                value: self.text(value),
                other: self.text(value + i128::from(*more)),
            })
        });
        let cells: Vec<ChangedCell> = own.collect();
        OtherTable {
            value: self.text(value),
            earlier: change.inner.len() - cells.len(),
            cells,
        }
    }

    /// A value of the measure's quantity, as the release writes it.
    fn text(&self, value: i128) -> String {
        let plan = &self.figures.plan.tables()[self.location.table];
        let scale = match plan.measures[self.location.measure].what {
            Statistic::Sum { kind, .. } | Statistic::Mean { kind, .. } => kind.scale(),
            Statistic::Persons | Statistic::Rows => None,
        };
        decimal(value, scale.unwrap_or(0).into())
    }
}

fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at(digits.len() - scale);
    let sign = if value < 0 { "-" } else { "" };
    match rest.is_empty() {
        true => format!("{sign}{whole}"),
        false => format!("{sign}{whole}.{rest}"),
    }
}

/// The error that there is no such figure.
fn unknown(rule: &str) -> Error {
    Error::new(ErrorKind::Protection, rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_with_their_decimals() {
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(1234, 2), "12.34");
        assert_eq!(decimal(0, 0), "0");
        assert_eq!(decimal(7, 0), "7");
    }
}
