//! What readers are tried on: values near each type's own form, so that more than
//! refusals are tried.

use proptest::prelude::*;

use super::{Date, IdentifierFault, IdentifierRule, IdentifierType, Raw};

/// Every type, and codes of some lengths.
pub(super) fn every_type() -> Vec<IdentifierType> {
    let named = IdentifierType::NAMES.iter().map(|name| name.parse());
    let named = named.map(|kind| kind.expect("an identifier type"));
    let codes = [4, 64].map(IdentifierType::Digits);
    named.chain(codes).collect()
}

/// A made-up number that passes both control digits; born 1 January 1901.
pub(super) const FNR: &str = "01010100131";

pub(super) fn rule(kind: IdentifierType) -> IdentifierRule {
    IdentifierRule::new(kind, Date::new(2026, 1, 1).expect("a day"))
}

pub(super) fn canonical(kind: IdentifierType, raw: Raw<'_>) -> Result<String, IdentifierFault> {
    let mut out = b"before".to_vec();
    let result = rule(kind).canonical(raw, &mut out).map(drop);
    let added = out.strip_prefix(b"before").expect("nothing is taken away");
    match result {
        Ok(()) => Ok(String::from_utf8(added.to_vec()).expect("canonical forms are UTF-8")),
        Err(invalid) => {
            assert!(added.is_empty(), "a refused value was appended");
            Err(invalid)
        }
    }
}

pub(super) fn text(kind: IdentifierType, text: &str) -> Result<String, IdentifierFault> {
    canonical(kind, Raw::Text(text))
}

/// Text near the type's own form, so that more than refusals are tried.
pub(super) fn near(kind: IdentifierType) -> BoxedStrategy<String> {
    match kind {
        IdentifierType::Text => prop_oneof![
            ".{0,40}",
            "[ -~\t]{0,40}",
            "[ßẞİıſςΣǅﬁ\u{345}\u{301} a]{0,12}"
        ]
        .boxed(),
        IdentifierType::SePersonnummer => prop_oneof![
            "(18|19|20)?[0-9]{2}(0[1-9]|1[0-2])[0-9]{2}[-+ ]?[0-9]{4}",
            "[0-9TRX+-]{8,14}"
        ]
        .boxed(),
        IdentifierType::FiHetu => "[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-Ya-y]".boxed(),
        IdentifierType::Email => prop_oneof![
            "[A-Za-zÅåßİΣ.+@]{1,12}@[a-zÆæ.-]{1,9}\\.[A-Za-zß]{2}",
            ".{0,20}"
        ]
        .boxed(),
        IdentifierType::Date => "[0-9]{4}-[01][0-9]-[0-3][0-9]".boxed(),
        _ => prop_oneof!["[0-9]{1,12}", "[ 0-9.-]{0,14}", ".{0,12}"].boxed(),
    }
}

pub(super) fn typed_text() -> impl Strategy<Value = (IdentifierType, String)> {
    prop::sample::select(every_type()).prop_flat_map(|kind| (Just(kind), near(kind)))
}

/// The 11 digits that begin with these nine, if there are control digits for them.
pub(super) fn with_control_digits(nine: [u8; 9]) -> Option<[u8; 11]> {
    let mut digits = [0; 11];
    digits[..9].copy_from_slice(&nine);
    for (at, weights) in [
        (9, [3, 7, 6, 1, 8, 9, 4, 5, 2, 0]),
        (10, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]),
    ] {
        let sum: u32 = digits
            .iter()
            .zip(weights)
            .map(|(d, w)| u32::from(*d) * w)
            .sum();
        digits[at] = u8::try_from((11 - sum % 11) % 11)
            .ok()
            .filter(|digit| *digit < 10)?;
    }
    Some(digits.map(|digit| b'0' + digit))
}

pub(super) fn nine(date: [u8; 3], individual: u16) -> [u8; 9] {
    let [d, m, y] = date;
    let (hundreds, rest) = ((individual / 100) as u8, (individual % 100) as u8);
    [
        d / 10,
        d % 10,
        m / 10,
        m % 10,
        y / 10,
        y % 10,
        hundreds,
        rest / 10,
        rest % 10,
    ]
}

/// A number that passes, or nearly.
pub(super) fn near_fnr() -> impl Strategy<Value = [u8; 11]> {
    let day = prop_oneof![4 => 1..=31_u8, 2 => 41..=71_u8, 1 => 80..=99_u8];
    let month = prop_oneof![4 => 1..=12_u8, 1 => 81..=92_u8, 1 => 41..=77_u8];
    let made = ((day, month, 0..=99_u8), 0..1000_u16);
    let made = made.prop_map(|((day, month, year), individual)| ([day, month, year], individual));
    let valid = made.prop_filter_map("no control digits", |(date, individual)| {
        with_control_digits(nine(date, individual))
    });
    let changed = (valid, 0..11_usize, prop_oneof![b'0'..=b'9', any::<u8>()]);
    let changed = changed.prop_map(|(mut number, at, byte)| {
        number[at] = byte;
        number
    });
    prop_oneof![
        changed,
        prop::array::uniform11(b'0'..=b'9'),
        prop::array::uniform11(any::<u8>())
    ]
}
