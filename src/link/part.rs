//! A part of a linkage: the persons in one range of pseudonyms, of all extracts.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::extract::{ExtractPart, Part};
use crate::link::Linkage;
use crate::plan::Plan;
use crate::watch::Watch;

/// The same part of all extracts of a plan, verified to belong together.
///
/// What a [`Linkage`] is for all persons, this is for some of them: it needs memory for
/// these, and can only be [tabulated](Self::tabulate) to a part of the plan's tables.
///
/// # Disclosure
///
/// As a [`Linkage`]. Nothing but a sealed part can be made of it:
///
/// ```compile_fail,E0308
/// # use kobling::LinkagePart;
/// # use kobling::protect::{ConfidentialTables, Protection};
/// # use kobling::{ReleaseKey, Result};
/// fn wrong(part: LinkagePart, key: &ReleaseKey) -> Result<ConfidentialTables> {
///     part.tabulate(key)
/// }
/// ```
#[derive(Debug)]
pub struct LinkagePart {
    pub(crate) linkage: Linkage,
    pub(crate) part: Part,
}

impl LinkagePart {
    /// Puts together the same part of the extracts of all the plan's sources, in any order.
    ///
    /// # Errors
    ///
    /// As [`Linkage::new`]; [`ErrorKind::Linkage`] if two are of different parts, or if the
    /// plan has a source of identity history: rows that it moves lie in other parts.
    pub fn new(plan: &Plan, extracts: impl IntoIterator<Item = ExtractPart>) -> Result<Self> {
        let refuse = |rule: String| Error::new(ErrorKind::Linkage, rule);
        if let Some(place) = plan.history() {
            let rule = "is a history of identifiers: rows that it moves lie in other parts";
            let error = refuse(rule.to_owned()).in_source(plan.sources()[place].name());
            return Err(error.help("link whole extracts, of which parts can be tabulated too"));
        }
        let mut part: Option<Part> = None;
        let mut whole = Vec::new();
        for extract in extracts {
            let first = *part.get_or_insert(extract.part());
            if extract.part() != first {
                let rule = format!(
                    "is part {} of its persons, and another extract part {first}",
                    extract.part()
                );
                return Err(refuse(rule).in_source(extract.source().name()));
            }
            whole.push(extract.extract);
        }
        let linkage = Linkage::new(plan, whole)?;
        let part = part.ok_or_else(|| refuse("there are no extracts".to_owned()))?;
        Ok(Self { linkage, part })
    }

    /// As [`Linkage::watched_by`].
    #[must_use]
    pub fn watched_by(mut self, watch: Arc<dyn Watch>) -> Self {
        self.linkage = self.linkage.watched_by(watch);
        self
    }

    /// Which part of the persons it is of.
    pub fn part(&self) -> Part {
        self.part
    }
}
