//! Checks of what identifies a person: one column, or the parts of a composite.
//!
//! A rule that its type does not ask for would be read by people and by nothing
//! else, so it is a finding.

use std::collections::BTreeSet;

use kobling_identifier::Error;

use crate::plan::document::{ColumnDocument, IdentifierDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::identifier::{Identifier, IdentifierPart};
use crate::plan::recipe::DateFormat;
use crate::plan::scalar::{ListedValues, Scalar};
use crate::plan::{Date, FnrKind, IdentifierRule, IdentifierType, Synthetic};

/// Checks `identifier`, which is read as of the day `on`, when nobody is known
/// who is born after `latest`.
pub(super) fn check(
    identifier: &IdentifierDocument,
    on: Date,
    latest: Date,
    path: &Path,
    findings: &mut Collector,
) -> Identifier {
    let several = !identifier.columns.is_empty();
    if several && (identifier.column.is_some() || identifier.kind.is_some()) {
        findings
            .add(path, "is one column, or several; not both")
            .help("either `column` and `type`, or `columns`");
    }
    let mut part = |column: &str, kind: &str, missing: &[Scalar], path: &Path| {
        if column.is_empty() {
            findings.add(&path.at("column"), "is empty");
        }
        let kind = kind.parse().unwrap_or_else(|error: Error| {
            findings
                .add(&path.at("type"), error.rule())
                .near(kind, IdentifierType::NAMES.iter().copied());
            IdentifierType::Text
        });
        IdentifierPart {
            column: column.to_owned(),
            rule: IdentifierRule::new(kind, on).with_latest(latest),
            format: None,
            missing: ListedValues::of(missing),
        }
    };
    let mut parts = Vec::new();
    for (i, document) in identifier.columns.iter().enumerate() {
        let path = path.at("columns").at(i);
        let (column, missing) = (&document.column, &document.missing);
        parts.push(part(column, &document.kind, missing, &path));
    }
    if !several && let (Some(column), Some(kind)) = (&identifier.column, &identifier.kind) {
        parts.push(part(column, kind, &identifier.missing, path));
    }
    check_formats(identifier, &mut parts, path, findings);
    let kinds: Vec<IdentifierType> = parts.iter().map(|part| part.rule.kind()).collect();
    let numbers = check_numbers(identifier, &kinds, path, findings);
    if let [only] = parts.as_mut_slice() {
        only.rule = numbers(only.rule);
    }
    if several {
        check_parts(&parts, &path.at("columns"), findings);
    } else {
        for (name, given) in [("column", &identifier.column), ("type", &identifier.kind)] {
            if given.is_none() {
                findings.add(path, format!("does not say its `{name}`"));
            }
        }
    }
    Identifier {
        parts,
        invalid: identifier.invalid,
    }
}

/// Checks which of a type's numbers are accepted; gives the rule that says so.
fn check_numbers(
    identifier: &IdentifierDocument,
    types: &[IdentifierType],
    path: &Path,
    findings: &mut Collector,
) -> impl Fn(IdentifierRule) -> IdentifierRule + use<> {
    match types {
        [only] => belongs(identifier, *only, path, findings),
        _ => {
            check_none(identifier, path, findings);
            if !identifier.missing.is_empty() {
                findings
                    .add(&path.at("missing"), "is for an identifier of one column")
                    .help("give each part a `missing` of its own");
            }
        }
    }
    let kinds = identifier.kinds.unwrap_or_default();
    let synthetic = identifier.synthetic.unwrap_or_default();
    let control = identifier.control.unwrap_or_default();
    let hnr_control = identifier.hnr_control.unwrap_or_default();
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
    move |rule| {
        rule.with_kinds(kinds.iter())
            .with_control(control)
            .with_hnr_control(hnr_control)
            .with_synthetic(synthetic)
    }
}

/// What the plan says about the numbers of a type, by key.
fn said(identifier: &IdentifierDocument) -> [(&'static str, bool); 4] {
    [
        ("kinds", identifier.kinds.is_some()),
        ("control", identifier.control.is_some()),
        ("hnr_control", identifier.hnr_control.is_some()),
        ("synthetic", identifier.synthetic.is_some()),
    ]
}

/// The parts of a composite identifier are read by the rules that hold anyway.
fn check_none(identifier: &IdentifierDocument, path: &Path, findings: &mut Collector) {
    for (key, _) in said(identifier).iter().filter(|(_, said)| *said) {
        findings
            .add(&path.at(key), "is for an identifier of one column")
            .help("leave it out");
    }
}

/// Checks that the type asks for what the plan says about it.
fn belongs(
    identifier: &IdentifierDocument,
    kind: IdentifierType,
    path: &Path,
    findings: &mut Collector,
) {
    let said = said(identifier).into_iter().take(3);
    for (key, _) in said.filter(|(_, said)| *said && !kind.has_kinds()) {
        findings
            .add(&path.at(key), format!("is about `no-fnr`, not `{kind}`"))
            .help("leave it out");
    }
    let synthetic = identifier.synthetic.unwrap_or_default();
    if synthetic != Synthetic::Forbid && !kind.knows_synthetic() {
        findings
            .add(
                &path.at("synthetic"),
                format!("a number of a test person cannot be distinguished from another `{kind}`"),
            )
            .help("leave it out");
    }
}

/// How the days of parts are written, where the plan says it.
fn check_formats(
    identifier: &IdentifierDocument,
    parts: &mut [IdentifierPart],
    path: &Path,
    findings: &mut Collector,
) {
    for (i, (document, part)) in identifier.columns.iter().zip(parts).enumerate() {
        let Some(format) = &document.format else {
            continue;
        };
        let path = path.at("columns").at(i).at("format");
        if part.rule.kind() != IdentifierType::Date {
            findings
                .add(
                    &path,
                    format!("is about `date`, not `{}`", part.rule.kind()),
                )
                .help("leave it out");
        }
        part.format = DateFormat::parse(format);
        if part.format.is_none() {
            findings
                .add(&path, "is no date format")
                .help("YYYY, MM and DD once each, such as DD.MM.YYYY or YYYYMMDD");
        }
    }
}

fn check_parts(parts: &[IdentifierPart], path: &Path, findings: &mut Collector) {
    let (least, most) = (Identifier::PARTS.start(), Identifier::PARTS.end());
    if !Identifier::PARTS.contains(&parts.len()) {
        findings
            .add(path, format!("has {least} to {most} parts"))
            .help("a single column is given by `column` and `type`");
    }
    let mut seen = BTreeSet::new();
    for (i, part) in parts.iter().enumerate() {
        if !seen.insert(&part.column) {
            findings.add(&path.at(i).at("column"), "is a part already");
        }
    }
}

/// Checks that `column` does not take out of the agency what identifies a person.
///
/// Of a composite identifier the year or the month of a day may leave: without
/// its day a date of birth is an attribute like others, and `truncate` drops the
/// day whatever the values are. No other step is sure to: a prefix may be longer
/// than the text, a map may rename one by one.
pub(super) fn check_column(
    column: &ColumnDocument,
    identifier: &Identifier,
    path: &Path,
    findings: &mut Collector,
) {
    let from = column.from.as_deref();
    let is_from = |part: &&IdentifierPart| from == Some(part.column.as_str());
    let Some(part) = identifier.parts.iter().find(is_from) else {
        return;
    };
    let path = path.at("from");
    if identifier.parts.len() == 1 {
        findings
            .add(&path, "is the identifier, which never leaves the agency")
            .help("leave the column out: the pseudonym takes its place");
    } else if part.rule.kind() != IdentifierType::Date {
        findings
            .add(
                &path,
                "is a part of the identifier, which never leaves the agency",
            )
            .help("leave the column out: the pseudonym takes its place");
    } else if column.truncate.is_none() {
        findings
            .add(
                &path,
                "is a part of the identifier, of which the day never leaves the agency",
            )
            .help("keep its year or its month: truncate = \"year\"");
    }
}
