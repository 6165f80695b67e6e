//! What is added up in cells.

use crate::plan::table::{Measure, Statistic, TablePlan};
use crate::table::cell::Contribution;
use crate::table::population::Member;
use crate::table::{Confidential, Table};

/// What is added up in cells: measures of one quantity give each other away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Quantity {
    Persons,
    /// A contribution, by its place among those of the population, or of a table.
    Contribution(usize),
}

impl Quantity {
    /// What a measure of a table publishes; a contribution is one of the table's own.
    pub(super) fn of(measure: &Measure, plan: &TablePlan, table: &Table<Confidential>) -> Self {
        let wanted = match (measure.what, measure.what.values()) {
            // Who knows a mean and its number of rows knows the sum.
            (_, Some((operand, _))) => Contribution::Values(operand),
            (Statistic::Rows, None) if !plan.one_row_a_person => Contribution::Rows,
            // Where a person has one row, a number of rows is one of persons.
            (_, None) => return Self::Persons,
        };
        let own = table
            .contributions
            .iter()
            .position(|other| *other == wanted);
        Self::Contribution(own.expect("tabulation adds up what every measure needs"))
    }

    /// Whether `measure` by itself publishes the number of persons: it is that, or a
    /// mean, of which the denominator is known by its exact value.
    pub(super) fn is_published_by(self, measure: &Measure, plan: &TablePlan) -> bool {
        let counts = measure.what == Statistic::Persons
            || measure.what.is_mean()
            || (measure.what == Statistic::Rows && plan.one_row_a_person);
        self == Self::Persons && counts
    }

    /// Whether it is numbers of rows of a table.
    pub(super) fn is_of_rows(self, table: &Table<Confidential>) -> bool {
        match self {
            Self::Persons => false,
            Self::Contribution(own) => table.contributions[own] == Contribution::Rows,
        }
    }

    /// The same among the contributions of a population.
    pub(super) fn of_member(self, member: &Member) -> Self {
        match self {
            Self::Persons => Self::Persons,
            Self::Contribution(own) => Self::Contribution(member.contributions[own]),
        }
    }
}
