//! The linkage plan.

use std::path::PathBuf;

use kobling::plan::{Date, SCHEMA, Source};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::failure::{Failure, findings_of};
use crate::plan_mapping;

/// A linkage plan that was checked: who links what for which purpose, and how it is protected.
///
/// A plan is read, and never made by hand: `Plan.read`, `Plan.parse` or `Plan.from_dict`.
/// Each reports all that is wrong with it at once.
///
/// Attributes
/// ----------
/// project : str
///     The project's id.
/// epoch : int
///     The epoch of its pseudonyms.
/// digest : str
///     SHA-256 of the plan in its canonical form, in hex: in every extract and release.
/// sources : list of str
///     Names of the registers.
/// tables : list of str
///     Names of the tables.
/// notes : tuple of Finding
///     What to mind of the plan, although nothing is wrong.
/// is_rehearsal : bool
///     Whether it is the plan's rehearsal.
///
/// Examples
/// --------
/// >>> import kobling
/// >>> kobling.Plan.parse("version = 1")
/// Traceback (most recent call last):
///     ...
/// kobling.PlanError: the plan has 1 finding
/// line 1, column 1: version: `project` is missing
#[pyclass(frozen, module = "kobling")]
pub(crate) struct Plan(kobling::Plan);

impl Plan {
    pub(crate) fn get(&self) -> &kobling::Plan {
        &self.0
    }
}

#[pymethods]
impl Plan {
    /// Read the plan in a TOML file, and the code lists next to it that it names.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///     The plan.
    ///
    /// Returns
    /// -------
    /// Plan
    ///
    /// Raises
    /// ------
    /// PlanError
    ///     With all its findings.
    /// FileError
    ///     If it cannot be read.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> Result<Self, Failure> {
        let examined = py.detach(|| kobling::Plan::examine(&path))?;
        examined.map(Self).map_err(|findings| Failure::Findings {
            plan: Some(path),
            findings: findings.as_slice().to_vec(),
        })
    }

    /// Read a plan from its TOML text.
    ///
    /// Parameters
    /// ----------
    /// text : str
    ///     The plan. It names no code lists, which lie next to a plan's file.
    ///
    /// Returns
    /// -------
    /// Plan
    ///
    /// Raises
    /// ------
    /// PlanError
    ///     With all its findings, each with line and column.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self, Failure> {
        let parsed = kobling::Plan::parse(text);
        parsed.map(Self).map_err(|findings| Failure::Findings {
            plan: None,
            findings: findings.as_slice().to_vec(),
        })
    }

    /// Take a plan as a mapping of what its TOML file would hold.
    ///
    /// Parameters
    /// ----------
    /// plan : dict
    ///     Of str, bool, int, float, datetime.date, and of lists and dicts of these.
    ///
    /// Returns
    /// -------
    /// Plan
    ///     With the same digest as that of the file.
    ///
    /// Raises
    /// ------
    /// PlanError
    ///     With all its findings, each with its path in place of line and column.
    /// TypeError
    ///     If there is something in it that no plan can hold.
    #[staticmethod]
    fn from_dict(plan: &Bound<'_, PyDict>) -> Result<Self, Failure> {
        plan_mapping::read(plan).map(Self)
    }

    /// The JSON Schema of plans, by which editors complete and check them.
    ///
    /// Returns
    /// -------
    /// dict
    #[staticmethod]
    fn schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        py.import("json")?.call_method1("loads", (SCHEMA,))
    }

    /// The plan's rehearsal: on test data, without approval, in a domain of its own.
    ///
    /// Returns
    /// -------
    /// Plan
    fn rehearsal(&self) -> Self {
        Self(self.0.rehearsal())
    }

    /// The plan, run at another day than today.
    ///
    /// Parameters
    /// ----------
    /// day : datetime.date
    ///
    /// Returns
    /// -------
    /// Plan
    fn at(&self, day: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text: String = day.call_method0("isoformat")?.extract()?;
        let day: Option<Date> = text.parse().ok();
        let day = day.ok_or_else(|| PyValueError::new_err("a day is a datetime.date"))?;
        Ok(Self(self.0.at(day)))
    }

    /// Check that the plan may run now.
    ///
    /// Raises
    /// ------
    /// NotPermittedError
    ///     If it is outside its dates, or lacks an approval.
    fn may_run(&self) -> Result<(), Failure> {
        Ok(self.0.may_run()?)
    }

    #[getter]
    fn project(&self) -> &str {
        self.0.project()
    }

    #[getter]
    fn epoch(&self) -> u32 {
        self.0.epoch()
    }

    #[getter]
    fn digest(&self) -> String {
        self.0.digest().to_string()
    }

    #[getter]
    fn sources(&self) -> Vec<&str> {
        self.0.sources().iter().map(Source::name).collect()
    }

    #[getter]
    fn tables(&self) -> Vec<&str> {
        self.0.table_names().collect()
    }

    #[getter]
    fn is_rehearsal(&self) -> bool {
        self.0.is_rehearsal()
    }

    #[getter]
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        pyo3::types::PyTuple::new(py, findings_of(py, &self.0.notes())?)
    }

    /// What the plan does, in words that a lawyer can sign.
    fn __str__(&self) -> String {
        self.0.summary()
    }

    fn __repr__(&self) -> String {
        let rehearsal = if self.0.is_rehearsal() {
            ", rehearsal"
        } else {
            ""
        };
        format!(
            "<Plan {}, epoch {}{rehearsal}>",
            self.0.project(),
            self.0.epoch()
        )
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("kobling._show")?
            .call_method1("text_html", (self.0.summary(),))
    }
}
