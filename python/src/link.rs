//! From extracts to a release.

use std::path::PathBuf;

use kobling::Format;
use kobling::protect::{ConfidentialTables, Protection, SuppressionReport};
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::key::ReleaseKey;
use crate::output::refuse_existing;
use crate::plan::Plan;
use crate::release::{Release, formats};
use crate::run::run;
use crate::unit::{Keeps, Unit};

/// Where a release is written, in which formats, and where its suppression report is.
pub(crate) type AskedPlaces = (Option<PathBuf>, Vec<String>, Option<PathBuf>);

/// Where a release goes.
pub(crate) struct To {
    out: Option<PathBuf>,
    formats: Vec<Format>,
    report: Option<PathBuf>,
}

/// `kobling.link`, which has the documentation.
#[pyfunction]
pub(crate) fn link(
    py: Python<'_>,
    plan: &Plan,
    extracts: Vec<Bound<'_, PyAny>>,
    release_key: &ReleaseKey,
    keeps: Keeps,
    places: AskedPlaces,
    progress: &Bound<'_, PyAny>,
) -> Result<Release, Failure> {
    let to = To::new(places)?;
    let unit = Unit::new(plan, extracts, release_key, keeps)?;
    run(py, progress, move |watching| {
        let protection = unit.protection(watching)?;
        let to = to.placed(&unit, &protection)?;
        let linkage = unit.linkage(watching)?;
        let warnings = linkage.warnings();
        to.release(linkage.tabulate(protection)?, warnings)
    })
}

impl To {
    /// # Errors
    ///
    /// Something is where the release is to be, or there is no such format.
    pub(crate) fn new((out, names, report): AskedPlaces) -> Result<Self, Failure> {
        let formats = formats(&names)?;
        out.as_deref().map_or(Ok(()), refuse_existing)?;
        Ok(Self {
            out,
            formats,
            report,
        })
    }

    /// Finds the report its place, and asks whether the plan's tables can be protected, before
    /// anything is linked.
    pub(crate) fn placed(mut self, unit: &Unit, with: &Protection) -> Result<Self, Failure> {
        with.check_plan(unit.plan())?;
        let ledger = unit.ledger().zip(with.ledger_entry());
        self.report =
            SuppressionReport::place(self.report.as_deref(), ledger, self.out.as_deref())?;
        self.report.as_deref().map_or(Ok(()), refuse_existing)?;
        Ok(self)
    }

    /// Protects the tables, and releases them.
    pub(crate) fn release(
        self,
        tables: ConfidentialTables,
        warnings: Vec<String>,
    ) -> Result<Release, Failure> {
        let tables = tables.protect()?;
        let reasons = tables.suppression_report().summary();
        // Before anything is in the ledger, and under another name.
        let prepared = self
            .report
            .map(|path| tables.suppression_report().prepare(path));
        let release = match (self.out, prepared.transpose()?) {
            (Some(out), Some(report)) => {
                tables.release_with_report_into(out, &self.formats, report)?
            }
            (Some(out), None) => tables.release_into(out, &self.formats)?,
            (None, prepared) => {
                let release = tables.release()?;
                prepared.map_or(Ok(()), |report| report.finish())?;
                release
            }
        };
        Ok(Release::of(release, reasons, warnings))
    }
}
