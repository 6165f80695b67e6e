//! A history resolved in pseudonyms: which number stands for which, as of a day.
//!
//! ```text
//!   a → b  2019      as of 2020        as of 2024
//!   b → c  2021        a → b             a → c, b → c
//! ```
//!
//! A pair counts if its day is not after the plan's reference date. Chains are
//! followed to their end; whoever no pair names stands for itself. What the
//! pairs do not settle is refused and not guessed: a number with two current
//! ones, also where one of them is itself, and numbers that replace each other
//! in a circle. Errors say how many, for nobody may see which.

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result, counted};
use crate::extract::{History, Key, ranges};
use crate::plan::Date;

/// Pairs that are looked at together.
const SHARE: usize = 1 << 16;

/// Every replaced number, with the one that is current.
pub(super) struct Successors {
    /// Replaced numbers, ascending, each once.
    pub(super) numbers: Vec<Key>,
    /// For each of them the current one, which is replaced by none.
    pub(super) currents: Vec<Key>,
}

impl Successors {
    /// Follows every number of `history` to the one that is current on the day `on`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Linkage`] if a number has two current ones, or if numbers
    /// replace each other in a circle.
    pub(super) fn resolve(history: &History<'_>, on: Date) -> Result<Self> {
        let refuse = |rule: String, help: &str| {
            let error = Error::new(ErrorKind::Linkage, format!("{rule}, as of {on}"));
            Err(error.help(help.to_owned()))
        };
        let (mut found, split) = in_force(history, on.days());
        if split > 0 {
            let rule = format!(
                "gives {} two current ones or more",
                counted(split, "number")
            );
            let help = "the register must say which one is right; nothing is guessed";
            return refuse(rule, help);
        }
        let circling = found.follow();
        if circling > 0 {
            let rule = format!("leads {} in a circle", counted(circling, "number"));
            let help = "the register must say which number is the last; nothing is guessed";
            return refuse(rule, help);
        }
        Ok(found)
    }

    /// Leads every number whose current one is replaced too to the end of the
    /// chain. Gives how many have no end.
    ///
    /// Chains are rare, and long ones rarer: by pointer jumping (Wyllie, "The
    /// complexity of parallel computations", 1979, section 2.2), what is left
    /// of a chain is halved each time, so a circle is known after as many
    /// times as its length has bits.
    fn follow(&mut self) -> u64 {
        let links = self.links();
        let place = |number: u32| links.binary_search_by_key(&number, |link| link.0).ok();
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
        for (link, &last) in links.iter().zip(&last) {
            // That of a number whose own current one is not replaced.
            self.currents[link.0 as usize] = self.currents[links[last].1 as usize];
        }
        last.iter().filter(|last| next[**last].is_some()).count() as u64
    }

    /// The numbers whose current one is replaced too, each with that one's
    /// place among the numbers; ascending.
    fn links(&self) -> Vec<(u32, u32)> {
        let sieve = Sieve::new(&self.numbers);
        let currents = self.currents.par_iter().enumerate();
        let held = currents.filter(|(_, current)| sieve.may_hold(current));
        let links = held.filter_map(|(number, current)| {
            let next = self.numbers.binary_search(current).ok()?;
            Some((number as u32, next as u32))
        });
        links.collect()
    }
}

/// The pairs that count on a day, and how many numbers have two current ones.
fn in_force(history: &History<'_>, on: i32) -> (Successors, u64) {
    let ranges = ranges(std::slice::from_ref(&history.numbers), &[SHARE]);
    let found = ranges.into_par_iter().map(|range| {
        let mut pairs = history.window(&range[0]);
        pairs.retain(|(_, _, day)| *day <= on);
        let mut split = 0;
        let mut found = Vec::with_capacity(pairs.len());
        for pairs in pairs.chunk_by(|a, b| a.0 == b.0) {
            let (number, current, _) = pairs[0];
            // Sorted, so the last pair's current number is another one if any is.
            split += u64::from(pairs[pairs.len() - 1].1 != current);
            if number != current {
                found.push((number, current));
            }
        }
        (found, split)
    });
    let found: Vec<(Vec<(Key, Key)>, u64)> = found.collect();
    let split = found.iter().map(|(_, split)| split).sum();
    let pairs = found.into_par_iter().flat_map_iter(|(pairs, _)| pairs);
    let (numbers, currents) = pairs.unzip();
    (Successors { numbers, currents }, split)
}

/// Bits of a sieve for each number in it.
const BITS_EACH: usize = 16;

/// Which leading bits occur among some numbers: most that are not among them
/// are told in one look, without searching.
struct Sieve {
    bits: Vec<u64>,
    shift: u32,
}

impl Sieve {
    fn new(numbers: &[Key]) -> Self {
        let size = (numbers.len() * BITS_EACH).next_power_of_two().max(64);
        let mut sieve = Self {
            bits: vec![0; size / 64],
            shift: u128::BITS - size.ilog2(),
        };
        for number in numbers {
            let (word, bit) = sieve.place(number);
            sieve.bits[word] |= bit;
        }
        sieve
    }

    fn place(&self, number: &Key) -> (usize, u64) {
        let leading = (u128::from_be_bytes(*number) >> self.shift) as usize;
        (leading / 64, 1 << (leading % 64))
    }

    /// Whether `number` may be among them; if not, it is not.
    fn may_hold(&self, number: &Key) -> bool {
        let (word, bit) = self.place(number);
        self.bits[word] & bit != 0
    }
}

#[cfg(test)]
mod tests;
