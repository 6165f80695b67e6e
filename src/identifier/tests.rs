//! Encodings and shorter ways, which the public interface does not show.

mod composite;
#[path = "../../crates/kobling-identifier/src/tests/near.rs"]
mod near;
mod short;

use proptest::prelude::*;

use super::{IdentifierFault, Raw};
use crate::plan::identifier::PartTypes;
use crate::plan::{Date, IdentifierRule, IdentifierType};
use near::{FNR, every_type, rule, text, typed_text};

/// The type, name and canonical form of an encoded message, and what follows it.
fn decode(message: &[u8]) -> Option<(IdentifierType, &[u8], &[u8])> {
    let (&name_len, rest) = message.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(name_len))?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    let (canonical, rest) = rest.split_at_checked(len)?;
    let kind = std::str::from_utf8(name).ok()?.parse().ok()?;
    Some((kind, canonical, rest))
}

#[test]
fn the_encoding_is_as_documented() {
    let mut out = Vec::new();
    PartTypes::of(&[IdentifierType::Digits(9)]).encode(b"000000007", &mut out);
    assert_eq!(out, b"\x09digits(9)\0\0\0\x09000000007");
}

proptest! {
    #[test]
    fn the_encoding_can_be_undone(
        kind in prop::sample::select(every_type()),
        form in prop::collection::vec(any::<u8>(), 0..80),
        more in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut message = Vec::new();
        PartTypes::of(&[kind]).encode(&form, &mut message);
        prop_assert_ne!(message[0], 0);
        message.extend(&more);
        prop_assert_eq!(decode(&message), Some((kind, form.as_slice(), more.as_slice())));
    }
}
