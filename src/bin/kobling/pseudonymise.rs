//! `kobling pseudonymise`: from an agency's register to its extract.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kobling::extract::{ContentDigest, Header};
use kobling::{DomainKey, Plan, Readings, Rows};
use serde_json::{Value, json};

use crate::arguments::Pseudonymise;
use crate::command::CommandLine;
use crate::console::{Console, Report, rows_read};
use crate::failure::Failure;
use crate::output::{refuse_existing, warn_of_leftovers};

pub(crate) fn run(arguments: &Pseudonymise, console: &Console) -> Result<Report, Failure> {
    let mut places = vec![arguments.out.clone()];
    // What does not fit into memory is next to the extract, by the name of its source.
    places.extend(
        arguments
            .memory
            .map(|_| arguments.out.with_file_name(&arguments.source)),
    );
    warn_of_leftovers(&places, console);
    refuse_existing(&arguments.out)?;
    match (arguments.parts, arguments.out.extension()) {
        (None, None) => {
            let rule = "an extract is written as `.arrow` or `.parquet`, or by --parts as a folder";
            return Err(Failure::refused(&arguments.out, rule));
        }
        (Some(_), Some(_)) => {
            let rule =
                "--parts writes a folder of files that end in `.arrow`; its own name has no ending";
            return Err(Failure::refused(&arguments.out, rule));
        }
        _ => {}
    }
    let plan = arguments.plan.read()?;
    let key = DomainKey::read(&arguments.key)?;
    let made = MadeExtract::make(
        &plan,
        &arguments.source,
        &key,
        &arguments.inputs,
        &arguments.out,
        (arguments.memory, arguments.parts),
        console,
    )?;
    let mut text = made.text("");
    let _ = writeln!(text, "  content     {}", made.content);
    let _ = writeln!(text, "  file        {}", arguments.out.display());
    let mut json = made.to_json();
    json["file"] = json!(arguments.out.display().to_string());
    json["rehearsal"] = json!(plan.is_rehearsal());
    let mut report = Report::new(text, json);
    report.warnings = made.all_warnings();
    Ok(report)
}

/// An extract that was made and written, in numbers.
pub(crate) struct MadeExtract {
    header: Header,
    content: ContentDigest,
    readings: Readings,
    /// Of an identifier of several columns: the command that shows which of them did not fit.
    which: Option<String>,
    /// What the agency is to mind that no header says.
    pub(crate) warnings: Vec<String>,
}

impl MadeExtract {
    /// Makes the extract of `source`, and writes it to `out`; within `memory`
    /// bytes, if that is given, and as so many parts.
    pub(crate) fn make(
        plan: &Plan,
        source: &str,
        key: &DomainKey,
        inputs: &[PathBuf],
        out: &Path,
        (memory, parts): (Option<u64>, Option<u32>),
        console: &Console,
    ) -> Result<Self, Failure> {
        // Before the rows are read, which may take long.
        key.check_plan(plan)?;
        let rows = Rows::open(plan, source, inputs)?;
        let readings = rows.readings();
        let watching = console.watching(format!("agency {source}"));
        let rows = rows.watched_by(watching.watch());
        let extract = match memory {
            None => {
                let identified = rows.identify()?;
                watching.all_read();
                identified.pseudonymise(key)?
            }
            Some(memory) => {
                let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new("."));
                let extract = rows.pseudonymise_within(key, memory, folder)?;
                watching.all_read();
                extract
            }
        };
        drop(watching);
        match parts {
            Some(parts) => extract.write_parts(out, parts)?,
            None => extract.write_new(out)?,
        }
        let document = plan.document().sources.get(source);
        let composite = document.is_some_and(|source| !source.identifier.columns.is_empty());
        let which = composite.then(|| {
            let command = CommandLine::new("kobling inspect --plan … --source").path(source);
            inputs.iter().fold(command, CommandLine::path).into_string()
        });
        Ok(Self {
            which,
            header: extract.header().clone(),
            content: extract.content(),
            readings,
            warnings: extract.warnings(),
        })
    }

    /// The counts as lines, each behind `indent`.
    pub(crate) fn text(&self, indent: &str) -> String {
        let reasons = self.header.quarantine.iter();
        let reasons: Vec<String> = reasons
            .map(|(reason, rows)| format!("{reason} {rows}"))
            .collect();
        let reasons = match reasons.is_empty() {
            true => String::new(),
            false => format!(" ({})", reasons.join(", ")),
        };
        let mut lines = vec![
            format!(
                "{}: {}",
                self.header.source,
                rows_read(self.header.rows_read)
            ),
            format!("  kept        {}", self.header.rows),
            format!("  quarantined {}{reasons}", self.header.rows_quarantined()),
        ];
        if let (Some(which), 1..) = (&self.which, self.header.rows_quarantined()) {
            lines.push(format!(
                "  to see which of its columns did not fit: {which}"
            ));
        }
        let filtered = self.header.rows_filtered();
        if filtered > 0 {
            lines.push(format!("  filtered    {filtered} (by `keep`)"));
        }
        for (name, counts) in &self.header.columns {
            lines.push(format!("  {name:<11} {}", counts.words()));
        }
        for words in self.readings.words() {
            lines.push(format!("  read as     {words}"));
        }
        lines.push(format!("  key check   {}", self.header.key_check));
        lines
            .into_iter()
            .map(|line| format!("{indent}{line}\n"))
            .collect()
    }

    /// What the agency is to mind: what the header says, and a release too, first.
    fn all_warnings(&self) -> Vec<String> {
        let of_header = self.header.warnings().into_iter();
        let of_header = of_header.map(|warning| format!("{}: {warning}", self.header.source));
        of_header.chain(self.warnings.iter().cloned()).collect()
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "source": self.header.source,
            "rows_read": self.header.rows_read,
            "rows_kept": self.header.rows,
            "rows_quarantined": self.header.rows_quarantined(),
            "rows_filtered": self.header.rows_filtered(),
            "quarantine": self.header.quarantine,
            "columns": self.header.columns,
            "read_as": self.readings.words(),
            "warnings": self.all_warnings(),
            "key_check": self.header.key_check.to_string(),
            "content": self.content.to_string(),
        })
    }
}
