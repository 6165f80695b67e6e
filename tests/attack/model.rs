//! A system of linear equations and bounds, in numbers of which some are whole.

use std::collections::HashMap;

/// `low <= sum of terms <= high`.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) terms: Vec<(usize, f64)>,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// What an attacker knows: every truth is one of its solutions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    /// Finite.
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    pub(crate) whole: Vec<bool>,
    pub(crate) rows: Vec<Row>,
    /// The true values.
    pub(crate) truth: Vec<f64>,
}

/// What two figures may differ by and be the same.
pub(crate) const NEAR: f64 = 1e-6;

impl Model {
    pub(crate) fn variable(&mut self, lower: f64, upper: f64, whole: bool, truth: f64) -> usize {
        self.lower.push(lower);
        self.upper.push(upper);
        self.whole.push(whole);
        self.truth.push(truth);
        self.lower.len() - 1
    }

    pub(crate) fn row(&mut self, terms: Vec<(usize, f64)>, low: f64, high: f64) {
        match terms[..] {
            [] => {}
            [(at, factor)] if factor > 0.0 => {
                self.lower[at] = self.lower[at].max(low / factor);
                self.upper[at] = self.upper[at].min(high / factor);
            }
            _ => self.rows.push(Row { terms, low, high }),
        }
    }

    /// The value of a sum of terms.
    pub(crate) fn value(terms: &[(usize, f64)], at: &[f64]) -> f64 {
        terms
            .iter()
            .map(|(variable, factor)| factor * at[*variable])
            .sum()
    }

    /// Whether a point is a solution, whole where it must be.
    pub(crate) fn holds(&self, at: &[f64]) -> bool {
        let near = |value: f64| NEAR * value.abs().max(1.0);
        let bounds = at.iter().enumerate().all(|(variable, value)| {
            *value >= self.lower[variable] - near(*value)
                && *value <= self.upper[variable] + near(*value)
                && (!self.whole[variable] || (value - value.round()).abs() < NEAR)
        });
        bounds
            && self.rows.iter().all(|row| {
                let value = Self::value(&row.terms, at);
                value >= row.low - near(value) && value <= row.high + near(value)
            })
    }

    /// Narrows bounds by each row until nothing changes; `false` if there is no solution.
    pub(crate) fn tighten(&mut self) -> bool {
        for _ in 0..20 {
            let mut changed = false;
            for row in &self.rows {
                let (mut least, mut most) = (0.0, 0.0);
                for (variable, factor) in &row.terms {
                    let (a, b) = (
                        factor * self.lower[*variable],
                        factor * self.upper[*variable],
                    );
                    least += a.min(b);
                    most += a.max(b);
                }
                let near = NEAR * row.high.abs().min(row.low.abs()).max(1.0);
                if least > row.high + near || most < row.low - near {
                    return false;
                }
                for (variable, factor) in &row.terms {
                    let (lower, upper) = (self.lower[*variable], self.upper[*variable]);
                    let (own_least, own_most) = match *factor > 0.0 {
                        true => (factor * lower, factor * upper),
                        false => (factor * upper, factor * lower),
                    };
                    // What the others leave.
                    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
                    if least.is_finite() {
                        high = own_least + (row.high - least);
                    }
                    if most.is_finite() {
                        low = own_most - (most - row.low);
                    }
                    let (mut low, mut high) = match *factor > 0.0 {
                        true => (low / factor, high / factor),
                        false => (high / factor, low / factor),
                    };
                    if self.whole[*variable] {
                        low = (low - NEAR).ceil();
                        high = (high + NEAR).floor();
                    }
                    let near = NEAR * lower.abs().max(1.0);
                    if low > lower + near {
                        self.lower[*variable] = low;
                        changed = true;
                    }
                    if high < upper - near {
                        self.upper[*variable] = high;
                        changed = true;
                    }
                    if self.lower[*variable] > self.upper[*variable] {
                        if self.lower[*variable] > self.upper[*variable] + near {
                            return false;
                        }
                        self.lower[*variable] = self.upper[*variable];
                    }
                    if changed && (low > lower + near || high < upper - near) {
                        // The row's ends are those of the new bounds.
                        break;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        true
    }

    /// The same system with variables and equations in the opposite order.
    pub(crate) fn mirrored(&self) -> Self {
        fn backwards<T: Copy>(values: &[T]) -> Vec<T> {
            values.iter().rev().copied().collect()
        }
        let rows = self.rows.iter().rev().map(|row| Row {
            terms: self.mirrored_terms(&row.terms),
            ..*row
        });
        Self {
            lower: backwards(&self.lower),
            upper: backwards(&self.upper),
            whole: backwards(&self.whole),
            rows: rows.collect(),
            truth: backwards(&self.truth),
        }
    }

    /// A sum of terms of the [mirrored](Self::mirrored) system.
    pub(crate) fn mirrored_terms(&self, terms: &[(usize, f64)]) -> Vec<(usize, f64)> {
        let last = self.lower.len() - 1;
        let terms = terms.iter().rev();
        terms.map(|(at, factor)| (last - at, *factor)).collect()
    }

    /// Whether only one value is left.
    pub(crate) fn is_fixed(&self, variable: usize) -> bool {
        self.upper[variable] - self.lower[variable] < NEAR
    }

    /// The same, as far as these variables depend on it: all others keep their
    /// true values.
    pub(crate) fn about(&self, wanted: impl Iterator<Item = usize>) -> Self {
        let mut is_in = vec![false; self.lower.len()];
        wanted.for_each(|variable| is_in[variable] = true);
        let mut taken = vec![false; self.rows.len()];
        let open = |variable: usize| !self.is_fixed(variable);
        loop {
            let mut changed = false;
            for (row, taken) in self.rows.iter().zip(&mut taken) {
                let free = || row.terms.iter().filter(|(variable, _)| open(*variable));
                if !*taken && free().any(|(variable, _)| is_in[*variable]) {
                    *taken = true;
                    changed = true;
                    free().for_each(|(variable, _)| is_in[*variable] = true);
                }
            }
            if !changed {
                break;
            }
        }
        let mut part = self.clone();
        for (variable, is_in) in is_in.iter().enumerate() {
            if !is_in {
                part.lower[variable] = self.truth[variable];
                part.upper[variable] = self.truth[variable];
            }
        }
        let rows = self.rows.iter().zip(taken).filter(|(_, taken)| *taken);
        part.rows = rows.map(|(row, _)| row.clone()).collect();
        part.reduce();
        part
    }

    /// Leaves out rows that follow from others, or from the bounds.
    fn reduce(&mut self) {
        let mut seen: HashMap<Vec<(usize, u64)>, usize> = HashMap::new();
        let mut rows: Vec<Row> = Vec::new();
        for row in &self.rows {
            let known: f64 = row
                .terms
                .iter()
                .filter(|(variable, _)| self.is_fixed(*variable))
                .map(|(variable, factor)| factor * self.lower[*variable])
                .sum();
            let mut terms = row.terms.clone();
            terms.retain(|(variable, _)| !self.is_fixed(*variable));
            terms.sort_by_key(|(variable, _)| *variable);
            let (low, high) = (row.low - known, row.high - known);
            let end = |up: bool| -> f64 {
                let at = |(variable, factor): &(usize, f64)| match (*factor > 0.0) == up {
                    true => factor * self.upper[*variable],
                    false => factor * self.lower[*variable],
                };
                terms.iter().map(at).sum()
            };
            if end(false) >= low - NEAR / 2.0 && end(true) <= high + NEAR / 2.0 {
                continue;
            }
            let key: Vec<(usize, u64)> = terms
                .iter()
                .map(|(variable, factor)| (*variable, factor.to_bits()))
                .collect();
            match seen.get(&key) {
                Some(&at) => {
                    rows[at].low = rows[at].low.max(low);
                    rows[at].high = rows[at].high.min(high);
                }
                None => {
                    seen.insert(key, rows.len());
                    rows.push(Row { terms, low, high });
                }
            }
        }
        // Of the equations, those that are no sums of others.
        let mut place = vec![usize::MAX; self.lower.len()];
        let mut columns = 0;
        for (variable, place) in place.iter_mut().enumerate() {
            if !self.is_fixed(variable) {
                *place = columns;
                columns += 1;
            }
        }
        let mut basis: Vec<(usize, Vec<f64>)> = Vec::new();
        rows.retain(|row| {
            let whole = |(_, factor): &(usize, f64)| factor.fract() == 0.0;
            if row.high > row.low || !row.terms.iter().all(whole) {
                return true;
            }
            let mut dense = vec![0.0; columns];
            row.terms
                .iter()
                .for_each(|(variable, factor)| dense[place[*variable]] += factor);
            for (pivot, other) in &basis {
                let times = dense[*pivot];
                if times != 0.0 {
                    dense
                        .iter_mut()
                        .zip(other)
                        .for_each(|(a, b)| *a -= times * b);
                }
            }
            let best = (0..columns).max_by(|a, b| dense[*a].abs().total_cmp(&dense[*b].abs()));
            let Some(best) = best.filter(|best| dense[*best].abs() > NEAR) else {
                return false;
            };
            let factor = 1.0 / dense[best];
            dense.iter_mut().for_each(|entry| *entry *= factor);
            basis.push((best, dense));
            true
        });
        self.rows = rows;
    }
}
