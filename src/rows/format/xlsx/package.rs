//! What a package costs to read, found out before it is read.
//!
//! A workbook is a ZIP archive of XML (ISO/IEC 29500-2). A few bytes can unpack
//! to millions, claim that billions of texts follow, or have a long name copied
//! for each of many styles. The reader believes all that, so every part is unpacked
//! here first, and thrown away as it comes.

use std::io::{BufReader, ErrorKind as IoErrorKind, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::{damaged, refuse};
use crate::error::Result;

/// Bytes that the parts of a package may have when they are unpacked, whatever
/// their size; and how many times the file's bytes beyond that.
const ANY_PARTS: u64 = 32 << 20;
const MOST_TIMES: u64 = 100;

/// Bytes of memory that a text takes in addition to its own.
const A_TEXT: u64 = 32;

/// What may be written between the name of an attribute and the number in it.
const BEFORE_DIGITS: [char; 8] = ['=', '"', '\'', '+', ' ', '\t', '\r', '\n'];

/// Bytes that the styles of a workbook may take.
const MOST_STYLES: u64 = 128 << 20;

/// Bytes of the largest part of the archive in `file`, of `length` bytes, once
/// it is unpacked.
///
/// # Errors
///
/// The archive is damaged, or costs more than its size allows.
pub(super) fn check(file: impl Read + Seek, length: u64) -> Result<u64> {
    let mut archive = ZipArchive::new(file).map_err(|_| damaged())?;
    let most = ANY_PARTS.saturating_add(length.saturating_mul(MOST_TIMES));
    let mut left = most;
    let mut largest = 0;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_| damaged())?;
        let name = part.name().map_err(|_| damaged())?.to_ascii_lowercase();
        let before = left;
        let mut part = LimitedPart {
            part,
            left: &mut left,
        };
        if name.ends_with("sharedstrings.xml") {
            check_texts(&mut part, most)?;
        } else if name.ends_with("styles.xml") {
            check_styles(&mut part)?;
        }
        part.read_on()?;
        largest = largest.max(before - left);
    }
    Ok(largest)
}

/// A part that ends in an error where it has more bytes than are left.
struct LimitedPart<'a, R> {
    part: R,
    left: &'a mut u64,
}

impl<R: Read> Read for LimitedPart<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.part.read(buffer)?;
        let left = self.left.checked_sub(read as u64);
        // Once too many, always too many.
        *self.left = left.unwrap_or(0);
        match left {
            Some(_) => Ok(read),
            None => Err(IoErrorKind::QuotaExceeded.into()),
        }
    }
}

impl<R: Read> LimitedPart<'_, R> {
    /// Reads to the end, where it is found out whether the part is whole.
    fn read_on(&mut self) -> Result<()> {
        match std::io::copy(self, &mut std::io::sink()) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == IoErrorKind::QuotaExceeded => Err(too_large()),
            Err(_) => Err(damaged()),
        }
    }
}

/// Refuses texts that take more than `most` bytes of memory, of those that are
/// there or that are claimed: room is made for as many.
fn check_texts<R: Read>(part: &mut LimitedPart<'_, R>, most: u64) -> Result<()> {
    let (mut claimed, mut texts) = (0, 0u64);
    each_tag(part, |name, tag, _| {
        texts += u64::from(name == "si");
        if name == "sst" {
            let claims = tag.match_indices("uniqueCount").map(|(at, key)| {
                let claim = tag[at + key.len()..].trim_start_matches(BEFORE_DIGITS);
                let end = claim.find(|c: char| !c.is_ascii_digit());
                match &claim[..end.unwrap_or(claim.len())] {
                    "" => 0,
                    digits => digits.parse().unwrap_or(u64::MAX),
                }
            });
            claimed = claims.max().unwrap_or(0).max(claimed);
        }
    })?;
    match claimed.max(texts).saturating_mul(A_TEXT) > most {
        true => Err(too_large()),
        false => Ok(()),
    }
}

/// Refuses styles of which each copies a long text: the name of a font, or the
/// form of a number.
fn check_styles<R: Read>(part: &mut LimitedPart<'_, R>) -> Result<()> {
    let (mut styles, mut longest) = (0u64, 0);
    each_tag(part, |name, _, length| {
        styles += u64::from(name == "xf");
        longest = longest.max(length);
    })?;
    match styles.saturating_mul(longest) > MOST_STYLES {
        true => Err(too_large()),
        false => Ok(()),
    }
}

/// Gives `see` the name of each tag that opens, what is in it, and how
/// many bytes that is.
fn each_tag(part: impl Read, mut see: impl FnMut(&str, &str, u64)) -> Result<()> {
    let mut xml = Reader::from_reader(BufReader::new(part));
    // As the reader of workbooks has it.
    xml.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                let length = tag.len() as u64;
                see(tag.local_name().as_ref(), &tag, length);
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(quick_xml::Error::Io(error)) if error.kind() == IoErrorKind::QuotaExceeded => {
                return Err(too_large());
            }
            Err(_) => return Err(damaged()),
        }
    }
}

fn too_large() -> crate::error::Error {
    refuse("is packed so tightly that it would unpack to far more than its size allows")
        .help("export the sheet as CSV in UTF-8, or as Parquet")
}
