//! What persons earn and what benefits they get, in whole kroner.
//!
//! Incomes are log-normal within an age group, more or less, and a person's
//! incomes of different years are near each other. Only additions and
//! multiplications are used, whose results IEEE 754 fixes to the last bit; the
//! exponential function of a system's library is not the same everywhere.

use super::calendar::{Day, LAST_DAY, YEAR, new_year, year_of};
use super::draw::Draw;
use super::person::Person;

/// The years that the tax register has.
pub(super) const TAX_YEARS: [i32; 3] = [2023, 2024, 2025];

/// The age from which somebody is in the tax register, by the year of birth.
const TAXED_FROM: i32 = 17;

/// The standard deviation of the logarithm of income: between persons, and
/// between a person's years.
const SPREAD: [f64; 2] = [0.55, 0.12];

/// The ages at which a spell may begin.
const BENEFIT_AGES: [Day; 2] = [18 * YEAR, 67 * YEAR];

/// The share of persons who may have a spell, if they have the age.
const BENEFITED: f64 = 0.2;

/// The kinds of benefits, and what a day of each is worth.
const BENEFITS: [(&str, i32); 4] = [
    ("sickness", 1400),
    ("unemployment", 1100),
    ("disability", 900),
    ("parental", 1500),
];

/// A person's incomes, by year: of those in which the person was here.
pub(super) fn incomes(person: &Person, mut draw: Draw) -> impl Iterator<Item = (i32, i64)> {
    let level = SPREAD[0] * normal(&mut draw);
    let born = year_of(person.born);
    let arrived = person.arrived.map_or(born, year_of);
    let until = person.died.map_or(i32::MAX, year_of);
    let from = arrived.max(born + TAXED_FROM);
    TAX_YEARS.into_iter().filter_map(move |year| {
        let of_the_year = SPREAD[1] * normal(&mut draw);
        let median = f64::from(median_at(year - born));
        (from..=until)
            .contains(&year)
            .then(|| (year, (median * exp(level + of_the_year)) as i64))
    })
}

fn median_at(age: i32) -> i32 {
    match age {
        ..20 => 60_000,
        20..25 => 260_000,
        25..67 => 510_000,
        _ => 320_000,
    }
}

/// A time during which somebody gets a benefit.
pub(super) struct Spell {
    pub(super) kind: &'static str,
    pub(super) from: Day,
    /// The last day.
    pub(super) to: Day,
    pub(super) amount: i64,
}

/// A person's spells, in the order of their first days; one ends before the next begins.
pub(super) fn spells(person: &Person, mut draw: Draw) -> Vec<Spell> {
    let mut spells = Vec::new();
    if !draw.happens(BENEFITED) {
        return spells;
    }
    let mut from = new_year(TAX_YEARS[0]) + draw.between(0, 3 * YEAR);
    while from <= LAST_DAY && spells.len() < 3 {
        let (kind, a_day) = BENEFITS[draw.below(4) as usize];
        let planned = from + draw.between(13, YEAR);
        let ages = BENEFIT_AGES[0]..BENEFIT_AGES[1];
        if ages.contains(&(from - person.born)) && person.is_here(from) {
            let last = person.died.map_or(LAST_DAY, |died| died.min(LAST_DAY));
            let to = planned.min(last);
            let percent = draw.between(50, 150);
            let amount = i64::from(to - from + 1) * i64::from(a_day * percent / 100);
            spells.push(Spell {
                kind,
                from,
                to,
                amount,
            });
        }
        from = planned + draw.between(1, 2 * YEAR);
    }
    spells
}

/// Normal, more or less: the sum of four uniform numbers, of mean 0 and variance 1.
fn normal(draw: &mut Draw) -> f64 {
    let bits = draw.bits();
    let parts = [0, 16, 32, 48].map(|shift| (bits >> shift & 0xffff) as f64 / 65_536.0);
    // Each has the variance 1/12.
    (parts.iter().sum::<f64>() - 2.0) * 1.732_050_807_568_877_2
}

/// e to the power of a small number, as (1 + x/n)ⁿ.
fn exp(x: f64) -> f64 {
    (0..10).fold(1.0 + x / 1024.0, |power, _| power * power)
}

#[cfg(test)]
mod tests {
    use super::{exp, normal};
    use crate::synthesise::draw::{Draw, Purpose};

    #[test]
    fn exp_is_near_the_exponential_function() {
        for x in (-40..=40).map(|tenths| f64::from(tenths) / 10.0) {
            assert!((exp(x) / x.exp() - 1.0).abs() < 0.01, "{x}");
        }
    }

    #[test]
    fn normal_has_mean_0_and_variance_1() {
        let mut draw = Draw::of(1, Purpose::Tax, 1);
        let drawn: Vec<f64> = (0..100_000).map(|_| normal(&mut draw)).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| x * x).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
    }
}
