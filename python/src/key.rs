//! Keys. They come and go by key files; Python sees no byte of them.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::plan::Plan;

/// A key is pickled, copied and compared by nobody.
fn not_pickled() -> PyErr {
    PyTypeError::new_err("a key is neither pickled nor copied: write a key file, and read that")
}

/// The key custodian's master secret, from which the domain key of each project is derived.
///
/// Whoever holds it can undo every pseudonym. It is for the key custodian, who holds no
/// data. It cannot be printed, pickled, copied or compared.
///
/// Examples
/// --------
/// >>> import kobling
/// >>> kobling.LinkageKey.generate()
/// <LinkageKey>
#[pyclass(frozen, module = "kobling")]
pub(crate) struct LinkageKey(kobling::LinkageKey);

#[pymethods]
impl LinkageKey {
    /// Make a new key, of the operating system's random bytes.
    ///
    /// Returns
    /// -------
    /// LinkageKey
    #[staticmethod]
    fn generate() -> Result<Self, Failure> {
        Ok(Self(kobling::LinkageKey::generate()?))
    }

    /// Read the key in a key file.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///
    /// Returns
    /// -------
    /// LinkageKey
    ///
    /// Raises
    /// ------
    /// WrongKeyError
    ///     If it holds no undamaged linkage key, or others may read it.
    /// FileError
    ///     If it cannot be read.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self, Failure> {
        Ok(Self(kobling::LinkageKey::read(path)?))
    }

    /// Write a new key file, for its owner only; never over an existing one.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///
    /// Raises
    /// ------
    /// WrongKeyError
    ///     If something is there.
    /// FileError
    ///     If it cannot be written.
    fn write(&self, path: PathBuf) -> Result<(), Failure> {
        Ok(self.0.write(path)?)
    }

    /// Derive the key of the plan's domain, for the agencies of its project.
    ///
    /// Parameters
    /// ----------
    /// plan : Plan
    ///     One that may run now: a key that was handed over opens the domain.
    ///
    /// Returns
    /// -------
    /// DomainKey
    ///
    /// Raises
    /// ------
    /// NotPermittedError
    ///     If the plan may not run.
    fn domain_key(&self, plan: &Plan) -> Result<DomainKey, Failure> {
        let plan = plan.get();
        plan.may_run()?;
        Ok(DomainKey(Arc::new(self.0.domain_key(&plan.domain()))))
    }

    fn __repr__(&self) -> &'static str {
        "<LinkageKey>"
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(not_pickled())
    }
}

/// The key under which the agencies of one project pseudonymise.
///
/// Whoever holds it can try all identifiers, and so undo the pseudonyms of the project. It is
/// for its agencies, and never for the linkage unit. `LinkageKey.domain_key` makes one. It
/// cannot be printed, pickled, copied or compared.
///
/// Attributes
/// ----------
/// project : str
///     The project that it is for.
/// epoch : int
///     The epoch that it is for.
/// check : str
///     The key check, which is no secret: two who hold the same key have the same check.
#[pyclass(frozen, module = "kobling")]
pub(crate) struct DomainKey(Arc<kobling::DomainKey>);

impl DomainKey {
    pub(crate) fn get(&self) -> Arc<kobling::DomainKey> {
        Arc::clone(&self.0)
    }
}

#[pymethods]
impl DomainKey {
    /// Read the key in a key file.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///
    /// Returns
    /// -------
    /// DomainKey
    ///
    /// Raises
    /// ------
    /// WrongKeyError
    ///     If it holds no undamaged domain key, or others may read it.
    /// FileError
    ///     If it cannot be read.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self, Failure> {
        Ok(Self(Arc::new(kobling::DomainKey::read(path)?)))
    }

    /// Write a new key file, for its owner only; never over an existing one.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///
    /// Raises
    /// ------
    /// WrongKeyError
    ///     If something is there.
    /// FileError
    ///     If it cannot be written.
    fn write(&self, path: PathBuf) -> Result<(), Failure> {
        Ok(self.0.write(path)?)
    }

    #[getter]
    fn project(&self) -> &str {
        self.0.domain().project()
    }

    #[getter]
    fn epoch(&self) -> u32 {
        self.0.domain().epoch()
    }

    #[getter]
    fn check(&self) -> String {
        self.0.check().to_string()
    }

    fn __repr__(&self) -> String {
        format!(
            "<DomainKey of {}, key check {}>",
            self.0.domain(),
            self.0.check()
        )
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(not_pickled())
    }
}

/// The linkage unit's own key, which seeds everything random in protection.
///
/// Whoever holds it and the extracts can compute the noise in a release. It is for the
/// linkage unit only. It cannot be printed, pickled, copied or compared.
///
/// Attributes
/// ----------
/// check : str
///     The key check, which is no secret: it shows which key a release was made with.
#[pyclass(frozen, module = "kobling")]
pub(crate) struct ReleaseKey(Arc<kobling::ReleaseKey>);

impl ReleaseKey {
    pub(crate) fn get(&self) -> Arc<kobling::ReleaseKey> {
        Arc::clone(&self.0)
    }
}

#[pymethods]
impl ReleaseKey {
    /// Make a new key, of the operating system's random bytes.
    ///
    /// Returns
    /// -------
    /// ReleaseKey
    #[staticmethod]
    fn generate() -> Result<Self, Failure> {
        Ok(Self(Arc::new(kobling::ReleaseKey::generate()?)))
    }

    /// Read the key in a key file.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///
    /// Returns
    /// -------
    /// ReleaseKey
    ///
    /// Raises
    /// ------
    /// WrongKeyError
    ///     If it holds no undamaged release key, or others may read it.
    /// FileError
    ///     If it cannot be read.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self, Failure> {
        Ok(Self(Arc::new(kobling::ReleaseKey::read(path)?)))
    }

    /// Write a new key file, for its owner only; never over an existing one.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///
    /// Raises
    /// ------
    /// WrongKeyError
    ///     If something is there.
    /// FileError
    ///     If it cannot be written.
    fn write(&self, path: PathBuf) -> Result<(), Failure> {
        Ok(self.0.write(path)?)
    }

    #[getter]
    fn check(&self) -> String {
        self.0.check().to_string()
    }

    fn __repr__(&self) -> String {
        format!("<ReleaseKey, key check {}>", self.0.check())
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(not_pickled())
    }
}
