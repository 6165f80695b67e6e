//! What keeps one suppressed figure uncertain, or which it guards.

use kobling::protect::FigureName;
use pyo3::prelude::*;
use serde_json::json;

use crate::failure::Failure;
use crate::key::ReleaseKey;
use crate::plan::Plan;
use crate::run::run;
use crate::unit::{Keeps, Unit};

/// A table, a measure, and by dimension or level the category, none of a missing value; and
/// the ledger's entry, when it was made.
type Asked = (String, String, Vec<(String, Option<String>)>, Option<u64>);

/// `kobling.explain`, which has the documentation, as JSON.
#[pyfunction]
pub(crate) fn explain(
    py: Python<'_>,
    plan: &Plan,
    extracts: Vec<Bound<'_, PyAny>>,
    release_key: &ReleaseKey,
    keeps: Keeps,
    figure: Asked,
    progress: &Bound<'_, PyAny>,
) -> Result<String, Failure> {
    let unit = Unit::new(plan, extracts, release_key, keeps)?;
    let (table, measure, cell, entry) = figure;
    let name = FigureName::new(table, measure);
    let name = cell.iter().fold(name, |name, (place, category)| {
        name.at(place, category.as_deref().unwrap_or_default())
    });
    run(py, progress, move |watching| {
        let protection = unit.protection(watching)?;
        let linkage = unit.linkage(watching)?;
        let explanation = linkage.tabulate(protection)?.explain(&name, entry)?;
        let conclusion = explanation.conclusion();
        Ok(json!({ "explanation": explanation, "conclusion": conclusion }).to_string())
    })
}
