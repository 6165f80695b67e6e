//! The least informative distribution of a deviation, given its mean, variance and bounds.
//!
//! What is not asked for should not be put in: of all distributions that meet
//! the conditions, the one of greatest entropy is chosen (Marley and Leaver
//! 2011; Giessing, *Computational Issues in the Design of Transition
//! Probabilities*, PSD 2016, LNCS 9867). Its logarithm is linear in the
//! conditions' features, so what is sought is one multiplier for each of them;
//! these minimise a convex function of two or three variables, which Newton's
//! method with a line search does in a few steps.

/// What is asked of the distribution of one deviation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions<'a> {
    /// The deviations there are, increasing; the mean is to be 0.
    pub deviations: &'a [f64],
    /// The variance, in squared units of the deviations.
    pub variance: f64,
    /// Whether the variance is to be met; or else only not exceeded.
    pub exactly: bool,
    /// The least probability of no deviation.
    pub stay: f64,
    /// Whether probabilities must not decrease from the lowest deviation up to none.
    pub monotone: bool,
}

/// How near the conditions must be met, in units of the largest deviation.
const NEAR: f64 = 1e-11;
/// Newton's method takes some ten steps, and some forty at the border of what can be met.
const STEPS: usize = 500;

/// What can be asked for in addition to a sum of one: mean, variance, staying.
const FEATURES: usize = 3;
const VARIANCE: usize = 1;
const STAY: usize = 2;

type Multipliers = [f64; FEATURES];

/// The probabilities of the deviations, or `None` if the conditions cannot be met.
pub(super) fn most_entropy(conditions: Conditions<'_>) -> Option<Vec<f64>> {
    let problem = Problem::new(conditions)?;
    // Two conditions are inequalities, which either hold by themselves or bind
    // with a multiplier of the right sign. The optimum is unique, so whichever
    // choice meets both is it.
    let choices = [(false, false), (false, true), (true, false), (true, true)];
    let choices = choices.into_iter().filter(|&(variance, stay)| {
        (variance || !conditions.exactly) && (!stay || conditions.stay > 0.0)
    });
    choices
        .map(|(variance, stay)| [true, variance, stay])
        .find_map(|binding| problem.solve(binding).filter(|found| problem.holds(found)))
        .map(|found| found.shape.probabilities)
}

struct Problem<'a> {
    conditions: Conditions<'a>,
    /// Of each deviation: itself, its square, whether it is none; all within ±1.
    features: Vec<Multipliers>,
    target: Multipliers,
    /// How many deviations must not decrease.
    chain: usize,
}

struct Solution {
    multipliers: Multipliers,
    shape: NoiseShape,
}

/// A distribution, its features' means and their covariance.
struct NoiseShape {
    probabilities: Vec<f64>,
    /// The logarithm of the sum of the weights.
    log_sum: f64,
    mean: Multipliers,
    covariance: [Multipliers; FEATURES],
}

impl<'a> Problem<'a> {
    fn new(conditions: Conditions<'a>) -> Option<Self> {
        let deviations = conditions.deviations;
        let reach = deviations
            .iter()
            .fold(0.0, |most: f64, v| most.max(v.abs()));
        let scale = if reach > 0.0 { reach } else { 1.0 };
        let none = deviations.iter().position(|&v| v == 0.0);
        if deviations.is_empty() || (none.is_none() && conditions.stay > 0.0) {
            return None;
        }
        let features = deviations.iter().map(|&v| {
            let v = v / scale;
            [v, v * v, f64::from(u8::from(v == 0.0))]
        });
        Some(Self {
            features: features.collect(),
            target: [0.0, conditions.variance / (scale * scale), conditions.stay],
            chain: match none {
                Some(at) if conditions.monotone => at + 1,
                _ => 0,
            },
            conditions,
        })
    }

    /// Newton's method on the conditions that bind.
    fn solve(&self, binding: [bool; FEATURES]) -> Option<Solution> {
        let mut at: Multipliers = [0.0; FEATURES];
        let mut shape = self.shape(&at);
        for _ in 0..STEPS {
            let gradient: Multipliers = std::array::from_fn(|feature| match binding[feature] {
                true => shape.mean[feature] - self.target[feature],
                false => 0.0,
            });
            if gradient.iter().all(|g| g.abs() < NEAR) {
                return Some(Solution {
                    multipliers: at,
                    shape,
                });
            }
            let step = step(&shape.covariance, &gradient, binding);
            (at, shape) = self.descend(&at, &shape, &gradient, &step)?;
        }
        None
    }

    /// As far along `step` as the function to be minimised falls enough (Armijo's rule).
    fn descend(
        &self,
        at: &Multipliers,
        shape: &NoiseShape,
        gradient: &Multipliers,
        step: &Multipliers,
    ) -> Option<(Multipliers, NoiseShape)> {
        let slope = dot(gradient, step);
        let here = shape.log_sum - dot(at, &self.target);
        let mut length = 1.0;
        while length > 1e-12 {
            let next: Multipliers = std::array::from_fn(|k| at[k] + length * step[k]);
            let shape = self.shape(&next);
            let there = shape.log_sum - dot(&next, &self.target);
            // Near the optimum the fall drowns in rounding, and a full step is right.
            let rounding = 1e-14 * (1.0 + here.abs());
            if there <= here + 1e-4 * length * slope + rounding {
                return Some((next, shape));
            }
            length /= 2.0;
        }
        None
    }

    /// The distribution that the multipliers define.
    ///
    /// Under a condition of monotony the best probabilities are those of the
    /// free problem with neighbours that violate it pooled at their mean
    /// logarithm (isotonic regression: Barlow and others 1972, section 1.4).
    fn shape(&self, multipliers: &Multipliers) -> NoiseShape {
        let logs = self.features.iter().map(|f| dot(f, multipliers));
        let blocks = pooled(&logs.collect::<Vec<_>>(), self.chain);
        let highest = blocks.iter().map(|b| b.log).fold(f64::MIN, f64::max);
        let weights: Vec<f64> = blocks.iter().map(|b| (b.log - highest).exp()).collect();
        let sum: f64 = blocks
            .iter()
            .zip(&weights)
            .map(|(b, w)| b.len as f64 * w)
            .sum();

        let mut probabilities = Vec::with_capacity(self.features.len());
        let mut mean = [0.0; FEATURES];
        let mut covariance = [[0.0; FEATURES]; FEATURES];
        for (block, weight) in blocks.iter().zip(&weights) {
            let each = weight / sum;
            let features = &self.features[probabilities.len()..][..block.len];
            let of_block: Multipliers = std::array::from_fn(|k| {
                features.iter().map(|f| f[k]).sum::<f64>() / block.len as f64
            });
            let all = each * block.len as f64;
            for (k, value) in of_block.iter().enumerate() {
                mean[k] += all * value;
                for (l, other) in of_block.iter().enumerate() {
                    covariance[k][l] += all * value * other;
                }
            }
            probabilities.extend(std::iter::repeat_n(each, block.len));
        }
        for (k, row) in covariance.iter_mut().enumerate() {
            for (l, value) in row.iter_mut().enumerate() {
                *value -= mean[k] * mean[l];
            }
        }
        NoiseShape {
            probabilities,
            log_sum: highest + sum.ln(),
            mean,
            covariance,
        }
    }

    /// Whether the conditions that do not bind hold, and those that bind push the right way.
    fn holds(&self, found: &Solution) -> bool {
        let near = 1e-9;
        let variance = found.shape.mean[VARIANCE] <= self.target[VARIANCE] + near
            && (self.conditions.exactly || found.multipliers[VARIANCE] <= near);
        let stay =
            found.shape.mean[STAY] >= self.target[STAY] - near && found.multipliers[STAY] >= -near;
        variance && (stay || self.conditions.stay <= 0.0)
    }
}

/// Newton's step for the features that bind, regularised as far as is needed.
fn step(
    covariance: &[Multipliers; FEATURES],
    gradient: &Multipliers,
    binding: [bool; FEATURES],
) -> Multipliers {
    let mut ridge = 1e-13;
    loop {
        if let Some(step) = newton(covariance, gradient, binding, ridge) {
            return step;
        }
        ridge *= 100.0;
    }
}

/// −(H + ridge)⁻¹ g by Cholesky's factors; `None` if they do not exist.
fn newton(
    covariance: &[Multipliers; FEATURES],
    gradient: &Multipliers,
    binding: [bool; FEATURES],
    ridge: f64,
) -> Option<Multipliers> {
    let mut lower = [[0.0; FEATURES]; FEATURES];
    for k in 0..FEATURES {
        for l in 0..=k {
            let value = match binding[k] && binding[l] {
                true => covariance[k][l],
                false => f64::from(u8::from(k == l)),
            };
            let known: f64 = (0..l).map(|m| lower[k][m] * lower[l][m]).sum();
            let rest = value - known;
            if k == l {
                let rest = rest + ridge;
                if rest.is_nan() || rest <= 0.0 {
                    // A ridge beyond any covariance of features within ±1 always does.
                    return (ridge > 1e3).then_some([0.0; FEATURES]);
                }
                lower[k][k] = rest.sqrt();
            } else {
                lower[k][l] = rest / lower[l][l];
            }
        }
    }
    let mut half = [0.0; FEATURES];
    for k in 0..FEATURES {
        let known: f64 = (0..k).map(|m| lower[k][m] * half[m]).sum();
        half[k] = (-gradient[k] - known) / lower[k][k];
    }
    let mut step = [0.0; FEATURES];
    for k in (0..FEATURES).rev() {
        let known: f64 = (k + 1..FEATURES).map(|m| lower[m][k] * step[m]).sum();
        step[k] = (half[k] - known) / lower[k][k];
    }
    Some(step)
}

fn dot(a: &Multipliers, b: &Multipliers) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Neighbouring deviations of one probability, and its logarithm.
#[derive(Debug, Clone, Copy)]
struct DeviationBlock {
    log: f64,
    len: usize,
}

/// The first `chain` of `logs` made non-decreasing by pooling neighbours at their mean.
fn pooled(logs: &[f64], chain: usize) -> Vec<DeviationBlock> {
    let mut blocks: Vec<DeviationBlock> = Vec::with_capacity(logs.len());
    for (at, &log) in logs.iter().enumerate() {
        let mut block = DeviationBlock { log, len: 1 };
        while at < chain
            && let Some(last) = blocks.pop_if(|last| last.log > block.log)
        {
            let len = last.len + block.len;
            let sum = last.log * last.len as f64 + block.log * block.len as f64;
            block = DeviationBlock {
                log: sum / len as f64,
                len,
            };
        }
        blocks.push(block);
    }
    blocks
}
