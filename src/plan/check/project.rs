//! Checks of the project: parties named, dates in order, a usable domain.

use crate::plan::Plan;
use crate::plan::document::ProjectDocument;
use crate::plan::finding::{Collector, Path};

pub(super) fn check(project: &ProjectDocument, findings: &mut Collector) {
    let path = Path::root("project");
    let texts = [
        ("title", &project.title),
        ("purpose", &project.purpose),
        ("controller", &project.controller),
        ("linkage_unit", &project.linkage_unit),
        ("recipient", &project.recipient),
    ];
    for (key, text) in texts {
        if text.trim().is_empty() {
            findings.add(&path.at(key), "is empty");
        }
    }
    let id = &project.id;
    if id.is_empty() || id.len() > 200 || id.trim() != id || id.chars().any(char::is_control) {
        findings
            .add(&path.at("id"), "cannot name a pseudonymisation domain")
            .help("1 to 200 bytes, without control characters, or white space at either end");
    }
    if id.starts_with(Plan::REHEARSAL) {
        findings.add(&path.at("id"), "names the domain of a rehearsal");
    }
    if project.epoch == 0 {
        findings.add(&path.at("epoch"), "epochs count from 1");
    }
    if project.valid.until < project.valid.from {
        findings.add(&path.at("valid"), "`until` is before `from`");
    }
    for (i, approval) in project.approved.iter().enumerate() {
        let path = path.at("approved").at(i);
        for (key, text) in [("by", &approval.by), ("name", &approval.name)] {
            if text.trim().is_empty() {
                findings.add(&path.at(key), "is empty");
            }
        }
    }
}
