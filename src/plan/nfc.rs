//! Names of categories as they are compared: in Unicode's canonical composition.
//!
//! An `é` is one character or two, as the program likes that wrote it. What reads
//! the same is the same name, so names are held in Normalization Form C (Unicode
//! Standard Annex #15), in a plan as in a register.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// `text` in Normalization Form C.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    match is_composed(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// Whether `text` is in Normalization Form C.
pub(crate) fn is_composed(text: &str) -> bool {
    text.is_ascii() || is_nfc(text)
}
