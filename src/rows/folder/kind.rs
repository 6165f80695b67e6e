//! What a file is: by its first bytes, and by its name only where these do not say.
//!
//! A name is given by hand, and often wrong; the first bytes of a file are
//! written by the program that knows.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::foreign::{foreign, is_binary, is_text};
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
            named => {
                refuse_unpacked(path, packed)?;
                Ok((named.unwrap_or(TEXT), Some(packed)))
            }
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
        Some(format) if is_text_by_name(format) && is_binary(&start) => {
            let rule = "is named as text, and is none, nor of another format that is read";
            Err(rows_error(rule, path).help(NO_TEXT))
        }
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

/// What to do with bytes that nobody here knows.
const NO_TEXT: &str = "if a program wrote it, export it there as Parquet or as CSV in UTF-8; else it is damaged or encrypted";

/// Refuses a packed file in which is no text. One that cannot be unpacked is refused when
/// it is read.
fn refuse_unpacked(path: &Path, packed: Packed) -> Result<()> {
    let start = unpacked(path, packed).unwrap_or_default();
    let refuse = |what: &str, help: &str| {
        let rule = format!("is packed, and in it is {what}, which is not read");
        Err(rows_error(&rule, path).help(help))
    };
    if let Some((what, help)) = foreign(&start) {
        return refuse(what, help);
    }
    let columnar = |format: &&RegisterFormat| match format.known {
        KnownBy::Start(begins) => begins(&start),
        KnownBy::Text | KnownBy::Content(_) => false,
    };
    if start.starts_with(b"PK\x03\x04") || format::ALL.iter().any(columnar) {
        let rule = "is packed, and in it is no text: of other kinds none is read so";
        return Err(rows_error(rule, path).help("unpack it first"));
    }
    match is_binary(&start) {
        true => refuse("no text", NO_TEXT),
        false => Ok(()),
    }
}

/// The first bytes of what is packed.
fn unpacked(path: &Path, packed: Packed) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let source: Box<dyn Read> = match packed {
        Packed::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Packed::Zstd => Box::new(zstd::Decoder::new(file)?),
    };
    let mut start = Vec::new();
    source.take(START).read_to_end(&mut start)?;
    Ok(start)
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
