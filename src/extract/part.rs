//! Parts: ranges of pseudonyms, each of which is a share of the work.
//!
//! Pseudonyms are the output of a keyed hash, and so uniform: cut into ranges of the
//! same length, they give shares of about the same size. All rows of a person are in
//! one part, whichever register they are in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::pseudonym::Pseudonym;

/// Parts at most.
const MOST_PARTS: u32 = 4096;

/// One of some number of parts, counted from zero: `3/64` is the fourth of 64.
///
/// # Examples
///
/// ```
/// use kobling::extract::Part;
///
/// # fn main() -> kobling::Result<()> {
/// let part: Part = "3/64".parse()?;
/// assert_eq!((part.index(), part.of()), (3, 64));
/// assert!("64/64".parse::<Part>().is_err());
/// assert_eq!(Part::all(64)?.count(), 64);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Part {
    index: u32,
    of: u32,
}

impl Part {
    /// The part at `index` of `of` parts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Extract`] if there is no such part: there are from 1 to 4096, and
    /// they are counted from 0.
    pub fn new(index: u32, of: u32) -> Result<Self> {
        if !(1..=MOST_PARTS).contains(&of) || index >= of {
            let rule = format!(
                "there is no part {index}/{of}: there are from 1 to {MOST_PARTS} parts, counted from 0"
            );
            return Err(Error::new(ErrorKind::Extract, rule));
        }
        Ok(Self { index, of })
    }

    /// All of `of` parts, in their order.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn all(of: u32) -> Result<impl ExactSizeIterator<Item = Self> + Clone> {
        Self::new(0, of)?;
        Ok((0..of).map(move |index| Self { index, of }))
    }

    /// Which it is, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    pub fn of(self) -> u32 {
        self.of
    }

    /// The least pseudonym that is in it.
    pub(crate) fn first(self) -> Pseudonym {
        bound(self.index, self.of)
    }

    /// The least pseudonym that is in the next one; `None` for the last.
    pub(crate) fn end(self) -> Option<Pseudonym> {
        (self.index + 1 < self.of).then(|| bound(self.index + 1, self.of))
    }
}

/// `index` × 2⁶⁴ ÷ `of`, rounded down, as the leading half of a pseudonym.
fn bound(index: u32, of: u32) -> Pseudonym {
    ((u128::from(index) << 64) / u128::from(of)) << 64
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        let Some((index, of)) = parts else {
            let rule = "a part is written as 3/64: which it is, from 0, and of how many";
            return Err(Error::new(ErrorKind::Extract, rule));
        };
        Self::new(index, of)
    }
}

impl From<Part> for String {
    fn from(part: Part) -> Self {
        part.to_string()
    }
}

impl TryFrom<String> for Part {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_long_as_each_other_and_leave_no_gap() {
        for of in [1, 2, 3, 7, 64, 1000, MOST_PARTS] {
            let parts: Vec<Part> = Part::all(of).unwrap().collect();
            assert_eq!(parts[0].first(), 0);
            assert_eq!(parts[of as usize - 1].end(), None);
            let lengths = parts.windows(2).map(|two| {
                assert_eq!(two[0].end(), Some(two[1].first()));
                (two[1].first() - two[0].first()) >> 64
            });
            let lengths: Vec<u128> = lengths.collect();
            let most = lengths.iter().max().copied().unwrap_or(0);
            assert!(lengths.iter().all(|length| most - length <= 1));
        }
    }
}
