//! Files that other programs know, by their first bytes: so that whoever gives one learns
//! what it is, and not what is wrong with it as text.

const EXPORT: &str = "export it as Parquet or as CSV in UTF-8";
const UNPACK: &str = "unpack it first, or pack it with gzip or zstd";
const TAKE_OUT: &str = "unpack it first, and give what is in it";
const NO_TABLE: &str = "give the file that holds the table";

/// Where a file has which bytes, what it is then, and what to do with it.
type Known = (usize, &'static [u8], &'static str, &'static str);

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    (0, b"$FL2", "a file of SPSS", EXPORT),
    (0, b"$FL3", "a file of SPSS", EXPORT),
    (0, b"ASCII SPSS PORT FILE", "a portable file of SPSS", EXPORT),
    (0, b"<stata_dta>", "a file of Stata", EXPORT),
    (0, b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60", "a data set of SAS", EXPORT),
    (0, b"HEADER RECORD*******LIB", "a transport file of SAS (.xpt)", EXPORT),
    (0, b"RDX2\n", "a file of R", EXPORT),
    (0, b"RDX3\n", "a file of R", EXPORT),
    (0, b"X\n\0\0\0", "a file of R", EXPORT),
    (0, b"SQLite format 3\0", "a database of SQLite", EXPORT),
    (8, b"DUCK", "a database of DuckDB", EXPORT),
    (0, b"\0\x01\0\0Standard ", "a database of Access", EXPORT),
    (0, b"FEA1", "a Feather file of the older kind", EXPORT),
    (0, b"\x89HDF\r\n", "an HDF5 file", EXPORT),
    (0, b"\x93NUMPY", "a file of NumPy", EXPORT),
    (0, b"ORC", "an ORC file", EXPORT),
    (0, b"Obj\x01", "an Avro file", EXPORT),
    (0, b"%PDF", "a PDF document", EXPORT),
    (0, b"\x89PNG\r\n", "a picture", NO_TABLE),
    (0, b"\xff\xd8\xff", "a picture", NO_TABLE),
    (0, b"GIF8", "a picture", NO_TABLE),
    (0, b"BZh", "packed with bzip2", UNPACK),
    (0, b"\xfd7zXZ\0", "packed with xz", UNPACK),
    (0, b"\x04\x22\x4d\x18", "packed with lz4", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", TAKE_OUT),
    (0, b"Rar!\x1a\x07", "a RAR archive", TAKE_OUT),
    (257, b"ustar", "a tar archive", TAKE_OUT),
];

/// What a file is that begins so, and what to do with it, if others know it.
pub(super) fn foreign(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let is_one = |(at, bytes, _, _): &&Known| {
        // A header of text may begin with letters too, if they are few.
        let is_short = bytes.len() < 8;
        let letters = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'$';
        let may_be_text = is_short && bytes.iter().all(letters);
        let begins = start.get(*at..).is_some_and(|rest| rest.starts_with(bytes));
        begins && !(may_be_text && is_text(start))
    };
    if let Some((_, _, what, help)) = KNOWN.iter().find(is_one) {
        return Some((*what, *help));
    }
    if is_old_stata(start) {
        return Some(("a file of Stata", EXPORT));
    }
    if is_dbase(start) && !is_text(start) {
        return Some(("a file of dBASE (.dbf)", EXPORT));
    }
    is_markup(start).then_some((
        "a document of XML or HTML",
        "export a table of text; where a service sent it, it may say why there is none",
    ))
}

/// Of the formats 105 to 115: the format, the order of bytes, and two bytes that are fixed
/// ("Stata .dta file format", section 5.1, `help dta_115`).
fn is_old_stata(start: &[u8]) -> bool {
    matches!(start, [105..=115, 1 | 2, 1, 0, ..])
}

/// Of a table of dBASE III to V and of FoxPro: the version, and the day of the last change.
fn is_dbase(start: &[u8]) -> bool {
    matches!(
        start,
        [
            0x02 | 0x03 | 0x30 | 0x31 | 0x83 | 0x8b | 0xf5,
            _,
            1..=12,
            1..=31,
            ..
        ]
    )
}

fn is_markup(start: &[u8]) -> bool {
    let head = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let head = head.trim_ascii_start().iter().take(14);
    let head: Vec<u8> = head.map(u8::to_ascii_lowercase).collect();
    let markup = [&b"<?xml"[..], b"<!doctype html", b"<html"];
    markup.iter().any(|tag| head.starts_with(tag))
}

/// Whether a file that begins so may be text: it has no control characters but
/// those between fields and lines.
pub(super) fn is_text(start: &[u8]) -> bool {
    let odd = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n');
    !start.is_empty() && !start.iter().any(odd)
}

/// Different control characters that no text has together. Some tables of text have one or
/// two between fields.
const MOST_CONTROLS: usize = 3;

/// Whether what begins so cannot be text: one byte in twenty is a control character, and of
/// more kinds than text has. Zeros are left to whoever reads the text, who may say more: they
/// may be UTF-16.
pub(super) fn is_binary(start: &[u8]) -> bool {
    let written = |byte: &u8| matches!(byte, b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | 0x1a | 0x1b);
    let odd = start.iter().filter(|byte| **byte < b' ' && **byte != 0);
    let odd: Vec<u8> = odd.filter(|byte| !written(byte)).copied().collect();
    let kinds: std::collections::BTreeSet<u8> = odd.iter().copied().collect();
    kinds.len() > MOST_CONTROLS && odd.len() * 20 >= start.len()
}
