//! What only spreadsheets have: rows with numbers of their own, and cells whose
//! value is an error.
//!
//! A row that is empty is no row of the register, but it counts in the sheet,
//! and whoever looks for row 812 looks for what the sheet calls so. And a formula
//! that could not be computed leaves `#N/A` or `#REF!` in its cell: no number and
//! no text, and not missing either.

use std::sync::Arc;

/// The rows of a sheet that a register's rows are in, and which cells of the
/// asked columns are errors.
#[derive(Default)]
pub(crate) struct SheetRows {
    /// The number of each row in the sheet, whose first row is 1.
    pub(super) numbers: Vec<u32>,
    /// For each column with such cells its name, and the rows, ascending.
    pub(super) errors: Vec<(String, Vec<(usize, &'static str)>)>,
}

/// Some rows of a sheet one after another.
#[derive(Clone)]
pub(crate) struct SheetSlice {
    pub(super) rows: Arc<SheetRows>,
    pub(super) start: usize,
}

impl SheetSlice {
    /// The number in the sheet of the slice's row `row`, which counts from 0.
    pub(super) fn number(&self, row: usize) -> Option<u64> {
        let number = self.rows.numbers.get(self.start + row);
        number.map(|number| u64::from(*number))
    }

    /// The cells of the column `name` that are errors, if it has such.
    pub(super) fn errors(&self, name: &str) -> Option<SheetErrors> {
        let column = self.rows.errors.iter().position(|(of, _)| of == name)?;
        let slice = self.clone();
        Some(SheetErrors { slice, column })
    }
}

/// The cells of one column that are errors.
#[derive(Clone)]
pub(crate) struct SheetErrors {
    slice: SheetSlice,
    column: usize,
}

impl SheetErrors {
    /// The error in `row`, as the spreadsheet shows it: `#N/A`.
    pub(super) fn get(&self, row: usize) -> Option<&'static str> {
        let (_, errors) = self.slice.rows.errors.get(self.column)?;
        let row = self.slice.start + row;
        let place = errors.binary_search_by_key(&row, |(at, _)| *at).ok()?;
        Some(errors[place].1)
    }
}
