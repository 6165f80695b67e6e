//! The headers of a Parquet file, looked through before they are decoded.
//!
//! Headers are written in Thrift's compact protocol. The decoder skips fields
//! that it does not know, and a list of a few bytes may claim two thousand
//! million elements there, each of no bytes: 9 KB have kept a core busy for
//! minutes. So every header is looked through first, in time that is bounded by
//! its bytes. What the decoder knows must be of the type that it expects, for it
//! does not ask; what it does not know may not claim more elements than there
//! are bytes left, nor elements that have none.
//!
//! Sources: Apache Thrift, "Thrift Compact Protocol"; Apache Parquet,
//! `parquet.thrift`, version 2.11.

/// What a field is written as.
#[derive(Clone, Copy)]
enum ThriftType {
    Boolean,
    Byte,
    I16,
    I32,
    I64,
    Double,
    Binary,
    Struct(&'static ThriftStruct),
    List(&'static ThriftType),
}

/// The fields of a struct that are known, by their number.
struct ThriftStruct(&'static [(i16, ThriftType)]);

use ThriftType::{Binary, Boolean, Byte, Double, I16, I32, I64, List, Struct};

/// A struct of which nothing is known, or which has no fields.
static EMPTY: ThriftStruct = ThriftStruct(&[]);
static STATISTICS: ThriftStruct = ThriftStruct(&[
    (1, Binary),
    (2, Binary),
    (3, I64),
    (4, I64),
    (5, Binary),
    (6, Binary),
    (7, Boolean),
    (8, Boolean),
    (9, I64),
]);
static PAGE: ThriftStruct = ThriftStruct(&[
    (1, I32),
    (2, I32),
    (3, I32),
    (4, I32),
    (5, Struct(&DATA_PAGE)),
    (6, Struct(&EMPTY)),
    (7, Struct(&DICTIONARY_PAGE)),
    (8, Struct(&DATA_PAGE_2)),
]);
static DATA_PAGE: ThriftStruct = ThriftStruct(&[
    (1, I32),
    (2, I32),
    (3, I32),
    (4, I32),
    (5, Struct(&STATISTICS)),
]);
static DICTIONARY_PAGE: ThriftStruct = ThriftStruct(&[(1, I32), (2, I32), (3, Boolean)]);
static DATA_PAGE_2: ThriftStruct = ThriftStruct(&[
    (1, I32),
    (2, I32),
    (3, I32),
    (4, I32),
    (5, I32),
    (6, I32),
    (7, Boolean),
    (8, Struct(&STATISTICS)),
]);
static FILE: ThriftStruct = ThriftStruct(&[
    (1, I32),
    (2, List(&Struct(&ELEMENT))),
    (3, I64),
    (4, List(&Struct(&ROW_GROUP))),
    (5, List(&Struct(&KEY_VALUE))),
    (6, Binary),
    (7, List(&Struct(&COLUMN_ORDER))),
    (8, Struct(&ENCRYPTION)),
    (9, Binary),
]);
static KEY_VALUE: ThriftStruct = ThriftStruct(&[(1, Binary), (2, Binary)]);
static COLUMN_ORDER: ThriftStruct = ThriftStruct(&[(1, Struct(&EMPTY)), (2, Struct(&EMPTY))]);
static ENCRYPTION: ThriftStruct = ThriftStruct(&[(1, Struct(&AES)), (2, Struct(&AES))]);
static AES: ThriftStruct = ThriftStruct(&[(1, Binary), (2, Binary), (3, Boolean)]);
static ELEMENT: ThriftStruct = ThriftStruct(&[
    (1, I32),
    (2, I32),
    (3, I32),
    (4, Binary),
    (5, I32),
    (6, I32),
    (7, I32),
    (8, I32),
    (9, I32),
    (10, Struct(&LOGICAL)),
]);
static LOGICAL: ThriftStruct = ThriftStruct(&[
    (1, Struct(&EMPTY)),
    (2, Struct(&EMPTY)),
    (3, Struct(&EMPTY)),
    (4, Struct(&EMPTY)),
    (5, Struct(&DECIMAL)),
    (6, Struct(&EMPTY)),
    (7, Struct(&TIME)),
    (8, Struct(&TIME)),
    (10, Struct(&INTEGER)),
    (11, Struct(&EMPTY)),
    (12, Struct(&EMPTY)),
    (13, Struct(&EMPTY)),
    (14, Struct(&EMPTY)),
    (15, Struct(&EMPTY)),
    (16, Struct(&VARIANT)),
    (17, Struct(&GEOGRAPHY)),
    (18, Struct(&GEOGRAPHY)),
]);
static DECIMAL: ThriftStruct = ThriftStruct(&[(1, I32), (2, I32)]);
static TIME: ThriftStruct = ThriftStruct(&[(1, Boolean), (2, Struct(&UNIT))]);
static UNIT: ThriftStruct = ThriftStruct(&[
    (1, Struct(&EMPTY)),
    (2, Struct(&EMPTY)),
    (3, Struct(&EMPTY)),
]);
static INTEGER: ThriftStruct = ThriftStruct(&[(1, Byte), (2, Boolean)]);
static VARIANT: ThriftStruct = ThriftStruct(&[(1, Byte)]);
static GEOGRAPHY: ThriftStruct = ThriftStruct(&[(1, Binary), (2, I32)]);
static ROW_GROUP: ThriftStruct = ThriftStruct(&[
    (1, List(&Struct(&CHUNK))),
    (2, I64),
    (3, I64),
    (4, List(&Struct(&SORTING))),
    (5, I64),
    (6, I64),
    (7, I16),
]);
static SORTING: ThriftStruct = ThriftStruct(&[(1, I32), (2, Boolean), (3, Boolean)]);
static CHUNK: ThriftStruct = ThriftStruct(&[
    (1, Binary),
    (2, I64),
    (3, Struct(&COLUMN)),
    (4, I64),
    (5, I32),
    (6, I64),
    (7, I32),
    (8, Struct(&CRYPTO)),
    (9, Binary),
]);
static CRYPTO: ThriftStruct = ThriftStruct(&[(1, Struct(&EMPTY)), (2, Struct(&COLUMN_KEY))]);
static COLUMN_KEY: ThriftStruct = ThriftStruct(&[(1, List(&Binary)), (2, Binary)]);
static COLUMN: ThriftStruct = ThriftStruct(&[
    (1, I32),
    (2, List(&I32)),
    (3, List(&Binary)),
    (4, I32),
    (5, I64),
    (6, I64),
    (7, I64),
    (8, List(&Struct(&KEY_VALUE))),
    (9, I64),
    (10, I64),
    (11, I64),
    (12, Struct(&STATISTICS)),
    (13, List(&Struct(&PAGE_ENCODING))),
    (14, I64),
    (15, I32),
    (16, Struct(&SIZES)),
    (17, Struct(&GEO_STATISTICS)),
]);
static PAGE_ENCODING: ThriftStruct = ThriftStruct(&[(1, I32), (2, I32), (3, I32)]);
static SIZES: ThriftStruct = ThriftStruct(&[(1, I64), (2, List(&I64)), (3, List(&I64))]);
static GEO_STATISTICS: ThriftStruct = ThriftStruct(&[(1, Struct(&BOX)), (2, List(&I32))]);
static BOX: ThriftStruct = ThriftStruct(&[
    (1, Double),
    (2, Double),
    (3, Double),
    (4, Double),
    (5, Double),
    (6, Double),
    (7, Double),
    (8, Double),
]);

/// The sizes that a page's header names, and the bytes of the header itself.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageSizes {
    pub(super) header: usize,
    pub(super) uncompressed: u64,
    pub(super) compressed: u64,
}

/// Why bytes are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    /// They end before it does.
    Short,
    /// They are none.
    Damaged,
}

/// The sizes in the page header that `bytes` begin with.
pub(super) fn page(bytes: &[u8]) -> Result<PageSizes, Bad> {
    let mut scan = Scan { bytes, depth: 0 };
    let mut sizes = [None; 2];
    scan.fields(&PAGE, |field, value| {
        if let 2 | 3 = field {
            sizes[field as usize - 2] = u64::try_from(value).ok();
        }
    })?;
    let [Some(uncompressed), Some(compressed)] = sizes else {
        return Err(Bad::Damaged);
    };
    Ok(PageSizes {
        header: bytes.len() - scan.bytes.len(),
        uncompressed,
        compressed,
    })
}

/// What the metadata of a file say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Footer {
    Plain,
    /// Some of its columns are encrypted.
    ColumnsEncrypted,
}

/// Looks through the metadata of a file.
pub(super) fn footer(bytes: &[u8]) -> Result<Footer, Bad> {
    let mut scan = Scan { bytes, depth: 0 };
    let mut footer = Footer::Plain;
    scan.fields(&FILE, |field, _| {
        if field == ENCRYPTION_ALGORITHM {
            footer = Footer::ColumnsEncrypted;
        }
    })?;
    Ok(footer)
}

/// The field of a file's metadata that only encrypted files have.
const ENCRYPTION_ALGORITHM: i16 = 8;

/// Structs and lists within one another, at most.
const DEPTH: usize = 32;

struct Scan<'a> {
    bytes: &'a [u8],
    depth: usize,
}

// The types of the compact protocol.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const SHORT: u8 = 4;
const INT: u8 = 5;
const LONG: u8 = 6;
const DOUBLE: u8 = 7;
const BYTES: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

impl ThriftType {
    fn is(self, wire: u8) -> bool {
        match self {
            Boolean => matches!(wire, TRUE | FALSE),
            Byte => wire == BYTE,
            I16 => wire == SHORT,
            I32 => wire == INT,
            I64 => wire == LONG,
            Double => wire == DOUBLE,
            Binary => wire == BYTES,
            Struct(_) => wire == STRUCT,
            List(_) => wire == LIST,
        }
    }
}

impl Scan<'_> {
    fn byte(&mut self) -> Result<u8, Bad> {
        let (first, rest) = self.bytes.split_first().ok_or(Bad::Short)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Bad> {
        let bytes = usize::try_from(bytes).map_err(|_| Bad::Damaged)?;
        self.bytes = self.bytes.get(bytes..).ok_or(Bad::Short)?;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Bad> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Bad::Damaged)
    }

    fn signed(&mut self) -> Result<i64, Bad> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The fields of a struct; `see` is given their numbers, and the values of whole numbers.
    fn fields(&mut self, shape: &ThriftStruct, mut see: impl FnMut(i16, i64)) -> Result<(), Bad> {
        let mut last = 0i16;
        loop {
            let head = self.byte()?;
            let wire = head & 0x0f;
            if wire == 0 {
                return Ok(());
            }
            last = match head >> 4 {
                0 => i16::try_from(self.signed()?).map_err(|_| Bad::Damaged)?,
                more => last.checked_add(more.into()).ok_or(Bad::Damaged)?,
            };
            let known = shape.0.iter().find(|(field, _)| *field == last);
            let known = known.map(|(_, kind)| *kind);
            if known.is_some_and(|kind| !kind.is(wire)) {
                return Err(Bad::Damaged);
            }
            match wire {
                SHORT..=LONG => see(last, self.signed()?),
                wire => {
                    self.value(wire, known)?;
                    see(last, -1);
                }
            }
        }
    }

    /// A value of the type `wire` that is known to be of `kind`, or not known.
    fn value(&mut self, wire: u8, kind: Option<ThriftType>) -> Result<(), Bad> {
        if self.depth == DEPTH {
            return Err(Bad::Damaged);
        }
        self.depth += 1;
        match wire {
            TRUE | FALSE => {}
            BYTE => self.skip(1)?,
            SHORT..=LONG => drop(self.varint()?),
            DOUBLE => self.skip(8)?,
            BYTES => {
                let length = self.varint()?;
                self.skip(length)?;
            }
            STRUCT => match kind {
                Some(Struct(shape)) => self.fields(shape, |_, _| {})?,
                _ => self.fields(&EMPTY, |_, _| {})?,
            },
            LIST | SET => {
                let head = self.byte()?;
                let size = match head >> 4 {
                    15 => self.varint()?,
                    size => size.into(),
                };
                let element = match kind {
                    Some(List(element)) => Some(*element),
                    _ => None,
                };
                self.elements(size, head & 0x0f, element)?;
            }
            MAP => {
                let size = self.varint()?;
                if size > 0 {
                    let kinds = self.byte()?;
                    self.holds(size, kinds >> 4)?;
                    self.holds(size, kinds & 0x0f)?;
                    for _ in 0..size {
                        self.value(kinds >> 4, None)?;
                        self.value(kinds & 0x0f, None)?;
                    }
                }
            }
            UUID => self.skip(16)?,
            _ => return Err(Bad::Damaged),
        }
        self.depth -= 1;
        Ok(())
    }

    fn elements(&mut self, size: u64, wire: u8, kind: Option<ThriftType>) -> Result<(), Bad> {
        // Some writers leave out the type of elements that there are none of.
        if size == 0 {
            return Ok(());
        }
        if kind.is_some_and(|kind| !kind.is(wire)) {
            return Err(Bad::Damaged);
        }
        self.holds(size, wire)?;
        (0..size).try_for_each(|_| self.value(wire, kind))
    }

    /// Whether so many elements of a type can be in what is left. Of truth
    /// values there may be none: whether each has a byte, readers do not agree.
    fn holds(&self, size: u64, wire: u8) -> Result<(), Bad> {
        match wire {
            TRUE | FALSE => Err(Bad::Damaged),
            // More may follow where only the beginning of a file was read.
            _ if size > self.bytes.len() as u64 => Err(Bad::Short),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 8 values: type 0, 20 bytes of 30, header with encodings.
    const DATA: &[u8] = &[
        0x15, 0, 0x15, 60, 0x15, 40, 0x2c, 0x15, 16, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0,
    ];

    #[test]
    fn a_page_says_its_sizes() {
        let sizes = PageSizes {
            header: DATA.len(),
            uncompressed: 30,
            compressed: 20,
        };
        let more = [DATA, &[1, 2, 3]].concat();
        assert_eq!(page(&more), Ok(sizes));
        for end in 0..DATA.len() {
            assert_eq!(page(&DATA[..end]), Err(Bad::Short));
        }
        // A size below zero, and none.
        assert_eq!(page(&[0x15, 0, 0x15, 61, 0x15, 40, 0]), Err(Bad::Damaged));
        assert_eq!(page(&[0x15, 0, 0x15, 60, 0]), Err(Bad::Damaged));
    }

    #[test]
    fn a_field_that_nobody_knows_costs_no_more_than_its_bytes() {
        let with = |field: &[u8]| page(&[&DATA[..DATA.len() - 1], field, &[0]].concat());
        // Field 15, of three bytes; then lists of 2³¹ − 1 truth values, bytes and structs.
        assert!(with(&[0xa9, 0x33, 1, 2, 3]).is_ok());
        for element in [0xf1, 0xf2, 0xf3, 0xfc] {
            assert!(with(&[0xa9, element, 0xff, 0xff, 0xff, 0xff, 0x07]).is_err());
        }
        // The same in a map, and within lists of lists.
        assert!(with(&[0xab, 0xff, 0xff, 0xff, 0xff, 0x07, 0x11]).is_err());
        assert!(with(&[0xa9, 0x19, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x07]).is_err());
        let deep = [vec![0xa9], vec![0x19; 100], vec![0x13, 0]].concat();
        assert!(with(&deep).is_err());
        // What is known, of another type.
        assert_eq!(page(&[0x19, 0x13, 0, 0]), Err(Bad::Damaged));
    }
}
