//! `kobling link`: from extracts to a release.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kobling::extract::{ExtractPart, Part};
use kobling::protect::{ConfidentialTables, PartialTables, Protection, ReportSummary};
use kobling::{
    Extract, Format, Linkage, LinkagePart, Plan, ReadOptions, Release, ReleaseKey, Watch,
};
use serde_json::{Value, json};

use crate::arguments::Link;
use crate::console::{Console, Report};
use crate::failure::Failure;
use crate::output::{refuse_existing, warn_of_leftovers};
use crate::{report, show};

pub(crate) fn run(arguments: &Link, console: &Console) -> Result<Report, Failure> {
    let unit = &arguments.unit;
    let mut places = vec![arguments.out.clone()];
    places.extend(arguments.report.clone());
    places.extend(unit.ledger.as_deref().map(report::stem));
    warn_of_leftovers(&places, console);
    refuse_existing(&arguments.out)?;
    let plan = unit.plan.read()?;
    let key = ReleaseKey::read(&unit.release_key)?;
    if let Some(part) = arguments.part {
        return seal(&plan, part, &key, arguments, console);
    }
    let protection = unit.protection(&plan, key, *console)?;
    protection.check_plan(&plan)?;
    let ledger = unit.ledger.as_deref().zip(protection.ledger_entry());
    let path = report::place(arguments.report.as_deref(), ledger, &arguments.out)?;
    let formats: Vec<Format> = arguments.format.iter().copied().map(Format::from).collect();
    let to = To {
        folder: &arguments.out,
        formats: &formats,
        report: path.as_deref(),
    };
    let from = match arguments.merge {
        true => Linked::Parts(&arguments.extracts),
        false => Linked::Extracts(&arguments.extracts, arguments.reading.options()),
    };
    let (release, reasons, warnings) = link(&plan, protection, &from, &to, console)?;

    let mut text = show::tables(&release, arguments.shown);
    if plan.is_rehearsal() {
        text.push_str("A rehearsal: nothing here is a result.\n");
    }
    text.push_str(&format!("The release is in {}:\n", arguments.out.display()));
    let files = files(&arguments.out)?;
    for file in &files {
        text.push_str(&format!("  {}\n", file.display()));
    }
    if let (Some(path), Some(record)) = (&unit.ledger, &release.manifest().ledger) {
        let (path, entry) = (path.display(), record.entry);
        text.push_str(&format!("It is entry {entry} of the ledger {path}.\n"));
    }
    text.push_str(&report::words(&reasons, path.as_deref()));
    let mut json = to_json(&release, &arguments.out, &files);
    json["suppression"] = json!(reasons.tables);
    json["warnings"] = json!(warnings);
    json["report"] = json!(path.map(|path| path.display().to_string()));
    let mut report = Report::new(text, json);
    report.warnings = warnings;
    report.warnings.extend(show::warnings(release.manifest()));
    Ok(report)
}

/// One part of the persons: linked, tabulated and sealed.
fn seal(
    plan: &Plan,
    part: Part,
    key: &ReleaseKey,
    arguments: &Link,
    console: &Console,
) -> Result<Report, Failure> {
    let options = arguments.reading.options();
    // What a history moves lies in other parts.
    let has_history = plan.sources().iter().any(|source| source.is_history());
    let watching = console.watching("linkage unit".to_owned());
    let tables = match has_history {
        true => {
            let linkage = read(plan, &arguments.extracts, &options, console)?;
            console.note(&format!("linkage unit: linking and tabulating part {part}"));
            let linkage = linkage.watched_by(watching.watch());
            linkage.tabulate_part(part, key)?
        }
        false => {
            let linkage = read_part(plan, &arguments.extracts, part, &options, console)?;
            console.note(&format!("linkage unit: linking and tabulating part {part}"));
            linkage.watched_by(watching.watch()).tabulate(key)?
        }
    };
    drop(watching);
    tables.write(&arguments.out, key)?;
    let out = arguments.out.display();
    let text = format!(
        "Part {part} is sealed in {out}: only the release key opens it.\n\
         When all {} parts are there, `kobling link --merge` makes the release of them.\n",
        part.of()
    );
    let json = json!({ "part": part.to_string(), "file": out.to_string() });
    Ok(Report::new(text, json))
}

/// What a release is made of.
pub(crate) enum Linked<'a> {
    Extracts(&'a [PathBuf], ReadOptions),
    /// Sealed parts of one run.
    Parts(&'a [PathBuf]),
}

impl Linked<'_> {
    /// The figures; and what the linkage unit is to mind, where extracts are at hand.
    fn tabulate(
        &self,
        plan: &Plan,
        protection: Protection,
        watch: Arc<dyn Watch>,
        console: &Console,
    ) -> Result<(ConfidentialTables, Vec<String>), Failure> {
        match self {
            Self::Extracts(paths, options) => {
                let linkage = read(plan, paths, options, console)?;
                console.note("linkage unit: linking and tabulating");
                let warnings = linkage.warnings();
                let tables = linkage.watched_by(watch).tabulate(protection)?;
                Ok((tables, warnings))
            }
            Self::Parts(paths) => {
                let mut parts = Vec::with_capacity(paths.len());
                for path in *paths {
                    parts.push(PartialTables::read(plan, path, protection.key())?);
                }
                console.note(&format!("linkage unit: merging {} parts", parts.len()));
                Ok((ConfidentialTables::merge(parts, protection)?, Vec::new()))
            }
        }
    }
}

/// Where a release goes.
pub(crate) struct To<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) formats: &'a [Format],
    /// Where the suppression report goes, if it is written.
    pub(crate) report: Option<&'a Path>,
}

/// The linkage unit's work: the release, written, why figures of it are suppressed, and
/// what to mind.
pub(crate) fn link(
    plan: &Plan,
    protection: Protection,
    from: &Linked<'_>,
    to: &To<'_>,
    console: &Console,
) -> Result<(Release, ReportSummary, Vec<String>), Failure> {
    let watching = console.watching("linkage unit".to_owned());
    let (protection, watch) = (protection.watched_by(watching.watch()), watching.watch());
    let (tables, warnings) = from.tabulate(plan, protection, watch, console)?;
    let tables = tables.protect()?;
    let report = tables.suppression_report();
    let reasons = report.summary();
    // Before anything is in the ledger, and under another name.
    let prepared = to.report.map(|path| report.prepare(path)).transpose()?;
    let release = match prepared {
        Some(report) => tables.release_with_report_into(to.folder, to.formats, report)?,
        None => tables.release_into(to.folder, to.formats)?,
    };
    Ok((release, reasons, warnings))
}

/// Reads and verifies all extracts.
pub(crate) fn read(
    plan: &Plan,
    extracts: &[PathBuf],
    options: &ReadOptions,
    console: &Console,
) -> Result<Linkage, Failure> {
    let mut read = Vec::new();
    for path in extracts {
        let extract = Extract::read_with(plan, path, options)?;
        console.note(&format!(
            "linkage unit: extract {} verified; rows: {}",
            extract.source().name(),
            extract.rows()
        ));
        read.push(extract);
    }
    Ok(Linkage::new(plan, read)?)
}

/// Reads and verifies a part of all extracts.
fn read_part(
    plan: &Plan,
    extracts: &[PathBuf],
    part: Part,
    options: &ReadOptions,
    console: &Console,
) -> Result<LinkagePart, Failure> {
    let mut read = Vec::new();
    for path in extracts {
        let extract = ExtractPart::read_with(plan, path, part, options)?;
        console.note(&format!(
            "linkage unit: part {part} of extract {} verified; rows: {}",
            extract.source().name(),
            extract.rows()
        ));
        read.push(extract);
    }
    Ok(LinkagePart::new(plan, read)?)
}

/// What is in a release's folder, by name.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let list = || {
        let entries = std::fs::read_dir(folder)?;
        let names = entries.map(|entry| Ok(entry?.path()));
        names.collect::<std::io::Result<Vec<PathBuf>>>()
    };
    let mut files = list().map_err(|error| Failure::io(folder, "read the folder", &error))?;
    files.sort();
    Ok(files)
}

pub(crate) fn to_json(release: &Release, folder: &Path, files: &[PathBuf]) -> Value {
    let manifest = release.manifest();
    let files = files.iter().map(|file| file.display().to_string());
    json!({
        "folder": folder.display().to_string(),
        "files": files.collect::<Vec<_>>(),
        "rehearsal": manifest.rehearsal,
        "plan_digest": manifest.plan_digest,
        "key_check": manifest.key_check,
        "release_key_check": manifest.release_key_check,
        "tables": manifest.tables,
        "ledger": manifest.ledger,
    })
}
