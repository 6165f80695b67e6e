//! Any text is a plan or has findings; a plan keeps its digest through JSON-like round trips.
#![no_main]

use kobling::Plan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Plan::parse(text) {
        Ok(plan) => {
            let again = plan
                .document()
                .clone()
                .check()
                .expect("a checked document checks");
            assert_eq!(again.digest(), plan.digest());
            assert!(!plan.summary().is_empty());
        }
        Err(findings) => assert!(!findings.as_slice().is_empty()),
    }
});
