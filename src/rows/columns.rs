//! The columns that a register's files have: names and types, for whoever writes
//! the first plan of it. No row is read for anybody to see.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::DataType;

use super::folder::{self, RowsFile};
use super::plain;
use super::readings::Readings;
use crate::error::{Error, ErrorKind, Result};

/// A column of a register's files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisterColumn {
    /// Its name.
    pub name: String,
    /// How the files store it, such as `Int64`; `None` where they do not say it, as
    /// delimited text does not.
    pub stored: Option<String>,
    /// The type that a plan may read it as, as plans name it; `None` where the
    /// files do not say it.
    pub plan_type: Option<&'static str>,
}

/// The columns of the register in `paths`: those of its first file, in the file's
/// order, and those that the names of folders give.
///
/// # Errors
///
/// [`ErrorKind::File`] and [`ErrorKind::Rows`] if there is no such file, if it is
/// of no format that is read, or if its first line may be a row and no header.
///
/// # Disclosure
///
/// Names and types, never a value. Of text and of a sheet the first line is shown, unless
/// something in it looks like a value: a number, a date, an address.
pub fn register_columns<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<RegisterColumn>> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.as_ref().to_owned()).collect();
    let found = folder::find(&paths)?;
    let Some(first) = found.first() else {
        return Err(Error::new(ErrorKind::Rows, "there is no file of rows"));
    };
    let mut columns = of(first).map_err(|error| error.in_file(&first.path))?;
    for partition in first.partitions.iter() {
        if columns.iter().all(|column| column.name != partition.name) {
            columns.push(text(&partition.name));
        }
    }
    Ok(columns)
}

fn of(found: &RowsFile) -> Result<Vec<RegisterColumn>> {
    let nothing = Arc::from(Vec::new());
    let file = found.asked(&nothing, &Arc::default(), &Readings::default());
    let columns = (found.format.columns)(&file)?.into_iter();
    let columns = columns.map(|(name, kind)| match kind {
        Some(kind) => typed(&name, &kind),
        None => text(&name),
    });
    Ok(columns.collect())
}

/// A column whose type nobody says.
fn text(name: &str) -> RegisterColumn {
    RegisterColumn {
        name: name.to_owned(),
        stored: None,
        plan_type: None,
    }
}

fn typed(name: &str, kind: &DataType) -> RegisterColumn {
    use DataType::*;
    let plan_type = match plain::value_type(kind) {
        Utf8 | LargeUtf8 | Utf8View => Some("category"),
        Boolean => Some("boolean"),
        Date32 | Date64 | Timestamp(..) => Some("date"),
        Float16 | Float32 | Float64 => Some("decimal"),
        Decimal32(_, 0) | Decimal64(_, 0) | Decimal128(_, 0) | Decimal256(_, 0) => Some("integer"),
        Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => Some("decimal"),
        kind if kind.is_integer() => Some("integer"),
        _ => None,
    };
    // The names of nested types hold those of fields inside; the outermost is enough.
    let stored = kind.to_string();
    let end = stored.find(['(', '{', ' ']).unwrap_or(stored.len());
    RegisterColumn {
        name: name.to_owned(),
        stored: Some(stored[..end].to_owned()),
        plan_type,
    }
}
