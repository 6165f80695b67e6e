//! The identifier types that a plan may name.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

/// What kind of identifier a column holds, as a plan names it.
///
/// | name | holds | canonical form |
/// |---|---|---|
/// | `text` | any text, at most 1024 bytes | Unicode NFKC, case folded, white space trimmed and collapsed |
/// | `number` | a whole number of at most 64 digits | its digits without leading zeros |
/// | `digits(n)` | a code of `n` digits, 1 to 64 | its digits, leading zeros restored |
/// | `no-fnr` | a Norwegian national identity number (fødselsnummer), D-number, H-number or FH-number | its 11 digits |
/// | `no-orgnr` | a Norwegian organisation number | its 9 digits |
/// | `no-duf` | a number of the Norwegian immigration authorities (DUF-nummer) | its 12 digits |
/// | `us-ssn` | a United States social security number | its 9 digits |
///
/// # Examples
///
/// ```
/// # fn main() -> kobling::Result<()> {
/// use kobling::IdentifierType;
///
/// let kind: IdentifierType = "digits(9)".parse()?;
/// assert_eq!(kind, IdentifierType::Digits(9));
/// assert_eq!(kind.to_string(), "digits(9)");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentifierType {
    /// `text`: any text, such as a user name or a foreign number.
    ///
    /// Case folding is `lower(upper(lower(c)))` of each character `c` but the
    /// dotless i; it holds the same texts for equal as the full case folding
    /// of the Unicode Standard (section 3.13). Folding and NFKC are repeated
    /// until nothing changes. Characters that are not assigned in the Unicode
    /// version of the build stay as they are.
    Text,
    /// `number`: a whole number; `007` and `7` are the same.
    Number,
    /// `digits(n)`: a code of exactly this many digits, from 1 to 64; `digits(4)` of `7` is `0007`.
    Digits(u8),
    /// `no-fnr`: a Norwegian fødselsnummer, or a number written like one;
    /// which, the plan says with `kinds`, `control` and `synthetic`.
    NoFnr,
    /// `no-orgnr`: a Norwegian organisation number.
    NoOrgnr,
    /// `no-duf`: what the Norwegian immigration authorities number applicants by.
    NoDuf,
    /// `us-ssn`: a social security number of the United States.
    UsSsn,
}

impl IdentifierType {
    /// The names, as examples for whoever mistypes one.
    pub(super) const NAMES: [&'static str; 7] = [
        "text",
        "number",
        "digits(9)",
        "no-fnr",
        "no-orgnr",
        "no-duf",
        "us-ssn",
    ];

    /// The most digits that `digits(n)` may ask for, and that a `number` may have.
    pub(crate) const MAX_DIGITS: u8 = 64;

    /// Whether the plan may say which kinds of its numbers are accepted, and
    /// with which control digits.
    pub(crate) fn has_kinds(self) -> bool {
        self == Self::NoFnr
    }

    /// Whether numbers of test persons can be told from other numbers of the type.
    pub(crate) fn knows_synthetic(self) -> bool {
        matches!(self, Self::NoFnr)
    }
}

impl fmt::Display for IdentifierType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Number => f.write_str("number"),
            Self::Digits(n) => write!(f, "digits({n})"),
            Self::NoFnr => f.write_str("no-fnr"),
            Self::NoOrgnr => f.write_str("no-orgnr"),
            Self::NoDuf => f.write_str("no-duf"),
            Self::UsSsn => f.write_str("us-ssn"),
        }
    }
}

impl FromStr for IdentifierType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let digits = || {
            let n = name.strip_prefix("digits(")?.strip_suffix(')')?;
            let parsed = n.parse().ok()?;
            // One spelling each: the name is part of what a pseudonym is computed from.
            let canonical = (1..=Self::MAX_DIGITS).contains(&parsed) && parsed.to_string() == n;
            canonical.then_some(Self::Digits(parsed))
        };
        match name {
            "text" => Ok(Self::Text),
            "number" => Ok(Self::Number),
            "no-fnr" => Ok(Self::NoFnr),
            "no-orgnr" => Ok(Self::NoOrgnr),
            "no-duf" => Ok(Self::NoDuf),
            "us-ssn" => Ok(Self::UsSsn),
            _ => digits().ok_or_else(|| {
                Error::new(
                    ErrorKind::Plan,
                    "an identifier type is one of `text`, `number`, `digits(1)` to `digits(64)`, `no-fnr`, `no-orgnr`, `no-duf`, `us-ssn`",
                )
            }),
        }
    }
}
