//! What a mean is over: whoever has its sum too knows the number.

use crate::plan::table::{Measure, TablePlan};
use crate::protect::Outcome;
use crate::protect::primary::total;
use crate::protect::quantity::Quantity;
use crate::table::cell::Contribution;
use crate::table::{Accumulator, Confidential, Table};

/// What a mean is over, where it is known together with its sum: persons, where each has one row.
pub(in crate::protect) fn denominator(
    measure: &Measure,
    plan: &TablePlan,
    table: &Table<Confidential>,
) -> Option<Quantity> {
    let is_rows = |contribution: &Contribution| *contribution == Contribution::Rows;
    match (measure.what.is_mean(), plan.one_row_a_person) {
        (true, true) => Some(Quantity::Persons),
        (true, false) => {
            let rows = table.contributions.iter().position(is_rows);
            rows.map(Quantity::Contribution)
        }
        (false, _) => None,
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
    let Some((operand, _)) = measure.what.values() else {
        return outcome;
    };
    let total = total(&table.contributions, cell, Contribution::Values(operand));
    match outcome {
        Outcome::Safe(_) | Outcome::Excepted(_) if total.rows == cell.rows => outcome,
        _ => Outcome::Complementary,
    }
}
