//! The cells of a sheet, one after another, in the order of its XML.
//!
//! A sheet says how large it is, and where each of its cells lies. Neither is
//! believed: a sheet of one cell may claim seventeen billion, and no room is made
//! for any but those that come; each comes behind the one before it, or the sheet is
//! damaged.

use std::fs::File;
use std::io::BufReader;

use calamine::XlsxCellReader;

use super::value::SheetValue;
use super::{Book, damaged, misread};
use crate::error::{Error, Result};

/// Rows and columns of a sheet, at most.
const ROWS: u32 = 1_048_576;
const COLUMNS: u32 = 16_384;

/// The cells of a sheet.
pub(super) struct SheetTable<'a> {
    cells: XlsxCellReader<'a, BufReader<File>>,
    /// Where the last one was.
    last: Option<(u32, u32)>,
}

/// A cell; row and column count from 0.
pub(super) struct SheetCell<'a> {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) value: SheetValue<'a>,
}

impl<'a> SheetTable<'a> {
    /// The cells of the sheet `name` of `book`.
    pub(super) fn open(book: &'a mut Book, name: &str) -> Result<Self> {
        let cells = book.worksheet_cells_reader(name);
        let cells = cells.map_err(|error| misread(&error))?;
        Ok(Self { cells, last: None })
    }

    /// The next cell that is there, by rows and in them by columns.
    pub(super) fn next(&mut self) -> Result<Option<SheetCell<'a>>> {
        let near = |error: Error, last: Option<(u32, u32)>| match last {
            Some((row, _)) => error.at_row(u64::from(row) + 1),
            None => error,
        };
        let read = self.cells.next_cell_with_formula_metadata();
        let read = read.map_err(|error| near(misread(&error), self.last))?;
        let Some(read) = read else {
            return Ok(None);
        };
        let (row, column) = read.pos;
        let in_order = self.last.is_none_or(|last| last < read.pos);
        if row >= ROWS || column >= COLUMNS || !in_order {
            return Err(near(damaged(), self.last));
        }
        self.last = Some(read.pos);
        let is_empty = matches!(read.value, calamine::DataRef::Empty);
        let value = match read.formula {
            Some(_) if is_empty => SheetValue::Uncomputed,
            _ => SheetValue::of(read.value),
        };
        Ok(Some(SheetCell { row, column, value }))
    }
}
