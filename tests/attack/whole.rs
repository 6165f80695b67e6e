//! Whole-number solutions: which values a sum can have.

use crate::model::{Model, NEAR, Row};
use crate::simplex::{End, Simplex, Start, spend};

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
    /// Ways from one solution to another, in their smallest whole-number steps.
    pub(crate) moves: Vec<Vec<(usize, f64)>>,
}

const MOST_MOVES: usize = 600;

const MOST_POINTS: usize = 120;

impl Pool {
    pub(crate) fn new(asked: &[Asked]) -> Self {
        Self {
            points: Vec::new(),
            seen: vec![0; asked.len()],
            moves: Vec::new(),
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
        if step > 0 && self.moves.len() < MOST_MOVES {
            let differences = from.iter().zip(to).enumerate();
            let way =
                differences.map(|(variable, (from, to))| (variable, (to - from) / step as f64));
            let way: Vec<(usize, f64)> = way.filter(|(_, by)| by.abs() > NEAR).collect();
            if !self.moves.contains(&way) {
                self.moves.push(way);
            }
        }
        if step > 1 {
            // A sum goes as evenly as all variables do.
            for (asked, seen) in asked.iter().zip(&mut self.seen) {
                let start = Model::value(&asked.terms, from);
                let by = (Model::value(&asked.terms, to) - start) / step as f64;
                if by.abs() < NEAR {
                    continue;
                }
                let enters = if start > 63.0 && by < 0.0 {
                    ((start - 63.0) / -by) as u64
                } else {
                    0
                };
                for at in enters..(enters + 70).min(step) {
                    let value = (start + at as f64 * by).round();
                    if (0.0..64.0).contains(&value) {
                        *seen |= 1 << value as u64;
                    }
                }
            }
        }
        self.add(asked, to);
    }

    /// Goes from the solutions that were seen one or two steps along `moves`, as
    /// far as `model` allows, until each sum has had enough values.
    pub(crate) fn spread(&mut self, model: &Model, asked: &[Asked], moves: &[Vec<(usize, f64)>]) {
        let mut left: Vec<usize> = (0..asked.len())
            .filter(|at| !self.enough(asked, *at))
            .collect();
        if left.is_empty() {
            return;
        }
        let ranges: Vec<&Row> = model.rows.iter().filter(|row| row.high > row.low).collect();
        let mut by_variable = vec![0.0; model.lower.len()];
        // What each way changes of the sums that are left, and of what has ends.
        let mut change = |way: &[(usize, f64)]| -> (Vec<f64>, Vec<f64>) {
            way.iter()
                .for_each(|(variable, by)| by_variable[*variable] = *by);
            let of_sums = left
                .iter()
                .map(|at| Model::value(&asked[*at].terms, &by_variable));
            let of_sums = of_sums.collect();
            let of_rows = ranges
                .iter()
                .map(|row| Model::value(&row.terms, &by_variable))
                .collect();
            way.iter()
                .for_each(|(variable, _)| by_variable[*variable] = 0.0);
            (of_sums, of_rows)
        };
        let ways = moves.iter().map(|way| (way, change(way)));
        let useful = |(_, (of_sums, _)): &(_, (Vec<f64>, Vec<f64>))| {
            of_sums.iter().any(|by| by.abs() > NEAR)
        };
        let ways: Vec<_> = ways.filter(useful).collect();
        let each_way = ways
            .iter()
            .map(|(way, (sums, rows))| 2 * (way.len() + sums.len() + rows.len()));
        let each_way: usize = each_way.sum();
        let sums = left.clone();
        let mut at = 0;
        while at < self.points.len() && at < 40 && !left.is_empty() {
            if !spend(each_way) {
                return;
            }
            let from = self.points[at].clone();
            at += 1;
            let held: Vec<f64> = ranges
                .iter()
                .map(|row| Model::value(&row.terms, &from))
                .collect();
            let values: Vec<f64> = sums
                .iter()
                .map(|sum| Model::value(&asked[*sum].terms, &from))
                .collect();
            for (way, (of_sums, of_rows)) in &ways {
                for sign in [1.0, -1.0] {
                    let stays = way.iter().all(|(variable, by)| {
                        let value = from[*variable] + sign * by;
                        value >= model.lower[*variable] - NEAR
                            && value <= model.upper[*variable] + NEAR
                    });
                    let mut rows = ranges.iter().zip(&held).zip(of_rows);
                    let holds = stays
                        && rows.all(|((row, held), by)| {
                            let value = held + sign * by;
                            value >= row.low - NEAR && value <= row.high + NEAR
                        });
                    if !holds {
                        continue;
                    }
                    let mut new = false;
                    for ((sum, value), by) in sums.iter().zip(&values).zip(of_sums) {
                        let value = (value + sign * by).round();
                        if (0.0..64.0).contains(&value) {
                            let bit = 1 << value as u64;
                            new |= self.seen[*sum] & bit == 0;
                            self.seen[*sum] |= bit;
                        }
                    }
                    if new && self.points.len() < MOST_POINTS {
                        let mut to = from.clone();
                        way.iter()
                            .for_each(|(variable, by)| to[*variable] += sign * by);
                        self.points.push(to);
                    }
                }
            }
            left.retain(|at| !self.enough(asked, *at));
        }
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
pub(crate) fn attack(
    model: &Model,
    asked: &[Asked],
    pool: &mut Pool,
    simplex: impl FnOnce() -> Option<Simplex>,
) -> Vec<Found> {
    let mut found = vec![Found::Kept; asked.len()];
    let left: Vec<usize> = (0..asked.len())
        .filter(|at| !pool.enough(asked, *at))
        .collect();
    if left.is_empty() {
        return found;
    }
    // The truth is a solution; where the numbers do not find it, nothing is decided.
    let Some(mut simplex) = simplex() else {
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
    // Of a few large worlds the searches would take hours; what they leave is counted.
    let mut nodes = 2 * most_nodes(model);
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
            match search(model, &asked[at].terms, value as f64, &mut nodes) {
                Search::Found(point) => pool.add(asked, &point),
                Search::None => impossible |= bit,
                Search::Unknown => unknown |= bit,
            }
        }
        if set & !pool.seen[at] == 0 {
            return Found::Kept;
        }
    }
    if asked[at].enough.iter().any(|set| set & impossible == 0) {
        return Found::Undecided;
    }
    // What rounding takes for impossible it seldom does in another order as well.
    let mirror = model.mirrored();
    let terms = mirror.mirrored_terms(&asked[at].terms);
    let mut nodes = 2 * most_nodes(model);
    let wanted = asked[at].enough.iter().fold(0, |all, set| all | set);
    let asked_again = wanted & impossible;
    for value in (0..64u32).filter(|value| asked_again >> value & 1 == 1) {
        match search(&mirror, &terms, f64::from(value), &mut nodes) {
            Search::Found(point) => {
                let point: Vec<f64> = point.into_iter().rev().collect();
                pool.add(asked, &point);
                impossible &= !(1 << value);
            }
            Search::Unknown => impossible &= !(1 << value),
            Search::None => {}
        }
    }
    if pool.enough(asked, at) {
        return Found::Kept;
    }
    match asked[at].enough.iter().any(|set| set & impossible == 0) {
        true => Found::Undecided,
        false => Found::Fewer(low, high, pool.seen[at].count_ones()),
    }
}

enum Search {
    Found(Vec<f64>),
    None,
    Unknown,
}

/// How many branches are worth looking at.
fn most_nodes(model: &Model) -> usize {
    (20_000_000 / model_size(model).max(1)).clamp(60, 3_000)
}

/// A whole-number solution in which a sum has this value: by branching, of which
/// there are so many left.
fn search(model: &Model, terms: &[(usize, f64)], value: f64, nodes: &mut usize) -> Search {
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
    while let Some(mut model) = open.pop() {
        // Bounds are narrowed some times, and each branch is copied.
        let terms: usize = model.rows.iter().map(|row| row.terms.len()).sum();
        if *nodes == 0 || !spend(10 * terms) {
            return Search::Unknown;
        }
        *nodes -= 1;
        if !model.tighten() {
            continue;
        }
        let mut simplex = match Simplex::start(&model) {
            Start::At(simplex) => simplex,
            Start::Nowhere => continue,
            // Whether there is one is not known.
            Start::Exhausted => return Search::Unknown,
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
