//! A line of JSON whose last field is its HMAC-SHA256 under a secret of the release key.
//!
//! The HMAC is over the bytes that are there and not over what they mean, so
//! there is no second way to write a line that is taken for the same one.

use serde::Serialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use crate::hex::hex;
use crate::key::{HmacMidstates, KeyCheck, ReleaseKey};
use crate::secret::Secret;

/// What is between a line's other fields and its HMAC, and behind it.
const BEFORE: &[u8] = b",\"mac\":\"";
const BEHIND: &[u8] = b"\"}\n";

/// Hexadecimal digits of an HMAC.
const DIGITS: usize = 64;

/// What a line is, so that none can take the place of another.
#[derive(Clone, Copy)]
pub(super) enum SealedKind {
    /// An entry of a ledger.
    Entry,
    /// The head of a ledger.
    Head,
}

impl SealedKind {
    /// What the message begins with. No name is the beginning of another.
    fn name(self) -> &'static [u8] {
        match self {
            Self::Entry => b"entry\0",
            Self::Head => b"head\0",
        }
    }
}

/// What lines are sealed with. It cannot be turned back into the release key.
pub(super) struct Seal {
    midstates: HmacMidstates,
    check: KeyCheck,
}

impl Seal {
    /// The seal of whoever holds `key`.
    pub(super) fn of(key: &ReleaseKey) -> Self {
        Self {
            midstates: HmacMidstates::of(&key.derive(b"ledger", &[])),
            check: key.check(),
        }
    }

    /// The check of the release key.
    pub(super) fn check(&self) -> KeyCheck {
        self.check
    }

    /// `content` as a sealed line; it must be a struct with at least one field.
    pub(super) fn line(&self, what: SealedKind, content: &impl Serialize) -> Vec<u8> {
        let mut line = serde_json::to_vec(content).expect("text, numbers and lists of them");
        // The brace, which comes again behind the HMAC.
        line.pop();
        let mac = self.mac(what, &line);
        line.extend(BEFORE);
        line.extend(hex(mac.expose()).into_bytes());
        line.extend(BEHIND);
        line
    }

    /// What `line` holds, if it was made by [`line`](Self::line), as `what`, under
    /// the same key. Nothing of it is parsed before that is known.
    pub(super) fn open<'a, T: DeserializeOwned>(
        &self,
        what: SealedKind,
        line: &'a [u8],
    ) -> Result<T, Unopened<'a>> {
        let sealed = Sealed::split(line).ok_or(Unopened::NoLine)?;
        // In constant time: how far a guess was right must not show.
        match self.mac(what, sealed.fields).ct_eq(&sealed.mac).into() {
            true => sealed.says().ok_or(Unopened::NoLine),
            false => Err(Unopened::Changed(sealed)),
        }
    }

    fn mac(&self, what: SealedKind, fields: &[u8]) -> Secret<32> {
        self.midstates.mac(&[what.name(), fields])
    }
}

/// Why a line is not opened.
pub(super) enum Unopened<'a> {
    /// It is no sealed line, or holds something else than what was asked for.
    NoLine,
    /// Its seal is not on it: it was changed, or sealed by somebody else.
    Changed(Sealed<'a>),
}

/// A line of the form of a sealed one, which is not believed.
pub(super) struct Sealed<'a> {
    /// The line up to its HMAC: an object without its last brace.
    fields: &'a [u8],
    mac: Secret<32>,
}

impl<'a> Sealed<'a> {
    /// The parts of `line`, with its newline.
    pub(super) fn split(line: &'a [u8]) -> Option<Self> {
        let line = line.strip_suffix(BEHIND)?;
        let (fields, mac) = line.split_at_checked(line.len().checked_sub(DIGITS)?)?;
        Some(Self {
            fields: fields.strip_suffix(BEFORE)?,
            mac: Secret::from_hex(std::str::from_utf8(mac).ok()?)?,
        })
    }

    /// What the line says, true or not, if it is of that form. What is wrong is
    /// not said, for serde's errors quote values.
    pub(super) fn says<T: DeserializeOwned>(&self) -> Option<T> {
        let object = [self.fields, b"}"].concat();
        serde_json::from_slice(&object).ok()
    }
}
