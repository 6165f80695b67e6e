//! `kobling pseudonymise`: from an agency's register to its extract.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kobling::{DomainKey, Inspection, Plan, Quarantine, Rows};
use serde_json::{Value, json};

use crate::arguments::Pseudonymise;
use crate::console::{Console, Report, rows_read};
use crate::failure::Failure;
use crate::output::refuse_existing;

pub(crate) fn run(arguments: &Pseudonymise, console: &Console) -> Result<Report, Failure> {
    refuse_existing(&arguments.out)?;
    let plan = arguments.plan.read()?;
    let key = DomainKey::read(&arguments.key)?;
    let made = Made::make(
        &plan,
        &arguments.source,
        &key,
        &arguments.inputs,
        &arguments.out,
        console,
    )?;
    let mut text = made.text("");
    let _ = writeln!(text, "  sha256      {}", made.sha256);
    let _ = writeln!(text, "  file        {}", arguments.out.display());
    let mut json = made.to_json();
    json["file"] = json!(arguments.out.display().to_string());
    json["rehearsal"] = json!(plan.is_rehearsal());
    Ok(Report::new(text, json))
}

/// An extract that was made and written, in numbers.
pub(crate) struct Made {
    source: String,
    rows_read: u64,
    rows: u64,
    quarantine: Quarantine,
    key_check: String,
    sha256: String,
}

impl Made {
    /// Makes the extract of `source`, and writes it to `out`.
    pub(crate) fn make(
        plan: &Plan,
        source: &str,
        key: &DomainKey,
        inputs: &[PathBuf],
        out: &Path,
        console: &Console,
    ) -> Result<Self, Failure> {
        // Before the rows are read, which may take long.
        key.fits(plan)?;
        let rows = Rows::open(plan, source, inputs)?;
        let reading = console.reading(format!("agency {source}"));
        let identified = rows.with_progress(reading.counter()).identify()?;
        reading.done();
        let (rows_read, rows) = (identified.rows_read(), identified.rows());
        let quarantine = identified.quarantine().clone();
        let extract = identified.pseudonymise(key)?;
        extract.write(out)?;
        Ok(Self {
            source: source.to_owned(),
            rows_read,
            rows,
            quarantine,
            key_check: extract.key_check().to_string(),
            // Of what lies on the disk, and so a first proof that it can be read.
            sha256: Inspection::read(out)?.sha256,
        })
    }

    /// Neither kept nor in quarantine: what the plan's `keep` leaves out.
    fn not_kept(&self) -> u64 {
        let accounted = self.rows + self.quarantine.rows();
        self.rows_read.saturating_sub(accounted)
    }

    /// The counts as lines, each behind `indent`.
    pub(crate) fn text(&self, indent: &str) -> String {
        let reasons = self.quarantine.by_reason();
        let reasons: Vec<String> = reasons
            .map(|(reason, rows)| format!("{reason} {rows}"))
            .collect();
        let reasons = match reasons.is_empty() {
            true => String::new(),
            false => format!(" ({})", reasons.join(", ")),
        };
        let mut lines = vec![
            format!("{}: {}", self.source, rows_read(self.rows_read)),
            format!("  kept        {}", self.rows),
            format!("  quarantined {}{reasons}", self.quarantine.rows()),
        ];
        if self.not_kept() > 0 {
            lines.push(format!("  not wanted  {} (by `keep`)", self.not_kept()));
        }
        lines.push(format!("  key check   {}", self.key_check));
        lines
            .into_iter()
            .map(|line| format!("{indent}{line}\n"))
            .collect()
    }

    pub(crate) fn to_json(&self) -> Value {
        let quarantine: serde_json::Map<String, Value> = self
            .quarantine
            .by_reason()
            .map(|(reason, rows)| (reason.to_owned(), json!(rows)))
            .collect();
        json!({
            "source": self.source,
            "rows_read": self.rows_read,
            "rows_kept": self.rows,
            "rows_quarantined": self.quarantine.rows(),
            "rows_not_wanted": self.not_kept(),
            "quarantine": quarantine,
            "key_check": self.key_check,
            "sha256": self.sha256,
        })
    }
}
