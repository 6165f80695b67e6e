//! Numbers that pass every control digit and belong to nobody: repeated digits,
//! days of birth to come, serial numbers that are not given out.
//!
//! The numbers are made up.

use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType};

use IdentifierType::{
    DkCpr, EeIsikukood, FiHetu, IsKennitala, LtAsmensKodas, NoDuf, NoFnr, NoOrgnr, SePersonnummer,
    UkNhs, UsSsn,
};

/// What `text` is where nobody is born after 2026-06-30.
fn recognise(kind: IdentifierType, text: &str) -> Result<&'static str, IdentifierFault> {
    let [on, latest] = [1, 30].map(|day| Date::new(2026, 6, day).expect("a day"));
    let rule = IdentifierRule::new(kind, on).with_latest(latest);
    rule.recognise(text).map(|kind| kind.name())
}

#[test]
fn repeated_digits_are_no_number() {
    for kind in [
        NoFnr,
        NoOrgnr,
        NoDuf,
        SePersonnummer,
        DkCpr,
        IsKennitala,
        EeIsikukood,
        LtAsmensKodas,
        UkNhs,
    ] {
        for digit in '0'..='9' {
            for length in 9..=12 {
                let text: String = std::iter::repeat_n(digit, length).collect();
                assert!(recognise(kind, &text).is_err(), "{kind} {text}");
            }
        }
    }
    // They fit the control digit, and were taken for that.
    for text in ["4444444444", "9999999999", "1111111111"] {
        assert_eq!(recognise(UkNhs, text), Err(IdentifierFault::NeverIssued));
    }
    assert_eq!(
        recognise(NoOrgnr, "999999999"),
        Err(IdentifierFault::NeverIssued)
    );
    assert_eq!(
        recognise(DkCpr, "1111111111"),
        Err(IdentifierFault::NeverIssued)
    );
    assert_eq!(
        recognise(UsSsn, "078-05-1120"),
        Err(IdentifierFault::NeverIssued)
    );
}

#[test]
fn nobody_is_born_yet_who_has_such_a_number() {
    for (kind, text, expected) in [
        // 1 July 2026 and 2030, by the individual number of this century.
        (NoFnr, "01072650065", Err(IdentifierFault::NeverIssued)),
        (NoFnr, "01073050088", Err(IdentifierFault::NeverIssued)),
        (NoFnr, "41073020083", Err(IdentifierFault::NeverIssued)),
        // 1 June 2026, and 1930 by the individual number of the one before.
        (NoFnr, "01062650075", Ok("fnr")),
        (NoFnr, "01073010027", Ok("fnr")),
        (NoDuf, "202600000109", Ok("duf")),
        (NoDuf, "202700000100", Err(IdentifierFault::NeverIssued)),
        (
            SePersonnummer,
            "20260701-1232",
            Err(IdentifierFault::NeverIssued),
        ),
        (SePersonnummer, "20260630-1238", Ok("personnummer")),
    ] {
        assert_eq!(recognise(kind, text), expected, "{kind} {text}");
    }
    // A rule that says nothing of it takes all days.
    let on = Date::new(2026, 6, 1).expect("a day");
    assert!(
        IdentifierRule::new(NoFnr, on)
            .recognise("01073050088")
            .is_ok()
    );
    let hetu = |text| recognise(FiHetu, text);
    assert_eq!(hetu("010101A123N"), Ok("hetu"));
}

#[test]
fn swedish_serial_numbers_begin_with_1_and_coordination_numbers_have_any_day() {
    let of = |text| recognise(SePersonnummer, text);
    assert_eq!(of("850101-0006"), Err(IdentifierFault::NeverIssued));
    assert_eq!(of("850291-0006"), Err(IdentifierFault::NeverIssued));
    // 31 February, as Skatteverket's own test numbers have it.
    assert_eq!(of("850291-1236"), Ok("samordningsnummer"));
}

#[test]
fn a_chi_number_has_a_date_in_some_century() {
    for text in ["3002130028", "2902010028"] {
        assert_eq!(
            recognise(UkNhs, text),
            Err(IdentifierFault::NotADate),
            "{text}"
        );
    }
    // 29 February 2000.
    assert_eq!(recognise(UkNhs, "2902000014"), Ok("chi"));
}
