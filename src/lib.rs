//! kobling links registers that different agencies hold, on keyed pseudonyms.

mod error;

pub use error::{Error, ErrorKind, Result};
