//! Identifier types of Norway's neighbours, addresses and days: what each takes and why it refuses.
//!
//! The numbers are made up.

use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType, Synthetic};

fn recognise(kind: IdentifierType, text: &str) -> Result<&'static str, IdentifierFault> {
    let on = Date::new(2026, 1, 1).expect("a day");
    let rule = IdentifierRule::new(kind, on).with_synthetic(Synthetic::Allow);
    let found = rule.recognise(text)?;
    let tested = matches!(found.name(), "hetu-900-series" | "nhs-test");
    assert_eq!(found.is_synthetic(), tested, "{text}");
    Ok(found.name())
}

fn check(kind: IdentifierType, cases: &[(&str, Result<&'static str, IdentifierFault>)]) {
    for (text, expected) in cases {
        assert_eq!(recognise(kind, text), *expected, "{kind} {text}");
    }
}

#[test]
fn swedish_numbers() {
    check(
        IdentifierType::SePersonnummer,
        &[
            ("850101-1236", Ok("personnummer")),
            ("000229-1235", Ok("personnummer")),
            ("850161-1233", Ok("samordningsnummer")),
            ("850191-1237", Ok("samordningsnummer")),
            ("850101-1237", Err(IdentifierFault::ControlDigit)),
            ("850230-1230", Err(IdentifierFault::NotADate)),
            ("010229-1234", Err(IdentifierFault::NotADate)),
            ("850192-1236", Err(IdentifierFault::NotADate)),
            ("850060-1235", Ok("samordningsnummer")), // neither month nor day is known
            ("850091-1238", Ok("samordningsnummer")),
            ("850260-1233", Ok("samordningsnummer")),
            ("850092-1237", Err(IdentifierFault::NotADate)),
            ("850001-1237", Err(IdentifierFault::NotADate)),
            ("850100-1237", Err(IdentifierFault::NotADate)),
            ("000229+1235", Err(IdentifierFault::NotADate)), // 1900
            ("178501011236", Err(IdentifierFault::NotADate)),
            ("218501011236", Err(IdentifierFault::NotADate)),
            ("20260101+1238", Err(IdentifierFault::NotADate)), // not a hundred years old
            ("19270101+1237", Err(IdentifierFault::NotADate)), // nor in 2026
            ("850101-T236", Err(IdentifierFault::Interim)),
            ("850101x236", Err(IdentifierFault::Interim)),
            ("19850101-N236", Err(IdentifierFault::Interim)),
            ("850101-A236", Err(IdentifierFault::WrongCharacters)),
            ("855140-1238", Err(IdentifierFault::NotAPerson)),
            ("168551401238", Err(IdentifierFault::NotAPerson)),
            ("850101_1236", Err(IdentifierFault::WrongCharacters)),
            ("850101--1236", Err(IdentifierFault::WrongCharacters)),
            ("85-0101-1236", Err(IdentifierFault::WrongCharacters)),
            ("85010-11236", Err(IdentifierFault::WrongCharacters)),
            ("1985-01-01-1236", Err(IdentifierFault::WrongCharacters)),
            ("85010112361", Err(IdentifierFault::WrongLength)),
            ("850101-123", Err(IdentifierFault::WrongCharacters)),
            ("50101-1236", Err(IdentifierFault::WrongLength)),
            ("123", Err(IdentifierFault::WrongLength)),
            ("", Err(IdentifierFault::Missing)),
        ],
    );
}

#[test]
fn danish_numbers() {
    check(
        IdentifierType::DkCpr,
        &[
            ("010190-4008", Ok("cpr")),
            ("010190-4009", Ok("cpr-without-control")),
            ("010165-0001", Ok("cpr-without-control")),
            // 29 February, in a century by the seventh digit.
            ("290200-0006", Err(IdentifierFault::NotADate)), // 1900
            ("290200-3000", Err(IdentifierFault::NotADate)), // 1900
            ("290200-4001", Ok("cpr")),                      // 2000
            ("290236-4000", Ok("cpr-without-control")),      // 2036
            ("290237-4000", Err(IdentifierFault::NotADate)), // 1937
            ("290240-9000", Ok("cpr-without-control")),      // 1940
            ("290256-5000", Ok("cpr-without-control")),      // 2056
            ("290260-8000", Ok("cpr-without-control")),      // 1860
            ("290200-5000", Ok("cpr-without-control")),      // 2000
            ("310490-1009", Err(IdentifierFault::NotADate)),
            ("670190-1000", Err(IdentifierFault::Interim)),
            ("920190-1000", Err(IdentifierFault::NotADate)),
            ("000190-1000", Err(IdentifierFault::NotADate)),
            ("010190/4008", Err(IdentifierFault::WrongCharacters)),
            ("01-0190-4008", Err(IdentifierFault::WrongCharacters)),
            ("010190-40O8", Err(IdentifierFault::WrongCharacters)),
            ("10190-4008", Err(IdentifierFault::WrongCharacters)),
            ("101904008", Err(IdentifierFault::WrongLength)),
            ("01019040080", Err(IdentifierFault::WrongLength)),
        ],
    );
}

#[test]
fn finnish_codes() {
    check(
        IdentifierType::FiHetu,
        &[
            ("010190-002R", Ok("hetu")),
            ("010190-899N", Ok("hetu")),
            ("010190-900P", Ok("hetu-900-series")),
            ("010190-001P", Err(IdentifierFault::NeverIssued)),
            ("010190-000N", Err(IdentifierFault::NeverIssued)),
            ("010190-002S", Err(IdentifierFault::ControlDigit)),
            ("290200-1239", Err(IdentifierFault::NotADate)),
            ("290200A1239", Ok("hetu")),
            ("290200F1239", Ok("hetu")),
            ("290200+1239", Err(IdentifierFault::NotADate)),
            ("310490-123D", Err(IdentifierFault::NotADate)),
            ("010190-002G", Err(IdentifierFault::WrongCharacters)),
            ("0101900002R", Err(IdentifierFault::WrongCharacters)),
            ("010190−02R", Err(IdentifierFault::WrongCharacters)),
            ("01.190-002R", Err(IdentifierFault::WrongCharacters)),
            ("010190-02R", Err(IdentifierFault::WrongLength)),
            ("010190-0020R", Err(IdentifierFault::WrongLength)),
        ],
    );
    for sign in "+-YXWVUABCDEFyxwvuabcdef".chars() {
        let code = format!("010190{sign}002R");
        assert_eq!(recognise(IdentifierType::FiHetu, &code), Ok("hetu"));
    }
    for sign in "GTZ/ 09".chars() {
        let code = format!("010190{sign}002R");
        let found = recognise(IdentifierType::FiHetu, &code);
        assert_eq!(found, Err(IdentifierFault::WrongCharacters));
    }
}

#[test]
fn icelandic_numbers() {
    check(
        IdentifierType::IsKennitala,
        &[
            ("120160-3389", Ok("kennitala")),
            ("120160-3380", Ok("kennitala")), // 2060
            ("120160-3388", Ok("kennitala")), // 1860
            ("120160-3387", Err(IdentifierFault::NotADate)),
            ("120160-3399", Err(IdentifierFault::ControlDigit)),
            ("290200-2020", Ok("kennitala")),
            ("290200-2029", Err(IdentifierFault::NotADate)), // 1900
            ("310490-2029", Err(IdentifierFault::NotADate)),
            ("410190-2069", Err(IdentifierFault::NotAPerson)),
            ("120160/3389", Err(IdentifierFault::WrongCharacters)),
            ("12016033890", Err(IdentifierFault::WrongLength)),
        ],
    );
}

#[test]
fn baltic_codes() {
    check(
        IdentifierType::EeIsikukood,
        &[
            ("39001010011", Ok("isikukood")),
            ("79901010010", Ok("isikukood")), // the control digit's second turn
            ("39001010472", Ok("isikukood")),
            ("39001010590", Ok("isikukood")), // 10 in the second turn too
            ("39001010012", Err(IdentifierFault::ControlDigit)),
            ("30002290011", Err(IdentifierFault::NotADate)), // 1900
            ("50002290013", Ok("isikukood")),                // 2000
            ("39002300016", Err(IdentifierFault::NotADate)),
            ("09001010019", Err(IdentifierFault::NotADate)),
            ("90000000018", Err(IdentifierFault::NotADate)),
            ("390-0101001", Err(IdentifierFault::WrongCharacters)),
            ("3900101001", Err(IdentifierFault::WrongLength)),
        ],
    );
    check(
        IdentifierType::LtAsmensKodas,
        &[
            ("39001010011", Ok("asmens-kodas")),
            ("90000000018", Ok("asmens-kodas-without-date")),
            ("90013010013", Ok("asmens-kodas-without-date")),
            ("90000000019", Err(IdentifierFault::ControlDigit)),
            ("79901010010", Err(IdentifierFault::NotADate)), // the 2100s
            ("39002300016", Err(IdentifierFault::NotADate)),
            ("390010100110", Err(IdentifierFault::WrongLength)),
        ],
    );
}

#[test]
fn british_numbers() {
    check(
        IdentifierType::UkNhs,
        &[
            ("4000000004", Ok("nhs")),
            ("600 000 0014", Ok("nhs")),
            ("799-999-9997", Ok("nhs")),
            ("0101000014", Ok("chi")),
            ("3112999991", Ok("chi")),
            ("3200000015", Ok("hc")),
            ("3999999993", Ok("hc")),
            ("9000000017", Ok("nhs-test")),
            ("9990000018", Ok("nhs-test")),
            ("0000000019", Err(IdentifierFault::NeverIssued)),
            ("0100999980", Err(IdentifierFault::NeverIssued)),
            ("3113000017", Err(IdentifierFault::NeverIssued)),
            ("5000000013", Err(IdentifierFault::NeverIssued)),
            ("8000000016", Err(IdentifierFault::NeverIssued)),
            ("4000000005", Err(IdentifierFault::ControlDigit)),
            ("400-000 0004", Err(IdentifierFault::WrongCharacters)),
            ("40-0000-0004", Err(IdentifierFault::WrongCharacters)),
            ("400 000 00x4", Err(IdentifierFault::WrongCharacters)),
            ("101000014", Err(IdentifierFault::WrongLength)),
            ("40000000040", Err(IdentifierFault::WrongLength)),
        ],
    );
}

#[test]
fn addresses() {
    let local = "x".repeat(64);
    let label = "y".repeat(63);
    let longest = format!("{local}@{label}.{label}.{}.no", "z".repeat(58));
    assert_eq!(longest.len(), 254);
    check(
        IdentifierType::Email,
        &[
            ("kari@example.no", Ok("email")),
            ("o'brien+x=1@a-b.example.no", Ok("email")),
            ("kåre@blåbær.no", Ok("email")),
            (&longest, Ok("email")),
            (&format!("{longest}x"), Err(IdentifierFault::TooLong)),
            (&format!("x{local}@x.no"), Err(IdentifierFault::TooLong)),
            (
                &format!("x@y{label}.no"),
                Err(IdentifierFault::WrongCharacters),
            ),
            ("kari", Err(IdentifierFault::NotAnAddress)),
            ("1234", Err(IdentifierFault::NotAnAddress)),
            ("@example.no", Err(IdentifierFault::NotAnAddress)),
            ("kari@", Err(IdentifierFault::NotAnAddress)),
            ("kari@localhost", Err(IdentifierFault::NotAnAddress)),
            ("kari@example.no.", Err(IdentifierFault::NotAnAddress)),
            ("kari@example..no", Err(IdentifierFault::NotAnAddress)),
            (".kari@example.no", Err(IdentifierFault::NotAnAddress)),
            ("kari.@example.no", Err(IdentifierFault::NotAnAddress)),
            ("kari@192.168.0.1", Err(IdentifierFault::NotAnAddress)),
            ("kari@[192.168.0.1]", Err(IdentifierFault::WrongCharacters)),
            ("a@b@example.no", Err(IdentifierFault::WrongCharacters)),
            ("\"a b\"@example.no", Err(IdentifierFault::WrongCharacters)),
            (
                "Kari <kari@example.no>",
                Err(IdentifierFault::WrongCharacters),
            ),
            (
                "kari@example.no, ola@x.no",
                Err(IdentifierFault::WrongCharacters),
            ),
            ("kari@-example.no", Err(IdentifierFault::WrongCharacters)),
            ("kari@exam_ple.no", Err(IdentifierFault::WrongCharacters)),
            (" ", Err(IdentifierFault::Missing)),
        ],
    );
}

#[test]
fn days() {
    check(
        IdentifierType::Date,
        &[
            ("1980-01-31", Ok("date")),
            ("0001-01-01", Ok("date")),
            ("9999-12-31", Ok("date")),
            ("2000-02-29", Ok("date")),
            ("1900-02-29", Err(IdentifierFault::NotADate)),
            ("1980-13-01", Err(IdentifierFault::NotADate)),
            ("0000-01-01", Err(IdentifierFault::NotADate)),
            ("19800131", Err(IdentifierFault::WrongCharacters)),
            ("31.01.1980", Err(IdentifierFault::WrongCharacters)),
            ("1980-1-31", Err(IdentifierFault::WrongCharacters)),
            ("1980/01/31", Err(IdentifierFault::WrongCharacters)),
            ("1980-01-31T00:00:00", Err(IdentifierFault::WrongCharacters)),
            ("\u{1fbf1}980-1-1", Err(IdentifierFault::WrongCharacters)),
        ],
    );
}
