//! Canonical identifiers of many rows, one after another, wiped when dropped.
//!
//! Only the canonical forms are kept: what the typed encoding puts before them
//! is the same for all, and laid down where they are hashed. Where the type
//! has forms of one length, their ends need no memory either.

use zeroize::optimization_barrier;

use crate::plan::IdentifierType;

/// Canonical forms of one type. There is no `Debug`: it would print identifiers.
pub(crate) struct Forms {
    kind: IdentifierType,
    bytes: Vec<u8>,
    /// The length of every form; where there is none, they end at `ends`.
    width: Option<usize>,
    ends: Vec<usize>,
    len: usize,
}

/// The one length that forms of a type have, if they have one.
fn width(kind: IdentifierType) -> Option<usize> {
    match kind {
        IdentifierType::Text | IdentifierType::Number => None,
        IdentifierType::Digits(n) => Some(n.into()),
        IdentifierType::NoFnr => Some(11),
        IdentifierType::NoOrgnr => Some(9),
        IdentifierType::NoDuf => Some(12),
        IdentifierType::UsSsn => Some(9),
    }
}

impl Forms {
    /// No forms yet, with room for about `rows` of them.
    pub(crate) fn new(kind: IdentifierType, rows: usize) -> Self {
        let width = width(kind);
        Self {
            kind,
            bytes: Vec::with_capacity(rows * width.unwrap_or(12)),
            width,
            ends: Vec::with_capacity(if width.is_none() { rows } else { 0 }),
            len: 0,
        }
    }

    /// Appends a canonical form of the type.
    #[inline]
    pub(crate) fn push(&mut self, form: &[u8]) {
        self.append(form, 1);
        if self.width.is_none() {
            self.ends.push(self.bytes.len());
        }
    }

    /// Appends canonical forms that stand one after another in `bytes`, each to its end there.
    pub(crate) fn extend(&mut self, bytes: &[u8], ends: impl ExactSizeIterator<Item = usize>) {
        let start = self.bytes.len();
        self.append(bytes, ends.len());
        if self.width.is_none() {
            self.ends.extend(ends.map(|end| start + end));
        }
    }

    #[inline]
    fn append(&mut self, bytes: &[u8], forms: usize) {
        if self.bytes.capacity() - self.bytes.len() < bytes.len() {
            self.grow(bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
        self.len += forms;
        debug_assert!(
            self.width
                .is_none_or(|width| width * self.len == self.bytes.len())
        );
    }

    /// Makes room for `more` bytes. A vector left to itself would leave the
    /// bytes behind where they were.
    #[cold]
    fn grow(&mut self, more: usize) {
        let mut grown = Vec::with_capacity(2 * self.bytes.capacity() + more);
        grown.extend_from_slice(&self.bytes);
        self.wipe();
        self.bytes = grown;
    }

    /// One sweep over the bytes, where `Zeroize` would write each by itself.
    fn wipe(&mut self) {
        self.bytes.fill(0);
        optimization_barrier(&self.bytes[..]);
    }

    /// The type.
    pub(crate) fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The form at `index`.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> &[u8] {
        match self.width {
            Some(width) => &self.bytes[index * width..][..width],
            None => {
                let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
                &self.bytes[start..self.ends[index]]
            }
        }
    }
}

impl Drop for Forms {
    fn drop(&mut self) {
        self.wipe();
    }
}
