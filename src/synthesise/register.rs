//! The registers of a synthetic population, and their columns.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_schema::DataType::{Boolean, Date32, Int32, Int64, Utf8};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

/// A register, or a part of the truth about the registers.
///
/// # Examples
///
/// ```
/// use kobling::synthesise::Register;
///
/// assert_eq!(Register::Tax.name(), "tax");
/// assert!(Register::TruthOfTax.is_truth());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Register {
    /// Persons, one a row: `fnr` (the current number), `born_on`, `sex` (`woman`,
    /// `man`), `municipality` (by the codes of 2024; of the dead, the last one; of
    /// whoever has a D-number only, none), `household`, `dead_on`.
    Population,
    /// Moves, one a row for each member of the household: `fnr` (the number on
    /// that day), `moved_on`, `from`, `to`.
    Moves,
    /// Incomes, one a row for each person and year: `fnr` (the number at the end
    /// of the year), `year`, `income` (kroner).
    Tax,
    /// Benefit spells: `fnr` (the number on the first day), `kind`, `from`, `to`
    /// (the last day), `amount` (kroner).
    Benefit,
    /// Renumberings: `old`, `current`, `valid_from`.
    History,
    /// Which row of [`Tax`](Self::Tax) is whose: `row` (from 1), `person` (the row
    /// in [`Population`](Self::Population), from 1), `mistake` (the name of a
    /// [`Mistake`](super::Mistake); none if the number is right).
    TruthOfTax,
    /// Which row of [`Benefit`](Self::Benefit) is whose, in the same columns.
    TruthOfBenefit,
    /// All numbers that persons ever had: `person`, `number`, `valid_from`, `current`.
    TruthOfNumbers,
}

impl Register {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Population,
        Self::Moves,
        Self::Tax,
        Self::Benefit,
        Self::History,
        Self::TruthOfTax,
        Self::TruthOfBenefit,
        Self::TruthOfNumbers,
    ];

    /// The name of its file, without ending and folder, and of its source in the plan.
    pub fn name(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::Moves => "moves",
            Self::Tax | Self::TruthOfTax => "tax",
            Self::Benefit | Self::TruthOfBenefit => "benefit",
            Self::History => "history",
            Self::TruthOfNumbers => "numbers",
        }
    }

    /// Whether it belongs to the truth, which no linkage may see.
    pub fn is_truth(self) -> bool {
        matches!(
            self,
            Self::TruthOfTax | Self::TruthOfBenefit | Self::TruthOfNumbers
        )
    }

    pub(super) fn schema(self) -> SchemaRef {
        let columns: &[(&str, DataType, bool)] = match self {
            Self::Population => &[
                ("fnr", Utf8, false),
                ("born_on", Date32, false),
                ("sex", Utf8, false),
                ("municipality", Utf8, true),
                ("household", Int64, false),
                ("dead_on", Date32, true),
            ],
            Self::Moves => &[
                ("fnr", Utf8, false),
                ("moved_on", Date32, false),
                ("from", Utf8, false),
                ("to", Utf8, false),
            ],
            Self::Tax => &[
                ("fnr", Utf8, true),
                ("year", Int32, false),
                ("income", Int64, false),
            ],
            Self::Benefit => &[
                ("fnr", Utf8, true),
                ("kind", Utf8, false),
                ("from", Date32, false),
                ("to", Date32, false),
                ("amount", Int64, false),
            ],
            Self::History => &[
                ("old", Utf8, false),
                ("current", Utf8, false),
                ("valid_from", Date32, false),
            ],
            Self::TruthOfTax | Self::TruthOfBenefit => &[
                ("row", Int64, false),
                ("person", Int64, false),
                ("mistake", Utf8, true),
            ],
            Self::TruthOfNumbers => &[
                ("person", Int64, false),
                ("number", Utf8, false),
                ("valid_from", Date32, false),
                ("current", Boolean, false),
            ],
        };
        let fields = columns
            .iter()
            .map(|(name, kind, nullable)| Field::new(*name, kind.clone(), *nullable));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// A block's columns, with the rows that the truth is about counted from `before`.
    pub(super) fn counted_from(self, before: i64, mut columns: Vec<ArrayRef>) -> Vec<ArrayRef> {
        if let Self::TruthOfTax | Self::TruthOfBenefit = self {
            let rows = columns[0].as_primitive::<Int64Type>();
            columns[0] = Arc::new(rows.unary::<_, Int64Type>(|row| row + before));
        }
        columns
    }

    /// The columns that hold identifiers: they do not repeat, or hardly.
    pub(super) fn identifiers(self) -> &'static [&'static str] {
        match self {
            Self::Population | Self::Moves | Self::Tax | Self::Benefit => &["fnr"],
            Self::History => &["old", "current"],
            Self::TruthOfNumbers => &["number"],
            Self::TruthOfTax | Self::TruthOfBenefit => &[],
        }
    }
}
