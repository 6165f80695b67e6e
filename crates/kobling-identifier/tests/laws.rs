//! What the control digits of other countries' numbers promise, and that no text makes a type panic.

use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType};
use proptest::prelude::*;

use IdentifierType::{
    DkCpr, EeIsikukood, Email, FiHetu, IsKennitala, LtAsmensKodas, SePersonnummer, UkNhs,
};

fn recognise(kind: IdentifierType, text: &str) -> Result<&'static str, IdentifierFault> {
    let on = Date::new(2026, 1, 1).expect("a day");
    let found = IdentifierRule::new(kind, on).recognise(text);
    found.map(kobling_identifier::IdentifierKind::name)
}

/// `digits` with another in the place of the one at `at`.
fn with_another(digits: &str, at: usize, by: u8) -> String {
    let mut bytes = digits.as_bytes().to_vec();
    bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
    String::from_utf8(bytes).expect("digits")
}

/// `digits` with the one at `at` and the next in each other's place, if that changes anything.
fn with_swapped(digits: &str, at: usize) -> Option<String> {
    let mut bytes = digits.as_bytes().to_vec();
    bytes.swap(at, at + 1);
    let swapped = String::from_utf8(bytes).expect("digits");
    (swapped != digits).then_some(swapped)
}

/// The one of `stem` with each digit in the place of `_` that `kind` takes.
fn completed(kind: IdentifierType, stem: &str) -> Option<String> {
    let mut with = ('0'..='9').map(|digit| stem.replace('_', &digit.to_string()));
    with.find(|number| recognise(kind, number).is_ok())
}

/// `DDMMYY` of a day that every month has.
fn date() -> impl Strategy<Value = String> {
    (1_u32..=28, 1_u32..=12, 0_u32..=99)
        .prop_map(|(day, month, year)| format!("{day:02}{month:02}{year:02}"))
}

/// Valid numbers with control digits over their whole length, or all but the last `spare` digits.
fn valid() -> impl Strategy<Value = (IdentifierType, String, usize)> {
    let swedish = (
        0_u32..=99,
        1_u32..=12,
        1_u32..=28,
        0_u32..1000,
        any::<bool>(),
    );
    let swedish = swedish.prop_map(|(year, month, day, birth, coordination)| {
        let day = if coordination { day + 60 } else { day };
        (
            SePersonnummer,
            format!("{year:02}{month:02}{day:02}{birth:03}_"),
            0,
        )
    });
    let icelandic = (date(), 20_u32..=99, prop::sample::select(vec![8, 9, 0]));
    let icelandic = icelandic
        .prop_map(|(date, serial, century)| (IsKennitala, format!("{date}{serial}_{century}"), 1));
    let british = prop_oneof![400_000_000_u32..500_000_000, 600_000_000_u32..800_000_000];
    let british = british.prop_map(|number| (UkNhs, format!("{number}_"), 0));
    prop_oneof![swedish, icelandic, british]
        .prop_filter_map("no control digit fits", |(kind, stem, spare)| {
            Some((kind, completed(kind, &stem)?, spare))
        })
}

fn finnish() -> impl Strategy<Value = String> {
    (date(), 2_u32..900).prop_filter_map("no such date", |(date, individual)| {
        let mut controls = "0123456789ABCDEFHJKLMNPRSTUVWXY".chars();
        controls.find_map(|control| {
            let code = format!("{date}-{individual:03}{control}");
            recognise(FiHetu, &code).is_ok().then_some(code)
        })
    })
}

proptest! {
    #[test]
    fn one_wrong_digit_is_found(
        (kind, number, spare) in valid(),
        at: prop::sample::Index,
        by in 1_u8..10,
    ) {
        let wrong = with_another(&number, at.index(number.len() - spare), by);
        prop_assert_eq!(recognise(kind, &wrong), Err(IdentifierFault::ControlDigit), "{}", kind);
    }

    #[test]
    fn two_swapped_neighbours_are_found(
        (kind, number, spare) in valid(),
        at: prop::sample::Index,
    ) {
        let at = at.index(number.len() - spare - 1);
        if let Some(swapped) = with_swapped(&number, at) {
            // Luhn's formula does not distinguish 09 from 90.
            let blind = kind == SePersonnummer && ["09", "90"].contains(&&number[at..at + 2]);
            prop_assert_eq!(recognise(kind, &swapped) == Err(IdentifierFault::ControlDigit), !blind);
        }
    }

    #[test]
    fn one_wrong_character_of_a_finnish_code_is_found(
        code in finnish(),
        at in prop::sample::select(vec![0_usize, 1, 2, 3, 4, 5, 7, 8, 9]),
        by in 1_u8..10,
        control in "[0-9A-FHJ-NPR-Y]",
    ) {
        prop_assert_eq!(recognise(FiHetu, &with_another(&code, at, by)), Err(IdentifierFault::ControlDigit));
        let other = format!("{}{control}", &code[..10]);
        let expected = if other == code { Ok("hetu") } else { Err(IdentifierFault::ControlDigit) };
        prop_assert_eq!(recognise(FiHetu, &other), expected);
        if at != 5 && at != 9 && let Some(swapped) = with_swapped(&code, at) {
            prop_assert_eq!(recognise(FiHetu, &swapped), Err(IdentifierFault::ControlDigit));
        }
    }

    #[test]
    fn one_control_digit_fits_a_baltic_code(
        (century, date, serial) in (3_u32..=6, date(), 0_u32..1000),
        by in 1_u8..10,
    ) {
        let (day, year) = (&date[..2], &date[4..]);
        let stem = format!("{century}{year}{}{day}{serial:03}_", &date[2..4]);
        for kind in [EeIsikukood, LtAsmensKodas] {
            let number = completed(kind, &stem).expect("one digit fits");
            let wrong = with_another(&number, 10, by);
            prop_assert_eq!(recognise(kind, &wrong), Err(IdentifierFault::ControlDigit));
        }
    }

    #[test]
    fn a_danish_number_is_taken_with_any_control_and_reported(date in date(), serial in 0_u32..1000) {
        let last = |digit: char| recognise(DkCpr, &format!("{date}{serial:03}{digit}"));
        let all: Vec<_> = ('0'..='9').map(last).collect();
        if all.iter().all(Result::is_ok) {
            prop_assert!(all.iter().filter(|found| **found == Ok("cpr")).count() <= 1);
        } else {
            // 29 February of no leap year is the only such date not to be one.
            prop_assert!(all.iter().all(|found| *found == Err(IdentifierFault::NotADate)));
        }
    }

    #[test]
    fn no_text_panics(text in prop_oneof![
        any::<String>(),
        "[0-9TX +-]{8,15}",
        "[0-9]{6}[-+A-Y][0-9]{3}[0-9A-Yæ]",
        "[a-zÅ.]{0,9}@[a-zß.-]{0,9}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    ], year in 1_i16..=9999) {
        let on = Date::new(year, 1, 1).expect("a day");
        for kind in [
            SePersonnummer, DkCpr, FiHetu, IsKennitala, EeIsikukood, LtAsmensKodas, UkNhs, Email,
            IdentifierType::Date,
        ] {
            let once = IdentifierRule::new(kind, on).recognise(&text);
            let spaced = IdentifierRule::new(kind, on).recognise(&format!("\t{text} "));
            prop_assert_eq!(once, spaced);
        }
    }
}
