//! Differential privacy: the published values of OpenDP, exact samplers, and the account.

use kobling_sdc::noise::{
    PrivacyBudget, Rho, Sensitivity, cdp_delta, cdp_epsilon, discrete_gaussian, discrete_laplace,
    gaussian_variance, laplace_scale,
};
use kobling_sdc::{ErrorKind, Result};
use proptest::prelude::*;

fn rho(rho: f64) -> Rho {
    Rho::new(rho).unwrap()
}

/// Values that OpenDP's tests and documentation state.
#[test]
fn deltas_are_those_of_opendp() {
    for (rho, epsilon, delta) in [
        (0.05, 0.25, 8.177_275_310_369_56e-2),
        (0.5, 0.0, 0.558_835_639_347_435_1),
        (1.0 / 32.0, 0.0, 0.150_845_784_562_286_2),
        (1.0 / 32.0, 0.688_002_455_487_808_5, 1e-3),
    ] {
        let ours = cdp_delta(rho, epsilon).unwrap();
        assert!((ours - delta).abs() < 1e-14, "{ours} for {delta}");
    }
    assert!((cdp_epsilon(1.0 / 32.0, 1e-3).unwrap() - 0.688_002_455_487_808_5).abs() < 2e-9);
    assert_eq!(cdp_delta(0.0, 0.1).unwrap(), 0.0);
    assert_eq!(cdp_delta(0.1, f64::INFINITY).unwrap(), 0.0);
    assert_eq!(cdp_delta(f64::INFINITY, 0.1).unwrap(), 1.0);
    assert_eq!(cdp_epsilon(0.0, 0.1).unwrap(), 0.0);
}

/// SplitMix64, which is good enough to distinguish distributions.
fn fixed(mut state: u64) -> impl FnMut() -> Result<u64> {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }
}

/// Pearson's statistic of `draws` against chances proportional to `weight`,
/// less its expectation, in its standard deviations.
fn misfit(draws: &[i64], weight: impl Fn(i64) -> f64) -> f64 {
    let far = draws.iter().map(|draw| draw.abs()).max().unwrap();
    let total: f64 = (-20 * far - 50..=20 * far + 50).map(&weight).sum();
    let mut statistic = 0.0;
    let mut bins = 0.0f64;
    let mut rest = (draws.len() as f64, draws.len() as f64);
    for value in -far..=far {
        let expected = weight(value) / total * draws.len() as f64;
        if expected >= 10.0 {
            let observed = draws.iter().filter(|&&draw| draw == value).count() as f64;
            statistic += (observed - expected) * (observed - expected) / expected;
            bins += 1.0;
            rest = (rest.0 - observed, rest.1 - expected);
        }
    }
    if rest.1 >= 5.0 {
        statistic += (rest.0 - rest.1) * (rest.0 - rest.1) / rest.1;
    } else {
        bins -= 1.0;
    }
    (statistic - bins) / (2.0 * bins).sqrt()
}

#[test]
fn draws_are_distributed_as_they_should() {
    const DRAWS: usize = 100_000;
    let gauss = |variance: u128| move |x: i64| (-((x * x) as f64) / (2.0 * variance as f64)).exp();
    for variance in [1u128, 2, 3, 4, 20, 25, 250] {
        let mut bits = fixed(variance as u64);
        let draws: Vec<i64> = (0..DRAWS)
            .map(|_| discrete_gaussian(variance, &mut bits).unwrap())
            .collect();
        let misfit = misfit(&draws, gauss(variance));
        println!("variance {variance}: misfit {misfit:.2} standard deviations");
        assert!(misfit.abs() < 4.0, "variance {variance}: {misfit}");
        // And the test has power: a wrong variance is found.
        assert!(self::misfit(&draws, gauss(variance + 1 + variance / 10)) > 8.0);
    }
    for scale in [1u64, 2, 7, 20] {
        let mut bits = fixed(scale);
        let draws: Vec<i64> = (0..DRAWS)
            .map(|_| discrete_laplace(scale, &mut bits).unwrap())
            .collect();
        let misfit = misfit(&draws, |x| (-(x.abs() as f64) / scale as f64).exp());
        println!("scale {scale}: misfit {misfit:.2} standard deviations");
        assert!(misfit.abs() < 4.0, "scale {scale}: {misfit}");
    }
}

#[test]
fn large_noise_has_its_moments() {
    const DRAWS: usize = 20_000;
    let root = (1u64 << 40) as f64;
    let mut bits = fixed(9);
    let draws: Vec<f64> = (0..DRAWS)
        .map(|_| discrete_gaussian(1 << 80, &mut bits).unwrap() as f64 / root)
        .collect();
    let mean = draws.iter().sum::<f64>() / DRAWS as f64;
    let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / DRAWS as f64;
    // Four standard errors: 1/√n of the mean, √(2/n) of the variance.
    assert!(mean.abs() < 4.0 / (DRAWS as f64).sqrt(), "{mean}");
    assert!(
        (variance - 1.0).abs() < 4.0 * (2.0 / DRAWS as f64).sqrt(),
        "{variance}"
    );
}

proptest! {
    /// A release has at least the noise that it needs, and hardly more.
    #[test]
    fn noise_is_as_large_as_needed(cells in 1u32..1000, most in 1u64..1_000_000, nano in 1_000_000u64..10_000_000_000) {
        let rho = rho(nano as f64 / 1e9);
        let contribution = Sensitivity { cells, most };
        let needed = contribution.squared_l2().unwrap() as f64 / (2.0 * rho.get());
        let variance = gaussian_variance(contribution, rho).unwrap() as f64;
        prop_assert!(variance >= needed * (1.0 - 1e-12));
        prop_assert!(variance <= (needed + 1.0) * (1.0 + 1e-6));
        let needed = contribution.l1() as f64 / (2.0 * rho.get()).sqrt();
        let scale = laplace_scale(contribution, rho).unwrap() as f64;
        prop_assert!(scale >= needed * (1.0 - 1e-12) && scale <= needed + 1.0 + 1e-6 * needed);
    }

    /// δ falls as ε grows and grows with ρ, stays between 0 and 1, and is no
    /// more than any α gives: the naive twin tries many.
    #[test]
    fn delta_is_the_least_of_all_orders(rho in 1e-4f64..3.0, epsilon in 0.0f64..10.0) {
        let delta = cdp_delta(rho, epsilon).unwrap();
        prop_assert!((0.0..=1.0).contains(&delta));
        prop_assert!(cdp_delta(rho, epsilon + 0.1).unwrap() <= delta * (1.0 + 1e-12));
        prop_assert!(cdp_delta(rho + 0.01, epsilon).unwrap() >= delta * (1.0 - 1e-12));
        for step in 0..500 {
            let alpha = 1.01 * 1.03f64.powi(step);
            let log = (alpha - 1.0) * (alpha * rho - epsilon) + alpha * (-1.0 / alpha).ln_1p();
            let bound = log.exp() / (alpha - 1.0);
            prop_assert!(delta <= bound * (1.0 + 1e-9));
        }
        if delta > 1e-12 && delta < 1.0 {
            prop_assert!((cdp_epsilon(rho, delta).unwrap() - epsilon).abs() < 1e-5);
        }
    }

    /// What is spent and what is left make up the budget, exactly; no more is given.
    #[test]
    fn budgets_are_kept_exactly(parts in prop::collection::vec(1u64..1_000_000_000, 1..40)) {
        let parts: Vec<Rho> = parts.iter().map(|&nano| rho(nano as f64 / 1e9)).collect();
        let all: f64 = parts.iter().map(|part| (part.get() * 1e9).round()).sum();
        let total = rho(all / 1e9);
        let budget = PrivacyBudget::new(total, parts).unwrap();
        prop_assert_eq!(budget.left(), 0.0);
        prop_assert!(budget.spend(rho(1e-9)).is_err());
    }

    /// The same bits give the same noise; any parameter is drawn for or refused.
    #[test]
    fn draws_are_determined_by_their_bits(variance in any::<u64>(), seed in any::<u64>()) {
        let draw = || discrete_gaussian(variance.into(), &mut fixed(seed));
        prop_assert_eq!(draw().ok(), draw().ok());
        prop_assert!(variance > 1 << 48 || variance == 0 || draw().is_ok());
        let square = u128::from(variance >> 16) * u128::from(variance >> 16);
        prop_assert!(square == 0 || discrete_gaussian(square, &mut fixed(seed)).is_ok());
    }
}

/// Ten releases of a tenth: a budget that a sum in binary would miss.
#[test]
fn tenths_add_up() {
    let budget = PrivacyBudget::new(rho(1.0), vec![rho(0.1); 10]).unwrap();
    assert_eq!(budget.left(), 0.0);
}

#[test]
fn what_does_not_fit_is_refused() {
    for number in [
        0.0,
        -1.0,
        1e-10,
        1e7,
        f64::NAN,
        f64::INFINITY,
        0.123_456_789_12,
    ] {
        assert_eq!(Rho::new(number).unwrap_err().kind(), ErrorKind::Input);
    }
    let exhausted = PrivacyBudget::new(rho(0.5), [rho(0.3), rho(0.3)]).unwrap_err();
    assert_eq!(
        exhausted.rule(),
        "noise: the release needs more than is left of the privacy budget"
    );
    for (rho, epsilon) in [(-0.1, 1.0), (0.1, -1.0), (f64::NAN, 1.0), (1.0, f64::NAN)] {
        assert!(cdp_delta(rho, epsilon).is_err());
    }
    for (rho, delta) in [(0.1, 0.0), (0.1, 1.0), (-0.1, 0.5), (0.1, f64::NAN)] {
        assert!(cdp_epsilon(rho, delta).is_err());
    }
    let contribution = |cells, most| Sensitivity { cells, most };
    for none in [contribution(0, 1), contribution(1, 0)] {
        assert!(gaussian_variance(none, rho(1.0)).is_err());
        assert!(laplace_scale(none, rho(1.0)).is_err());
    }
    let all = contribution(u32::MAX, u64::MAX);
    assert_eq!(
        gaussian_variance(all, rho(1.0)).unwrap_err().kind(),
        ErrorKind::Overflow
    );
    assert_eq!(
        laplace_scale(all, rho(1.0)).unwrap_err().kind(),
        ErrorKind::Overflow
    );
    let mut bits = fixed(1);
    for variance in [0, (1 << 48) + 1, u128::MAX] {
        assert!(discrete_gaussian(variance, &mut bits).is_err());
    }
    for scale in [0, (1 << 48) + 1] {
        assert!(discrete_laplace(scale, &mut bits).is_err());
    }
    let mut broken = || discrete_laplace(0, &mut fixed(1)).map(|_| 0);
    assert!(
        discrete_gaussian(4, &mut broken).is_err(),
        "no bits, no noise"
    );
    assert_eq!(contribution(1, 100).clip(-5), 0);
    assert_eq!(contribution(1, 100).clip(500), 100);
    assert_eq!(contribution(1, 100).clip(50), 50);
}
