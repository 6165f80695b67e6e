//! Questions about the same table, answered side by side.
//!
//! What is suppressed for one cell serves the next, so cells are proven one after the other. Yet
//! two of them seldom meet: some are looked at at a time, each as if it were the first of them,
//! and what came of it is used in their order. How many they are is fixed, so that the
//! result is the same for any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rayon::prelude::*;

use super::search::Search;

/// More threads than that wait for the longest question of a few.
const MOST: usize = 8;

/// Searches on one table, of which the same is suppressed.
pub(super) struct Lanes<'a> {
    lanes: Vec<Search<'a>>,
    /// Corners looked at for questions that were answered, and not reported yet: how often work is
    /// reported does not depend on who answers which.
    unreported: u64,
}

impl<'a> Lanes<'a> {
    pub(super) fn new(search: Search<'a>) -> Self {
        let further = rayon::current_num_threads().clamp(1, MOST) - 1;
        let mut lanes: Vec<Search<'a>> = (0..further).map(|_| search.beside_this()).collect();
        lanes.push(search);
        Self {
            lanes,
            unreported: 0,
        }
    }

    /// One of them. What it suppresses is to be agreed to, or taken back.
    pub(super) fn one(&mut self) -> &mut Search<'a> {
        let last = self.lanes.len() - 1;
        &mut self.lanes[last]
    }

    /// The answer to each question, in their order. What is suppressed on the way to one
    /// is taken back before the next.
    pub(super) fn each<Q: Sync, A: Send>(
        &mut self,
        questions: &[Q],
        answer: impl Fn(&mut Search<'a>, &Q) -> A + Sync,
    ) -> Vec<A> {
        let one = self.one().take_unreported();
        let next = AtomicUsize::new(0);
        let answered = self.lanes.par_iter_mut().map(|search| {
            let mut own = Vec::new();
            loop {
                let at = next.fetch_add(1, Relaxed);
                let Some(question) = questions.get(at) else {
                    return own;
                };
                let answer = answer(search, question);
                search.take_back();
                own.push((at, answer, search.take_unreported()));
            }
        });
        let mut answered: Vec<(usize, A, u64)> = answered.flatten().collect();
        answered.sort_unstable_by_key(|(at, ..)| *at);
        let work: u64 = answered.iter().map(|(.., work)| work).sum();
        self.unreported = self.lanes[0].report(self.unreported + one + work);
        answered.into_iter().map(|(_, answer, _)| answer).collect()
    }

    pub(super) fn agree_to(&mut self, cells: &[u32]) {
        for search in &mut self.lanes {
            search.agree_to(cells);
        }
    }

    pub(super) fn only_suppressed(&mut self, cells: &[u32]) {
        for search in &mut self.lanes {
            search.only_suppressed(cells);
        }
    }

    pub(super) fn publish(&mut self, cell: u32) {
        for search in &mut self.lanes {
            search.publish(cell);
        }
    }

    /// How many corners were looked at so far.
    pub(super) fn looked_at(&self) -> u64 {
        self.lanes.iter().map(Search::looked_at).sum()
    }
}
