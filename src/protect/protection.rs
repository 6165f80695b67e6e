//! What the linkage unit protects tables with: its release key, and what else a method needs.

use crate::key::ReleaseKey;
use crate::ledger::{Entry, Ledger};
use crate::plan::Plan;

/// What the linkage unit protects tables with.
///
/// # Examples
///
/// ```no_run
/// # fn main() -> kobling::Result<()> {
/// use kobling::protect::Protection;
/// use kobling::{Ledger, Linkage, Plan, ReleaseKey};
/// # fn linkage() -> Linkage { unimplemented!() }
///
/// let plan = Plan::read("plan.toml")?;
/// let key = ReleaseKey::read("release.key")?;
/// let ledger = Ledger::open("ledger.jsonl", &plan, &key)?;
/// let protection = Protection::new(&key).ledger(ledger);
/// let release = linkage().tabulate()?.protect_with(protection)?.release()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Protection<'a> {
    pub(super) key: &'a ReleaseKey,
    pub(super) ledger: Option<Ledger>,
}

impl<'a> Protection<'a> {
    /// With the linkage unit's release key.
    pub fn new(key: &'a ReleaseKey) -> Self {
        Self { key, ledger: None }
    }

    /// Together with all releases that `ledger` has; and what is released will
    /// be written behind them.
    #[must_use]
    pub fn ledger(self, ledger: Ledger) -> Self {
        Self {
            ledger: Some(ledger),
            ..self
        }
    }

    /// The earlier releases that are known.
    pub(super) fn earlier(&self) -> &[Entry] {
        self.ledger.as_ref().map_or(&[], Ledger::entries)
    }

    /// Whether cells must be told by their persons, and not by their figures alone.
    pub(super) fn needs_record_keys(&self, _: &Plan) -> bool {
        self.ledger.is_some()
    }
}
