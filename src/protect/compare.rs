//! All methods side by side on the same figures, before one is chosen.
//!
//! Which method suits a table depends on what is in it, and is seen by trying.
//! Each method is applied as if the plan asked for it, and what comes of it is
//! measured against the true figures: what is left of them, and how many unsafe
//! ones are disclosed. The tables themselves, true or protected, go nowhere.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::Protection;
use super::figures::ConfidentialFigures;
use super::method::Trial;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::LedgerEntry;
use crate::link::Linkage;
use crate::plan::document::MeasureDocument;
use crate::plan::scalar::Number;
use crate::plan::{Plan, PlanDocument};
use crate::protect::utility::Utility;
use crate::table::Methods;

/// What each method makes of a plan's tables.
///
/// # Disclosure
///
/// Measured against true figures: for the linkage unit and the risk owner, and
/// no part of a release.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// One for each method that was tried, in their order.
    pub methods: Vec<Compared>,
}

/// What one method makes of the tables.
#[derive(Debug)]
#[non_exhaustive]
pub struct Compared {
    /// The method, with its settings, as `noise, ρ = 0.1`.
    pub method: String,
    /// For each table its name, and what its figures are worth and risk by
    /// measure; or why the method cannot protect them.
    pub tables: Result<Vec<(String, Vec<Utility>)>>,
    /// The sums and means, as `table.measure`, that the method does not publish, so that
    /// it was tried on the counts only.
    pub left_out: Vec<String>,
}

/// With `tables`, each with its `table` and `measures`, and `left_out`; or with the words in which
/// the method was `refused`.
impl Serialize for Compared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct OfTable<'a> {
            table: &'a str,
            measures: &'a [Utility],
        }
        let mut written = serializer.serialize_struct("Compared", 3)?;
        written.serialize_field("method", &self.method)?;
        match &self.tables {
            Ok(tables) => {
                let tables = tables
                    .iter()
                    .map(|(table, measures)| OfTable { table, measures });
                written.serialize_field("tables", &tables.collect::<Vec<_>>())?;
                written.serialize_field("left_out", &self.left_out)?;
            }
            Err(reason) => written.serialize_field("refused", &reason.to_string())?,
        }
        written.end()
    }
}

/// Which of a plan's measures a method is tried on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measured {
    All,
    /// Only numbers of persons and rows.
    Counts,
}

impl Trial {
    /// The plan as if it asked for the method.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plan`] if the method does not fit what the tables give.
    fn plan(self, own: &Plan, measured: Measured) -> Result<Plan> {
        let mut document = self.document(own.document());
        if measured == Measured::Counts {
            for table in document.tables.values_mut() {
                let is_sum =
                    |measure: &MeasureDocument| measure.sum.is_some() || measure.mean.is_some();
                table.measures.retain(|measure| !is_sum(measure));
            }
        }
        let plan = document.check().map_err(|findings| {
            // The first is enough to see why.
            let first = &findings.as_slice()[0];
            let rule = format!("{}: {}", first.path.join("."), first.rule);
            Error::new(ErrorKind::Plan, rule)
        })?;
        Ok(match own.is_rehearsal() {
            true => plan.rehearsal(),
            false => plan,
        })
    }

    fn document(self, plan: &PlanDocument) -> PlanDocument {
        let mut plan = plan.clone();
        for table in plan.tables.values_mut() {
            self.set(&mut table.protect);
        }
        if let Self::Noise { tenths } = self {
            let tables = plan.tables.len() as i128;
            plan.project.privacy_budget = Some(Number::new(tables * i128::from(tenths), 1));
        }
        plan
    }
}

impl Linkage {
    /// Links, and tries every method on the plan's tables, one after another.
    ///
    /// Rounding is to the plan's base, or to 5 where the plan has none and
    /// `min_persons` is not more; noise is Gaussian, with ρ = 0.1 and 1 a table,
    /// and clips sums as the plan says.
    ///
    /// A ledger in `protection` is looked at for the methods' refusals and for
    /// what they must suppress. Nothing is written in it, and what it has spent
    /// of the privacy budget does not matter.
    ///
    /// # Errors
    ///
    /// Those of [`tabulate`](Linkage::tabulate) by the plan's own methods. That
    /// another method cannot protect the tables is no error, and is reported in its
    /// place; that it was [cancelled](ErrorKind::Cancelled) is one.
    ///
    /// # Disclosure
    ///
    /// Of the tables nothing leaves but how far each method's are from the true ones.
    pub fn compare(self, mut protection: Protection) -> Result<Comparison> {
        protection.trial = true;
        let keys = protection.key.record_keys();
        let (tables, populations) = self.tables(Some(&keys), Methods::Any)?;
        let mut figures = ConfidentialFigures {
            provenance: self.provenance(Methods::Any),
            plan: self.plan.clone(),
            tables,
            populations,
        };
        let mut methods = Vec::new();
        for trial in Trial::all() {
            let earlier = protection.earlier();
            methods.push(figures.compared(trial, &protection, earlier, trial.to_string())?);
            if !earlier.is_empty() && matches!(trial, Trial::Suppress) {
                let name = format!("{trial}, without the ledger");
                methods.push(figures.compared(trial, &protection, &[], name)?);
            }
        }
        Ok(Comparison { methods })
    }
}

impl ConfidentialFigures {
    /// What a method makes of the tables, or else of their counts only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Cancelled`]: that is no reason of the method's.
    fn compared(
        &mut self,
        trial: Trial,
        protection: &Protection,
        earlier: &[LedgerEntry],
        method: String,
    ) -> Result<Compared> {
        let whole = trial.plan(&self.plan, Measured::All);
        let whole = whole.and_then(|plan| self.worth(&plan, protection, earlier));
        let (tables, left_out) = match whole {
            Ok(tables) => (Ok(tables), Vec::new()),
            Err(reason) => {
                let counts = trial.plan(&self.plan, Measured::Counts);
                let counts = counts.and_then(|plan| self.worth(&plan, protection, earlier));
                match counts {
                    Ok(tables) => (Ok(tables), self.sums_and_means()),
                    // Why not all of it says more.
                    Err(_) => (Err(reason), Vec::new()),
                }
            }
        };
        protection.watched.go_on()?;
        Ok(Compared {
            method,
            tables,
            left_out,
        })
    }

    /// What the tables are worth by the methods of `plan`.
    fn worth(
        &mut self,
        plan: &Plan,
        protection: &Protection,
        earlier: &[LedgerEntry],
    ) -> Result<Vec<(String, Vec<Utility>)>> {
        protection.check_plan(plan)?;
        for (table, plan) in self.tables.iter_mut().zip(plan.tables()) {
            let checked = table.listing.check_plan(plan);
            checked.map_err(|error| error.in_table(&plan.name))?;
            for block in &mut table.blocks {
                block.measures = plan.measures_of(&block.grouping);
            }
        }
        let decided = self.decide(plan, protection, earlier)?;
        let names = plan.tables().iter().map(|table| table.name.clone());
        Ok(names.zip(decided.utility).collect())
    }

    /// `table.measure` of all that are no counts.
    fn sums_and_means(&self) -> Vec<String> {
        let tables = self.plan.tables().iter();
        let names = tables.flat_map(|table| {
            let measures = table.measures.iter();
            let sums = measures.filter(|measure| !measure.what.is_count());
            sums.map(|measure| format!("{}.{}", table.name, measure.name))
        });
        names.collect()
    }
}
