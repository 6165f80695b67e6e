//! Identifiers: the types that registers key persons by, and the one canonical form of each.
//!
//! Registers write the same identifier in many ways: as text or as a number,
//! with or without its leading zero, with dashes, as a float because one value
//! was missing. A keyed pseudonym forgives none of that: one differing byte is
//! another person. So each type has one canonical form, and what has none is
//! [`Invalid`], for a reason that can be counted without showing the value.

use std::fmt;

mod canonical;
mod encode;
mod forms;
mod generic;
mod identify;
mod norway;
mod replaced;
mod short;
#[cfg(test)]
mod tests;
mod united_states;

pub(crate) use canonical::Raw;
pub(crate) use forms::Forms;
pub(crate) use identify::Counts;
pub use identify::{Identified, Quarantine};

/// What a valid identifier was recognised as, within its type.
///
/// # Disclosure
///
/// Says of a number what anyone who sees it could say, and holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    name: &'static str,
    synthetic: bool,
}

impl Kind {
    /// A number that may belong to a person.
    const fn of(name: &'static str) -> Self {
        Self {
            name,
            synthetic: false,
        }
    }

    /// A short stable name to count by, such as `fnr`, in kebab case.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether it belongs to an invented person, for tests.
    pub fn is_synthetic(self) -> bool {
        self.synthetic
    }
}

/// Why a value is no identifier of its type.
///
/// # Disclosure
///
/// Holds a reason and nothing of the value, so it may be counted and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Invalid {
    /// There is no value: null, not-a-number, empty, or nothing but white space.
    Missing,
    /// It has more or fewer digits than the type.
    WrongLength,
    /// It is longer than any identifier of the type may be.
    TooLong,
    /// It holds characters, a sign or a grouping that the type does not have.
    WrongCharacters,
    /// It is a number with a fraction.
    Fraction,
    /// It is, or was, a float of 2⁵³ or more, whose last digits may be lost.
    Imprecise,
    /// A control digit does not fit the other digits.
    ControlDigit,
    /// Its date is not in the calendar, or not one that the type has numbers for.
    NotADate,
    /// The issuing authority has never assigned such a number.
    NeverIssued,
}

impl Invalid {
    /// A short stable name to count by, in kebab case.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongLength => "wrong-length",
            Self::TooLong => "too-long",
            Self::WrongCharacters => "wrong-characters",
            Self::Fraction => "fraction",
            Self::Imprecise => "imprecise",
            Self::ControlDigit => "control-digit",
            Self::NotADate => "not-a-date",
            Self::NeverIssued => "never-issued",
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::WrongLength => "wrong number of digits",
            Self::TooLong => "too long",
            Self::WrongCharacters => "characters that the type does not have",
            Self::Fraction => "a number with a fraction",
            Self::Imprecise => "a float too large to be exact",
            Self::ControlDigit => "a control digit that does not fit",
            Self::NotADate => "no date of the type",
            Self::NeverIssued => "a number that is never issued",
        })
    }
}

impl std::error::Error for Invalid {}
