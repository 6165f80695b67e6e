//! The primary rules: is a cell unsafe for a measure?
//!
//! Rules act on persons. Contributions are added up per person before a rule
//! sees them, so that a person with many rows counts once. Definitions are
//! those of the ESSnet handbook on statistical disclosure control, 2nd edition,
//! section 4.2 (concentration rules) and chapter 5 (frequency tables).

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
    /// A person's contribution is negative, for which the rules below are not defined.
    Negative,
    /// The (n,k)-dominance rule: the n largest contributors together exceed
    /// k % of the total.
    Dominance,
    /// All of a group are in one category: then everybody's is known.
    GroupDisclosure,
    /// An earlier release published the same cell with nearly the same persons:
    /// the difference is about the few who came or went.
    Differencing,
    /// The p % rule: without the two largest contributors less than p % of the
    /// largest is left, so that the second can tell the first to within p %.
    PPercent,
    /// The (p,q) rule: without the two largest contributors less than p/q of the
    /// largest is left, so that the second, who knows every other contribution
    /// to within q %, can tell the first to within p %.
    PriorPosterior,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MinPersons => "min_persons",
            Self::Negative => "negative contributions",
            Self::Dominance => "dominance",
            Self::GroupDisclosure => "group_disclosure",
            Self::Differencing => "differencing",
            Self::PPercent => "p_percent",
            Self::PriorPosterior => "prior_posterior",
        })
    }
}

/// The threshold rule on a number of distinct persons.
pub(super) fn persons(rules: &Rules, persons: u64) -> Option<Rule> {
    (persons < rules.min_persons).then_some(Rule::MinPersons)
}

/// All rules on what persons contribute to a measure.
pub(super) fn contributions(rules: &Rules, total: &Total) -> Result<Option<Rule>> {
    if let Some(rule) = persons(rules, total.contributors) {
        return Ok(Some(rule));
    }
    let concentration =
        rules.dominance.is_some() || rules.p_percent.is_some() || rules.prior_posterior.is_some();
    if concentration && total.negative {
        return Ok(Some(Rule::Negative));
    }
    if let Some((n, percent)) = rules.dominance
        && dominates(total, n, percent)?
    {
        return Ok(Some(Rule::Dominance));
    }
    if let Some(percent) = rules.p_percent
        && tells(total, percent.hundredths(), 10_000)?
    {
        return Ok(Some(Rule::PPercent));
    }
    if let Some((p, q)) = rules.prior_posterior
        && tells(total, p.hundredths(), q.hundredths())?
    {
        return Ok(Some(Rule::PriorPosterior));
    }
    Ok(None)
}

/// x₁ + … + xₙ > k % of X.
fn dominates(total: &Total, n: usize, percent: Percent) -> Result<bool> {
    let largest = total
        .top
        .largest(n)
        .iter()
        .try_fold(0i128, |sum, x| sum.checked_add(*x));
    let left = largest.and_then(|largest| largest.checked_mul(10_000));
    let right = total.sum.checked_mul(percent.hundredths().into());
    match (left, right) {
        (Some(left), Some(right)) => Ok(left > right),
        _ => Err(too_large()),
    }
}

/// X − x₁ − x₂ < p/q of x₁.
fn tells(total: &Total, p: u32, q: u32) -> Result<bool> {
    let top = total.top.largest(2);
    let first = top.first().copied().unwrap_or(0);
    let second = top.get(1).copied().unwrap_or(0);
    let left = total
        .sum
        .checked_sub(first)
        .and_then(|rest| rest.checked_sub(second));
    let left = left.and_then(|rest| rest.checked_mul(q.into()));
    let right = first.checked_mul(p.into());
    match (left, right) {
        (Some(left), Some(right)) => Ok(left < right),
        _ => Err(too_large()),
    }
}

/// How far above a total the feasibility interval of its cell must reach, so
/// that the rule that finds the cell unsafe would not, if that were the total.
///
/// (n,k): 100/k · (x₁ + … + xₙ) − X; p %: p/100 · x₁ − (X − x₁ − x₂); (p,q)
/// alike. Where the reason is another one, the part of x₁ that the plan's rule
/// asks for: p %, p % of (p,q), or 100 − k % of (n,k).
pub(super) fn protection_level(rules: &Rules, rule: Rule, total: &Total) -> i128 {
    let top = total.top.largest(2);
    let first = top.first().copied().unwrap_or(0);
    let rest = total.sum - first - top.get(1).copied().unwrap_or(0);
    let share = |value: i128, part: u32, whole: u32| ceiling(value, part.into(), whole.into());
    let level = match rule {
        Rule::Dominance => rules.dominance.map(|(n, percent)| {
            let largest = total
                .top
                .largest(n)
                .iter()
                .fold(0, |sum: i128, x| sum.saturating_add(*x));
            share(largest, 10_000, percent.hundredths()) - total.sum
        }),
        Rule::PPercent => rules
            .p_percent
            .map(|percent| share(first, percent.hundredths(), 10_000) - rest),
        Rule::PriorPosterior => rules
            .prior_posterior
            .map(|(p, q)| share(first, p.hundredths(), q.hundredths()) - rest),
        Rule::MinPersons | Rule::GroupDisclosure | Rule::Differencing | Rule::Negative => {
            Some(part_of_largest(rules, first))
        }
    };
    level.unwrap_or(0).max(1)
}

/// The part of the largest contribution to within which it must not be told,
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
