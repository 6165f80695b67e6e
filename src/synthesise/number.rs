//! Synthetic fødselsnummer and D-numbers, each given to one person only.
//!
//! Skatteetaten's test numbers ("Tenor") have 80 added to the month, and the
//! two control digits of any fødselsnummer, modulus 11. A D-number has 40 added
//! to the day as well. The individual numbers of a day give the century, and by
//! their last digit the sex: odd for men, even for women. Of those of a day some
//! 83 % have control digits, as neither may come to 10.
//!
//! Which ones do depends on the date through two remainders of 11 only. So 121
//! lists serve all days, and the number of a given rank is looked up in its
//! list. A day's list is begun at a place that follows from the seed; neighbours in it
//! are neighbouring numbers, as those of twins are.

use kobling_identifier::norway::control::{FIRST_WEIGHTS, SECOND_WEIGHTS};
use kobling_identifier::norway::series::{DNR, FNR, Series};

use super::calendar::{Day, FIRST_DAY, LAST_DAY, civil};
use super::draw::{Draw, Purpose};

/// The digits of a number, as ASCII.
pub(super) type NumberText = [u8; 11];

/// The sex that the last digit of an individual number gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sex {
    Woman = 0,
    Man = 1,
}

impl Sex {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Woman => Self::Man,
            Self::Man => Self::Woman,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberKind {
    Fnr = 0,
    Dnr = 1,
}

/// The numbers that one day, sex and kind share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pool(u32);

impl Pool {
    /// How many there are.
    pub(super) const COUNT: usize = (LAST_DAY - FIRST_DAY + 1) as usize * 4;

    /// The pool of a day from [`FIRST_DAY`] to [`LAST_DAY`].
    pub(super) fn of(day: Day, sex: Sex, kind: NumberKind) -> Self {
        Self((day - FIRST_DAY) as u32 * 4 + sex as u32 * 2 + kind as u32)
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT as u32).map(Self)
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    fn day(self) -> Day {
        FIRST_DAY + (self.0 / 4) as Day
    }

    fn sex(self) -> Sex {
        match self.0 & 2 {
            0 => Sex::Woman,
            _ => Sex::Man,
        }
    }

    fn kind(self) -> NumberKind {
        match self.0 & 1 {
            0 => NumberKind::Fnr,
            _ => NumberKind::Dnr,
        }
    }
}

/// All numbers of all days.
pub(super) struct NumberPool {
    seed: u64,
    /// For each pair of remainders the individual numbers that have control
    /// digits: women's and men's, in ascending order.
    lists: Vec<[Vec<u16>; 2]>,
}

impl NumberPool {
    pub(super) fn new(seed: u64) -> Self {
        let list = |first, second, sex: Sex| {
            let individuals = (0..1000u16).filter(|one| one % 2 == sex as u16);
            individuals
                .filter(|&one| control(first, second, one).is_some())
                .collect()
        };
        let lists = (0..121).map(|at| {
            let (first, second) = (at / 11, at % 11);
            [Sex::Woman, Sex::Man].map(|sex| list(first, second, sex))
        });
        Self {
            seed,
            lists: lists.collect(),
        }
    }

    /// How many numbers a pool has.
    pub(super) fn capacity(&self, pool: Pool) -> usize {
        let [low, high] = self.series(pool, BirthDate::of(pool));
        low.len() + high.len()
    }

    /// The number of a rank below the pool's capacity; from there on they repeat.
    pub(super) fn number(&self, pool: Pool, rank: usize) -> NumberText {
        let date = BirthDate::of(pool);
        let [low, high] = self.series(pool, date);
        let begin = Draw::of(self.seed, Purpose::Numbers, pool.0.into()).below(1000) as usize;
        let at = (rank + begin) % (low.len() + high.len());
        let individual = *low.get(at).unwrap_or_else(|| &high[at - low.len()]);
        let (k1, k2) = control(date.first, date.second, individual)
            .expect("the list has only what has control digits");
        let mut digits = [0; 11];
        digits[..6].copy_from_slice(&date.digits);
        digits[6..9].copy_from_slice(&three(individual));
        digits[9..].copy_from_slice(&[k1, k2]);
        digits.map(|digit| b'0' + digit as u8)
    }

    /// The individual numbers of a pool: at most two runs of its list.
    fn series(&self, pool: Pool, date: BirthDate) -> [&[u16]; 2] {
        let list = &self.lists[(date.first * 11 + date.second) as usize][pool.sex() as usize];
        let place = |bound| list.partition_point(|&one| u32::from(one) < bound);
        let mut runs = runs(pool.kind(), date.year as u32)
            .map(|(first, last)| &list[place(first)..place(last + 1)]);
        [(); 2].map(|()| runs.next().unwrap_or_default())
    }
}

/// The individual numbers that persons born in `year` may have, each run from
/// and to, in ascending order: by Skatteetaten's series for fødselsnumre. A
/// D-number takes what is left of them by its own series of 16 November 2021,
/// and so is right by the series before that day too.
fn runs(kind: NumberKind, year: u32) -> impl Iterator<Item = (u32, u32)> {
    let of_the_year = move |series: &'static [Series]| {
        let given = move |series: &&Series| (series.years.0..=series.years.1).contains(&year);
        series.iter().filter(given).map(|series| series.individuals)
    };
    let own: &[Series] = match kind {
        NumberKind::Fnr => &FNR,
        NumberKind::Dnr => &DNR,
    };
    let common = of_the_year(&FNR).flat_map(move |(first, last)| {
        of_the_year(own).map(move |(from, to)| (first.max(from), last.min(to)))
    });
    common.filter(|(first, last)| first <= last)
}

/// The first six digits of a number, and what they add to its control digits.
#[derive(Clone, Copy)]
struct BirthDate {
    year: i32,
    digits: [u32; 6],
    first: u32,
    second: u32,
}

impl BirthDate {
    fn of(pool: Pool) -> Self {
        let (year, month, day) = civil(pool.day());
        let day = match pool.kind() {
            NumberKind::Fnr => day,
            NumberKind::Dnr => day + 40,
        };
        let pairs = [day, month + 80, year % 100].map(|pair| pair as u32);
        let [[d1, d2], [m1, m2], [y1, y2]] = pairs.map(|pair| [pair / 10, pair % 10]);
        let digits = [d1, d2, m1, m2, y1, y2];
        Self {
            year,
            digits,
            first: weighted(&digits, &FIRST_WEIGHTS) % 11,
            second: weighted(&digits, &SECOND_WEIGHTS) % 11,
        }
    }
}

/// The control digits of an individual number behind a date with these
/// remainders; none where one of them would be 10.
fn control(first: u32, second: u32, individual: u16) -> Option<(u32, u32)> {
    let digit = |sum: u32| match (11 - sum % 11) % 11 {
        10 => None,
        digit => Some(digit),
    };
    let digits = three(individual);
    let k1 = digit(first + weighted(&digits, &FIRST_WEIGHTS[6..]))?;
    let k2 = digit(second + weighted(&digits, &SECOND_WEIGHTS[6..]) + k1 * SECOND_WEIGHTS[9])?;
    Some((k1, k2))
}

fn three(number: u16) -> [u32; 3] {
    [number / 100, number / 10 % 10, number % 10].map(u32::from)
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{NumberKind, NumberPool, Pool, Sex};
    use crate::synthesise::calendar::{Day, FIRST_DAY, LAST_DAY, civil, new_year};

    /// Every 11 digits that a pool may give, by trying them all.
    fn naive(day: Day, sex: Sex, kind: NumberKind) -> BTreeSet<String> {
        let (year, month, day) = civil(day);
        let day = if kind == NumberKind::Dnr {
            day + 40
        } else {
            day
        };
        let mut found = BTreeSet::new();
        for individual in 0..1000 {
            let of_the_year = match (year, kind) {
                (..1940, NumberKind::Fnr) => individual < 500,
                (..1940, NumberKind::Dnr) => individual < 200,
                (1940..2000, _) => !(500..900).contains(&individual),
                _ => individual >= 500,
            };
            if !of_the_year || individual % 2 != sex as u32 {
                continue;
            }
            for control in 0..100 {
                let number = format!(
                    "{day:02}{:02}{:02}{individual:03}{control:02}",
                    month + 80,
                    year % 100
                );
                let sum = |weights: [u32; 11]| -> u32 {
                    let digits = number.bytes().map(|byte| u32::from(byte - b'0'));
                    digits.zip(weights).map(|(d, w)| d * w).sum()
                };
                if sum([3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0]).is_multiple_of(11)
                    && sum([5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
                {
                    found.insert(number);
                }
            }
        }
        found
    }

    #[test]
    fn a_pool_has_the_numbers_that_trying_finds() {
        let numbers = NumberPool::new(3);
        let days = [FIRST_DAY, new_year(1940) - 1, new_year(1940), LAST_DAY];
        for day in days
            .into_iter()
            .chain((new_year(1999)..).step_by(97).take(9))
        {
            for (sex, kind) in [
                (Sex::Woman, NumberKind::Fnr),
                (Sex::Man, NumberKind::Fnr),
                (Sex::Woman, NumberKind::Dnr),
                (Sex::Man, NumberKind::Dnr),
            ] {
                let pool = Pool::of(day, sex, kind);
                let given: Vec<String> = (0..numbers.capacity(pool))
                    .map(|rank| String::from_utf8(numbers.number(pool, rank).to_vec()).unwrap())
                    .collect();
                let distinct: BTreeSet<String> = given.iter().cloned().collect();
                assert_eq!(distinct.len(), given.len());
                assert_eq!(distinct, naive(day, sex, kind));
            }
        }
    }

    #[test]
    fn a_pool_knows_what_it_is_of() {
        for pool in Pool::all().step_by(13) {
            let again = Pool::of(pool.day(), pool.sex(), pool.kind());
            assert_eq!(again, pool);
        }
    }
}
