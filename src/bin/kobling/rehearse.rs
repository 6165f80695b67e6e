//! `kobling rehearse`: all the roles in one process, on throwaway keys.
//!
//! A plan is judged by what it yields. So before agencies are asked for
//! anything, one person plays key custodian, agencies, linkage unit and
//! recipient on test data, sees what becomes of rows and what comes out, and on
//! `--commands` what each would hold, and the commands that each would run.

mod commands;
mod folder;
mod registers;

use std::path::{Path, PathBuf};

use kobling::plan::Source;
use kobling::protect::{Protection, ReportSummary};
use kobling::{DomainKey, Format, Ledger, LinkageKey, Plan, ReadOptions, Release, ReleaseKey};
use serde_json::{Value, json};

use crate::arguments::Rehearse;
use crate::console::{Console, Report};
use crate::failure::Failure;
use crate::pseudonymise::MadeExtract;
use crate::{link, report, show};
use commands::Commands;
use folder::{Folder, Roles};
use registers::Registers;

pub(crate) fn run(arguments: &Rehearse, console: &Console) -> Result<Report, Failure> {
    let plan = Plan::read(&arguments.plan)?.rehearsal();
    plan.may_run()?;
    let release_key = ReleaseKey::generate()?;
    let protection = arguments.perturbation.protection(release_key)?;
    protection.check_plan(&plan)?;
    let registers = Registers::find(&plan, &arguments.plan, &arguments.input)?;
    let read = registers.paths().chain([arguments.plan.as_path()]);
    let read = read.chain(arguments.perturbation.path());
    let folder = Folder::begin(&arguments.out, read)?;
    let (made, release, reasons, warnings) =
        play(&plan, &registers, protection, &folder.roles(), console)?;
    folder.finish()?;

    let summary = RehearsalSummary {
        plan: &plan,
        made: &made,
        release: &release,
        out: &arguments.out,
        commands: Commands::new(&plan, arguments, &registers),
    };
    let files = link::files(&summary.roles().recipient())?;
    let report = summary.roles().report();
    let mut text = summary.text(&show::tables(&release, arguments.shown))
        + &report::words(&reasons, Some(&report));
    match arguments.commands {
        true => text.push_str(&summary.roles_text(&files)),
        false => text.push_str(&format!(
            "What each role would hold is in {}; --commands shows what each would run.\n",
            arguments.out.display()
        )),
    }
    let mut json = summary.to_json(&files);
    json["release"]["suppression"] = json!(reasons.tables);
    json["release"]["warnings"] = json!(warnings);
    json["release"]["report"] = json!(report.display().to_string());
    let mut report = Report::new(text, json);
    let notes = plan.notes();
    let notes = notes.iter();
    let notes = notes.map(|note| format!("{}: {note}", arguments.plan.display()));
    let of_sources = made.iter().flat_map(|made| made.warnings.clone());
    report.warnings = notes.chain(of_sources).collect();
    report.warnings.extend(warnings);
    report.warnings.extend(show::warnings(release.manifest()));
    Ok(report)
}

/// Plays the roles, one after another; each leaves its files in its folder.
fn play(
    plan: &Plan,
    registers: &Registers,
    protection: Protection,
    roles: &Roles,
    console: &Console,
) -> Result<(Vec<MadeExtract>, Release, ReportSummary, Vec<String>), Failure> {
    let sources = || plan.sources().iter().map(Source::name);

    folder::make(&roles.custodian())?;
    let linkage_key = LinkageKey::generate()?;
    linkage_key.write(roles.linkage_key())?;
    let domain_key = linkage_key.domain_key(&plan.domain());
    for source in sources() {
        folder::make(&roles.agency(source))?;
        domain_key.write(roles.domain_key(source))?;
    }
    drop((linkage_key, domain_key));

    let mut made = Vec::new();
    for source in sources() {
        // From its file, as the agency has it.
        let key = DomainKey::read(roles.domain_key(source))?;
        let (inputs, out) = (registers.of(source), roles.extract(source));
        made.push(MadeExtract::make(
            plan,
            source,
            &key,
            inputs,
            &out,
            (None, None),
            console,
        )?);
    }

    folder::make(&roles.linkage_unit())?;
    protection.key().write(roles.release_key())?;
    let ledger = Ledger::open(roles.ledger(), plan, protection.key())?;
    let protection = protection.ledger(ledger);
    let mut extracts = Vec::new();
    for source in sources() {
        let received = roles.received(source);
        folder::hand_over(&roles.extract(source), &received)?;
        extracts.push(received);
    }
    let (folder, report) = (roles.recipient(), roles.report());
    let to = link::To {
        folder: &folder,
        formats: &Format::ALL,
        report: Some(&report),
    };
    let (release, reasons, warnings) = link::link(
        plan,
        protection,
        &link::Linked::Extracts(&extracts, ReadOptions::new()),
        &to,
        console,
    )?;

    // For the commands that are printed, when somebody runs them.
    let by_hand = roles.by_hand();
    folder::make(&by_hand.custodian())?;
    folder::make(&by_hand.linkage_unit())?;
    for source in sources() {
        folder::make(&by_hand.agency(source))?;
    }
    Ok((made, release, reasons, warnings))
}

/// What is shown of a rehearsal that is over.
struct RehearsalSummary<'a> {
    plan: &'a Plan,
    made: &'a [MadeExtract],
    release: &'a Release,
    out: &'a Path,
    commands: Commands,
}

impl RehearsalSummary<'_> {
    fn roles(&self) -> Roles {
        Roles::below(self.out)
    }

    /// What happened to rows, and what came of them.
    fn text(&self, tables: &str) -> String {
        let mut text = format!(
            "Rehearsal of {}, epoch {}, on throwaway keys: nothing here is a result.\n\n",
            self.plan.project(),
            self.plan.epoch()
        );
        for made in self.made {
            text.push_str(&made.text(""));
        }
        text.push('\n');
        text.push_str(tables);
        text
    }

    /// What each role holds and runs.
    fn roles_text(&self, files: &[PathBuf]) -> String {
        let roles = self.roles();
        let document = self.plan.document();
        let mut text = String::new();
        let mut role = |title: String, commands: &[String], files: &[PathBuf]| {
            text.push_str(&format!("\n{title}\n  has\n"));
            for file in files {
                text.push_str(&format!("    {}\n", file.display()));
            }
            text.push_str("  runs\n");
            for command in commands {
                text.push_str(&format!("    {command}\n"));
            }
        };
        role(
            "Key custodian".to_owned(),
            &self.commands.custodian,
            &[roles.linkage_key()],
        );
        for ((name, source), commands) in document.sources.iter().zip(&self.commands.agencies) {
            role(
                format!("Agency of {name}: {}", source.agency),
                std::slice::from_ref(commands),
                &[roles.domain_key(name), roles.extract(name)],
            );
        }
        let received = document.sources.keys().map(|name| roles.received(name));
        let own = [roles.release_key(), roles.ledger(), roles.report()].into_iter();
        let held: Vec<PathBuf> = own.chain(received).collect();
        role(
            format!("Linkage unit: {}", document.project.linkage_unit),
            &self.commands.linkage_unit,
            &held,
        );
        role(
            format!("Recipient: {}", document.project.recipient),
            &self.commands.recipient,
            files,
        );
        text.push_str(&format!(
            "\nThe commands, run in this order, play the rehearsal once more and leave their\n\
             files below {}. The real run leaves out --rehearsal, and each\n\
             role runs its commands on its own machine.\n",
            roles.by_hand().path().display()
        ));
        text
    }

    fn to_json(&self, files: &[PathBuf]) -> Value {
        let roles = self.roles();
        let made: Vec<Value> = self.made.iter().map(MadeExtract::to_json).collect();
        json!({
            "folder": self.out.display().to_string(),
            "rehearsal": true,
            "sources": made,
            "release": link::to_json(self.release, &roles.recipient(), files),
            "commands": self.commands.to_json(),
        })
    }
}
