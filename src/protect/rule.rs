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
    /// The p % rule: without the two largest contributors less than p % of the
    /// largest is left, so that the second can tell the first to within p %.
    PPercent,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MinPersons => "min_persons",
            Self::Negative => "negative contributions",
            Self::Dominance => "dominance",
            Self::PPercent => "p_percent",
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
    let concentration = rules.dominance.is_some() || rules.p_percent.is_some();
    if concentration && total.negative {
        return Ok(Some(Rule::Negative));
    }
    if let Some((n, percent)) = rules.dominance
        && dominates(total, n, percent)?
    {
        return Ok(Some(Rule::Dominance));
    }
    if let Some(percent) = rules.p_percent
        && tells(total, percent)?
    {
        return Ok(Some(Rule::PPercent));
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

/// X − x₁ − x₂ < p % of x₁.
fn tells(total: &Total, percent: Percent) -> Result<bool> {
    let top = total.top.largest(2);
    let first = top.first().copied().unwrap_or(0);
    let second = top.get(1).copied().unwrap_or(0);
    let left = total
        .sum
        .checked_sub(first)
        .and_then(|rest| rest.checked_sub(second));
    let left = left.and_then(|rest| rest.checked_mul(10_000));
    let right = first.checked_mul(percent.hundredths().into());
    match (left, right) {
        (Some(left), Some(right)) => Ok(left < right),
        _ => Err(too_large()),
    }
}

fn too_large() -> Error {
    Error::new(
        ErrorKind::Overflow,
        "a total is too large for its rules to be computed exactly",
    )
}
