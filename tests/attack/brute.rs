//! The naive twin of the search for whole-number solutions: tries all there are.

use crate::model::{Model, NEAR};
use crate::whole::Asked;

/// For each sum, the values that it has in any solution, as bits; `None` if there
/// are too many to try.
pub(crate) fn possible(model: &Model, asked: &[Asked]) -> Option<Vec<u64>> {
    let free: Vec<usize> = (0..model.lower.len())
        .filter(|variable| !model.is_fixed(*variable))
        .collect();
    if free.len() > 14 || free.iter().any(|variable| !model.whole[*variable]) {
        return None;
    }
    let sizes = free
        .iter()
        .map(|variable| model.upper[*variable] - model.lower[*variable] + 1.0);
    if sizes.product::<f64>() > 1e6 {
        return None;
    }
    let mut search = Search {
        model,
        asked,
        free: &free,
        point: model.lower.clone(),
        seen: vec![0; asked.len()],
        left: 3_000,
    };
    search.fill(0).then_some(search.seen)
}

struct Search<'a> {
    model: &'a Model,
    asked: &'a [Asked],
    free: &'a [usize],
    point: Vec<f64>,
    seen: Vec<u64>,
    left: usize,
}

impl Search<'_> {
    /// `false` if the work allowed ended.
    fn fill(&mut self, at: usize) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        // Whether what is not chosen yet can still make up for the rest of each row.
        let chosen = &self.free[..at];
        let can_hold = self.model.rows.iter().all(|row| {
            let (mut least, mut most) = (0.0, 0.0);
            for (variable, factor) in &row.terms {
                let (low, high) = match chosen.contains(variable) {
                    true => (self.point[*variable], self.point[*variable]),
                    false => (self.model.lower[*variable], self.model.upper[*variable]),
                };
                least += (factor * low).min(factor * high);
                most += (factor * low).max(factor * high);
            }
            least <= row.high + NEAR && most >= row.low - NEAR
        });
        if !can_hold {
            return true;
        }
        let Some(&variable) = self.free.get(at) else {
            for (asked, seen) in self.asked.iter().zip(&mut self.seen) {
                let value = Model::value(&asked.terms, &self.point).round();
                if (0.0..64.0).contains(&value) {
                    *seen |= 1 << value as u64;
                }
            }
            return true;
        };
        let mut value = self.model.lower[variable];
        while value <= self.model.upper[variable] + NEAR {
            self.point[variable] = value;
            if !self.fill(at + 1) {
                return false;
            }
            value += 1.0;
        }
        true
    }
}
