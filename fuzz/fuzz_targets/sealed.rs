//! No bytes make opening a sealed part panic, and without the key none open.
#![no_main]

#[path = "../plan.rs"]
mod plan;

use std::sync::LazyLock;

use kobling::protect::PartialTables;
use kobling::{Plan, ReleaseKey};
use libfuzzer_sys::fuzz_target;

static PLAN: LazyLock<Plan> = LazyLock::new(plan::of_persons);

fuzz_target!(|bytes: &[u8]| {
    let key = ReleaseKey::generate().expect("random numbers");
    assert!(PartialTables::open(&PLAN, bytes, &key).is_err());
});
