//! What a mean is over: whoever has its sum too knows the number.

use super::super::Outcome;
use super::super::primary::total;
use super::super::view::Quantity;
use crate::plan::table::{Measure, TablePlan, What};
use crate::table::cell::Contribution;
use crate::table::{Accumulator, Confidential, Table};

/// What a mean is over, where it is known beside its sum: persons, where each has one row.
pub(super) fn denominator(
    measure: &Measure,
    plan: &TablePlan,
    table: &Table<Confidential>,
) -> Option<Quantity> {
    let is_rows = |contribution: &Contribution| *contribution == Contribution::Rows;
    match (&measure.what, plan.one_row_a_person) {
        (What::Mean { .. }, true) => Some(Quantity::Persons),
        (What::Mean { .. }, false) => {
            let rows = table.contributions.iter().position(is_rows);
            rows.map(Quantity::Contribution)
        }
        _ => None,
    }
}

/// What becomes of what a mean is over: it is published with the mean, unless rows have no
/// value of it.
pub(super) fn of_denominator(
    outcome: Outcome,
    measure: &Measure,
    table: &Table<Confidential>,
    cell: &Accumulator,
) -> Outcome {
    let What::Mean { operand, .. } = measure.what else {
        return outcome;
    };
    let total = total(&table.contributions, cell, Contribution::Values(operand));
    match outcome {
        Outcome::Safe(_) | Outcome::Excepted(_) if total.rows == cell.rows => outcome,
        _ => Outcome::Complementary,
    }
}
