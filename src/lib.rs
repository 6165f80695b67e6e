//! kobling links registers that different agencies hold, on keyed pseudonyms.

mod error;
mod secret;
mod whole_file;

pub mod plan;

pub mod key;

mod rows;

mod column;

pub mod identifier;

mod pseudonym;

pub mod extract;

mod link;

pub mod table;

pub mod protect;

pub mod release;

pub use error::{Error, ErrorKind, Result};
pub use extract::Extract;
pub use identifier::{Identified, Invalid, Quarantine};
pub use key::{Domain, DomainKey, KeyCheck, LinkageKey, ReleaseKey};
pub use link::Linkage;
pub use plan::{IdentifierType, Plan, PlanDocument};
pub use release::{Format, Inspection, Manifest, Release};
pub use rows::Rows;
