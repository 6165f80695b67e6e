//! All methods of protection side by side, before one is chosen.

use kobling::protect::Comparison;
use pyo3::prelude::*;
use serde_json::json;

use crate::failure::Failure;
use crate::key::ReleaseKey;
use crate::plan::Plan;
use crate::run::run;
use crate::unit::{Keeps, Unit};

/// `kobling.compare`, which has the documentation.
#[pyfunction]
pub(crate) fn compare<'py>(
    py: Python<'py>,
    plan: &Plan,
    extracts: Vec<Bound<'py, PyAny>>,
    release_key: &ReleaseKey,
    keeps: Keeps,
    progress: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyAny>, Failure> {
    let unit = Unit::new(plan, extracts, release_key, keeps)?;
    let comparison: Comparison = run(py, progress, move |watching| {
        let protection = unit.protection(watching)?;
        let linkage = unit.linkage(watching)?;
        Ok(linkage.compare(protection)?)
    })?;
    let text = json!(comparison.methods).to_string();
    Ok(py.import("json")?.call_method1("loads", (text,))?)
}
