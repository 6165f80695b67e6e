//! No bytes make reading a register panic, or take longer than their number allows:
//! what a file is, is recognised by its first bytes, so these may be of any format.
#![no_main]

#[path = "../plan.rs"]
mod plan;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use kobling::{Plan, Rows};
use libfuzzer_sys::fuzz_target;

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let columns = "n = { from = 'n', type = 'decimal', scale = 2 }
c = { from = 'c', type = 'category', prefix = 2 }
d = { from = 'd', type = 'date', truncate = 'month', invalid = 'missing' }";
    let table = "by = ['a.c', 'a.d']
measures = [{ sum = 'a.n' }]
protect = { min_persons = 3, p_percent = 10, method = 'suppress' }";
    plan::plan("many", columns, table)
});

/// What a file may take whatever its size: a page of any size unpacks to 64 MiB.
const ANY_TIME: Duration = Duration::from_secs(2);

/// And for each of its bytes: no page has fewer than ten, and they unpack to 64 MiB.
const A_BYTE: Duration = Duration::from_millis(10);

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.csv");
    std::fs::write(&path, bytes).expect("a temporary file is written");
    let begun = Instant::now();
    if let Ok(rows) = Rows::open(&PLAN, "a", &[&path]) {
        let _ = rows.identify();
    }
    let taken = begun.elapsed();
    let allowed = ANY_TIME + A_BYTE * bytes.len() as u32;
    assert!(taken < allowed, "{} bytes took {taken:?}", bytes.len());
});
