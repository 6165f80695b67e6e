//! What plans and releases can say; each switch is a part of the plan language.

/// Tables say what is sensitive: `sensitive = []`.
pub(crate) const SENSITIVE: bool = true;
/// Columns declare their `categories`, and rare names are merged.
pub(crate) const NAMES: bool = true;
/// Counts with a condition, and shares of them.
pub(crate) const CONDITIONS: bool = true;
/// `protect.count_interval`.
pub(crate) const INTERVAL: bool = true;
