//! What a file is: by its first bytes, and by its name only where these do not say.
//!
//! A name is given by hand, and often wrong; the first bytes of a file are
//! written by the program that knows.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{read, rows_error};
use crate::error::{Error, Result};
use crate::rows::format::{self, KnownBy, Packed, RegisterFormat, TEXT};
use crate::rows::office;

/// Bytes that are looked at.
const START: u64 = 512;

/// The format of the file at `path`, and with what it is packed.
///
/// # Errors
///
/// It cannot be read, or is of no format that is read.
pub(super) fn of(path: &Path) -> Result<(&'static RegisterFormat, Option<Packed>)> {
    let unreadable = |error| Error::file(path, "read", &error);
    let mut start = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(START)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    for format in format::ALL {
        let is_one = match format.known {
            KnownBy::Text => false,
            KnownBy::Start(begins) => begins(&start),
            KnownBy::Content(holds) => holds(path, &start).map_err(unreadable)?,
        };
        if is_one {
            return Ok((format, None));
        }
    }
    let named = FileNameKind::of(path);
    let is_text_by_name = |format: &RegisterFormat| matches!(format.known, KnownBy::Text);
    let packed = match start.as_slice() {
        [0x1f, 0x8b, ..] => Some(Packed::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packed::Zstd),
        _ => None,
    };
    if let Some(packed) = packed {
        return match named.format {
            Some(format) if !is_text_by_name(format) => {
                let rule = "is packed, and of its kind only .csv and .tsv are read so";
                Err(rows_error(rule, path).help("unpack it first"))
            }
            named => Ok((named.unwrap_or(TEXT), Some(packed))),
        };
    }
    if let Some(document) = office::of(path, &start).map_err(unreadable)? {
        return Err(document.refused(path));
    }
    if let Some((what, help)) = foreign(&start) {
        return Err(rows_error(&format!("is {what}, which is not read"), path).help(help));
    }
    if named.packed && !is_text(&start) {
        let rule = "is named as a packed file, and is none: it is damaged, or no table";
        return Err(rows_error(rule, path).help(read()));
    }
    match named.format {
        // A table of text that somebody gave the wrong name.
        Some(format) if !is_text_by_name(format) && is_text(&start) => Ok((TEXT, None)),
        Some(format) => Ok((format, None)),
        None => {
            let rule = "is of no format that is read";
            let help = "in a folder, files whose name begins with . or _ are passed over";
            Err(rows_error(rule, path).help(format!("{}; {help}", read())))
        }
    }
}

/// What the name of a file says of it.
struct FileNameKind {
    format: Option<&'static RegisterFormat>,
    packed: bool,
}

impl FileNameKind {
    fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        let bare = [".gz", ".zst", ".zstd"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending));
        let ending = bare.unwrap_or(&name).rsplit_once('.');
        let is_so_named = |format: &&&RegisterFormat| {
            let by_name = !matches!(format.known, KnownBy::Content(_));
            by_name && ending.is_some_and(|(_, ending)| format.endings.contains(&ending))
        };
        Self {
            format: format::ALL.iter().find(is_so_named).copied(),
            packed: bare.is_some(),
        }
    }
}

/// Whether a file that begins so may be text: it has no control characters but
/// those between fields and lines.
fn is_text(start: &[u8]) -> bool {
    let odd = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n');
    !start.is_empty() && !start.iter().any(odd)
}

/// What a file is that others know, and what to do with it.
fn foreign(start: &[u8]) -> Option<(&'static str, &'static str)> {
    const EXPORT: &str = "export it as Parquet or as CSV in UTF-8";
    const UNPACK: &str = "unpack it first, or pack it with gzip or zstd";
    let known: [(&[u8], &'static str, &'static str); 11] = [
        (b"$FL2", "a file of SPSS", EXPORT),
        (b"$FL3", "a file of SPSS", EXPORT),
        (b"<stata_dta>", "a file of Stata", EXPORT),
        (
            b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60",
            "a data set of SAS",
            EXPORT,
        ),
        (b"SQLite format 3\0", "a database of SQLite", EXPORT),
        (b"ORC", "an ORC file", EXPORT),
        (b"Obj\x01", "an Avro file", EXPORT),
        (b"%PDF", "a PDF document", EXPORT),
        (b"BZh", "packed with bzip2", UNPACK),
        (b"\xfd7zXZ\0", "packed with xz", UNPACK),
        (b"\x04\x22\x4d\x18", "packed with lz4", UNPACK),
    ];
    let begins = |(magic, _, _): &&(&[u8], &str, &str)| {
        // A header of text may begin with letters too.
        let letters = magic
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'$');
        start.starts_with(magic) && !(letters && is_text(start))
    };
    if let Some((_, what, help)) = known.iter().find(begins) {
        return Some((*what, *help));
    }
    let head = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let head: Vec<u8> = head
        .trim_ascii_start()
        .iter()
        .take(14)
        .map(u8::to_ascii_lowercase)
        .collect();
    let markup = [&b"<?xml"[..], b"<!doctype html", b"<html"];
    markup.iter().any(|tag| head.starts_with(tag)).then_some((
        "a document of XML or HTML",
        "export a table of text; where a service sent it, it may say why there is none",
    ))
}
