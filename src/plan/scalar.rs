//! Single values in a plan: exact numbers, percentages, and any of these or a date.
//!
//! A plan's numbers are decimals, kept exactly: a band edge of 5.7 must not
//! become 5.70000000000000017 on its way to a comparison.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Date;
use super::nfc::nfc;
use crate::error::{Error, ErrorKind};

/// The most decimals a number may have.
pub(crate) const MOST_SCALE: u8 = 18;

/// An exact decimal number: `unscaled × 10^-scale`, without trailing zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    unscaled: i128,
    scale: u8,
}

/// How a number with more decimals than wanted is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// It is refused.
    Refuse,
    /// It is rounded towards minus infinity.
    Floor,
    /// It is rounded towards plus infinity.
    Ceil,
}

/// Why a text is not the number asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotANumber {
    Form,
    Decimals,
    Range,
}

/// Reads `text` (sign, digits, a dot, an exponent as Rust and most databases
/// print it) as an integer count of `10^-scale`.
pub(crate) fn parse_scaled(text: &str, scale: u8, excess: Excess) -> Result<i128, NotANumber> {
    let bytes = text.as_bytes();
    let (negative, rest) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (mantissa, exponent) = match rest.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let point = mantissa.iter().position(|&b| b == b'.');
    let (whole, fraction) = match point {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(NotANumber::Form);
    }
    // Digits at 10^(scale + exponent - position) that fall below 1 are in excess.
    let shift = i64::from(scale) + exponent;
    let kept = whole.len() as i64 + shift;
    let mut value: i128 = 0;
    let mut inexact = false;
    for (position, &digit) in whole.iter().chain(fraction).enumerate() {
        if !digit.is_ascii_digit() {
            return Err(NotANumber::Form);
        }
        let digit = i128::from(digit - b'0');
        if (position as i64) < kept {
            value = value
                .checked_mul(10)
                .and_then(|v| v.checked_add(digit))
                .ok_or(NotANumber::Range)?;
        } else {
            inexact |= digit != 0;
        }
    }
    let digits = (whole.len() + fraction.len()) as i64;
    if kept > digits && value != 0 {
        let power = u32::try_from(kept - digits).map_err(|_| NotANumber::Range)?;
        value = 10i128
            .checked_pow(power)
            .and_then(|p| value.checked_mul(p))
            .ok_or(NotANumber::Range)?;
    }
    let value = if negative { -value } else { value };
    match (inexact, excess, negative) {
        (false, _, _) => Ok(value),
        (true, Excess::Refuse, _) => Err(NotANumber::Decimals),
        (true, Excess::Floor, true) => value.checked_sub(1).ok_or(NotANumber::Range),
        (true, Excess::Ceil, false) => value.checked_add(1).ok_or(NotANumber::Range),
        (true, Excess::Floor, false) | (true, Excess::Ceil, true) => Ok(value),
    }
}

fn parse_exponent(bytes: &[u8]) -> Result<i64, NotANumber> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotANumber::Form)?;
    let exponent: i64 = text.parse().map_err(|_| NotANumber::Form)?;
    // Far beyond what 38 digits can hold; bounded so that sums cannot overflow.
    if exponent.abs() > 100_000 {
        return Err(NotANumber::Range);
    }
    Ok(exponent)
}

impl Number {
    pub(crate) fn new(mut unscaled: i128, mut scale: u8) -> Self {
        while scale > 0 && unscaled % 10 == 0 {
            unscaled /= 10;
            scale -= 1;
        }
        Self { unscaled, scale }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        parse_scaled(text, MOST_SCALE, Excess::Refuse)
            .ok()
            .map(|unscaled| Self::new(unscaled, MOST_SCALE))
    }

    /// Decimals needed to write it.
    pub(crate) fn scale(self) -> u8 {
        self.scale
    }

    /// As a count of `10^-scale`, if it has no more decimals than that and fits.
    pub(crate) fn at_scale(self, scale: u8) -> Option<i128> {
        let more = scale.checked_sub(self.scale)?;
        self.unscaled.checked_mul(10i128.checked_pow(more.into())?)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::new(value.into(), 0)
    }
}

impl FromStr for Number {
    type Err = Error;

    /// Reads it as plans write it, such as `0.1`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| {
            let rule = format!("a number has at most {MOST_SCALE} decimals, as 0.1 has one");
            Error::new(ErrorKind::Plan, rule)
        })
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Compared without overflow: whole parts first, then fractions at full scale.
        let split = |n: &Self| {
            let one = 10i128.pow(n.scale.into());
            let fraction = n.unscaled.rem_euclid(one) * 10i128.pow((MOST_SCALE - n.scale).into());
            (n.unscaled.div_euclid(one), fraction)
        };
        split(self).cmp(&split(other))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&display_scaled(self.unscaled, self.scale))
    }
}

/// `unscaled × 10^-scale` in digits.
pub(crate) fn display_scaled(unscaled: i128, scale: u8) -> String {
    if scale == 0 {
        return unscaled.to_string();
    }
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = unscaled.unsigned_abs().to_string();
    let width = usize::from(scale) + 1;
    let padded = format!("{digits:0>width$}");
    let (whole, fraction) = padded.split_at(padded.len() - usize::from(scale));
    format!("{sign}{whole}.{fraction}")
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.scale, i64::try_from(self.unscaled)) {
            (0, Ok(integer)) => serializer.serialize_i64(integer),
            _ => serializer.serialize_str(&self.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Scalar::deserialize(deserializer)? {
            Scalar::Number(number) => Some(number),
            // Written by `Serialize` where a float would lose digits.
            Scalar::Text(text) => Self::parse(&text),
            _ => None,
        }
        .ok_or_else(|| de::Error::custom("expected a number of at most 18 decimals"))
    }
}

/// A share in percent, 0–100, kept in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// The share of `hundredths` of a percent, if it is at most 100 %.
    pub fn from_hundredths(hundredths: u32) -> Option<Self> {
        (hundredths <= 10_000).then_some(Self(hundredths))
    }

    /// In hundredths of a percent, 0–10 000.
    pub fn hundredths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", Number::new(self.0.into(), 2))
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Number::new(self.0.into(), 2).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Number::deserialize(deserializer)?
            .at_scale(2)
            .and_then(|hundredths| u32::try_from(hundredths).ok())
            .and_then(Self::from_hundredths)
            .ok_or_else(|| de::Error::custom("expected percent, 0 to 100, at most two decimals"))
    }
}

/// A single value in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    Text(String),
    /// A number.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(Date),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(boolean) => boolean.fmt(f),
            Self::Date(date) => date.fmt(f),
        }
    }
}

/// A plan's list of values, to be compared with what a register holds: numbers
/// as numbers, since `-9` may be written there as `-9.0` too, all else as text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ListedValues {
    numbers: Vec<Number>,
    texts: Vec<String>,
}

impl ListedValues {
    pub(crate) fn of(values: &[Scalar]) -> Self {
        let mut listed = Self::default();
        for value in values {
            match value {
                Scalar::Number(number) => listed.numbers.push(*number),
                other => listed.texts.push(nfc(&other.to_string()).into_owned()),
            }
        }
        listed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.texts.is_empty()
    }

    /// Whether `text` is listed, as it is written.
    pub(crate) fn names(&self, text: &str) -> bool {
        !self.texts.is_empty() && {
            let text = nfc(text);
            self.texts.iter().any(|listed| *listed == text)
        }
    }

    /// Whether values are listed that are numbers.
    pub(crate) fn has_numbers(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// The values as text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = String> + '_ {
        let numbers = self.numbers.iter().map(Number::to_string);
        numbers.chain(self.texts.iter().cloned())
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        let is_listed = |text: &str| self.texts.iter().any(|listed| listed == text);
        !self.texts.is_empty() && is_listed(&nfc(text))
            || !self.numbers.is_empty()
                && Number::parse(text).is_some_and(|number| self.numbers.contains(&number))
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => match (number.scale, i64::try_from(number.unscaled)) {
                (0, Ok(integer)) => serializer.serialize_i64(integer),
                _ => serializer.serialize_f64(number.to_string().parse().unwrap_or(f64::NAN)),
            },
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Date(date) => date.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false, or a date")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(Number::new(value.into(), 0)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Scalar, E> {
        // The shortest decimal that reads back as the same float is what was typed.
        Number::parse(&value.to_string())
            .map(Scalar::Number)
            .ok_or_else(|| E::custom("expected a number of at most 18 decimals"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Scalar, A::Error> {
        // TOML hands over its dates as a one-entry map.
        Date::deserialize(de::value::MapAccessDeserializer::new(map)).map(Scalar::Date)
    }
}
