//! Checks of the source of identity history: its two numbers, its day, and that it is the only one.

use std::sync::Arc;

use super::column;
use crate::plan::document::{RowsPerPerson, SourceDocument, ValidFromDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::identifier::Identifier;
use crate::plan::{Column, Source};

/// The name of the day's column in the extract.
const VALID_FROM: &str = "valid_from";

/// Checks what a source of role `history` has in addition to agency, legal basis and identifier.
pub(super) fn check(
    name: &str,
    document: &SourceDocument,
    identifier: Identifier,
    path: &Path,
    findings: &mut Collector,
) -> Source {
    let of_a_register = [
        ("rows", document.rows.is_some()),
        ("keep", !document.keep.is_empty()),
        ("columns", !document.columns.is_empty()),
    ];
    for (key, _) in of_a_register.into_iter().filter(|(_, given)| *given) {
        findings.add(&path.at(key), "belongs to a register; this is a history");
    }
    if identifier.parts.len() > 1 {
        findings.add(
            &path.at("identifier"),
            "is one column: of a composite identifier no history is known",
        );
    }
    let current = document.current.clone().unwrap_or_default();
    let day = document.valid_from.clone().unwrap_or_default();
    for (key, given) in [("current", &current), (VALID_FROM, &day.column)] {
        if given.is_empty() {
            findings.add(
                path,
                format!("a history says which column holds `{key}`: it is missing"),
            );
        } else if identifier.parts.iter().any(|part| part.column == *given) {
            findings.add(&path.at(key), "is the column of the replaced identifier");
        }
    }
    if !current.is_empty() && day.column == current {
        findings.add(
            &path.at(VALID_FROM),
            "is the column of the current identifier",
        );
    }
    Source {
        name: name.to_owned(),
        format: Arc::default(),
        identifier,
        rows: RowsPerPerson::Many,
        keep: Vec::new(),
        columns: vec![column_of(&day, &path.at(VALID_FROM), findings)],
        current: Some(current),
    }
}

/// The column of the day from which a number is current.
fn column_of(day: &ValidFromDocument, path: &Path, findings: &mut Collector) -> Column {
    let document = day.as_column();
    let recipe = column::check(&document, None, path, findings);
    Column {
        name: VALID_FROM.to_owned(),
        from: day.column.clone(),
        recipe: recipe.unwrap_or_else(|| column::stand_in(&document)),
    }
}

/// Refuses what only a history has.
pub(super) fn check_absent(document: &SourceDocument, path: &Path, findings: &mut Collector) {
    let of_a_history = [
        ("current", document.current.is_some()),
        (VALID_FROM, document.valid_from.is_some()),
    ];
    for (key, _) in of_a_history.into_iter().filter(|(_, given)| *given) {
        findings
            .add(&path.at(key), "belongs to a history; this is a register")
            .help("role = \"history\"");
    }
}

/// Checks that there is one history at most, and that it is of use.
pub(super) fn check_at_most_one(sources: &[Source], findings: &mut Collector) {
    let mut histories = sources.iter().filter(|source| source.is_history());
    let Some(history) = histories.next() else {
        return;
    };
    let path = |source: &Source| Path::root("source").at(&source.name).at("role");
    for other in histories {
        findings
            .add(&path(other), "is a second history; a plan has one at most")
            .help(format!("`{}` is the other", history.name));
    }
    let types = history.identifier.types();
    let mut registers = sources.iter().filter(|source| !source.is_history());
    if !registers.any(|source| source.identifier.types() == types) {
        findings.add(
            &path(history),
            format!("no register identifies persons by {types}, so it replaces nothing"),
        );
    }
}
