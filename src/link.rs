//! The linkage: all extracts of a plan, side by side, each sorted by pseudonym.
//!
//! Linking is merging. Extracts are sorted by pseudonym, so they are cut into
//! ranges of pseudonyms, which are merged independently and in parallel. What
//! comes out of a range is one list of row numbers for each look-up, and never
//! a table of linked persons.
//!
//! ```text
//!   base     a a b d d e │ …          rows of a range of pseudonyms
//!   look-up  a   c d d   │ …
//!   index    0 0 - 2 2 - │ …          for each base row, the look-up's row or none
//! ```
//!
//! Where the plan has a source of identity history, rows under a replaced
//! number are first moved to the one that is current; see
//! [`Role::History`](crate::plan::document::Role::History).

mod history;
pub(crate) mod merge;
mod moved;
mod nobody;
mod part;
pub(crate) mod prepared;
mod reduce;
mod rows;
mod search;
mod sieve;
mod through;
mod warnings;

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::extract::{Extract, Part};
use crate::key::KeyCheck;
use crate::plan::Plan;
use crate::watch::{Watch, Watched};
use history::Successors;
use moved::Moved;
pub use part::LinkagePart;
use rows::SlotColumn;
pub(crate) use rows::SlotRange;

/// The extracts of a plan, verified to belong together.
///
/// # Disclosure
///
/// Held by the linkage unit. Linked rows of persons are nowhere: it can only be
/// [tabulated](Linkage::tabulate).
///
/// ```compile_fail,E0599
/// fn rows(linkage: &kobling::Linkage) { linkage.write("persons.parquet"); }
/// ```
pub struct Linkage {
    pub(crate) plan: Plan,
    /// In the order of the plan's sources.
    pub(crate) extracts: Vec<Extract>,
    /// What the history moves of each extract; `None` where there is nothing to
    /// move, or no history.
    moved: Vec<Option<Moved>>,
    pub(crate) watched: Watched,
}

impl Linkage {
    /// Puts together the extracts of all the plan's sources, in any order.
    ///
    /// Where the plan has a source of role `history`, each row under a number
    /// that was replaced by the plan's reference date is then the row of the
    /// person whose number took its place.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Permission`] if the plan may not run today;
    /// [`ErrorKind::Linkage`] if a source has no extract or two, if the history
    /// gives a number two current ones or goes in a circle, or if by it a
    /// person has two rows where the plan says `rows = "one"`;
    /// [`ErrorKind::Extract`] if an extract was made under another plan, or
    /// with another domain key than the rest: both key checks are shown.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::{ErrorKind, Linkage, Plan};
    ///
    /// let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// let nothing = Linkage::new(&plan, []).unwrap_err();
    /// assert_eq!(nothing.to_string(), "source demo: has no extract");
    /// assert_eq!(nothing.kind(), ErrorKind::Linkage);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(plan: &Plan, extracts: impl IntoIterator<Item = Extract>) -> Result<Self> {
        plan.may_run()?;
        let mut places: Vec<Option<Extract>> = plan.sources().iter().map(|_| None).collect();
        for extract in extracts {
            let name = extract.source().name().to_owned();
            if extract.plan().digest() != plan.digest() {
                let rule = "was made under another plan";
                return Err(Error::new(ErrorKind::Extract, rule).in_source(&name));
            }
            let place = &mut places[extract.source_index()];
            if place.is_some() {
                let rule = "has two extracts; give one, made from all of its files";
                return Err(Error::new(ErrorKind::Linkage, rule).in_source(&name));
            }
            *place = Some(extract);
        }
        let extracts = places
            .into_iter()
            .zip(plan.sources())
            .map(|(extract, source)| {
                extract.ok_or_else(|| {
                    Error::new(ErrorKind::Linkage, "has no extract").in_source(source.name())
                })
            });
        let extracts: Vec<Extract> = extracts.collect::<Result<_>>()?;
        let first = &extracts[0];
        for other in &extracts[1..] {
            if other.key_check() != first.key_check() {
                let rule = format!(
                    "was pseudonymised with another domain key: key check {}, that of {} is {}",
                    other.key_check(),
                    first.source().name(),
                    first.key_check()
                );
                return Err(Error::new(ErrorKind::Extract, rule)
                    .in_source(other.source().name())
                    .help("all agencies use the domain key that the key custodian issued for this plan"));
            }
        }
        Ok(Self {
            plan: plan.clone(),
            moved: moved(plan, &extracts)?,
            extracts,
            watched: Watched::default(),
        })
    }

    /// Has `watch` notified of all linking, until there are tables: it may have it cancelled.
    /// What is done to tables then is reported to the watch of the
    /// [`Protection`](crate::protect::Protection::watched_by).
    #[must_use]
    pub fn watched_by(mut self, watch: Arc<dyn Watch>) -> Self {
        self.watched = Watched::by(watch);
        self
    }

    /// How many rows of the extract of the plan's source at `place` are under a
    /// replaced number; `None` if the plan has no history, or for the history.
    pub(crate) fn retired(&self, place: usize) -> Option<u64> {
        let register = self.plan.history()? != place;
        let moved = self.moved[place].as_ref();
        register.then(|| moved.map_or(0, |moved| moved.leaving.len() as u64))
    }

    /// How many rows each extract has of the persons in a part.
    pub(crate) fn rows_in(&self, part: Part) -> Vec<u64> {
        let rows = |extract: &Extract| extract.rows_in(part).len() as u64;
        self.extracts.iter().map(rows).collect()
    }

    /// A column of the extract of the plan's source at `source`.
    fn column(&self, source: usize, place: usize) -> SlotColumn<'_> {
        let moved = self.moved[source].as_ref();
        SlotColumn {
            stored: self.extracts[source].column(place),
            moved: moved.map(|moved| &moved.columns[place]),
        }
    }

    /// The plan that is linked under.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The key check of the domain key that all extracts were made with.
    pub fn key_check(&self) -> KeyCheck {
        self.extracts[0].key_check()
    }
}

/// What the plan's history moves of each extract.
fn moved(plan: &Plan, extracts: &[Extract]) -> Result<Vec<Option<Moved>>> {
    let history = plan.history().map(|place| &extracts[place]);
    let Some((source, pairs)) = history.and_then(|e| Some((e.source(), e.history()?))) else {
        return Ok(extracts.iter().map(|_| None).collect());
    };
    let on = plan.document().project.reference_date();
    let successors =
        Successors::resolve(pairs, on).map_err(|error| error.in_source(source.name()))?;
    let types = source.identifier().types();
    let moved = extracts.iter().map(|extract| {
        let declared = extract.source();
        // Pseudonyms of other types never match those of the history.
        if declared.is_history() || declared.identifier().types() != types {
            return Ok(None);
        }
        let moved = Moved::new(extract, &successors)?;
        Ok((!moved.leaving.is_empty()).then_some(moved))
    });
    moved.collect()
}

impl std::fmt::Debug for Linkage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Linkage({:?}, {} extracts)",
            self.plan,
            self.extracts.len()
        )
    }
}
