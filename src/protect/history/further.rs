//! Cells that are none of a release's own, and nevertheless decide about them.

use std::fmt;

use crate::ledger::entry::PromiseEntry;

/// A cell of an earlier release that a quantity can be derived from, or one that nobody
/// publishes and anybody may compute.
#[derive(Debug, Clone)]
pub(in crate::protect) struct FurtherCell {
    pub(in crate::protect) origin: FurtherFrom,
    /// What was published; none where a rule finds it unsafe.
    pub(in crate::protect) published: Option<i128>,
    /// Of a sum that a rule of its own finds unsafe, the sum and its protection level.
    pub(in crate::protect) unsafe_sum: Option<(i128, i128)>,
    /// How many persons something else that is published of it says to be in it at least.
    pub(in crate::protect) least: u64,
    /// What is promised of its number of persons.
    pub(in crate::protect) promise: PromiseEntry,
    /// The inner cells of the joint table that it is the sum of; its own release's.
    pub(in crate::protect) inner: Vec<u32>,
    /// The inner cells after splitting that it is the sum of.
    pub(in crate::protect) members: Vec<u32>,
    /// The population's inner cells that it is the sum of, if it is one.
    pub(in crate::protect) whole: Option<Vec<u32>>,
    /// Whether its table was of other rows as a whole, or somebody is in another of its
    /// categories now: then nobody knows of this cell that its rows are still the same, but
    /// who sees it published again.
    pub(in crate::protect) may_have_changed: bool,
}

/// In place of an entry's number in the ledger: that of another table of the release that is
/// being made, which is about other rows. Entries are counted from 1.
pub(in crate::protect) const THIS_RELEASE: u64 = 0;

/// An entry, by its number, in words.
pub(in crate::protect) fn release_named(number: u64) -> String {
    match number {
        THIS_RELEASE => "another table of this release".to_owned(),
        number => format!("release {number} of the ledger"),
    }
}

/// Where a further cell comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::protect) enum FurtherFrom {
    /// An earlier release, by its number in the ledger; or [another table](THIS_RELEASE).
    Release(u64),
    /// Two dimensions of this release that are made from the same thing, and cut it
    /// otherwise.
    Between([String; 2]),
    /// Several conditions of counts of this release on the same thing.
    Conditions(Vec<String>),
}

/// What kind of cell it is, and no category.
impl fmt::Display for FurtherCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.origin, self.published) {
            (FurtherFrom::Release(number), Some(_)) => {
                write!(f, "what {} published", release_named(*number))
            }
            (FurtherFrom::Release(number), None) => {
                write!(f, "a cell that {} suppressed", release_named(*number))
            }
            (FurtherFrom::Between([one, other]), _) => {
                write!(
                    f,
                    "what lies between the categories of `{one}` and of `{other}`"
                )
            }
            (FurtherFrom::Conditions(names), _) => {
                let names = names.join("`, `");
                write!(
                    f,
                    "those whom the conditions of `{names}` distinguish together"
                )
            }
        }
    }
}
