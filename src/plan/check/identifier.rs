//! Checks of what identifies a person: one column, or the parts of a composite.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::plan::document::{ColumnDocument, IdentifierDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::identifier::{Identifier, Part};
use crate::plan::{Date, IdentifierRule, IdentifierType};

/// Checks `identifier`, which is read as of the day `on`.
pub(super) fn check(
    identifier: &IdentifierDocument,
    on: Date,
    path: &Path,
    findings: &mut Collector,
) -> Identifier {
    let several = !identifier.columns.is_empty();
    if several && (identifier.column.is_some() || identifier.kind.is_some()) {
        findings
            .add(path, "is one column, or several; not both")
            .help("either `column` and `type`, or `columns`");
    }
    let mut part = |column: &str, kind: &str, path: &Path| {
        if column.is_empty() {
            findings.add(&path.at("column"), "is empty");
        }
        let kind = kind.parse().unwrap_or_else(|error: Error| {
            findings
                .add(&path.at("type"), error.rule())
                .near(kind, IdentifierType::NAMES);
            IdentifierType::Text
        });
        Part {
            column: column.to_owned(),
            rule: IdentifierRule::new(kind, on),
        }
    };
    let mut parts = Vec::new();
    for (i, document) in identifier.columns.iter().enumerate() {
        let path = path.at("columns").at(i);
        parts.push(part(&document.column, &document.kind, &path));
    }
    if !several && let (Some(column), Some(kind)) = (&identifier.column, &identifier.kind) {
        parts.push(part(column, kind, path));
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

fn check_parts(parts: &[Part], path: &Path, findings: &mut Collector) {
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
    let is_from = |part: &&Part| from == Some(part.column.as_str());
    let Some(part) = identifier.parts.iter().find(is_from) else {
        return;
    };
    let path = path.at("from");
    if identifier.parts.len() == 1 {
        findings
            .add(&path, "is the identifier, which never leaves the agency")
            .help("leave the column out: the pseudonym stands for it");
    } else if part.rule.kind != IdentifierType::Date {
        findings
            .add(
                &path,
                "is a part of the identifier, which never leaves the agency",
            )
            .help("leave the column out: the pseudonym stands for it");
    } else if column.truncate.is_none() {
        findings
            .add(
                &path,
                "is a part of the identifier, of which the day never leaves the agency",
            )
            .help("keep its year or its month: truncate = \"year\"");
    }
}
