//! Documents of office programs: which kind a file is.
//!
//! They come in two shells, an archive (ZIP) and an older one (OLE), and the shell
//! says nothing of what is in it. The names of what an archive holds are at its
//! end; those of the older shell in a place that its start gives.

use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom};
use std::path::Path;

use crate::error::{Error, ErrorKind};

/// Bytes at the end of an archive in which the names of its parts are looked for.
const END: u64 = 1 << 20;

#[cfg(feature = "xlsx")]
const SAVE: &str = "save it as .xlsx, or the sheet as CSV in UTF-8";
#[cfg(not(feature = "xlsx"))]
const SAVE: &str = "save the sheet as CSV in UTF-8";

/// What a file in one of the shells is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfficeDocument {
    /// `.xlsx`, or `.xlsm`, whose macros are no rows.
    Workbook,
    Binary,
    /// OpenDocument (ISO/IEC 26300): `.ods`, and others.
    Odf,
    Archive,
    Protected,
    Older,
    /// What Office leaves next to a file that somebody has open.
    Lock,
}

/// What the file at `path`, which begins with `start`, is; nothing if it is in no
/// such shell.
pub(super) fn of(path: &Path, start: &[u8]) -> Result<Option<OfficeDocument>> {
    if start.starts_with(b"PK\x03\x04") {
        return archive(path, start).map(Some);
    }
    if start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return older(path, start).map(Some);
    }
    let name = path.file_name().unwrap_or_default();
    let is_lock = name.as_encoded_bytes().starts_with(b"~$") && start.len() < 512;
    Ok(is_lock.then_some(OfficeDocument::Lock))
}

fn archive(path: &Path, start: &[u8]) -> Result<OfficeDocument> {
    if has(start, b"mimetypeapplication/vnd.oasis.opendocument") {
        return Ok(OfficeDocument::Odf);
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut end = Vec::new();
    file.take(END).read_to_end(&mut end)?;
    end.make_ascii_lowercase();
    Ok(if has(&end, b"workbook.bin") {
        OfficeDocument::Binary
    } else if has(&end, b"workbook.xml") {
        OfficeDocument::Workbook
    } else {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        match ending == "xlsx" || ending == "xlsm" {
            true => OfficeDocument::Workbook,
            false => OfficeDocument::Archive,
        }
    })
}

/// [MS-CFB], sections 2.2 and 2.6: where the directory is, and the names in it,
/// which are UTF-16.
fn older(path: &Path, start: &[u8]) -> Result<OfficeDocument> {
    let name: Vec<u8> = "EncryptedPackage"
        .bytes()
        .flat_map(|byte| [byte, 0])
        .collect();
    let (Some(shift), Some(sector)) = (start.get(30), start.get(48..52)) else {
        return Ok(OfficeDocument::Older);
    };
    let sector = sector
        .iter()
        .rev()
        .fold(0, |all, byte| all << 8 | u64::from(*byte));
    let place = (sector + 1) << (*shift).min(12);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place))?;
    let mut directory = Vec::new();
    file.take(4096).read_to_end(&mut directory)?;
    Ok(match has(&directory, &name) {
        true => OfficeDocument::Protected,
        false => OfficeDocument::Older,
    })
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

impl OfficeDocument {
    /// Why it is not read, and what to do.
    pub(super) fn refused(self, path: &Path) -> Error {
        let (what, help) = match self {
            Self::Workbook => {
                let rule = "is a spreadsheet (.xlsx), which this build of kobling does not read";
                let help = "build it with --features xlsx, or save the sheet as CSV in UTF-8";
                return rows_error(rule, path).help(help);
            }
            Self::Lock => {
                let rule = "is a lock file that an office program leaves next to an open file";
                return rows_error(rule, path).help("close the file there, and try again");
            }
            Self::Binary => ("a spreadsheet in binary form (.xlsb)", SAVE),
            Self::Odf => ("a spreadsheet (.ods) or another OpenDocument file", SAVE),
            Self::Archive => (
                "a ZIP archive, and no spreadsheet (.xlsx)",
                "unpack it first, and give what is in it",
            ),
            Self::Protected => (
                "a workbook that is protected by a password",
                "save it without one",
            ),
            Self::Older => ("a spreadsheet of the older kind (.xls)", SAVE),
        };
        rows_error(&format!("is {what}, which is not read"), path).help(help)
    }
}

fn rows_error(rule: &str, path: &Path) -> Error {
    Error::new(ErrorKind::Rows, rule).in_file(path)
}
