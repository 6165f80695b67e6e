//! What identifies the rows of a batch: one column, or several that do so together.
//!
//! Of several each is required: who is born on the same day and of unknown name
//! is not the same person. So the first part that has no canonical form refuses
//! the row, for that part's reason.

use super::generic::MAX_TEXT_LEN;
use super::{Forms, Invalid, Kind, Raw, date, short};
use crate::error::Result;
use crate::plan::identifier::{Identifier, Part};
use crate::rows::cell::{Cell, Cells};

/// The first whole number that a 32-bit float does not tell from its neighbour: 2²⁴.
const SINGLE_LIMIT: f32 = 16_777_216.0;

/// The columns of an identifier in one batch, in its order.
pub(super) struct Columns<'a>(Vec<(&'a Part, Cells)>);

/// A part that has no canonical form, and why.
pub(super) struct Refused<'a> {
    pub(super) part: &'a Part,
    pub(super) reason: Invalid,
}

impl<'a> Columns<'a> {
    /// The columns of `identifier`, each found by `cells`.
    pub(super) fn of(
        identifier: &'a Identifier,
        cells: impl Fn(&str) -> Result<Cells>,
    ) -> Result<Self> {
        let parts = identifier.parts.iter();
        let columns = parts.map(|part| Ok((part, cells(&part.column)?)));
        Ok(Self(columns.collect::<Result<_>>()?))
    }

    /// The longest canonical form, in bytes.
    pub(super) fn most_bytes(&self) -> usize {
        self.0.len() * (size_of::<u32>() + MAX_TEXT_LEN)
    }

    /// The [short way](short::run), which there is for a single column only.
    pub(super) fn run(&self, holds: &[bool], from: usize, forms: &mut Forms) -> usize {
        match &self.0[..] {
            [(part, cells)] => short::run(cells, holds, from, part.rule, forms),
            _ => 0,
        }
    }

    /// Appends the canonical form of `row` to `out`, and tells what it is.
    ///
    /// A single column's is its own. That of several is each one's behind its
    /// length in 4 bytes, big-endian: no two lists of parts share one.
    pub(super) fn form(&self, row: usize, out: &mut Vec<u8>) -> Result<Kind, Refused<'a>> {
        if let [(part, cells)] = &self.0[..] {
            return append(part, cells.get(row), out);
        }
        let mut synthetic = false;
        for (part, cells) in &self.0 {
            let start = out.len();
            out.extend([0; size_of::<u32>()]);
            let form = out.len();
            synthetic |= append(part, cells.get(row), out)?.is_synthetic();
            // A part has at most 1024 bytes.
            let length = (out.len() - form) as u32;
            out[start..form].copy_from_slice(&length.to_be_bytes());
        }
        Ok(match synthetic {
            true => Kind::synthetic("composite"),
            false => Kind::of("composite"),
        })
    }
}

/// Appends the canonical form of `cell`, whatever it holds, to `out`.
fn append<'a>(part: &'a Part, cell: Cell<'_>, out: &mut Vec<u8>) -> Result<Kind, Refused<'a>> {
    let raw = match cell {
        Cell::Missing => Ok(Raw::Missing),
        Cell::Text(text) => Ok(Raw::Text(text)),
        Cell::Integer(integer) => Ok(Raw::Integer(integer)),
        Cell::Float(float) => Ok(Raw::Float(float)),
        // Whatever number was meant, its neighbours are the same float.
        Cell::Single(float) if float.abs() >= SINGLE_LIMIT => Err(Invalid::Imprecise),
        Cell::Single(float) => Ok(Raw::Float(float.into())),
        Cell::Decimal { unscaled, scale } => whole(unscaled, scale).map(Raw::Integer),
        Cell::Day(days) => Ok(Raw::Day(days)),
        Cell::Boolean(_) => Err(Invalid::WrongCharacters),
    };
    let raw = raw.and_then(|raw| date::written(raw, part.format.as_ref()));
    let kind = raw.and_then(|raw| part.rule.canonical(raw, out));
    kind.map_err(|reason| Refused { part, reason })
}

/// A decimal without a fraction, as an integer.
fn whole(unscaled: i128, scale: u8) -> Result<i128, Invalid> {
    let one = 10i128.checked_pow(scale.into()).ok_or(Invalid::TooLong)?;
    match unscaled % one {
        0 => Ok(unscaled / one),
        _ => Err(Invalid::Fraction),
    }
}
