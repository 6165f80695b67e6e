//! Columns that the names of folders give, as Hive and Spark write them.

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// What Hive, and all that write as it does, call the folder of the null value.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// A column that a folder's name gives, `name=value`: the same in every row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

/// The column that a folder called `name` gives, if it gives one.
pub(super) fn partition(name: &str, path: &Path) -> Result<Option<Partition>> {
    let Some((name, value)) = name.split_once('=') else {
        return Ok(None);
    };
    let decode = |text| {
        percent_decode(text).ok_or_else(|| {
            let rule = "the folder's name, percent-decoded, is not UTF-8";
            Error::new(ErrorKind::Rows, rule).in_file(path)
        })
    };
    Ok(Some(Partition {
        name: decode(name)?,
        value: match value {
            HIVE_NULL => None,
            value => Some(decode(value)?),
        },
    }))
}

/// RFC 3986, section 2.1; a `%` without two hexadecimal digits is a plain `%`, as in Hive.
fn percent_decode(text: &str) -> Option<String> {
    let hex = |byte: u8| char::from(byte).to_digit(16);
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        decoded.push(*first);
        if let (b'%', [high, low, after @ ..]) = (first, after)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
            && let Ok(byte) = u8::try_from(16 * high + low)
        {
            decoded.pop();
            decoded.push(byte);
            rest = after;
        }
    }
    String::from_utf8(decoded).ok()
}
