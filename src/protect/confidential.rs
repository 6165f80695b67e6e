//! From linked extracts to confidential tables, and from these to protected ones.

use super::figures::ConfidentialFigures;
use super::{ProtectedTables, Protection};
use crate::error::Result;
use crate::link::Linkage;
use crate::plan::Plan;
use crate::table::{Confidential, Methods, Tables};

/// All tables of a plan before protection: exact figures, which never leave the
/// process, and what they will be protected with.
///
/// # Disclosure
///
/// Confidential tables cannot be released, written, printed or read:
///
/// ```compile_fail,E0599
/// use kobling::protect::ConfidentialTables;
/// fn leak(tables: ConfidentialTables) -> kobling::Result<kobling::Release> { tables.release() }
/// ```
/// ```compile_fail,E0599
/// use kobling::protect::ConfidentialTables;
/// fn look(tables: &ConfidentialTables) { for cell in tables.cells() {} }
/// ```
pub struct ConfidentialTables {
    pub(super) tables: Tables<Confidential>,
    pub(super) protection: Protection,
}

impl Linkage {
    /// Links, and folds the linked rows straight into the cells of all the plan's
    /// tables, with all that `protection` needs of them.
    ///
    /// Categories that the plan does not declare and fewer than `min_persons`
    /// persons have become one, which the plan names.
    ///
    /// The result is the same for any number of threads and any order of
    /// extracts, bit for bit. Columns of a table are made for the rows that
    /// count in it: a value of any other row is refused by no step.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a figure is too
    /// large to be held exactly, or a table has more cells than its method can
    /// list; [`ErrorKind::Protection`](crate::ErrorKind::Protection) if
    /// `protection` does not [suffice](Protection::check_plan) for the plan, which is asked before any
    /// row is read; if more than half of a table's persons are in cells of fewer than
    /// `min_persons`: then it is a list of persons; or if a sum or mean is of a column
    /// whose values are 0 and 1 only.
    ///
    /// # Disclosure
    ///
    /// What the record keys of a cell's persons add up to is in the tables, which have
    /// no door out.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::protect::Protection;
    /// use kobling::protect::perturbation::Perturbation;
    /// use kobling::{Linkage, ReleaseKey};
    ///
    /// # fn release(linkage: Linkage, key: ReleaseKey) -> kobling::Result<kobling::Release> {
    /// let perturbation = Perturbation::read("perturbation.toml")?;
    /// let protection = Protection::new(key).perturbation(perturbation);
    /// linkage.tabulate(protection)?.protect()?.release()
    /// # }
    /// ```
    pub fn tabulate(self, protection: Protection) -> Result<ConfidentialTables> {
        protection.check_plan(&self.plan)?;
        let needed = protection.needs_record_keys(&self.plan);
        let keys = needed.then(|| protection.key.record_keys());
        let (tables, context) = self.tables(keys.as_ref(), Methods::Own)?;
        let tables = Tables {
            tables,
            context,
            provenance: self.provenance(Methods::Own),
            plan: self.plan,
        };
        Ok(ConfidentialTables { tables, protection })
    }
}

impl ConfidentialTables {
    /// The plan that they were made under.
    pub fn plan(&self) -> &Plan {
        &self.tables.plan
    }

    /// Protects all tables as the plan says.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`](crate::ErrorKind::Protection) if a table cannot be
    /// protected as the plan asks;
    /// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a rule cannot be
    /// computed exactly. Nothing is released then.
    ///
    /// # Disclosure
    ///
    /// A figure of the result is one that the rules find safe, one that the plan
    /// excepts, or one that is published in place of the true one; what each method does not
    /// stop is in the [manifest](crate::Manifest) of the release.
    /// In addition to the figures there are measures of their
    /// [utility](ProtectedTables::utility), which are not for the recipient.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::protect::{Protection, Rule};
    /// use kobling::{Linkage, LinkageKey, Plan, ReleaseKey, Rows};
    ///
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let extracts: Vec<_> = plan.sources().iter().map(|source| {
    /// #     let path = format!("examples/nhanes/{}.parquet", source.name());
    /// #     Rows::open(&plan, source.name(), &[path])?.identify()?.pseudonymise(&key)
    /// # }).collect::<kobling::Result<_>>()?;
    /// let protection = Protection::new(ReleaseKey::generate()?);
    /// let tables = Linkage::new(&plan, extracts)?.tabulate(protection)?;
    /// let protected = tables.protect()?;
    /// let suppressed = protected.suppressed_by_rule("mortality");
    /// // 14 numbers of persons, and 31 of deaths: few died, or few did not.
    /// assert_eq!(suppressed[&Rule::MinPersons], 45);
    /// # Ok(())
    /// # }
    /// ```
    pub fn protect(self) -> Result<ProtectedTables> {
        let Self { tables, protection } = self;
        let figures = ConfidentialFigures {
            plan: tables.plan,
            tables: tables.tables,
            populations: tables.context,
            provenance: tables.provenance,
        };
        let (mut protected, entry) = figures.protect(&protection)?;
        protected.recording = protection.ledger.zip(entry);
        Ok(protected)
    }
}

/// Figures are not shown.
impl std::fmt::Debug for ConfidentialTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Confidential{:?}", self.tables)
    }
}
