//! The one message that a pseudonym is computed from.
//!
//! Typed and length-prefixed, so that it is injective: no two identifiers,
//! and no two types of the same digits, share a message.
//!
//! ```text
//! length of the type's name (1 byte, never 0) ‖ name ‖ length of the canonical form (4 bytes, big-endian) ‖ canonical form
//! ```
//!
//! A composite identifier's name lists those of its parts, as in
//! `composite(text,date)`; no name has a comma, and no type is called so. Its
//! canonical form holds the parts in that order, which keeps it injective:
//!
//! ```text
//! length of the part's canonical form (4 bytes, big-endian) ‖ the part's canonical form ‖ … of the next part
//! ```

use std::io::Write;

use crate::plan::identifier::PartTypes;

impl PartTypes {
    /// Appends the message of `canonical`, a canonical form of these types, to `out`.
    ///
    /// # Panics
    ///
    /// If `canonical` has 2³² bytes or more; each of its 8 parts has at most 1024.
    pub(crate) fn encode(&self, canonical: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.push(0);
        write!(out, "{self}").expect("a vector takes what is written to it");
        // The longest name has 8 parts of 15 bytes, 7 commas, and 11 bytes around them.
        out[start] = (out.len() - start - 1) as u8;
        let len = u32::try_from(canonical.len()).expect("a canonical form is short");
        out.extend(len.to_be_bytes());
        out.extend(canonical);
    }
}
