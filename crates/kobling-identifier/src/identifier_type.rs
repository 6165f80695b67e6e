//! The types of identifiers, by name.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// What kind of identifier a value is read as, by its name.
///
/// | name | holds | canonical form |
/// |---|---|---|
/// | `text` | any text, at most 1024 bytes | Unicode NFKC, case folded, white space trimmed and collapsed |
/// | `number` | a whole number of at most 64 digits | its digits without leading zeros |
/// | `digits(n)` | a code of `n` digits, 1 to 64 | its digits, leading zeros restored |
/// | `no-fnr` | a Norwegian national identity number (fødselsnummer), D-number, H-number or FH-number | its 11 digits |
/// | `no-orgnr` | a Norwegian organisation number | its 9 digits |
/// | `no-duf` | a number of the Norwegian immigration authorities (DUF-nummer) | its 12 digits |
/// | `se-personnummer` | a Swedish personnummer or samordningsnummer, of 10 or 12 digits | its 12 digits |
/// | `dk-cpr` | a Danish personal number; its control digit is reported, not required | its 10 digits |
/// | `fi-hetu` | a Finnish personal identity code | its 11 characters, in upper case |
/// | `is-kennitala` | the Icelandic identity number of a person, not of a legal entity | its 10 digits |
/// | `ee-isikukood` | an Estonian personal identification code | its 11 digits |
/// | `lt-asmens-kodas` | a Lithuanian personal code | its 11 digits |
/// | `uk-nhs` | an NHS, CHI or health and care number of the United Kingdom | its 10 digits |
/// | `us-ssn` | a United States social security number | its 9 digits |
/// | `email` | an electronic mail address | Unicode NFC, lower case, white space trimmed |
/// | `date` | a day: a date, or text as `2026-01-31` | `yyyy-mm-dd` |
///
/// # Examples
///
/// ```
/// # fn main() -> kobling_identifier::Result<()> {
/// use kobling_identifier::IdentifierType;
///
/// let kind: IdentifierType = "digits(9)".parse()?;
/// assert_eq!(kind, IdentifierType::Digits(9));
/// assert_eq!(kind.to_string(), "digits(9)");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    /// which, the [rule](crate::IdentifierRule) says.
    NoFnr,
    /// `no-orgnr`: a Norwegian organisation number.
    NoOrgnr,
    /// `no-duf`: what the Norwegian immigration authorities number applicants by.
    NoDuf,
    /// `se-personnummer`: a Swedish personnummer or samordningsnummer.
    ///
    /// Of ten digits the century follows from the rule's reference date: it is the
    /// latest year that is not after it, or a century earlier with a `+`.
    SePersonnummer,
    /// `dk-cpr`: a Danish personal number, with or without a fitting control digit.
    DkCpr,
    /// `fi-hetu`: a Finnish personal identity code; those of the 900 series are synthetic.
    FiHetu,
    /// `is-kennitala`: the Icelandic identity number of a person.
    IsKennitala,
    /// `ee-isikukood`: an Estonian personal identification code.
    EeIsikukood,
    /// `lt-asmens-kodas`: a Lithuanian personal code.
    LtAsmensKodas,
    /// `uk-nhs`: a number of the British health services; those that begin with 9 are synthetic.
    UkNhs,
    /// `us-ssn`: a social security number of the United States.
    UsSsn,
    /// `email`: an electronic mail address, without regard to case.
    Email,
    /// `date`: a day. It identifies nobody by itself, but may with other columns.
    Date,
}

impl IdentifierType {
    /// The name of each type, of `digits(n)` one for example.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_identifier::IdentifierType;
    ///
    /// for name in IdentifierType::NAMES {
    ///     assert_eq!(name.parse::<IdentifierType>().unwrap().to_string(), *name);
    /// }
    /// ```
    pub const NAMES: &[&'static str] = &[
        "text",
        "number",
        "digits(9)",
        "no-fnr",
        "no-orgnr",
        "no-duf",
        "se-personnummer",
        "dk-cpr",
        "fi-hetu",
        "is-kennitala",
        "ee-isikukood",
        "lt-asmens-kodas",
        "uk-nhs",
        "us-ssn",
        "email",
        "date",
    ];

    /// All that have a name of their own.
    const ALL: [Self; 15] = [
        Self::Text,
        Self::Number,
        Self::NoFnr,
        Self::NoOrgnr,
        Self::NoDuf,
        Self::SePersonnummer,
        Self::DkCpr,
        Self::FiHetu,
        Self::IsKennitala,
        Self::EeIsikukood,
        Self::LtAsmensKodas,
        Self::UkNhs,
        Self::UsSsn,
        Self::Email,
        Self::Date,
    ];

    /// The most digits that `digits(n)` may ask for, and that a `number` may have.
    pub const MOST_DIGITS: u8 = 64;

    /// The longest text, in bytes, before and after it is made canonical; no other
    /// canonical form is longer.
    pub const MOST_TEXT_LEN: usize = 1024;

    /// Whether a rule may say which kinds of its numbers are accepted, and
    /// with which control digits.
    pub fn has_kinds(self) -> bool {
        self == Self::NoFnr
    }

    /// Whether numbers of test persons can be distinguished from other numbers of the type.
    pub fn knows_synthetic(self) -> bool {
        matches!(self, Self::NoFnr | Self::FiHetu | Self::UkNhs)
    }

    /// How many bytes a canonical form has, if all have as many.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Digits(n) => Some(n.into()),
            other => other.named().1,
        }
    }

    /// Its name, but for digits, and how many bytes a canonical form has.
    const fn named(self) -> (&'static str, Option<usize>) {
        match self {
            Self::Text => ("text", None),
            Self::Number => ("number", None),
            Self::Digits(_) => ("digits", None),
            Self::NoFnr => ("no-fnr", Some(11)),
            Self::NoOrgnr => ("no-orgnr", Some(9)),
            Self::NoDuf => ("no-duf", Some(12)),
            Self::SePersonnummer => ("se-personnummer", Some(12)),
            Self::DkCpr => ("dk-cpr", Some(10)),
            Self::FiHetu => ("fi-hetu", Some(11)),
            Self::IsKennitala => ("is-kennitala", Some(10)),
            Self::EeIsikukood => ("ee-isikukood", Some(11)),
            Self::LtAsmensKodas => ("lt-asmens-kodas", Some(11)),
            Self::UkNhs => ("uk-nhs", Some(10)),
            Self::UsSsn => ("us-ssn", Some(9)),
            Self::Email => ("email", None),
            Self::Date => ("date", Some(10)),
        }
    }
}

impl fmt::Display for IdentifierType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(n) => write!(f, "digits({n})"),
            other => f.write_str(other.named().0),
        }
    }
}

impl FromStr for IdentifierType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let digits = || {
            let n = name.strip_prefix("digits(")?.strip_suffix(')')?;
            let parsed = n.parse().ok()?;
            // One spelling each: whoever hashes an identifier with its type has one hash.
            let canonical = (1..=Self::MOST_DIGITS).contains(&parsed) && parsed.to_string() == n;
            canonical.then_some(Self::Digits(parsed))
        };
        let mut all = Self::ALL.into_iter();
        let found = all.find(|kind| kind.named().0 == name).or_else(digits);
        found.ok_or_else(|| {
            let names: Vec<String> = Self::NAMES
                .iter()
                .map(|name| match *name {
                    "digits(9)" => "`digits(1)` to `digits(64)`".to_owned(),
                    name => format!("`{name}`"),
                })
                .collect();
            let rule = format!("an identifier type is one of {}", names.join(", "));
            Error::new(rule)
        })
    }
}
