//! The keys of the three roles, and the pseudonymisation domain that separates projects.
//!
//! ```text
//! key custodian   LinkageKey ──Domain──▶ DomainKey   agencies        (pseudonyms)
//! linkage unit                           ReleaseKey  linkage unit    (protection)
//! ```
//!
//! Each key is a type of its own, so that a key in the wrong hands does not
//! compile: pseudonyms are made with a [`DomainKey`] only, which a
//! [`LinkageKey`] derives for one project and one epoch. Keys are wiped on
//! drop and can be neither cloned, compared, printed nor serialised; they
//! enter and leave the process only as [key files](LinkageKey#key-files).
//! What may be shown in their place is the [`KeyCheck`].
//!
//! # What is wiped, and what is not
//!
//! A key must not outlive its use in memory that is released: to the next
//! allocation, to the disk in a page that is swapped out, or to whoever finds a
//! flaw by which memory is read. So a key, and whatever is as good as one, has
//! one place, in which it is wiped when it is dropped: the text and the bytes of
//! a key file, the states of HMAC under a key, what is derived of a release key,
//! and record keys.
//!
//! Nothing of the rest is wiped:
//!
//! * what the processor's registers hold, and what the compiler puts from them on
//!   the stack while a hash is computed;
//! * pages that were swapped out before, and an image of a machine that sleeps;
//! * the numbers that noise, rounding and suppression are drawn by, once a
//!   method has them;
//! * identifiers, in whatever form. They lie in the register, in the system's
//!   cache of it, and in the buffers of the readers, which are not ours; to wipe
//!   only the canonical forms would keep them from nobody.
//!
//! Where keys or identifiers are held, the command line has the system write no
//! core dump; a program that uses the library sees to that itself.

use std::fmt;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::secret::Secret;

mod check;
mod file;
mod hkdf;
pub(crate) mod lanes;
mod midstates;
mod record;
mod sip;

pub use check::KeyCheck;
pub use file::KeyKind;
pub(crate) use midstates::HmacMidstates;
pub(crate) use record::{RecordKey, RecordKeys};

/// The bytes of every key: the output of HMAC-SHA256, and so the least that RFC 2104 §3 advises.
const KEY_LEN: usize = 32;

/// The version of all that is computed under a key here; a change of any of it raises this.
const FORMAT_VERSION: u8 = 1;

/// What messages under a key begin with that are no pseudonym's.
///
/// The encoding of an identifier begins with the length of its type's name,
/// which is never zero; so no identifier, however it is chosen, makes a
/// pseudonym that is a key check or a key file's checksum, or the reverse.
const NOT_AN_IDENTIFIER: u8 = 0x00;

/// A pseudonymisation domain: one project in one epoch.
///
/// Pseudonyms of two domains never match: neither those of two projects, nor
/// those of two epochs of one project. (The term is that of the European Data
/// Protection Board, Guidelines 01/2025 on Pseudonymisation.)
///
/// # Examples
///
/// ```
/// # fn main() -> kobling::Result<()> {
/// let domain = kobling::Domain::new("skatteforsk-2026-017", 1)?;
/// assert_eq!(domain.to_string(), "skatteforsk-2026-017/1");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    project: String,
    epoch: u32,
}

impl Domain {
    /// The longest project id, in bytes of UTF-8.
    const MOST_PROJECT_LEN: usize = 255;

    /// The domain of `project` in `epoch`.
    ///
    /// # Errors
    ///
    /// When `project` is empty, longer than 255 bytes, begins or ends with
    /// white space, or holds a control character.
    pub fn new(project: impl Into<String>, epoch: u32) -> Result<Self> {
        let project = project.into();
        let rule = if project.is_empty() {
            "the project id is empty"
        } else if project.len() > Self::MOST_PROJECT_LEN {
            "the project id is longer than 255 bytes"
        } else if project.trim() != project {
            "the project id begins or ends with white space"
        } else if project.chars().any(char::is_control) {
            "the project id holds a control character"
        } else {
            return Ok(Self { project, epoch });
        };
        Err(Error::new(ErrorKind::Plan, rule))
    }

    /// The project's id.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The epoch: a number that is raised to make the project's later pseudonyms unlinkable to its earlier ones.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Appends the domain so that no two domains, with anything that follows, read the same.
    fn encode(&self, out: &mut Vec<u8>) {
        encode_part(out, self.project.as_bytes());
        out.extend(self.epoch.to_be_bytes());
    }
}

impl Plan {
    /// The pseudonymisation domain of the plan's project and epoch; for a
    /// [rehearsal](Plan::rehearsal) a domain of its own.
    pub fn domain(&self) -> Domain {
        let project = match self.is_rehearsal() {
            // No plan's project id begins like that: the checks refuse it.
            true => format!("{}{}", Plan::REHEARSAL, self.project()),
            false => self.project().to_owned(),
        };
        Domain {
            project,
            epoch: self.epoch(),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.epoch)
    }
}

/// The master secret of the key custodian, from which each project's [`DomainKey`] is derived.
///
/// 32 random bytes. It makes no pseudonyms itself.
///
/// # Key files
///
/// A key file is a few lines of UTF-8 text:
///
/// ```text
/// kobling domain key 1
/// project = skatteforsk-2026-017
/// epoch = 1
/// key = (64 lower-case hexadecimal digits)
/// check = (16 lower-case hexadecimal digits)
/// ```
///
/// `linkage` and `release` keys have no `project` and no `epoch`. `check` is
/// computed under the key over the other lines, so that a mistyped, changed or
/// truncated file is noticed. Files are created with mode 0600, never over an
/// existing file, and refused when group or others may read, write or execute
/// them, or when they are another user's. Systems other than Unix have no such mode; there, who may read the
/// folder is for the user to see to.
///
/// # Disclosure
///
/// Whoever holds the linkage key can derive the domain key of every project,
/// and with it undo every pseudonym. It belongs to the key custodian, who
/// holds no data.
///
/// # What cannot be written
///
/// A key cannot be cloned,
///
/// ```compile_fail,E0599
/// let key = kobling::LinkageKey::generate().unwrap();
/// let twin = key.clone();
/// ```
///
/// nor printed,
///
/// ```compile_fail,E0277
/// let key = kobling::LinkageKey::generate().unwrap();
/// println!("{key}");
/// ```
///
/// nor compared,
///
/// ```compile_fail,E0369
/// let key = kobling::LinkageKey::generate().unwrap();
/// let other = kobling::LinkageKey::generate().unwrap();
/// assert!(key == other);
/// ```
///
/// nor serialised,
///
/// ```compile_fail,E0277
/// let key = kobling::LinkageKey::generate().unwrap();
/// serde_json::to_string(&key).unwrap();
/// ```
///
/// nor made of bytes that someone chose,
///
/// ```compile_fail,E0599
/// let key = kobling::LinkageKey::from_bytes([7; 32]);
/// ```
///
/// nor used in place of a domain key.
///
/// ```compile_fail,E0308
/// fn pseudonymise(key: &kobling::DomainKey) {}
/// let key = kobling::LinkageKey::generate().unwrap();
/// pseudonymise(&key);
/// ```
pub struct LinkageKey {
    secret: Secret<KEY_LEN>,
}

impl LinkageKey {
    /// A new key of the operating system's random bytes.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random bytes.
    pub fn generate() -> Result<Self> {
        Ok(Self {
            secret: Secret::random()?,
        })
    }

    /// The key in the [key file](Self#key-files) at `path`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, when group or others may read it, or when
    /// it is no undamaged linkage key file. No error quotes the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let secret = file::read(path.as_ref(), KeyKind::Linkage)?;
        Ok(Self { secret })
    }

    /// Writes a new [key file](Self#key-files) at `path`.
    ///
    /// # Errors
    ///
    /// When there is a file at `path` already, or it cannot be created for its owner only.
    ///
    /// # Disclosure
    ///
    /// The file holds the key itself. It is for the key custodian.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        file::write(path.as_ref(), KeyKind::Linkage, None, &self.secret)
    }

    /// The key of one pseudonymisation domain: what the agencies of that project get.
    ///
    /// HKDF-SHA256 (RFC 5869) of the linkage key, without salt, with the info
    ///
    /// ```text
    /// version (1 byte, 1) ‖ part("pseudonym") ‖ part(project) ‖ epoch (4 bytes)
    /// ```
    ///
    /// where `part` puts the length of a string, 8 bytes, before its UTF-8
    /// bytes; numbers are big-endian. No two domains have the same info.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::{Domain, LinkageKey};
    ///
    /// let key = LinkageKey::generate()?;
    /// let first = key.domain_key(&Domain::new("skatteforsk-2026-017", 1)?);
    /// let second = key.domain_key(&Domain::new("skatteforsk-2026-017", 2)?);
    /// assert_ne!(first.check(), second.check());
    /// # Ok(())
    /// # }
    /// ```
    pub fn domain_key(&self, domain: &Domain) -> DomainKey {
        let mut info = vec![FORMAT_VERSION];
        encode_part(&mut info, b"pseudonym");
        domain.encode(&mut info);

        DomainKey {
            domain: domain.clone(),
            secret: hkdf::one_block(self.secret.expose(), &info),
        }
    }
}

impl fmt::Debug for LinkageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkageKey(..)")
    }
}

/// The key of one [`Domain`], under which agencies pseudonymise for that project.
///
/// Only [`LinkageKey::domain_key`] makes one; agencies [read](Self::read) it
/// from the [key file](LinkageKey#key-files) that the key custodian sends.
///
/// # Disclosure
///
/// Whoever holds a domain key can try all national identifiers, of which there
/// are few, and so undo the pseudonyms of its domain. It is for the agencies of
/// the project; the linkage unit must never hold it.
///
/// # What cannot be written
///
/// Cloning, printing, comparing or serialising it:
///
/// ```compile_fail,E0599
/// fn twin(key: kobling::DomainKey) -> kobling::DomainKey { key.clone() }
/// ```
///
/// ```compile_fail,E0277
/// fn show(key: &kobling::DomainKey) -> String { format!("{key}") }
/// ```
///
/// ```compile_fail,E0369
/// fn same(a: &kobling::DomainKey, b: &kobling::DomainKey) -> bool { a == b }
/// ```
///
/// ```compile_fail,E0277
/// fn json(key: &kobling::DomainKey) -> String { serde_json::to_string(key).unwrap() }
/// ```
///
/// nor making one up instead of deriving it.
///
/// ```compile_fail,E0599
/// let key = kobling::DomainKey::generate();
/// ```
pub struct DomainKey {
    domain: Domain,
    secret: Secret<KEY_LEN>,
}

impl DomainKey {
    /// The key, and its domain, in the [key file](LinkageKey#key-files) at `path`.
    ///
    /// # Errors
    ///
    /// As for [`LinkageKey::read`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let (domain, secret) = file::read_domain(path.as_ref())?;
        Ok(Self { domain, secret })
    }

    /// Writes a new [key file](LinkageKey#key-files) at `path`.
    ///
    /// # Errors
    ///
    /// As for [`LinkageKey::write`].
    ///
    /// # Disclosure
    ///
    /// The file holds the key itself. It is for the agencies of the project.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        file::write(
            path.as_ref(),
            KeyKind::Domain,
            Some(&self.domain),
            &self.secret,
        )
    }

    /// The domain that the key belongs to.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Whether it is the key of the plan's domain, which may be asked before
    /// any row is read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Key`] with both domains if it is not.
    pub fn check_plan(&self, plan: &Plan) -> Result<()> {
        let domain = plan.domain();
        if self.domain == domain {
            return Ok(());
        }
        let rule = format!("the key is for {}, the plan for {domain}", self.domain);
        Err(Error::new(ErrorKind::Key, rule)
            .help("ask the key custodian for the domain key of this plan"))
    }

    /// The check by which two parties see that they hold the same key.
    pub fn check(&self) -> KeyCheck {
        KeyCheck::of(&self.midstates())
    }

    /// HMAC-SHA256 (RFC 2104) with the key absorbed.
    pub(crate) fn midstates(&self) -> HmacMidstates {
        HmacMidstates::of(&self.secret)
    }
}

impl fmt::Debug for DomainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainKey({}, ..)", self.domain)
    }
}

/// The linkage unit's own key, which seeds everything random in protection.
///
/// 32 random bytes, related to no other key: an agency that knows the
/// pseudonyms still cannot compute, and so undo, the noise in a release.
///
/// # Disclosure
///
/// Whoever holds the release key and the extracts can compute the noise in the
/// releases made from them. It is for the linkage unit only.
///
/// # What cannot be written
///
/// Cloning, printing, comparing or serialising it:
///
/// ```compile_fail,E0599
/// let key = kobling::ReleaseKey::generate().unwrap();
/// let twin = key.clone();
/// ```
///
/// ```compile_fail,E0277
/// let key = kobling::ReleaseKey::generate().unwrap();
/// println!("{key}");
/// ```
///
/// ```compile_fail,E0369
/// fn same(a: &kobling::ReleaseKey, b: &kobling::ReleaseKey) -> bool { a == b }
/// ```
///
/// ```compile_fail,E0277
/// let key = kobling::ReleaseKey::generate().unwrap();
/// serde_json::to_string(&key).unwrap();
/// ```
///
/// nor deriving a domain key from it.
///
/// ```compile_fail,E0599
/// let domain = kobling::Domain::new("skatteforsk-2026-017", 1).unwrap();
/// let key = kobling::ReleaseKey::generate().unwrap();
/// key.domain_key(&domain);
/// ```
pub struct ReleaseKey {
    secret: Secret<KEY_LEN>,
}

impl ReleaseKey {
    /// A new key of the operating system's random bytes.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random bytes.
    pub fn generate() -> Result<Self> {
        Ok(Self {
            secret: Secret::random()?,
        })
    }

    /// The key in the [key file](LinkageKey#key-files) at `path`.
    ///
    /// # Errors
    ///
    /// As for [`LinkageKey::read`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let secret = file::read(path.as_ref(), KeyKind::Release)?;
        Ok(Self { secret })
    }

    /// Writes a new [key file](LinkageKey#key-files) at `path`.
    ///
    /// # Errors
    ///
    /// As for [`LinkageKey::write`].
    ///
    /// # Disclosure
    ///
    /// The file holds the key itself. It is for the linkage unit.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        file::write(path.as_ref(), KeyKind::Release, None, &self.secret)
    }

    /// 32 bytes that only the key's holder can compute: HMAC-SHA256 over
    ///
    /// ```text
    /// 0x00 ‖ version (1 byte, 1) ‖ part(label) ‖ part(message) …
    /// ```
    ///
    /// A secret, as the key itself: noise is drawn by some of them, and one is
    /// the seal of the ledger.
    pub(crate) fn derive(&self, label: &[u8], messages: &[&[u8]]) -> Secret<32> {
        let mut bytes = message(label);
        for part in messages {
            encode_part(&mut bytes, part);
        }
        HmacMidstates::of(&self.secret).mac(&[&bytes])
    }

    /// Random bits, 64 at a time, that only the key's holder can compute: SHA-256 of what is
    /// [derived](Self::derive), a secret of one length, and of a counter.
    pub(crate) fn bits(&self, label: &[u8], messages: &[&[u8]]) -> impl FnMut() -> u64 + use<> {
        let seed = self.derive(label, messages);
        let mut blocks = 0u64..;
        let mut words = Vec::new();
        move || {
            if words.is_empty() {
                let counter = blocks.next().expect("nobody takes 2⁶⁴ blocks of bits");
                let block = Sha256::new().chain_update(seed.expose());
                let block: [u8; 32] = block.chain_update(counter.to_be_bytes()).finalize().into();
                let (chunks, _) = block.as_chunks::<8>();
                words.extend(chunks.iter().map(|word| u64::from_be_bytes(*word)));
            }
            words.pop().expect("a block has four words")
        }
    }

    /// What record keys are made with: nothing random of protection, but their
    /// own, follows from it.
    pub(crate) fn record_keys(&self) -> RecordKeys {
        RecordKeys::of(HmacMidstates::of(&self.secret))
    }

    /// The check that shows, later, which key a release was made with.
    pub fn check(&self) -> KeyCheck {
        KeyCheck::of(&HmacMidstates::of(&self.secret))
    }
}

impl fmt::Debug for ReleaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReleaseKey(..)")
    }
}

/// The beginning of a message under a key that is no pseudonym's, distinguished by `label`.
fn message(label: &[u8]) -> Vec<u8> {
    let mut message = vec![NOT_AN_IDENTIFIER, FORMAT_VERSION];
    encode_part(&mut message, label);
    message
}

/// Appends `part` behind its length: no two lists of parts then read the same.
fn encode_part(out: &mut Vec<u8>, part: &[u8]) {
    out.extend((part.len() as u64).to_be_bytes());
    out.extend(part);
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::Value;

    use super::ReleaseKey;
    use crate::secret::Secret;

    /// `tests/vectors/cells.json`, which another implementation made, and its release key.
    pub(crate) fn golden_release_key() -> (ReleaseKey, Value) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/cells.json");
        let text = std::fs::read_to_string(path).expect("the vectors");
        let vectors: Value = serde_json::from_str(&text).expect("JSON");
        let key = vectors["release_key"].as_str().expect("a key");
        let secret = Secret::from_hex(key).expect("a key");
        (ReleaseKey { secret }, vectors)
    }
}
