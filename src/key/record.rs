//! Record keys: what of a person goes into the cells that the person is in.
//!
//! A record key is computed of a person's pseudonym under the release key
//! (ESSnet handbook on statistical disclosure control, 2nd edition, section
//! 5.4, on the cell-key method, which took its name from there). It has two
//! halves that tell nothing of each other: one decides noise, of the
//! other are fingerprints made, by which the ledger tells whether two cells
//! hold the same rows.

use zeroize::{Zeroize, Zeroizing};

use super::lanes::{Block, LANES, Lanes, padded};
use super::pads::Pads;
use super::sip::sip;
use super::{encode_part, message};

/// What distinguishes record keys from all else under the release key.
pub(super) const LABEL: &[u8] = b"record key";

/// Bytes of a pseudonym.
const WIDTH: usize = 16;

/// A person's record key.
///
/// # Disclosure
///
/// Whoever has the record keys of a cell's persons can undo its noise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordKey(u128);

impl RecordKey {
    /// The half that decides noise.
    pub(crate) fn noise(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// The half that the person's rows are known by.
    pub(crate) fn fingerprint(self) -> u64 {
        self.0 as u64
    }

    /// What the person's values are known by. It is not what the rows are: whoever
    /// has the fingerprints of one person's rows and values must not be able to
    /// divide the one by the other.
    pub(crate) fn values(self) -> u64 {
        self.check(&[1])
    }

    /// What stands for these words together with the person. Who does not have
    /// the record key learns neither from it.
    pub(crate) fn check(self, words: &[u64]) -> u64 {
        sip([self.noise(), self.fingerprint()], words)
    }
}

/// Makes record keys.
pub(crate) struct RecordKeys {
    pads: Pads,
    /// The message of any pseudonym, which is the end of it.
    frame: Block,
    start: usize,
}

impl RecordKeys {
    pub(super) fn of(pads: Pads) -> Self {
        let mut whole = message(LABEL);
        encode_part(&mut whole, &[0; WIDTH]);
        Self {
            pads,
            frame: padded(&whole),
            start: whole.len() - WIDTH,
        }
    }

    /// The record keys of the persons of these pseudonyms.
    pub(crate) fn keys(&self, pseudonyms: &[[u8; WIDTH]]) -> Vec<RecordKey> {
        let mut keys = Zeroizing::new(vec![0u128; pseudonyms.len()]);
        let mut lanes = Zeroizing::new(Lanes::default());
        lanes.messages = [self.frame; LANES];
        for (pseudonyms, keys) in pseudonyms.chunks(LANES).zip(keys.chunks_mut(LANES)) {
            for (pseudonym, message) in pseudonyms.iter().zip(&mut lanes.messages) {
                message[self.start..][..WIDTH].copy_from_slice(pseudonym);
            }
            lanes.hash(&self.pads, keys);
        }
        keys.iter().map(|key| RecordKey(*key)).collect()
    }
}

impl Zeroize for RecordKey {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::ReleaseKey;

    proptest! {
        #[test]
        fn they_are_what_the_release_key_derives_of_a_pseudonym(
            pseudonyms in prop::collection::vec(any::<[u8; WIDTH]>(), 0..50),
        ) {
            let key = ReleaseKey::generate().expect("random bytes");
            let keys = key.record_keys().keys(&pseudonyms);
            prop_assert_eq!(keys.len(), pseudonyms.len());
            for (pseudonym, record) in pseudonyms.iter().zip(keys) {
                let derived = key.derive(LABEL, &[pseudonym]);
                let half = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().expect("8 bytes"));
                prop_assert_eq!(record.noise(), half(&derived.expose()[..8]));
                prop_assert_eq!(record.fingerprint(), half(&derived.expose()[8..16]));
            }
        }
    }
}
