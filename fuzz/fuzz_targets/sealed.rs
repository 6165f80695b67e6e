//! No bytes make opening a sealed part panic, and without the key none open.
#![no_main]

use kobling::protect::PartialTables;
use kobling::{Plan, ReleaseKey};
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
rows = "one"
[source.a.columns]
c = { from = "c", type = "category" }
[table.t]
from = "a"
by = ["a.c"]
sensitive = []
measures = [{ persons = true }]
protect = { min_persons = 3, method = "suppress" }
"#;

fuzz_target!(|bytes: &[u8]| {
    let plan = Plan::parse(PLAN).expect("a plan").rehearsal();
    let key = ReleaseKey::generate().expect("random numbers");
    assert!(PartialTables::open(&plan, bytes, &key).is_err());
});
