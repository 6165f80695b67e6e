//! The linkage plan: what may be linked, why, by whom, and what may come out.
//!
//! A plan is the one document that a lawyer signs and a machine enforces.
//! Everything that runs starts from a [`Plan`], and there is no way to a
//! [`Plan`] but through its checks; so nothing runs that the plan does not say.
//!
//! ```text
//! TOML ── read ▶ PlanDocument ── check ▶ Plan          (or all Findings, with line and column)
//! ```

mod check;
mod code_list;
mod digest;
pub mod document;
mod finding;
pub(crate) mod format;
pub(crate) mod identifier;
pub(crate) mod nfc;
mod notes;
pub(crate) mod recipe;
mod render;
pub(crate) mod scalar;
pub(crate) mod table;
pub(crate) mod text;
mod timestamp;
pub(crate) mod zone;

use std::path::Path;
use std::sync::Arc;

pub(crate) use check::instead;
pub use digest::PlanDigest;
pub use document::PlanDocument;
pub use finding::{Finding, Findings};
#[doc(inline)]
pub use kobling_identifier::{
    Control, Date, FnrKind, FnrKinds, HnrControl, IdentifierRule, IdentifierType, Synthetic,
};
pub use recipe::ColumnType;
pub use scalar::{Number, Percent, Scalar};
pub(crate) use table::Rules;
pub use timestamp::Timestamp;

use crate::error::{Error, ErrorKind, Result};
use crate::limited;
use document::RowsPerPerson;
use format::FileFormat;
use identifier::Identifier;
use recipe::Recipe;
use table::{Condition, TablePlan};

/// The plan language in words: every key, what it means, and an example.
pub const LANGUAGE: &str = include_str!("plan/language.txt");

/// The plan language as a JSON Schema of draft-07, for editors.
///
/// A plan names it by a first line `#:schema schema.json`. It says less than
/// [`PlanDocument::check`] does: which keys there are and of which types, not what
/// goes together.
pub const SCHEMA: &str = include_str!("plan/schema.json");

/// A plan's file is at most this large, in bytes.
const MOST_BYTES: u64 = 4 << 20;

/// The least `min_persons` that a plan may ask for.
///
/// With a threshold of two, each of two persons in a cell learns the other's
/// value; so three is the least that protects (ESSnet handbook on statistical
/// disclosure control, 2nd edition, chapter 4).
pub const LEAST_MIN_PERSONS: u32 = 3;

/// A checked linkage plan.
///
/// Cloning is cheap: clones share one plan.
///
/// # Examples
///
/// ```
/// use kobling::Plan;
///
/// let findings = Plan::parse("version = 1\n[projekt]\nid = 'p'").unwrap_err();
/// assert!(findings.to_string().contains("did you mean `project`?"));
/// ```
#[derive(Clone)]
pub struct Plan {
    checked: Arc<Checked>,
    /// When it is run; `None` is whenever the clock is asked.
    at: Option<Timestamp>,
}

struct Checked {
    document: PlanDocument,
    digest: PlanDigest,
    sources: Vec<Source>,
    tables: Vec<TablePlan>,
    rehearsal: bool,
}

impl Plan {
    /// What the pseudonymisation domain of a rehearsal begins with.
    pub(crate) const REHEARSAL: &str = "rehearsal of ";

    /// Reads and checks a plan from a TOML file, with the code lists that it names.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if the file cannot be read, [`ErrorKind::Plan`]
    /// with all findings if the plan is not well-formed or breaks a check.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::examine(path)?.map_err(|findings| Error::from(findings).in_file(path))
    }

    /// As [`read`](Self::read), with the findings one by one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] if the file cannot be read, [`ErrorKind::Plan`] if it
    /// is no text of a plan; and inside, all findings.
    pub fn examine(path: impl AsRef<Path>) -> Result<Result<Self, Findings>> {
        let path = path.as_ref();
        let refuse = |rule: &str| Error::new(ErrorKind::Plan, rule).in_file(path);
        let io = |error| Error::file(path, "read the plan", &error);
        let size = std::fs::metadata(path).map_err(io)?.len();
        if size > MOST_BYTES {
            return Err(refuse("a plan has at most 4 MiB; this is not a plan"));
        }
        let bytes = limited::read(path, MOST_BYTES, "read the plan")?;
        let text = String::from_utf8(bytes).map_err(|_| refuse("a plan is UTF-8 text"))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self::parse_in(&text, Some(folder)))
    }

    /// Reads and checks a plan from TOML text. A code list, which is a file
    /// in the plan's folder, cannot be read so, and is a finding.
    ///
    /// # Errors
    ///
    /// All findings, each with line and column.
    pub fn parse(text: &str) -> Result<Self, Findings> {
        Self::parse_in(text, None)
    }

    fn parse_in(text: &str, folder: Option<&Path>) -> Result<Self, Findings> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        text::read(text)?.check_in(folder, |findings| text::locate(text, findings))
    }

    /// The same plan for a rehearsal: on test data, with throwaway keys.
    ///
    /// It needs no approval, and its digest and pseudonymisation domain
    /// differ from the plan's own, so that nothing made in a rehearsal can
    /// pass for the real thing, or the reverse.
    #[must_use]
    pub fn rehearsal(&self) -> Self {
        let checked = &*self.checked;
        let checked = Arc::new(Checked {
            document: checked.document.clone(),
            digest: checked.digest.rehearsal(),
            sources: checked.sources.clone(),
            tables: checked.tables.clone(),
            rehearsal: true,
        });
        let at = self.at;
        Self { checked, at }
    }

    /// The same plan, run at `time`, or on that day, whatever the clock says.
    ///
    /// Everything that is made under a plan asks the plan what time it is; so a run that
    /// takes its time from the caller is one whose plan has it, from
    /// [`Rows::open`](crate::Rows::open) and [`Extract::read`](crate::Extract::read) on.
    /// It decides two things: whether the plan [may run](Self::may_run), and what time
    /// manifests and entries of the ledger say that they were made at. It is believed.
    ///
    /// It does not decide how identifiers are read, which is by the plan's
    /// `reference_date`; nor anything in extracts, which have no time in them, or in
    /// tables; nor the order of a ledger, which is that of its entries. And the plan's
    /// digest is the same at any time: what was made at different ones links.
    ///
    /// # Examples
    ///
    /// ```
    /// use kobling::Plan;
    /// use kobling::plan::Date;
    ///
    /// # fn main() -> kobling::Result<()> {
    /// let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// let late = plan.at(Date::new(9999, 12, 31).unwrap());
    /// assert!(late.may_run().is_err());
    /// assert_eq!(late.digest(), plan.digest());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn at(&self, time: impl Into<Timestamp>) -> Self {
        Self {
            checked: Arc::clone(&self.checked),
            at: Some(time.into()),
        }
    }

    /// When it is run: the time that it was [given](Self::at), or that of the clock now.
    pub fn time(&self) -> Timestamp {
        self.at.unwrap_or_else(Timestamp::now)
    }

    /// Whether this is a plan for a rehearsal.
    pub fn is_rehearsal(&self) -> bool {
        self.checked.rehearsal
    }

    /// The plan as written.
    pub fn document(&self) -> &PlanDocument {
        &self.checked.document
    }

    /// SHA-256 over the plan's canonical form: the same whatever its comments,
    /// white space and order of keys.
    pub fn digest(&self) -> PlanDigest {
        self.checked.digest
    }

    /// The project's id, which names the pseudonymisation domain.
    pub fn project(&self) -> &str {
        &self.checked.document.project.id
    }

    /// The epoch of the domain's key.
    pub fn epoch(&self) -> u32 {
        self.checked.document.project.epoch
    }

    /// The registers, by name.
    pub fn sources(&self) -> &[Source] {
        &self.checked.sources
    }

    /// One register.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plan`] if the plan has no such source.
    pub fn source(&self, name: &str) -> Result<&Source> {
        Ok(&self.sources()[self.source_place(name)?])
    }

    /// A register's place among [`sources`](Self::sources).
    pub(crate) fn source_place(&self, name: &str) -> Result<usize> {
        let place = self.sources().iter().position(|source| source.name == name);
        place.ok_or_else(|| {
            let names: Vec<&str> = self.sources().iter().map(Source::name).collect();
            Error::new(ErrorKind::Plan, "the plan has no such source")
                .in_source(name)
                .help(format!("its sources: {}", names.join(", ")))
        })
    }

    /// The names of the tables that come out.
    pub fn table_names(&self) -> impl Iterator<Item = &str> {
        self.checked.tables.iter().map(|table| table.name.as_str())
    }

    /// The place of the source of identity history, if there is one.
    pub(crate) fn history(&self) -> Option<usize> {
        self.sources().iter().position(Source::is_history)
    }

    pub(crate) fn tables(&self) -> &[TablePlan] {
        &self.checked.tables
    }

    fn of(checked: Checked) -> Self {
        Self {
            checked: Arc::new(checked),
            at: None,
        }
    }

    /// Whether the plan may run on the day of its [time](Self::time): what every step
    /// asks that reads anything under it.
    ///
    /// # Errors
    ///
    /// As [`may_run_on`](Self::may_run_on).
    pub fn may_run(&self) -> Result<()> {
        self.may_run_on(self.time().date())
    }

    /// Whether the plan may run on `day`: inside its dates and, unless this is
    /// a rehearsal, approved by then.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Permission`] if it may not.
    pub fn may_run_on(&self, day: Date) -> Result<()> {
        let project = &self.checked.document.project;
        let refuse = |rule: String| {
            let rule = format!("the plan of project {} {rule}", project.id);
            Error::new(ErrorKind::Permission, rule)
        };
        let valid = &project.valid;
        if day < valid.from {
            return Err(refuse(format!("is not valid before {}", valid.from)));
        }
        if day > valid.until {
            return Err(refuse(format!(
                "expired: it was valid until {}",
                valid.until
            )));
        }
        if !self.checked.rehearsal && !project.approved.iter().any(|approval| approval.on <= day) {
            let help = "add `approved` to [project], or try the plan with `kobling rehearse`";
            return Err(refuse("is approved by nobody yet".to_owned()).help(help));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Plan({}/{}, {})",
            self.project(),
            self.epoch(),
            self.digest()
        )
    }
}

/// One register of a plan.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    format: Arc<FileFormat>,
    identifier: Identifier,
    rows: RowsPerPerson,
    keep: Vec<Condition>,
    columns: Vec<Column>,
    /// Of a history: the register's column of the current identifier.
    current: Option<String>,
}

impl Source {
    /// Its name in the plan.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a person has at most one row, or several.
    pub fn rows(&self) -> RowsPerPerson {
        self.rows
    }

    /// The columns that leave the agency, in the order of the extract: by name.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether it says which identifiers were replaced by which: then its
    /// extract has a second column of pseudonyms, `current`, and its one
    /// declared column is the day from which that is so, `valid_from`.
    pub fn is_history(&self) -> bool {
        self.current.is_some()
    }

    /// The columns that are read from the register: of its identifiers, of
    /// `keep` and of the declared columns, each once, sorted.
    pub fn reads(&self) -> Vec<&str> {
        let parts = self.identifier.parts.iter();
        let mut names: Vec<&str> = parts
            .map(|part| part.column.as_str())
            .chain(self.current())
            .chain(self.keep.iter().map(|condition| condition.column.as_str()))
            .chain(self.columns.iter().map(|column| column.from.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Those of the columns that are [read](Self::reads) which say who a row is of, and whether
    /// it is kept: what an [`IdentifierReport`](crate::IdentifierReport) looks at.
    pub fn reads_to_identify(&self) -> Vec<&str> {
        let parts = self.identifier.parts.iter();
        let mut names: Vec<&str> = parts
            .map(|part| part.column.as_str())
            .chain(self.keep.iter().map(|condition| condition.column.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What the plan says of the register's files.
    pub(crate) fn format(&self) -> &Arc<FileFormat> {
        &self.format
    }

    pub(crate) fn identifier(&self) -> &Identifier {
        &self.identifier
    }

    /// Of a history: the register's column of the current identifier.
    pub(crate) fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    pub(crate) fn keep(&self) -> &[Condition] {
        &self.keep
    }
}

/// One column that leaves the agency.
#[derive(Debug, Clone)]
pub struct Column {
    name: String,
    from: String,
    recipe: Recipe,
}

impl Column {
    /// Its name in the extract.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name in the register.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Its type in the extract.
    pub fn column_type(&self) -> ColumnType {
        self.recipe.output
    }

    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }
}
