//! Differential privacy: how much a release may disclose about one person, and what noise it needs.
//!
//! The account is kept in zero-concentrated differential privacy (zCDP; Bun
//! and Steinke 2016): a release that is ρ-zCDP and another that is ρ′-zCDP are
//! together (ρ + ρ′)-zCDP, so a project's budget is a number that releases are
//! subtracted from, and a release that asks for more than is left is refused.
//! What ρ means for an attacker is said in the more usual (ε, δ) by
//! [`cdp_delta`].
//!
//! The noise is discrete Gaussian or discrete Laplace (the room `sample`): integers,
//! drawn exactly, with integer arithmetic. Noise in floating point has holes
//! in its lowest bits that give figures away (Mironov 2012).
//!
//! # Disclosure
//!
//! ρ, ε, δ and the scale of the noise may be published, and should be: the
//! protection does not rest on their being secret. The noise itself may not.

mod sample;

pub use sample::{discrete_gaussian, discrete_laplace};

use crate::{Error, ErrorKind, Result};

/// What a release may disclose about a person: ρ of zCDP, in billionths.
///
/// Whole numbers, so that what releases spend adds up exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rho(u64);

const BILLION: u64 = 1_000_000_000;

impl Rho {
    /// The ρ that is `rho`, of nine decimals at most.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] unless it is from 10⁻⁹ to 10⁶ and has no more decimals.
    pub fn new(rho: f64) -> Result<Self> {
        let billionths = (rho * BILLION as f64).round();
        let whole = (billionths / BILLION as f64 - rho).abs() <= 4.0 * f64::EPSILON * rho;
        match whole && (1e-9..=1e6).contains(&rho) {
            true => Ok(Self(billionths as u64)),
            false => Err(refused(
                "ρ is from 0.000000001 to 1,000,000, with nine decimals at most",
            )),
        }
    }

    /// The ρ of as many billionths as a plan's checks left.
    pub fn from_billionths(billionths: u64) -> Self {
        Self(billionths)
    }

    /// In billionths.
    pub fn billionths(self) -> u64 {
        self.0
    }

    /// As a number.
    pub fn get(self) -> f64 {
        self.0 as f64 / BILLION as f64
    }
}

/// What all releases of a project may disclose about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivacyBudget {
    left: Rho,
}

impl PrivacyBudget {
    /// A budget of `rho`, of which releases `spent` parts.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend).
    pub fn new(rho: Rho, spent: impl IntoIterator<Item = Rho>) -> Result<Self> {
        let whole = Self { left: rho };
        spent.into_iter().try_fold(whole, Self::spend)
    }

    /// What is left: 0 once all is spent.
    pub fn left(self) -> f64 {
        self.left.get()
    }

    /// The budget after a release of `rho`: what releases disclose adds up (Bun
    /// and Steinke 2016, lemma 1.7).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] if the budget is exhausted.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::noise::{PrivacyBudget, Rho};
    ///
    /// let rho = |rho| Rho::new(rho).unwrap();
    /// let budget = PrivacyBudget::new(rho(1.0), [rho(0.75)]).unwrap();
    /// let refusal = budget.spend(rho(0.5)).unwrap_err();
    /// assert_eq!(refusal.rule(), "noise: the release needs more than is left of the privacy budget");
    /// ```
    pub fn spend(self, rho: Rho) -> Result<Self> {
        match self.left.0.checked_sub(rho.0) {
            Some(left) => Ok(Self { left: Rho(left) }),
            None => Err(refused(
                "the release needs more than is left of the privacy budget",
            )),
        }
    }
}

/// How much one person can change a release: what contributions are bounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sensitivity {
    /// How many published cells a person is counted in at most.
    pub cells: u32,
    /// What a person adds to one of them at most, in whole units: 1 for
    /// counts of persons; for sums the bound that values are clipped to.
    pub most: u64,
}

impl Sensitivity {
    /// The square of the L₂ sensitivity: how far the published figures move,
    /// taken together, when a person is added or removed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`] if it is out of range.
    pub fn squared_l2(self) -> Result<u128> {
        let most = u128::from(self.most);
        let squared = most.checked_mul(most);
        let all = squared.and_then(|squared| squared.checked_mul(self.cells.into()));
        all.ok_or_else(out_of_range)
    }

    /// The L₁ sensitivity.
    pub fn l1(self) -> u128 {
        u128::from(self.cells) * u128::from(self.most)
    }

    /// A person's contribution to a cell, clipped to 0, …, `most`.
    pub fn clip(self, contribution: i128) -> i128 {
        contribution.clamp(0, self.most.into())
    }
}

/// The variance parameter σ² of the discrete Gaussian noise with which a
/// release is ρ-zCDP: Δ² / 2ρ (Canonne, Kamath and Steinke 2020, theorem 4),
/// rounded up to a whole number, and where it is more than 2⁴⁸ to a square of
/// one, which noise can be drawn for.
///
/// # Errors
///
/// [`ErrorKind::Input`] if a person contributes nothing;
/// [`ErrorKind::Overflow`] if it is more than noise can be drawn for.
///
/// # Examples
///
/// ```
/// use kobling_sdc::noise::{Rho, Sensitivity, gaussian_variance};
///
/// let counts = Sensitivity { cells: 4, most: 1 };
/// assert_eq!(gaussian_variance(counts, Rho::new(0.1).unwrap()).unwrap(), 20);
/// ```
pub fn gaussian_variance(contribution: Sensitivity, rho: Rho) -> Result<u128> {
    let variance = in_billionths(contribution.squared_l2()?)?.div_ceil(2 * u128::from(rho.0));
    if variance <= u128::from(sample::MOST) {
        return Ok(variance);
    }
    let root = root_up(variance);
    match root <= u128::from(sample::MOST) {
        true => Ok(root * root),
        false => Err(out_of_range()),
    }
}

/// The scale of the discrete Laplace noise with which a release is ρ-zCDP:
/// ε-DP is ε²/2-zCDP (Bun and Steinke 2016, proposition 1.4), so Δ₁ / √2ρ,
/// rounded up to a whole number.
///
/// # Errors
///
/// As [`gaussian_variance`].
pub fn laplace_scale(contribution: Sensitivity, rho: Rho) -> Result<u64> {
    let l1 = contribution.l1();
    let squared = l1.checked_mul(l1).ok_or_else(out_of_range)?;
    let scale = root_up(in_billionths(squared)?.div_ceil(2 * u128::from(rho.0)));
    match scale <= u128::from(sample::MOST) {
        true => Ok(scale as u64),
        false => Err(out_of_range()),
    }
}

fn in_billionths(sensitivity: u128) -> Result<u128> {
    match sensitivity {
        0 => Err(refused("a person contributes to one cell at least")),
        _ => sensitivity
            .checked_mul(BILLION.into())
            .ok_or_else(out_of_range),
    }
}

/// The least whole number whose square is not less.
fn root_up(square: u128) -> u128 {
    let root = square.isqrt();
    if root * root < square { root + 1 } else { root }
}

fn out_of_range() -> Error {
    Error::new(
        ErrorKind::Overflow,
        "the noise that the privacy budget asks for is out of range",
    )
}

/// The least δ for which a ρ-zCDP release is known to be (ε, δ)-differentially private.
///
/// δ(α) = exp((α − 1)(αρ − ε) + α ln(1 − 1/α)) / (α − 1) holds for every
/// α > 1 (Canonne, Kamath and Steinke 2020, proposition 12); its logarithm has
/// one minimum, which is found by bisection of the derivative. As any α is
/// right, an error there only makes δ larger. At least 1.01 is taken for α,
/// as OpenDP does: what is less matters for δ near 1 only.
///
/// # Errors
///
/// [`ErrorKind::Input`] if ρ or ε is not a number from 0 up.
///
/// # Examples
///
/// ```
/// let delta = kobling_sdc::noise::cdp_delta(0.05, 0.25).unwrap();
/// assert!((delta - 8.17727531036956e-2).abs() < 1e-15);
/// ```
pub fn cdp_delta(rho: f64, epsilon: f64) -> Result<f64> {
    let from_zero = |number: f64| number >= 0.0;
    if !(from_zero(rho) && from_zero(epsilon)) {
        return Err(refused("ρ and ε are numbers from 0 up"));
    }
    if rho == 0.0 || epsilon == f64::INFINITY {
        return Ok(0.0);
    }
    if rho == f64::INFINITY {
        return Ok(1.0);
    }
    let slope = |alpha: f64| (2.0 * alpha - 1.0) * rho - epsilon + (-1.0 / alpha).ln_1p();
    let mut low = 1.01;
    let mut high = (epsilon + 1.0) / (2.0 * rho) + 2.0;
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        match slope(middle) < 0.0 {
            true => low = middle,
            false => high = middle,
        }
    }
    let alpha = high;
    let exponent = (alpha - 1.0) * (alpha * rho - epsilon) + alpha * (-1.0 / alpha).ln_1p();
    let delta = exponent.exp() / (alpha - 1.0);
    // Not a number where ρ is so small that α is out of range: nothing is known then.
    Ok(if delta.is_nan() { 1.0 } else { delta.min(1.0) })
}

/// The least ε for which a ρ-zCDP release is known to be (ε, δ)-differentially
/// private, to within 10⁻⁹ above.
///
/// # Errors
///
/// [`ErrorKind::Input`] if ρ is not a number from 0 up, or δ not between
/// 0 and 1.
pub fn cdp_epsilon(rho: f64, delta: f64) -> Result<f64> {
    if !(delta > 0.0 && delta < 1.0 && sound(rho)) {
        return Err(refused("ρ is a number from 0 up, δ between 0 and 1"));
    }
    // δ falls with ε; ρ + 2√(ρ ln 1/δ) is always enough (Bun and Steinke 2016, proposition 1.3).
    let (mut low, mut high) = (0.0, rho + 2.0 * (rho * (1.0 / delta).ln()).sqrt());
    if cdp_delta(rho, low)? <= delta {
        return Ok(low);
    }
    while high - low > 1e-9 * high.max(1.0) {
        let middle = low + (high - low) / 2.0;
        match cdp_delta(rho, middle)? <= delta {
            true => high = middle,
            false => low = middle,
        }
    }
    Ok(high)
}

fn sound(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}

fn refused(rule: &str) -> Error {
    Error::new(ErrorKind::Input, format!("noise: {rule}"))
}
