//! The primary rules: is a cell unsafe for a measure?
//!
//! Rules act on persons. Contributions are added up per person before a rule
//! sees them, so that a person with many rows counts once. Definitions are
//! those of the ESSnet handbook on statistical disclosure control, 2nd edition,
//! chapters 4 (magnitude tables) and 5 (frequency tables).
//!
//! Contributions may be negative. The concentration rules act on their absolute
//! values then, as the handbook's chapter on magnitude tables treats variables
//! with negative values: |x|₁ ≥ |x|₂ ≥ … are the absolute values of what
//! persons contribute, in descending order, and X = |x|₁ + |x|₂ + … is what
//! they are compared with, in place of the published sum. So a column and its
//! negative have the same unsafe cells; and where nobody contributes less than
//! zero these are the usual rules.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Percent, Rules};
use crate::table::cell::Total;

/// Why a value is unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The threshold rule: fewer than `min_persons` distinct persons are in the
    /// cell, or contribute to the measure.
    MinPersons,
    /// The (n,k)-dominance rule: the n largest contributors together exceed
    /// k % of the sum of absolute values.
    Dominance,
    /// All of a group are in one category: then everybody's is known.
    GroupDisclosure,
    /// An earlier release, or another table, published nearly the same figure: the difference is
    /// about the few who came or went, or whose values were revised, or may be
    /// mostly one person's.
    Differencing {
        /// The number of that release's entry in the ledger; 0 is another table of the same
        /// release, about other rows.
        entry: u64,
    },
    /// The p % rule: without the two largest contributors less than p % of the
    /// largest is left, so that the second can estimate the first to within p %.
    PPercent,
    /// The (p,q) rule: without the two largest contributors less than p/q of the
    /// largest is left, so that the second, who knows every other contribution
    /// to within q %, can estimate the first to within p %.
    PriorPosterior,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MinPersons => "min_persons",
            Self::Dominance => "dominance",
            Self::GroupDisclosure => "group_disclosure",
            Self::Differencing { .. } => "differencing",
            Self::PPercent => "p_percent",
            Self::PriorPosterior => "prior_posterior",
        })
    }
}

/// The threshold rule on a number of distinct persons.
pub(super) fn persons(rules: &Rules, persons: u64) -> Option<Rule> {
    (persons < rules.min_persons).then_some(Rule::MinPersons)
}

/// The same, but for a cell that nobody is in: that is a number like any other.
pub(super) fn too_few(rules: &Rules, number: u64) -> Option<Rule> {
    persons(rules, number).filter(|_| number > 0)
}

/// All rules on what persons contribute to a measure.
pub(super) fn contributions(rules: &Rules, total: &Total) -> Result<Option<Rule>> {
    if let Some(rule) = persons(rules, total.contributors) {
        return Ok(Some(rule));
    }
    if let Some((n, percent)) = rules.dominance
        && dominates(total, n, percent)?
    {
        return Ok(Some(Rule::Dominance));
    }
    if let Some(percent) = rules.p_percent
        && can_estimate(total, percent.hundredths(), 10_000)?
    {
        return Ok(Some(Rule::PPercent));
    }
    if let Some((p, q)) = rules.prior_posterior
        && can_estimate(total, p.hundredths(), q.hundredths())?
    {
        return Ok(Some(Rule::PriorPosterior));
    }
    Ok(None)
}

/// |x|₁ + … + |x|ₙ > k % of X.
fn dominates(total: &Total, n: usize, percent: Percent) -> Result<bool> {
    let largest = total
        .top
        .largest(n)
        .iter()
        .try_fold(0i128, |sum, x| sum.checked_add(*x));
    let left = largest.and_then(|largest| largest.checked_mul(10_000));
    let right = total.absolute()?.checked_mul(percent.hundredths().into());
    match (left, right) {
        (Some(left), Some(right)) => Ok(left > right),
        _ => Err(too_large()),
    }
}

/// X − |x|₁ − |x|₂ < p/q of |x|₁.
fn can_estimate(total: &Total, p: u32, q: u32) -> Result<bool> {
    let top = total.top.largest(2);
    let first = top.first().copied().unwrap_or(0);
    let second = top.get(1).copied().unwrap_or(0);
    let left = total
        .absolute()?
        .checked_sub(first)
        .and_then(|rest| rest.checked_sub(second));
    let left = left.and_then(|rest| rest.checked_mul(q.into()));
    let right = first.checked_mul(p.into());
    match (left, right) {
        (Some(left), Some(right)) => Ok(left < right),
        _ => Err(too_large()),
    }
}

/// Whether one person may make up too much of the difference of two sums, by
/// the plan's rules of concentration.
///
/// The rules are meant of the persons' own differences δ₁, δ₂, …, by size, and of
/// their sum S without signs. Nobody knows these; but S is no less than the
/// `difference` D of the sums, and no δ more than `most`, by which no
/// contribution can have changed. With that m, no rule finds the difference
/// unsafe if
///
/// * (n,k): n · m ≤ k/100 · D, for then δ₁ + … + δₙ ≤ k/100 · S;
/// * p %: D − 2 m ≥ p/100 · m, for then S − δ₁ − δ₂ ≥ p/100 · δ₁;
/// * (p,q): D − 2 m ≥ p/q · m, in the same way.
///
/// What 128 bits do not hold is taken for too much.
pub(super) fn concentrated(rules: &Rules, difference: u128, most: u128) -> bool {
    let within = |persons: u64, part: u32, of: u32, whole: u32| {
        // persons · m + part/of · m ≤ whole/of · D
        let weight = u128::from(persons) * u128::from(of) + u128::from(part);
        let least = most.checked_mul(weight);
        let held = difference.checked_mul(whole.into());
        least.zip(held).is_some_and(|(least, held)| least <= held)
    };
    let dominance = rules.dominance;
    let dominance = dominance.map(|(n, k)| within(n as u64, 0, 10_000, k.hundredths()));
    let p_percent = rules.p_percent;
    let p_percent = p_percent.map(|p| within(2, p.hundredths(), 10_000, 10_000));
    let prior = rules.prior_posterior;
    let prior = prior.map(|(p, q)| within(2, p.hundredths(), q.hundredths(), q.hundredths()));
    let safe = [dominance, p_percent, prior];
    safe.contains(&Some(false))
}

/// Whether the plan has a rule of concentration.
pub(super) fn concentrates(rules: &Rules) -> bool {
    rules.dominance.is_some() || rules.p_percent.is_some() || rules.prior_posterior.is_some()
}

/// How far above a total the feasibility interval of its cell must reach, so
/// that none of the rules would find the cell unsafe, if that were the total.
///
/// (n,k): 100/k · (|x|₁ + … + |x|ₙ) − X; p %: p/100 · |x|₁ − (X − |x|₁ − |x|₂);
/// (p,q) alike. Where the reason is another one, at least the part of |x|₁ that the
/// plan's rule asks for: p %, p % of (p,q), or 100 − k % of (n,k).
pub(super) fn protection_level(rules: &Rules, rule: Rule, total: &Total) -> i128 {
    let top = total.top.largest(2);
    let first = top.first().copied().unwrap_or(0);
    // What 128 bits do not hold was refused by the rules.
    let whole = total.absolute().unwrap_or(i128::MAX);
    let rest = whole - first - top.get(1).copied().unwrap_or(0);
    let share = |value: i128, part: u32, whole: u32| ceiling(value, part.into(), whole.into());
    let dominance = rules.dominance.map(|(n, percent)| {
        let largest = total.top.largest(n).iter();
        let largest = largest.fold(0, |sum: i128, x| sum.saturating_add(*x));
        share(largest, 10_000, percent.hundredths()) - whole
    });
    let p_percent = rules.p_percent;
    let p_percent = p_percent.map(|percent| share(first, percent.hundredths(), 10_000) - rest);
    let prior = rules.prior_posterior;
    let prior = prior.map(|(p, q)| share(first, p.hundredths(), q.hundredths()) - rest);
    let other = match rule {
        Rule::Dominance | Rule::PPercent | Rule::PriorPosterior => None,
        Rule::MinPersons | Rule::GroupDisclosure | Rule::Differencing { .. } => {
            Some(part_of_largest(rules, first))
        }
    };
    // A rule that finds nothing asks for less than nothing.
    let levels = [dominance, p_percent, prior, other];
    levels.into_iter().flatten().max().unwrap_or(0).max(1)
}

/// The part of the largest contribution to within which nobody may estimate it,
/// by the plan's rules of concentration.
pub(super) fn part_of_largest(rules: &Rules, largest: i128) -> i128 {
    let p = rules.p_percent.map(Percent::hundredths);
    let pq = rules.prior_posterior.map(|(p, _)| p.hundredths());
    let nk = rules.dominance.map(|(_, k)| 10_000 - k.hundredths());
    let part = p.into_iter().chain(pq).chain(nk).max();
    let part = part.map(|part| ceiling(largest, part.into(), 10_000));
    part.unwrap_or(0).max(1)
}

/// `value · part / whole`, rounded up; as large as can be where that is too large.
fn ceiling(value: i128, part: i128, whole: i128) -> i128 {
    match value.checked_mul(part) {
        Some(product) => product / whole + i128::from(product % whole > 0),
        None => i128::MAX / 2,
    }
}

fn too_large() -> Error {
    Error::new(
        ErrorKind::Overflow,
        "a total is too large for its rules to be computed exactly",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::table::CountInterval;

    /// The twin, who knows what each person's difference is.
    fn unsafe_by(rules: &Rules, differences: &[u128]) -> bool {
        let mut by_size = differences.to_vec();
        by_size.sort_unstable_by(|a, b| b.cmp(a));
        let sum: u128 = by_size.iter().sum();
        let largest = |n: usize| by_size.iter().take(n).sum::<u128>();
        let rest = sum - largest(2);
        let dominance = rules
            .dominance
            .is_some_and(|(n, k)| largest(n) * 10_000 > sum * u128::from(k.hundredths()));
        let estimable = |p: u32, q: u32| rest * u128::from(q) < largest(1) * u128::from(p);
        let p_percent = rules.p_percent;
        let prior = rules.prior_posterior;
        dominance
            || p_percent.is_some_and(|p| estimable(p.hundredths(), 10_000))
            || prior.is_some_and(|(p, q)| estimable(p.hundredths(), q.hundredths()))
    }

    fn percent() -> impl Strategy<Value = Percent> {
        (1..=10_000u32).prop_map(|part| Percent::from_hundredths(part).expect("a percentage"))
    }

    proptest! {
        #[test]
        fn what_is_not_concentrated_is_no_one_persons(
            values in prop::collection::vec((0..300i128, 0..300i128), 0..40),
            alike: bool,
            dominance in prop::option::of((1..4usize, percent())),
            p_percent in prop::option::of(percent()),
            prior_posterior in prop::option::of((percent(), percent())),
        ) {
            let values = values.into_iter();
            let values: Vec<(i128, i128)> =
                values.map(|(then, now)| if alike { (then / 30, now) } else { (then, now) }).collect();
            let count_interval = CountInterval::default();
            let rules = Rules { min_persons: 3, count_interval, dominance, p_percent, prior_posterior };
            let (then, now): (Vec<i128>, Vec<i128>) = values.iter().copied().unzip();
            let most = then.iter().chain(&now).max().map_or(0, |most| most.unsigned_abs());
            let difference = then.iter().sum::<i128>().abs_diff(now.iter().sum());
            let each: Vec<u128> = values.iter().map(|(then, now)| then.abs_diff(*now)).collect();
            if unsafe_by(&rules, &each) {
                prop_assert!(concentrated(&rules, difference, most));
            }
            let none = Rules { dominance: None, p_percent: None, prior_posterior: None, ..rules };
            prop_assert!(!concentrated(&none, difference, most));
        }
    }

    #[test]
    fn enough_is_enough() {
        let rules = |text: &str| {
            let ten = Percent::from_hundredths(1000);
            let half = Percent::from_hundredths(5000);
            Rules {
                min_persons: 3,
                count_interval: CountInterval::default(),
                dominance: half.filter(|_| text == "n,k").map(|k| (2, k)),
                p_percent: ten.filter(|_| text == "p"),
                prior_posterior: ten.zip(half).filter(|_| text == "p,q"),
            }
        };
        // 2 m ≤ 50 % of D; D − 2 m ≥ 10 % of m; D − 2 m ≥ 10/50 of m.
        for (rule, least) in [("n,k", 400), ("p", 210), ("p,q", 220)] {
            assert!(concentrated(&rules(rule), least - 1, 100), "{rule}");
            assert!(!concentrated(&rules(rule), least, 100), "{rule}");
            assert!(concentrated(&rules(rule), u128::MAX, u128::MAX), "{rule}");
        }
    }
}
