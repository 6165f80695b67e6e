//! Reads and checks one written identifier of a person.

mod canonical;
mod date;
mod day;
mod digits;
mod email;
mod error;
mod fault;
mod generic;
mod identifier_type;
mod kind;
mod national;
mod raw;
mod rule;
#[cfg(test)]
mod tests;
mod written;

pub mod guarded;

pub use date::Date;
pub use error::{Error, Result};
pub use fault::IdentifierFault;
pub use identifier_type::IdentifierType;
pub use kind::IdentifierKind;
pub use national::norway;
pub use raw::Raw;
pub use rule::{Control, FnrKind, FnrKinds, HnrControl, IdentifierRule, Synthetic};
