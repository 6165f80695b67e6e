//! No bytes make reading a ledger panic, and without the key none make an entry.
#![no_main]

#[path = "../plan.rs"]
mod plan;

use std::sync::LazyLock;

use kobling::{Ledger, Plan, ReleaseKey};
use libfuzzer_sys::fuzz_target;

static PLAN: LazyLock<Plan> = LazyLock::new(plan::of_persons);

fuzz_target!(|given: (&[u8], Option<&[u8]>)| {
    let (ledger, head) = given;
    let key = ReleaseKey::generate().expect("random numbers");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ledger.jsonl");
    std::fs::write(&path, ledger).expect("a temporary file is written");
    if let Some(head) = head {
        let head_path = folder.path().join("ledger.jsonl.head");
        std::fs::write(head_path, head).expect("a temporary file is written");
    }
    match Ledger::open(&path, &PLAN, &key) {
        Ok(read) => assert!(read.entries().is_empty() && ledger.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
