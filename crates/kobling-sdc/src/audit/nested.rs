//! Published sums that lie within others: the difference says the same in fewer words.
//!
//! The cells of a margin are sums of many inner cells, and hold the cells of
//! finer tables whole. Taking these out of them loses nothing (the span stays
//! what it was), and leaves equations of two or three terms where there were
//! hundreds: of the largest reference case 12 000 terms in place of 40 000.

use std::collections::BTreeSet;

use super::equation::Equation;
use super::meter::Meter;
use super::{AuditRefusal, Sign};

/// The equations, none of which lies within another, by length; and inner
/// cells that turn out to be known on the way.
///
/// # Errors
///
/// [`AuditRefusal::Contradiction`], [`AuditRefusal::Overflow`] or [`AuditRefusal::Work`].
pub(super) fn differences(
    equations: Vec<Equation>,
    known: &mut [Option<i128>],
    sign: Sign,
    meter: &Meter,
) -> Result<Vec<Equation>, AuditRefusal> {
    let mut nested = Nested::new(equations, known.len());
    while let Some((_, at)) = nested.open.pop_first() {
        let at = at as usize;
        let Equation { terms, value } = std::mem::take(&mut nested.equations[at]);
        let settles = terms.len() == 1 || value == 0 && sign == Sign::NonNegative;
        if value < 0 && sign == Sign::NonNegative || terms.is_empty() && value != 0 {
            return Err(AuditRefusal::Contradiction);
        }
        if settles {
            for &term in &terms {
                known[term as usize] = Some(value);
                nested.take(&[term], value, at, meter)?;
            }
        } else {
            nested.take(&terms, value, at, meter)?;
            nested.equations[at] = Equation { terms, value };
        }
    }
    let mut left = nested.equations;
    left.retain(|equation| !equation.terms.is_empty());
    left.sort_unstable_by(|a, b| (a.terms.len(), a).cmp(&(b.terms.len(), b)));
    Ok(left)
}

/// Equations that are being taken out of one another.
struct Nested {
    equations: Vec<Equation>,
    /// For each inner cell, the equations that hold it.
    holders: Vec<BTreeSet<u32>>,
    /// Equations that others may hold, the shortest first.
    open: BTreeSet<(usize, u32)>,
}

impl Nested {
    fn new(equations: Vec<Equation>, inner: usize) -> Self {
        let mut holders = vec![BTreeSet::new(); inner];
        for (at, equation) in equations.iter().enumerate() {
            for &term in &equation.terms {
                holders[term as usize].insert(at as u32);
            }
        }
        let lengths = equations.iter().map(|equation| equation.terms.len());
        Self {
            open: lengths.zip(0..).collect(),
            holders,
            equations,
        }
    }

    /// Takes a sum, that of the equation `own`, out of all others that hold it.
    fn take(
        &mut self,
        sum: &[u32],
        value: i128,
        own: usize,
        meter: &Meter,
    ) -> Result<(), AuditRefusal> {
        let rarest = sum
            .iter()
            .min_by_key(|term| self.holders[**term as usize].len());
        let Some(&rarest) = rarest else { return Ok(()) };
        let candidates: Vec<u32> = self.holders[rarest as usize].iter().copied().collect();
        for at in candidates {
            let equation = &mut self.equations[at as usize];
            let before = equation.terms.len();
            if at as usize == own || before < sum.len() {
                continue;
            }
            meter.spend(sum.len() + before)?;
            let inside = |term: &u32| equation.terms.binary_search(term).is_ok();
            if !sum.iter().all(inside) {
                continue;
            }
            equation
                .terms
                .retain(|term| sum.binary_search(term).is_err());
            equation.value = equation
                .value
                .checked_sub(value)
                .ok_or(AuditRefusal::Overflow)?;
            self.open.remove(&(before, at));
            self.open.insert((equation.terms.len(), at));
            for &term in sum {
                self.holders[term as usize].remove(&at);
            }
        }
        Ok(())
    }
}
