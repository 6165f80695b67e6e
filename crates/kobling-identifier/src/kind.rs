//! What a valid identifier is: a name to count by, and whether it is an invented person's.

/// What a valid identifier was recognised as, within its type.
///
/// # Disclosure
///
/// Says of a number what anyone who sees it could say, and holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentifierKind {
    name: &'static str,
    synthetic: bool,
}

impl IdentifierKind {
    /// A number that may belong to a person.
    pub(crate) const fn of(name: &'static str) -> Self {
        Self {
            name,
            synthetic: false,
        }
    }

    /// A number that belongs to no real person.
    pub(crate) const fn synthetic(name: &'static str) -> Self {
        Self {
            name,
            synthetic: true,
        }
    }

    /// What several identifiers are together, of which one `is_synthetic` or none is:
    /// `composite`.
    pub fn composite(is_synthetic: bool) -> Self {
        match is_synthetic {
            true => Self::synthetic("composite"),
            false => Self::of("composite"),
        }
    }

    /// A short stable name to count by, such as `fnr`, in kebab case.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether it belongs to an invented person, for tests; as the rule reads
    /// it, where the number itself does not say.
    pub fn is_synthetic(self) -> bool {
        self.synthetic
    }
}
