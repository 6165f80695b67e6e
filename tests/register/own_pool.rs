//! Threads are those of the pool that a call is made in, and of no other.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::process::Command;
use std::sync::{Arc, Mutex};

use kobling::{Rows, Step};

use crate::support::{SOURCES, file, key, plan, registers, release};

/// Says to the test below that it is alone in its process.
const ALONE: &str = "KOBLING_TEST_ALONE";

#[test]
fn a_run_in_a_pool_of_the_caller_makes_no_other() {
    // In a process of its own: here other tests make rayon's global pool.
    let program = std::env::current_exe().expect("this program");
    let ran = Command::new(program)
        .args(["--exact", "own_pool::alone_in_its_process"])
        .env(ALONE, "1")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
fn alone_in_its_process() {
    if std::env::var_os(ALONE).is_none() {
        return;
    }
    const THREADS: usize = 3;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS);
    let pool = pool.build().expect("threads");
    let plan = plan();
    let (key, folder) = (key(&plan), tempfile::tempdir().expect("a folder"));
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let run = || {
        let registers = SOURCES.into_iter().zip(registers(3000));
        let extracts = registers.map(|(source, csv)| {
            let path = file(folder.path(), &format!("{source}.csv"), csv);
            let seen = Arc::clone(&seen);
            let rows = Rows::open(&plan, source, &[path])?;
            let rows = rows.watched_by(Arc::new(move |_: Step<'_>| {
                let thread = (rayon::current_num_threads(), rayon::current_thread_index());
                seen.lock().expect("nobody panics").insert(thread);
                ControlFlow::Continue(())
            }));
            rows.identify()?.pseudonymise(&key)
        });
        release(&plan, extracts.collect::<kobling::Result<_>>()?)
    };
    pool.install(run).expect("a release");
    let seen = seen.lock().expect("nobody panics");
    assert!(!seen.is_empty());
    let is_of_the_pool = |(threads, index): &(usize, Option<usize>)| {
        *threads == THREADS && index.is_some_and(|index| index < THREADS)
    };
    assert!(seen.iter().all(is_of_the_pool), "{seen:?}");
    // It can be made once only, and is made where it is first asked for.
    let global = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global();
    assert!(global.is_ok(), "rayon's global pool was made");
}
