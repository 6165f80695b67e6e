//! Time on the processor, of all threads together, instead of time on the clock.
//!
//! Others on the machine change it little, and a ratio of two such times less.

use std::fs;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};

/// Time on the processor, of all threads.
pub(crate) struct Processor;

impl Processor {
    /// Nanoseconds of all threads of this process so far (Linux, `schedstat` in proc(5)).
    pub(crate) fn nanoseconds() -> u64 {
        let threads = fs::read_dir("/proc/self/task").expect("these are Linux's own counts");
        let spent = threads.flatten().filter_map(|thread| {
            let counts = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            counts.split_whitespace().next()?.parse::<u64>().ok()
        });
        spent.sum()
    }
}

impl Measurement for Processor {
    type Intermediate = u64;
    type Value = Duration;

    fn start(&self) -> u64 {
        Self::nanoseconds()
    }

    fn end(&self, start: u64) -> Duration {
        // Nothing takes no time: criterion divides by it.
        Duration::from_nanos((Self::nanoseconds() - start).max(1))
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}
