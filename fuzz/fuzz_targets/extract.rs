//! No bytes make reading an extract panic, and what is read is written as it was.
#![no_main]

#[path = "../plan.rs"]
mod plan;

use std::sync::LazyLock;

use kobling::{Extract, Plan};
use libfuzzer_sys::fuzz_target;

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let columns = "c = { from = 'c', type = 'category' }
n = { from = 'n', type = 'integer' }";
    let table = "by = ['a.c']
measures = [{ sum = 'a.n' }]
protect = { min_persons = 3, p_percent = 10, method = 'suppress' }";
    plan::plan("many", columns, table)
});

fuzz_target!(|bytes: Vec<u8>| {
    match Extract::from_bytes(&PLAN, bytes) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(extract) => {
            let again = extract.to_bytes().expect("it is written");
            let again = Extract::from_bytes(&PLAN, again).expect("it is read");
            assert_eq!(again.content(), extract.content());
        }
    }
});
