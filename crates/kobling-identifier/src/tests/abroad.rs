//! The canonical forms of other countries' numbers, of addresses and of days.

use super::*;

#[test]
fn a_swedish_number_has_twelve_digits_however_it_is_written() {
    let kind = IdentifierType::SePersonnummer;
    for (given, form) in [
        ("8501011236", "198501011236"),
        ("850101-1236", "198501011236"),
        ("850101 1236", "198501011236"),
        ("19850101-1236", "198501011236"),
        ("198501011236", "198501011236"),
        ("850101+1236", "188501011236"),
        ("850161-1233", "198501611233"),
        // The reference date is in 2026.
        ("260101-1238", "202601011238"),
        ("261231-1239", "202612311239"),
        ("260101+1238", "192601011238"),
        ("270101-1237", "192701011237"),
        ("19260101+1238", "192601011238"),
    ] {
        assert_eq!(text(kind, given), yes(form), "{given}");
    }
    for number in [8_501_011_236, 198_501_011_236] {
        assert_eq!(canonical(kind, Raw::Integer(number)), yes("198501011236"));
    }
    // Born in 2000, in January.
    assert_eq!(
        canonical(kind, Raw::Integer(1_010_016)),
        yes("200001010016")
    );
    assert_eq!(text(kind, "1010016"), Err(IdentifierFault::WrongLength));
}

#[test]
fn the_reference_date_gives_the_century_of_ten_digits() {
    let form = |year: i16, text: &str| {
        let on = Date::new(year, 12, 31).expect("a day");
        let mut out = Vec::new();
        let rule = IdentifierRule::new(IdentifierType::SePersonnummer, on);
        rule.canonical(Raw::Text(text), &mut out)
            .map(|_| String::from_utf8(out).expect("digits"))
    };
    assert_eq!(form(2024, "250101-1239"), yes("192501011239"));
    assert_eq!(form(2025, "250101-1239"), yes("202501011239"));
    assert_eq!(form(2024, "250101+1239"), yes("182501011239"));
    assert_eq!(form(2099, "250101-1239"), yes("202501011239"));
    // A day that only one of the centuries has.
    assert_eq!(form(2000, "000229-1235"), yes("200002291235"));
    assert_eq!(form(1999, "000229-1235"), Err(IdentifierFault::NotADate));
    // Beyond the years that numbers are for.
    for year in [1, 99, 150, 1700, 2100, 9999] {
        assert_eq!(
            form(year, "000101-0016"),
            Err(IdentifierFault::NotADate),
            "{year}"
        );
    }
}

#[test]
fn numbers_of_other_countries_are_read_however_they_are_written() {
    use IdentifierType::{DkCpr, EeIsikukood, FiHetu, IsKennitala, LtAsmensKodas, UkNhs};
    for (kind, given, form) in [
        (DkCpr, "010190-4008", "0101904008"),
        (DkCpr, "010190 4008", "0101904008"),
        (FiHetu, "010190-002r", "010190-002R"),
        (FiHetu, "010190y002r", "010190Y002R"),
        (FiHetu, "010101a123n", "010101A123N"),
        (IsKennitala, "120160-3389", "1201603389"),
        (IsKennitala, "120160 3389", "1201603389"),
        (EeIsikukood, " 39001010011", "39001010011"),
        (LtAsmensKodas, "39001010011 ", "39001010011"),
        (UkNhs, "400 000 0004", "4000000004"),
        (UkNhs, "400-000-0004", "4000000004"),
    ] {
        assert_eq!(text(kind, given), yes(form), "{given}");
        assert_eq!(text(kind, form), yes(form));
    }
    for (kind, number, form) in [
        (DkCpr, 101_904_008, "0101904008"),
        (IsKennitala, 101_902_079, "0101902079"),
        (UkNhs, 101_000_014, "0101000014"),
        (EeIsikukood, 39_001_010_011, "39001010011"),
    ] {
        assert_eq!(canonical(kind, Raw::Integer(number)), yes(form));
        assert_eq!(canonical(kind, Raw::Float(number as f64)), yes(form));
        let short = number.to_string();
        if short.len() < form.len() {
            assert_eq!(text(kind, &short), Err(IdentifierFault::WrongLength));
        }
    }
}

#[test]
fn an_address_is_folded_and_nothing_more() {
    let kind = IdentifierType::Email;
    for (given, form) in [
        ("  Kari.Nordmann@Example.NO ", "kari.nordmann@example.no"),
        ("a+b@x.no", "a+b@x.no"),
        ("A\u{30a}SE@BLÅBÆR.no", "åse@blåbær.no"),
        ("strasse@x.de", "strasse@x.de"),
        ("straße@x.de", "straße@x.de"),
        ("a@XN--BLBR-ROAH.no", "a@xn--blbr-roah.no"),
        ("a@1.no", "a@1.no"),
    ] {
        assert_eq!(text(kind, given), yes(form));
        assert_eq!(text(kind, form), yes(form));
    }
}

#[test]
fn every_character_of_an_address_has_a_fixed_point() {
    let kind = IdentifierType::Email;
    let mut taken = 0;
    for character in '\0'..=char::MAX {
        if let Ok(form) = text(kind, &format!("{character}@x.no")) {
            assert_eq!(text(kind, &form), yes(&form));
            taken += 1;
        }
    }
    assert!(taken > 100_000);
}

#[test]
fn a_day_is_read_from_text_and_from_dates() {
    let kind = IdentifierType::Date;
    assert_eq!(text(kind, " 1980-01-31 "), yes("1980-01-31"));
    assert_eq!(canonical(kind, Raw::Day(3682)), yes("1980-01-31"));
    assert_eq!(canonical(kind, Raw::Day(0)), yes("1970-01-01"));
    for days in [i32::MIN, i32::MAX] {
        assert_eq!(
            canonical(kind, Raw::Day(days)),
            Err(IdentifierFault::NotADate)
        );
    }
    for other in every_type().into_iter().filter(|other| *other != kind) {
        let day = canonical(other, Raw::Day(3682));
        assert_eq!(day, Err(IdentifierFault::WrongCharacters), "{other}");
    }
    assert_eq!(
        canonical(kind, Raw::Integer(19_800_131)),
        Err(IdentifierFault::WrongCharacters)
    );
}

proptest! {
    #[test]
    fn a_column_of_days_is_its_text(days in -700_000..2_900_000_i32) {
        let from_day = canonical(IdentifierType::Date, Raw::Day(days)).expect("a day");
        prop_assert_eq!(text(IdentifierType::Date, &from_day), Ok(from_day));
    }
}
