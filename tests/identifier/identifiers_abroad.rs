//! Identifier types of Norway's neighbours, addresses and days: what each takes and why it refuses.
//!
//! The numbers are made up.

use kobling::plan::{Date, Synthetic};
use kobling::{IdentifierRule, IdentifierType, Invalid};

fn recognise(kind: IdentifierType, text: &str) -> Result<&'static str, Invalid> {
    let on = Date::new(2026, 1, 1).expect("a day");
    let rule = IdentifierRule::new(kind, on).with_synthetic(Synthetic::Allow);
    let found = rule.recognise(text)?;
    let tested = matches!(found.name(), "hetu-900-series" | "nhs-test");
    assert_eq!(found.is_synthetic(), tested, "{text}");
    Ok(found.name())
}

fn check(kind: IdentifierType, cases: &[(&str, Result<&'static str, Invalid>)]) {
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
            ("850101-1237", Err(Invalid::ControlDigit)),
            ("850230-1230", Err(Invalid::NotADate)),
            ("010229-1234", Err(Invalid::NotADate)),
            ("850192-1236", Err(Invalid::NotADate)),
            ("850060-1235", Ok("samordningsnummer")), // neither month nor day is known
            ("850091-1238", Ok("samordningsnummer")),
            ("850260-1233", Ok("samordningsnummer")),
            ("850092-1237", Err(Invalid::NotADate)),
            ("850001-1237", Err(Invalid::NotADate)),
            ("850100-1237", Err(Invalid::NotADate)),
            ("000229+1235", Err(Invalid::NotADate)), // 1900
            ("178501011236", Err(Invalid::NotADate)),
            ("218501011236", Err(Invalid::NotADate)),
            ("20260101+1238", Err(Invalid::NotADate)), // not a hundred years old
            ("19270101+1237", Err(Invalid::NotADate)), // nor in 2026
            ("850101-T236", Err(Invalid::Interim)),
            ("850101x236", Err(Invalid::Interim)),
            ("19850101-N236", Err(Invalid::Interim)),
            ("850101-A236", Err(Invalid::WrongCharacters)),
            ("855140-1238", Err(Invalid::NotAPerson)),
            ("168551401238", Err(Invalid::NotAPerson)),
            ("850101_1236", Err(Invalid::WrongCharacters)),
            ("850101--1236", Err(Invalid::WrongCharacters)),
            ("85-0101-1236", Err(Invalid::WrongCharacters)),
            ("85010-11236", Err(Invalid::WrongCharacters)),
            ("1985-01-01-1236", Err(Invalid::WrongCharacters)),
            ("85010112361", Err(Invalid::WrongLength)),
            ("850101-123", Err(Invalid::WrongCharacters)),
            ("50101-1236", Err(Invalid::WrongLength)),
            ("123", Err(Invalid::WrongLength)),
            ("", Err(Invalid::Missing)),
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
            ("290200-0006", Err(Invalid::NotADate)), // 1900
            ("290200-3000", Err(Invalid::NotADate)), // 1900
            ("290200-4001", Ok("cpr")),              // 2000
            ("290236-4000", Ok("cpr-without-control")), // 2036
            ("290237-4000", Err(Invalid::NotADate)), // 1937
            ("290240-9000", Ok("cpr-without-control")), // 1940
            ("290256-5000", Ok("cpr-without-control")), // 2056
            ("290260-8000", Ok("cpr-without-control")), // 1860
            ("290200-5000", Ok("cpr-without-control")), // 2000
            ("310490-1009", Err(Invalid::NotADate)),
            ("670190-1000", Err(Invalid::Interim)),
            ("920190-1000", Err(Invalid::NotADate)),
            ("000190-1000", Err(Invalid::NotADate)),
            ("010190/4008", Err(Invalid::WrongCharacters)),
            ("01-0190-4008", Err(Invalid::WrongCharacters)),
            ("010190-40O8", Err(Invalid::WrongCharacters)),
            ("10190-4008", Err(Invalid::WrongCharacters)),
            ("101904008", Err(Invalid::WrongLength)),
            ("01019040080", Err(Invalid::WrongLength)),
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
            ("010190-001P", Err(Invalid::NeverIssued)),
            ("010190-000N", Err(Invalid::NeverIssued)),
            ("010190-002S", Err(Invalid::ControlDigit)),
            ("290200-1239", Err(Invalid::NotADate)),
            ("290200A1239", Ok("hetu")),
            ("290200F1239", Ok("hetu")),
            ("290200+1239", Err(Invalid::NotADate)),
            ("310490-123D", Err(Invalid::NotADate)),
            ("010190-002G", Err(Invalid::WrongCharacters)),
            ("0101900002R", Err(Invalid::WrongCharacters)),
            ("010190−02R", Err(Invalid::WrongCharacters)),
            ("01.190-002R", Err(Invalid::WrongCharacters)),
            ("010190-02R", Err(Invalid::WrongLength)),
            ("010190-0020R", Err(Invalid::WrongLength)),
        ],
    );
    for sign in "+-YXWVUABCDEFyxwvuabcdef".chars() {
        let code = format!("010190{sign}002R");
        assert_eq!(recognise(IdentifierType::FiHetu, &code), Ok("hetu"));
    }
    for sign in "GTZ/ 09".chars() {
        let code = format!("010190{sign}002R");
        let found = recognise(IdentifierType::FiHetu, &code);
        assert_eq!(found, Err(Invalid::WrongCharacters));
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
            ("120160-3387", Err(Invalid::NotADate)),
            ("120160-3399", Err(Invalid::ControlDigit)),
            ("290200-2020", Ok("kennitala")),
            ("290200-2029", Err(Invalid::NotADate)), // 1900
            ("310490-2029", Err(Invalid::NotADate)),
            ("410190-2069", Err(Invalid::NotAPerson)),
            ("120160/3389", Err(Invalid::WrongCharacters)),
            ("12016033890", Err(Invalid::WrongLength)),
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
            ("39001010012", Err(Invalid::ControlDigit)),
            ("30002290011", Err(Invalid::NotADate)), // 1900
            ("50002290013", Ok("isikukood")),        // 2000
            ("39002300016", Err(Invalid::NotADate)),
            ("09001010019", Err(Invalid::NotADate)),
            ("90000000018", Err(Invalid::NotADate)),
            ("390-0101001", Err(Invalid::WrongCharacters)),
            ("3900101001", Err(Invalid::WrongLength)),
        ],
    );
    check(
        IdentifierType::LtAsmensKodas,
        &[
            ("39001010011", Ok("asmens-kodas")),
            ("90000000018", Ok("asmens-kodas-without-date")),
            ("90013010013", Ok("asmens-kodas-without-date")),
            ("90000000019", Err(Invalid::ControlDigit)),
            ("79901010010", Err(Invalid::NotADate)), // the 2100s
            ("39002300016", Err(Invalid::NotADate)),
            ("390010100110", Err(Invalid::WrongLength)),
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
            ("0000000019", Err(Invalid::NeverIssued)),
            ("0100999980", Err(Invalid::NeverIssued)),
            ("3113000017", Err(Invalid::NeverIssued)),
            ("5000000013", Err(Invalid::NeverIssued)),
            ("8000000016", Err(Invalid::NeverIssued)),
            ("4000000005", Err(Invalid::ControlDigit)),
            ("400-000 0004", Err(Invalid::WrongCharacters)),
            ("40-0000-0004", Err(Invalid::WrongCharacters)),
            ("400 000 00x4", Err(Invalid::WrongCharacters)),
            ("101000014", Err(Invalid::WrongLength)),
            ("40000000040", Err(Invalid::WrongLength)),
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
            (&format!("{longest}x"), Err(Invalid::TooLong)),
            (&format!("x{local}@x.no"), Err(Invalid::TooLong)),
            (&format!("x@y{label}.no"), Err(Invalid::WrongCharacters)),
            ("kari", Err(Invalid::NotAnAddress)),
            ("1234", Err(Invalid::NotAnAddress)),
            ("@example.no", Err(Invalid::NotAnAddress)),
            ("kari@", Err(Invalid::NotAnAddress)),
            ("kari@localhost", Err(Invalid::NotAnAddress)),
            ("kari@example.no.", Err(Invalid::NotAnAddress)),
            ("kari@example..no", Err(Invalid::NotAnAddress)),
            (".kari@example.no", Err(Invalid::NotAnAddress)),
            ("kari.@example.no", Err(Invalid::NotAnAddress)),
            ("kari@192.168.0.1", Err(Invalid::NotAnAddress)),
            ("kari@[192.168.0.1]", Err(Invalid::WrongCharacters)),
            ("a@b@example.no", Err(Invalid::WrongCharacters)),
            ("\"a b\"@example.no", Err(Invalid::WrongCharacters)),
            ("Kari <kari@example.no>", Err(Invalid::WrongCharacters)),
            ("kari@example.no, ola@x.no", Err(Invalid::WrongCharacters)),
            ("kari@-example.no", Err(Invalid::WrongCharacters)),
            ("kari@exam_ple.no", Err(Invalid::WrongCharacters)),
            (" ", Err(Invalid::Missing)),
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
            ("1900-02-29", Err(Invalid::NotADate)),
            ("1980-13-01", Err(Invalid::NotADate)),
            ("0000-01-01", Err(Invalid::NotADate)),
            ("19800131", Err(Invalid::WrongCharacters)),
            ("31.01.1980", Err(Invalid::WrongCharacters)),
            ("1980-1-31", Err(Invalid::WrongCharacters)),
            ("1980/01/31", Err(Invalid::WrongCharacters)),
            ("1980-01-31T00:00:00", Err(Invalid::WrongCharacters)),
            ("\u{1fbf1}980-1-1", Err(Invalid::WrongCharacters)),
        ],
    );
}
