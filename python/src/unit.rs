//! What the linkage unit's verbs have in common: extracts, and what protects the tables.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kobling::extract::{ExtractPart, Part};
use kobling::protect::perturbation::Perturbation;
use kobling::protect::{PartialTables, Protection};
use kobling::{Ledger, Linkage, LinkagePart, ReadOptions, ReleaseKey};
use pyo3::prelude::*;

use crate::extract::Extract;
use crate::failure::Failure;
use crate::key;
use crate::plan::Plan;
use crate::run::Watching;

/// An extract that is in memory already, or where it lies.
enum Given {
    Made(Box<kobling::Extract>),
    File(PathBuf),
}

/// What the linkage unit was given, used up.
pub(crate) struct Unit {
    plan: kobling::Plan,
    extracts: Vec<Given>,
    key: Arc<ReleaseKey>,
    ledger: Option<PathBuf>,
    perturbation: Option<PathBuf>,
}

/// The ledger, and the perturbation file.
pub(crate) type Keeps = (Option<PathBuf>, Option<PathBuf>);

impl Unit {
    /// Takes the extracts: all of them, or none.
    ///
    /// # Errors
    ///
    /// One was used up before, or is given twice; or it is neither an extract nor a path.
    pub(crate) fn new(
        plan: &Plan,
        extracts: Vec<Bound<'_, PyAny>>,
        release_key: &key::ReleaseKey,
        (ledger, perturbation): Keeps,
    ) -> Result<Self, Failure> {
        let mut given = Vec::with_capacity(extracts.len());
        let mut refused = None;
        for item in &extracts {
            match take(item) {
                Ok(taken) => given.push(taken),
                Err(failure) => {
                    refused = Some(failure);
                    break;
                }
            }
        }
        if let Some(failure) = refused {
            for (item, taken) in extracts.iter().zip(given) {
                if let (Ok(extract), Given::Made(taken)) = (item.cast::<Extract>(), taken) {
                    extract.get().put_back(*taken);
                }
            }
            return Err(failure);
        }
        Ok(Self {
            plan: plan.get().clone(),
            extracts: given,
            key: release_key.get(),
            ledger,
            perturbation,
        })
    }

    /// What the plan's tables are protected with.
    pub(crate) fn protection(&self, watching: &Arc<Watching>) -> Result<Protection, Failure> {
        let protection = Protection::new(Arc::clone(&self.key));
        let protection = match &self.perturbation {
            Some(path) => protection.perturbation(Perturbation::read(path)?),
            None => protection,
        };
        let protection = protection.watched_by(watching.clone());
        let Some(path) = &self.ledger else {
            return Ok(protection);
        };
        // Another process may have it for long.
        let ledger = watching.harmlessly(|| Ledger::open(path, &self.plan, &self.key))?;
        Ok(protection.ledger(ledger))
    }

    /// Where the ledger is, if there is one.
    pub(crate) fn ledger(&self) -> Option<&Path> {
        self.ledger.as_deref()
    }

    pub(crate) fn plan(&self) -> &kobling::Plan {
        &self.plan
    }

    pub(crate) fn key(&self) -> Arc<ReleaseKey> {
        Arc::clone(&self.key)
    }

    /// The tables of a part of the persons.
    pub(crate) fn tabulate_part(
        self,
        part: Part,
        watching: &Arc<Watching>,
    ) -> Result<PartialTables, Failure> {
        let key = self.key();
        let files = self.extracts.iter().map(|given| match given {
            Given::File(path) => Some(path),
            Given::Made(_) => None,
        });
        let files: Option<Vec<&PathBuf>> = files.collect();
        // What a history moves lies in other parts.
        let has_history = self.plan.sources().iter().any(|source| source.is_history());
        let Some(files) = files.filter(|_| !has_history) else {
            return Ok(self.linkage(watching)?.tabulate_part(part, &key)?);
        };
        let mut extracts = Vec::with_capacity(files.len());
        for path in files {
            let read = || ExtractPart::read(&self.plan, path, part);
            extracts.push(watching.harmlessly(read)?);
        }
        let linkage = LinkagePart::new(&self.plan, extracts)?.watched_by(watching.clone());
        Ok(linkage.tabulate(&key)?)
    }

    /// Reads and verifies what is in files, and puts all of it together.
    pub(crate) fn linkage(self, watching: &Arc<Watching>) -> Result<Linkage, Failure> {
        let mut extracts = Vec::with_capacity(self.extracts.len());
        for given in self.extracts {
            extracts.push(match given {
                Given::Made(extract) => *extract,
                Given::File(path) => watching.harmlessly(|| {
                    let options = ReadOptions::new();
                    kobling::Extract::read_with(&self.plan, path, &options)
                })?,
            });
        }
        let linkage = Linkage::new(&self.plan, extracts)?;
        Ok(linkage.watched_by(watching.clone()))
    }
}

fn take(item: &Bound<'_, PyAny>) -> Result<Given, Failure> {
    if let Ok(extract) = item.cast::<Extract>() {
        let extract = extract.get();
        let taken = extract.take(item.py());
        let taken = taken.ok_or_else(|| extract.gone())?;
        return Ok(Given::Made(Box::new(taken)));
    }
    Ok(Given::File(item.extract()?))
}
