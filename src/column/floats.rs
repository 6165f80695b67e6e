//! The decimal that a float is meant to be.
//!
//! A float is the binary number nearest to a decimal, or what arithmetic left
//! near it: `0.1 + 0.2` is `0.30000000000000004`. Every decimal of 15 digits has
//! a 64-bit float of its own, and one of 6 digits a 32-bit one (`f64::DIGITS`,
//! `f32::DIGITS`); between two neighbours of that many digits lie more than four
//! floats. So where such a decimal is within two floats of the value, no other
//! is, and what is in the last binary digits is noise. What lies further
//! off has the decimals that it shows.

/// Digits that a 64-bit float always keeps, and the first number with more.
pub(super) const DIGITS: u8 = f64::DIGITS as u8;
const BEYOND: f64 = 1e15;

/// The first number with more digits than a 32-bit float always keeps.
const BEYOND_SINGLE: f64 = 1e6;

/// Floats between a value and the decimal that it is meant to be, at most.
const NOISE: u64 = 2;

/// How many `1 / factor` the float is meant to be; `None` if that is no whole
/// number of at most 15 digits. `factor` is a power of ten of up to 15 zeros.
#[inline]
pub(super) fn meant(float: f64, factor: f64) -> Option<i64> {
    let scaled = (float * factor).round();
    // Both are exact in 64 bits, so their quotient is the float nearest to the decimal.
    let nearest = scaled / factor;
    let is_meant = scaled.abs() < BEYOND && (nearest == float || is_near(nearest, float));
    is_meant.then_some(scaled as i64)
}

/// [`meant`] of a 32-bit float: a whole number of at most 6 digits.
pub(super) fn meant_single(float: f32, factor: f64) -> Option<i64> {
    let scaled = (f64::from(float) * factor).round();
    let nearest = (scaled / factor) as f32;
    let apart = u64::from(nearest.to_bits().abs_diff(float.to_bits()));
    let is_near = nearest != 0.0 && apart <= NOISE;
    let is_meant = scaled.abs() < BEYOND_SINGLE && (nearest == float || is_near);
    is_meant.then_some(scaled as i64)
}

/// Whether a float is at most [`NOISE`] floats away from a decimal other than
/// zero. Floats of one sign are ordered as their bits are; those of two are far
/// apart.
#[cold]
fn is_near(decimal: f64, float: f64) -> bool {
    decimal != 0.0 && decimal.to_bits().abs_diff(float.to_bits()) <= NOISE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arithmetic_leaves_the_decimal_that_is_meant() {
        assert_eq!(meant(0.1 + 0.2, 100.0), Some(30));
        assert_eq!(meant(1.1 * 1.1, 100.0), Some(121));
        assert_eq!(meant(-(4.35 * 100.0), 1.0), Some(-435));
        assert_eq!(meant_single(0.1 + 0.7, 100.0), Some(80));
        assert_eq!(
            meant_single(f32::from_bits(0.3f32.to_bits() + 2), 10.0),
            Some(3)
        );
        // What cancels out leaves noise that nothing distinguishes from a small number.
        assert_eq!(meant(0.1 + 0.2 - 0.3, 100.0), None);
        for float in [0.305, 1.0 / 3.0, 1e15, f64::NAN, f64::INFINITY, 5e-324] {
            assert_eq!(meant(float, 100.0), None, "{float}");
        }
        assert_eq!(meant(-0.0, 100.0), Some(0));
    }

    proptest! {
        /// No decimal of up to 15 digits is taken for another one.
        #[test]
        fn a_decimal_of_15_digits_is_itself(
            unscaled in -999_999_999_999_999_i64..1_000_000_000_000_000,
            scale in 0..16u32,
            kept in 0..16u32,
        ) {
            let float: f64 = format!("{unscaled}e-{scale}").parse().expect("a number");
            let exact = i128::from(unscaled) * 10i128.pow(kept);
            let divisor = 10i128.pow(scale);
            let expected = (exact % divisor == 0).then_some(exact / divisor);
            let expected = expected.filter(|value| value.abs() < 1_000_000_000_000_000);
            prop_assert_eq!(meant(float, 10f64.powi(kept as i32)).map(i128::from), expected);
        }

        #[test]
        fn a_decimal_of_6_digits_is_itself(
            unscaled in -999_999_i64..1_000_000,
            scale in 0..9u32,
            kept in 0..9u32,
        ) {
            let float: f32 = format!("{unscaled}e-{scale}").parse().expect("a number");
            let exact = i128::from(unscaled) * 10i128.pow(kept);
            let divisor = 10i128.pow(scale);
            let expected = (exact % divisor == 0).then_some(exact / divisor);
            let expected = expected.filter(|value| value.abs() < 1_000_000);
            prop_assert_eq!(meant_single(float, 10f64.powi(kept as i32)).map(i128::from), expected);
        }
    }
}
