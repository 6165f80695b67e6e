//! From extracts to a release.

use std::path::PathBuf;
use std::sync::Arc;

use kobling::Format;
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::key::ReleaseKey;
use crate::plan::Plan;
use crate::release::{Release, formats};
use crate::report_place::{refuse_existing, report_place};
use crate::run::{Watching, run};
use crate::unit::{Keeps, Unit};

/// Where a release is written, in which formats, and where its suppression report is.
type AskedPlaces = (Option<PathBuf>, Vec<String>, Option<PathBuf>);

struct To {
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
    let (out, names, report) = places;
    let formats = formats(&names)?;
    out.as_deref().map_or(Ok(()), refuse_existing)?;
    let unit = Unit::new(plan, extracts, release_key, keeps)?;
    let to = To {
        out,
        formats,
        report,
    };
    run(py, progress, move |watching| made(unit, to, watching))
}

fn made(unit: Unit, to: To, watching: &Arc<Watching>) -> Result<Release, Failure> {
    let protection = unit.protection(watching)?;
    unit.check_plan(&protection)?;
    let ledger = unit.ledger().zip(protection.ledger_entry());
    let report = report_place(to.report.as_deref(), ledger, to.out.as_deref())?;
    let linkage = unit.linkage(watching)?;
    let warnings = linkage.warnings();
    let tables = linkage.tabulate(protection)?.protect()?;
    let reasons = tables.suppression_report().summary();
    // Before anything is in the ledger, and under another name.
    let prepared = report.map(|path| tables.suppression_report().prepare(path));
    let release = match (to.out, prepared.transpose()?) {
        (Some(out), Some(report)) => tables.release_with_report_into(out, &to.formats, report)?,
        (Some(out), None) => tables.release_into(out, &to.formats)?,
        (None, prepared) => {
            let release = tables.release()?;
            prepared.map_or(Ok(()), |report| report.finish())?;
            release
        }
    };
    Ok(Release::of(release, &reasons, warnings))
}
