//! Why a value is no identifier: reasons that can be counted without showing the value.

use std::fmt;

/// Why a value is no identifier of its type.
///
/// # Disclosure
///
/// Holds a reason and nothing of the value, so it may be counted and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IdentifierFault {
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
    /// It is, or was, a float so large that its last digits may be lost (from 2⁵³ on,
    /// or 2²⁴ in 32 bits), or a spreadsheet wrote it with too few digits and an exponent.
    Imprecise,
    /// A control digit does not fit the other digits.
    ControlDigit,
    /// Its date is not in the calendar, or not one that the type has numbers for.
    NotADate,
    /// It has not the form of an electronic mail address.
    NotAnAddress,
    /// The issuing authority has never assigned such a number.
    NeverIssued,
    /// It belongs to a test person, and the rule takes real ones only.
    Synthetic,
    /// It belongs to a real person, and the rule takes test persons only.
    NotSynthetic,
    /// It is valid, of a kind that the rule does not list.
    OtherKind,
    /// It can be read as two kinds of number, and the rule does not say as which.
    Ambiguous,
    /// A temporary number (interim or replacement). Other registers may use the same one
    /// for another person, so it cannot link.
    Interim,
    /// It is a number of the same scheme that belongs to no person but to an organisation.
    NotAPerson,
}

impl IdentifierFault {
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
            Self::NotAnAddress => "not-an-address",
            Self::NeverIssued => "never-issued",
            Self::Synthetic => "synthetic",
            Self::NotSynthetic => "not-synthetic",
            Self::OtherKind => "other-kind",
            Self::Ambiguous => "ambiguous",
            Self::Interim => "interim",
            Self::NotAPerson => "not-a-person",
        }
    }
}

impl IdentifierFault {
    const ALL: [Self; 16] = [
        Self::Missing,
        Self::WrongLength,
        Self::TooLong,
        Self::WrongCharacters,
        Self::Fraction,
        Self::Imprecise,
        Self::ControlDigit,
        Self::NotADate,
        Self::NotAnAddress,
        Self::NeverIssued,
        Self::Synthetic,
        Self::NotSynthetic,
        Self::OtherKind,
        Self::Ambiguous,
        Self::Interim,
        Self::NotAPerson,
    ];

    /// The reason that is counted as `code`, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl fmt::Display for IdentifierFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::WrongLength => "wrong number of digits",
            Self::TooLong => "too long",
            Self::WrongCharacters => "characters that the type does not have",
            Self::Fraction => "a number with a fraction",
            Self::Imprecise => "a number whose last digits a float or a spreadsheet lost",
            Self::ControlDigit => "a control digit that does not fit",
            Self::NotADate => "no date of the type",
            Self::NotAnAddress => "no address of electronic mail",
            Self::NeverIssued => "a number that is never issued",
            Self::Synthetic => "a test person's, where none is taken",
            Self::NotSynthetic => "no test person's, where no other is taken",
            Self::OtherKind => "a kind of number that is not listed",
            Self::Ambiguous => "readable in two ways, of which none is named",
            Self::Interim => "a temporary number, which may be another person's in other registers",
            Self::NotAPerson => "the number of an organisation",
        })
    }
}

impl std::error::Error for IdentifierFault {}
