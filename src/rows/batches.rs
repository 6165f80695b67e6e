//! All batches of a register worked on side by side, as if one after another.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::RowChunk;
use super::part::RawBatch;
use crate::error::Result;

/// What `work` makes of each batch of `chunks`, in their order.
///
/// While one thread decodes a part, others work on what came out of it: a
/// register may be a single part.
///
/// # Errors
///
/// The first refusal, in the order of the chunks and of the batches of each,
/// whichever of them a thread came to first.
pub(crate) fn each_batch<T: Send>(
    chunks: Vec<RowChunk>,
    work: impl Fn(RawBatch) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    // The first chunk that is known to be refused. Behind it no more is read; in
    // those before it there may be another refusal, which is the one to report.
    let refused = AtomicUsize::new(usize::MAX);
    let chunks = chunks.into_par_iter().enumerate();
    let done: Vec<Result<Vec<T>>> = chunks
        .map(|(place, chunk)| {
            // What comes before a refusal in a chunk was given out before it, so
            // the first one is found.
            let go_on = |_: &_| place < refused.load(Ordering::Relaxed);
            let batches = chunk.read().enumerate().take_while(go_on).par_bridge();
            let done = batches.map(|(at, raw)| {
                let done = raw.and_then(&work);
                if done.is_err() {
                    refused.fetch_min(place, Ordering::Relaxed);
                }
                (at, done)
            });
            let mut done: Vec<_> = done.collect();
            done.sort_unstable_by_key(|(at, _)| *at);
            done.into_iter().map(|(_, done)| done).collect()
        })
        .collect();
    in_order(done).map(|done| done.into_iter().flatten().collect())
}

/// All of `done`, or the first refusal among them. Where threads collect into a
/// `Result`, any one may be it.
pub(crate) fn in_order<T>(done: Vec<Result<T>>) -> Result<Vec<T>> {
    done.into_iter().collect()
}
