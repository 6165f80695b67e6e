//! Record keys: what of a person goes into the cells that the person is in.
//!
//! A record key is computed of a person's pseudonym under the release key
//! (ESSnet handbook on statistical disclosure control, 2nd edition, section
//! 5.4, on the cell-key method, which took its name from there). It has two
//! halves that disclose nothing of each other: one decides noise, of the
//! other are fingerprints made, by which the ledger knows whether two cells
//! hold the same rows.

use zeroize::{Zeroize, Zeroizing};

use super::lanes::{HashBlock, LANES, Lanes, padded};
use super::midstates::HmacMidstates;
use super::sip::sip;
use super::{encode_part, message};

/// What distinguishes record keys from all else under the release key.
pub(super) const LABEL: &[u8] = b"record key";

/// Bytes of a pseudonym.
const WIDTH: usize = 16;

/// A person's record key. As for [`Secret`](crate::secret::Secret) there is no
/// `Clone`, no `PartialEq` and no `Debug`; what holds them is wiped.
///
/// # Disclosure
///
/// Whoever has the record keys of a cell's persons can undo its noise.
pub(crate) struct RecordKey(u128);

impl RecordKey {
    /// The half that decides noise.
    pub(crate) fn noise(&self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// The half that the person's rows are known by.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.0 as u64
    }

    /// What the person's values are known by. It is not what the rows are: whoever
    /// has the fingerprints of one person's rows and values must not be able to
    /// divide the one by the other.
    pub(crate) fn values(&self) -> u64 {
        self.check(&[1])
    }

    /// A pseudorandom number for these words and the person. Who does not have
    /// the record key learns neither from it.
    pub(crate) fn check(&self, words: &[u64]) -> u64 {
        sip([self.noise(), self.fingerprint()], words)
    }

    /// The same key, for tests that name a person twice.
    #[cfg(test)]
    pub(crate) fn again(&self) -> Self {
        Self(self.0)
    }
}

/// Makes record keys.
pub(crate) struct RecordKeys {
    midstates: HmacMidstates,
    /// The message of any pseudonym, which is the end of it.
    frame: HashBlock,
    start: usize,
}

impl RecordKeys {
    pub(super) fn of(midstates: HmacMidstates) -> Self {
        let mut whole = message(LABEL);
        encode_part(&mut whole, &[0; WIDTH]);
        Self {
            midstates,
            frame: padded(&whole),
            start: whole.len() - WIDTH,
        }
    }

    /// The record keys of the persons of these pseudonyms.
    pub(crate) fn keys(&self, pseudonyms: &[[u8; WIDTH]]) -> Zeroizing<Vec<RecordKey>> {
        let mut keys = Zeroizing::new(Vec::with_capacity(pseudonyms.len()));
        self.each(pseudonyms.iter(), |_, key| keys.push(RecordKey(key)));
        keys
    }

    /// The record key of the person of each row, who has the pseudonym of that
    /// row; a person's rows end where `ends` says.
    pub(crate) fn keys_of_rows(
        &self,
        pseudonyms: &[[u8; WIDTH]],
        ends: &[u32],
    ) -> Zeroizing<Vec<RecordKey>> {
        let mut rows = Zeroizing::new(Vec::with_capacity(pseudonyms.len()));
        let persons = ends.iter().map(|end| &pseudonyms[*end as usize - 1]);
        self.each(persons, |person, key| {
            while rows.len() < ends[person] as usize {
                rows.push(RecordKey(key));
            }
        });
        rows
    }

    /// Gives the number of each person and the record key to `take`, which has
    /// room for all of them: what grows leaves unwiped copies behind.
    fn each<'a>(
        &self,
        mut pseudonyms: impl Iterator<Item = &'a [u8; WIDTH]>,
        mut take: impl FnMut(usize, u128),
    ) {
        let mut keys = Zeroizing::new([0; LANES]);
        let mut lanes = Zeroizing::new(Lanes::default());
        lanes.messages = [self.frame; LANES];
        for first in (0..).step_by(LANES) {
            let mut count = 0;
            for (message, pseudonym) in lanes.messages.iter_mut().zip(&mut pseudonyms) {
                message[self.start..][..WIDTH].copy_from_slice(pseudonym);
                count += 1;
            }
            if count == 0 {
                break;
            }
            lanes.hash(&self.midstates, &mut keys[..count]);
            let persons = (first..).zip(&keys[..count]);
            persons.for_each(|(person, key)| take(person, *key));
        }
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
            for (pseudonym, record) in pseudonyms.iter().zip(&*keys) {
                let derived = key.derive(LABEL, &[pseudonym]);
                let half = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().expect("8 bytes"));
                prop_assert_eq!(record.noise(), half(&derived.expose()[..8]));
                prop_assert_eq!(record.fingerprint(), half(&derived.expose()[8..16]));
            }
        }

        #[test]
        fn every_row_has_that_of_its_person(rows in prop::collection::vec(1..5u8, 0..50)) {
            let key = ReleaseKey::generate().expect("random bytes").record_keys();
            let persons: Vec<[u8; WIDTH]> = (0..rows.len()).map(|n| [n as u8; WIDTH]).collect();
            let each = persons.iter().zip(&rows);
            let each = each.flat_map(|(person, rows)| vec![*person; (*rows).into()]);
            let each: Vec<[u8; WIDTH]> = each.collect();
            let ends = rows.iter().scan(0, |end, rows| {
                *end += u32::from(*rows);
                Some(*end)
            });
            let found = key.keys_of_rows(&each, &ends.collect::<Vec<u32>>());
            let expected = key.keys(&each);
            let numbers = |keys: &[RecordKey]| keys.iter().map(|key| key.0).collect::<Vec<_>>();
            prop_assert_eq!(numbers(&found), numbers(&expected));
            prop_assert_eq!(found.capacity(), each.len());
        }
    }

    /// `tests/vectors/cells.json`, which another implementation made.
    #[test]
    fn they_are_those_of_the_golden_vectors() {
        let (key, vectors) = crate::key::tests::golden_release_key();
        let persons = vectors["persons"].as_array().expect("persons");
        assert_eq!(persons.len(), 6);
        for person in persons {
            let word = |name: &str| person[name].as_str().expect("text");
            let mut pseudonym = [0; WIDTH];
            assert!(crate::hex::read(word("pseudonym"), &mut pseudonym));
            let [record] = &key.record_keys().keys(&[pseudonym])[..] else {
                panic!("one person");
            };
            let found = [
                ("noise", record.noise()),
                ("fingerprint", record.fingerprint()),
                ("check", record.check(&[])),
                ("check_1", record.values()),
            ];
            for (name, found) in found {
                assert_eq!(format!("{found:016x}"), word(name), "{name}");
            }
        }
    }
}
