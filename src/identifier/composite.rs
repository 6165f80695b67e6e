//! What identifies the rows of a batch: one column, or several that do so together.
//!
//! Of several each is required: who is born on the same day and of unknown name
//! is not the same person. So the first part that has no canonical form refuses
//! the row, for that part's reason.

use kobling_identifier::guarded;

use super::{Forms, IdentifierFault, IdentifierKind, Raw, date, short};

use crate::error::Result;
use crate::plan::IdentifierType;
use crate::plan::identifier::{Identifier, IdentifierPart, PartTypes};
use crate::rows::cell::{Cell, ColumnCells, NO_KEY};

/// The first whole number that a 32-bit float does not distinguish from its neighbour: 2²⁴.
const SINGLE_LIMIT: f32 = 16_777_216.0;

/// The columns of an identifier in one batch, in its order.
pub(super) struct IdentifierColumns<'a>(Vec<IdentifierColumn<'a>>);

/// A column of an identifier in one batch.
struct IdentifierColumn<'a> {
    part: &'a IdentifierPart,
    cells: ColumnCells,
    /// Whether a value that the plan lists as missing would be an identifier if
    /// it did not: then every value is compared with the list.
    hides: bool,
    known: KnownValues,
}

/// What the values of a dictionary are, each found out when a row has it first:
/// a few bytes may be a hundred thousand rows of one long text.
struct KnownValues {
    /// For each value that was seen the place of what it is.
    of_key: Vec<Option<usize>>,
    found: Vec<Result<(IdentifierKind, usize), IdentifierFault>>,
    forms: Forms,
}

/// A part that has no canonical form, and why.
pub(super) struct RefusedPart<'a> {
    pub(super) part: &'a IdentifierPart,
    pub(super) reason: IdentifierFault,
}

impl<'a> IdentifierColumns<'a> {
    /// The columns of `identifier`, each found by `cells`.
    pub(super) fn of(
        identifier: &'a Identifier,
        cells: impl Fn(&str) -> Result<ColumnCells>,
    ) -> Result<Self> {
        let columns = identifier.parts.iter().map(|part| {
            let mut listed = part.missing.texts();
            Ok(IdentifierColumn {
                part,
                cells: cells(&part.column)?,
                hides: listed.any(|text| part.rule.recognise(&text).is_ok()),
                known: KnownValues {
                    of_key: Vec::new(),
                    found: Vec::new(),
                    forms: Forms::new(&PartTypes::of(&[IdentifierType::Text]), 0),
                },
            })
        });
        Ok(Self(columns.collect::<Result<_>>()?))
    }

    /// The longest canonical form, in bytes.
    pub(super) fn most_bytes(&self) -> usize {
        self.0.len() * (size_of::<u32>() + IdentifierType::MOST_TEXT_LEN)
    }

    /// The [short way](short::run), which there is for a single column only.
    pub(super) fn run(&self, holds: &[bool], from: usize, forms: &mut Forms) -> usize {
        match &self.0[..] {
            [only] if !only.hides => short::run(&only.cells, holds, from, only.part.rule, forms),
            _ => 0,
        }
    }

    /// Appends the canonical form of `row` to `out`, and returns what it is.
    ///
    /// A single column's is its own. That of several is each one's behind its
    /// length in 4 bytes, big-endian: no two lists of parts share one.
    pub(super) fn form(
        &mut self,
        row: usize,
        out: &mut Vec<u8>,
    ) -> Result<IdentifierKind, RefusedPart<'a>> {
        if let [only] = &mut self.0[..] {
            return only.form(row, out);
        }
        let mut synthetic = false;
        for column in &mut self.0 {
            let start = out.len();
            out.extend([0; size_of::<u32>()]);
            let form = out.len();
            synthetic |= column.form(row, out)?.is_synthetic();
            // A part has at most 1024 bytes.
            let length = (out.len() - form) as u32;
            out[start..form].copy_from_slice(&length.to_be_bytes());
        }
        Ok(IdentifierKind::composite(synthetic))
    }
}

impl<'a> IdentifierColumn<'a> {
    /// Appends the canonical form of `row` to `out`.
    fn form(&mut self, row: usize, out: &mut Vec<u8>) -> Result<IdentifierKind, RefusedPart<'a>> {
        let part = self.part;
        let form = match self.cells.dictionary() {
            Some((values, keys)) if keys[row] != NO_KEY => self.known.form(
                keys[row],
                |found| append(part, values.get(keys[row]), found),
                out,
            ),
            _ => append(part, self.cells.get(row), out),
        };
        form.map_err(|reason| RefusedPart { part, reason })
    }
}

impl KnownValues {
    /// Appends the canonical form of the value `key`, which `append` does where it
    /// is seen first, to `out`.
    fn form(
        &mut self,
        key: usize,
        append: impl FnOnce(&mut Vec<u8>) -> Result<IdentifierKind, IdentifierFault>,
        out: &mut Vec<u8>,
    ) -> Result<IdentifierKind, IdentifierFault> {
        if key >= self.of_key.len() {
            self.of_key.resize(key + 1, None);
        }
        if let Some(place) = self.of_key[key] {
            let (kind, form) = self.found[place]?;
            out.extend_from_slice(self.forms.get(form));
            return Ok(kind);
        }
        let start = out.len();
        let kind = append(out);
        self.of_key[key] = Some(self.found.len());
        self.found.push(kind.map(|kind| (kind, self.forms.len())));
        if kind.is_ok() {
            self.forms.push(&out[start..]);
        }
        kind
    }
}

/// Appends the canonical form of `cell`, whatever it holds, to `out`.
fn append(
    part: &IdentifierPart,
    cell: Cell<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    if !part.missing.is_empty() {
        let mut buffer = String::new();
        let text = cell.text(&mut buffer);
        if text.is_some_and(|text| is_listed(part, text)) {
            return Err(IdentifierFault::Missing);
        }
    }
    let raw = match cell {
        Cell::Missing => Ok(Raw::Missing),
        Cell::Text(text) => Ok(Raw::Text(text)),
        Cell::Integer(integer) => Ok(Raw::Integer(integer)),
        Cell::Float(float) => Ok(Raw::Float(float)),
        // Whatever number was meant, its neighbours are the same float.
        Cell::Single(float) if float.abs() >= SINGLE_LIMIT => Err(IdentifierFault::Imprecise),
        Cell::Single(float) => Ok(Raw::Float(float.into())),
        Cell::Decimal { unscaled, scale } => whole(unscaled, scale).map(Raw::Integer),
        Cell::Day(days) => Ok(Raw::Day(days)),
        Cell::Boolean(_) | Cell::Error(_) => Err(IdentifierFault::WrongCharacters),
    };
    let raw = raw.and_then(|raw| date::written(raw, part.format.as_ref()));
    raw.and_then(|raw| part.rule.canonical(raw, out))
}

/// Whether the plan lists `text` as missing, as it is written or without what
/// guards it from spreadsheets.
fn is_listed(part: &IdentifierPart, text: &str) -> bool {
    part.missing.contains(text)
        || match guarded::meant(part.rule.kind(), text) {
            Ok(Some(Raw::Text(inside))) => part.missing.contains(inside),
            Ok(Some(Raw::Integer(number))) => {
                let digits = number.to_string();
                part.missing.contains(&digits)
            }
            _ => false,
        }
}

/// A decimal without a fraction, as an integer.
fn whole(unscaled: i128, scale: u8) -> Result<i128, IdentifierFault> {
    let one = 10i128
        .checked_pow(scale.into())
        .ok_or(IdentifierFault::TooLong)?;
    match unscaled % one {
        0 => Ok(unscaled / one),
        _ => Err(IdentifierFault::Fraction),
    }
}
