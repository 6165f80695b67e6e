//! Types of no particular country: text, whole numbers, codes of a fixed number of digits.
//!
//! Text is compared as a person would read it, by Unicode's compatibility
//! form and without case; a search for the fixed point makes that canonical,
//! because neither step by itself leaves its own output unchanged.

use unicode_normalization::UnicodeNormalization;

use crate::fault::IdentifierFault;
use crate::identifier_type::IdentifierType;
use crate::kind::IdentifierKind;
use crate::written::{Written, all_digits, significant};

/// The most often that text is folded in search of its fixed point; two or three are usual.
const MOST_ROUNDS: usize = 8;

/// Trimmed, non-empty text: NFKC, case folded, white space collapsed.
pub(super) fn text(text: &str, out: &mut Vec<u8>) -> Result<IdentifierKind, IdentifierFault> {
    if text.len() > IdentifierType::MOST_TEXT_LEN {
        return Err(IdentifierFault::TooLong);
    }
    if text.is_ascii() {
        // ASCII is in NFKC already, and one fold of it is the fixed point.
        ascii(text.as_bytes(), out);
        return Ok(IdentifierKind::of("text"));
    }
    let mut folded = fold(text);
    for _ in 0..MOST_ROUNDS {
        // Each round is bounded, so that a short text cannot grow to a long one.
        if folded.len() > IdentifierType::MOST_TEXT_LEN {
            return Err(IdentifierFault::TooLong);
        }
        let again = fold(&folded);
        if again == folded {
            if folded.is_empty() {
                return Err(IdentifierFault::Missing);
            }
            out.extend(folded.as_bytes());
            return Ok(IdentifierKind::of("text"));
        }
        folded = again;
    }
    Err(IdentifierFault::WrongCharacters)
}

/// [`fold`] for ASCII, straight into `out`.
fn ascii(text: &[u8], out: &mut Vec<u8>) {
    let words = text
        .split(|byte| matches!(byte, b'\t'..=b'\r' | b' '))
        .filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend(word.iter().map(u8::to_ascii_lowercase));
    }
}

/// One round: NFKC, case folding, NFKC, white space.
pub(crate) fn fold(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(fold_case).nfkc().collect();
    let mut collapsed = String::with_capacity(folded.len());
    for word in folded.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// Full case folding of one character, out of the case mappings that the standard library has.
fn fold_case(character: char) -> impl Iterator<Item = char> {
    // By way of upper case, because ß and ss, or ς and σ, meet only there. The
    // dotless i would meet i there too, which Unicode's folding keeps apart.
    let (dotless, other) = match character {
        'ı' => (Some('ı'), None),
        _ => (None, Some(character)),
    };
    let mapped = other
        .into_iter()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    dotless.into_iter().chain(mapped)
}

/// A whole number without its leading zeros.
pub(super) fn number(
    written: Written<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let significant = significant(plain(written)?);
    if significant.len() > usize::from(IdentifierType::MOST_DIGITS) {
        return Err(IdentifierFault::TooLong);
    }
    out.extend(if significant.is_empty() {
        b"0"
    } else {
        significant
    });
    Ok(IdentifierKind::of("number"))
}

/// A code of `n` digits, its lost leading zeros restored.
pub(super) fn digits(
    n: usize,
    written: Written<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let digits = plain(written)?;
    let lost = n
        .checked_sub(digits.len())
        .ok_or(IdentifierFault::WrongLength)?;
    out.extend(std::iter::repeat_n(b'0', lost));
    out.extend(digits);
    Ok(IdentifierKind::of("digits"))
}

/// The digits of a value that has nothing but digits.
fn plain(written: Written<'_>) -> Result<&[u8], IdentifierFault> {
    match written {
        Written::Number(digits) => Ok(digits),
        Written::Text(text) if all_digits(text) => Ok(text),
        Written::Text(_) => Err(IdentifierFault::WrongCharacters),
    }
}
