//! The search for which inner cells go up: published counts as near as can be.
//!
//! What is minimised is the sum over published cells of the squared deviation.
//! Each inner cell is in few published cells, so what a change does to the sum
//! is known from the deviations of those few.

use crate::structure::Structure;

/// Exchanges are looked for within published cells of at most this many
/// inner cells that may change; across larger ones they gain next to nothing.
const NEIGHBOURS: usize = 512;
/// How much exchanges may cost together, in looks at a published cell. They
/// are counted, not timed, so that the same seed gives the same table.
const EXCHANGES: u64 = 1_000_000_000;
/// How much trying again may cost: enough for small tables to be searched well.
const AGAIN: u64 = 200_000;

pub(super) struct RoundingSearch {
    base: i64,
    /// The inner cells that may change, by their number in the structure.
    cells: Vec<usize>,
    /// For each of them the published cells that it is part of.
    starts: Vec<usize>,
    feeds: Vec<u32>,
    /// For each published cell those of them that it is the sum of, if they are few.
    groups: Vec<Vec<u32>>,
    counts: Vec<i64>,
    up: Vec<bool>,
    /// Of each published cell, what is published less what is true.
    deviations: Vec<i64>,
    random: Random,
    work: u64,
}

impl RoundingSearch {
    pub(super) fn new(
        structure: &Structure,
        inner: &[u64],
        truth: &[u64],
        cells: Vec<usize>,
        base: u64,
        seed: u64,
    ) -> Self {
        let of = structure.transposed();
        let mut starts = vec![0];
        let mut feeds = Vec::new();
        let mut groups = vec![Vec::new(); truth.len()];
        for (at, &cell) in cells.iter().enumerate() {
            feeds.extend_from_slice(of.members(cell));
            starts.push(feeds.len());
            for &published in of.members(cell) {
                groups[published as usize].push(at as u32);
            }
        }
        for group in groups.iter_mut().filter(|group| group.len() > NEIGHBOURS) {
            *group = Vec::new();
        }
        let counts: Vec<i64> = cells.iter().map(|&cell| inner[cell] as i64).collect();
        let mut search = Self {
            base: base as i64,
            up: vec![false; cells.len()],
            cells,
            starts,
            feeds,
            groups,
            counts,
            deviations: vec![0; truth.len()],
            random: Random(seed),
            work: 0,
        };
        search.start();
        search
    }

    /// The best that was found: each cell, and whether it goes up.
    pub(super) fn best(mut self) -> Vec<(usize, bool)> {
        self.improve();
        let mut best = (self.loss(), self.up.clone());
        while self.work < AGAIN && !self.cells.is_empty() && best.0 > 0 {
            self.disturb();
            self.improve();
            let loss = self.loss();
            self.work += self.deviations.len() as u64;
            if loss < best.0 {
                best = (loss, self.up.clone());
            } else if loss > best.0 {
                self.return_to(&best.1);
            }
        }
        self.cells.into_iter().zip(best.1).collect()
    }

    fn feeds(&self, at: usize) -> &[u32] {
        &self.feeds[self.starts[at]..self.starts[at + 1]]
    }

    fn loss(&self) -> i128 {
        let squares = self
            .deviations
            .iter()
            .map(|&d| i128::from(d) * i128::from(d));
        squares.sum()
    }

    /// Each cell goes up as likely as is right on average.
    fn start(&mut self) {
        for at in 0..self.cells.len() {
            let down = -self.counts[at];
            self.shift(at, down);
            if self.random.below(self.base as u64) < self.counts[at] as u64 {
                self.flip(at);
            }
        }
    }

    fn shift(&mut self, at: usize, by: i64) {
        for feed in self.starts[at]..self.starts[at + 1] {
            self.deviations[self.feeds[feed] as usize] += by;
        }
        self.work += (self.starts[at + 1] - self.starts[at]) as u64;
    }

    /// What `at` adds to the published cells if it changes.
    fn change(&self, at: usize) -> i64 {
        if self.up[at] { -self.base } else { self.base }
    }

    fn flip(&mut self, at: usize) {
        self.shift(at, self.change(at));
        self.up[at] = !self.up[at];
    }

    /// What the loss becomes greater by if `at` changes.
    fn cost(&mut self, at: usize) -> i64 {
        let feeds = self.feeds(at);
        let near: i64 = feeds
            .iter()
            .map(|&cell| self.deviations[cell as usize])
            .sum();
        let change = self.change(at);
        let cost = 2 * change * near + change * change * feeds.len() as i64;
        self.work += (self.starts[at + 1] - self.starts[at]) as u64;
        cost
    }

    /// Takes changes and exchanges until none brings the counts nearer.
    fn improve(&mut self) {
        loop {
            while self.sweep_changes() {}
            if !self.sweep_exchanges() {
                return;
            }
        }
    }

    fn sweep_changes(&mut self) -> bool {
        let mut better = false;
        for at in self.random.order(self.cells.len()) {
            if self.cost(at as usize) < 0 {
                self.flip(at as usize);
                better = true;
            }
        }
        better
    }

    fn sweep_exchanges(&mut self) -> bool {
        let mut better = false;
        for at in self.random.order(self.cells.len()) {
            better |= self.work < EXCHANGES && self.exchange(at as usize);
        }
        better
    }

    /// The first exchange of `at` for a neighbour of the other kind that gains.
    fn exchange(&mut self, at: usize) -> bool {
        let cost = self.cost(at);
        // In the cells that both are part of, one makes good for the other.
        let shared = 2 * self.base * self.base;
        let most = shared * self.feeds(at).len() as i64;
        for feed in self.starts[at]..self.starts[at + 1] {
            let group = self.feeds[feed] as usize;
            for member in 0..self.groups[group].len() {
                let other = self.groups[group][member] as usize;
                if self.up[other] == self.up[at] {
                    continue;
                }
                let both = cost + self.cost(other);
                if both < most && both - shared * self.shared(at, other) < 0 {
                    self.flip(at);
                    self.flip(other);
                    return true;
                }
            }
        }
        false
    }

    /// How many published cells both are part of.
    fn shared(&self, a: usize, b: usize) -> i64 {
        let (a, mut b) = (self.feeds(a), self.feeds(b).iter().peekable());
        let both = a.iter().filter(|&&cell| {
            while b.next_if(|&&other| other < cell).is_some() {}
            b.next_if_eq(&&cell).is_some()
        });
        both.count() as i64
    }

    /// A few random changes near each other.
    fn disturb(&mut self) {
        let at = self.random.below(self.cells.len() as u64) as usize;
        let feed = self.random.below(self.feeds(at).len().max(1) as u64) as usize;
        let group = self
            .feeds(at)
            .get(feed)
            .map(|&cell| self.groups[cell as usize].clone());
        self.flip(at);
        let group = group.filter(|group| !group.is_empty());
        for _ in 0..2 {
            let other = match &group {
                Some(group) => group[self.random.below(group.len() as u64) as usize] as usize,
                None => self.random.below(self.cells.len() as u64) as usize,
            };
            self.flip(other);
        }
    }

    fn return_to(&mut self, up: &[bool]) {
        for (at, &up) in up.iter().enumerate() {
            if self.up[at] != up {
                self.flip(at);
            }
        }
    }
}

/// A fixed sequence that looks random: Steele, Lea and Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// 0, …, `len` − 1 in some order (Fisher and Yates).
    fn order(&mut self, len: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..len as u32).collect();
        for at in (1..len).rev() {
            order.swap(at, self.below(at as u64 + 1) as usize);
        }
        order
    }
}
