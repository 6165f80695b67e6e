//! Another table with the same published values, by the simplex method.
//!
//! A vertex of all the tables over the reals that have the published values is often one of
//! whole numbers, as the sums of a table are nearly those of a network. Where it is, it is
//! a table that an attacker cannot rule out; where none of a few vertices is, nothing is said.

use super::meter::{AuditBudget, Meter};
use super::prime::mixed;
use super::reduce::{Component, InnerPlace, ReducedRelease, parts};
use super::simplex::{Objective, Simplex, System};
use super::{AuditRefusal, Seen};
use crate::watch::Watch;

/// More variables than these are not looked at: the basis of so many does not fit.
const MOST: usize = 1 << 14;

/// How far from a whole number a value may be that is taken for one.
const WHOLE: f64 = 1e-6;

/// How many vertices are looked at.
const ATTEMPTS: u64 = 8;

/// Inner cells that no published cell distinguishes, and what they hold together.
pub(crate) type Undistinguished = (Vec<u32>, i128);

/// A table of whole numbers in which no inner cell is negative, and those that hold nothing
/// in `inner` as little as can be; of all inner cells that are not as they are in `inner`, which
/// has other published values than asked for. None if none was found: then there may be one
/// all the same. `work` is what may be spent, and less by what was.
pub(crate) fn another(
    seen: &Seen<'_>,
    inner: &[i128],
    work: &mut u64,
    watch: &Watch,
) -> Option<Vec<Undistinguished>> {
    let budget = AuditBudget {
        work: *work,
        ..AuditBudget::default()
    };
    let meter = Meter::new(budget, watch).ok()?;
    let found = solved(seen, inner, &meter);
    *work = work.saturating_sub(meter.spent());
    found.ok().flatten()
}

fn solved(
    seen: &Seen<'_>,
    inner: &[i128],
    meter: &Meter,
) -> Result<Option<Vec<Undistinguished>>, AuditRefusal> {
    let reduced = ReducedRelease::of(seen, meter)?;
    let (parts, places) = parts(&reduced);
    let mut of_parts: Vec<Vec<Undistinguished>> = parts
        .iter()
        .map(|part| vec![(Vec::new(), 0); part.sizes.len()])
        .collect();
    let mut settled = Vec::new();
    for (at, place) in (0..).zip(&places) {
        match *place {
            InnerPlace::In { part, variable } => {
                of_parts[part as usize][variable as usize].0.push(at);
            }
            InnerPlace::Known(value) => settled.push((vec![at], value)),
            InnerPlace::Free => (),
        }
    }
    for (part, groups) in parts.iter().zip(of_parts) {
        let Some(groups) = other_part(part, groups, inner, meter)? else {
            return Ok(None);
        };
        settled.extend(groups);
    }
    Ok(Some(settled))
}

/// What the variables of a part hold, if that must be something else than in `inner`.
fn other_part(
    part: &Component,
    mut groups: Vec<Undistinguished>,
    inner: &[i128],
    meter: &Meter,
) -> Result<Option<Vec<Undistinguished>>, AuditRefusal> {
    for (members, holds) in &mut groups {
        *holds = members.iter().map(|at| inner[*at as usize]).sum();
    }
    let mut equations = part.equations.iter();
    let is_met = equations.all(|equation| {
        let terms = equation.terms.iter();
        let sum: i128 = terms.map(|variable| groups[*variable as usize].1).sum();
        sum == equation.value
    });
    if is_met {
        return Ok(Some(Vec::new()));
    }
    if groups.len() > MOST {
        return Ok(None);
    }
    let system = System::of(part, meter)?;
    let mut simplex = Simplex::new(&system, meter)?;
    simplex.enter(meter)?;
    let variables = 0..groups.len() as u32;
    for attempt in 0..ATTEMPTS {
        let is_few = |variable: &u32| match attempt {
            0 => groups[*variable as usize].1 == 0,
            _ => mixed(u64::from(*variable) << 8 | attempt) & 1 == 0,
        };
        let few: Vec<u32> = variables.clone().filter(is_few).collect();
        simplex.extreme(&Objective::least(&few), meter)?;
        let values: Vec<f64> = variables.clone().map(|at| simplex.value(&[at])).collect();
        if values
            .iter()
            .all(|value| (value - value.round()).abs() <= WHOLE)
        {
            for ((_, holds), value) in groups.iter_mut().zip(values) {
                *holds = value.round() as i128;
            }
            return Ok(Some(groups));
        }
    }
    Ok(None)
}
