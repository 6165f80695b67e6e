//! kobling links registers that different agencies hold, on keyed pseudonyms,
//! keeps only what a signed plan needs, and lets nothing out but
//! disclosure-controlled tables.
//!
//! ```text
//!             plan.toml (purpose, legal basis, sources, columns, tables, protection)
//!                 │
//!  agency A  ── Rows ▶ Identified ▶ Extract ──┐
//!  agency B  ── Rows ▶ Identified ▶ Extract ──┼▶ Linkage ▶ ConfidentialTables ▶ ProtectedTables ▶ Release ▶ Arrow
//!  agency C  ── Rows ▶ Identified ▶ Extract ──┘   link       tabulate             protect           release
//!                      identify    pseudonymise              ▲ release key (linkage unit)
//!                                  ▲ domain key (agencies)
//! ```
//!
//! Each arrow is one verb, and each verb consumes what is on its left. Only two
//! things have a door out of the process: an [`Extract`], pseudonymised and
//! minimised, for the linkage unit that the plan names; and a [`Release`] of
//! protected tables.
//!
//! # Examples
//!
//! All roles in one process, on a small copy of real registers:
//!
//! ```
//! use kobling::protect::Protection;
//! use kobling::{Extract, Linkage, LinkageKey, Plan, ReleaseKey, Rows};
//!
//! # fn main() -> kobling::Result<()> {
//! let plan = Plan::read("examples/nhanes/plan.toml")?;
//!
//! // The key custodian derives the key of this project; the agencies get it.
//! let domain_key = LinkageKey::generate()?.domain_key(&plan.domain());
//!
//! // Each agency makes an extract: no identifier leaves it.
//! let extracts: Vec<Extract> = plan
//!     .sources()
//!     .iter()
//!     .map(|source| {
//!         let file = format!("examples/nhanes/{}.parquet", source.name());
//!         Rows::open(&plan, source.name(), &[file])?.identify()?.pseudonymise(&domain_key)
//!     })
//!     .collect::<kobling::Result<_>>()?;
//!
//! // The linkage unit links, tabulates, protects and releases.
//! let protection = Protection::new(ReleaseKey::generate()?);
//! let tables = Linkage::new(&plan, extracts)?.tabulate(protection)?;
//! let release = tables.protect()?.release()?;
//!
//! let table = release.table("mortality").unwrap();
//! assert_eq!(table.num_rows(), 96);
//! assert_eq!(table.column_by_name("persons").unwrap().null_count(), 15); // suppressed
//! # use arrow_array::Array as _;
//! # Ok(())
//! # }
//! ```
//!
//! # What becomes of every row
//!
//! A linkage that loses rows without a word is wrong without a word. So in
//! every run the rows that were read are those kept, those that the plan's
//! `keep` filters, and those in quarantine, by reason; an extract whose counts
//! do not add up is not made, and one that lacks rows is not read.
//!
//! * Before anything leaves, [`Rows::identifier_report`] (on the command line
//!   `kobling inspect --plan plan.toml --source tax tax.csv`) shows the agency
//!   what its identifiers are like: missing, valid by kind, quarantined by
//!   reason, repeated, synthetic.
//! * After linking, every [`Manifest`] states how well each look-up matched; and
//!   by groups of base rows, where the plan's table says `match_rates = { by =
//!   ["population.county"], margin = 5 }`. Where linkage loses some groups more
//!   than others by more percentage points than the margin, it warns.
//!
//! Counts that may be passed on are rounded, those of a release after noise, and small groups are
//! hidden.
//!
//! # What the linkage unit decides
//!
//! The plan names a method of protection for each table ([`protect`] says what
//! each does). Suppression and rounding need the release key only;
//! what else there may be is put together in a
//! [`Protection`](protect::Protection):
//!
//! * a [`Perturbation`](protect::perturbation::Perturbation), which says how much
//!   noise the cell-key method adds, and is the linkage unit's secret;
//! * a [`Ledger`] of the project's releases. New tables are protected together
//!   with what it holds, and the privacy budget of noise is spent in it.
//!
//! [`Linkage::tabulate`] takes it, and folds the rows with all that it needs of them.
//!
//! Before a method is chosen, [`Linkage::compare`] tries all of them on the same
//! figures: its [`Comparison`](protect::Comparison) holds the
//! [`Utility`](protect::utility::Utility) of each and its
//! [`Risk`](protect::utility::Risk).
//!
//! # Within another program
//!
//! * Rows and extracts need no files: [`Rows::from_batches`] and [`Rows::from_reader`],
//!   [`Extract::from_bytes`], [`Extract::from_batches`] and [`Extract::from_reader`] take
//!   them from memory, and [`Extract::to_bytes`], [`Extract::batches`] and
//!   [`Extract::reader`] give them. Keys may be shared in an `Arc`. The Arrow crates are
//!   in [`arrow`].
//! * Files of extracts are mapped, unless [`ReadOptions`] say to copy them: whoever
//!   shortens a mapped file ends the process.
//! * [`Plan::at`] gives a run its time; else the clock does.
//! * Work is done on rayon's threads: on those of the pool that a call is made in, and no
//!   others are made. So a program with a pool of its own makes its calls inside its
//!   `ThreadPool::install`. What comes out is the same for any number of threads.
//!   Calls block; in an async program they belong where blocking does.
//! * A caller that waits gives a [`Watch`], once to each value that comes in: it is notified how
//!   far each long [`Step`] is, and may have it cancelled. Nothing is left half done then.
//! * An [`Error`] gives its parts one by one: kind, file, source, table, column, row,
//!   rule and help.
//! * Enums and structs that will grow are `#[non_exhaustive]`. Those that a caller makes
//!   have a constructor, or a default, and fields to set, as the
//!   [parts of a plan](plan::PlanDocument::new) do.
//!
//! # Features
//!
//! * `polars`: frames in and out. [`Rows`] from a `DataFrame` or a `LazyFrame`
//!   (`from_frame`, `from_lazy`), and a table of a [`Release`] as a `DataFrame`
//!   (`frame`). The types are those of polars 0.55.
//! * `synthesise`: registers of a population that never was, to try a plan on,
//!   in a module of that name.
//! * `cli`: the command line `kobling`.
//! * `bench`: doors into single stages, for kobling's own benchmarks. They open
//!   on rehearsals only, and promise nothing.
//!
//! A feature adds; it changes nothing that is there without it.
//!
//! # What cannot be written
//!
//! A table that is not protected cannot be released:
//!
//! ```compile_fail,E0599
//! # use kobling::{Linkage, Release, Result, protect::Protection};
//! fn leak(linkage: Linkage, with: Protection) -> Result<Release> { linkage.tabulate(with)?.release() }
//! ```
//!
//! Rows cannot be pseudonymised with the master key:
//!
//! ```compile_fail,E0308
//! # use kobling::{Extract, Identified, LinkageKey, Result};
//! fn wrong(rows: Identified, key: &LinkageKey) -> Result<Extract> { rows.pseudonymise(key) }
//! ```
//!
//! Nor can identifiers be read, before or after; a key cannot be printed,
//! copied, compared or serialised; and nobody but this crate can call a table
//! protected:
//!
//! ```compile_fail,E0603
//! fn mine(tables: kobling::table::Tables<kobling::table::Confidential>) {}
//! ```
//!
//! # What it does not do
//!
//! Whoever holds a domain key can try all national identifiers, for there are
//! few, and so undo the pseudonyms: that is why the linkage unit must not hold
//! it. What each method of protection does not stop is listed in [`protect`] and in
//! every [`Manifest`].

// A library speaks through its results.
#![warn(clippy::print_stdout, clippy::print_stderr)]

#[cfg(target_endian = "big")]
compile_error!("extracts are little-endian, and are read where they lie");

mod count;
mod error;
mod hex;
mod limited;
mod mapped;
mod secret;
mod watch;

mod atomic_file;

pub mod plan;

pub mod key;

pub mod ledger;

mod rows;

mod column;

pub mod identifier;

mod pseudonym;

pub mod extract;

mod link;

mod table;

pub mod protect;

pub mod release;

#[cfg(feature = "polars")]
mod frame;

#[cfg(feature = "synthesise")]
pub mod synthesise;

#[cfg(feature = "bench")]
pub mod bench;

/// Disclosure control on numbers, without registers: a crate of its own.
#[doc(inline)]
pub use kobling_sdc as sdc;

/// The Arrow crates that kobling's signatures name, of the version that they name: an
/// embedder who takes them from here matches it.
///
/// Arrow has a new major version several times a year, and so its types here change with
/// kobling's own minor versions. Whoever is of another version hands batches over by the
/// Arrow C data interface, or as [bytes](crate::Extract::to_bytes).
pub mod arrow {
    pub use arrow_array as array;
    pub use arrow_schema as schema;
}

pub use atomic_file::remove_unfinished;
pub use count::Count;
pub use error::{Error, ErrorKind, Result};
pub use extract::Extract;
pub use identifier::{Identified, IdentifierFault, IdentifierKind, IdentifierReport, Quarantine};
pub use key::{Domain, DomainKey, KeyCheck, KeyKind, LinkageKey, ReleaseKey};
pub use ledger::Ledger;
pub use link::{Linkage, LinkagePart};
pub use mapped::ReadOptions;
pub use plan::{IdentifierRule, IdentifierType, Plan, PlanDocument};
pub use release::{Format, Inspection, Manifest, Release};
pub use rows::{Readings, RegisterColumn, Rows, is_decoding, register_columns};
pub use watch::{Step, Watch};

/// The README's Rust runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
