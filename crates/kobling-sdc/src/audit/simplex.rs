//! The simplex method for many questions to one system of equations.
//!
//! An audit asks for the least and the most of thousands of cells, always
//! over the same published sums. A vertex that answers one question is
//! feasible for every other, so each search starts where the last one ended,
//! and takes some ten to thirty steps (the revised primal simplex method: Dantzig and
//! Orchard-Hays 1954; Chvátal 1983, *Linear Programming*, chapter 7).
//!
//! Every answer is checked by what does not depend on how it was found: a
//! point that meets the equations and attains it, and prices of the published
//! sums that prove that no point does better (duality).
//!
//! Why not a library: `microlp` 0.7 starts each question anew. Of the reduced
//! questions it took 6.1 s for all 462 of the case z3, and of the 3092 of d4
//! 1 s for each of the first ten.

use super::AuditRefusal;
use super::basis::{Basis, ZERO, independent};
use super::equation::Equation;
use super::meter::Meter;
use super::reduce::Component;

/// What is smaller than this is not divided by.
const PIVOT: f64 = 1e-7;
/// An objective that gains less than this gains nothing.
const GAIN: f64 = 1e-9;
/// What a value may be out by, relative to the largest published value.
const SLACK: f64 = 1e-10;
/// After so many steps that went nowhere, Bland's rule ends the circle.
const STALLED: usize = 50;
/// No variable.
const NONE: u32 = u32::MAX;

/// The equations of a part, as the simplex method wants them.
#[derive(Debug)]
pub(super) struct System<'a> {
    /// All of them.
    equations: &'a [Equation],
    /// Those that are independent.
    rows: Vec<&'a Equation>,
    /// For each variable, the independent equations that it is in.
    columns: Vec<Vec<u32>>,
    /// Variables that the equations can be solved for.
    start: Vec<u32>,
    /// How many terms the equations have.
    terms: usize,
    /// What a value may be out by.
    slack: f64,
}

impl<'a> System<'a> {
    /// The equations of a part.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
    pub(super) fn of(part: &'a Component, meter: &Meter) -> Result<Self, AuditRefusal> {
        let ones = |equation: &Equation| equation.terms.iter().map(|&at| (at, 1.0)).collect();
        let matrix = part.equations.iter().map(ones).collect();
        let pairs = independent(matrix, part.sizes.len(), meter)?;
        let rows = pairs.iter().map(|pair| &part.equations[pair.0 as usize]);
        let rows: Vec<&Equation> = rows.collect();
        let mut columns = vec![Vec::new(); part.sizes.len()];
        for (at, row) in rows.iter().enumerate() {
            for &variable in &row.terms {
                columns[variable as usize].push(at as u32);
            }
        }
        let sizes = part
            .equations
            .iter()
            .map(|equation| equation.value.unsigned_abs());
        let largest = sizes.max().unwrap_or(0) as f64;
        Ok(Self {
            terms: part
                .equations
                .iter()
                .map(|equation| equation.terms.len())
                .sum(),
            equations: &part.equations,
            rows,
            columns,
            start: pairs.into_iter().map(|pair| pair.1).collect(),
            slack: SLACK * largest.max(1.0),
        })
    }

    /// What the extreme of an objective may be out by.
    pub(super) fn play(&self) -> f64 {
        10.0 * self.slack
    }
}

/// A sum of variables to be made large (`sign` = 1) or small (−1).
#[derive(Debug)]
pub(super) struct Objective<'a> {
    /// The variables, in increasing order.
    pub(super) sum: &'a [u32],
    /// 1 or −1.
    pub(super) sign: f64,
    /// Where it is no use to go on: what more there is of a sum was not asked for.
    pub(super) enough: f64,
}

impl<'a> Objective<'a> {
    /// The most of a sum, or as much as is `enough`.
    pub(super) fn most(sum: &'a [u32], enough: f64) -> Self {
        Self {
            sum,
            sign: 1.0,
            enough,
        }
    }

    /// The least of a sum; nothing is less than nothing.
    pub(super) fn least(sum: &'a [u32]) -> Self {
        Self {
            sum,
            sign: -1.0,
            enough: 0.0,
        }
    }

    /// Whether `value` is enough.
    fn is_enough(&self, value: f64) -> bool {
        self.sign * value >= self.sign * self.enough
    }
}

/// A solution of the equations in which all but the basic variables are zero.
#[derive(Debug, Clone)]
pub(super) struct Simplex<'a> {
    system: &'a System<'a>,
    /// The basic variables, by place.
    basic: Vec<u32>,
    /// What they are.
    values: Vec<f64>,
    /// For each variable its place, if it is basic.
    place: Vec<u32>,
    basis: Basis,
    /// Room to work in: by equation, by place and by variable.
    prices: Vec<f64>,
    column: Vec<f64>,
    gains: Vec<f64>,
}

impl<'a> Simplex<'a> {
    /// A solution, which may have negative variables.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Contradiction`] if there is none; [`AuditRefusal::Precision`],
    /// [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
    pub(super) fn new(system: &'a System<'a>, meter: &Meter) -> Result<Self, AuditRefusal> {
        let size = system.start.len();
        let mut place = vec![NONE; system.columns.len()];
        for (at, &variable) in system.start.iter().enumerate() {
            place[variable as usize] = at as u32;
        }
        let mut new = Self {
            system,
            basic: system.start.clone(),
            values: vec![0.0; size],
            basis: Basis::of(matrix(system, &place), meter)?,
            prices: vec![0.0; size],
            column: vec![0.0; size],
            gains: vec![0.0; place.len()],
            place,
        };
        new.revalue(meter)?;
        // Equations that depend on the others hold everywhere, or nowhere.
        match new.misses() {
            true => Err(AuditRefusal::Contradiction),
            false => Ok(new),
        }
    }

    /// Moves to a vertex where no variable is negative.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Contradiction`] if there is none; [`AuditRefusal::Precision`],
    /// [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
    pub(super) fn enter(&mut self, meter: &Meter) -> Result<(), AuditRefusal> {
        for variable in 0..self.place.len() as u32 {
            let sum = [variable];
            let objective = Objective::most(&sum, f64::INFINITY);
            self.climb(&objective, Some(variable), meter)?;
            if self.value(&[variable]) < -self.system.slack {
                return Err(AuditRefusal::Contradiction);
            }
        }
        Ok(())
    }

    /// The most or least of an objective, or what is enough of it.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Precision`], [`AuditRefusal::Work`] or [`AuditRefusal::Memory`].
    pub(super) fn extreme(
        &mut self,
        objective: &Objective<'_>,
        meter: &Meter,
    ) -> Result<f64, AuditRefusal> {
        loop {
            self.climb(objective, None, meter)?;
            if self.is_proved(objective, meter)? {
                return Ok(self.value(objective.sum).max(0.0));
            }
            if self.basis.is_fresh() {
                return Err(AuditRefusal::Precision);
            }
            self.renew(meter)?;
        }
    }

    /// The sum of variables here.
    pub(super) fn value(&self, sum: &[u32]) -> f64 {
        let places = sum.iter().map(|&variable| self.place[variable as usize]);
        let basic = places.filter(|&place| place != NONE);
        basic.map(|place| self.values[place as usize]).sum()
    }

    /// Whether the sum is the same wherever the equations hold.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Work`].
    pub(super) fn is_fixed(&mut self, sum: &[u32], meter: &Meter) -> Result<bool, AuditRefusal> {
        self.price(&Objective::most(sum, f64::INFINITY), meter)?;
        Ok(self.gains.iter().all(|gain| gain.abs() <= PIVOT))
    }

    /// Follows an objective from vertex to vertex while it gains. `raised` is
    /// a variable that may be negative, and is to become zero and no more.
    fn climb(
        &mut self,
        objective: &Objective<'_>,
        raised: Option<u32>,
        meter: &Meter,
    ) -> Result<(), AuditRefusal> {
        let mut stalled = 0;
        loop {
            let value = self.value(objective.sum);
            // What is raised need be no more than nothing.
            let done = match raised {
                Some(_) => value >= -self.system.slack,
                None => objective.is_enough(value),
            };
            if done {
                return Ok(());
            }
            self.price(objective, meter)?;
            let bland = stalled >= STALLED;
            let Some(entering) = self.best(bland) else {
                return Ok(());
            };
            self.solve(entering);
            let Some((at, step)) = self.leaving(raised, bland) else {
                // Every variable is in a sum, so that none grows for ever.
                return Err(AuditRefusal::Precision);
            };
            stalled = if step > self.system.slack {
                0
            } else {
                stalled + 1
            };
            self.exchange(at, entering, step, meter)?;
        }
    }

    /// What the objective gains with each variable that is not basic.
    fn price(&mut self, objective: &Objective<'_>, meter: &Meter) -> Result<(), AuditRefusal> {
        self.gains.fill(0.0);
        self.column.fill(0.0);
        for &variable in objective.sum {
            self.gains[variable as usize] = objective.sign;
            let place = self.place[variable as usize];
            if place != NONE {
                self.column[place as usize] = objective.sign;
            }
        }
        self.basis.backward(&mut self.column, &mut self.prices);
        for (row, &price) in self.system.rows.iter().zip(&self.prices) {
            if price.abs() >= ZERO {
                for &variable in &row.terms {
                    self.gains[variable as usize] -= price;
                }
            }
        }
        meter.spend(self.basis.cost() + self.system.terms)
    }

    /// The variable that the objective gains most with, or under Bland's rule
    /// the first that it gains with.
    fn best(&self, bland: bool) -> Option<u32> {
        let mut best = None;
        let mut most = GAIN;
        for (variable, &gain) in self.gains.iter().enumerate() {
            if gain > most && self.place[variable] == NONE {
                best = Some(variable as u32);
                most = gain;
                if bland {
                    break;
                }
            }
        }
        best
    }

    /// How much of each basic variable one of `entering` takes the place of.
    fn solve(&mut self, entering: u32) {
        self.prices.fill(0.0);
        for &row in &self.system.columns[entering as usize] {
            self.prices[row as usize] = 1.0;
        }
        self.basis.forward(&mut self.prices, &mut self.column);
    }

    /// The place of the variable that is first to be zero as the solved column
    /// grows, and how far it grows until then.
    ///
    /// Variables that are negative already forbid nothing, but for `raised`.
    fn leaving(&self, raised: Option<u32>, bland: bool) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for (at, (&value, &slope)) in self.values.iter().zip(&self.column).enumerate() {
            let step = match value < -self.system.slack {
                true if slope < -PIVOT && raised == Some(self.basic[at]) => value / slope,
                false if slope > PIVOT => (value / slope).max(0.0),
                _ => continue,
            };
            let better = best.is_none_or(|(other, least)| {
                let tie = (step - least).abs() <= 1e-12 * least;
                match (tie, bland) {
                    (false, _) => step < least,
                    (true, true) => self.basic[at] < self.basic[other],
                    (true, false) => slope.abs() > self.column[other].abs(),
                }
            });
            if better {
                best = Some((at, step));
            }
        }
        best
    }

    /// Puts `entering` in the place `at`.
    fn exchange(
        &mut self,
        at: usize,
        entering: u32,
        step: f64,
        meter: &Meter,
    ) -> Result<(), AuditRefusal> {
        for (value, &slope) in self.values.iter_mut().zip(&self.column) {
            *value -= step * slope;
        }
        self.values[at] = step;
        self.place[self.basic[at] as usize] = NONE;
        self.place[entering as usize] = at as u32;
        self.basic[at] = entering;
        self.basis.change(at, &self.column);
        meter.spend(self.basis.cost())?;
        match self.basis.is_worn() {
            true => self.renew(meter),
            false => Ok(()),
        }
    }

    /// Factors the basis anew, and with it takes out what rounding has added up.
    fn renew(&mut self, meter: &Meter) -> Result<(), AuditRefusal> {
        self.basis = Basis::of(matrix(self.system, &self.place), meter)?;
        self.revalue(meter)
    }

    fn revalue(&mut self, meter: &Meter) -> Result<(), AuditRefusal> {
        for (at, row) in self.prices.iter_mut().zip(&self.system.rows) {
            *at = row.value as f64;
        }
        self.basis.forward(&mut self.prices, &mut self.values);
        meter.spend(self.basis.cost())
    }

    /// Whether some equation does not hold here.
    fn misses(&self) -> bool {
        self.system.equations.iter().any(|equation| {
            let miss = self.value(&equation.terms) - equation.value as f64;
            miss.abs() > self.system.slack
        })
    }

    /// Whether this is a table that attains what is enough; or the extreme, and
    /// no table passes it.
    fn is_proved(
        &mut self,
        objective: &Objective<'_>,
        meter: &Meter,
    ) -> Result<bool, AuditRefusal> {
        meter.spend(self.system.terms)?;
        let slack = self.system.slack;
        if self.misses() || self.values.iter().any(|&value| value < -slack) {
            return Ok(false);
        }
        let value = self.value(objective.sum);
        if objective.is_enough(value) {
            return Ok(true);
        }
        // sign · sum = prices · published values + gains · variables, whatever
        // the prices are; so if nothing gains, the first of them is a bound.
        self.price(objective, meter)?;
        let published = self.system.rows.iter().map(|row| row.value as f64);
        let bound: f64 = self
            .prices
            .iter()
            .zip(published)
            .map(|(price, value)| price * value)
            .sum();
        let reached = (bound - objective.sign * value).abs() <= self.system.play();
        Ok(reached && self.gains.iter().all(|&gain| gain <= 10.0 * GAIN))
    }
}

/// The columns of the basic variables, row by row.
fn matrix(system: &System<'_>, place: &[u32]) -> Vec<Vec<(u32, f64)>> {
    let rows = system.rows.iter().map(|row| {
        let places = row.terms.iter().map(|&variable| place[variable as usize]);
        let mut row: Vec<_> = places
            .filter(|&at| at != NONE)
            .map(|at| (at, 1.0))
            .collect();
        row.sort_unstable_by_key(|term| term.0);
        row
    });
    rows.collect()
}
