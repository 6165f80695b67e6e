//! Checks of one register.

use std::sync::Arc;

use super::{check_name, column, condition, format, history, identifier};
use crate::plan::document::{Role, RowsPerPerson, SourceDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::{Column, Date, Source};

/// Column names that mean something else in an extract or a look-up.
const RESERVED: [&str; 2] = ["pseudonym", "rows"];

/// Checks `source`, whose identifiers are read as of the day `on`, when nobody is
/// known who is born after `latest`.
pub(super) fn check(
    name: &str,
    source: &SourceDocument,
    on: Date,
    latest: Date,
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
    let format = Arc::new(format::check(&source.format, &path.at("format"), findings));
    let keep = source.keep.iter().enumerate().filter_map(|(i, document)| {
        let path = path.at("keep").at(i);
        if document.column.is_empty() {
            findings.add(&path.at("column"), "is empty");
        }
        condition::check(document, None, &path, findings)
    });
    let keep = keep.collect();
    let identifier = identifier::check(
        &source.identifier,
        on,
        latest,
        &path.at("identifier"),
        findings,
    );
    if source.role == Role::History {
        return Source {
            format,
            ..history::check(name, source, identifier, &path, findings)
        };
    }
    history::check_absent(source, &path, findings);
    let rows = source.rows.unwrap_or_else(|| {
        findings
            .add(
                &path,
                "does not say whether a person has one row or several",
            )
            .help("rows = \"one\", or rows = \"many\"");
        RowsPerPerson::Many
    });
    let columns = source.columns.iter().map(|(name, document)| {
        let path = path.at("columns").at(name);
        check_name(name, "column", &path, findings);
        if RESERVED.contains(&name.as_str()) {
            findings.add(&path, format!("`{name}` is a reserved name"));
        }
        if document.matched.is_some() {
            findings.add(&path.at("matched"), "belongs to the columns of a table");
        }
        identifier::check_column(document, &identifier, &path, findings);
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
        format,
        identifier,
        rows,
        keep,
        columns,
        current: None,
    }
}
