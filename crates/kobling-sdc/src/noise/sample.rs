//! Discrete Gaussian and discrete Laplace noise, drawn exactly.
//!
//! The algorithms are those of Canonne, Kamath and Steinke (*The Discrete
//! Gaussian for Differential Privacy*, 2020, algorithms 1 to 3). Every
//! decision in them is a coin whose chance is a fraction of whole numbers, so
//! nothing is rounded, and the result has exactly the distribution that the
//! privacy is proved for. What they take is random bits, 64 at a time, from
//! wherever the caller has them: the operating system's generator for a
//! release, a fixed sequence for a test.
//!
//! How long a draw takes depends on what is drawn. It is drawn where no
//! recipient can time it.

use super::refused;
use crate::{Error, Result};

/// The largest parameter for which no fraction outgrows 128 bits.
pub(super) const MOST: u64 = 1 << 48;

/// An integer from the discrete Gaussian of parameter σ² = `variance`:
/// x with a chance proportional to exp(−x² / 2σ²).
///
/// # Errors
///
/// [`ErrorKind::Input`](crate::ErrorKind::Input) unless σ² is
/// a whole number from 1 to 2⁴⁸, or the square of one; and whatever `bits`
/// refuses with.
///
/// # Examples
///
/// ```
/// let mut state = 0u64;
/// let mut bits = || {
///     state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
///     Ok::<_, kobling_sdc::Error>(state.rotate_left(29) ^ (state >> 7)) // for an example only
/// };
/// let noise = kobling_sdc::noise::discrete_gaussian(100, &mut bits).unwrap();
/// assert!(noise.abs() < 100);
/// ```
pub fn discrete_gaussian<E: From<Error>>(
    variance: u128,
    bits: &mut impl FnMut() -> Result<u64, E>,
) -> Result<i64, E> {
    let root = variance.isqrt();
    let square = root * root == variance;
    let most = u128::from(MOST);
    if variance == 0 || root > most || (!square && variance > most) {
        return Err(refused("the scale of noise is from 1 to 2^48").into());
    }
    // Any scale t of the Laplace draw is right; one near σ wastes few draws.
    let scale = if square { root } else { root + 1 };
    loop {
        let drawn = laplace(scale as u64, bits)?;
        let size = u128::from(drawn.unsigned_abs());
        // exp(−(|x| − σ²/t)² / 2σ²) is what turns Laplace into Gauss: a
        // fraction over 2σ², or over 2σ²t² where t does not divide σ².
        let (distance, below) = match square {
            true => (size.abs_diff(root), 2 * variance),
            false => (
                (size * scale).abs_diff(variance),
                2 * variance * scale * scale,
            ),
        };
        // What overflows here would be taken with a chance of less than e^−(2^30).
        if let Some(above) = distance.checked_mul(distance)
            && falls(above, below, bits)?
        {
            return Ok(drawn);
        }
    }
}

/// An integer from the discrete Laplace of scale t = `scale`: x with a chance
/// proportional to exp(−|x| / t).
///
/// # Errors
///
/// [`ErrorKind::Input`](crate::ErrorKind::Input) unless
/// 1 ≤ t ≤ 2⁴⁸; and whatever `bits` refuses with.
pub fn discrete_laplace<E: From<Error>>(
    scale: u64,
    bits: &mut impl FnMut() -> Result<u64, E>,
) -> Result<i64, E> {
    match (1..=MOST).contains(&scale) {
        true => laplace(scale, bits),
        false => Err(refused("the scale of noise is from 1 to 2^48").into()),
    }
}

/// Algorithm 2 of the paper, with its s = 1.
fn laplace<E: From<Error>>(
    scale: u64,
    bits: &mut impl FnMut() -> Result<u64, E>,
) -> Result<i64, E> {
    loop {
        let rest = below(scale.into(), bits)?;
        if !falls(rest, scale.into(), bits)? {
            continue;
        }
        let mut whole: u64 = 0;
        while falls(1, 1, bits)? {
            whole += 1;
        }
        // A draw of 2^15 times the scale overflows; it has a chance of e^−(2^15).
        let size = whole
            .checked_mul(scale)
            .and_then(|size| size.checked_add(rest as u64));
        let size = size.and_then(|size| i64::try_from(size).ok());
        let size = size.ok_or_else(|| refused("a draw of noise is out of range"))?;
        // Zero has two signs, and would be drawn twice as often.
        match bits()? >> 63 {
            0 => return Ok(size),
            _ if size > 0 => return Ok(-size),
            _ => {}
        }
    }
}

/// True with a chance of exp(−above/below): algorithm 1 of the paper.
fn falls<E: From<Error>>(
    above: u128,
    below: u128,
    bits: &mut impl FnMut() -> Result<u64, E>,
) -> Result<bool, E> {
    for _ in 0..above / below {
        if !falls_within(1, 1, bits)? {
            return Ok(false);
        }
    }
    falls_within(above % below, below, bits)
}

/// The same for a fraction up to one: coins of chance x/1, x/2, x/3, … until
/// one fails; the first that fails is an odd one with a chance of exp(−x).
fn falls_within<E: From<Error>>(
    above: u128,
    under: u128,
    bits: &mut impl FnMut() -> Result<u64, E>,
) -> Result<bool, E> {
    let mut coin: u64 = 1;
    while chance(above, under, bits)? && chance(1, coin.into(), bits)? {
        coin += 1;
    }
    Ok(coin % 2 == 1)
}

/// True with a chance of above/under. x/k is drawn as x and 1/k, both of which
/// must come: so no product outgrows 128 bits.
fn chance<E: From<Error>>(
    above: u128,
    under: u128,
    bits: &mut impl FnMut() -> Result<u64, E>,
) -> Result<bool, E> {
    Ok(above >= under || below(under, bits)? < above)
}

/// A number below `end`, each as likely: of twice as many bits as are needed
/// at most, those that are too large are thrown away.
fn below<E: From<Error>>(end: u128, bits: &mut impl FnMut() -> Result<u64, E>) -> Result<u128, E> {
    let wide = 128 - end.saturating_sub(1).leading_zeros();
    if wide == 0 {
        return Ok(0);
    }
    loop {
        let low = u128::from(bits()?);
        let drawn = match wide > 64 {
            true => low | u128::from(bits()?) << 64,
            false => low,
        };
        let drawn = drawn >> (if wide > 64 { 128 - wide } else { 64 - wide });
        if drawn < end {
            return Ok(drawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    /// Over all values of the bits that matter, each number comes as often as
    /// any other; the rest is thrown away, which ends the bits.
    #[test]
    fn numbers_below_are_each_as_likely() {
        for end in 1u128..=16 {
            let mut found = [0; 16];
            for word in 0u64..16 {
                let mut words = [word << 60].into_iter();
                let mut bits = || words.next().ok_or_else(|| super::refused("no more bits"));
                if let Ok(number) = below(end, &mut bits) {
                    found[number as usize] += 1;
                }
            }
            let each = found[0];
            assert!(each > 0);
            assert!(found[..end as usize].iter().all(|&count| count == each));
            assert!(found[end as usize..].iter().all(|&count| count == 0));
        }
        // Beyond 64 bits two words make one number.
        let mut words = [1u64, 1 << 63].into_iter();
        let mut bits = || words.next().ok_or_else(|| super::refused("no more bits"));
        assert_eq!(below(1 << 100, &mut bits).unwrap(), 1 << 99);
    }
}
