//! Registers of persons who do not exist.

use std::path::PathBuf;

use kobling::synthesise::SyntheticPopulation;
use pyo3::prelude::*;

use crate::failure::Failure;
use crate::release::formats;
use crate::run::refuse_a_fork;

/// `kobling.synthesise`, which has the documentation.
#[pyfunction]
pub(crate) fn synthesise(
    py: Python<'_>,
    folder: PathBuf,
    persons: u64,
    seed: u64,
    format: String,
) -> Result<(), Failure> {
    refuse_a_fork()?;
    let formats = formats(&[format])?;
    py.detach(|| {
        let population = SyntheticPopulation::new(persons, seed)?;
        population.write(folder, formats[0])?;
        Ok(())
    })
}
