//! What the linkage unit protects tables with: its release key, and what else a method needs.

use crate::key::ReleaseKey;
use crate::plan::Plan;

/// What the linkage unit protects tables with.
#[derive(Debug)]
pub struct Protection<'a> {
    pub(super) key: &'a ReleaseKey,
}

impl<'a> Protection<'a> {
    /// With the linkage unit's release key.
    pub fn new(key: &'a ReleaseKey) -> Self {
        Self { key }
    }

    /// Whether cells must be told by their persons, and not by their figures alone.
    pub(super) fn needs_record_keys(&self, _: &Plan) -> bool {
        false
    }
}
