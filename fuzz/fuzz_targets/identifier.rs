//! No text makes an identifier type panic.
#![no_main]

use kobling::IdentifierType;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in ["text", "number", "digits(9)", "no-fnr", "us-ssn"] {
        let kind: IdentifierType = kind.parse().expect("an identifier type");
        let first = kind.is_valid(text);
        assert_eq!(first, kind.is_valid(&format!(" {text} ")), "white space around does not count");
    }
});
