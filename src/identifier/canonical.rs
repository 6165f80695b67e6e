//! From a value as the register holds it to the canonical bytes of its type.
//!
//! The way a value was stored must not matter: text, integer and float of one
//! identifier give the same bytes. Where a storage may have lost something (a
//! float its last digits, a number its leading zeros), the value is restored
//! if the type allows only one reading, and refused otherwise.

use super::{
    Invalid, Kind, date, denmark, email, estonia, finland, generic, guarded, iceland, lithuania,
    norway, sweden, united_kingdom, united_states,
};
use crate::plan::{IdentifierRule, IdentifierType, Synthetic};

/// The first whole number that a 64-bit float does not tell from its neighbour: 2⁵³.
const FLOAT_LIMIT: f64 = 9_007_199_254_740_992.0;
const FLOAT_LIMIT_DIGITS: &[u8] = b"9007199254740992";

/// A value as the register holds it.
///
/// There is no `Debug`: it would print an identifier.
#[derive(Clone, Copy)]
pub(crate) enum Raw<'a> {
    /// Null.
    Missing,
    /// Text.
    Text(&'a str),
    /// A whole number; wide enough for every integer type of Arrow and a decimal without scale.
    Integer(i128),
    /// A float; not-a-number counts as missing, as data frames write it so.
    Float(f64),
    /// Days since 1970-01-01.
    Day(i32),
}

/// A value read for a type of digits.
#[derive(Clone, Copy)]
pub(super) enum Written<'a> {
    /// The digits of a whole number, from a numeric column or a float column turned into text.
    Number(&'a [u8]),
    /// Other text, trimmed, never empty.
    Text(&'a [u8]),
}

impl IdentifierRule {
    /// Appends the canonical form of `raw` to `out` and tells what it is;
    /// leaves `out` as it was if there is none.
    ///
    /// No memory is allocated but by `out`, unless the type is `Text` or `Email` and `raw` is not ASCII.
    ///
    /// # Errors
    ///
    /// Why `raw` is no identifier that the rule accepts.
    pub(crate) fn canonical(self, raw: Raw<'_>, out: &mut Vec<u8>) -> Result<Kind, Invalid> {
        let before = out.len();
        let kind = self.read(raw, out);
        // The way that is hardly ever gone.
        let kind = kind.or_else(|reason| match raw {
            Raw::Text(text) => match guarded::meant(self.kind, text)? {
                Some(raw) => self.read(raw, out),
                None => Err(reason),
            },
            _ => Err(reason),
        })?;
        let refused = match self.synthetic {
            // `no-fnr` has numbers that may or may not be a test person's, and
            // judges itself; most types do not know test persons at all.
            _ if self.kind == IdentifierType::NoFnr || !self.kind.knows_synthetic() => None,
            Synthetic::Forbid if kind.is_synthetic() => Some(Invalid::Synthetic),
            Synthetic::Only if !kind.is_synthetic() => Some(Invalid::NotSynthetic),
            _ => None,
        };
        match refused {
            None => Ok(kind),
            Some(reason) => {
                out.truncate(before);
                Err(reason)
            }
        }
    }

    /// [`canonical`](Self::canonical), test persons or not.
    fn read(self, raw: Raw<'_>, out: &mut Vec<u8>) -> Result<Kind, Invalid> {
        let mut digits = Digits::new();
        match self.kind {
            IdentifierType::Text => generic::text(digits.filled(raw)?, out),
            IdentifierType::Number => generic::number(digits.written(raw)?, out),
            IdentifierType::Digits(n) => generic::digits(usize::from(n), digits.written(raw)?, out),
            IdentifierType::NoFnr => norway::fnr(self, digits.written(raw)?, out),
            IdentifierType::NoOrgnr => norway::orgnr(digits.written(raw)?, out),
            IdentifierType::NoDuf => norway::duf(digits.written(raw)?, self.latest, out),
            IdentifierType::SePersonnummer => {
                sweden::personnummer(digits.written(raw)?, self.on, self.latest, out)
            }
            IdentifierType::DkCpr => denmark::cpr(digits.written(raw)?, self.latest, out),
            IdentifierType::FiHetu => finland::hetu(digits.filled(raw)?, self.latest, out),
            IdentifierType::IsKennitala => {
                iceland::kennitala(digits.written(raw)?, self.latest, out)
            }
            IdentifierType::EeIsikukood => {
                estonia::isikukood(digits.written(raw)?, self.latest, out)
            }
            IdentifierType::LtAsmensKodas => {
                lithuania::asmens_kodas(digits.written(raw)?, self.latest, out)
            }
            IdentifierType::UkNhs => united_kingdom::nhs(digits.written(raw)?, out),
            IdentifierType::UsSsn => united_states::ssn(digits.written(raw)?, out),
            IdentifierType::Email => email::email(digits.filled(raw)?, out),
            IdentifierType::Date => match raw {
                Raw::Day(days) => date::day(days, out),
                raw => date::date(digits.filled(raw)?, out),
            },
        }
    }

    /// What `text` is, if it is an identifier that the rule accepts.
    ///
    /// It says that the text is well-formed, not that such a person exists.
    ///
    /// # Errors
    ///
    /// Why it is not.
    ///
    /// # Disclosure
    ///
    /// Gives a kind or a reason; never the canonical form, nor any part of `text`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::plan::Date;
    /// use kobling::{IdentifierRule, IdentifierType, Invalid};
    ///
    /// let rule = IdentifierRule::new(IdentifierType::UsSsn, Date::new(2026, 1, 1).unwrap());
    /// assert_eq!(rule.recognise("123-45-6789").unwrap().name(), "ssn");
    /// assert_eq!(rule.recognise("666-45-6789"), Err(Invalid::NeverIssued));
    /// assert_eq!(rule.recognise(" "), Err(Invalid::Missing));
    /// ```
    pub fn recognise(self, text: &str) -> Result<Kind, Invalid> {
        self.canonical(Raw::Text(text), &mut Vec::new())
    }
}

/// Room on the stack for the decimal form of a number: a sign and 39 digits.
struct Digits([u8; 40]);

impl Digits {
    fn new() -> Self {
        Self([0; 40])
    }

    /// `raw` as trimmed text.
    fn text<'a>(&'a mut self, raw: Raw<'a>) -> Result<&'a str, Invalid> {
        let number = match raw {
            Raw::Missing => return Err(Invalid::Missing),
            Raw::Text(text) => return Ok(text.trim()),
            Raw::Integer(number) => number,
            Raw::Float(float) => whole(float)?,
            Raw::Day(_) => return Err(Invalid::WrongCharacters),
        };
        // Only ASCII was written, so the empty text is never given.
        Ok(std::str::from_utf8(self.decimal(number)).unwrap_or_default())
    }

    /// `raw` as trimmed text that is not empty.
    fn filled<'a>(&'a mut self, raw: Raw<'a>) -> Result<&'a str, Invalid> {
        match self.text(raw)? {
            "" => Err(Invalid::Missing),
            text => Ok(text),
        }
    }

    /// `raw` for a type of digits.
    fn written<'a>(&'a mut self, raw: Raw<'a>) -> Result<Written<'a>, Invalid> {
        let is_text = matches!(raw, Raw::Text(_));
        let text = self.filled(raw)?.as_bytes();
        if is_text {
            return from_text(text);
        }
        match text {
            [b'-', ..] => Err(Invalid::WrongCharacters),
            digits => Ok(Written::Number(digits)),
        }
    }

    /// The decimal form of `number`, as `Display` would write it.
    fn decimal(&mut self, number: i128) -> &[u8] {
        let mut rest = number.unsigned_abs();
        let mut start = self.0.len();
        loop {
            start -= 1;
            self.0[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            start -= 1;
            self.0[start] = b'-';
        }
        &self.0[start..]
    }
}

/// The whole number that `float` is, if it is one exactly.
fn whole(float: f64) -> Result<i128, Invalid> {
    if float.is_nan() {
        Err(Invalid::Missing)
    } else if float.abs() >= FLOAT_LIMIT {
        Err(Invalid::Imprecise)
    } else if float.fract() != 0.0 {
        Err(Invalid::Fraction)
    } else {
        Ok(float as i128)
    }
}

/// Text for a type of digits; `9966.0` is what a float column of 9966 becomes in a text file.
fn from_text(text: &[u8]) -> Result<Written<'_>, Invalid> {
    let Some(dot) = text.iter().position(|&byte| byte == b'.') else {
        return Ok(Written::Text(text));
    };
    let (digits, fraction) = (&text[..dot], &text[dot + 1..]);
    if !all_digits(digits) || !all_digits(fraction) {
        return Err(Invalid::WrongCharacters);
    }
    let significant = significant(digits);
    let limit = (FLOAT_LIMIT_DIGITS.len(), FLOAT_LIMIT_DIGITS);
    if (significant.len(), significant) >= limit {
        Err(Invalid::Imprecise)
    } else if fraction.iter().any(|&digit| digit != b'0') {
        Err(Invalid::Fraction)
    } else {
        Ok(Written::Number(digits))
    }
}

/// Whether there is at least one byte and each is an ASCII digit.
pub(super) fn all_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// `digits` without leading zeros; nothing for zero.
pub(super) fn significant(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    &digits[zeros..]
}

/// `digits` with leading zeros restored to `N`; wrong length unless there are `least` to `N`.
pub(super) fn padded<const N: usize>(digits: &[u8], least: usize) -> Result<[u8; N], Invalid> {
    if digits.len() < least || digits.len() > N {
        return Err(Invalid::WrongLength);
    }
    let mut padded = [b'0'; N];
    padded[N - digits.len()..].copy_from_slice(digits);
    Ok(padded)
}
