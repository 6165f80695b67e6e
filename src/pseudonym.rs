//! Pseudonyms: keyed, of one domain, 16 bytes, the same for a person in every register.
//!
//! A pseudonym is the first 16 bytes of HMAC-SHA256 (RFC 2104, FIPS 180-4)
//! under the domain key over the typed encoding of the canonical identifier.
//! RFC 2104, section 5, wants at least half of the hash's bits to be kept;
//! that is 128. The key's two hash states are computed once, and columns are
//! hashed in parallel.

mod mac;

use rayon::prelude::*;

use crate::error::Result;
use crate::identifier::{Forms, Identified};
use crate::key::DomainKey;
use crate::watch::Step;
use mac::Hasher;

/// Bytes of a pseudonym.
pub(crate) const WIDTH: usize = 16;

/// Rows that one thread hashes at a time.
const AT_A_TIME: usize = 4096;

/// A person's pseudonym in one domain, as a number: its bytes, the first the
/// most significant, so that it sorts as the bytes do.
///
/// # Disclosure
///
/// Still personal data (GDPR art. 4(5)): equal pseudonyms are one person. It
/// is never printed.
pub(crate) type Pseudonym = u128;

/// The pseudonym of each row of each batch.
///
/// # Errors
///
/// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled), if whoever watches the rows says so.
pub(crate) fn pseudonyms(rows: &Identified, key: &DomainKey) -> Result<Vec<Vec<Pseudonym>>> {
    hashed(rows, key, rows.batches.iter().map(|batch| &batch.forms))
}

/// Of a history: the pseudonym of each row's current identifier.
///
/// # Errors
///
/// As [`pseudonyms`].
pub(crate) fn current_pseudonyms(
    rows: &Identified,
    key: &DomainKey,
) -> Result<Vec<Vec<Pseudonym>>> {
    let batches = rows.batches.iter();
    hashed(rows, key, batches.flat_map(|batch| &batch.currents))
}

/// The pseudonyms of `forms`, which are of `rows`.
fn hashed<'a>(
    rows: &Identified,
    key: &DomainKey,
    forms: impl Iterator<Item = &'a Forms>,
) -> Result<Vec<Vec<Pseudonym>>> {
    let declared = &rows.plan.sources()[rows.source];
    let (source, types) = (declared.name(), declared.identifier().types());
    let hasher = Hasher::new(types, key);
    let batches: Vec<&Forms> = forms.collect();
    let hashed = batches.into_par_iter().map(|forms| {
        rows.watched.go_on()?;
        let mut hashed = vec![0; forms.len()];
        let parts = hashed.par_chunks_mut(AT_A_TIME).enumerate();
        parts.for_each(|(part, out)| hasher.hash(forms, part * AT_A_TIME, out));
        let all = forms.len() as u64;
        let done = Step::Pseudonymised { source, rows: all };
        rows.watched.at(done).map(|()| hashed)
    });
    hashed.collect()
}
