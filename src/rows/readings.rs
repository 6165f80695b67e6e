//! How the files of a register were read, to be reported to whoever reads them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How the files of a register were read, where a file can be read in more
/// ways than one: its delimiter, its encoding, its decimal sign.
///
/// It fills up while the rows are read, and is the same for all its clones.
///
/// # Disclosure
///
/// Says of files how they are written, and holds nothing of their rows.
#[derive(Clone, Default)]
pub struct Readings(Arc<ReadingsInner>);

#[derive(Default)]
struct ReadingsInner {
    /// How many files were read in which way.
    files: Mutex<BTreeMap<String, u64>>,
    numbers: AtomicU8,
}

/// What was seen of numbers that are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeenNotation {
    DecimalComma = 1,
    Grouped = 2,
}

impl Readings {
    /// Records that a file was read so.
    pub(crate) fn file(&self, words: String) {
        let mut files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        *files.entry(words).or_default() += 1;
    }

    /// Records that a number was written so.
    pub(crate) fn number(&self, seen: SeenNotation) {
        let numbers = &self.0.numbers;
        if numbers.load(Ordering::Relaxed) & seen as u8 == 0 {
            numbers.fetch_or(seen as u8, Ordering::Relaxed);
        }
    }

    /// How files were read so far, each way once, in words: `semicolons,
    /// Windows-1252`, and behind it in how many files, if in several.
    pub fn words(&self) -> Vec<String> {
        let files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        let files = files.iter().map(|(words, files)| match files {
            1 => words.clone(),
            files => format!("{words} ({files} files)"),
        });
        let mut words: Vec<String> = files.collect();
        let seen = self.0.numbers.load(Ordering::Relaxed);
        for (mark, said) in [
            (SeenNotation::DecimalComma, "numbers with a decimal comma"),
            (
                SeenNotation::Grouped,
                "numbers with their digits in groups of three",
            ),
        ] {
            if seen & mark as u8 != 0 {
                words.push(said.to_owned());
            }
        }
        words
    }
}

impl fmt::Debug for Readings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Readings").field(&self.words()).finish()
    }
}
