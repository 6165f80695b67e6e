//! What the linkage unit's commands have in common: its key, and what it keeps with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::{Ledger, Plan, ReleaseKey};

use super::{PlanArguments, Reading};
use crate::console::Console;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct LinkageUnit {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,
    /// The release key's file
    #[arg(long, value_name = "FILE")]
    pub(crate) release_key: PathBuf,
    #[command(flatten)]
    pub(crate) perturbation: PerturbationArgument,
    /// The project's ledger: tables are protected together with all releases in it
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
}

impl LinkageUnit {
    /// What the plan's tables are protected with.
    pub(crate) fn protection(
        &self,
        plan: &Plan,
        key: ReleaseKey,
        console: Console,
    ) -> Result<Protection, Failure> {
        let key = Arc::new(key);
        let protection = self.perturbation.protection(key.clone())?;
        let Some(path) = &self.ledger else {
            return Ok(protection);
        };
        let words = format!(
            "waiting for the ledger {}, which another kobling has",
            path.display()
        );
        let ledger = Ledger::open_notifying(path, plan, &key, move || console.note(&words))?;
        Ok(protection.ledger(ledger))
    }
}

/// What tables of method `cell-key` are perturbed by.
#[derive(Debug, Args)]
pub(crate) struct PerturbationArgument {
    /// The linkage unit's perturbation file, for tables of method `cell-key`
    #[arg(long = "perturbation", value_name = "FILE", id = "perturbation")]
    path: Option<PathBuf>,
}

impl PerturbationArgument {
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The protection by `key`, with the perturbation if it is given.
    pub(crate) fn protection(
        &self,
        key: impl Into<Arc<ReleaseKey>>,
    ) -> Result<Protection, Failure> {
        let protection = Protection::new(key);
        Ok(match &self.path {
            Some(path) => protection.perturbation(Perturbation::read(path)?),
            None => protection,
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct Protect {
    /// Try all methods side by side; `kobling link` protects by the plan's own
    #[arg(long, required = true)]
    compare: bool,
    #[command(flatten)]
    pub(crate) unit: LinkageUnit,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// One extract for each of the plan's sources, in any order
    #[arg(required = true, value_name = "EXTRACT")]
    pub(crate) extracts: Vec<PathBuf>,
}

/// One figure of a plan's tables.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) unit: LinkageUnit,
    /// The figure's table
    #[arg(long, value_name = "NAME")]
    pub(crate) table: String,
    /// The figure's measure, as the release's column is called
    #[arg(long, value_name = "NAME")]
    pub(crate) measure: String,
    /// A category of the figure's cell, such as sex=female, or municipality.county=03 for
    /// one of a coarser level; again for each dimension. Of a dimension that is not named
    /// it is the total; sex= is the category of missing values
    #[arg(long, value_name = "DIMENSION=CATEGORY", value_parser = category)]
    pub(crate) cell: Vec<(String, String)>,
    /// Explain it as when the ledger's entry of this number was made, without that entry
    /// and later ones
    #[arg(long, value_name = "NUMBER", requires = "ledger")]
    pub(crate) entry: Option<u64>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// One extract for each of the plan's sources, in any order
    #[arg(required = true, value_name = "EXTRACT")]
    pub(crate) extracts: Vec<PathBuf>,
}

fn category(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((dimension, category)) if !dimension.is_empty() => {
            Ok((dimension.to_owned(), category.to_owned()))
        }
        _ => Err("write DIMENSION=CATEGORY, such as sex=female".to_owned()),
    }
}
