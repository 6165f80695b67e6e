//! Why a name is none of a type, or a text is no day.

use std::fmt;

/// Why a name is none of a type, or a text is no day.
///
/// # Disclosure
///
/// Its text names the rule that was broken, and nothing of what broke it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    rule: String,
}

/// The result of what may be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(rule: impl Into<String>) -> Self {
        Self { rule: rule.into() }
    }

    /// The rule that was broken, in words.
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)
    }
}

impl std::error::Error for Error {}
