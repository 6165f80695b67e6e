//! Pseudonyms: keyed, of one domain, 16 bytes, the same for a person in every register.
//!
//! A pseudonym is the first 16 bytes of HMAC-SHA256 (RFC 2104, FIPS 180-4)
//! under the domain key over the typed encoding of the canonical identifier.
//! RFC 2104, section 5, wants at least half of the hash's bits to be kept;
//! that is 128. The key's two hash states are set up once and copied for each
//! identifier, and columns are hashed in parallel.

use hmac::Mac;
use rayon::prelude::*;

use crate::identifier::Identified;
use crate::key::DomainKey;

/// Bytes of a pseudonym.
pub(crate) const WIDTH: usize = 16;

/// A person's pseudonym in one domain, as a number: its bytes, the first the
/// most significant, so that it sorts as the bytes do.
///
/// # Disclosure
///
/// Still personal data (GDPR art. 4(5)): equal pseudonyms are one person. It
/// is never printed.
pub(crate) type Pseudonym = u128;

/// The pseudonym of each row of each batch.
pub(crate) fn pseudonyms(rows: &Identified, key: &DomainKey) -> Vec<Vec<Pseudonym>> {
    let mac = key.mac();
    let batches = rows.batches.par_iter();
    let hashed = batches.map(|batch| {
        let mut start = 0;
        let message = |&end: &usize| {
            let message = &batch.messages[start..end];
            start = end;
            message
        };
        let messages: Vec<&[u8]> = batch.ends.iter().map(message).collect();
        let hash = |message: &&[u8]| {
            let digest = mac.clone().chain_update(message).finalize().into_bytes();
            let mut bytes = [0; WIDTH];
            bytes.copy_from_slice(&digest[..WIDTH]);
            Pseudonym::from_be_bytes(bytes)
        };
        messages.par_iter().with_min_len(1024).map(hash).collect()
    });
    hashed.collect()
}
