//! What a reader loses by each cell that is suppressed.

use super::super::super::splitmix;
use super::Task;

/// By cell, of these `values`; infinitely much, if it is published whatever follows.
pub(super) fn worths(task: &Task<'_>, values: &[i128], of_sum: bool) -> Vec<f64> {
    let middle = of_sum.then(|| middle(task.inner));
    let worth = values
        .iter()
        .enumerate()
        .map(|(cell, value)| match task.forced.get(cell) {
            Some(true) => f64::INFINITY,
            _ => {
                let weight = task.weights.get(cell).copied().unwrap_or(1.0);
                weight * worth(*value, middle, (task.seed, cell as u64))
            }
        });
    worth.collect()
}

/// The inner cell of a sum in the middle, of those that are not 0.
fn middle(inner: &[i128]) -> f64 {
    let filled = inner.iter().copied().filter(|value| *value > 0);
    let mut filled: Vec<i128> = filled.collect();
    let middle = filled.len() / 2;
    match filled.is_empty() {
        true => 1.0,
        false => *filled.select_nth_unstable(middle).1 as f64,
    }
}

/// A cell's worth to a reader: more for larger ones, of persons by their order of magnitude.
/// Of sums, which differ by more, a thousand times as much is worth ten times as much.
/// Cells of nearly equal worth are distinguished under the seed, so that the choice
/// between them says nothing of what is in them.
fn worth(value: i128, middle: Option<f64>, (seed, cell): (u64, u64)) -> f64 {
    let mut state = seed ^ cell.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let drawn = (splitmix(&mut state) >> 11) as f64 / (1u64 << 53) as f64;
    let value = value.max(0) as f64;
    let worth = match middle {
        Some(middle) => (1.0 + value / middle).cbrt(),
        None => 1.0 + 0.3 * (1.0 + value).ln(),
    };
    worth * (1.0 + 0.2 * drawn)
}
