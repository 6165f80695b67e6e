//! A history resolved in pseudonyms: which number is current for which, as of a day.
//!
//! ```text
//!   a → b  2019      as of 2020        as of 2024
//!   b → c  2021        a → b             a → c, b → c
//! ```
//!
//! A pair counts if its day is not after the plan's reference date. Chains are
//! followed to their end; a number that no pair names is current. What the
//! pairs do not settle is refused and not guessed: a number with two current
//! ones, also where one of them is itself, and numbers that replace each other
//! in a circle. Errors say how many, for nobody may see which.
//!
//! The pairs stay where they lie, sorted by the replaced number. Only what they
//! do not say themselves is held in addition: where chains end.

use std::ops::Range;

use rayon::prelude::*;

use super::sieve::Sieve;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::extract::{History, PseudonymBytes, PseudonymColumn, ranges};
use crate::plan::Date;

/// Pairs that are looked at together.
const SHARE: usize = 1 << 14;

/// Every replaced number, with the one that is current.
pub(super) struct Successors<'a> {
    history: History<'a>,
    /// Of the replaced numbers.
    sieve: Sieve,
    /// The last day whose pairs count.
    on: i32,
    /// The pairs whose current number is replaced too, ascending, each with the
    /// number at the end of the chain.
    ends: Vec<(u32, PseudonymBytes)>,
}

impl<'a> Successors<'a> {
    /// Follows every number of `history` to the one that is current on the day `on`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Linkage`] if a number has two current ones, or if numbers
    /// replace each other in a circle.
    pub(super) fn resolve(history: History<'a>, on: Date) -> Result<Self> {
        let refuse = |rule: String, help: &str| {
            let error = Error::new(ErrorKind::Linkage, format!("{rule}, as of {on}"));
            Err(error.help(help.to_owned()))
        };
        let mut found = Self {
            sieve: Sieve::new(&history.numbers),
            history,
            on: on.days(),
            ends: Vec::new(),
        };
        let (links, split) = found.links();
        if split > 0 {
            let rule = format!(
                "gives {} two current ones or more",
                counted(split, "number")
            );
            let help = "the register must say which one is right; nothing is guessed";
            return refuse(rule, help);
        }
        let circling = found.follow(&links);
        if circling > 0 {
            let rule = format!("leads {} in a circle", counted(circling, "number"));
            let help = "the register must say which number is the last; nothing is guessed";
            return refuse(rule, help);
        }
        Ok(found)
    }

    /// The replaced numbers, ascending, some of them not yet replaced on the
    /// day, some several times.
    pub(super) fn numbers(&self) -> &PseudonymColumn<'a> {
        &self.history.numbers
    }

    /// Those of `wanted` that are replaced, each with its place there and the
    /// number that is current in its stead. Both `wanted` and the pairs in the
    /// rows of `range` ascend.
    pub(super) fn find(
        &self,
        wanted: &[PseudonymBytes],
        range: &Range<usize>,
    ) -> Vec<(usize, PseudonymBytes)> {
        let found = self.replaced(wanted, range).into_iter();
        let current = |(place, pair, current)| {
            let chained = self.ends.binary_search_by_key(&pair, |end| end.0);
            (place, chained.map_or(current, |end| self.ends[end].1))
        };
        found.map(current).collect()
    }

    /// As [`find`](Self::find), with the pair that counts and its own current number.
    fn replaced(
        &self,
        wanted: &[PseudonymBytes],
        range: &Range<usize>,
    ) -> Vec<(usize, u32, PseudonymBytes)> {
        let pairs = self.history.window(range);
        let found = self.sieve.find(wanted, pairs.numbers());
        let counts = found.filter_map(|(place, first)| {
            let same = (first..).map_while(|at| Some((at, pairs.get(at)?)));
            let mut same = same.take_while(|(_, pair)| *pair.0 == wanted[place]);
            let (at, (number, current, _)) = same.find(|(_, pair)| pair.2 <= self.on)?;
            let pair = (range.start + at) as u32;
            (current != number).then_some((place, pair, *current))
        });
        counts.collect()
    }

    /// The pairs whose current number is replaced too, each with the pair that
    /// says by which; ascending. And how many numbers have two current ones.
    fn links(&self) -> (Vec<(u32, u32)>, u64) {
        let numbers = &self.history.numbers;
        let all = ranges(std::slice::from_ref(numbers), &[SHARE]);
        let found = all.into_par_iter().map(|range| {
            let (start, pairs) = (range[0].start, self.history.window(&range[0]));
            let mut split = 0;
            let mut chained = Vec::new();
            // The last number, and the one that is current in its place.
            let mut last: Option<(&PseudonymBytes, &PseudonymBytes)> = None;
            let mut reported = false;
            for (at, (number, current, day)) in pairs.iter().enumerate() {
                if day > self.on {
                    continue;
                }
                if let Some((_, other)) = last.filter(|last| last.0 == number) {
                    // Counted once, however many there are.
                    split += u64::from(other != current && !reported);
                    reported |= other != current;
                    continue;
                }
                (last, reported) = (Some((number, current)), false);
                if self.sieve.may_hold(current) && number != current {
                    chained.push((*current, (start + at) as u32));
                }
            }
            (chained, split)
        });
        let found: Vec<(Vec<(PseudonymBytes, u32)>, u64)> = found.collect();
        let split = found.iter().map(|(_, split)| split).sum();
        let mut chained: Vec<(PseudonymBytes, u32)> =
            found.into_iter().flat_map(|found| found.0).collect();
        chained.par_sort_unstable();
        let wanted: Vec<PseudonymBytes> = chained.iter().map(|(current, _)| *current).collect();
        let lists = [PseudonymColumn::from_chunks(vec![&wanted]), numbers.clone()];
        let links = ranges(&lists, &[SHARE; 2])
            .into_par_iter()
            .flat_map_iter(|range| {
                let start = range[0].start;
                let found = self
                    .replaced(&wanted[range[0].clone()], &range[1])
                    .into_iter();
                found
                    .map(|(place, next, _)| (chained[start + place].1, next))
                    .collect::<Vec<_>>()
            });
        let mut links: Vec<(u32, u32)> = links.collect();
        links.par_sort_unstable();
        (links, split)
    }

    /// Finds the ends of the chains that `links` are. Gives how many have none.
    ///
    /// Chains are rare, and long ones rarer: by pointer jumping (Wyllie, "The
    /// complexity of parallel computations", 1979, section 2.2), what is left
    /// of a chain is halved each time, so a circle is known after as many
    /// times as its length has bits.
    fn follow(&mut self, links: &[(u32, u32)]) -> u64 {
        let place = |pair: u32| links.binary_search_by_key(&pair, |link| link.0).ok();
        let next: Vec<Option<usize>> = links.iter().map(|link| place(link.1)).collect();
        let mut last: Vec<usize> = (0..links.len())
            .map(|link| next[link].unwrap_or(link))
            .collect();
        for _ in 0..usize::BITS - links.len().leading_zeros() {
            let further: Vec<usize> = last.iter().map(|&link| last[link]).collect();
            if further == last {
                break;
            }
            last = further;
        }
        let end = |&last: &usize| self.history.current(links[last].1 as usize);
        let pairs = links.iter().map(|link| link.0);
        self.ends = pairs.zip(last.iter().map(end)).collect();
        last.iter().filter(|last| next[**last].is_some()).count() as u64
    }
}

#[cfg(test)]
mod tests;
