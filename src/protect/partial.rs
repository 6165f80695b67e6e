//! Tables in parts: each a share of the persons, folded wherever it may be, and put
//! together where the release is made.
//!
//! ```text
//!                ┌─▶ part 0/64 ─▶ PartialTables ─▶ sealed file ─┐
//! Linkage ───────┼─▶ part 1/64 ─▶ PartialTables ─▶ sealed file ─┼─▶ ConfidentialTables
//!                └─▶ …                                          ┘       merge
//! ```
//!
//! A part holds the cells of its persons and nothing of others, so a run is bounded in
//! memory by its largest part, and what is done stays done when it is stopped. The
//! tables of all parts together are the same, bit for bit, as those of one run.

mod sealed;

use std::path::Path;

use super::{ConfidentialTables, Protection};
use crate::error::{Error, ErrorKind, Result, counted};
use crate::extract::Part;
use crate::key::{KeyCheck, ReleaseKey};
use crate::link::{Linkage, LinkagePart};
use crate::plan::Plan;
use crate::table::{Methods, Provenance, Shares, Tables};

/// The confidential tables of one part of the persons.
///
/// # Disclosure
///
/// Exact figures of few persons: more than the tables of all. They leave the process
/// only [sealed](Self::seal).
///
/// ```compile_fail,E0599
/// fn leak(part: kobling::protect::PartialTables) -> kobling::Result<()> { part.protect().map(drop) }
/// ```
pub struct PartialTables {
    plan: Plan,
    part: Part,
    /// Of the release key whose record keys were folded.
    release_key: KeyCheck,
    provenance: Provenance,
    /// Rows of the part, by extract in the order of the provenance's.
    rows: Vec<u64>,
    shares: Shares,
}

impl Linkage {
    /// Links the persons of one part, and folds their rows into the cells of all the
    /// plan's tables: as [`tabulate`](Self::tabulate) does with all of them.
    ///
    /// Record keys are folded whether or not the plan's methods need them, for whether
    /// there will be a ledger is known when parts are merged.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`] if a figure is too large to be held exactly. What depends
    /// on all persons is refused when parts are merged.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::extract::Part;
    /// use kobling::protect::{ConfidentialTables, Protection};
    /// use kobling::{Linkage, LinkageKey, Plan, ReleaseKey, Rows};
    ///
    /// # let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// # let key = LinkageKey::generate()?.domain_key(&plan.domain());
    /// # let extracts: Vec<_> = plan.sources().iter().map(|source| {
    /// #     let path = format!("examples/nhanes/{}.parquet", source.name());
    /// #     Rows::open(&plan, source.name(), &[path])?.identify()?.pseudonymise(&key)
    /// # }).collect::<kobling::Result<_>>()?;
    /// let linkage = Linkage::new(&plan, extracts)?;
    /// let release_key = ReleaseKey::generate()?;
    /// let parts = Part::all(7)?.map(|part| linkage.tabulate_part(part, &release_key));
    /// let parts = parts.collect::<kobling::Result<Vec<_>>>()?;
    /// let tables = ConfidentialTables::merge(parts, Protection::new(release_key))?;
    /// assert_eq!(tables.protect()?.release()?.table("mortality").unwrap().num_rows(), 96);
    /// # Ok(())
    /// # }
    /// ```
    pub fn tabulate_part(&self, part: Part, key: &ReleaseKey) -> Result<PartialTables> {
        Ok(PartialTables {
            plan: self.plan.clone(),
            part,
            release_key: key.check(),
            // Parts of two runs are distinguished by what their extracts hold.
            provenance: self.provenance(Methods::Any),
            rows: self.rows_in(part),
            shares: self.shares(&key.record_keys(), part)?,
        })
    }
}

impl LinkagePart {
    /// Links and tabulates the persons of this part: as [`Linkage::tabulate_part`], of the
    /// part that it has.
    ///
    /// # Errors
    ///
    /// As [`Linkage::tabulate_part`].
    pub fn tabulate(&self, key: &ReleaseKey) -> Result<PartialTables> {
        self.linkage.tabulate_part(self.part, key)
    }
}

impl PartialTables {
    /// The plan that they were made under.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Which part of the persons they are of.
    pub fn part(&self) -> Part {
        self.part
    }

    /// The figures as bytes that nobody reads who does not have the release key.
    ///
    /// They are encrypted and authenticated (XChaCha20-Poly1305; RFC 8439 and
    /// draft-irtf-cfrg-xchacha) under a key that is derived from the release key, and
    /// bound to the plan, the part, the content of the extracts and the version of
    /// kobling, which precede them in the clear.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Key`] if this is not the release key that record keys were folded
    /// with, or the system has no random bytes.
    pub fn seal(self, key: &ReleaseKey) -> Result<Vec<u8>> {
        self.refuse_other(key)?;
        sealed::seal(self, key)
    }

    /// Seals and writes them: the whole file, or none. Its owner only may read it. A file
    /// that is there already is replaced, whole.
    ///
    /// # Errors
    ///
    /// As [`seal`](Self::seal), and [`ErrorKind::File`] if it cannot be written.
    pub fn write(self, path: impl AsRef<Path>, key: &ReleaseKey) -> Result<()> {
        let bytes = self.seal(key)?;
        sealed::write(path.as_ref(), &bytes)
    }

    /// Opens what was [sealed](Self::seal).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Linkage`] if it is no sealed part, was made under another plan or
    /// by another version of kobling, or is damaged; [`ErrorKind::Key`] if it was sealed
    /// under another release key; [`ErrorKind::Permission`] if the plan may not run now.
    pub fn open(plan: &Plan, bytes: &[u8], key: &ReleaseKey) -> Result<Self> {
        plan.may_run()?;
        sealed::open(plan, bytes, key)
    }

    /// Reads and opens what was [written](Self::write).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`ErrorKind::File`] if it cannot be read.
    pub fn read(plan: &Plan, path: impl AsRef<Path>, key: &ReleaseKey) -> Result<Self> {
        let path = path.as_ref();
        let bytes = sealed::read(path)?;
        Self::open(plan, &bytes, key).map_err(|error| error.in_file(path))
    }

    fn refuse_other(&self, key: &ReleaseKey) -> Result<()> {
        if self.release_key == key.check() {
            return Ok(());
        }
        let rule = format!(
            "part {} was made with another release key: its key check is {}, and that of this one {}",
            self.part,
            self.release_key,
            key.check()
        );
        Err(Error::new(ErrorKind::Key, rule))
    }
}

impl ConfidentialTables {
    /// The tables of all parts, put together: the same as those of one run.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Linkage`] if a part is missing or there twice, if two are of different
    /// plans, extracts or numbers of parts, or if all together have not as many rows of an
    /// extract as it says; [`ErrorKind::Key`] if one was made
    /// with another release key than that of `protection`; [`ErrorKind::Permission`] if
    /// the plan may not run now, however long ago they were made; and those of
    /// [`Linkage::tabulate`].
    pub fn merge(
        parts: impl IntoIterator<Item = PartialTables>,
        protection: Protection,
    ) -> Result<Self> {
        let mut parts: Vec<PartialTables> = parts.into_iter().collect();
        parts.sort_by_key(|part| part.part);
        let plan = complete(&parts)?.clone();
        plan.may_run()?;
        for part in &parts {
            part.refuse_other(protection.key())?;
        }
        protection.check_plan(&plan)?;
        let provenance = parts[0].provenance.clone();
        let shares = parts.into_iter().map(|part| part.shares).collect();
        let needed = protection.needs_record_keys(&plan);
        let keys = needed.then(|| protection.key.record_keys());
        let (tables, context) = Shares::tables(&plan, shares, keys.as_ref(), &protection.watched)?;
        let tables = Tables {
            tables,
            context,
            provenance,
            plan,
        };
        Ok(Self { tables, protection })
    }
}

/// The plan of `parts`, in their order, if they are all of one run.
fn complete(parts: &[PartialTables]) -> Result<&Plan> {
    let refused = |rule: String| Err(Error::new(ErrorKind::Linkage, rule));
    let Some(first) = parts.first() else {
        return refused("there are no parts to merge".to_owned());
    };
    let of = first.part.of();
    for other in &parts[1..] {
        let part = other.part;
        if part.of() != of {
            let rule = format!(
                "parts {} and {part} are of two runs: one has {of} parts and the other {}",
                first.part,
                part.of()
            );
            return refused(rule);
        }
        if other.plan.digest() != first.plan.digest() {
            return refused(format!(
                "part {part} was made under another plan than part {}",
                first.part
            ));
        }
        if other.provenance.key_check != first.provenance.key_check {
            let rule = format!(
                "part {part} is of extracts under another domain key than part {}",
                first.part
            );
            return refused(rule);
        }
        let inputs = other.provenance.inputs.iter().zip(&first.provenance.inputs);
        for (own, others) in inputs {
            if own != others {
                let rule = format!(
                    "part {part} is of another extract of {} than part {}",
                    own.source, first.part
                );
                return refused(rule);
            }
        }
    }
    if let Some(two) = parts.windows(2).find(|two| two[0].part == two[1].part) {
        return refused(format!("part {} is there twice", two[0].part));
    }
    let is_there = |index: &u32| parts.iter().any(|part| part.part.index() == *index);
    let missing: Vec<u32> = (0..of).filter(|index| !is_there(index)).collect();
    if let Some(index) = missing.first() {
        let rule = format!("part {index}/{of} is missing");
        let rest = missing.len() as u64 - 1;
        return refused(match rest {
            0 => rule,
            _ => format!("{rule}, and {} more", counted(rest, "part")),
        });
    }
    for (place, input) in first.provenance.inputs.iter().enumerate() {
        // Each vouches for its own rows; that these are all, only together.
        let rows: u64 = parts.iter().map(|part| part.rows[place]).sum();
        if rows != input.rows {
            let rule = format!(
                "all parts together have {} of its extract, which has {}",
                counted(rows, "row"),
                input.rows
            );
            let error = Error::new(ErrorKind::Linkage, rule).in_source(&input.source);
            return Err(error.help("a file of the extract is not the one that was written; read the extract whole to learn which, or make it anew"));
        }
    }
    Ok(&first.plan)
}

/// Figures are not shown.
impl std::fmt::Debug for PartialTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartialTables({}, ..)", self.part)
    }
}
