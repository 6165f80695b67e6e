//! The digits of a number that people write in groups.
//!
//! Spaces and dashes only group, wherever they are between two digits. Text
//! in groups was written by hand, though, and may lack any digit: a leading
//! zero is restored only where nothing groups.

use crate::fault::IdentifierFault;
use crate::written::{Written, all_digits, padded};

/// The `N` digits of `written`, its lost leading zeros restored if at least `least` are there.
pub(super) fn digits<const N: usize>(
    written: Written<'_>,
    least: usize,
) -> Result<[u8; N], IdentifierFault> {
    match written {
        Written::Number(digits) => padded(digits, least),
        Written::Text(digits) if all_digits(digits) => padded(digits, least),
        Written::Text(text) => ungrouped(text),
    }
}

/// Text with something between its digits, without it.
fn ungrouped<const N: usize>(text: &[u8]) -> Result<[u8; N], IdentifierFault> {
    let (Some(b'0'..=b'9'), Some(b'0'..=b'9')) = (text.first(), text.last()) else {
        return Err(IdentifierFault::WrongCharacters);
    };
    let text = std::str::from_utf8(text).map_err(|_| IdentifierFault::WrongCharacters)?;
    let mut digits = [b'0'; N];
    let mut count = 0;
    for character in text.chars().filter(|character| !groups(*character)) {
        if !character.is_ascii_digit() {
            return Err(IdentifierFault::WrongCharacters);
        }
        if let Some(place) = digits.get_mut(count) {
            *place = character as u8;
        }
        count += 1;
    }
    match count == N {
        true => Ok(digits),
        false => Err(IdentifierFault::WrongLength),
    }
}

/// Whether it is a space, a dash, or what a word processor makes of one.
fn groups(character: char) -> bool {
    character == '-'
        || character.is_whitespace()
        || matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}')
}
