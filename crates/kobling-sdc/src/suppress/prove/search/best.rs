//! The best cubes that were seen: the cheapest ones that give a cell enough values.

use crate::attacker::Possible;

/// What a further proof is likely to cost, where somebody can rule a table out.
const RULED_OUT: f64 = 0.6;

/// What a cube is good for: how often it can be added to the table, and taken away.
pub(super) struct Cube {
    up: i128,
    down: i128,
    /// The same so that no cell becomes empty, of which its persons know that it is not.
    filled_up: i128,
    filled_down: i128,
    /// Whether it changes a cell that a singleton knows.
    pub(super) singletons: bool,
    /// What the cells are worth that it changes, and that are not suppressed yet.
    pub(super) lost: f64,
}

impl Cube {
    pub(super) fn new() -> Self {
        Self {
            up: i128::MAX,
            down: i128::MAX,
            filled_up: i128::MAX,
            filled_down: i128::MAX,
            singletons: false,
            lost: 0.0,
        }
    }

    /// Takes into account what changes by `more` each time, and has `room` to lose;
    /// so much of it without being emptied.
    pub(super) fn bound(&mut self, more: i64, room: i128, filled: i128) {
        let (ends, filled_ends) = match more < 0 {
            true => (&mut self.up, &mut self.filled_up),
            false => (&mut self.down, &mut self.filled_down),
        };
        *ends = (*ends).min(room);
        *filled_ends = (*filled_ends).min(filled);
    }

    fn cost(&self, up: u64, down: u64) -> f64 {
        let empties = up > 0 && i128::from(up) > self.filled_up
            || down > 0 && i128::from(down) > self.filled_down;
        let ruled_out = |is: bool| if is { RULED_OUT } else { 0.0 };
        self.lost + ruled_out(empties) + ruled_out(self.singletons)
    }

    fn reaches(&self, up: u64, down: u64) -> bool {
        i128::from(up) <= self.up && i128::from(down) <= self.down
    }
}

/// A cube, and how often it is added to the true table and taken away from it.
pub(super) type Used = (Vec<(u32, i64)>, u64, u64);

/// The cheapest cube for something; none yet if it costs infinitely much.
struct Cheapest {
    /// How far it goes.
    steps: u64,
    cost: f64,
    corners: Vec<(u32, i64)>,
}

impl Cheapest {
    fn none(steps: u64) -> Self {
        Self {
            steps,
            cost: if steps == 0 { 0.0 } else { f64::INFINITY },
            corners: Vec::new(),
        }
    }

    fn offer(&mut self, cost: f64, corners: &[(u32, i64)]) {
        if cost < self.cost {
            self.cost = cost;
            self.corners.clear();
            self.corners.extend_from_slice(corners);
        }
    }
}

/// The best cubes for a cell.
pub(super) struct Best {
    most: f64,
    /// How far up and down together are enough, each.
    enough: Vec<(u64, u64)>,
    /// By how far they go, in increasing order: first those that stay.
    up: Vec<Cheapest>,
    down: Vec<Cheapest>,
    /// By which is enough: one cube for both.
    both: Vec<Cheapest>,
    /// What the cheapest of all costs.
    least: f64,
}

/// How far up and down all values from the first to the last are.
pub(super) fn steps(first: u64, last: u64, true_value: i128) -> (u64, u64) {
    let up = (i128::from(last) - true_value).max(0);
    let down = (true_value - i128::from(first)).max(0);
    (up as u64, down as u64)
}

impl Best {
    pub(super) fn new(possible: Possible, true_value: i128, most: f64) -> Self {
        let enough: Vec<(u64, u64)> = match possible {
            Possible::Consecutive(values) => {
                let steps = values.saturating_sub(1);
                (0..=steps).map(|down| (steps - down, down)).collect()
            }
            Possible::All(first, last) => vec![steps(first, last, true_value)],
            Possible::Around { below, above } => vec![(above, below)],
        };
        let furthest = |of: fn(&(u64, u64)) -> u64| enough.iter().map(of).max().unwrap_or(0);
        let (up, down) = (furthest(|enough| enough.0), furthest(|enough| enough.1));
        let steps = |furthest: u64| match possible {
            Possible::Around { .. } if furthest > 0 => vec![0, furthest],
            _ => (0..=furthest).collect(),
        };
        let slots = |furthest| steps(furthest).into_iter().map(Cheapest::none).collect();
        let mut best = Self {
            most,
            up: slots(up),
            down: slots(down),
            both: enough.iter().map(|_| Cheapest::none(1)).collect(),
            enough,
            least: f64::INFINITY,
        };
        best.least = best.cheapest().map_or(f64::INFINITY, |(_, cost)| cost);
        best
    }

    /// No cube that loses more is of use.
    pub(super) fn limit(&self) -> f64 {
        self.most.min(self.least)
    }

    /// Whether nothing can be better.
    pub(super) fn is_perfect(&self) -> bool {
        self.least <= 0.0
    }

    pub(super) fn add(&mut self, cube: &Cube, corners: &[(u32, i64)]) {
        for slot in &mut self.up[1..] {
            if !cube.reaches(slot.steps, 0) {
                break;
            }
            slot.offer(cube.cost(slot.steps, 0), corners);
        }
        for slot in &mut self.down[1..] {
            if !cube.reaches(0, slot.steps) {
                break;
            }
            slot.offer(cube.cost(0, slot.steps), corners);
        }
        for ((up, down), slot) in self.enough.iter().zip(&mut self.both) {
            if cube.reaches(*up, *down) {
                slot.offer(cube.cost(*up, *down), corners);
            }
        }
        self.least = self.cheapest().map_or(f64::INFINITY, |(_, cost)| cost);
    }

    /// Which is the cheapest that is enough, and what it costs.
    fn cheapest(&self) -> Option<(usize, f64)> {
        let costs = (0..self.enough.len()).map(|at| {
            let two = self.two(at).iter().map(|slot| slot.cost).sum::<f64>();
            (at, self.both[at].cost.min(two))
        });
        let finite = costs.filter(|(_, cost)| cost.is_finite());
        finite.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    }

    fn two(&self, at: usize) -> [&Cheapest; 2] {
        let (up, down) = self.enough[at];
        let at = |slots: &[Cheapest], steps: u64| slots.partition_point(|slot| slot.steps < steps);
        [&self.up[at(&self.up, up)], &self.down[at(&self.down, down)]]
    }

    /// The cheapest cubes that are enough.
    pub(super) fn found(&self) -> Option<Vec<Used>> {
        let (at, cost) = self.cheapest()?;
        let (up, down) = self.enough[at];
        if self.both[at].cost <= cost {
            return Some(vec![(self.both[at].corners.clone(), up, down)]);
        }
        let [by_up, by_down] = self.two(at);
        let both = [(by_up, up, 0), (by_down, 0, down)];
        let used = both.into_iter().filter(|(_, up, down)| up + down > 0);
        let used = used.map(|(slot, up, down)| (slot.corners.clone(), up, down));
        Some(used.collect())
    }

    /// The cheapest cube that goes a step up, or down if `sign` is negative.
    pub(super) fn step(&self, sign: i64) -> Option<Vec<(u32, i64)>> {
        let slots = if sign > 0 { &self.up } else { &self.down };
        let slot = slots.get(1).filter(|slot| slot.cost.is_finite())?;
        Some(slot.corners.clone())
    }
}
