//! The plan's digest: SHA-256 over a canonical form.
//!
//! The canonical form is JSON of the document with defaults filled in, keys
//! sorted by their bytes, and no white space (in the spirit of RFC 8785), so
//! that comments, order and layout do not count but every rule does. Keys are
//! sorted here and not by a map type, because another crate's features may
//! change what a map type does.

use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::document::PlanDocument;

/// Separates these digests from any other SHA-256, and from those of rehearsals.
const PLAN: &[u8] = b"kobling plan 1\0";
const REHEARSAL: &[u8] = b"kobling rehearsal 1\0";

/// SHA-256 over a plan's canonical form; safe to show.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlanDigest([u8; 32]);

impl PlanDigest {
    pub(super) fn of(document: &PlanDocument) -> Self {
        let value = serde_json::to_value(document)
            .expect("a plan document has text keys and finite numbers only");
        let mut canonical = String::new();
        write_canonical(&value, &mut canonical);
        let digest = Sha256::new().chain_update(PLAN).chain_update(canonical);
        Self(digest.finalize().into())
    }

    /// The digest of the same plan, rehearsed.
    pub(super) fn rehearsal(self) -> Self {
        let digest = Sha256::new().chain_update(REHEARSAL).chain_update(self.0);
        Self(digest.finalize().into())
    }
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_bytes());
            out.push('{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(&Value::String(key.clone()), out);
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(values) => {
            out.push('[');
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(value, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::hex::hex(&self.0))
    }
}

impl fmt::Debug for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlanDigest({self})")
    }
}
