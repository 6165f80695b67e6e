//! Shares: percentages of the figures as they are published, and of nothing else.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, StringArray};

use crate::plan::table::Share;
use crate::protect::{Outcome, Protected, Value};
use crate::table::Table;

/// The share's figures, in percent, and their statuses.
pub(super) fn columns(share: &Share, table: &Table<Protected>) -> (ArrayRef, ArrayRef) {
    let cells = table.rows().map(|(_, _, outcomes)| {
        let (part, whole) = (outcomes[share.part], outcomes[share.whole]);
        (percent(part, whole), lesser(part, whole).status())
    });
    let (percents, statuses): (Vec<Option<f64>>, Vec<&str>) = cells.unzip();
    (
        Arc::new(Float64Array::from(percents)),
        Arc::new(StringArray::from_iter_values(statuses)),
    )
}

/// None if one of the two is not published, or the whole is zero.
fn percent(part: Outcome, whole: Outcome) -> Option<f64> {
    match (part.value()?, whole.value()?) {
        (Value::Count(part), Value::Count(whole)) if whole > 0 => {
            Some(part as f64 * 100.0 / whole as f64)
        }
        _ => None,
    }
}

/// Of two outcomes the one that says more of what was done to the figures.
fn lesser(one: Outcome, other: Outcome) -> Outcome {
    let rank = |outcome: Outcome| match outcome {
        Outcome::Safe(_) => 0,
        Outcome::Excepted(_) => 1,
        Outcome::Perturbed(_) => 2,
        Outcome::Complementary => 3,
        Outcome::Primary(_) => 4,
    };
    match rank(other) > rank(one) {
        true => other,
        false => one,
    }
}
