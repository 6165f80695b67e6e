//! kobling links registers that different agencies hold, on keyed pseudonyms.

mod error;
mod secret;
mod whole_file;

mod column;
pub mod identifier;
pub mod key;
pub mod plan;
mod pseudonym;
mod rows;

pub use error::{Error, ErrorKind, Result};
pub use identifier::{Identified, Invalid, Quarantine};
pub use key::{Domain, DomainKey, KeyCheck, LinkageKey, ReleaseKey};
pub use plan::{IdentifierType, Plan, PlanDocument};
pub use rows::Rows;
