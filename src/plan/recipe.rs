//! A column's recipe: how a register's value becomes what leaves the agency.
//!
//! The vocabulary is closed on purpose. Bands, prefix, truncation, map, clip
//! and missing values can each be judged by whoever reads the plan; a free
//! expression could not.

mod loose;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Date;
use super::document::{Closed, InvalidValue, OTHER, Truncate};
use super::nfc::nfc;
use super::scalar::{Excess, ListedValues, Percent};
pub(crate) use loose::NoDay;

/// The type of a column in an extract, a linkage or a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// One of a list of labels; an Arrow dictionary of `UInt32` to `Utf8`.
    Category,
    /// A whole number; Arrow `Int64`.
    Integer,
    /// A number with `scale` decimals; Arrow `Decimal128(18, scale)`.
    Decimal {
        /// Decimals, 0–18.
        scale: u8,
    },
    /// True or false; Arrow `Boolean`.
    Boolean,
    /// A day; Arrow `Date32`.
    Date,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Category => f.write_str("category"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal { scale } => write!(f, "decimal of scale {scale}"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
        }
    }
}

impl ColumnType {
    /// Decimals of a number; `None` where the type is not a number.
    pub(crate) fn scale(self) -> Option<u8> {
        match self {
            Self::Integer => Some(0),
            Self::Decimal { scale } => Some(scale),
            _ => None,
        }
    }
}

/// How one column's values are made from another's, step by step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recipe {
    /// Values that mean "missing".
    pub(crate) missing: ListedValues,
    pub(crate) invalid: InvalidValue,
    /// How many values may be unreadable.
    pub(crate) invalid_at_most: Option<Percent>,
    /// What values are read as before the steps.
    pub(crate) reads: Reads,
    /// Bounds at the scale of `reads`.
    pub(crate) clip: Option<Clip>,
    pub(crate) truncate: Option<Truncate>,
    pub(crate) bands: Option<Bands>,
    pub(crate) map: Option<Map>,
    /// In characters.
    pub(crate) prefix: Option<usize>,
    pub(crate) categories: Option<Categories>,
    /// As the plan names it.
    pub(crate) rare: Option<String>,
    pub(crate) absent: Option<String>,
    pub(crate) output: ColumnType,
}

impl Recipe {
    /// Whether it discloses less than the value it starts from.
    pub(crate) fn coarsens(&self) -> bool {
        self.clip.is_some()
            || self.truncate.is_some()
            || self.bands.is_some()
            || self.map.is_some()
            || self.prefix.is_some()
            || self.categories.is_some()
    }

    /// What categories that may not be named are called together.
    pub(crate) fn rare(&self) -> &str {
        self.rare.as_deref().unwrap_or(OTHER)
    }

    /// What a category of this name is called after `prefix` and `categories`.
    pub(crate) fn call<'a>(&'a self, name: &'a str) -> &'a str {
        let name = self.cut(name);
        match &self.categories {
            Some(categories) if !categories.contain(name) => self.rare(),
            _ => name,
        }
    }

    /// The part of a category's name that `prefix` keeps.
    pub(crate) fn cut<'a>(&self, name: &'a str) -> &'a str {
        let end = self
            .prefix
            .and_then(|length| name.char_indices().nth(length));
        end.map_or(name, |(end, _)| &name[..end])
    }

    /// Whether the recipe can give a category called `label`.
    pub(crate) fn gives_label(&self, label: &str) -> bool {
        if self.absent.as_deref() == Some(label) {
            return true;
        }
        let is_cut = |name: &String| self.cut(name) == label;
        if let Some(bands) = &self.bands {
            return bands.labels.iter().any(is_cut);
        }
        if let Some(map) = &self.map {
            return map.names.values().chain(&map.otherwise).any(is_cut);
        }
        if let Some(categories) = &self.categories {
            return categories.contain(label) || label == self.rare();
        }
        match (self.truncate, self.prefix) {
            (None, _) | (_, Some(_)) => self.cut(label) == label,
            (Some(Truncate::Year), None) => Date::parse(&format!("{label}-01-01")).is_some(),
            (Some(Truncate::Month), None) => Date::parse(&format!("{label}-01")).is_some(),
        }
    }

    /// Whether the recipe can give the number `value`, at the scale of its output.
    pub(crate) fn gives_number(&self, value: i128) -> bool {
        self.clip.is_none_or(|clip| {
            clip.at_least.is_none_or(|least| value >= least)
                && clip.at_most.is_none_or(|most| value <= most)
        })
    }

    /// Whether the recipe can give the day `date`.
    pub(crate) fn gives_date(&self, date: Date) -> bool {
        match self.truncate {
            None => true,
            Some(Truncate::Year) => date.is_first_of_month() && date.month() == 1,
            Some(Truncate::Month) => date.is_first_of_month(),
        }
    }
}

/// The categories that a plan lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Categories {
    /// As the plan orders them.
    pub(crate) names: Arc<[String]>,
    sorted: Arc<[String]>,
}

impl Categories {
    pub(crate) fn new(names: &[String]) -> Self {
        let names: Vec<String> = names.iter().map(|name| nfc(name).into_owned()).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        Self {
            names: names.into(),
            sorted: sorted.into(),
        }
    }

    fn contain(&self, name: &str) -> bool {
        let found = self
            .sorted
            .binary_search_by(|other| other.as_str().cmp(name));
        found.is_ok()
    }
}

/// What values are read as.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reads {
    Text,
    Number { scale: u8, excess: Excess },
    Boolean,
    Date(DateFormat),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clip {
    pub(crate) at_least: Option<i128>,
    pub(crate) at_most: Option<i128>,
}

/// Bands over numbers at one scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bands {
    /// Ascending, at the scale of what is banded.
    pub(crate) edges: Vec<i128>,
    pub(crate) closed: Closed,
    /// One name a band: below the first edge, between edges, above the last.
    pub(crate) labels: Vec<String>,
    /// Whether a number below the first edge has a band; otherwise it is invalid.
    pub(crate) open_below: bool,
}

impl Bands {
    /// The band of `value`, counted from the one below the first edge.
    pub(crate) fn band(&self, value: i128) -> Option<usize> {
        let band = match self.closed {
            Closed::Left => self.edges.partition_point(|&edge| edge <= value),
            Closed::Right => self.edges.partition_point(|&edge| edge < value),
        };
        match self.open_below {
            true => Some(band),
            false => band.checked_sub(1),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Map {
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) otherwise: Option<String>,
}

impl Map {
    /// A map as a plan writes it.
    pub(crate) fn new(names: &BTreeMap<String, String>, otherwise: Option<&String>) -> Self {
        let composed = |name: &String| nfc(name).into_owned();
        let both = |(from, to)| (composed(from), composed(to));
        Self {
            names: names.iter().map(both).collect(),
            otherwise: otherwise.map(composed),
        }
    }
}

/// How a date is written in text: `YYYY`, `MM` and `DD`, with anything between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateFormat(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Year,
    Month,
    Day,
    Literal(u8),
}

impl DateFormat {
    pub(crate) fn parse(format: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = format.as_bytes();
        while let [first, tail @ ..] = rest {
            let (piece, length) = match rest {
                [b'Y', b'Y', b'Y', b'Y', ..] => (Piece::Year, 4),
                [b'M', b'M', ..] => (Piece::Month, 2),
                [b'D', b'D', ..] => (Piece::Day, 2),
                _ if first.is_ascii_alphanumeric() || !first.is_ascii() => return None,
                _ => (Piece::Literal(*first), 1),
            };
            pieces.push(piece);
            rest = &tail[length - 1..];
        }
        [Piece::Year, Piece::Month, Piece::Day]
            .iter()
            .all(|wanted| pieces.iter().filter(|piece| *piece == wanted).count() == 1)
            .then_some(Self(pieces))
    }

    /// The day that `text` writes in this format; [loosely](Self::loosely), if
    /// not exactly.
    ///
    /// # Errors
    ///
    /// Why it gives none.
    pub(crate) fn day(&self, text: &str) -> Result<Date, NoDay> {
        self.exactly(text).map_or_else(|| self.loosely(text), Ok)
    }

    fn exactly(&self, text: &str) -> Option<Date> {
        let mut rest = text.as_bytes();
        let (mut year, mut month, mut day) = (0i16, 0i8, 0i8);
        for piece in &self.0 {
            let length = match piece {
                Piece::Year => 4,
                Piece::Month | Piece::Day => 2,
                Piece::Literal(_) => 1,
            };
            let (part, tail) = rest.split_at_checked(length)?;
            rest = tail;
            if let Piece::Literal(byte) = piece {
                if part[0] != *byte {
                    return None;
                }
                continue;
            }
            let mut value = 0i16;
            for digit in part {
                value = value * 10 + i16::from(digit.is_ascii_digit().then(|| digit - b'0')?);
            }
            match piece {
                Piece::Year => year = value,
                Piece::Month => month = value as i8,
                Piece::Day => day = value as i8,
                Piece::Literal(_) => {}
            }
        }
        rest.is_empty()
            .then(|| Date::new(year, month, day))
            .flatten()
    }
}

impl Default for DateFormat {
    /// ISO 8601: `YYYY-MM-DD`.
    fn default() -> Self {
        Self(vec![
            Piece::Year,
            Piece::Literal(b'-'),
            Piece::Month,
            Piece::Literal(b'-'),
            Piece::Day,
        ])
    }
}
