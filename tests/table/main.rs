//! Linkage and tables: what is counted, and by which names.

#[path = "../support/mod.rs"]
mod support;

mod circles;
mod counts;
mod extract_parts;
mod extract_range;
mod floors;
mod history;
mod laws;
mod margins;
#[cfg(feature = "cli")]
mod match_rates;
mod names;
mod parts;
mod preferred;
mod registers;
#[cfg(feature = "bench")]
mod skewed;
