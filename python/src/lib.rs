//! kobling for Python: the library's flow, in the types that Python has.
//!
//! What is here translates, and decides nothing of the field: what Python asks for, the
//! library does, and what the library refuses, is raised with the same words. What faces a
//! person (signatures, documentation, pictures) is Python, in `python/kobling`.

mod compare;
mod data;
mod explain;
mod extract;
mod failure;
mod inspect;
mod key;
mod ledger;
mod link;
mod output;
mod parts;
mod plan;
mod plan_mapping;
mod reader;
mod release;
mod run;
mod step;
mod stream;
mod synthesise;
mod unit;

use pyo3::prelude::*;

/// What `kobling` is made of; not to be imported by itself.
#[pymodule]
mod _kobling {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::compare::compare;
    #[pymodule_export]
    use crate::explain::explain;
    #[pymodule_export]
    use crate::extract::{Extract, identifier_report, pseudonymise};
    #[pymodule_export]
    use crate::inspect::inspect;
    #[pymodule_export]
    use crate::key::{DomainKey, LinkageKey, ReleaseKey};
    #[pymodule_export]
    use crate::ledger::read_ledger;
    #[pymodule_export]
    use crate::link::link;
    #[pymodule_export]
    use crate::parts::{link_part, merge};
    #[pymodule_export]
    use crate::plan::Plan;
    #[pymodule_export]
    use crate::release::{Release, Table};
    #[pymodule_export]
    use crate::synthesise::synthesise;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::hush_decoders();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// A damaged file is refused, by name; where a decoder panicked over it, that
/// says nothing more, and may quote what is in the file.
fn hush_decoders() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !kobling::is_decoding() {
            otherwise(panic);
        }
    }));
}
