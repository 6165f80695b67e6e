//! What the ledger keeps of a quantity in a cell.

use crate::ledger::entry::{ContributionEntry, Figure, PowerOfTwo, Signs};
use crate::plan::table::TablePlan;
use crate::protect::quantity::Quantity;
use crate::protect::{Outcome, rule};
use crate::table::Accumulator;

/// What a cell holds of a quantity.
pub(super) fn value(quantity: Quantity, cell: &Accumulator) -> i128 {
    match quantity {
        Quantity::Persons => cell.persons.into(),
        Quantity::Contribution(at) => cell.totals[at].sum,
    }
}

/// What became of a quantity in a cell, by the outcomes of all its measures.
pub(super) fn figure(
    quantity: Quantity,
    cell: &Accumulator,
    outcomes: impl Iterator<Item = Outcome> + Clone,
) -> Figure {
    let any = |wanted: fn(&Outcome) -> bool| outcomes.clone().any(|outcome| wanted(&outcome));
    if any(|outcome| matches!(outcome, Outcome::Safe(_) | Outcome::Excepted(_))) {
        Figure::Published(value(quantity, cell))
    } else if any(|outcome| matches!(outcome, Outcome::Perturbed(_))) {
        Figure::Perturbed
    } else if any(|outcome| matches!(outcome, Outcome::Primary(_))) {
        Figure::Primary
    } else {
        Figure::Complementary
    }
}

/// The protection level of a sum that a rule of its own suppresses.
pub(super) fn level(
    quantity: Quantity,
    outcome: Outcome,
    plan: &TablePlan,
    cell: &Accumulator,
) -> Option<i128> {
    match (quantity, outcome) {
        (Quantity::Contribution(at), Outcome::Primary(rule)) => Some(rule::protection_level(
            &plan.protect,
            rule,
            &cell.totals[at],
        )),
        _ => None,
    }
}

/// Which signs contributions have.
pub(super) fn signs(quantity: Quantity, cell: &Accumulator) -> Signs {
    match quantity {
        Quantity::Persons => Signs::NonNegative,
        Quantity::Contribution(at) => {
            let total = &cell.totals[at];
            Signs::of(total.negative(), total.positive())
        }
    }
}

/// Who contributes what to a sum; a number of persons has no such thing.
pub(super) fn contribution(quantity: Quantity, cell: &Accumulator) -> Option<ContributionEntry> {
    let Quantity::Contribution(at) = quantity else {
        return None;
    };
    let total = &cell.totals[at];
    let largest = total.top.largest(1).first().copied().unwrap_or(0);
    Some(ContributionEntry {
        sketch: cell.keys.as_ref()?.contributions[at].sketch,
        largest: u128::try_from(largest).ok().map(PowerOfTwo::above),
    })
}
