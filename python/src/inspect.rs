//! What a file says of itself.

use std::path::PathBuf;

use kobling::Inspection;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};

use crate::failure::Failure;

/// `kobling.inspect`, which has the documentation.
#[pyfunction]
pub(crate) fn inspect(py: Python<'_>, path: PathBuf) -> Result<Bound<'_, PyDict>, Failure> {
    let inspection = py.detach(|| Inspection::read(path))?;
    let said = PyDict::new(py);
    said.set_item("kind", inspection.kind)?;
    said.set_item("sha256", inspection.sha256)?;
    said.set_item("content", inspection.content)?;
    said.set_item("rows", inspection.rows)?;
    said.set_item("says", inspection.says.into_py_dict(py)?)?;
    said.set_item("columns", inspection.columns.into_py_dict(py)?)?;
    Ok(said)
}
