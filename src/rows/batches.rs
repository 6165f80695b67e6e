//! All batches of a register worked on side by side, as if one after another.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::Chunk;
use super::part::RawBatch;
use crate::error::Result;

/// What `work` makes of each batch of `chunks`, in their order.
///
/// While one thread decodes a part, others work on what came out of it: a
/// register may be a single part.
///
/// # Errors
///
/// The first refusal, in the order of the batches of a chunk.
pub(crate) fn each_batch<T: Send>(
    chunks: Vec<Chunk>,
    work: impl Fn(RawBatch) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let done: Result<Vec<Vec<T>>> = chunks
        .into_par_iter()
        .map(|chunk| {
            // After a refusal no more is read. What comes before it in the
            // part was given out before it, so the first refusal is found.
            let refused = AtomicBool::new(false);
            let go_on = |_: &_| !refused.load(Ordering::Relaxed);
            let batches = chunk.read().enumerate().take_while(go_on).par_bridge();
            let done = batches.map(|(at, raw)| {
                let done = raw.and_then(&work);
                refused.fetch_or(done.is_err(), Ordering::Relaxed);
                (at, done)
            });
            let mut done: Vec<_> = done.collect();
            done.sort_unstable_by_key(|(at, _)| *at);
            done.into_iter().map(|(_, done)| done).collect()
        })
        .collect();
    Ok(done?.into_iter().flatten().collect())
}
