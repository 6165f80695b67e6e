//! No bytes make reading an extract panic, and what is read is written as it was.
#![no_main]

use kobling::{Extract, Plan};
use libfuzzer_sys::fuzz_target;

const PLAN: &str = r#"
version = 1
[project]
id = "fuzz"
epoch = 1
title = "t"
purpose = "p"
controller = "c"
linkage_unit = "l"
recipient = "r"
valid = { from = 2000-01-01, until = 9999-12-31 }
[source.a]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "many"
[source.a.columns]
c = { from = "c", type = "category" }
n = { from = "n", type = "integer" }
[table.t]
from = "a"
by = ["a.c"]
sensitive = []
measures = [{ sum = "a.n" }]
protect = { min_persons = 3, p_percent = 10, method = "suppress" }
"#;

fuzz_target!(|bytes: Vec<u8>| {
    let plan = Plan::parse(PLAN).expect("a plan").rehearsal();
    match Extract::from_bytes(&plan, bytes) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(extract) => {
            let again = extract.to_bytes().expect("it is written");
            let again = Extract::from_bytes(&plan, again).expect("it is read");
            assert_eq!(again.content(), extract.content());
        }
    }
});
