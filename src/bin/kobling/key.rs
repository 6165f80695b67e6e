//! `kobling key`: make keys, and show what a key file is.

use std::path::Path;

use kobling::{Domain, DomainKey, KeyCheck, KeyKind, LinkageKey, ReleaseKey};
use serde_json::json;

use crate::arguments::{KeyDomain, KeyNew, KeyRole};
use crate::console::Report;
use crate::failure::Failure;

pub(crate) fn new(arguments: &KeyNew) -> Result<Report, Failure> {
    let out = &arguments.out;
    Ok(match arguments.role {
        KeyRole::Linkage => {
            LinkageKey::generate()?.write(out)?;
            describe(out, KeyKind::Linkage, None, None)
        }
        KeyRole::Release => {
            let key = ReleaseKey::generate()?;
            key.write(out)?;
            describe(out, KeyKind::Release, None, Some(key.check()))
        }
    })
}

pub(crate) fn domain(arguments: &KeyDomain) -> Result<Report, Failure> {
    let plan = arguments.plan.read()?;
    // A key that was handed over opens the domain; so not for a draft, nor afterwards.
    plan.may_run()?;
    let key = LinkageKey::read(&arguments.linkage_key)?.domain_key(&plan.domain());
    key.write(&arguments.out)?;
    Ok(describe_domain(&arguments.out, &key))
}

/// Reads the whole key, so that a damaged one is not described as if it were one.
pub(crate) fn show(file: &Path) -> Result<Report, Failure> {
    Ok(match KeyKind::of_file(file)? {
        KeyKind::Linkage => {
            LinkageKey::read(file)?;
            describe(file, KeyKind::Linkage, None, None)
        }
        KeyKind::Domain => describe_domain(file, &DomainKey::read(file)?),
        KeyKind::Release => {
            let key = ReleaseKey::read(file)?;
            describe(file, KeyKind::Release, None, Some(key.check()))
        }
        // What the library has one day and this command does not know.
        kind => describe(file, kind, None, None),
    })
}

fn describe_domain(file: &Path, key: &DomainKey) -> Report {
    describe(file, KeyKind::Domain, Some(key.domain()), Some(key.check()))
}

fn describe(
    file: &Path,
    kind: KeyKind,
    domain: Option<&Domain>,
    check: Option<KeyCheck>,
) -> Report {
    let whose = match kind {
        KeyKind::Linkage => {
            "for the key custodian only; keep it safe, the keys of every project derive from it"
        }
        KeyKind::Domain => "for the agencies of the project; never for the linkage unit",
        KeyKind::Release => "for the linkage unit only",
        _ => "only for the person who made it",
    };
    let mut text = format!("{}: {kind}, {whose}\n", file.display());
    if let Some(domain) = domain {
        text.push_str(&format!("  project    {}\n", domain.project()));
        text.push_str(&format!("  epoch      {}\n", domain.epoch()));
    }
    if let Some(check) = check {
        text.push_str(&format!("  key check  {check}\n"));
    }
    let json = json!({
        "file": file.display().to_string(),
        "kind": kind.name(),
        "project": domain.map(Domain::project),
        "epoch": domain.map(Domain::epoch),
        "key_check": check.map(|check| check.to_string()),
    });
    Report::new(text, json)
}
