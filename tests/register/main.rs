//! From the files of a register to an extract.

#[path = "../support/mod.rs"]
mod support;

mod columnar_cases;
mod columnar_files;
mod composite;
mod conservation;
mod extract;
mod extract_embedded;
mod extract_file;
mod extract_forged;
mod extract_memory;
#[cfg(feature = "polars")]
mod frame;
#[cfg(feature = "cli")]
mod inspect_register;
mod own_pool;
mod reader;
mod register_files;
mod rows;
mod rows_coarsened;
#[cfg(feature = "xlsx")]
mod spreadsheets;
mod text_cases;
