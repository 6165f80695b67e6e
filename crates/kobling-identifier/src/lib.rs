//! Reads and checks one written identifier: a national identity number, an
//! organisation number, an address, a code.
//!
//! A form that checks a number finds here what the registers of
//! [kobling](https://github.com/kobling/kobling) are read by. Nothing in this crate
//! knows of plans, rows of registers or Arrow: it works on one value.
//!
//! The same number is written in many ways: with or without its leading zero, with
//! dashes, as a float because one value in its column was missing, as a spreadsheet left
//! it. So each [`IdentifierType`] has one canonical form, byte for byte. What has none
//! is an [`IdentifierFault`]; what has one is reported as an [`IdentifierKind`].
//!
//! | what | is |
//! |---|---|
//! | [`IdentifierType`] | what a value is to be read as: a number of Norway, Sweden, Denmark, Finland, Iceland, Estonia, Lithuania, the United Kingdom or the United States, and types of no country |
//! | [`IdentifierRule`] | a type, and which of its numbers count: of which kinds, of test persons or not, as of which day |
//! | [`IdentifierRule::canonical`] | from a value as it was stored ([`Raw`]) to its canonical form |
//! | [`IdentifierRule::recognise`] | whether a text is one, and what kind |
//! | [`guarded`] | text that was guarded from spreadsheets, or came through one |
//! | [`norway`] | what the numbers of Norway are made by, and a quick way to judge them |
//!
//! Each type's own file has the source of its definition: the law, or what the
//! authority that issues the numbers has published. A number that passes is
//! well-formed; whether somebody has it, only the authority knows.
//!
//! # Examples
//!
//! A Norwegian fødselsnummer, as somebody typed it:
//!
//! ```
//! use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType, Raw};
//!
//! # fn main() -> Result<(), IdentifierFault> {
//! let rule = IdentifierRule::new(IdentifierType::NoFnr, Date::new(2026, 1, 1).unwrap());
//! let mut form = Vec::new();
//! let kind = rule.canonical(Raw::Text("010101 00131"), &mut form)?;
//! assert_eq!(form, b"01010100131");
//! assert_eq!((kind.name(), kind.is_synthetic()), ("fnr", false));
//!
//! // A fault says why, and has nothing of the value in it.
//! let fault = rule.recognise("010101 00113").unwrap_err();
//! assert_eq!(fault, IdentifierFault::ControlDigit);
//! assert_eq!(fault.to_string(), "a control digit that does not fit");
//!
//! // A number of the Norwegian tax administration's test persons.
//! assert_eq!(rule.recognise("01810100288"), Err(IdentifierFault::Synthetic));
//! # Ok(())
//! # }
//! ```
//!
//! # Disclosure
//!
//! Faults, kinds and errors hold nothing of a value, so they may be counted, logged and
//! shown. A canonical form is the identifier; a hash of it without a secret key is one
//! too, for all numbers of a country can be tried.
//!
//! # Features
//!
//! * `serde`: days, and what a rule says, in documents.

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
