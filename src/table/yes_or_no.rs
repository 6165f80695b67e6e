//! Whether a column that is summed says only yes or no.
//!
//! The sum of such a column is a number of persons or rows, and rules for sums do not
//! protect it as one. What a column says is known only once it is seen.

use serde::{Deserialize, Serialize};

use super::Contribution;
use crate::column::WholeNumbers;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::instead;
use crate::plan::table::{Measure, TablePlan};

/// What was seen of the values that are summed.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct YesOrNo {
    /// How many values, as long as there is no other one.
    values: u64,
    one: bool,
    other: bool,
}

impl YesOrNo {
    /// Looks at `values` of a scale; no further than to a value that is neither.
    pub(super) fn look(&mut self, values: &WholeNumbers, scale: u8) {
        let one = 10i128.pow(scale.into());
        if self.other {
            return;
        }
        for value in values.iter().flatten() {
            self.values += 1;
            self.one |= value == one;
            if value != 0 && value != one {
                self.other = true;
                return;
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.values += other.values;
        self.one |= other.one;
        self.other |= other.other;
    }

    /// Of fewer values than the threshold asks persons for nothing is published, and
    /// they may be ones by chance.
    fn says_yes_or_no(self, threshold: u64) -> bool {
        self.one && !self.other && self.values >= threshold
    }
}

/// Refuses a table with a measure of a column whose values were seen to be 0 and 1 only.
///
/// # Errors
///
/// [`ErrorKind::Protection`], naming the measure.
pub(super) fn refuse(
    plan: &TablePlan,
    contributions: &[Contribution],
    seen: &[YesOrNo],
) -> Result<()> {
    let is_refused = |measure: &&Measure| {
        let Some((operand, _)) = measure.what.values() else {
            return false;
        };
        let of = contributions.iter().zip(seen);
        let mut of = of.filter(|(other, _)| **other == Contribution::Values(operand));
        of.any(|(_, seen)| seen.says_yes_or_no(plan.protect.min_persons))
    };
    let Some(measure) = plan.measures.iter().find(is_refused) else {
        return Ok(());
    };
    let column = measure.column.as_deref().unwrap_or(&measure.name);
    let is_mean = measure.what.is_mean();
    let rule = "has no values but 0 and 1: its sum is a number of persons, and its mean a share";
    Err(Error::new(ErrorKind::Protection, rule)
        .in_column(&measure.name)
        .help(instead(column, "1", is_mean)))
}
