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
    /// If `canonical` has 2³² bytes or more, each of its 8 parts has at most 1024;
    /// or the name 256 or more, of which a test holds that there is none.
    pub(crate) fn encode(&self, canonical: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.push(0);
        write!(out, "{self}").expect("a vector takes what is written to it");
        let name = out.len() - start - 1;
        out[start] = u8::try_from(name).expect("a type's name is short");
        let len = u32::try_from(canonical.len()).expect("a canonical form is short");
        out.extend(len.to_be_bytes());
        out.extend(canonical);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::IdentifierType;
    use crate::plan::identifier::Identifier;

    /// The name, the length of the form, and the form that a message holds.
    fn decode(message: &[u8]) -> Option<(&[u8], &[u8])> {
        let (&length, rest) = message.split_first()?;
        let (name, rest) = rest.split_at_checked(length.into())?;
        let (length, form) = rest.split_first_chunk()?;
        (u32::from_be_bytes(*length) as usize == form.len()).then_some((name, form))
    }

    #[test]
    fn the_length_before_every_name_is_that_of_the_name() {
        let types = IdentifierType::NAMES.iter().map(|name| name.parse());
        let types: Result<Vec<IdentifierType>, _> = types.collect();
        for kind in types.expect("types that a plan may name") {
            let longest = match kind {
                IdentifierType::Digits(_) => IdentifierType::Digits(IdentifierType::MOST_DIGITS),
                other => other,
            };
            for parts in [1, *Identifier::PARTS.start(), *Identifier::PARTS.end()] {
                let types = PartTypes::of(&vec![longest; parts]);
                let mut message = vec![7];
                types.encode(b"form", &mut message);
                let (name, form) = decode(&message[1..]).expect("a message");
                assert_eq!((name, form), (types.to_string().as_bytes(), &b"form"[..]));
                // What a message that is no identifier's begins with, and what
                // separates the names of a composite identifier's types.
                assert!(!name.is_empty() && !kind.to_string().contains(','));
            }
        }
    }
}
