//! Arithmetic modulo a random prime of 61 bits: exact, of fixed width, and fast.
//!
//! Elimination over the fractions makes numbers that grow without bound, and
//! over floating point it needs a tolerance. Modulo a prime neither is so: what
//! is independent modulo the prime is independent. The converse fails only if
//! the prime divides the determinant that decides it, which depends on the
//! table only. The determinant of a million rows of zeros and ones has fewer
//! than 2²⁴ bits (Hadamard's bound), so it has fewer than 2¹⁹ such divisors
//! among some 2⁵⁴ primes of 61 bits: a chance below 2⁻³⁵ that a drawn prime
//! misjudges one, and below 2⁻⁷⁰ that two primes drawn apart both do.
//!
//! Numbers are held in Montgomery's form (P. L. Montgomery, *Modular
//! multiplication without trial division*, Mathematics of Computation 44,
//! 1985): multiplied by 2⁶⁴, so that a product needs no division.

/// The integers modulo a prime of 61 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    prime: u64,
    /// −1/prime modulo 2⁶⁴.
    negative_inverse: u64,
    /// 2⁶⁴ modulo the prime: the number one in Montgomery's form.
    one: u64,
}

/// A number of the field in Montgomery's form, less than the prime.
pub(super) type Residue = u64;

impl Field {
    /// The field of the prime that `seed` draws.
    pub(super) fn drawn(seed: u64) -> Self {
        let mut state = seed;
        loop {
            let candidate = splitmix(&mut state) >> 3 | 1 << 60 | 1;
            if is_prime(candidate) {
                return Self::of(candidate);
            }
        }
    }

    fn of(prime: u64) -> Self {
        // Newton's iteration doubles the bits that are right: 3, 6, 12, 24, 48, 96.
        let mut inverse = prime;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(prime.wrapping_mul(inverse)));
        }
        Self {
            prime,
            negative_inverse: inverse.wrapping_neg(),
            one: ((1u128 << 64) % u128::from(prime)) as u64,
        }
    }

    pub(super) fn one(self) -> Residue {
        self.one
    }

    /// The number that a random one leads to.
    pub(super) fn number(self, random: u64) -> Residue {
        self.reduced(random >> 3)
    }

    pub(super) fn add(self, a: Residue, b: Residue) -> Residue {
        self.reduced(a + b)
    }

    pub(super) fn negative(self, a: Residue) -> Residue {
        match a {
            0 => 0,
            _ => self.prime - a,
        }
    }

    pub(super) fn product(self, a: Residue, b: Residue) -> Residue {
        let product = u128::from(a) * u128::from(b);
        let multiple = (product as u64).wrapping_mul(self.negative_inverse);
        // Below 2¹²² + 2¹²⁵, and a multiple of 2⁶⁴.
        let sum = product + u128::from(multiple) * u128::from(self.prime);
        self.reduced((sum >> 64) as u64)
    }

    /// 1/a, for a other than zero: a to the power of the prime less two (Fermat).
    pub(super) fn inverse(self, a: Residue) -> Residue {
        let (mut power, mut result) = (a, self.one);
        let mut exponent = self.prime - 2;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.product(result, power);
            }
            power = self.product(power, power);
            exponent >>= 1;
        }
        result
    }

    fn reduced(self, a: u64) -> Residue {
        match a < self.prime {
            true => a,
            false => a - self.prime,
        }
    }
}

/// The next number of `state` (G. L. Steele and others, *Fast splittable
/// pseudorandom number generators*, OOPSLA 2014).
pub(super) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// Miller and Rabin's test to the first twelve primes, which errs for no number
/// below 2⁶⁴ (J. Sorenson and J. Webster, *Strong pseudoprimes to twelve prime
/// bases*, Mathematics of Computation 86, 2017). For odd numbers above 37.
fn is_prime(number: u64) -> bool {
    let product = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(number)) as u64;
    let twos = (number - 1).trailing_zeros();
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
        .iter()
        .all(|&base| {
            let (mut power, mut exponent) = (1, (number - 1) >> twos);
            let mut square = base % number;
            while exponent > 0 {
                if exponent & 1 == 1 {
                    power = product(power, square);
                }
                square = product(square, square);
                exponent >>= 1;
            }
            let mut powers = std::iter::successors(Some(power), |&x| Some(product(x, x)));
            power == 1 || powers.by_ref().take(twos as usize).any(|x| x == number - 1)
        })
}

#[cfg(test)]
mod tests {
    use super::{Field, is_prime};

    #[test]
    fn primes_are_distinguished_from_composites() {
        for prime in [41, 97, 65_537, (1 << 61) - 1, 2_305_843_009_213_693_921] {
            assert!(is_prime(prime), "{prime}");
        }
        // A Carmichael number, a strong pseudoprime to the bases 2 to 23, and a product of primes.
        for composite in [561, 3_825_123_056_546_413_051, 65_537 * 97, (1 << 61) + 1] {
            assert!(!is_prime(composite), "{composite}");
        }
    }

    #[test]
    fn arithmetic_is_that_of_the_integers_modulo_the_prime() {
        for seed in 0..20 {
            let field = Field::drawn(seed);
            let plain = |a: u64| field.product(a, 1);
            let prime = u128::from(field.prime);
            assert_eq!(field.prime >> 60, 1);
            let mut state = seed;
            for _ in 0..200 {
                let mut draw = || super::splitmix(&mut state) % field.prime;
                let (a, b) = (draw(), draw());
                let (x, y) = (u128::from(plain(a)), u128::from(plain(b)));
                assert_eq!(u128::from(plain(field.product(a, b))), x * y % prime);
                assert_eq!(u128::from(plain(field.add(a, b))), (x + y) % prime);
                assert_eq!(field.add(a, field.negative(a)), 0);
                assert_eq!(field.product(a, field.inverse(a)), field.one());
            }
        }
    }
}
