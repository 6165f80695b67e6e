//! How a register's files are written, as far as the plan says it.

use super::document::{DecimalSign, Encoding, FormatDocument, LastLine, ThousandsSign};

/// What the plan says of a register's files; nothing where each key is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileFormat {
    pub(crate) delimiter: Option<u8>,
    pub(crate) decimal: Option<DecimalSign>,
    pub(crate) thousands: Option<ThousandsSign>,
    pub(crate) encoding: Option<Encoding>,
    /// Counted from 1.
    pub(crate) header_row: Option<u32>,
    /// Which sheet of a workbook is read.
    #[cfg_attr(not(feature = "xlsx"), allow(dead_code))]
    pub(crate) sheet: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) last_line: LastLine,
}

impl FileFormat {
    /// The byte that `text` names as a delimiter: one character of ASCII that
    /// no field is made of, or `tab`.
    pub(crate) fn delimiter(text: &str) -> Option<u8> {
        match text.as_bytes() {
            b"tab" => Some(b'\t'),
            [byte @ (b'\t' | b' '..=b'~')] if !byte.is_ascii_alphanumeric() => {
                (!b"\"-+.=_".contains(byte)).then_some(*byte)
            }
            _ => None,
        }
    }

    /// What a checked document says.
    pub(super) fn of(document: &FormatDocument) -> Self {
        Self {
            delimiter: document.delimiter.as_deref().and_then(Self::delimiter),
            decimal: document.decimal,
            thousands: document.thousands,
            encoding: document.encoding,
            header_row: document.header_row,
            sheet: document.sheet.clone(),
            time_zone: document.time_zone.clone(),
            last_line: document.last_line,
        }
    }
}
