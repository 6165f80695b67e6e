//! The linkage: all extracts of a plan, side by side, each sorted by pseudonym.
//!
//! Linking is merging. Extracts are sorted by pseudonym, so they are cut into
//! ranges of pseudonyms, which are merged independently and in parallel. What comes out of a range is one list
//! of row numbers for each look-up, and never a table of linked persons.
//!
//! ```text
//!   base     a a b d d e │ …          rows of a range of pseudonyms
//!   look-up  a   c d d   │ …
//!   index    0 0 - 2 2 - │ …          for each base row, the look-up's row or none
//! ```

pub(crate) mod merge;
pub(crate) mod prepared;
mod reduce;
mod search;

use crate::error::{Error, ErrorKind, Result};
use crate::extract::Extract;
use crate::key::KeyCheck;
use crate::plan::{Date, Plan};

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
}

impl Linkage {
    /// Puts together the extracts of all the plan's sources, in any order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Permission`] if the plan may not run today;
    /// [`ErrorKind::Linkage`] if a source has no extract or two;
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
        plan.may_run_on(Date::today())?;
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
                    .help("all agencies use the domain key that the key custodian gave out for this plan"));
            }
        }
        Ok(Self {
            plan: plan.clone(),
            extracts,
        })
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
