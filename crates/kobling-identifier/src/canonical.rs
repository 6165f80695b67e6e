//! From a value as it was stored to the canonical bytes of its type.
//!
//! The way a value was stored must not matter: text, integer and float of one
//! identifier give the same bytes. Where a storage may have lost something (a
//! float its last digits, a number its leading zeros), the value is restored
//! if the type allows only one reading, and refused otherwise.

use crate::fault::IdentifierFault;
use crate::identifier_type::IdentifierType;
use crate::kind::IdentifierKind;
use crate::raw::Raw;
use crate::rule::{IdentifierRule, Synthetic};
use crate::{guarded, national};

impl IdentifierRule {
    /// Appends the canonical form of `raw` to `out` and returns what it is;
    /// leaves `out` as it was if there is none.
    ///
    /// No memory is allocated but by `out`, unless the type is `Text` or `Email` and `raw` is not ASCII.
    ///
    /// # Errors
    ///
    /// Why `raw` is no identifier that the rule accepts.
    ///
    /// # Disclosure
    ///
    /// What is appended is the identifier.
    ///
    /// # Examples
    ///
    /// However it was stored, it has one form:
    ///
    /// ```
    /// use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType, Raw};
    ///
    /// # fn main() -> Result<(), IdentifierFault> {
    /// let rule = IdentifierRule::new(IdentifierType::NoFnr, Date::new(2026, 1, 1).unwrap());
    /// for raw in [Raw::Text(" 010101-00131 "), Raw::Integer(1_010_100_131), Raw::Float(1_010_100_131.0)] {
    ///     let mut form = Vec::new();
    ///     rule.canonical(raw, &mut form)?;
    ///     assert_eq!(form, b"01010100131");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn canonical(
        self,
        raw: Raw<'_>,
        out: &mut Vec<u8>,
    ) -> Result<IdentifierKind, IdentifierFault> {
        let before = out.len();
        let kind = national::read(self, raw, out);
        // The way that is hardly ever gone.
        let kind = kind.or_else(|reason| match raw {
            Raw::Text(text) => match guarded::meant(self.kind, text)? {
                Some(raw) => national::read(self, raw, out),
                None => Err(reason),
            },
            _ => Err(reason),
        })?;
        let refused = match self.synthetic {
            // `no-fnr` has numbers that may or may not be a test person's, and
            // judges itself; most types do not know test persons at all.
            _ if self.kind == IdentifierType::NoFnr || !self.kind.knows_synthetic() => None,
            Synthetic::Forbid if kind.is_synthetic() => Some(IdentifierFault::Synthetic),
            Synthetic::Only if !kind.is_synthetic() => Some(IdentifierFault::NotSynthetic),
            _ => None,
        };
        match refused {
            None => Ok(kind),
            Some(reason) => {
                out.truncate(before);
                Err(reason)
            }
        }
    }

    /// What `text` is, if it is an identifier that the rule accepts.
    ///
    /// It says that the text is well-formed, not that such a person exists.
    ///
    /// # Errors
    ///
    /// Why it is not.
    ///
    /// # Disclosure
    ///
    /// Gives a kind or a reason; never the canonical form, nor any part of `text`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling_identifier::{Date, IdentifierFault, IdentifierRule, IdentifierType};
    ///
    /// let rule = IdentifierRule::new(IdentifierType::UsSsn, Date::new(2026, 1, 1).unwrap());
    /// assert_eq!(rule.recognise("123-45-6789").unwrap().name(), "ssn");
    /// assert_eq!(rule.recognise("666-45-6789"), Err(IdentifierFault::NeverIssued));
    /// assert_eq!(rule.recognise(" "), Err(IdentifierFault::Missing));
    /// ```
    pub fn recognise(self, text: &str) -> Result<IdentifierKind, IdentifierFault> {
        self.canonical(Raw::Text(text), &mut Vec::new())
    }
}
