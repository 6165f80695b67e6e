//! What an attacker knows of sums and means.

use super::{Known, merged};
use crate::model::{Model, NEAR};
use crate::world::Measure;

impl Known<'_> {
    /// What is published of sums and means.
    pub(super) fn money(&mut self) {
        let (world, cells) = (self.world, self.cells);
        let amounts = world.rows.iter().filter_map(|row| row.amount);
        let amounts = amounts.map(i64::unsigned_abs);
        self.unit = (amounts.sum::<u64>() / world.rows.len() as u64).max(1) as f64;
        let unit = self.unit;
        let mut truth = vec![0i64; cells.classes];
        let mut signs = vec![(false, false); cells.classes];
        for (row, class) in (0..world.rows.len()).map(|row| (row, cells.class_of_row(world, row))) {
            let Some(amount) = world.rows[row].amount else {
                continue;
            };
            truth[class] += amount;
            signs[class].0 |= amount > 0;
            signs[class].1 |= amount < 0;
        }
        for class in 0..cells.classes {
            let count = self.counts[class];
            // Those with an amount are classes of their own, where not everybody has one.
            let lacks = self.world.lacks && !cells.with_amount.contains(&class);
            let empty = self.model.upper[count] < NEAR || lacks;
            // Where some contributions are negative, their signs are known.
            let (plus, minus) = match (empty, world.has_negative(), signs[class]) {
                (true, _, _) => (false, false),
                (_, false, _) | (_, true, (_, false)) => (true, false),
                (_, true, (false, true)) => (false, true),
                (_, true, (true, true)) => (true, true),
            };
            let value = truth[class] as f64 / self.unit;
            let up = if minus && plus { value.max(0.0) } else { value };
            let down = if minus && plus {
                (-value).max(0.0)
            } else {
                -value
            };
            let model = &mut self.model;
            let plus = plus.then(|| model.variable(0.0, f64::INFINITY, false, up));
            let minus = minus.then(|| model.variable(0.0, f64::INFINITY, false, down));
            self.sums.push((plus, minus));
        }
        let tables = world.tables.iter().enumerate();
        for (number, table) in tables.take(self.knowledge.out) {
            for (line, &set) in self.tables[number].lines.iter().zip(&cells.of_line[number]) {
                let figure = |wanted: Measure| {
                    let place = table
                        .measures
                        .iter()
                        .position(|measure| *measure == wanted)?;
                    line.figures[place].value
                };
                if let Some(sum) = figure(Measure::Sum) {
                    let terms = scaled(self.sum_of(set), unit);
                    self.model.row(terms, sum / unit, sum / unit);
                }
                let truth = &cells.sets[set];
                let mean = figure(Measure::Mean).or_else(|| {
                    let also = self.knowledge.companions && figure(Measure::Sum).is_some();
                    let rows = truth.contributing();
                    (also && rows > 0).then(|| truth.sum() as f64 / rows as f64)
                });
                if let Some(mean) = mean {
                    self.mean(set, mean);
                }
            }
        }
    }

    /// A mean is a sum over a count.
    fn mean(&mut self, set: usize, mean: f64) {
        let rows = self.contributing(set);
        let bounds = |bounds: &[f64]| Model::value(&rows, bounds);
        let (low, high) = (bounds(&self.model.lower), bounds(&self.model.upper));
        let truth = self.cells.sets[set].contributing();
        if high - low < NEAR {
            let value = (mean * low).round() / self.unit;
            let terms = scaled(self.sum_of(set), self.unit);
            self.model.row(terms, value, value);
            return;
        }
        let mut terms = scaled(self.sum_of(set), self.unit);
        terms.extend(
            rows.iter()
                .map(|(variable, _)| (*variable, -mean / self.unit)),
        );
        self.model.row(merged(terms), 0.0, 0.0);
        // Sums are whole: the count is a multiple of the mean's denominator.
        let whole = |of: u64| {
            let sum = mean * of as f64;
            (sum - sum.round()).abs() < 1e-9 * sum.abs().max(1.0)
        };
        let denominator = (1..=truth).find(|of| whole(*of) && truth.is_multiple_of(*of));
        if let Some(denominator) = denominator.filter(|of| *of > 1) {
            let times = truth / denominator;
            let times = self.model.variable(0.0, f64::INFINITY, true, times as f64);
            let mut terms = rows;
            terms.push((times, -(denominator as f64)));
            self.model.row(terms, 0.0, 0.0);
        }
    }
}

fn scaled(terms: Vec<(usize, f64)>, unit: f64) -> Vec<(usize, f64)> {
    terms
        .into_iter()
        .map(|(variable, factor)| (variable, factor / unit))
        .collect()
}
