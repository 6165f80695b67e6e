//! A value as it was stored: text, a whole number, a float or a day.

use crate::fault::IdentifierFault;
use crate::written::{Written, all_digits, significant};

/// The first whole number that a 64-bit float does not distinguish from its neighbour: 2⁵³.
const FLOAT_LIMIT: f64 = 9_007_199_254_740_992.0;
const FLOAT_LIMIT_DIGITS: &[u8] = b"9007199254740992";

/// A value as it was stored.
///
/// # Disclosure
///
/// There is no `Debug`: it would print an identifier.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Raw<'a> {
    /// Null.
    Missing,
    /// Text.
    Text(&'a str),
    /// A whole number; wide enough for every integer type, and for a decimal without scale.
    Integer(i128),
    /// A float; not-a-number counts as missing, as data frames write it so.
    Float(f64),
    /// Days since 1970-01-01.
    Day(i32),
}

/// Room on the stack for the decimal form of a number: a sign and 39 digits.
pub(super) struct DecimalText([u8; 40]);

impl DecimalText {
    pub(super) fn new() -> Self {
        Self([0; 40])
    }

    /// `raw` as trimmed text.
    fn text<'a>(&'a mut self, raw: Raw<'a>) -> Result<&'a str, IdentifierFault> {
        let number = match raw {
            Raw::Missing => return Err(IdentifierFault::Missing),
            Raw::Text(text) => return Ok(text.trim()),
            Raw::Integer(number) => number,
            Raw::Float(float) => whole(float)?,
            Raw::Day(_) => return Err(IdentifierFault::WrongCharacters),
        };
        // Only ASCII was written, so the empty text is never given.
        Ok(std::str::from_utf8(self.decimal(number)).unwrap_or_default())
    }

    /// `raw` as trimmed text that is not empty.
    pub(super) fn filled<'a>(&'a mut self, raw: Raw<'a>) -> Result<&'a str, IdentifierFault> {
        match self.text(raw)? {
            "" => Err(IdentifierFault::Missing),
            text => Ok(text),
        }
    }

    /// `raw` for a type of digits.
    pub(super) fn written<'a>(&'a mut self, raw: Raw<'a>) -> Result<Written<'a>, IdentifierFault> {
        let is_text = matches!(raw, Raw::Text(_));
        let text = self.filled(raw)?.as_bytes();
        if is_text {
            return from_text(text);
        }
        match text {
            [b'-', ..] => Err(IdentifierFault::WrongCharacters),
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
fn whole(float: f64) -> Result<i128, IdentifierFault> {
    if float.is_nan() {
        Err(IdentifierFault::Missing)
    } else if float.abs() >= FLOAT_LIMIT {
        Err(IdentifierFault::Imprecise)
    } else if float.fract() != 0.0 {
        Err(IdentifierFault::Fraction)
    } else {
        Ok(float as i128)
    }
}

/// Text for a type of digits; `9966.0` is what a float column of 9966 becomes in a text file.
fn from_text(text: &[u8]) -> Result<Written<'_>, IdentifierFault> {
    let Some(dot) = text.iter().position(|&byte| byte == b'.') else {
        return Ok(Written::Text(text));
    };
    let (digits, fraction) = (&text[..dot], &text[dot + 1..]);
    if !all_digits(digits) || !all_digits(fraction) {
        return Err(IdentifierFault::WrongCharacters);
    }
    let significant = significant(digits);
    let limit = (FLOAT_LIMIT_DIGITS.len(), FLOAT_LIMIT_DIGITS);
    if (significant.len(), significant) >= limit {
        Err(IdentifierFault::Imprecise)
    } else if fraction.iter().any(|&digit| digit != b'0') {
        Err(IdentifierFault::Fraction)
    } else {
        Ok(Written::Number(digits))
    }
}
