//! Two random primes of 61 bits, and arithmetic modulo one of them.
//!
//! Elimination over the rationals grows its numbers without bound; modulo a
//! prime they stay one word. What a prime may get wrong, and how rarely, is
//! explained where it is used ([`super::rank`]).

use super::AuditRefusal;

/// The two primes that a rank test was run with, between 2⁶⁰ and 2⁶¹.
///
/// They are drawn, not chosen: the probability of a wrong answer is over this
/// draw. They are no secret, and a verdict names them so that it can be
/// repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Primes([u64; 2]);

impl Primes {
    /// The primes that random bytes lead to: the first two of the numbers that they seed.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::audit::Primes;
    ///
    /// let [first, second] = Primes::drawn([7; 16]).get();
    /// assert_ne!(first, second);
    /// assert_eq!(Primes::new([first, second]), Ok(Primes::drawn([7; 16])));
    /// ```
    pub fn drawn(random: [u8; 16]) -> Self {
        let (low, high) = random.split_at(8);
        let word = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0u64, |word, &byte| (word << 8) | u64::from(byte))
        };
        let first = draw(word(low));
        // A seed that leads to the first prime again leads on to another.
        let second = (0..)
            .map(|step| draw(word(high).wrapping_add(step)))
            .find(|&second| second != first);
        Self([first, second.unwrap_or(first)])
    }

    /// The primes of an earlier verdict, to repeat it.
    ///
    /// # Errors
    ///
    /// [`AuditRefusal::Primes`] if they are not two different primes of 61 bits.
    pub fn new(primes: [u64; 2]) -> Result<Self, AuditRefusal> {
        let fit = primes
            .iter()
            .all(|&prime| prime >> 60 == 1 && is_prime(prime));
        (fit && primes[0] != primes[1])
            .then_some(Self(primes))
            .ok_or(AuditRefusal::Primes)
    }

    /// The primes as numbers.
    pub fn get(self) -> [u64; 2] {
        self.0
    }
}

/// The first prime of 61 bits among the numbers that SplitMix64 (Steele, Lea
/// and Flood 2014, figure 13) yields from a seed.
fn draw(mut seed: u64) -> u64 {
    loop {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let candidate = (1 << 60) | (mixed(seed) >> 4) | 1;
        if is_prime(candidate) {
            return candidate;
        }
    }
}

/// SplitMix64's way to mix the bits of a number.
pub(super) fn mixed(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Miller and Rabin's test with the bases that decide it for every number
/// below 2⁶⁴ (Sorenson and Webster 2015: the first twelve primes).
fn is_prime(number: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if number < 2 || BASES.iter().any(|base| number.is_multiple_of(*base)) {
        return BASES.contains(&number);
    }
    let field = PrimeField(number);
    let twos = (number - 1).trailing_zeros();
    BASES.iter().all(|&base| {
        let mut power = field.power(base, (number - 1) >> twos);
        if power == 1 || power == number - 1 {
            return true;
        }
        (1..twos).any(|_| {
            power = field.times(power, power);
            power == number - 1
        })
    })
}

/// The numbers modulo a prime below 2⁶³.
#[derive(Debug, Clone, Copy)]
pub(super) struct PrimeField(pub(super) u64);

impl PrimeField {
    pub(super) fn times(self, left: u64, right: u64) -> u64 {
        (u128::from(left) * u128::from(right) % u128::from(self.0)) as u64
    }

    pub(super) fn minus(self, left: u64, right: u64) -> u64 {
        match left.checked_sub(right) {
            Some(difference) => difference,
            None => left + (self.0 - right),
        }
    }

    pub(super) fn plus(self, left: u64, right: u64) -> u64 {
        let sum = left + right;
        sum.checked_sub(self.0).unwrap_or(sum)
    }

    /// A number that looks like any other, a seed's.
    pub(super) fn drawn(self, seed: u64) -> u64 {
        mixed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)) % self.0
    }

    fn power(self, mut base: u64, mut exponent: u64) -> u64 {
        let mut power = 1;
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = self.times(power, base);
            }
            base = self.times(base, base);
            exponent >>= 1;
        }
        power
    }

    /// What times `number` is one (Fermat); `number` is not zero.
    pub(super) fn inverse(self, number: u64) -> u64 {
        self.power(number, self.0 - 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_distinguished_from_others() {
        let by_division = |n: u64| {
            n > 1
                && (2..n)
                    .take_while(|d| d * d <= n)
                    .all(|d| !n.is_multiple_of(d))
        };
        for number in 0..5000 {
            assert_eq!(is_prime(number), by_division(number), "{number}");
        }
        assert!(is_prime((1 << 61) - 1)); // Mersenne's ninth
        assert!(!is_prime(3_825_123_056_546_413_051)); // fools the first nine bases
        assert!(!is_prime((1 << 60) + 1));
    }

    #[test]
    fn an_inverse_undoes() {
        let field = PrimeField((1 << 61) - 1);
        for number in [1, 2, 12_345, (1 << 61) - 2] {
            assert_eq!(field.times(number, field.inverse(number)), 1);
        }
        assert_eq!(field.minus(3, 5), (1 << 61) - 3);
    }

    #[test]
    fn what_is_no_pair_of_primes_is_refused() {
        let [first, second] = Primes::drawn([1; 16]).get();
        for pair in [[first, first], [first, second + 1], [first, 3], [0, second]] {
            assert_eq!(Primes::new(pair), Err(AuditRefusal::Primes));
        }
    }
}
