//! All methods of protection side by side, before one is chosen.

use kobling::protect::utility::Utility;
use kobling::protect::{Compared, Comparison};
use pyo3::prelude::*;
use serde_json::{Value, json};

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
    let methods: Vec<Value> = comparison.methods.iter().map(method).collect();
    let text = json!(methods).to_string();
    Ok(py.import("json")?.call_method1("loads", (text,))?)
}

/// In the names of the command line's JSON.
fn method(compared: &Compared) -> Value {
    let tables = match &compared.tables {
        Ok(tables) => tables,
        Err(reason) => return json!({ "method": compared.method, "refused": reason.to_string() }),
    };
    let tables = tables.iter().map(|(table, measures)| {
        let measures: Vec<Value> = measures.iter().map(measure).collect();
        json!({ "table": table, "measures": measures })
    });
    json!({
        "method": compared.method,
        "tables": tables.collect::<Vec<Value>>(),
        "left_out": compared.left_out,
    })
}

fn measure(utility: &Utility) -> Value {
    let (survival, risk) = (utility.survival, utility.risk);
    json!({
        "measure": utility.measure,
        "cells": survival.cells,
        "survived": survival.survived,
        "total_percent": survival.total_percent,
        "average_distance": utility.average_distance,
        "root_mean_square": utility.root_mean_square,
        "hellinger": utility.hellinger,
        "unsafe_cells": risk.unsafe_cells,
        "unsafe_published": risk.published,
        "unsafe_exact": risk.exact,
    })
}
