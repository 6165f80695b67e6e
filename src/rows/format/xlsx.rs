//! Spreadsheets: the asked columns of one sheet of a workbook (`.xlsx`, ISO/IEC 29500).
//!
//! A number is read as it is stored, not as it is shown: `1,23E+10` still has all
//! its digits in the file. A formula is read as the value that was stored for it.
//! Rows that are hidden, or that a filter passes over, are rows. Of merged cells the
//! first has the value, and the others are empty.
//!
//! Which of several sheets is the register, nothing in the file says; so the plan
//! does. The names of columns are in the first row that is not empty, unless the
//! plan names another. Rows without a value below a name of a column are no rows.

mod column;
mod package;
mod table;
mod value;

use std::fs::File;
use std::io::BufReader;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use calamine::{Reader as _, SheetType, SheetVisible, XlsxError};

use super::{FileColumns, FileRequest, KnownBy, Opened, Opener, RegisterFormat, typed};
use crate::error::{Error, ErrorKind, Result, counted, nearest};
use crate::plan::document::{DecimalSign, ThousandsSign};
use crate::plan::format::FileFormat;
use crate::rows::decode::guarded;
use crate::rows::header::{self, Projection};
use crate::rows::office::{self, OfficeDocument};
use crate::rows::sheet::SheetRows;
use column::SheetColumn;
use table::SheetTable;
use value::SheetValue;

/// Bytes that are looked through for the sheet with cells, at most.
const MOST_LOOKED: u64 = 4 << 30;

/// Rows in which names of columns are looked for, so that an error can say where they are.
const LOOKED_THROUGH: u32 = 40;

type Book = calamine::Xlsx<BufReader<File>>;

pub(super) static XLSX: RegisterFormat = RegisterFormat {
    endings: &["xlsx"],
    known: KnownBy::Content(|path, start| {
        Ok(office::of(path, start)? == Some(OfficeDocument::Workbook))
    }),
    parts,
    columns,
};

/// The whole file.
fn parts(file: &FileRequest) -> Result<Vec<Opener>> {
    find(file)?;
    Ok(vec![Box::new(open)])
}

fn open(file: &FileRequest) -> Result<Opened> {
    let (mut xlsx, projection) = find(file)?;
    let (batch, rows, words) = xlsx.read(projection.fields())?;
    file.readings.file(words);
    Ok(Opened {
        sheet: Some(Arc::new(rows)),
        ..Opened::new(std::iter::once(Ok(batch)), projection)
    })
}

/// The sheet in the file, and how the asked columns are made of it.
fn find(file: &FileRequest) -> Result<(Xlsx, Projection)> {
    let mut xlsx = Xlsx::open(&file.path, &file.declared)?;
    let projection = Projection::new(&file.columns, xlsx.names(), &file.partitions);
    let projection = projection.map_err(|error| {
        let names: Vec<&str> = file.columns.iter().map(String::as_str).collect();
        xlsx.lacking(error, &names)
    })?;
    Ok((xlsx, projection))
}

fn columns(file: &FileRequest) -> Result<FileColumns> {
    let mut xlsx = Xlsx::open(&file.path, &file.declared)?;
    header::check_shown(xlsx.names())?;
    Ok(typed(&xlsx.schema()?))
}

/// A workbook of which the sheet and the names of columns have been found.
struct Xlsx {
    book: Book,
    sheet: String,
    /// Which of how many sheets it is, counted from 1.
    place: (usize, usize),
    /// From the first column of the sheet to the last one that has a name.
    names: Vec<String>,
    /// The row they are in, counted from 0.
    header: u32,
    decimal: char,
}

impl Xlsx {
    /// Opens the file at `path`, and finds the sheet and the names of columns as
    /// `format` says.
    fn open(path: &Path, format: &FileFormat) -> Result<Self> {
        let unreadable = |error| Error::file(path, "read", &error);
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let mut book = guarded(AssertUnwindSafe(|| {
            let again = file.try_clone().map_err(unreadable)?;
            let largest = package::check(BufReader::new(again), length)?;
            let book = Book::new(BufReader::new(file)).map_err(|error| misread(&error))?;
            Ok((book, largest))
        }))?;
        let (sheet, place) = guarded(AssertUnwindSafe(|| {
            choose(&mut book.0, book.1, format.sheet.as_deref())
        }))?;
        let mut book = book.0;
        let (header, names) = guarded(AssertUnwindSafe(|| {
            names(&mut book, &sheet, format.header_row)
        }))?;
        let decimal = match (format.decimal, format.thousands) {
            (Some(DecimalSign::Comma), _) | (None, Some(ThousandsSign::Point)) => ',',
            _ => '.',
        };
        Ok(Self {
            book,
            sheet,
            place,
            names,
            header,
            decimal,
        })
    }

    /// The names of columns, the first column's first; empty where there is none.
    fn names(&self) -> &[String] {
        &self.names
    }

    /// `error`, if it says that the sheet lacks a column, with what it has.
    fn lacking(&mut self, error: Error, asked: &[&str]) -> Error {
        if error.rule() != header::NO_COLUMN {
            return error;
        }
        let place = guarded(AssertUnwindSafe(|| self.elsewhere(asked)));
        if let Ok(Some(row)) = place {
            return error.help(format!(
                "row {row} has all columns: write format = {{ header_row = {row} }} \
                 under the source in the plan"
            ));
        }
        // As of a file of text.
        let found = self.names.iter().any(|name| asked.contains(&name.as_str()));
        let are_names = found && header::look_like_names(&self.names);
        header::lacking(error, &self.names, None, are_names)
    }

    /// The row that has all `asked` columns, if one near the start does.
    fn elsewhere(&mut self, asked: &[&str]) -> Result<Option<u32>> {
        let mut table = SheetTable::open(&mut self.book, &self.sheet)?;
        let mut found = (0, vec![false; asked.len()]);
        while let Some(cell) = table.next()? {
            if cell.row > LOOKED_THROUGH {
                break;
            }
            if cell.row != found.0 {
                found = (cell.row, vec![false; asked.len()]);
            }
            let text = column::text(&cell.value, '.');
            for (name, found) in asked.iter().zip(&mut found.1) {
                *found |= **name == *text;
            }
            if found.1.iter().all(|found| *found) {
                return Ok(Some(cell.row + 1));
            }
        }
        Ok(None)
    }

    /// The columns that have a name, each with the type of its cells.
    fn schema(&mut self) -> Result<Schema> {
        let mut types: Vec<Option<DataType>> = vec![None; self.names.len()];
        guarded(AssertUnwindSafe(|| {
            self.each_cell(|_, field, value| {
                let is_of = column::type_of(&value);
                match (&mut types[field], is_of) {
                    (_, None) => {}
                    (Some(kind), Some(is_of)) if *kind != is_of => *kind = DataType::Utf8,
                    (kind, Some(is_of)) => *kind = Some(is_of),
                }
                Ok(())
            })
        }))?;
        let columns = self.names.iter().zip(types);
        let columns = columns.filter(|(name, _)| !name.is_empty());
        let fields =
            columns.map(|(name, kind)| Field::new(name, kind.unwrap_or(DataType::Utf8), true));
        Ok(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The rows below the names: their `fields` (ascending), where they are in
    /// the sheet, and how they were read, in words.
    fn read(&mut self, fields: &[usize]) -> Result<(RecordBatch, SheetRows, String)> {
        guarded(AssertUnwindSafe(|| self.read_rows(fields)))
    }

    fn read_rows(&mut self, fields: &[usize]) -> Result<(RecordBatch, SheetRows, String)> {
        let mut place_of = vec![None; self.names.len()];
        for (place, &field) in fields.iter().enumerate() {
            place_of[field] = Some(place);
        }
        let decimal = self.decimal;
        let mut columns: Vec<SheetColumn> =
            fields.iter().map(|_| SheetColumn::new(decimal)).collect();
        let mut numbers: Vec<u32> = Vec::new();
        let no_value = || {
            refuse("holds a formula without a value: the program that wrote the file did not compute it")
                .help("open the file in a spreadsheet program, and save it again")
        };
        let names = self.names.clone();
        self.each_cell(|row, field, value| {
            let place = place_of[field];
            if let (Some(_), SheetValue::Text(text)) = (place, &value)
                && text.len() > LONGEST_TEXT
            {
                let rule = format!("holds a text of more than {} KiB", LONGEST_TEXT >> 10);
                return Err(refuse(rule).in_column(&names[field]).at_row(u64::from(row)));
            }
            if matches!(value, SheetValue::Uncomputed) {
                return match place {
                    Some(_) => Err(no_value().in_column(&names[field]).at_row(u64::from(row))),
                    None => Ok(()),
                };
            }
            if numbers.last() != Some(&row) {
                numbers.push(row);
            }
            if let Some(place) = place {
                columns[place].put(numbers.len() - 1, value);
            }
            Ok(())
        })?;
        let rows = numbers.len();
        let mut arrays = Vec::with_capacity(columns.len());
        let mut errors = Vec::new();
        for (mut column, &field) in columns.into_iter().zip(fields) {
            column.pad(rows);
            let (array, of_it) = column.finish();
            if !of_it.is_empty() {
                errors.push((self.names[field].clone(), of_it));
            }
            arrays.push((&self.names[field], array));
        }
        let words = self.words(&numbers);
        let batch = RecordBatch::try_from_iter(arrays).map_err(|_| damaged())?;
        Ok((batch, SheetRows { numbers, errors }, words))
    }

    /// Gives `see` each cell below a name that is not blank: its row in the
    /// sheet, counted from 1, its column, and what it holds.
    fn each_cell(
        &mut self,
        mut see: impl FnMut(u32, usize, SheetValue<'_>) -> Result<()>,
    ) -> Result<()> {
        let (header, names) = (self.header, &self.names);
        let mut table = SheetTable::open(&mut self.book, &self.sheet)?;
        while let Some(cell) = table.next()? {
            let field = cell.column as usize;
            let named = names.get(field).is_some_and(|name| !name.is_empty());
            if cell.row > header && named && !matches!(cell.value, SheetValue::Blank) {
                see(cell.row + 1, field, cell.value)?;
            }
        }
        Ok(())
    }

    /// How the sheet was read, whose rows of data have these `numbers`.
    fn words(&self, numbers: &[u32]) -> String {
        let (place, sheets) = self.place;
        let mut words = vec![
            match sheets {
                1 => "the only sheet of a workbook".to_owned(),
                _ => format!("sheet {place} of the {sheets} of a workbook"),
            },
            format!("names of columns in row {}", self.header + 1),
            counted(numbers.len() as u64, "row"),
        ];
        let last = numbers.last().copied().unwrap_or(self.header + 1);
        match u64::from(last - self.header - 1) - numbers.len() as u64 {
            0 => {}
            empty => words.push(format!(
                "{} between them passed over",
                counted(empty, "empty row")
            )),
        }
        words.join(", ")
    }
}

/// The name of the sheet that is read, and which of how many it is: the one
/// called `named`, or else the only one that has cells.
fn choose(book: &mut Book, largest: u64, named: Option<&str>) -> Result<(String, (usize, usize))> {
    let all = book.sheets_metadata().to_vec();
    let sheets: Vec<_> = all
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .collect();
    let count = counted(sheets.len() as u64, "sheet");
    if let Some(named) = named {
        let mut found = (0..sheets.len()).filter(|&place| sheets[place].name == named);
        return match (found.next(), found.next()) {
            (Some(place), None) => Ok((named.to_owned(), (place + 1, sheets.len()))),
            (Some(_), Some(_)) => Err(refuse("has two sheets of the name that the plan gives")),
            (None, _) => {
                // Names of sheets may be names of persons: they are not listed.
                let near = nearest(named, sheets.iter().map(|sheet| sheet.name.as_str()));
                let near = match near {
                    Some(near) => format!("did you mean \"{}\"? ", near.escape_debug()),
                    None => String::new(),
                };
                let rule = "has no sheet of the name that the plan gives (`sheet` of its `format`)";
                Err(refuse(rule).help(format!("{near}it has {count}")))
            }
        };
    }
    if largest.saturating_mul(sheets.len() as u64) > MOST_LOOKED {
        let rule = format!("has {count}, too many and too large to look through");
        return Err(refuse(rule).help(SHEET_HELP));
    }
    let mut filled = Vec::new();
    for (place, sheet) in sheets.iter().enumerate() {
        if has_cells(book, &sheet.name)? {
            filled.push(place);
        }
    }
    match filled[..] {
        [place] => {
            let name = sheets[place].name.clone();
            if sheets.iter().filter(|sheet| sheet.name == name).count() > 1 {
                return Err(damaged());
            }
            Ok((name, (place + 1, sheets.len())))
        }
        [] => Err(refuse("is empty: no sheet has a cell with a value")),
        _ => {
            let hidden = filled
                .iter()
                .filter(|&&place| sheets[place].visible != SheetVisible::Visible);
            let hidden = match hidden.count() {
                0 => String::new(),
                some => format!(", {some} of them hidden"),
            };
            let filled = filled.len();
            let rule = format!(
                "has {filled} sheets with cells{hidden}, and the plan does not say which is the register"
            );
            Err(refuse(rule).help(SHEET_HELP))
        }
    }
}

const SHEET_HELP: &str =
    "write the sheet's name under the source in the plan: format = { sheet = \"Ark1\" }";

fn has_cells(book: &mut Book, sheet: &str) -> Result<bool> {
    let mut table = SheetTable::open(book, sheet)?;
    while let Some(cell) = table.next()? {
        if !matches!(cell.value, SheetValue::Blank) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The row of the names of columns, counted from 0, and the names: in row
/// `wanted`, counted from 1, or the first that is not empty.
fn names(book: &mut Book, sheet: &str, wanted: Option<u32>) -> Result<(u32, Vec<String>)> {
    let mut table = SheetTable::open(book, sheet)?;
    let mut row = wanted.map(|row| row.saturating_sub(1));
    let mut names: Vec<String> = Vec::new();
    while let Some(cell) = table.next()? {
        if row.is_some_and(|row| cell.row > row) {
            break;
        }
        if matches!(cell.value, SheetValue::Blank) || row.is_some_and(|row| cell.row < row) {
            continue;
        }
        row = Some(cell.row);
        names.resize(cell.column as usize, String::new());
        let name = column::text(&cell.value, '.');
        // What is so long is no name that is asked for.
        names.push(
            match name.len() > LONGEST_NAME || matches!(cell.value, SheetValue::Uncomputed) {
                true => "\u{fffd}".to_owned(),
                false => name.into_owned(),
            },
        );
    }
    match (row, names.is_empty()) {
        (Some(row), false) => Ok((row, names)),
        (Some(row), true) => Err(refuse(format!(
            "has nothing in row {}, where the names of columns should be",
            row + 1
        ))),
        (None, _) => Err(refuse("is empty: not even names of columns")),
    }
}

/// Bytes of a text, at most: spreadsheets have no cell of more than 32 767 characters.
const LONGEST_TEXT: usize = 96 << 10;

/// Bytes of a name of a column, at most.
const LONGEST_NAME: usize = 1024;

fn refuse(rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Rows, rule)
}

fn damaged() -> Error {
    refuse("cannot be read as a spreadsheet: it is damaged, cut short or made in a way that is not read")
        .help("open it in a spreadsheet program and save it again as .xlsx, or as CSV in UTF-8")
}

/// What the reader says, without what it quotes.
fn misread(error: &XlsxError) -> Error {
    match error {
        XlsxError::Password => refuse("is protected by a password").help("save it without one"),
        XlsxError::CellError(_) => refuse("holds an error of a kind that is not known"),
        _ => damaged(),
    }
}
