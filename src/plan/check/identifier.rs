//! Checks of what a source says about its identifiers.
//!
//! A rule that its type does not ask for would be read by people and by nothing
//! else, so it is a finding.

use crate::error::Error;
use crate::plan::document::IdentifierDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::identifier_type::IdentifierType;
use crate::plan::{Date, FnrKind, IdentifierRule, Synthetic};

/// Checks `identifier`, which is read as of the day `on`.
pub(super) fn check(
    identifier: &IdentifierDocument,
    on: Date,
    path: &Path,
    findings: &mut Collector,
) -> IdentifierRule {
    if identifier.column.is_empty() {
        findings.add(&path.at("column"), "is empty");
    }
    let kind = identifier.kind.parse();
    if let Ok(kind) = kind {
        belongs(identifier, kind, path, findings);
    }
    let kind = kind.unwrap_or_else(|error: Error| {
        findings
            .add(&path.at("type"), error.rule())
            .near(&identifier.kind, IdentifierType::NAMES);
        IdentifierType::Text
    });
    let kinds = identifier.kinds.unwrap_or_default();
    let synthetic = identifier.synthetic.unwrap_or_default();
    let given = |kind| kinds.has(kind);
    if kinds.iter().next().is_none() {
        findings.add(&path.at("kinds"), "is empty");
    }
    if given(FnrKind::Hnr) && synthetic != Synthetic::Forbid {
        findings
            .add(
                &path.at("synthetic"),
                "does not go with the kind `hnr`: an H-number looks like a test number of NAV",
            )
            .help("leave out `hnr`, or forbid synthetic numbers");
    }
    if identifier.hnr_control.is_some() && !given(FnrKind::Hnr) {
        findings
            .add(&path.at("hnr_control"), "is about H-numbers")
            .help("add `hnr` to `kinds`, or leave `hnr_control` out");
    }
    IdentifierRule::new(kind, on)
        .with_kinds(kinds.iter())
        .with_control(identifier.control.unwrap_or_default())
        .with_hnr_control(identifier.hnr_control.unwrap_or_default())
        .with_synthetic(synthetic)
}

/// Checks that the type asks for what the plan says about it.
fn belongs(
    identifier: &IdentifierDocument,
    kind: IdentifierType,
    path: &Path,
    findings: &mut Collector,
) {
    let given = [
        ("kinds", identifier.kinds.is_some()),
        ("control", identifier.control.is_some()),
        ("hnr_control", identifier.hnr_control.is_some()),
    ];
    for (key, _) in given
        .iter()
        .filter(|(_, given)| *given && !kind.has_kinds())
    {
        findings
            .add(&path.at(key), format!("is about `no-fnr`, not `{kind}`"))
            .help("leave it out");
    }
    let synthetic = identifier.synthetic.unwrap_or_default();
    if synthetic != Synthetic::Forbid && !kind.knows_synthetic() {
        findings
            .add(
                &path.at("synthetic"),
                format!("a number of a test person cannot be told from another `{kind}`"),
            )
            .help("leave it out");
    }
}
