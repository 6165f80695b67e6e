//! No bytes make reading a ledger panic, and without the key none make an entry.
#![no_main]

use kobling::{Ledger, Plan, ReleaseKey};
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

fuzz_target!(|given: (&[u8], Option<&[u8]>)| {
    let (ledger, head) = given;
    let plan = Plan::parse(PLAN).expect("a plan").rehearsal();
    let key = ReleaseKey::generate().expect("random numbers");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ledger.jsonl");
    std::fs::write(&path, ledger).expect("a temporary file is written");
    if let Some(head) = head {
        let head_path = folder.path().join("ledger.jsonl.head");
        std::fs::write(head_path, head).expect("a temporary file is written");
    }
    match Ledger::open(&path, &plan, &key) {
        Ok(read) => assert!(read.entries().is_empty() && ledger.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
