//! No text makes an identifier type panic.
#![no_main]

use kobling::plan::Date;
use kobling::{IdentifierRule, IdentifierType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in [
        "text",
        "number",
        "digits(9)",
        "no-fnr",
        "se-personnummer",
        "dk-cpr",
        "fi-hetu",
        "is-kennitala",
        "ee-isikukood",
        "lt-asmens-kodas",
        "uk-nhs",
        "us-ssn",
        "email",
        "date",
    ] {
        let kind: IdentifierType = kind.parse().expect("an identifier type");
        let rule = IdentifierRule::new(kind, Date::new(2026, 1, 1).expect("a day"));
        let first = rule.recognise(text);
        assert_eq!(
            first,
            rule.recognise(&format!(" {text} ")),
            "white space around does not count"
        );
    }
});
