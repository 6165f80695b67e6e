//! Linear programs by the simplex method with bounds, on a dense tableau.
//!
//! One program is made feasible once; then any number of sums is pushed up or
//! down from where the one before ended.

use std::cell::Cell;

use crate::model::{Model, NEAR};

const SMALL: f64 = 1e-9;
/// What is less is nothing, left over by rounding.
const PIVOT: f64 = 1e-7;

/// Steps of one way, at most: more than any that ends takes.
const STEPS: usize = 4_000;

/// How often the costs of artificial variables are computed anew.
const ROUNDS: usize = 20;

/// What may be spent on a world, in entries of tableaus: about a second. Where everything is
/// suppressed, a few worlds would take hours; what is left of them is counted as undecided.
const WORK: u64 = 1_000_000_000;

thread_local! {
    /// What is left of it.
    static LEFT: Cell<u64> = const { Cell::new(WORK) };
}

/// From now on another world is attacked by this thread.
pub(crate) fn next_world() {
    let asked = std::env::var("KOBLING_ATTACK_WORK").ok();
    let work = asked.map_or(WORK, |asked| asked.parse().expect("a number of entries"));
    LEFT.with(|left| left.set(work));
}

/// Whether so much may still be spent.
pub(crate) fn spend(entries: usize) -> bool {
    LEFT.with(|left| {
        let rest = left.get().checked_sub(entries as u64);
        left.set(rest.unwrap_or(0));
        rest.is_some()
    })
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Low,
    High,
    Basic(usize),
}

/// A feasible program.
#[derive(Debug, Clone)]
pub(crate) struct Simplex {
    /// Variables of the model, then one for each of its rows that is no equation.
    columns: usize,
    rows: Vec<Vec<f64>>,
    /// Which variable is basic in each row; artificial ones count from `columns`.
    basis: Vec<usize>,
    values: Vec<f64>,
    place: Vec<Place>,
    /// How far each may go above its lower bound.
    reach: Vec<f64>,
    lower: Vec<f64>,
    variables: usize,
    /// Of each variable of the model, the column; `None` where it is fixed.
    column: Vec<Option<usize>>,
    at: Vec<f64>,
}

/// How far a sum goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum End {
    At(f64),
    Unbounded,
    /// The visitor has seen enough.
    Stopped,
    /// The work allowed ended.
    Exhausted,
}

/// Whether a program has a solution.
pub(crate) enum Start {
    At(Box<Simplex>),
    Nowhere,
    /// The work allowed ended before it was known.
    Exhausted,
}

enum Begun {
    At,
    Nowhere,
    Exhausted,
}

impl Simplex {
    /// `None` if no solution was found.
    pub(crate) fn new(model: &Model) -> Option<Self> {
        match Self::start(model) {
            Start::At(simplex) => Some(*simplex),
            Start::Nowhere | Start::Exhausted => None,
        }
    }

    /// At a solution, if there is one.
    pub(crate) fn start(model: &Model) -> Start {
        let variables = model.lower.len();
        let mut column = vec![None; variables];
        let (mut lower, mut reach) = (Vec::new(), Vec::new());
        for (variable, column) in column.iter_mut().enumerate() {
            if !model.is_fixed(variable) {
                *column = Some(lower.len());
                lower.push(model.lower[variable]);
                reach.push(model.upper[variable] - model.lower[variable]);
            }
        }
        let mut equations: Vec<(Vec<(usize, f64)>, f64)> = Vec::new();
        for row in &model.rows {
            let mut terms = Vec::new();
            let mut known = 0.0;
            for (variable, factor) in &row.terms {
                match column[*variable] {
                    Some(column) => {
                        known += factor * lower[column];
                        terms.push((column, *factor));
                    }
                    None => known += factor * model.lower[*variable],
                }
            }
            let (low, high) = (row.low - known, row.high - known);
            if terms.is_empty() {
                let near = NEAR * known.abs().max(1.0);
                if low > near || high < -near {
                    return Start::Nowhere;
                }
                continue;
            }
            let width = high - low;
            if width < SMALL {
                equations.push((terms, high));
            } else {
                // terms - slack = low with 0 <= slack <= width, or from above.
                let slack = lower.len();
                lower.push(0.0);
                reach.push(width);
                if low.is_finite() {
                    terms.push((slack, -1.0));
                    equations.push((terms, low));
                } else {
                    terms.push((slack, 1.0));
                    equations.push((terms, high));
                }
            }
        }
        let columns = lower.len();
        let mut rows = Vec::with_capacity(equations.len());
        let mut values = Vec::with_capacity(equations.len());
        for (terms, right) in equations {
            let sign = if right < 0.0 { -1.0 } else { 1.0 };
            let mut row = vec![0.0; columns];
            for (column, factor) in terms {
                row[column] += sign * factor;
            }
            rows.push(row);
            values.push(sign * right);
        }
        let basis = (0..rows.len()).map(|row| columns + row).collect();
        let mut simplex = Self {
            columns,
            rows,
            basis,
            values,
            place: vec![Place::Low; columns],
            reach,
            lower,
            variables,
            column,
            at: model.lower.clone(),
        };
        match simplex.begin() {
            Begun::At => Start::At(Box::new(simplex)),
            Begun::Nowhere => Start::Nowhere,
            Begun::Exhausted => Start::Exhausted,
        }
    }

    /// Looks for a solution, by pushing the artificial variables down to nothing.
    fn begin(&mut self) -> Begun {
        let scale = self
            .values
            .iter()
            .fold(1.0f64, |most, value| most.max(value.abs()));
        let mut cost = vec![0.0; self.columns];
        for again in 0.. {
            // Anew from what is left of the artificial ones: what was kept of it drifts.
            let artificial = self.basis.iter().map(|basic| *basic >= self.columns);
            let rows: Vec<usize> = (0..)
                .zip(artificial)
                .filter(|row| row.1)
                .map(|row| row.0)
                .collect();
            let left: f64 = rows.iter().map(|row| self.values[*row].abs()).sum();
            if left <= NEAR * scale {
                break;
            }
            cost.fill(0.0);
            for row in rows {
                for (cost, factor) in cost.iter_mut().zip(&self.rows[row]) {
                    *cost += factor;
                }
            }
            let (basis, place) = (self.basis.clone(), self.place.clone());
            match self.push(&mut cost, &mut |_| false) {
                // Nothing gains by what is true of the costs.
                End::At(_) if basis == self.basis && place == self.place => return Begun::Nowhere,
                End::At(_) if again < ROUNDS => {}
                // What is to be pushed down has an end.
                _ => return Begun::Exhausted,
            }
        }
        // What is left of them says nothing new, or changes places with another.
        let mut row = 0;
        while row < self.rows.len() {
            if self.basis[row] < self.columns {
                row += 1;
                continue;
            }
            let free =
                (0..self.columns).filter(|column| !matches!(self.place[*column], Place::Basic(_)));
            let best = free.max_by(|a, b| {
                self.rows[row][*a]
                    .abs()
                    .total_cmp(&self.rows[row][*b].abs())
            });
            match best.filter(|column| self.rows[row][*column].abs() > 1e-7) {
                Some(column) => {
                    let value = self.nonbasic(column);
                    self.pivot(row, column, value, Place::Low, &mut cost);
                    row += 1;
                }
                None => {
                    self.rows.swap_remove(row);
                    self.values.swap_remove(row);
                    self.basis.swap_remove(row);
                    if let Some(moved) = self.basis.get(row)
                        && *moved < self.columns
                    {
                        self.place[*moved] = Place::Basic(row);
                    }
                }
            }
        }
        Begun::At
    }

    fn nonbasic(&self, column: usize) -> f64 {
        match self.place[column] {
            Place::Low => 0.0,
            Place::High => self.reach[column],
            Place::Basic(row) => self.values[row],
        }
    }

    /// Pushes a sum up; `visit` sees every point on the way, and may stop it.
    pub(crate) fn most(
        &mut self,
        terms: &[(usize, f64)],
        visit: &mut dyn FnMut(&[f64]) -> bool,
    ) -> End {
        self.toward(terms, 1.0, visit)
    }

    /// Pushes a sum down.
    pub(crate) fn least(
        &mut self,
        terms: &[(usize, f64)],
        visit: &mut dyn FnMut(&[f64]) -> bool,
    ) -> End {
        match self.toward(terms, -1.0, visit) {
            End::At(value) => End::At(-value),
            other => other,
        }
    }

    fn toward(
        &mut self,
        terms: &[(usize, f64)],
        sign: f64,
        visit: &mut dyn FnMut(&[f64]) -> bool,
    ) -> End {
        let mut cost = vec![0.0; self.columns];
        for (variable, factor) in terms {
            if let Some(column) = self.column[*variable] {
                cost[column] += sign * factor;
            }
        }
        for (row, basic) in self.basis.iter().enumerate() {
            let own = cost[*basic];
            if own != 0.0 {
                for (cost, factor) in cost.iter_mut().zip(&self.rows[row]) {
                    *cost -= own * factor;
                }
            }
        }
        match self.push(&mut cost, visit) {
            End::At(_) => {
                self.point();
                End::At(sign * Model::value(terms, &self.at))
            }
            other => other,
        }
    }

    /// The current point, in the model's variables.
    pub(crate) fn point(&mut self) -> &[f64] {
        for variable in 0..self.variables {
            if let Some(column) = self.column[variable] {
                self.at[variable] = self.lower[column] + self.nonbasic(column);
            }
        }
        &self.at
    }

    /// From now on with a variable that is exactly `value`, or at least that much;
    /// `false` if it cannot be.
    pub(crate) fn pin(&mut self, variable: usize, value: f64, exactly: bool) -> bool {
        let Some(column) = self.column[variable] else {
            return (self.at[variable] - value).abs() < NEAR;
        };
        let wanted = value - self.lower[column];
        if wanted > self.reach[column] + NEAR || wanted < -NEAR {
            return false;
        }
        let terms = [(variable, 1.0)];
        if self.nonbasic(column) < wanted - NEAR {
            let reach = std::mem::replace(&mut self.reach[column], wanted);
            self.most(&terms, &mut |_| false);
            if self.nonbasic(column) < wanted - NEAR {
                return false;
            }
            self.reach[column] = reach;
            if self.place[column] == Place::High && reach > wanted {
                // It is above its lower bound now, and that is where it begins.
                self.place[column] = Place::Low;
            }
        }
        self.raise(column, wanted);
        if exactly {
            self.least(&terms, &mut |_| false);
            if self.nonbasic(column) > NEAR {
                return false;
            }
            self.reach[column] = 0.0;
            if let Place::High = self.place[column] {
                self.place[column] = Place::Low;
            }
        }
        true
    }

    /// Counts a variable from a higher bound on.
    fn raise(&mut self, column: usize, by: f64) {
        match self.place[column] {
            Place::Basic(row) => self.values[row] = (self.values[row] - by).max(0.0),
            // One that is at its lower bound was brought to the new one before.
            Place::Low | Place::High => {}
        }
        self.lower[column] += by;
        self.reach[column] -= by;
    }

    fn push(&mut self, cost: &mut [f64], visit: &mut dyn FnMut(&[f64]) -> bool) -> End {
        let mut stalled = 0;
        for _ in 0..STEPS {
            if !spend(4 * (self.columns + self.rows.len())) {
                return End::Exhausted;
            }
            let gains = |column: &usize| {
                self.reach[*column] > SMALL
                    && match self.place[*column] {
                        Place::Low => cost[*column] > SMALL,
                        Place::High => cost[*column] < -SMALL,
                        Place::Basic(_) => false,
                    }
            };
            let mut gaining = (0..self.columns).filter(gains);
            // After many steps on the spot the first one is taken (Bland), which ends.
            let entering = match stalled > 60 {
                true => gaining.next(),
                false => gaining.max_by(|a, b| cost[*a].abs().total_cmp(&cost[*b].abs())),
            };
            let Some(entering) = entering else {
                return End::At(0.0);
            };
            let up = if self.place[entering] == Place::Low {
                1.0
            } else {
                -1.0
            };
            let mut step = self.reach[entering];
            let mut leaving: Option<(usize, Place)> = None;
            for row in 0..self.rows.len() {
                let change = up * self.rows[row][entering];
                if change.abs() < PIVOT {
                    continue;
                }
                let basic = self.basis[row];
                let (room, place) = if change > 0.0 {
                    (self.values[row], Place::Low)
                } else if basic < self.columns {
                    (self.reach[basic] - self.values[row], Place::High)
                } else {
                    continue;
                };
                let limit = room.max(0.0) / change.abs();
                let better = limit < step - SMALL
                    || limit < step + SMALL
                        && leaving.is_none_or(|(other, _)| match stalled > 60 {
                            true => basic < self.basis[other],
                            false => change.abs() > self.rows[other][entering].abs(),
                        });
                if better {
                    step = limit.min(step);
                    leaving = Some((row, place));
                }
            }
            if step.is_infinite() {
                return End::Unbounded;
            }
            stalled = if step > SMALL { 0 } else { stalled + 1 };
            for row in 0..self.rows.len() {
                self.values[row] -= up * step * self.rows[row][entering];
            }
            match leaving {
                None => {
                    self.place[entering] = match up > 0.0 {
                        true => Place::High,
                        false => Place::Low,
                    };
                }
                Some((row, place)) => {
                    let value = self.nonbasic(entering) + up * step;
                    self.pivot(row, entering, value, place, cost);
                }
            }
            if step > SMALL {
                self.point();
                if visit(&self.at) {
                    return End::Stopped;
                }
            }
        }
        End::Exhausted
    }

    fn pivot(&mut self, row: usize, column: usize, value: f64, place: Place, cost: &mut [f64]) {
        let leaving = self.basis[row];
        if leaving < self.columns {
            self.place[leaving] = place;
        }
        let factor = 1.0 / self.rows[row][column];
        let mut pivot = std::mem::take(&mut self.rows[row]);
        pivot.iter_mut().for_each(|entry| *entry *= factor);
        // Most entries are nothing.
        let entries = pivot.iter().enumerate().filter(|(_, entry)| **entry != 0.0);
        let entries: Vec<(usize, f64)> = entries.map(|(at, entry)| (at, *entry)).collect();
        let subtract = |from: &mut [f64], times: f64| {
            if times != 0.0 {
                for (at, pivot) in &entries {
                    let entry = &mut from[*at];
                    *entry -= times * pivot;
                    if entry.abs() < 1e-12 {
                        *entry = 0.0;
                    }
                }
            }
        };
        let mut changed = 0;
        for other in self.rows.iter_mut().filter(|other| !other.is_empty()) {
            let times = other[column];
            changed += usize::from(times != 0.0);
            subtract(other, times);
        }
        spend(changed * entries.len());
        let times = cost[column];
        subtract(cost, times);
        self.rows[row] = pivot;
        self.basis[row] = column;
        self.values[row] = value;
        self.place[column] = Place::Basic(row);
    }
}
