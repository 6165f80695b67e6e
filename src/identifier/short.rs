//! The short way to a canonical form, for values written as nearly all are.
//!
//! A national register writes an identifier as its digits and nothing else.
//! Such a value is recognised by a few comparisons and taken as it is written, without
//! trimming, without memory of its own. What is written in any other way, and
//! all that is invalid, is left to [`IdentifierRule::canonical`], which also
//! gives the reason. Where this way gives a form, that one gives the same.

use arrow_array::{Array, GenericStringArray, OffsetSizeTrait};

use kobling_identifier::norway::Quick;

use super::Forms;
use crate::plan::{IdentifierRule, IdentifierType};
use crate::rows::cell::{Cell, ColumnCells};

/// The digits of the largest number of 64 bits.
const MOST_DIGITS: usize = 20;

/// Appends the canonical forms of the rows from `from` on, up to the first that
/// does not hold or whose value takes more than a look. Returns how many.
pub(super) fn run(
    cells: &ColumnCells,
    holds: &[bool],
    from: usize,
    rule: IdentifierRule,
    forms: &mut Forms,
) -> usize {
    let kind = rule.kind();
    let plain = |value, forms: &mut Forms| integer(kind, value, forms);
    // For each type a loop of its own, with what it asks of a text in it.
    match kind {
        IdentifierType::NoFnr => {
            let quick = Quick::of(rule);
            let is_plain = |text: &[u8]| text.try_into().is_ok_and(|number| quick.takes(number));
            let integer = |value, forms: &mut Forms| {
                let number = quick.number(value);
                number.map(|number| forms.push(&number)).is_some()
            };
            run_of(cells, holds, from, forms, is_plain, integer)
        }
        IdentifierType::Digits(n) => {
            let is_plain = |text: &[u8]| text.len() == usize::from(n) && are_digits(text);
            run_of(cells, holds, from, forms, is_plain, plain)
        }
        IdentifierType::Number => {
            let most = usize::from(IdentifierType::MOST_DIGITS);
            let is_plain = |text: &[u8]| {
                text.first().is_some_and(|&first| first != b'0')
                    && text.len() <= most
                    && are_digits(text)
            };
            run_of(cells, holds, from, forms, is_plain, plain)
        }
        _ => 0,
    }
}

/// [`run`]; `is_plain` says of a text that it is its own canonical form, and
/// `integer` appends that of a number, if it has one. Both may overlook one.
fn run_of(
    cells: &ColumnCells,
    holds: &[bool],
    from: usize,
    forms: &mut Forms,
    is_plain: impl Fn(&[u8]) -> bool,
    integer: impl Fn(u64, &mut Forms) -> bool,
) -> usize {
    if let Some(array) = cells.utf8() {
        return as_written(array, holds, from, forms, is_plain);
    }
    if let Some(array) = cells.large_utf8() {
        return as_written(array, holds, from, forms, is_plain);
    }
    if let Some(array) = cells.int64() {
        let value = |row| u64::try_from(array.value(row));
        let goes = |row| array.is_valid(row) && value(row).is_ok_and(|value| integer(value, forms));
        return count_from(from, holds, goes);
    }
    let goes = |row: usize| match cells.get(row) {
        Cell::Integer(value) => u64::try_from(value).is_ok_and(|value| integer(value, forms)),
        Cell::Text(text) if is_plain(text.as_bytes()) => {
            forms.push(text.as_bytes());
            true
        }
        _ => false,
    };
    count_from(from, holds, goes)
}

/// [`run_of`] a column of text. There the texts follow one another already,
/// so they are taken all at once.
fn as_written<O: OffsetSizeTrait>(
    array: &GenericStringArray<O>,
    holds: &[bool],
    from: usize,
    forms: &mut Forms,
    is_plain: impl Fn(&[u8]) -> bool,
) -> usize {
    let (ends, bytes) = (array.value_offsets(), array.value_data());
    let text = |row: usize| &bytes[ends[row].as_usize()..ends[row + 1].as_usize()];
    let rows = count_from(from, holds, |row| {
        array.is_valid(row) && is_plain(text(row))
    });
    let start = ends[from].as_usize();
    let ends = &ends[from + 1..=from + rows];
    let end = ends.last().map_or(start, |end| end.as_usize());
    let ends = ends.iter().map(|end| end.as_usize() - start);
    forms.extend(&bytes[start..end], ends);
    rows
}

/// How many rows from `from` on hold and go.
fn count_from(from: usize, holds: &[bool], mut goes: impl FnMut(usize) -> bool) -> usize {
    let rows = (from..holds.len()).take_while(|&row| holds[row] && goes(row));
    rows.count()
}

/// Appends the canonical form of `value` of a type whose forms are plain digits;
/// false, and nothing appended, if that takes more than a look.
#[inline]
fn integer(kind: IdentifierType, value: u64, forms: &mut Forms) -> bool {
    let (digits, written) = decimal(value);
    let last = |n: usize| &digits[MOST_DIGITS - n..];
    let form = match kind {
        IdentifierType::Number => last(written),
        IdentifierType::Digits(n) => match usize::from(n) {
            n if (written..=MOST_DIGITS).contains(&n) => last(n),
            _ => return false,
        },
        _ => return false,
    };
    forms.push(form);
    true
}

/// Whether all bytes are digits; every one is looked at, so that nothing branches.
fn are_digits(text: &[u8]) -> bool {
    text.iter()
        .fold(true, |all, byte| all & byte.is_ascii_digit())
}

/// The digits of `value` behind zeros, and how many there are.
fn decimal(value: u64) -> ([u8; MOST_DIGITS], usize) {
    let mut digits = [b'0'; MOST_DIGITS];
    let (pairs, _) = digits.as_chunks_mut::<2>();
    let mut rest = value;
    for pair in pairs.iter_mut().rev() {
        let two = (rest % 100) as u8;
        *pair = [b'0' + two / 10, b'0' + two % 10];
        rest /= 100;
        if rest == 0 {
            break;
        }
    }
    let written = value.checked_ilog10().map_or(1, |log| log as usize + 1);
    (digits, written)
}
