//! The identifier report: what a register's identifiers are like, before anything is linked.
//!
//! A linkage fails at the identifier, and then it is late to find out. So the
//! agency looks at its own register first: how many rows have an identifier,
//! what those are, why the others are none, and which occur more than once.
//! Nothing is kept of an identifier but what it was counted as.

mod repeats;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use super::cells::{cells, wanted};
use super::composite::{IdentifierColumns, RefusedPart};
use super::{IdentifierFault, IdentifierKind};
use crate::count::{BASE, Count};
use crate::error::Result;
use crate::plan::Source;
use crate::plan::document::{InvalidIdentifier, RowsPerPerson};
use crate::rows::Rows;
use crate::rows::batches::each_batch;
use crate::rows::part::RawBatch;
use crate::watch::Step;
use repeats::{Repeats, SeenIdentifiers};

/// What the identifiers of a register are like, in numbers of rows.
///
/// Every row is counted once: `rows` is the sum of `filtered`, `missing`, all
/// of `valid` and all of `quarantined`, before they are rounded.
///
/// # Disclosure
///
/// For the agency, which may pass it on: counts are rounded to a multiple of 5,
/// and 1 to 4 rows are not shown. Rounding protects each count by itself;
/// whoever adds several up may narrow one of them. An
/// [exact](Rows::exact_identifier_report) report stays with the agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IdentifierReport {
    /// The source in the plan.
    pub source: String,
    /// The register's columns that identify a person.
    pub columns: Vec<String>,
    /// The identifier type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What counts are a multiple of: 5, or 1 if they are exact.
    pub rounded_to: u64,
    /// Rows in the register's files.
    pub rows: Count,
    /// Rows that the plan's `keep` leaves out. Their identifiers were not looked at.
    pub filtered: Count,
    /// Rows without an identifier: it is null, empty or white space.
    pub missing: Count,
    /// Rows with a valid identifier, by what it was recognised as.
    pub valid: BTreeMap<String, Count>,
    /// Rows whose identifier is there but does not fit, by reason. An extract
    /// counts these and those without an identifier as its quarantine.
    pub quarantined: BTreeMap<String, Count>,
    /// Of an identifier of several columns: the same by the column that does not
    /// fit, the first of a row, and by reason; missing ones too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, BTreeMap<String, Count>>,
    /// Rows with a valid identifier.
    pub identified: Count,
    /// Different identifiers that these have, in canonical form.
    pub distinct: Count,
    /// Rows whose identifier occurs in another row too.
    pub repeated: Count,
    /// Rows of the identifier that occurs most often. Which one that is, is not shown.
    pub most_frequent: Count,
    /// Rows whose identifier is valid and belongs to an invented person.
    pub synthetic: Count,
    /// What to mind: why an extract of these rows would be refused, and whether
    /// an identifier occurs so often that it may be none.
    pub warnings: Vec<String>,
}

impl Rows {
    /// Reads the rows' identifiers and says what they are like. Of the other
    /// columns only those of the plan's `keep` are read, and of a
    /// [reader](Self::from_reader) no others need be there.
    ///
    /// Identifiers are equal if their canonical forms are, exactly.
    /// That takes 16 bytes of memory a row, more where they are longer than 15
    /// bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rows`](crate::ErrorKind::Rows) if a file or a value cannot
    /// be read. An identifier that does not fit is counted, whatever the plan
    /// says of `invalid`.
    ///
    /// # Disclosure
    ///
    /// Counts are rounded: see [`IdentifierReport`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> kobling::Result<()> {
    /// use kobling::{Plan, Rows};
    ///
    /// let plan = Plan::read("examples/nhanes/plan.toml")?;
    /// let rows = Rows::open(&plan, "hba1c", &["examples/nhanes/hba1c.parquet"])?;
    /// let report = rows.identifier_report()?;
    /// assert_eq!(report.rows.get(), Some(62_375)); // of 62,374
    /// assert!(report.missing.is_zero() && report.repeated.is_zero());
    /// # Ok(())
    /// # }
    /// ```
    pub fn identifier_report(self) -> Result<IdentifierReport> {
        self.tallied(BASE)
    }

    /// [`identifier_report`](Self::identifier_report), with exact counts.
    ///
    /// # Errors
    ///
    /// As that.
    ///
    /// # Disclosure
    ///
    /// For the agency only: an exact count may disclose one person.
    pub fn exact_identifier_report(self) -> Result<IdentifierReport> {
        self.tallied(1)
    }

    fn tallied(self, rounded_to: u64) -> Result<IdentifierReport> {
        let (plan, source) = self.plan_and_source();
        let declared = &plan.sources()[source];
        let (_, _, chunks, watched) = self.only(&declared.reads_to_identify()).into_parts();
        let source = declared.name();
        let tally = |raw: RawBatch| {
            watched.go_on()?;
            let tally = Tally::of(declared, &raw)?;
            let rows = tally.rows;
            watched.at(Step::Read { source, rows })?;
            Ok(tally)
        };
        let tallies = each_batch(chunks, tally);
        let tallies = tallies.map_err(|error| error.in_source(declared.name()))?;
        let mut all = Tally::default();
        let mut seen = Vec::with_capacity(tallies.len());
        for tally in tallies {
            seen.push(all.add(tally));
        }
        Ok(all.report(declared, &Repeats::among(seen), rounded_to))
    }
}

/// What some rows were counted as.
#[derive(Default)]
struct Tally {
    rows: u64,
    filtered: u64,
    valid: BTreeMap<IdentifierKind, u64>,
    invalid: BTreeMap<IdentifierFault, u64>,
    /// By the column of the part, and by reason.
    parts: BTreeMap<(String, IdentifierFault), u64>,
    seen: SeenIdentifiers,
}

impl Tally {
    fn of(source: &Source, raw: &RawBatch) -> Result<Self> {
        let wanted = wanted(source, raw)?;
        let identifier = source.identifier();
        let mut identifiers = IdentifierColumns::of(identifier, |name| cells(raw, name))?;
        let mut tally = Self {
            rows: wanted.len() as u64,
            seen: SeenIdentifiers::with_room_for(wanted.len()),
            ..Self::default()
        };
        let mut canonical = Vec::with_capacity(identifiers.most_bytes());
        for (row, wanted) in wanted.into_iter().enumerate() {
            if !wanted {
                tally.filtered += 1;
                continue;
            }
            canonical.clear();
            match identifiers.form(row, &mut canonical) {
                Ok(kind) => {
                    *tally.valid.entry(kind).or_default() += 1;
                    tally.seen.push(&canonical);
                }
                Err(RefusedPart { part, reason }) => {
                    *tally.invalid.entry(reason).or_default() += 1;
                    if identifier.parts.len() > 1 {
                        let part = (part.column.clone(), reason);
                        *tally.parts.entry(part).or_default() += 1;
                    }
                }
            }
        }
        Ok(tally)
    }

    /// Adds the counts of `other`; what was seen there is given back.
    fn add(&mut self, other: Self) -> SeenIdentifiers {
        self.rows += other.rows;
        self.filtered += other.filtered;
        for (kind, rows) in other.valid {
            *self.valid.entry(kind).or_default() += rows;
        }
        for (reason, rows) in other.invalid {
            *self.invalid.entry(reason).or_default() += rows;
        }
        for (part, rows) in other.parts {
            *self.parts.entry(part).or_default() += rows;
        }
        other.seen
    }

    fn report(mut self, source: &Source, repeats: &Repeats, rounded_to: u64) -> IdentifierReport {
        let count = match rounded_to {
            1 => Count::exact,
            _ => Count::rounded,
        };
        let missing = self.invalid.remove(&IdentifierFault::Missing).unwrap_or(0);
        let synthetic = self.valid.iter().filter(|(kind, _)| kind.is_synthetic());
        let synthetic = synthetic.map(|(_, rows)| rows).sum();
        let named = |named: Vec<(&'static str, u64)>| {
            let mut rows = BTreeMap::new();
            for (name, more) in named {
                *rows.entry(name).or_default() += more;
            }
            let counts = rows.into_iter();
            counts
                .map(|(name, rows)| (name.to_owned(), count(rows)))
                .collect()
        };
        let valid = self.valid.iter().map(|(kind, rows)| (kind.name(), *rows));
        let invalid = self.invalid.iter();
        let invalid = invalid.map(|(reason, rows)| (reason.code(), *rows));
        let mut parts: BTreeMap<String, BTreeMap<String, Count>> = BTreeMap::new();
        for ((column, reason), rows) in &self.parts {
            let reasons = parts.entry(column.clone()).or_default();
            reasons.insert(reason.code().to_owned(), count(*rows));
        }
        let identifier = source.identifier();
        IdentifierReport {
            parts,
            source: source.name().to_owned(),
            columns: identifier
                .parts
                .iter()
                .map(|part| part.column.clone())
                .collect(),
            kind: identifier.types().to_string(),
            rounded_to,
            rows: count(self.rows),
            filtered: count(self.filtered),
            missing: count(missing),
            valid: named(valid.collect()),
            quarantined: named(invalid.collect()),
            identified: count(self.valid.values().sum()),
            distinct: count(repeats.distinct),
            repeated: count(repeats.rows),
            most_frequent: count(repeats.frequency.most),
            synthetic: count(synthetic),
            warnings: self.warnings(source, missing, repeats),
        }
    }

    fn warnings(&self, source: &Source, missing: u64, repeats: &Repeats) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut warn = |what: &str| {
            warnings.push(format!("{}: {what}; no extract can be made", source.name()));
        };
        if source.rows() == RowsPerPerson::One && repeats.rows > 0 {
            warn("identifiers occur more than once, and the plan says rows = \"one\"");
        }
        if source.rows() == RowsPerPerson::Many
            && let Some(warning) = repeats.frequency.warning()
        {
            warnings.push(format!("{}: {warning}", source.name()));
        }
        let mut warn = |what: &str| {
            warnings.push(format!("{}: {what}; no extract can be made", source.name()));
        };
        let unfit = missing > 0 || !self.invalid.is_empty();
        if source.identifier().invalid == InvalidIdentifier::Fail && unfit {
            warn("identifiers do not fit, and the plan says invalid = \"fail\"");
        }
        warnings
    }
}
