//! Finding the asked columns among those that a file has.
//!
//! A column is found by its exact name, once, or not at all: a guess between
//! two columns of one name would link the wrong figures without a sound.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::partition::Partition;
use super::{binary, instant, plain};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::format::FileFormat;

/// Characters of a file's own text that an error shows at most.
const SHOWN: usize = 64;

/// Edits between two names, at most, for one to be offered in place of the other.
const NEAR: usize = 2;

/// Columns of a file that an error lists at most.
const LISTED: usize = 12;

/// Digits of a name of a column, at most, for a first line to be taken for a header.
const MOST_DIGITS: usize = 4;

/// The rule that is broken where a column is missing.
pub(super) const NO_COLUMN: &str = "the file has no such column";

/// Where one asked column comes from.
enum ColumnOrigin {
    /// The field at this position among [`Projection::fields`].
    Read(usize),
    /// The same text in every row, or null: the file's folder says it.
    Constant(Option<String>),
    /// The field at this position, which the file's folder says too.
    Both(usize, Option<String>),
}

/// Which fields of a file are read, and how the asked columns are made of them.
pub(super) struct Projection {
    asked: Arc<[String]>,
    origins: Vec<ColumnOrigin>,
    fields: Vec<usize>,
}

impl Projection {
    /// Finds each of `asked` among the file's own `names` and its folders' `partitions`.
    ///
    /// # Errors
    ///
    /// A column is missing, is in the file twice, or in the names of two
    /// folders; or no column of the file itself is asked for, so that its number
    /// of rows would be a mere claim.
    pub(super) fn new<S: AsRef<str>>(
        asked: &Arc<[String]>,
        names: &[S],
        partitions: &[Partition],
    ) -> Result<Self> {
        let mut found = Vec::with_capacity(asked.len());
        for name in asked.iter() {
            found.push(find(name, names, partitions).map_err(|error| error.in_column(name))?);
        }
        let mut fields: Vec<usize> = found
            .iter()
            .filter_map(|at| match at {
                ColumnPlace::Field(field) | ColumnPlace::Both(field, _) => Some(*field),
                ColumnPlace::Folder(_) => None,
            })
            .collect();
        fields.sort_unstable();
        fields.dedup();
        if fields.is_empty() {
            let rule = "none of the columns asked for is in the file itself";
            return Err(Error::new(ErrorKind::Rows, rule));
        }
        let position = |field| fields.partition_point(|&other| other < field);
        let value = |folder: usize| partitions[folder].value.clone();
        let origins = found
            .into_iter()
            .map(|at| match at {
                ColumnPlace::Field(field) => ColumnOrigin::Read(position(field)),
                ColumnPlace::Folder(folder) => ColumnOrigin::Constant(value(folder)),
                ColumnPlace::Both(field, folder) => {
                    ColumnOrigin::Both(position(field), value(folder))
                }
            })
            .collect();
        Ok(Self {
            asked: Arc::clone(asked),
            origins,
            fields,
        })
    }

    /// The fields to read, by their position in the file, ascending.
    pub(super) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// Refuses a field whose Arrow type no declared column can be made of.
    pub(super) fn check_types(&self, schema: &Schema, declared: &FileFormat) -> Result<()> {
        let mut fields = self.fields.iter().map(|&field| schema.field(field));
        fields.try_for_each(|field| check_type(field, declared))
    }

    /// The asked columns in the order asked for, made of `read`, which holds [`Self::fields`].
    pub(super) fn apply(&self, read: &RecordBatch) -> Result<RecordBatch> {
        let rows = read.num_rows();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.origins.len());
        for (origin, name) in self.origins.iter().zip(self.asked.iter()) {
            columns.push(match origin {
                ColumnOrigin::Read(position) | ColumnOrigin::Both(position, _)
                    if *position < read.num_columns() =>
                {
                    let column = plain::out_of_dictionary(read.column(*position));
                    let column = column.and_then(|column| binary::as_text(&column));
                    let column = column.map_err(|error| error.in_column(name))?;
                    if let ColumnOrigin::Both(_, value) = origin
                        && !binary::is_everywhere(&column, value.as_deref())
                    {
                        let rule = "the file has another value than the name of a folder above it";
                        return Err(Error::new(ErrorKind::Rows, rule).in_column(name));
                    }
                    column
                }
                ColumnOrigin::Read(_) | ColumnOrigin::Both(..) => return Err(damaged()),
                ColumnOrigin::Constant(Some(text)) => {
                    Arc::new(StringArray::new_repeated(text, rows))
                }
                ColumnOrigin::Constant(None) => new_null_array(&DataType::Utf8, rows),
            });
        }
        // The schema is made anew: what a file notes about its fields was not asked for.
        let fields: Vec<Field> = self
            .asked
            .iter()
            .zip(&columns)
            .map(|(name, column)| Field::new(name, column.data_type().clone(), true))
            .collect();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema, columns, &options).map_err(|_| damaged())
    }
}

/// Refuses a field whose Arrow type no declared column can be made of.
pub(super) fn check_type(field: &Field, declared: &FileFormat) -> Result<()> {
    let kind = plain::value_type(field.data_type());
    instant::zone(kind, declared).map_err(|error| error.in_column(field.name()))?;
    let Some(kind) = refused(kind) else {
        return Ok(());
    };
    let rule = format!("its Arrow type is {kind}, which is not read");
    let help = "columns are read as text, integer, floating-point of 32 or 64 bits, \
                decimal, boolean, date or timestamp";
    Err(Error::new(ErrorKind::Rows, rule)
        .in_column(field.name())
        .help(help))
}

fn damaged() -> Error {
    Error::new(
        ErrorKind::Rows,
        "the file is damaged: its columns do not fit together",
    )
}

/// Where a column is: a field of the file, a folder above it, or both.
enum ColumnPlace {
    Field(usize),
    Folder(usize),
    Both(usize, usize),
}

/// The place of `name`.
fn find<S: AsRef<str>>(name: &str, names: &[S], partitions: &[Partition]) -> Result<ColumnPlace> {
    let mut fields = (0..names.len()).filter(|&field| names[field].as_ref() == name);
    let mut folders = (0..partitions.len()).filter(|&folder| partitions[folder].name == name);
    let refuse = |rule: &str| Err(Error::new(ErrorKind::Rows, rule));
    match (fields.next(), folders.next()) {
        (Some(_), _) if fields.next().is_some() => refuse("the file has this column twice"),
        (_, Some(_)) if folders.next().is_some() => {
            refuse("two folders above the file give this column")
        }
        (Some(field), Some(folder)) => Ok(ColumnPlace::Both(field, folder)),
        (Some(field), None) => Ok(ColumnPlace::Field(field)),
        (None, Some(folder)) => Ok(ColumnPlace::Folder(folder)),
        (None, None) => {
            let known = names.iter().map(AsRef::as_ref);
            let known = known.chain(partitions.iter().map(|partition| partition.name.as_str()));
            let known: Vec<&str> = known.collect();
            let error = Error::new(ErrorKind::Rows, NO_COLUMN).in_column(name);
            Err(lacking(error, &known, None, true))
        }
    }
}

/// `error`, which says that a file lacks a column, with what the file has
/// instead: its columns, if they `are_names`, and what is `between` them.
///
/// Where a file of text has no header, its first row is in the header's
/// place, and a list of it would show a person's data: see [`look_like_names`].
pub(super) fn lacking<S: AsRef<str>>(
    error: Error,
    names: &[S],
    between: Option<&str>,
    are_names: bool,
) -> Error {
    let wanted = error.column().unwrap_or_default().to_owned();
    let mut help = Vec::new();
    // Of what may be a value only one that is written alike is no news.
    let near = nearest(&wanted, names.iter().map(AsRef::as_ref));
    if let Some(near) = near.filter(|near| are_names || is_alike(near, &wanted)) {
        help.push(format!("did you mean \"{}\"?", shown(near)));
    }
    let between = between.map_or(String::new(), |between| format!(", separated by {between}"));
    let count = crate::error::counted(names.len() as u64, "column");
    if are_names {
        let listed = names.iter().take(LISTED);
        let listed: Vec<String> = listed
            .map(|name| format!("\"{}\"", shown(name.as_ref())))
            .collect();
        let more = match names.len().saturating_sub(LISTED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        help.push(format!(
            "it has {count}{between}: {}{more}",
            listed.join(", ")
        ));
    } else {
        help.push(format!(
            "it has {count}{between}; they are not listed, since the first line may be a row \
             and no header: then put a line with the names of the columns above it"
        ));
    }
    error.help(help.join(" "))
}

/// Whether the fields of a first line can all be names of columns, and none
/// looks like a value: a number, a date, an address.
pub(super) fn look_like_names<S: AsRef<str>>(fields: &[S]) -> bool {
    let is_name = |name: &str| {
        let digits = name.chars().filter(char::is_ascii_digit).count();
        let starts = name.trim().chars().next();
        name.chars().count() <= SHOWN
            && digits <= MOST_DIGITS
            && !name.contains('@')
            && starts.is_none_or(|first| first.is_alphabetic() || first == '_')
    };
    fields.iter().all(|field| is_name(field.as_ref()))
        && fields.iter().any(|field| !field.as_ref().trim().is_empty())
}

/// Refuses to show a first line that may be a row.
pub(super) fn check_shown(names: &[String]) -> Result<()> {
    if look_like_names(names) {
        return Ok(());
    }
    let rule = "the first line may be a row and no header, so it is not shown";
    let help = "put a line with the names of the columns above it, each without digits \
                that a value may have";
    Err(Error::new(ErrorKind::Rows, rule).help(help))
}

/// Whether two names differ in nothing but capitals, spaces and punctuation.
fn is_alike(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    letters(one) == letters(other)
}

/// The one of `known` that `name` may be a slip of; never one without letters,
/// which may be a value.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .filter(|other| other.len() <= 4 * SHOWN && other.chars().any(char::is_alphabetic))
        .map(|other| {
            let other_lower = other.trim().to_lowercase();
            (strsim::damerau_levenshtein(&wanted, &other_lower), other)
        })
        .filter(|&(edits, other)| {
            edits <= NEAR && 2 * edits < name.chars().count().max(other.chars().count())
        })
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, other)| other)
}

/// `text` from a file, fit to be shown: without control characters, and not long.
fn shown(text: &str) -> String {
    let mut escaped = text.chars().flat_map(char::escape_debug);
    let mut shown: String = escaped.by_ref().take(SHOWN).collect();
    if escaped.next().is_some() {
        shown.push('…');
    }
    shown
}

/// What to call a type that is not read; `None` for one that is.
///
/// Named here and not by Arrow, whose names hold those of nested fields.
fn refused(data_type: &DataType) -> Option<&'static str> {
    use DataType::*;
    match data_type {
        Utf8 | LargeUtf8 | Utf8View | Boolean | Null => None,
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64 => None,
        Float32 | Float64 | Date32 | Date64 | Timestamp(..) => None,
        Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => None,
        // Text that is not said to be text, as some writers leave it.
        Binary | LargeBinary | BinaryView => None,
        Dictionary(..) => Some("Dictionary"),
        Float16 => Some("Float16"),
        Time32(_) => Some("Time32"),
        Time64(_) => Some("Time64"),
        Duration(_) => Some("Duration"),
        Interval(_) => Some("Interval"),
        FixedSizeBinary(_) => Some("FixedSizeBinary"),
        List(_) => Some("List"),
        ListView(_) => Some("ListView"),
        FixedSizeList(..) => Some("FixedSizeList"),
        LargeList(_) => Some("LargeList"),
        LargeListView(_) => Some("LargeListView"),
        Struct(_) => Some("Struct"),
        Union(..) => Some("Union"),
        Map(..) => Some("Map"),
        RunEndEncoded(..) => Some("RunEndEncoded"),
    }
}
