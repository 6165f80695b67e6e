//! The one message that a pseudonym is computed from.
//!
//! Typed and length-prefixed, so that it is injective: no two identifiers,
//! and no two types of the same digits, share a message.
//!
//! ```text
//! length of the type's name (1 byte, never 0) ‖ name ‖ length of the canonical form (4 bytes, big-endian) ‖ canonical form
//! ```

use std::io::Write;

use crate::plan::IdentifierType;

impl IdentifierType {
    /// Appends the message of `canonical`, a canonical form of this type, to `out`.
    ///
    /// # Panics
    ///
    /// If `canonical` has 2³² bytes or more; a canonical form has at most 1024.
    pub(crate) fn encode(self, canonical: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.push(0);
        write!(out, "{self}").expect("a vector takes what is written to it");
        // The longest name, `digits(255)`, has 11 bytes.
        out[start] = (out.len() - start - 1) as u8;
        let len = u32::try_from(canonical.len()).expect("a canonical form has at most 1024 bytes");
        out.extend(len.to_be_bytes());
        out.extend(canonical);
    }
}
