//! Canonical identifiers of many rows, one after another.
//!
//! Only the canonical forms are kept: what the typed encoding puts before them
//! is the same for all, and laid down where they are hashed. Where the type
//! has forms of one length, their ends need no memory either.

use crate::plan::identifier::PartTypes;

/// Canonical forms of one identifier. There is no `Debug`: it would print identifiers.
pub(crate) struct Forms {
    bytes: Vec<u8>,
    /// The length of every form; where there is none, they end at `ends`.
    width: Option<usize>,
    ends: Vec<usize>,
    len: usize,
}

/// The one length that forms of an identifier have: those of its parts, each with its own before it.
fn width_of(types: &PartTypes) -> Option<usize> {
    match types.as_slice() {
        [kind] => kind.width(),
        kinds => kinds
            .iter()
            .map(|kind| Some(size_of::<u32>() + kind.width()?))
            .sum(),
    }
}

impl Forms {
    /// No forms yet, with room for about `rows` of them.
    pub(crate) fn new(types: &PartTypes, rows: usize) -> Self {
        let width = width_of(types);
        Self {
            bytes: Vec::with_capacity(rows * width.unwrap_or(12)),
            width,
            ends: Vec::with_capacity(if width.is_none() { rows } else { 0 }),
            len: 0,
        }
    }

    /// Appends a canonical form of the types.
    #[inline]
    pub(crate) fn push(&mut self, form: &[u8]) {
        self.append(form, 1);
        if self.width.is_none() {
            self.ends.push(self.bytes.len());
        }
    }

    /// Appends canonical forms that follow one another in `bytes`, each to its end there.
    pub(crate) fn extend(&mut self, bytes: &[u8], ends: impl ExactSizeIterator<Item = usize>) {
        let start = self.bytes.len();
        self.append(bytes, ends.len());
        if self.width.is_none() {
            self.ends.extend(ends.map(|end| start + end));
        }
    }

    #[inline]
    fn append(&mut self, bytes: &[u8], forms: usize) {
        self.bytes.extend_from_slice(bytes);
        self.len += forms;
        debug_assert!(
            self.width
                .is_none_or(|width| width * self.len == self.bytes.len())
        );
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
