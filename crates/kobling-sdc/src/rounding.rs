//! Rounding to a base: every published figure becomes a multiple of it.
//!
//! Definitions are those of the ESSnet handbook on statistical disclosure
//! control, 2nd edition, section 5.5. Conventional rounding goes to the
//! nearest multiple; it is known for what it hides and can be unpicked from
//! margins, so the handbook does not recommend it against disclosure. Random
//! rounding goes to one of the two neighbouring multiples, to the nearer one
//! more often, so that the mean over keys is the figure itself; with the key
//! of a cell it does the same wherever the cell appears. Neither keeps tables
//! additive. [`small_count`] does, and changes small counts only.

pub mod small_count;

use crate::{Error, ErrorKind, Result};

/// A base to round to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base(u64);

impl Base {
    /// The base `base`, of two or more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] if it is less than 2, which would round
    /// nothing, or more than 10⁹.
    pub fn new(base: u64) -> Result<Self> {
        match (2..=1_000_000_000).contains(&base) {
            true => Ok(Self(base)),
            false => Err(refused("a base is from 2 to 1,000,000,000")),
        }
    }

    /// The base itself.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The nearest multiple; of two that are as near, the greater one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`] if that is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::rounding::Base;
    ///
    /// let base = Base::new(5).unwrap();
    /// assert_eq!(base.nearest(12).unwrap(), 10);
    /// assert_eq!(base.nearest(-3).unwrap(), -5);
    /// assert_eq!(Base::new(10).unwrap().nearest(5).unwrap(), 10);
    /// ```
    pub fn nearest(self, value: i128) -> Result<i128> {
        let (below, rest) = self.split(value)?;
        self.up_if(below, 2 * rest >= self.0)
    }

    /// One of the two neighbouring multiples, by the `key` of the cell: with r
    /// the distance to the lower one, r of b keys go to the upper one. A
    /// multiple stays as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`] if that is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_sdc::rounding::Base;
    ///
    /// let base = Base::new(3).unwrap();
    /// assert_eq!(base.random(4, 0).unwrap(), 6);
    /// assert_eq!(base.random(4, u64::MAX).unwrap(), 3);
    /// assert_eq!(base.random(6, 0).unwrap(), 6);
    /// ```
    pub fn random(self, value: i128, key: u64) -> Result<i128> {
        let (below, rest) = self.split(value)?;
        // The key scaled to 0, …, b − 1, each from as many keys but for one.
        let draw = ((u128::from(key) * u128::from(self.0)) >> 64) as u64;
        self.up_if(below, draw < rest)
    }

    /// The multiple at or below `value`, and the distance to it.
    fn split(self, value: i128) -> Result<(i128, u64)> {
        let rest = value.rem_euclid(self.0.into());
        let below = value.checked_sub(rest).ok_or_else(out_of_range)?;
        // The rest is less than the base, which is a `u64`.
        Ok((below, rest as u64))
    }

    fn up_if(self, below: i128, up: bool) -> Result<i128> {
        match up {
            true => below.checked_add(self.0.into()).ok_or_else(out_of_range),
            false => Ok(below),
        }
    }
}

fn out_of_range() -> Error {
    Error::new(ErrorKind::Overflow, "a rounded figure is out of range")
}

fn refused(rule: &str) -> Error {
    Error::new(ErrorKind::Input, format!("rounding: {rule}"))
}
