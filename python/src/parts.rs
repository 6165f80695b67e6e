//! A run in parts, each of a share of the persons; and what they make together.

use std::path::PathBuf;

use kobling::extract::Part;
use kobling::protect::{ConfidentialTables, PartialTables};
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::key::ReleaseKey;
use crate::link::{AskedPlaces, To};
use crate::output::refuse_existing;
use crate::plan::Plan;
use crate::release::Release;
use crate::run::run;
use crate::unit::{Keeps, Unit};

/// `kobling.link_part`, which has the documentation. `part` is which one, from 0, and of how
/// many.
#[pyfunction]
pub(crate) fn link_part(
    py: Python<'_>,
    plan: &Plan,
    extracts: Vec<Bound<'_, PyAny>>,
    release_key: &ReleaseKey,
    part: (u32, u32),
    out: PathBuf,
    progress: &Bound<'_, PyAny>,
) -> Result<(), Failure> {
    let part = Part::new(part.0, part.1)?;
    refuse_existing(&out)?;
    let unit = Unit::new(plan, extracts, release_key, (None, None))?;
    run(py, progress, move |watching| {
        let key = unit.key();
        let tables = unit.tabulate_part(part, watching)?;
        Ok(tables.write(out, &key)?)
    })
}

/// `kobling.merge`, which has the documentation.
#[pyfunction]
pub(crate) fn merge(
    py: Python<'_>,
    plan: &Plan,
    parts: Vec<PathBuf>,
    release_key: &ReleaseKey,
    keeps: Keeps,
    places: AskedPlaces,
    progress: &Bound<'_, PyAny>,
) -> Result<Release, Failure> {
    let to = To::new(places)?;
    let unit = Unit::new(plan, Vec::new(), release_key, keeps)?;
    run(py, progress, move |watching| {
        let protection = unit.protection(watching)?;
        let to = to.placed(&unit, &protection)?;
        let mut read = Vec::with_capacity(parts.len());
        for path in parts {
            let open = || PartialTables::read(unit.plan(), path, protection.key());
            read.push(watching.harmlessly(open)?);
        }
        to.release(ConfidentialTables::merge(read, protection)?, Vec::new())
    })
}
