//! What tables are protected with, in addition to the plan: what only the linkage unit holds.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::key::ReleaseKey;
use crate::ledger::{Ledger, LedgerEntry};
use crate::plan::Plan;
use crate::plan::table::same_rows::are_suppressed_in_turn;
use crate::plan::table::{Measure, MethodPlan, TablePlan};
use crate::protect::perturbation::Perturbation;
use crate::watch::{Watch, Watched};
use kobling_sdc::noise::{PrivacyBudget, Rho};

/// What tables are protected with: the release key, and what methods need in addition.
///
/// # Examples
///
/// ```
/// use kobling::ReleaseKey;
/// use kobling::protect::Protection;
///
/// # fn main() -> kobling::Result<()> {
/// # let plan = kobling::Plan::read("examples/nhanes/plan.toml")?;
/// let protection = Protection::new(ReleaseKey::generate()?);
/// protection.check_plan(&plan)?; // its tables are suppressed, which needs nothing else
/// # Ok(())
/// # }
/// ```
///
/// With all that a linkage unit may keep in addition to its key:
///
/// ```
/// use std::sync::Arc;
///
/// use kobling::protect::Protection;
/// use kobling::protect::perturbation::Perturbation;
/// use kobling::{Ledger, Linkage, ReleaseKey};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let plan = kobling::Plan::read("examples/nhanes/plan.toml")?;
/// # let domain_key = kobling::LinkageKey::generate()?.domain_key(&plan.domain());
/// # let extracts: Vec<_> = plan.sources().iter().map(|source| {
/// #     let path = format!("examples/nhanes/{}.parquet", source.name());
/// #     kobling::Rows::open(&plan, source.name(), &[path])?.identify()?.pseudonymise(&domain_key)
/// # }).collect::<kobling::Result<_>>()?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// # std::fs::write(folder.join("perturbation.toml"), "[counts]\nreach = 5\nvariance = 2.0")?;
/// let key = Arc::new(ReleaseKey::generate()?);
/// let protection = Protection::new(key.clone())
///     .perturbation(Perturbation::read(folder.join("perturbation.toml"))?)
///     .ledger(Ledger::open(folder.join("ledger.jsonl"), &plan, &key)?);
///
/// let release = Linkage::new(&plan, extracts)?.tabulate(protection)?.protect()?.release()?;
/// assert_eq!(release.manifest().ledger.as_ref().unwrap().entry, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Protection {
    pub(super) watched: Watched,
    pub(super) key: Arc<ReleaseKey>,
    pub(super) perturbation: Option<Perturbation>,
    pub(super) ledger: Option<Ledger>,
    /// Whether nothing of it is released: then no budget is spent.
    pub(super) trial: bool,
    /// Whether proofs are kept, for whoever asks after a figure.
    pub(super) explains: bool,
    /// Only the ledger's entries before this one are known.
    before: Option<u64>,
}

impl Protection {
    /// With the release key only: enough for suppression and rounding. Whoever goes on
    /// to use the key shares it.
    pub fn new(key: impl Into<Arc<ReleaseKey>>) -> Self {
        Self {
            watched: Watched::default(),
            key: key.into(),
            perturbation: None,
            ledger: None,
            trial: false,
            explains: false,
            before: None,
        }
    }

    /// The release key.
    pub fn key(&self) -> &ReleaseKey {
        &self.key
    }

    /// With the perturbation that tables of `method = "cell-key"` need.
    #[must_use]
    pub fn perturbation(self, perturbation: Perturbation) -> Self {
        Self {
            perturbation: Some(perturbation),
            ..self
        }
    }

    /// Together with all releases that `ledger` has; and what is released will
    /// be written behind them.
    #[must_use]
    pub fn ledger(self, ledger: Ledger) -> Self {
        Self {
            ledger: Some(ledger),
            ..self
        }
    }

    /// Has `watch` notified of all that is done to tables, until there is a release: it may have
    /// it cancelled. [Linking](crate::Linkage::watched_by) has a watch of its own.
    #[must_use]
    pub fn watched_by(self, watch: Arc<dyn Watch>) -> Self {
        Self {
            watched: Watched::by(watch),
            ..self
        }
    }

    /// The number that the release will have in the ledger, if there is one.
    pub fn ledger_entry(&self) -> Option<u64> {
        self.ledger.as_ref().map(Ledger::next_number)
    }

    /// The earlier releases that are known.
    pub(super) fn earlier(&self) -> &[LedgerEntry] {
        let entries = self.ledger.as_ref().map_or(&[][..], Ledger::entries);
        let known = self.before.map_or(entries.len(), |before| {
            entries.partition_point(|entry| entry.number < before)
        });
        &entries[..known]
    }

    /// Without the ledger's entries from the one of this `number` on: as when that release
    /// was made. Nothing is released so.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`] if there is no such entry.
    pub(super) fn before(&mut self, number: u64) -> Result<()> {
        let next = self.ledger_entry().unwrap_or(1);
        if !(1..next).contains(&number) {
            let rule = format!("the ledger has no entry {number}");
            return Err(Error::new(ErrorKind::Protection, rule));
        }
        self.before = Some(number);
        Ok(())
    }

    /// Whether it is all that the plan's tables need, which may be asked before
    /// any row is read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`], naming table and measure, if perturbation is
    /// needed and not there; or if the privacy budget does not allow it.
    pub fn check_plan(&self, plan: &Plan) -> Result<()> {
        for table in plan.tables() {
            if table.method == MethodPlan::CellKey {
                self.perturbs(table)
                    .map_err(|error| error.in_table(&table.name))?;
            }
        }
        match asked(plan.tables())? {
            Some(rho) => Ok(self.budget_left(plan)?.spend(rho).map(drop)?),
            None => Ok(()),
        }
    }

    fn perturbs(&self, table: &TablePlan) -> Result<()> {
        let Some(perturbation) = &self.perturbation else {
            let rule = "the cell-key method needs a perturbation file of the linkage unit's own";
            return Err(Error::new(ErrorKind::Protection, rule).help(Perturbation::HELP));
        };
        let adds = |measure: &&Measure| !measure.what.is_count();
        match table.measures.iter().find(adds) {
            Some(measure) if !perturbation.perturbs_sums() => {
                let rule = "the perturbation file says nothing of sums and means: it has no [sums]";
                Err(Error::new(ErrorKind::Protection, rule)
                    .in_column(&measure.name)
                    .help(Perturbation::HELP))
            }
            _ => Ok(()),
        }
    }

    /// Whether cells must be recognised by their persons, and not by their figures only.
    pub(super) fn needs_record_keys(&self, plan: &Plan) -> bool {
        let mut tables = plan.tables().iter();
        self.ledger.is_some()
            || tables.any(|table| table.method.needs_keys())
            || are_suppressed_in_turn(plan.tables())
    }

    /// What is left of the plan's privacy budget: what is spent is in the
    /// ledger. A rehearsal, of which nothing is a result, needs none, and a
    /// trial has all of it.
    fn budget_left(&self, plan: &Plan) -> Result<PrivacyBudget> {
        if self.ledger.is_none() && !plan.is_rehearsal() && !self.trial {
            let rule = "the privacy budget is spent in the ledger, and there is none";
            return Err(Error::new(ErrorKind::Protection, rule)
                .help("`kobling link --ledger FILE` keeps one; `kobling rehearse` tries a plan without spending"));
        }
        let budget = plan.document().project.privacy_budget;
        let billionths = budget
            .and_then(|rho| rho.at_scale(9))
            .and_then(|rho| rho.try_into().ok());
        let billionths = billionths.expect("the plan's checks ask for a budget of noise");
        let ledger = self.ledger.as_ref().filter(|_| !self.trial);
        let spent = ledger.map_or(0, Ledger::spent);
        let spent = (spent > 0).then(|| Rho::from_billionths(spent));
        Ok(PrivacyBudget::new(Rho::from_billionths(billionths), spent)?)
    }
}

/// What the tables with noise ask for together, if there are any.
///
/// # Errors
///
/// [`ErrorKind::Overflow`] if it is out of range.
pub(super) fn asked(tables: &[TablePlan]) -> Result<Option<Rho>> {
    let mut asked = tables.iter().filter_map(|table| match &table.method {
        MethodPlan::Noise(noise) => Some(noise.rho),
        _ => None,
    });
    let sum = asked.try_fold(0u64, |sum, rho| sum.checked_add(rho));
    match sum {
        None => Err(Error::new(
            ErrorKind::Overflow,
            "the tables with noise ask for more than any privacy budget",
        )),
        Some(sum) => Ok((sum > 0).then(|| Rho::from_billionths(sum))),
    }
}
