//! The content digest: SHA-256 over an extract's header and all its values.
//!
//! Neither Arrow IPC nor Parquet notices a changed value. A flipped bit in a
//! file would be a wrong figure, or a person who silently no longer matches;
//! with the digest it is a refusal. It is no signature: whoever changes an
//! extract on purpose can change the digest too.
//!
//! The digest is over values, not over a file's bytes, so that it is the same
//! in either format, however a file is cut into batches.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::Header;

/// Rows whose values are laid out before they are hashed.
const ROWS: usize = 1 << 13;

/// The digest of an extract with `header` (but for its own) and `columns`, in hex.
pub(super) fn digest(header: &Header, columns: &[ArrayRef]) -> String {
    let columns: Vec<[u8; 32]> = columns.par_iter().map(column).collect();
    let digest = Sha256::new()
        .chain_update(b"kobling content 1\0")
        .chain_update(Sha256::digest(header.digested()))
        .chain_update(columns.concat())
        .finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn column(array: &ArrayRef) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((array.len() as u64).to_le_bytes());
    match array.data_type() {
        DataType::FixedSizeBinary(_) => {
            let pseudonyms = array.as_fixed_size_binary();
            hash.update(pseudonyms.value_data());
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_dictionary::<UInt32Type>();
            for label in dictionary.values().as_string::<i32>().iter().flatten() {
                hash.update((label.len() as u64).to_le_bytes());
                hash.update(label);
            }
            let keys = dictionary.keys();
            values(&mut hash, keys, |row| keys.value(row).to_le_bytes());
        }
        DataType::Int64 => {
            let integers = array.as_primitive::<Int64Type>();
            values(&mut hash, array, |row| integers.value(row).to_le_bytes());
        }
        DataType::Decimal128(_, _) => {
            let decimals = array.as_primitive::<Decimal128Type>();
            values(&mut hash, array, |row| decimals.value(row).to_le_bytes());
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>();
            values(&mut hash, array, |row| days.value(row).to_le_bytes());
        }
        // The one type that is left: see `column::stored::data_type`.
        _ => {
            let booleans = array.as_boolean();
            values(&mut hash, array, |row| [u8::from(booleans.value(row))]);
        }
    }
    hash.finalize().into()
}

/// Hashes each value behind a byte that says whether there is one.
fn values<const N: usize>(hash: &mut Sha256, array: &dyn Array, value: impl Fn(usize) -> [u8; N]) {
    let mut bytes = Vec::with_capacity(ROWS * (N + 1));
    for start in (0..array.len()).step_by(ROWS) {
        bytes.clear();
        for row in start..array.len().min(start + ROWS) {
            let valid = array.is_valid(row);
            bytes.push(u8::from(valid));
            bytes.extend_from_slice(&if valid { value(row) } else { [0; N] });
        }
        hash.update(&bytes);
    }
}
