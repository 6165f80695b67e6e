//! What the bytes of delimited text mean.
//!
//! A file has one encoding. Where the plan does not name it, the first field
//! that is not ASCII decides: UTF-8 if it is well-formed UTF-8 (letters of another
//! encoding are that by accident hardly ever), else Windows-1252 if it reads as
//! letters there. What reads otherwise could be of an older code page, and is
//! refused; and so is what contradicts the encoding later on.

use crate::plan::document::Encoding;

/// Windows code page 1252, bytes 80 to 9F (WHATWG Encoding Standard, "index
/// windows-1252"); those that it leaves free have no character here.
#[rustfmt::skip]
const HIGH_1252: [Option<char>; 32] = [
    Some('€'), None, Some('‚'), Some('ƒ'), Some('„'), Some('…'), Some('†'), Some('‡'),
    Some('ˆ'), Some('‰'), Some('Š'), Some('‹'), Some('Œ'), None, Some('Ž'), None,
    None, Some('‘'), Some('’'), Some('“'), Some('”'), Some('•'), Some('–'), Some('—'),
    Some('˜'), Some('™'), Some('š'), Some('›'), Some('œ'), None, Some('ž'), Some('Ÿ'),
];

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// They are not of the encoding, which the plan or the file itself names.
    Not(Encoding),
    /// They are not UTF-8, and do not read as Windows-1252.
    Unknown,
    /// They are UTF-8, where fields before were Windows-1252, or the reverse.
    Mixed,
}

/// Reads fields as text.
pub(super) struct TextDecoder {
    encoding: Option<Encoding>,
    /// Whether a field has decided the encoding.
    passed_on: bool,
    text: String,
}

impl TextDecoder {
    /// A decoder of `encoding`; without it, of what the first field is that is not ASCII.
    pub(super) fn new(encoding: Option<Encoding>) -> Self {
        Self {
            encoding,
            passed_on: false,
            text: String::new(),
        }
    }

    /// The encoding; none where all was ASCII so far.
    pub(super) fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// `bytes` as text. `ascii` may be true only if they are.
    #[inline]
    pub(super) fn decode<'a>(
        &'a mut self,
        bytes: &'a [u8],
        ascii: bool,
    ) -> Result<&'a str, Unreadable> {
        if (ascii || self.encoding == Some(Encoding::Utf8))
            && let Ok(text) = str::from_utf8(bytes)
        {
            return Ok(text);
        }
        self.decide(bytes)
    }

    fn decide<'a>(&'a mut self, bytes: &'a [u8]) -> Result<&'a str, Unreadable> {
        let utf8 = str::from_utf8(bytes);
        if bytes.is_ascii() {
            return utf8.map_err(|_| Unreadable::Unknown);
        }
        let encoding = match (self.encoding, utf8) {
            (Some(encoding), _) => encoding,
            (None, Ok(_)) => Encoding::Utf8,
            (None, Err(_)) if bytes.iter().all(|&byte| reads_as_letters(byte)) => {
                Encoding::Windows1252
            }
            (None, Err(_)) => return Err(Unreadable::Unknown),
        };
        self.passed_on |= self.encoding.is_none();
        self.encoding = Some(encoding);
        match (encoding, utf8) {
            (Encoding::Utf8, Ok(text)) => return Ok(text),
            (Encoding::Utf8, Err(_)) if self.passed_on => return Err(Unreadable::Mixed),
            (Encoding::Utf8, Err(_)) => return Err(Unreadable::Not(encoding)),
            (_, Ok(_)) if self.passed_on => return Err(Unreadable::Mixed),
            (_, _) => {}
        }
        self.text.clear();
        for &byte in bytes {
            let character = match byte {
                0x80..=0x9f if encoding == Encoding::Windows1252 => {
                    HIGH_1252[usize::from(byte - 0x80)].ok_or(Unreadable::Not(encoding))?
                }
                // Code page 1252 is ISO 8859-1 elsewhere, and that is Unicode's first block.
                byte => char::from(byte),
            };
            self.text.push(character);
        }
        Ok(&self.text)
    }
}

/// Whether `byte` is a letter of Windows-1252, or ASCII, or what is written between
/// letters; in older code pages the Nordic letters are other bytes.
fn reads_as_letters(byte: u8) -> bool {
    matches!(byte, 0..=0x7f | 0xa0 | 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<'a>(encoding: Option<Encoding>, fields: &[&'a [u8]]) -> Vec<Result<String, Unreadable>> {
        let mut decoder = TextDecoder::new(encoding);
        let decode = |bytes: &&'a [u8]| decoder.decode(bytes, bytes.is_ascii()).map(str::to_owned);
        fields.iter().map(decode).collect()
    }

    #[test]
    fn the_first_field_beyond_ascii_decides_the_encoding() {
        let utf8 = "Bodø".as_bytes();
        let ok = |text: &str| Ok(text.to_owned());
        let latin: &[u8] = b"Bod\xf8";
        assert_eq!(all(None, &[b"x", utf8]), [ok("x"), ok("Bodø")]);
        assert_eq!(all(None, &[b"x", latin]), [ok("x"), ok("Bodø")]);
        assert_eq!(all(None, &[utf8, latin])[1], Err(Unreadable::Mixed));
        assert_eq!(all(None, &[latin, utf8])[1], Err(Unreadable::Mixed));
        // Of code page 850, where this is an ø, and of Macintosh, where it is an å.
        assert_eq!(all(None, &[b"Bod\x9b"]), [Err(Unreadable::Unknown)]);
        assert_eq!(all(None, &[b"P\x8cl"]), [Err(Unreadable::Unknown)]);
        // Once it is decided, there may be bytes that are no letters, too.
        assert_eq!(all(None, &[latin, b"\x80 5"])[1], ok("€ 5"));
        assert_eq!(
            all(None, &[latin, b"\x81"])[1],
            Err(Unreadable::Not(Encoding::Windows1252))
        );
    }

    #[test]
    fn a_named_encoding_is_not_guessed_at() {
        let ok = |text: &str| Ok(text.to_owned());
        let named = |encoding, bytes: &[u8]| all(Some(encoding), &[bytes]).remove(0);
        assert_eq!(named(Encoding::Windows1252, b"\x93x\x94"), ok("“x”"));
        assert_eq!(named(Encoding::Latin1, b"\x93\xe6"), ok("\u{93}æ"));
        assert_eq!(named(Encoding::Latin1, "ø".as_bytes()), ok("Ã¸"));
        assert_eq!(
            named(Encoding::Utf8, b"\xf8"),
            Err(Unreadable::Not(Encoding::Utf8))
        );
    }
}
