//! Random numbers that are the same on every machine: SplitMix64, a stream for each purpose and person.
//!
//! A stream depends on the seed, on what it is for and on whom it is for, and on
//! nothing that was drawn before; so blocks of persons are made in any order,
//! by any number of threads, and made again, with the same outcome. The
//! generator is that of G. L. Steele, D. Lea and C. H. Flood, "Fast Splittable
//! Pseudorandom Number Generators", OOPSLA 2014, section 4, with the constants
//! of S. Vigna's `splitmix64.c` (public domain). It keeps no secret.

/// The odd integer nearest to 2⁶⁴ divided by the golden ratio.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a stream is for. The numbers are part of what a seed means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Household = 1,
    Life = 2,
    Home = 3,
    Tax = 4,
    Benefit = 5,
    Numbers = 6,
    Municipalities = 7,
    TaxNumbers = 8,
    BenefitNumbers = 9,
}

/// A stream of random numbers.
pub(super) struct Draw(u64);

impl Draw {
    /// The stream for one purpose, and one person, household or day.
    pub(super) fn of(seed: u64, purpose: Purpose, index: u64) -> Self {
        let purpose = mix(seed.wrapping_add(GAMMA.wrapping_mul(purpose as u64)));
        Self(mix(purpose.wrapping_add(GAMMA.wrapping_mul(index))))
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// A number below `end`, which is not 0. A bias of `end`/2³² is nothing here.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let high = self.bits() >> 32;
        ((high * u64::from(end)) >> 32) as u32
    }

    /// A number from `first` to `last`, both included; `first` where there is none.
    pub(super) fn between(&mut self, first: i32, last: i32) -> i32 {
        first + self.below(last.abs_diff(first.min(last)) + 1) as i32
    }

    /// A number of at least 0 and below 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::Draw;

    /// What `splitmix64.c` gives for the seed 1234567.
    #[test]
    fn the_generator_is_splitmix64() {
        let mut draw = Draw(1_234_567);
        let drawn: Vec<u64> = (0..5).map(|_| draw.bits()).collect();
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut draw = Draw(7);
        let mut seen = [false; 3];
        for _ in 0..1000 {
            assert!(draw.below(1) == 0);
            assert!((0.0..1.0).contains(&draw.unit()));
            seen[(draw.between(-1, 1) + 1) as usize] = true;
            // An empty range has its first number.
            assert_eq!(draw.between(5, 4), 5);
        }
        assert_eq!(seen, [true; 3]);
    }
}
