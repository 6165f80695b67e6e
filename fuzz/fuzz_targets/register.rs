//! No bytes make reading a CSV register panic.
#![no_main]

use kobling::{Plan, Rows};
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
n = { from = "n", type = "decimal", scale = 2 }
c = { from = "c", type = "category", prefix = 2 }
d = { from = "d", type = "date", truncate = "month", invalid = "missing" }
[table.t]
from = "a"
by = ["a.c", "a.d"]
sensitive = []
measures = [{ sum = "a.n" }]
protect = { min_persons = 3, p_percent = 10, method = "suppress" }
"#;

fuzz_target!(|bytes: &[u8]| {
    let plan = Plan::parse(PLAN).expect("a plan").rehearsal();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.csv");
    std::fs::write(&path, bytes).expect("a temporary file is written");
    if let Ok(rows) = Rows::open(&plan, "a", &[&path]) {
        let _ = rows.identify();
    }
});
