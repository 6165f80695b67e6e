//! Which files lie at a path, in what order, and what their folders say about them.
//!
//! Rows that go missing in silence make a wrong table. So a file that cannot
//! be read as rows is refused, not passed over, unless its name says that it
//! is no data (a leading `.` or `_`, as Spark and Hive write them); and a file
//! that is reached twice is refused, since its rows would count twice.

mod foreign;
mod kind;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::format::{self, FileRequest, Packed, RegisterFormat};
use super::partition::{Partition, partition};
use super::readings::Readings;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::format::FileFormat;

/// A file of rows.
#[derive(Debug, Clone)]
pub(super) struct RowsFile {
    pub(super) path: Arc<Path>,
    pub(super) format: &'static RegisterFormat,
    pub(super) packed: Option<Packed>,
    pub(super) partitions: Arc<[Partition]>,
}

impl RowsFile {
    /// The file, asked for `columns`.
    pub(super) fn asked(
        &self,
        columns: &Arc<[String]>,
        declared: &Arc<FileFormat>,
        readings: &Readings,
    ) -> FileRequest {
        FileRequest {
            path: Arc::clone(&self.path),
            packed: self.packed,
            partitions: Arc::clone(&self.partitions),
            columns: Arc::clone(columns),
            declared: Arc::clone(declared),
            readings: readings.clone(),
        }
    }
}

/// The files at `paths`, in the order given; those of a folder sorted by the bytes of their paths.
///
/// # Errors
///
/// Nothing is given, a path does not exist, a folder holds no file of rows, a
/// file is of no format that is read, or a file is reached twice.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<RowsFile>> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| Error::file(path, "read", &error))?;
        if metadata.is_dir() {
            let before = found.len();
            walk(path, &[], &mut found)?;
            if found.len() == before {
                return Err(rows_error("the folder holds no file of rows", path).help(read()));
            }
            found[before..].sort_by(|a, b| {
                let bytes = |found: &RowsFile| found.path.as_os_str().as_encoded_bytes().to_vec();
                bytes(a).cmp(&bytes(b))
            });
        } else {
            found.push(file(path, metadata.is_file(), &[])?);
        }
    }
    if found.is_empty() {
        return Err(Error::new(ErrorKind::Rows, "no file is given"));
    }
    let mut seen = HashSet::new();
    for RowsFile { path, .. } in &found {
        let real = fs::canonicalize(path).map_err(|error| Error::file(path, "read", &error))?;
        if !seen.insert(real) {
            return Err(rows_error(
                "the file is given twice: its rows would count twice",
                path,
            ));
        }
    }
    Ok(found)
}

/// Files that are read, by their names.
fn read() -> String {
    let endings = format::ALL.iter().flat_map(|format| format.endings);
    let endings: Vec<String> = endings.map(|ending| format!(".{ending}")).collect();
    format!(
        "files that are read: {}; .csv and .tsv may be packed, as .csv.gz or .csv.zst",
        endings.join(", ")
    )
}

fn rows_error(rule: &str, path: &Path) -> Error {
    Error::new(ErrorKind::Rows, rule).in_file(path)
}

/// Adds the files below `folder`, whose own place gives `partitions`.
fn walk(folder: &Path, partitions: &[Partition], found: &mut Vec<RowsFile>) -> Result<()> {
    let unreadable = |error| Error::file(folder, "read", &error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (name, path) = (entry.file_name(), entry.path());
        if matches!(name.as_encoded_bytes().first(), Some(b'.' | b'_')) {
            continue;
        }
        let unreadable = |error| Error::file(&path, "read", &error);
        let metadata = fs::metadata(&path).map_err(unreadable)?;
        if !metadata.is_dir() {
            found.push(file(&path, metadata.is_file(), partitions)?);
        } else if entry.file_type().map_err(unreadable)?.is_symlink() {
            // It may lead back to a folder above, and the walk would not end.
            return Err(
                rows_error("is a link to a folder, which is not followed", &path)
                    .help("give the folder it leads to as a path of its own"),
            );
        } else {
            let name = name
                .to_str()
                .ok_or_else(|| rows_error("the folder's name is not UTF-8", &path))?;
            let mut partitions = partitions.to_vec();
            partitions.extend(partition(name, &path)?);
            walk(&path, &partitions, found)?;
        }
    }
    Ok(())
}

/// The file at `path`, if it is of a format that is read.
fn file(path: &Path, regular: bool, partitions: &[Partition]) -> Result<RowsFile> {
    if !regular {
        return Err(rows_error("is neither a file nor a folder", path));
    }
    let (format, packed) = kind::of(path)?;
    Ok(RowsFile {
        path: Arc::from(path),
        format,
        packed,
        partitions: Arc::from(partitions),
    })
}
