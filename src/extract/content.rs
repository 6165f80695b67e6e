//! The content digest: SHA-256 over an extract's header and all its values.
//!
//! Neither Arrow IPC nor Parquet notices a changed value. A flipped bit in a
//! file would be a wrong figure, or a person who silently no longer matches;
//! with the digest it is a refusal. It is no signature: whoever changes an
//! extract on purpose can change the digest too.
//!
//! The digest is over values, not over a file's bytes, so that it is the same
//! in either format, however a file is cut into batches. It is a tree of two
//! levels, so that all cores can work on it:
//!
//! ```text
//! digest = SHA-256(tag ‖ SHA-256(header) ‖ SHA-256(labels of column 1) ‖ … ‖ leaf ‖ leaf ‖ …)
//! leaf   = SHA-256(rows ‖ marks ‖ values)      of one column in ROWS rows
//! ```
//!
//! Leaves are in the order of blocks of rows, within a block by column.
//! `marks` has a byte for each row, 1 where the value is missing (and written
//! as zero), or is a single byte 0 if none is; values are little-endian.

use std::fmt;
use std::str::FromStr;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::Header;
use super::window::{PseudonymColumn, array_window};
use crate::error::{Error, ErrorKind, Result};
use crate::hex;

/// Rows of a leaf.
const ROWS: usize = 1 << 16;

/// SHA-256 over an extract's header and values; safe to show.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; 32]);

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::hex(&self.0))
    }
}

impl FromStr for ContentDigest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut digest = [0; 32];
        match hex::read(text, &mut digest) {
            true => Ok(Self(digest)),
            false => {
                let rule = "a content digest is 64 lower-case hexadecimal digits";
                Err(Error::new(ErrorKind::Extract, rule))
            }
        }
    }
}

impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentDigest({self})")
    }
}

/// The digest of an extract with `header` and `columns`, each in chunks cut alike.
pub(super) fn digest(header: &Header, columns: &[Vec<ArrayRef>]) -> ContentDigest {
    let keys = PseudonymColumn::of(&columns[0]);
    let (rows, starts) = (keys.len(), keys.starts());
    let labels = columns.iter().map(|chunks| labels(chunks.first()));
    let blocks: Vec<usize> = (0..rows).step_by(ROWS).collect();
    let leaves = blocks.into_par_iter().flat_map_iter(|start| {
        let range = start..rows.min(start + ROWS);
        let starts = &starts;
        let leaf = move |chunks: &Vec<ArrayRef>| leaf(&array_window(chunks, starts, &range));
        columns.iter().map(leaf)
    });
    let leaves: Vec<[u8; 32]> = leaves.collect();
    let digest = Sha256::new()
        .chain_update(b"kobling content 2\0")
        .chain_update(Sha256::digest(header.digested()))
        .chain_update(labels.collect::<Vec<_>>().concat())
        .chain_update(leaves.concat())
        .finalize();
    ContentDigest(digest.into())
}

fn labels(array: Option<&ArrayRef>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let dictionary = array.and_then(|array| array.as_dictionary_opt::<UInt32Type>());
    if let Some(dictionary) = dictionary {
        for label in dictionary.values().as_string::<i32>().iter().flatten() {
            hash.update((label.len() as u64).to_le_bytes());
            hash.update(label);
        }
    }
    hash.finalize().into()
}

fn leaf(array: &ArrayRef) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((array.len() as u64).to_le_bytes());
    let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
    match &nulls {
        None => hash.update([0]),
        Some(nulls) => {
            let marks: Vec<u8> = nulls.iter().map(|valid| u8::from(!valid)).collect();
            hash.update(marks);
        }
    }
    let nulls = nulls.as_ref();
    match array.data_type() {
        DataType::FixedSizeBinary(_) => hash.update(array.as_fixed_size_binary().value_data()),
        DataType::Dictionary(_, _) => {
            let keys = array.as_dictionary::<UInt32Type>().keys();
            values(&mut hash, keys.values(), nulls);
        }
        DataType::Int64 => values(&mut hash, array.as_primitive::<Int64Type>().values(), nulls),
        DataType::Decimal128(_, _) => values(
            &mut hash,
            array.as_primitive::<Decimal128Type>().values(),
            nulls,
        ),
        DataType::Date32 => values(
            &mut hash,
            array.as_primitive::<Date32Type>().values(),
            nulls,
        ),
        // The one type that is left: see `column::stored::data_type`.
        _ => {
            let booleans = array.as_boolean().iter();
            let bytes: Vec<u8> = booleans
                .map(|value| u8::from(value == Some(true)))
                .collect();
            hash.update(bytes);
        }
    }
    hash.finalize().into()
}

/// Hashes the values' bytes, which are little-endian wherever an extract is
/// read: Arrow IPC files of other machines are refused.
fn values<T: ArrowNativeType>(
    hash: &mut Sha256,
    values: &ScalarBuffer<T>,
    nulls: Option<&NullBuffer>,
) {
    match nulls {
        None => hash.update(values.inner().as_slice()),
        Some(nulls) => {
            let value = |(&value, valid)| if valid { value } else { T::default() };
            let zeroed: ScalarBuffer<T> = values.iter().zip(nulls.iter()).map(value).collect();
            hash.update(zeroed.inner().as_slice());
        }
    }
}
