//! The release: protected tables, and the manifest that says how they came about.

use std::path::PathBuf;
use std::sync::Arc;

use kobling::Format;
use kobling::protect::ReportSummary;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use serde_json::json;

use crate::failure::Failure;
use crate::run::run_silently;
use crate::stream;

/// The formats of these names.
///
/// # Errors
///
/// `ValueError` if there is none of a name.
pub(crate) fn formats(names: &[String]) -> PyResult<Vec<Format>> {
    let format = |name: &String| {
        let mut all = Format::ALL.into_iter();
        all.find(|format| format.ending() == name).ok_or_else(|| {
            PyValueError::new_err(format!(
                "a release is written as arrow, parquet or csv, and not as {name:?}"
            ))
        })
    };
    names.iter().map(format).collect()
}

/// What a recipient gets: protected tables by name, and a manifest.
///
/// `kobling.link` makes it. It is a mapping of names to tables: `release["deaths"]`,
/// `list(release)`, `"deaths" in release`, `len(release)`.
///
/// Attributes
/// ----------
/// manifest : dict
///     How the release came about: the plan, the rules, match rates, what it does not protect
///     against. Of it `manifest["tables"]` has a record for each table.
/// warnings : list of str
///     What to mind of the release; the linkage unit first.
/// suppression : dict
///     Of each table and measure, how many figures are suppressed for which reason. It is for
///     the linkage unit and the risk owner, and no part of what is written.
/// audits : tuple of Audit
///     What the auditor found of each quantity of the tables that are suppressed: which promise
///     is kept. For the linkage unit and the risk owner; what a recipient may know of it is in
///     ``manifest["audits"]``.
#[pyclass(frozen, mapping, module = "kobling")]
pub(crate) struct Release {
    release: Arc<kobling::Release>,
    reasons: ReportSummary,
    /// Of the linkage.
    warnings: Vec<String>,
}

impl Release {
    pub(crate) fn of(
        release: kobling::Release,
        reasons: ReportSummary,
        warnings: Vec<String>,
    ) -> Self {
        Self {
            release: Arc::new(release),
            reasons,
            warnings,
        }
    }

    fn names(&self) -> Vec<&str> {
        self.release.tables().map(|(name, _)| name).collect()
    }
}

#[pymethods]
impl Release {
    /// Write the release to a new folder: the tables in each format, and `manifest.json`.
    ///
    /// Parameters
    /// ----------
    /// folder : str or os.PathLike
    ///     Nothing is overwritten.
    /// formats : sequence of str, default ("arrow", "parquet", "csv")
    ///
    /// Raises
    /// ------
    /// FileError
    ///     If something is there, or it cannot be written. Then there is no folder.
    /// KeyboardInterrupt
    ///     On Ctrl-C. Then there is no folder, either.
    #[pyo3(signature = (folder, *, formats=None))]
    fn write(
        &self,
        py: Python<'_>,
        folder: PathBuf,
        formats: Option<Vec<String>>,
    ) -> Result<(), Failure> {
        let formats = match formats {
            Some(names) => self::formats(&names)?,
            None => Format::ALL.to_vec(),
        };
        let release = Arc::clone(&self.release);
        run_silently(py, move |watching| {
            Ok(release.write_watched(folder, &formats, watching.clone())?)
        })
    }

    /// The names of the tables.
    ///
    /// Returns
    /// -------
    /// list of str
    fn keys(&self) -> Vec<&str> {
        self.names()
    }

    fn __getitem__(&self, name: &str) -> PyResult<Table> {
        if self.release.table(name).is_none() {
            let names = self.names().join(", ");
            return Err(PyKeyError::new_err(format!(
                "the release has no table {name:?}; it has {names}"
            )));
        }
        Ok(Table {
            release: Arc::clone(&self.release),
            name: name.to_owned(),
        })
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        let name: Option<String> = name.extract().ok();
        name.is_some_and(|name| self.release.table(&name).is_some())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.names().into_pyobject(py)?.call_method0("__iter__")
    }

    fn __len__(&self) -> usize {
        self.release.tables().count()
    }

    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?
            .call_method1("loads", (self.release.manifest().to_json(),))
    }

    #[getter]
    fn suppression<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?
            .call_method1("loads", (json!(self.reasons.tables).to_string(),))
    }

    #[getter]
    fn audits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("kobling._audit")?
            .call_method1("of_json", (json!(self.reasons.audits).to_string(),))
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        let manifest = self.release.manifest();
        let of_inputs = manifest.inputs.iter().flat_map(|input| {
            let warnings = input.warnings.iter();
            warnings.map(|warning| format!("{}: {warning}", input.source))
        });
        let of_tables = manifest.warnings();
        let of_tables = of_tables.map(|(table, warning)| format!("table {table}: {warning}"));
        let own = self.warnings.iter().cloned();
        own.chain(of_inputs).chain(of_tables).collect()
    }

    fn __repr__(&self) -> String {
        let manifest = self.release.manifest();
        let rehearsal = if manifest.rehearsal {
            "rehearsal, "
        } else {
            ""
        };
        let project = &manifest.plan.project.id;
        format!(
            "<Release of {project}, {rehearsal}tables: {}>",
            self.names().join(", ")
        )
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let show = slf.py().import("kobling._show")?;
        show.getattr("release_html")?.call1((slf,))
    }
}

/// A protected table of a release.
///
/// One column a dimension, and two a measure: its value, missing where it is suppressed, and
/// its status, in a column of the same name and `_status`. Any library that knows the Arrow
/// PyCapsule interface takes it: `polars.DataFrame(table)`, `pyarrow.table(table)`.
///
/// Attributes
/// ----------
/// name : str
///     Its name in the plan.
/// columns : list of str
///     The names of its columns.
/// record : dict
///     What the manifest says of it.
#[pyclass(frozen, module = "kobling")]
pub(crate) struct Table {
    release: Arc<kobling::Release>,
    name: String,
}

impl Table {
    fn batch(&self) -> PyResult<&arrow_array::RecordBatch> {
        let batch = self.release.table(&self.name);
        batch.ok_or_else(|| PyKeyError::new_err(self.name.clone()))
    }

    fn converted<'py>(slf: &Bound<'py, Self>, to: &str) -> PyResult<Bound<'py, PyAny>> {
        slf.py()
            .import("kobling._frames")?
            .getattr(to)?
            .call1((slf,))
    }

    fn shown<'py>(slf: &Bound<'py, Self>, to: &str) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("kobling._show")?.getattr(to)?.call1((slf,))
    }
}

#[pymethods]
impl Table {
    /// The table as a polars frame; needs polars.
    ///
    /// Returns
    /// -------
    /// polars.DataFrame
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::converted(slf, "to_polars")
    }

    /// The table as a pandas frame; needs pandas and pyarrow.
    ///
    /// Returns
    /// -------
    /// pandas.DataFrame
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::converted(slf, "to_pandas")
    }

    /// The table as one of pyarrow's; needs pyarrow.
    ///
    /// Returns
    /// -------
    /// pyarrow.Table
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::converted(slf, "to_arrow")
    }

    /// The rows as text, as the release's CSV has them; None is missing or suppressed.
    ///
    /// Parameters
    /// ----------
    /// most : int, optional
    ///     So many rows at most; without it, all.
    ///
    /// Returns
    /// -------
    /// list of list of (str or None)
    #[pyo3(signature = (most=None))]
    fn text_rows(&self, most: Option<usize>) -> Vec<Vec<Option<String>>> {
        let rows = self.release.rows(&self.name).into_iter().flatten();
        rows.take(most.unwrap_or(usize::MAX)).collect()
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let batch = self.batch()?.clone();
        let schema = batch.schema();
        stream::capsule(py, vec![batch], schema)
    }

    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    #[getter]
    fn columns(&self) -> PyResult<Vec<String>> {
        let schema = self.batch()?.schema();
        Ok(schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect())
    }

    #[getter]
    fn record<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let mut tables = self.release.manifest().tables.iter();
        let record = tables.find(|record| record.name == self.name);
        py.import("json")?
            .call_method1("loads", (json!(record).to_string(),))
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.batch()?.num_rows())
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::shown(slf, "table_text")
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::shown(slf, "table_html")
    }
}
