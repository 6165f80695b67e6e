//! Identifier types: their names, and what each takes and refuses.

use std::collections::{BTreeSet, HashSet};

use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType};
use proptest::prelude::*;

const ALL_INVALID: [IdentifierFault; 16] = [
    IdentifierFault::Missing,
    IdentifierFault::WrongLength,
    IdentifierFault::TooLong,
    IdentifierFault::WrongCharacters,
    IdentifierFault::Fraction,
    IdentifierFault::Imprecise,
    IdentifierFault::ControlDigit,
    IdentifierFault::NotADate,
    IdentifierFault::NotAnAddress,
    IdentifierFault::NeverIssued,
    IdentifierFault::Synthetic,
    IdentifierFault::NotSynthetic,
    IdentifierFault::OtherKind,
    IdentifierFault::Ambiguous,
    IdentifierFault::Interim,
    IdentifierFault::NotAPerson,
];

fn rule(kind: IdentifierType) -> IdentifierRule {
    IdentifierRule::new(kind, Date::new(2026, 1, 1).unwrap())
}

fn fnr(text: &str) -> Result<(), IdentifierFault> {
    rule(IdentifierType::NoFnr).recognise(text).map(drop)
}

fn ssn(text: &str) -> Result<(), IdentifierFault> {
    rule(IdentifierType::UsSsn).recognise(text).map(drop)
}

/// The 11 digits that begin with these nine, if there are control digits for them.
fn with_control_digits(nine: &str) -> Option<String> {
    let mut digits: Vec<u32> = nine.chars().filter_map(|c| c.to_digit(10)).collect();
    for weights in [
        [3, 7, 6, 1, 8, 9, 4, 5, 2, 0],
        [5, 4, 3, 2, 7, 6, 5, 4, 3, 2],
    ] {
        let sum: u32 = digits.iter().zip(weights).map(|(d, w)| d * w).sum();
        match (11 - sum % 11) % 11 {
            10 => return None,
            control => digits.push(control),
        }
    }
    Some(digits.iter().map(u32::to_string).collect())
}

/// Made-up valid numbers: each from a day that every month has.
fn valid_fnr() -> impl Strategy<Value = String> {
    (1_u32..=28, 1_u32..=12, 0_u32..=99, 0_u32..=499).prop_filter_map(
        "no control digits",
        |(day, month, year, individual)| {
            with_control_digits(&format!("{day:02}{month:02}{year:02}{individual:03}"))
        },
    )
}

// ---- names ----

#[test]
fn types_are_read_as_they_are_written() {
    let mut types = vec![
        IdentifierType::Text,
        IdentifierType::Number,
        IdentifierType::NoFnr,
        IdentifierType::NoOrgnr,
        IdentifierType::NoDuf,
        IdentifierType::SePersonnummer,
        IdentifierType::DkCpr,
        IdentifierType::FiHetu,
        IdentifierType::IsKennitala,
        IdentifierType::EeIsikukood,
        IdentifierType::LtAsmensKodas,
        IdentifierType::UkNhs,
        IdentifierType::UsSsn,
        IdentifierType::Email,
        IdentifierType::Date,
    ];
    let names = types.iter().map(IdentifierType::to_string);
    let names: BTreeSet<String> = names.chain(["digits(9)".to_owned()]).collect();
    let listed = IdentifierType::NAMES.iter().map(|name| name.to_string());
    assert_eq!(names, listed.collect());
    types.extend((1..=64).map(IdentifierType::Digits));
    for kind in types {
        let read: IdentifierType = kind.to_string().parse().expect("its own name");
        assert_eq!(read, kind);
    }
    for wrong in [
        "",
        "Text",
        "text ",
        "digits",
        "digits()",
        "digits(0)",
        "digits(65)",
        "digits(09)",
        "digits(+9)",
        "digits(9",
        "digits(-1)",
        "digits(999)",
        "fnr",
        "no_fnr",
        "composite(text,date)",
    ] {
        let error = wrong.parse::<IdentifierType>().expect_err("no such type");
        assert!(error.rule().starts_with("an identifier type is one of "));
    }
}

#[test]
fn reasons_have_codes_and_texts_of_their_own() {
    let codes: HashSet<_> = ALL_INVALID.iter().map(|invalid| invalid.code()).collect();
    let texts: HashSet<_> = ALL_INVALID.iter().map(IdentifierFault::to_string).collect();
    assert_eq!(
        (codes.len(), texts.len()),
        (ALL_INVALID.len(), ALL_INVALID.len())
    );
    for code in codes {
        assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    }
}

// ---- no-fnr ----

#[test]
fn an_fnr_needs_its_digits() {
    let valid = with_control_digits("010101001").expect("control digits");
    assert_eq!(fnr(&valid), Ok(()));
    for (text, invalid) in [
        ("1", IdentifierFault::WrongLength),
        ("010101001", IdentifierFault::WrongLength),
        ("010101001310", IdentifierFault::WrongLength),
        ("0101010013a", IdentifierFault::WrongCharacters),
        ("01010100131.5", IdentifierFault::Fraction),
        ("01.01.01 00131", IdentifierFault::WrongCharacters),
        ("010101/00131", IdentifierFault::WrongCharacters),
        ("-01010100131", IdentifierFault::WrongCharacters),
        ("01010100131-", IdentifierFault::WrongCharacters),
        ("10101 00131", IdentifierFault::WrongLength),
        ("010101 0013", IdentifierFault::WrongLength),
        ("010101 001310", IdentifierFault::WrongLength),
        ("01o101 00131", IdentifierFault::WrongCharacters),
        ("０1010100131", IdentifierFault::WrongCharacters),
        ("00000000000", IdentifierFault::NotADate),
    ] {
        assert_eq!(fnr(text), Err(invalid), "{text}");
    }
}

#[test]
fn an_fnr_has_a_date_in_the_century_of_its_individual_number() {
    let first_with = |date: &str, individuals: std::ops::RangeInclusive<u32>| {
        individuals
            .filter_map(|n| with_control_digits(&format!("{date}{n:03}")))
            .map(|number| fnr(&number))
            .reduce(|a, b| if a == b { a } else { panic!("{date}: both") })
            .expect("some number has control digits")
    };
    for (date, individuals, expected) in [
        ("290200", 0..=499, Err(IdentifierFault::NotADate)), // 1900 was no leap year
        ("290200", 500..=999, Ok(())),                       // 2000 was one
        ("290204", 0..=499, Ok(())),
        ("290201", 0..=499, Err(IdentifierFault::NotADate)),
        ("310403", 0..=499, Err(IdentifierFault::NotADate)),
        ("311203", 0..=499, Ok(())),
        ("321203", 0..=499, Err(IdentifierFault::NotADate)),
        ("001203", 0..=499, Err(IdentifierFault::NotADate)),
        ("010003", 0..=499, Err(IdentifierFault::NotADate)),
        ("011303", 0..=499, Err(IdentifierFault::NotADate)),
        ("010154", 500..=749, Ok(())), // 1854
        ("010153", 500..=749, Err(IdentifierFault::NotADate)),
        ("010154", 750..=899, Err(IdentifierFault::NotADate)),
        ("010140", 900..=999, Ok(())), // 1940
        ("010140", 500..=899, Err(IdentifierFault::NotADate)),
        ("010139", 500..=999, Ok(())), // 2039
        ("400103", 0..=499, Err(IdentifierFault::NotADate)),
        ("720103", 0..=499, Err(IdentifierFault::NotADate)),
        ("014003", 0..=499, Err(IdentifierFault::NotADate)),
        ("015303", 0..=499, Err(IdentifierFault::NotADate)),
        ("016503", 0..=499, Err(IdentifierFault::NotADate)),
        ("017803", 0..=499, Err(IdentifierFault::NotADate)),
        ("018003", 0..=499, Err(IdentifierFault::NotADate)),
        ("019303", 0..=499, Err(IdentifierFault::NotADate)),
        ("304103", 0..=499, Err(IdentifierFault::Ambiguous)),
        ("304203", 0..=499, Err(IdentifierFault::NotADate)),
        ("296703", 0..=499, Err(IdentifierFault::NotADate)),
        ("298204", 0..=499, Err(IdentifierFault::Synthetic)),
        ("298203", 0..=499, Err(IdentifierFault::NotADate)),
    ] {
        assert_eq!(first_with(date, individuals), expected, "{date}");
    }
}

// ---- us-ssn ----

#[test]
fn an_ssn_is_one_that_may_have_been_issued() {
    for text in [
        "001-01-0001",
        "899-99-9999",
        "665010001",
        "667 01 0001",
        " 078-05-1121 ",
    ] {
        assert_eq!(ssn(text), Ok(()), "{text}");
    }
    for text in [
        "078-05-1120",
        "219-09-9999",
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "999-12-3456",
        "123-00-4567",
        "123-45-0000",
        "000000000",
        "0.0",
        "666 12 3456",
    ] {
        assert_eq!(ssn(text), Err(IdentifierFault::NeverIssued), "{text}");
    }
    for text in [
        "123-456789",
        "12345-6789",
        "123-45 6789",
        "123 45-6789",
        "123-45-678a",
        "12-345-6789",
    ] {
        assert_eq!(ssn(text), Err(IdentifierFault::WrongCharacters), "{text}");
    }
    for text in ["12345678", "1234567890", "1234567890.0"] {
        assert_eq!(ssn(text), Err(IdentifierFault::WrongLength), "{text}");
    }
}

// ---- laws ----

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), n: u8) {
        for kind in [
            IdentifierType::Text,
            IdentifierType::Number,
            IdentifierType::Digits(n),
            IdentifierType::NoFnr,
            IdentifierType::NoOrgnr,
            IdentifierType::NoDuf,
            IdentifierType::UsSsn,
        ] {
            let _ = rule(kind).recognise(&text);
        }
    }

    #[test]
    fn a_valid_fnr_is_taken_with_and_without_a_space(number in valid_fnr()) {
        prop_assert_eq!(fnr(&number), Ok(()));
        let spaced = format!("{} {}", &number[..6], &number[6..]);
        prop_assert_eq!(fnr(&spaced), Ok(()));
    }

    #[test]
    fn one_wrong_digit_is_found(number in valid_fnr(), at in 0_usize..11, by in 1_u8..10) {
        let mut bytes = number.into_bytes();
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let wrong = String::from_utf8(bytes).expect("digits");
        prop_assert_eq!(fnr(&wrong), Err(IdentifierFault::ControlDigit));
    }

    #[test]
    fn two_swapped_neighbours_are_found(number in valid_fnr(), at in 0_usize..10) {
        let mut bytes = number.into_bytes();
        prop_assume!(bytes[at] != bytes[at + 1]);
        bytes.swap(at, at + 1);
        let wrong = String::from_utf8(bytes).expect("digits");
        prop_assert_eq!(fnr(&wrong), Err(IdentifierFault::ControlDigit));
    }
}
