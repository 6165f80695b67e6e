//! Utility, to be weighed against risk: how far what is published is from what is true.
//!
//! A risk owner who sees only how safe a table is will make it useless. These
//! are the distances that the field reports of a protected table, each a plain
//! function of the true and the published figures (ESSnet handbook on
//! statistical disclosure control, 2nd edition, on information loss; Shlomo and Young
//! 2005; for the Hellinger utility Langsrud and Heldal 2018).
//!
//! # Disclosure
//!
//! They are computed from true figures, for the linkage unit and the risk
//! owner. The largest deviation in particular bounds every true figure.

/// What became of a table's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survival {
    /// How many cells there are.
    pub cells: usize,
    /// How many of them are published with a figure.
    pub survived: usize,
    /// The share of the sum of the absolute true figures that those hold, in
    /// percent; 100 if all are zero.
    pub total_percent: f64,
}

/// How many cells survived, and how much of the total: a suppressed cell is `None`.
///
/// Both lists are of the same cells in the same order; where one is longer,
/// what it has more is not looked at, here and below.
pub fn survival(truth: &[f64], published: &[Option<f64>]) -> Survival {
    let pairs = || truth.iter().zip(published);
    let total: f64 = pairs().map(|(truth, _)| truth.abs()).sum();
    let survived = || pairs().filter(|(_, published)| published.is_some());
    let kept: f64 = survived().map(|(truth, _)| truth.abs()).sum();
    Survival {
        cells: pairs().count(),
        survived: survived().count(),
        total_percent: if total > 0.0 {
            100.0 * kept / total
        } else {
            100.0
        },
    }
}

/// The largest absolute deviation of a cell; 0 without cells.
pub fn largest_distance(truth: &[f64], published: &[f64]) -> f64 {
    distances(truth, published).fold(0.0, f64::max)
}

/// The mean absolute deviation of a cell (average absolute distance, AAD); 0
/// without cells.
///
/// # Examples
///
/// ```
/// use kobling_sdc::utility::average_distance;
///
/// assert_eq!(average_distance(&[1.0, 4.0, 10.0], &[0.0, 6.0, 10.0]), 1.0);
/// ```
pub fn average_distance(truth: &[f64], published: &[f64]) -> f64 {
    average(distances(truth, published))
}

/// The square root of the mean squared deviation; 0 without cells.
pub fn root_mean_square(truth: &[f64], published: &[f64]) -> f64 {
    average(distances(truth, published).map(|distance| distance * distance)).sqrt()
}

/// The standard deviation of the noise: of published less true figures, about
/// their mean, over all cells; 0 without cells.
pub fn noise_deviation(truth: &[f64], published: &[f64]) -> f64 {
    let noise = || {
        truth
            .iter()
            .zip(published)
            .map(|(truth, published)| published - truth)
    };
    let mean = average(noise());
    average(noise().map(|noise| (noise - mean) * (noise - mean))).sqrt()
}

/// Hellinger's distance: √(½ Σ (√true − √published)²).
///
/// It weighs a deviation by how small the figure is. Figures below zero count
/// as zero.
pub fn hellinger_distance(truth: &[f64], published: &[f64]) -> f64 {
    let root = |figure: f64| figure.max(0.0).sqrt();
    let squares = truth.iter().zip(published).map(|(truth, published)| {
        let difference = root(*truth) - root(*published);
        difference * difference
    });
    (squares.sum::<f64>() / 2.0).sqrt()
}

/// Hellinger's distance as a utility: 1 − distance / √Σ true; 1 if nothing
/// changed, and 1 where there is nothing.
pub fn hellinger_utility(truth: &[f64], published: &[f64]) -> f64 {
    let total: f64 = truth.iter().map(|figure| figure.max(0.0)).sum();
    match total > 0.0 {
        true => 1.0 - hellinger_distance(truth, published) / total.sqrt(),
        false => 1.0,
    }
}

fn distances(truth: &[f64], published: &[f64]) -> impl Iterator<Item = f64> {
    truth
        .iter()
        .zip(published)
        .map(|(truth, published)| (published - truth).abs())
}

fn average(figures: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = figures.fold((0.0, 0u64), |(sum, count), figure| {
        (sum + figure, count + 1)
    });
    if count > 0 { sum / count as f64 } else { 0.0 }
}
