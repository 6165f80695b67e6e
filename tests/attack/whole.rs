//! Whole-number solutions: which values a sum can have.

use crate::model::{Model, NEAR, Row};
use crate::simplex::{End, Simplex};

/// What is asked of a sum of variables.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) terms: Vec<(usize, f64)>,
    pub(crate) truth: u64,
    /// Sets of values of which one must be possible as a whole, as bits.
    pub(crate) enough: Vec<u64>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Found {
    Kept,
    /// The least and the greatest value, and how many values of those asked for
    /// were found possible.
    Fewer(f64, f64, u32),
    Undecided,
}

/// Solutions that were seen, each a whole-number point.
pub(crate) struct Pool {
    pub(crate) points: Vec<Vec<f64>>,
    /// For each sum that is asked for, which values it had.
    pub(crate) seen: Vec<u64>,
}

const MOST_POINTS: usize = 120;

impl Pool {
    pub(crate) fn new(asked: &[Asked]) -> Self {
        Self {
            points: Vec::new(),
            seen: vec![0; asked.len()],
        }
    }

    pub(crate) fn add(&mut self, asked: &[Asked], point: &[f64]) {
        let mut new = false;
        for (asked, seen) in asked.iter().zip(&mut self.seen) {
            let value = Model::value(&asked.terms, point).round();
            if (0.0..64.0).contains(&value) {
                let bit = 1 << value as u64;
                new |= *seen & bit == 0;
                *seen |= bit;
            }
        }
        if self.points.len() < MOST_POINTS && (new || self.points.len() < 30) {
            self.points.push(point.to_vec());
        }
    }

    /// Adds a solution, and the whole-number points between it and another one.
    fn segment(&mut self, model: &Model, asked: &[Asked], from: &[f64], to: &[f64]) {
        let whole = |variable: usize| model.whole[variable];
        let mut step = 0u64;
        for variable in (0..to.len()).filter(|variable| whole(*variable)) {
            let difference = (to[variable] - from[variable]).round().abs() as u64;
            let (mut a, mut b) = (step, difference);
            while b > 0 {
                (a, b) = (b, a % b);
            }
            step = a;
        }
        if step > 1 {
            let steps = step.min(40);
            let far = step > 40;
            for at in 1..steps {
                // Of a long way its two ends are looked at.
                let at = if far && at > 20 {
                    step - (steps - at)
                } else {
                    at
                };
                let part = at as f64 / step as f64;
                let between = from
                    .iter()
                    .zip(to)
                    .map(|(from, to)| from + part * (to - from));
                let between: Vec<f64> = between.collect();
                self.add(asked, &between);
            }
        }
        self.add(asked, to);
    }

    fn enough(&self, asked: &[Asked], at: usize) -> bool {
        asked[at].enough.iter().any(|set| set & !self.seen[at] == 0)
    }
}

fn is_whole(model: &Model, point: &[f64]) -> bool {
    point
        .iter()
        .zip(&model.whole)
        .all(|(value, whole)| !whole || (value - value.round()).abs() < NEAR)
}

/// Whether each sum keeps enough possible values.
///
/// `pool` has solutions that were seen before, the truth among them.
pub(crate) fn attack(model: &Model, asked: &[Asked], pool: &mut Pool) -> Vec<Found> {
    let mut found = vec![Found::Kept; asked.len()];
    let left: Vec<usize> = (0..asked.len())
        .filter(|at| !pool.enough(asked, *at))
        .collect();
    if left.is_empty() {
        return found;
    }
    // The truth is a solution; where the numbers do not find it, nothing is decided.
    let Some(mut simplex) = Simplex::new(model) else {
        left.into_iter().for_each(|at| found[at] = Found::Undecided);
        return found;
    };
    let first = simplex.point().to_vec();
    let mut last: Option<Vec<f64>> = None;
    if is_whole(model, &first) && model.holds(&first) {
        pool.segment(model, asked, &model.truth.clone(), &first);
        last = Some(first);
    }
    for at in left {
        if pool.enough(asked, at) {
            continue;
        }
        let mut ends = [0.0, f64::INFINITY];
        let mut lost = false;
        for up in [true, false] {
            let mut visit = |point: &[f64]| {
                if is_whole(model, point) && model.holds(point) {
                    match &last {
                        Some(last) => pool.segment(model, asked, last, point),
                        None => pool.add(asked, point),
                    }
                    last = Some(point.to_vec());
                } else {
                    last = None;
                }
                pool.enough(asked, at)
            };
            let terms = &asked[at].terms;
            let end = match up {
                true => simplex.most(terms, &mut visit),
                false => simplex.least(terms, &mut visit),
            };
            match (end, up) {
                (End::At(value), true) => ends[1] = (value + NEAR).floor(),
                (End::At(value), false) => ends[0] = (value - NEAR).ceil(),
                (End::Exhausted, _) => lost = true,
                (End::Unbounded | End::Stopped, _) => {}
            }
            if end == End::Stopped {
                break;
            }
        }
        if pool.enough(asked, at) {
            continue;
        }
        found[at] = match lost {
            true => Found::Undecided,
            false => decide(model, asked, at, pool, ends),
        };
    }
    found
}

/// By a search for each value that is missing.
fn decide(model: &Model, asked: &[Asked], at: usize, pool: &mut Pool, ends: [f64; 2]) -> Found {
    let [low, high] = ends;
    let (mut impossible, mut unknown) = (0u64, 0u64);
    for value in 0..64u32 {
        let is_in = f64::from(value) >= low && f64::from(value) <= high;
        impossible |= u64::from(!is_in) << value;
    }
    for set in &asked[at].enough {
        for value in 0..64u64 {
            if set & impossible != 0 {
                break;
            }
            let bit = 1 << value;
            if set & bit == 0 || pool.seen[at] & bit != 0 || unknown & bit != 0 {
                continue;
            }
            match with_value(model, &asked[at].terms, value as f64) {
                Search::Found(point) => pool.add(asked, &point),
                Search::None => impossible |= bit,
                Search::Unknown => unknown |= bit,
            }
        }
        if set & !pool.seen[at] == 0 {
            return Found::Kept;
        }
    }
    match asked[at].enough.iter().any(|set| set & impossible == 0) {
        true => Found::Undecided,
        false => Found::Fewer(low, high, pool.seen[at].count_ones()),
    }
}

pub(crate) enum Search {
    Found(Vec<f64>),
    None,
    Unknown,
}

/// A whole-number solution in which a sum has this value: by branching.
pub(crate) fn with_value(model: &Model, terms: &[(usize, f64)], value: f64) -> Search {
    let mut model = model.clone();
    match *terms {
        [(variable, 1.0)] => {
            model.lower[variable] = value;
            model.upper[variable] = value;
        }
        _ => model.rows.push(Row {
            terms: terms.to_vec(),
            low: value,
            high: value,
        }),
    }
    let mut open = vec![model];
    let size = (model_size(&open[0])).max(1);
    let allowed = (20_000_000 / size).clamp(60, 3_000);
    let mut nodes = 0;
    while let Some(mut model) = open.pop() {
        nodes += 1;
        if nodes > allowed {
            return Search::Unknown;
        }
        if !model.tighten() {
            continue;
        }
        let Some(mut simplex) = Simplex::new(&model) else {
            continue;
        };
        let point = simplex.point();
        let broken = (0..point.len())
            .filter(|variable| model.whole[*variable])
            .max_by(|a, b| off(point[*a]).total_cmp(&off(point[*b])));
        match broken.filter(|variable| off(point[*variable]) > NEAR) {
            None => {
                let whole = point.iter().zip(&model.whole);
                let point: Vec<f64> = whole
                    .map(|(v, whole)| if *whole { v.round() } else { *v })
                    .collect();
                if model.holds(&point) {
                    return Search::Found(point);
                }
                return Search::Unknown;
            }
            Some(variable) => {
                let value = point[variable];
                let mut below = model.clone();
                below.upper[variable] = value.floor();
                model.lower[variable] = value.ceil();
                open.push(model);
                open.push(below);
            }
        }
    }
    Search::None
}

/// Rows times variables.
fn model_size(model: &Model) -> usize {
    let free = (0..model.lower.len()).filter(|variable| !model.is_fixed(*variable));
    model.rows.len() * free.count()
}

fn off(value: f64) -> f64 {
    (value - value.round()).abs()
}
