//! Where people live, and that they move: the municipalities of Norway by year.
//!
//! The codes are real (see `SOURCE.md` in the list's folder), and changed for many
//! municipalities on 1 January 2024; a move has the codes of its day. How many
//! live where is invented: Oslo is the largest, and the others follow Zipf's
//! law in an order of no meaning, so that some are small enough to be protected.

use std::cmp::Reverse;

use super::calendar::{Day, LAST_DAY, new_year};
use super::draw::{Draw, Purpose};

const LIST: &str = include_str!("municipalities.csv");

/// No move is known from before this day, from which the list has codes.
const FIRST_MOVE: Day = new_year(2020);

/// From this day the list's first column holds.
const NEW_CODES: Day = new_year(2024);

/// In the place of a rank in Zipf's law, so that the largest is not too large.
const FLATTENED_BY: u32 = 6;

/// A household that has moved, as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) on: Day,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// The code that `from` has on the last day.
    pub(super) left: &'static str,
}

struct Municipality {
    code: &'static str,
    /// There is none for what began in 2024.
    code_2020: Option<&'static str>,
}

impl Municipality {
    fn code_on(&self, day: Day) -> Option<&'static str> {
        match day {
            NEW_CODES.. => Some(self.code),
            _ => self.code_2020,
        }
    }
}

/// The list, and how likely it is to live where.
pub(super) struct Municipalities {
    list: Vec<Municipality>,
    /// Weights, each with those before it.
    weights: Vec<u32>,
}

impl Municipalities {
    pub(super) fn new() -> Self {
        let list: Vec<Municipality> = LIST
            .lines()
            .skip(1)
            .filter_map(|line| {
                let mut fields = line.split(',');
                Some(Municipality {
                    code: fields.next()?,
                    code_2020: fields.next().filter(|code| !code.is_empty()),
                })
            })
            .collect();
        // The capital comes first in the list, and stays first.
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by_key(|&at| {
            let bits = Draw::of(0, Purpose::Municipalities, at as u64).bits();
            Reverse(if at == 0 { u64::MAX } else { bits })
        });
        let mut weights = vec![0; list.len()];
        for (rank, at) in (0..).zip(order) {
            weights[at] = 1_000_000 / (rank + FLATTENED_BY);
        }
        let mut sum = 0;
        for weight in &mut weights {
            sum += *weight;
            *weight = sum;
        }
        Self { list, weights }
    }

    /// Where a household lives on the last day, and its moves, the last one first.
    pub(super) fn home(&self, draw: &mut Draw) -> (&'static str, Vec<Move>) {
        let mut at = self.draw(draw);
        let home = self.list[at].code;
        let mut days: Vec<Day> = (0..number_of_moves(draw))
            .map(|_| draw.between(FIRST_MOVE, LAST_DAY))
            .collect();
        days.sort_unstable_by_key(|&day| Reverse(day));
        days.dedup();
        let mut moves = Vec::new();
        for on in days {
            let before = self.draw(draw);
            let codes = |at: usize| self.list[at].code_on(on);
            // One that was not yet there was not moved to, nor from.
            if let (Some(from), Some(to)) = (codes(before), codes(at))
                && from != to
            {
                let left = self.list[before].code;
                moves.push(Move { on, from, to, left });
                at = before;
            }
        }
        (home, moves)
    }

    fn draw(&self, draw: &mut Draw) -> usize {
        let all = self.weights.last().copied().unwrap_or(1);
        let drawn = draw.below(all);
        self.weights.partition_point(|&weight| weight <= drawn)
    }
}

/// Within six years.
fn number_of_moves(draw: &mut Draw) -> usize {
    match draw.below(100) {
        0..70 => 0,
        70..90 => 1,
        90..98 => 2,
        _ => 3,
    }
}
