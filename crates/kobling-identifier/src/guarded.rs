//! Identifiers of digits as an export guarded them from spreadsheets, or a
//! spreadsheet left them.
//!
//! A spreadsheet takes the leading zero of a number and writes it as `3,09E+10`.
//! So exports put an apostrophe, `="…"` or an invisible character around it. What
//! guards is no part of the number. What a spreadsheet wrote with an exponent is
//! one as long as all its digits are there.

mod bare;

use crate::fault::IdentifierFault;
use crate::identifier_type::IdentifierType;
use crate::raw::Raw;
pub use bare::bare;

/// Digits that a spreadsheet keeps of a number; further ones it writes as zeros.
const KEPT: usize = 15;

/// `text`, for a type of digits, as it was meant, if it is guarded or written with an exponent.
///
/// # Errors
///
/// Digits of it are lost.
///
/// # Examples
///
/// ```
/// use kobling_identifier::guarded::meant;
/// use kobling_identifier::{IdentifierFault, IdentifierType, Raw};
///
/// let nhs = |text| meant(IdentifierType::UkNhs, text);
/// assert!(matches!(nhs("=\"4000000004\""), Ok(Some(Raw::Text("4000000004")))));
/// assert!(matches!(nhs("4.000000004E+09"), Ok(Some(Raw::Integer(4_000_000_004)))));
/// assert!(matches!(nhs("4.00E+09"), Err(IdentifierFault::Imprecise)));
/// assert!(matches!(nhs("4000000004"), Ok(None)));
/// ```
pub fn meant(kind: IdentifierType, text: &str) -> Result<Option<Raw<'_>>, IdentifierFault> {
    match kind {
        // There an apostrophe, or an E, may be a part of it.
        IdentifierType::Text | IdentifierType::Email => return Ok(None),
        _ => {}
    }
    let inside = bare(text);
    // A personal identity code of Finland may have an E in it.
    if kind != IdentifierType::FiHetu
        && let Some(number) = with_exponent(inside)
    {
        return number.map(|number| Some(Raw::Integer(number)));
    }
    Ok((inside.len() < text.trim().len()).then_some(Raw::Text(inside)))
}

/// The whole number that `text` writes as `9.9003551700e+09`; nothing if it is of another form.
fn with_exponent(text: &str) -> Option<Result<i128, IdentifierFault>> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    if !are_digits(whole) || !are_digits(exponent) || !(fraction.is_empty() || are_digits(fraction))
    {
        return None;
    }
    let Some(places) = exponent.parse().ok().filter(|places| *places < 100) else {
        return Some(Err(IdentifierFault::TooLong));
    };
    let Some((units, rest)) = fraction.split_at_checked(places) else {
        // Fewer digits are there than the number has.
        return Some(Err(IdentifierFault::Imprecise));
    };
    if rest.bytes().any(|digit| digit != b'0') {
        return Some(Err(IdentifierFault::Fraction));
    }
    let digits = format!("{whole}{units}");
    let significant = digits.trim_start_matches('0');
    if significant.len() > KEPT {
        return Some(Err(IdentifierFault::Imprecise));
    }
    match significant {
        "" => Some(Ok(0)),
        digits => digits.parse().ok().map(Ok),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Result<i128, IdentifierFault>> {
        with_exponent(text)
    }

    #[test]
    fn all_digits_must_be_there() {
        assert_eq!(number("3.0926539996e+10"), Some(Ok(30_926_539_996)));
        assert_eq!(number("9.9003551700E09"), Some(Ok(9_900_355_170)));
        assert_eq!(number("9,9003551700E+09"), Some(Ok(9_900_355_170)));
        assert_eq!(number("3,09E+10"), Some(Err(IdentifierFault::Imprecise)));
        assert_eq!(
            number("3.092653999e+10"),
            Some(Err(IdentifierFault::Imprecise))
        );
        assert_eq!(number("1e5"), Some(Err(IdentifierFault::Imprecise)));
        assert_eq!(number("1.5e0"), Some(Err(IdentifierFault::Fraction)));
        assert_eq!(
            number("1.2345678901234567e+16"),
            Some(Err(IdentifierFault::Imprecise))
        );
        assert_eq!(number("1e999999"), Some(Err(IdentifierFault::TooLong)));
        for text in ["131052-308T", "E10", "1E", "1.E+2x", "-1.5e1", "1e-5"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn what_guards_is_taken_away() {
        let text = |kind, text| match meant(kind, text) {
            Ok(Some(Raw::Text(inside))) => Some(inside.to_owned()),
            _ => None,
        };
        let bare = Some("09900355170".to_owned());
        for guarded in [
            "'09900355170",
            "=\"09900355170\"",
            "09900355170\u{200b}",
            "\u{feff}09900355170\t",
        ] {
            assert_eq!(text(IdentifierType::NoFnr, guarded), bare, "{guarded:?}");
        }
        assert_eq!(text(IdentifierType::NoFnr, "09900355170"), None);
        assert_eq!(text(IdentifierType::Text, "'t Hooft"), None);
    }
}
