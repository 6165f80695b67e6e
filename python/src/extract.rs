//! The extract: made of a register, written, read back, looked into.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use kobling::extract::Header;
use kobling::plan::Source;
use kobling::{IdentifierReport, ReadOptions, Readings};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule};
use serde_json::json;

use crate::data::Register;
use crate::failure::{Failure, Refusal};
use crate::key::DomainKey;
use crate::plan::Plan;
use crate::run::{refuse_a_fork, run_silently};
use crate::stream;

/// An extract until it is linked, shared with the threads that work on it.
type Held = Arc<Mutex<Option<kobling::Extract>>>;

/// A register, pseudonymised, minimised and sorted: what leaves an agency.
///
/// `kobling.pseudonymise` makes one of a register, and `Extract.read` reads one. It is
/// personal data still, for the linkage unit that the plan names and nobody else.
///
/// It is an Arrow table: a column `pseudonym` of 16 bytes, then the plan's columns by name,
/// rows sorted. Any library that knows the Arrow PyCapsule interface takes it, such as
/// `polars.DataFrame(extract)`.
///
/// `kobling.link` uses it up. It holds files where it is mapped, or does not fit into the memory
/// that it was given: as a context manager, ``with kobling.Extract.read(…) as extract:``, it
/// lets go of them at the end.
///
/// Attributes
/// ----------
/// source : str
///     The source in the plan.
/// key_check : str
///     The check of the domain key that it was made with.
/// rows : int
///     Rows that it has.
/// content : str
///     SHA-256 over what it says of itself and all values, in hex; the same in every format.
/// report : ExtractReport
///     What became of the register's rows. It is there after linking, too.
#[pyclass(frozen, module = "kobling")]
pub(crate) struct Extract {
    held: Held,
    header: Header,
    readings: Readings,
    closed: AtomicBool,
    /// What the agency is to mind, which no header says.
    warnings: Vec<String>,
}

impl Extract {
    fn of(extract: kobling::Extract, readings: Readings) -> Self {
        Self {
            header: extract.header().clone(),
            warnings: extract.warnings(),
            held: Arc::new(Mutex::new(Some(extract))),
            closed: AtomicBool::new(false),
            readings,
        }
    }

    pub(crate) fn source_name(&self) -> &str {
        &self.header.source
    }

    /// The extract, which nobody has here from now on.
    pub(crate) fn take(&self, py: Python<'_>) -> Option<kobling::Extract> {
        // Somebody may be writing it.
        py.detach(|| {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.take()
        })
    }

    /// Gives back what was [taken](Self::take) and not used.
    pub(crate) fn put_back(&self, extract: kobling::Extract) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(extract);
    }

    /// That it is not there any more.
    pub(crate) fn gone(&self) -> Refusal {
        let closed = self.closed.load(Ordering::SeqCst);
        Refusal::consumed(self.source_name(), if closed { "closed" } else { "linked" })
    }

    /// Does `work` on the extract, without the interpreter.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&kobling::Extract) -> kobling::Result<T> + Send,
    ) -> Result<T, Failure> {
        refuse_a_fork()?;
        let done = py.detach(|| {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.as_ref().map(work)
        });
        match done {
            Some(done) => Ok(done?),
            None => Err(self.gone().into()),
        }
    }
}

#[pymethods]
impl Extract {
    /// Read and verify an extract that was written.
    ///
    /// Parameters
    /// ----------
    /// plan : Plan
    ///     The plan that it was made under.
    /// path : str or os.PathLike
    ///     A file, or the folder of an extract that was written in parts.
    /// map : bool, default True
    ///     Map the file into memory, which whoever shortens it then ends the process by; else
    ///     copy it.
    ///
    /// Returns
    /// -------
    /// Extract
    ///
    /// Raises
    /// ------
    /// ExtractError
    ///     If it is damaged, forged, or made under another plan.
    /// FileError
    ///     If it cannot be read.
    #[staticmethod]
    #[pyo3(signature = (plan, path, *, map=true))]
    fn read(py: Python<'_>, plan: &Plan, path: PathBuf, map: bool) -> Result<Self, Failure> {
        let plan = plan.get().clone();
        run_silently(py, move |watching| {
            let options = ReadOptions::new().map(map);
            let read = || kobling::Extract::read_with(&plan, path, &options);
            let extract = watching.harmlessly(read)?;
            Ok(Self::of(extract, Readings::default()))
        })
    }

    /// Write the extract to a new file or folder; nothing is overwritten.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///     A file that ends in `.arrow` or `.parquet`; with `parts`, a folder.
    /// parts : int, optional
    ///     Write a folder of so many parts, from 1 to 4096, each a file of one range of
    ///     pseudonyms.
    ///
    /// Raises
    /// ------
    /// FileError
    ///     If something is there, or it cannot be written. Then nothing is left.
    /// ConsumedError
    ///     If it was linked or closed already.
    /// KeyboardInterrupt
    ///     On Ctrl-C. Nothing is left.
    #[pyo3(signature = (path, *, parts=None))]
    fn write(&self, py: Python<'_>, path: PathBuf, parts: Option<u32>) -> Result<(), Failure> {
        match (parts, path.extension()) {
            (None, None) => {
                let rule =
                    "an extract is written as `.arrow` or `.parquet`, or by `parts` as a folder";
                return Err(Refusal::file(&path, rule).into());
            }
            (Some(_), Some(_)) => {
                let rule = "`parts` writes a folder of files that end in `.arrow`; its own name \
                            has no ending";
                return Err(Refusal::file(&path, rule).into());
            }
            _ => {}
        }
        let held = Arc::clone(&self.held);
        let written = run_silently(py, move |watching| {
            // Somebody may be reading it.
            let held = held.lock().unwrap_or_else(PoisonError::into_inner);
            let watch = watching.clone();
            let written = held.as_ref().map(|extract| match parts {
                Some(parts) => extract.write_parts_watched(&path, parts, watch),
                None => extract.write_new_watched(&path, watch),
            });
            Ok(written.transpose()?)
        });
        written?.ok_or_else(|| self.gone().into())
    }

    /// Let go of the rows, and of the files that they are in. A second time changes nothing.
    ///
    /// It needs not be called: linking an extract does it, and so does forgetting it.
    fn close(&self, py: Python<'_>) {
        let taken = self.take(py);
        if taken.is_some() {
            self.closed.store(true, Ordering::SeqCst);
        }
        py.detach(|| drop(taken));
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _type: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) {
        self.close(py);
    }

    /// The extract as the bytes of an Arrow IPC file.
    ///
    /// Returns
    /// -------
    /// bytes
    ///
    /// Raises
    /// ------
    /// ConsumedError
    ///     If it was linked already.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>, Failure> {
        let bytes = self.with(py, kobling::Extract::to_bytes)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Take and verify an extract from the bytes of its file.
    ///
    /// Parameters
    /// ----------
    /// plan : Plan
    ///     The plan that it was made under.
    /// data : bytes
    ///
    /// Returns
    /// -------
    /// Extract
    ///
    /// Raises
    /// ------
    /// ExtractError
    ///     If it is damaged, forged, or made under another plan.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, plan: &Plan, data: &[u8]) -> Result<Self, Failure> {
        refuse_a_fork()?;
        let (plan, data) = (plan.get(), data.to_vec());
        let extract = py.detach(|| kobling::Extract::from_bytes(plan, data))?;
        Ok(Self::of(extract, Readings::default()))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyCapsule>, Failure> {
        drop(requested_schema);
        let batches = self.with(py, |extract| {
            Ok(extract.batches().collect::<Vec<RecordBatch>>())
        })?;
        let schema = match batches.first() {
            Some(batch) => batch.schema(),
            None => self.with(py, |extract| Ok(extract.to_batch().schema()))?,
        };
        Ok(stream::capsule(py, batches, schema)?)
    }

    #[getter]
    fn source(&self) -> &str {
        self.source_name()
    }

    #[getter]
    fn key_check(&self) -> String {
        self.header.key_check.to_string()
    }

    #[getter]
    fn rows(&self) -> u64 {
        self.header.rows
    }

    #[getter]
    fn content(&self, py: Python<'_>) -> Result<String, Failure> {
        self.with(py, |extract| Ok(extract.content().to_string()))
    }

    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let source = &self.header.source;
        let of_header = self.header.warnings().into_iter();
        let of_header = of_header.map(|warning| format!("{source}: {warning}"));
        let warnings: Vec<String> = of_header.chain(self.warnings.iter().cloned()).collect();
        let report = json!({
            "source": source,
            "rows_read": self.header.rows_read,
            "rows_kept": self.header.rows,
            "rows_filtered": self.header.rows_filtered(),
            "rows_quarantined": self.header.rows_quarantined(),
            "quarantine": self.header.quarantine,
            "columns": self.header.columns,
            "read_as": self.readings.words(),
            "warnings": warnings,
            "key_check": self.header.key_check.to_string(),
        });
        let of_json = py.import("kobling._report")?.getattr("of_json")?;
        of_json.call1((report.to_string(),))
    }

    fn __len__(&self) -> usize {
        usize::try_from(self.header.rows).unwrap_or(usize::MAX)
    }

    fn __repr__(&self) -> String {
        let (source, rows) = (self.source_name(), self.header.rows);
        format!(
            "<Extract of {source}, {rows} rows, key check {}>",
            self.header.key_check
        )
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.report(py)?.call_method0("_repr_html_")
    }
}

/// `kobling.pseudonymise`, which has the documentation. `within` is the memory in bytes, and
/// the folder of what does not fit.
#[pyfunction]
pub(crate) fn pseudonymise(
    py: Python<'_>,
    plan: &Plan,
    source: &str,
    data: &Bound<'_, PyAny>,
    domain_key: &DomainKey,
    within: Option<(u64, PathBuf)>,
    progress: &Bound<'_, PyAny>,
) -> Result<Extract, Failure> {
    let (plan, key) = (plan.get().clone(), domain_key.get());
    // Before the rows are read, which may take long.
    key.check_plan(&plan)?;
    let register = Register::of(&plan, source, data, Source::reads)?;
    register.read(py, progress, move |rows| {
        let readings = rows.readings();
        let extract = match within {
            None => rows.identify()?.pseudonymise(&key)?,
            Some((memory, folder)) => rows.pseudonymise_within(&key, memory, folder)?,
        };
        Ok(Extract::of(extract, readings))
    })
}

/// `kobling.identifier_report`, which has the documentation.
#[pyfunction]
pub(crate) fn identifier_report<'py>(
    py: Python<'py>,
    plan: &Plan,
    source: &str,
    data: &Bound<'_, PyAny>,
    exact: bool,
    progress: &Bound<'_, PyAny>,
) -> Result<Bound<'py, PyAny>, Failure> {
    let register = Register::of(plan.get(), source, data, Source::reads_to_identify)?;
    let report: IdentifierReport = register.read(py, progress, move |rows| match exact {
        true => rows.exact_identifier_report(),
        false => rows.identifier_report(),
    })?;
    let text = json!(report).to_string();
    Ok(py.import("json")?.call_method1("loads", (text,))?)
}
