//! Checks of one register.

use super::{check_name, column, condition, identifier};
use crate::plan::document::SourceDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::{Column, Date, Identifier, Source};

/// Column names that mean something else in an extract or a look-up.
const RESERVED: [&str; 2] = ["pseudonym", "rows"];

/// Checks `source`, whose identifiers are read as of the day `on`.
pub(super) fn check(
    name: &str,
    source: &SourceDocument,
    on: Date,
    findings: &mut Collector,
) -> Source {
    let path = Path::root("source").at(name);
    check_name(name, "source", &path, findings);
    if source.agency.trim().is_empty() {
        findings.add(&path.at("agency"), "is empty");
    }
    if source.legal_basis.is_empty() || source.legal_basis.iter().any(|b| b.trim().is_empty()) {
        findings.add(&path.at("legal_basis"), "names no legal basis");
    }
    let keep = source.keep.iter().enumerate().filter_map(|(i, document)| {
        let path = path.at("keep").at(i);
        if document.column.is_empty() {
            findings.add(&path.at("column"), "is empty");
        }
        condition::check(document, None, &path, findings)
    });
    let keep = keep.collect();
    let identifier_path = path.at("identifier");
    let rule = identifier::check(&source.identifier, on, &identifier_path, findings);
    let columns = source.columns.iter().map(|(name, document)| {
        let path = path.at("columns").at(name);
        check_name(name, "column", &path, findings);
        if RESERVED.contains(&name.as_str()) {
            findings.add(&path, format!("`{name}` is a reserved name"));
        }
        if document.matched.is_some() {
            findings.add(&path.at("matched"), "belongs to the columns of a table");
        }
        if document.from.as_deref() == Some(source.identifier.column.as_str()) {
            findings
                .add(
                    &path.at("from"),
                    "is the identifier, which never leaves the agency",
                )
                .help("leave the column out: the pseudonym stands for it");
        }
        let recipe = column::check(document, None, &path, findings);
        let from = document.from.clone().unwrap_or_default();
        if from.is_empty() {
            findings.add(&path, "does not say which column it comes `from`");
        }
        Column {
            name: name.clone(),
            from,
            recipe: recipe.unwrap_or_else(|| column::stand_in(document)),
        }
    });
    let columns = columns.collect();
    Source {
        name: name.to_owned(),
        identifier: Identifier {
            column: source.identifier.column.clone(),
            rule,
            invalid: source.identifier.invalid,
        },
        rows: source.rows,
        keep,
        columns,
    }
}
