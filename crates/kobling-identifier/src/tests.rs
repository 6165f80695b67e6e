//! Canonical forms: of each type one, however a value was written and stored.

mod abroad;
mod near;
mod quick;

use proptest::prelude::*;

use crate::date::Date;
use crate::fault::IdentifierFault;
use crate::generic;
use crate::identifier_type::IdentifierType;
use crate::raw::Raw;
use crate::rule::IdentifierRule;
use near::{FNR, canonical, every_type, text, typed_text};

fn yes(form: &str) -> Result<String, IdentifierFault> {
    Ok(form.to_owned())
}

#[test]
fn the_absent_is_missing_for_every_type() {
    for kind in every_type() {
        for raw in [
            Raw::Missing,
            Raw::Text(""),
            Raw::Text(" \t\u{a0}\u{3000}\n"),
            Raw::Float(f64::NAN),
        ] {
            assert_eq!(
                canonical(kind, raw),
                Err(IdentifierFault::Missing),
                "{kind}"
            );
        }
    }
}

#[test]
fn floats_that_are_no_whole_number_are_refused() {
    for kind in every_type() {
        for (float, invalid) in [
            (0.5, IdentifierFault::Fraction),
            (-9966.25, IdentifierFault::Fraction),
            (9_007_199_254_740_992.0, IdentifierFault::Imprecise),
            (-1e300, IdentifierFault::Imprecise),
            (f64::INFINITY, IdentifierFault::Imprecise),
        ] {
            assert_eq!(canonical(kind, Raw::Float(float)), Err(invalid), "{kind}");
        }
    }
}

#[test]
fn texts_of_floats_count_as_their_number() {
    use IdentifierType::{Digits, NoFnr, Number, UsSsn};
    assert_eq!(text(Number, "9966.0"), yes("9966"));
    assert_eq!(text(Digits(6), "9966.000"), yes("009966"));
    assert_eq!(text(UsSsn, "1234567.0"), yes("001234567"));
    assert_eq!(text(NoFnr, &format!("{}.0", &FNR[1..])), yes(FNR));
    assert_eq!(text(Number, "9966.5"), Err(IdentifierFault::Fraction));
    assert_eq!(text(Number, "9007199254740991.0"), yes("9007199254740991"));
    assert_eq!(
        text(Number, "9007199254740992.0"),
        Err(IdentifierFault::Imprecise)
    );
    assert_eq!(
        text(Number, "10000000000000000.0"),
        Err(IdentifierFault::Imprecise)
    );
    assert_eq!(text(Number, "9.966e3"), yes("9966"));
    assert_eq!(text(Number, "9.97E+03"), Err(IdentifierFault::Imprecise));
    for other in ["9966.", ".0", "9966.0.0", "9966,0", "-9966.0"] {
        assert_eq!(
            text(Number, other),
            Err(IdentifierFault::WrongCharacters),
            "{other}"
        );
    }
}

#[test]
fn text_is_folded_as_a_person_reads_it() {
    let kind = IdentifierType::Text;
    for (given, form) in [
        ("  Ola   NORDMANN\t", "ola nordmann"),
        ("ÅSE", "åse"),
        ("A\u{30a}se", "åse"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("ẞ", "ss"),
        ("ΟΔΟΣ", "οδοσ"),
        ("οδος", "οδοσ"),
        ("ﬁn", "fin"),
        ("ＡＢ１２", "ab12"),
        ("a\u{a0}\u{3000}b", "a b"),
        ("İ", "i\u{307}"),
        ("ı", "ı"),
        ("K", "k"),
        ("ǆ Ǆ ǅ", "dž dž dž"),
        ("9966.0", "9966.0"),
    ] {
        assert_eq!(text(kind, given), yes(form));
    }
    assert_eq!(canonical(kind, Raw::Integer(-5)), yes("-5"));
    let least = i128::MIN.to_string();
    assert_eq!(canonical(kind, Raw::Integer(i128::MIN)), yes(&least));
    assert_eq!(canonical(kind, Raw::Float(-0.0)), yes("0"));
}

#[test]
fn text_is_capped() {
    let kind = IdentifierType::Text;
    let longest = "x".repeat(1024);
    assert_eq!(text(kind, &longest), yes(&longest));
    assert_eq!(text(kind, &"x".repeat(1025)), Err(IdentifierFault::TooLong));
    // Three bytes that unfold to 33: short enough as given, too long in its canonical form.
    assert_eq!(
        text(kind, &"\u{fdfa}".repeat(300)),
        Err(IdentifierFault::TooLong)
    );
}

#[test]
fn every_character_has_a_fixed_point() {
    for character in ('\0'..=char::MAX).filter(|c| !c.is_whitespace()) {
        let form = text(IdentifierType::Text, &character.to_string()).expect("a canonical form");
        assert_eq!(text(IdentifierType::Text, &form), Ok(form));
    }
}

#[test]
fn numbers_lose_their_leading_zeros() {
    let kind = IdentifierType::Number;
    for (given, form) in [("000", "0"), ("007", "7"), (" 70 ", "70")] {
        assert_eq!(text(kind, given), yes(form));
    }
    let longest = "9".repeat(64);
    assert_eq!(text(kind, &format!("00{longest}")), yes(&longest));
    assert_eq!(
        text(kind, &format!("{longest}9")),
        Err(IdentifierFault::TooLong)
    );
    for wrong in ["-1", "+1", "1 2", "0x1", "１"] {
        assert_eq!(text(kind, wrong), Err(IdentifierFault::WrongCharacters));
    }
    assert_eq!(
        canonical(kind, Raw::Integer(-1)),
        Err(IdentifierFault::WrongCharacters)
    );
    let most = i128::MAX.to_string();
    assert_eq!(canonical(kind, Raw::Integer(i128::MAX)), yes(&most));
}

#[test]
fn codes_regain_their_leading_zeros() {
    let kind = IdentifierType::Digits(4);
    assert_eq!(text(kind, "301"), yes("0301"));
    assert_eq!(text(kind, "0301"), yes("0301"));
    assert_eq!(canonical(kind, Raw::Integer(301)), yes("0301"));
    assert_eq!(canonical(kind, Raw::Integer(0)), yes("0000"));
    for wrong in ["00301", "12345", "0000301.0"] {
        assert_eq!(text(kind, wrong), Err(IdentifierFault::WrongLength));
    }
    assert_eq!(text(kind, "03o1"), Err(IdentifierFault::WrongCharacters));
}

#[test]
fn an_fnr_is_read_however_it_is_written() {
    let kind = IdentifierType::NoFnr;
    let number: i128 = FNR.parse().expect("digits");
    for raw in [
        Raw::Text(FNR),
        Raw::Text(" 01010100131 "),
        Raw::Text("010101 00131"),
        Raw::Text("010101-00131"),
        Raw::Text("01-01-01 - 001 31"),
        Raw::Text("010101\u{a0}001\u{2013}31"),
        Raw::Text("1010100131"),
        Raw::Integer(number),
        Raw::Float(number as f64),
    ] {
        assert_eq!(canonical(kind, raw), yes(FNR));
    }
}

#[test]
fn an_ssn_is_read_however_it_is_written() {
    let kind = IdentifierType::UsSsn;
    for raw in [
        Raw::Text("012345678"),
        Raw::Text("012-34-5678"),
        Raw::Text("012 34 5678"),
        Raw::Integer(12_345_678),
        Raw::Float(12_345_678.0),
    ] {
        assert_eq!(canonical(kind, raw), yes("012345678"));
    }
    assert_eq!(text(kind, "12345678"), Err(IdentifierFault::WrongLength));
    assert_eq!(
        canonical(kind, Raw::Integer(1_234_567_890)),
        Err(IdentifierFault::WrongLength)
    );
}

// ---- laws ----

proptest! {
    #[test]
    fn canonical_forms_are_their_own((kind, given) in typed_text()) {
        if let Ok(form) = text(kind, &given) {
            prop_assert_eq!(text(kind, &form), Ok(form));
        }
    }

    #[test]
    fn any_long_text_has_one_form_or_none(given in "\\PC{0,1100}") {
        if let Ok(form) = text(IdentifierType::Text, &given) {
            prop_assert!(form.len() <= 1024);
            prop_assert_eq!(text(IdentifierType::Text, &form), Ok(form));
        }
    }

    #[test]
    fn the_short_way_for_ascii_is_the_long_way(given in "[\\x00-\\x7f]{0,60}") {
        let long = generic::fold(given.trim());
        let short = text(IdentifierType::Text, &given);
        prop_assert_eq!(short.unwrap_or_default(), long);
    }

    #[test]
    fn upper_and_lower_case_are_one(given in "[a-zæøåäöüéñβγπж ]{1,30}") {
        let upper = text(IdentifierType::Text, &given.to_uppercase());
        prop_assert_eq!(text(IdentifierType::Text, &given), upper);
    }

    #[test]
    fn how_a_number_is_stored_does_not_matter(number in prop_oneof![
        0_i64..10_000,
        0_i64..9_007_199_254_740_992,
        100_000_000_i64..1_000_000_000,
        Just(1_010_100_131_i64),
    ]) {
        let written = number.to_string();
        let dotted = format!("{written}.0");
        for kind in every_type() {
            let integer = canonical(kind, Raw::Integer(i128::from(number)));
            prop_assert_eq!(&canonical(kind, Raw::Float(number as f64)), &integer);
            if !matches!(kind, IdentifierType::Text | IdentifierType::FiHetu) {
                prop_assert_eq!(&text(kind, &dotted), &integer);
            }
            // With one control digit, or none, a text keeps its zeros or is refused.
            let completed = match kind {
                IdentifierType::UsSsn => 9,
                IdentifierType::SePersonnummer
                | IdentifierType::DkCpr
                | IdentifierType::IsKennitala
                | IdentifierType::UkNhs => 10,
                _ => 0,
            };
            if written.len() >= completed {
                prop_assert_eq!(&text(kind, &written), &integer);
            }
        }
    }

    #[test]
    fn no_number_and_no_float_panics(integer: i128, float: f64) {
        for kind in every_type() {
            let _ = canonical(kind, Raw::Integer(integer));
            let _ = canonical(kind, Raw::Float(float));
        }
    }
}
