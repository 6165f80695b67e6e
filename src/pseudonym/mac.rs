//! HMAC-SHA256 of identifiers.
//!
//! The message of nearly every identifier fits one block of the hash, and goes
//! through [`Lanes`] with others. What goes around the canonical form in the
//! block depends on nothing but its length; it is laid down once for each
//! length that there can be. Longer messages go by themselves.

use super::{Pseudonym, WIDTH};
use crate::identifier::Forms;
use crate::key::lanes::{HashBlock, LANES, Lanes, MOST_BYTES, padded};
use crate::key::{DomainKey, HmacMidstates};
use crate::plan::identifier::PartTypes;

/// Makes pseudonyms of the identifiers of one register under one key.
pub(super) struct Hasher {
    types: PartTypes,
    midstates: HmacMidstates,
    /// By the canonical form's length: the block around it.
    frames: Vec<HashBlock>,
    /// Where in the block the canonical form is.
    start: usize,
}

impl Hasher {
    pub(super) fn new(types: PartTypes, key: &DomainKey) -> Self {
        let message = |length: usize| {
            let mut message = Vec::new();
            types.encode(&vec![0; length], &mut message);
            message
        };
        let start = message(0).len();
        // None, where the name of a composite identifier fills the block.
        let frames = start..=MOST_BYTES;
        let frames = frames.map(|end| padded(&message(end - start))).collect();
        Self {
            types,
            midstates: key.midstates(),
            frames,
            start,
        }
    }

    /// The pseudonyms of the forms from `first` on, as many as `out` takes.
    pub(super) fn hash(&self, forms: &Forms, first: usize, out: &mut [Pseudonym]) {
        let mut lanes = Lanes::default();
        for (group, out) in out.chunks_mut(LANES).enumerate() {
            let rows = (first + group * LANES..).take(out.len());
            let mut fit = true;
            for (row, block) in rows.clone().zip(&mut lanes.messages) {
                fit &= self.fill(forms.get(row), block);
            }
            if fit {
                lanes.hash(&self.midstates, out);
            } else {
                for (row, out) in rows.zip(out) {
                    *out = self.hash_long(forms.get(row));
                }
            }
        }
    }

    /// Lays down the message of `form`; false if it does not fit a block.
    #[inline]
    fn fill(&self, form: &[u8], block: &mut HashBlock) -> bool {
        let Some(frame) = self.frames.get(form.len()) else {
            return false;
        };
        *block = *frame;
        copy(form, &mut block[self.start..][..form.len()]);
        true
    }

    /// The pseudonym of a form of any length.
    fn hash_long(&self, form: &[u8]) -> Pseudonym {
        let mut message = Vec::with_capacity(self.start + form.len());
        self.types.encode(form, &mut message);
        let code = self.midstates.mac(&[&message]);
        let bytes: &[u8; WIDTH] = code.expose().first_chunk().expect("32 bytes");
        Pseudonym::from_be_bytes(*bytes)
    }
}

/// Copies a few bytes, for which a call would take longer than the copying.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    fn ends<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
        let (first, last) = (*from.first_chunk::<N>()?, *from.last_chunk::<N>()?);
        *to.first_chunk_mut()? = first;
        *to.last_chunk_mut()? = last;
        Some(())
    }
    // The two ends of a text of this length overlap, or meet.
    let copied = match from.len() {
        8..=16 => ends::<8>(from, to),
        4..8 => ends::<4>(from, to),
        _ => None,
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::{Domain, LinkageKey};
    use crate::plan::IdentifierType;

    /// As the definition has it: HMAC of the typed encoding, which is held
    /// compared with the `hmac` crate where it is defined.
    fn naive(types: &PartTypes, key: &DomainKey, form: &[u8]) -> Pseudonym {
        let mut message = Vec::new();
        types.encode(form, &mut message);
        let code = key.midstates().mac(&[&message]);
        let bytes = code.expose().first_chunk().expect("32 bytes");
        Pseudonym::from_be_bytes(*bytes)
    }

    fn key() -> DomainKey {
        let domain = Domain::new("project", 1).expect("a domain");
        LinkageKey::generate()
            .expect("random bytes")
            .domain_key(&domain)
    }

    fn agrees(kind: IdentifierType, texts: &[Vec<u8>], first: usize) {
        agrees_for(&[kind], texts, first);
    }

    fn agrees_for(types: &[IdentifierType], texts: &[Vec<u8>], first: usize) {
        let (types, key) = (PartTypes::of(types), key());
        let mut forms = Forms::new(&types, 0);
        texts.iter().for_each(|text| forms.push(text));
        let mut out = vec![0; texts.len() - first];
        Hasher::new(types.clone(), &key).hash(&forms, first, &mut out);
        let expected = texts[first..].iter().map(|text| naive(&types, &key, text));
        assert!(out.into_iter().eq(expected), "another pseudonym");
    }

    #[test]
    fn every_length_of_message_gives_the_definitions_pseudonym() {
        // `number` and the lengths take 11 bytes, so messages have 11 to 200.
        let texts: Vec<Vec<u8>> = (0..190).map(|length| vec![length; length.into()]).collect();
        agrees(IdentifierType::Number, &texts, 0);
        for text in texts {
            agrees(IdentifierType::Number, &[text], 0);
        }
        agrees(
            IdentifierType::Digits(64),
            &[vec![b'7'; 64], vec![b'8'; 64]],
            0,
        );
        agrees(IdentifierType::NoFnr, &vec![b"01010100131".to_vec(); 40], 3);
    }

    proptest! {
        #[test]
        fn blocks_give_what_the_definition_gives(
            short in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=46), 1..60),
            long in prop::option::of(prop::collection::vec(any::<u8>(), 40..200)),
            first: prop::sample::Index,
        ) {
            let mut texts = short;
            let first = first.index(texts.len());
            texts.extend(long);
            agrees(IdentifierType::Text, &texts, first);
            // The longest name there is leaves no room in a block.
            agrees_for(&[IdentifierType::Text, IdentifierType::Email], &texts, first);
            agrees_for(&[IdentifierType::SePersonnummer; 8], &[vec![7; 128], vec![8; 128]], 0);
        }
    }
}
