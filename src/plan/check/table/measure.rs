//! Checks of what comes out: dimensions, measures, and the names of both.

use super::super::check_name;
use super::scope::Scope;
use crate::plan::Source;
use crate::plan::document::{MeasureDocument, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{Dimension, Measure, What};

pub(super) fn check_dimensions(
    document: &TableDocument,
    scope: &Scope<'_>,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Vec<Dimension> {
    let mut by = Vec::new();
    for (i, name) in document.by.iter().enumerate() {
        let path = path.at("by").at(i);
        let Some((operand, kind)) = scope.resolve(name, &path, findings) else {
            continue;
        };
        let coarse = match kind {
            ColumnType::Category | ColumnType::Boolean => true,
            ColumnType::Decimal { .. } => false,
            ColumnType::Integer | ColumnType::Date => scope.is_coarse(operand, sources),
        };
        if !coarse {
            // A cell may be suppressed, but its place in the table is published.
            findings
                .add(
                    &path,
                    format!("is of type {kind}, and no dimension as it is: a value may be one person's"),
                )
                .help("give it `bands`, or `truncate` if it is a date, or `clip` on both sides if it is a small number");
        }
        let short = name.rsplit('.').next().unwrap_or(name);
        by.push(Dimension {
            name: short.to_owned(),
            names: scope.names(operand, sources),
            operand,
            kind,
            levels: Vec::new(),
        });
    }
    by
}

pub(super) fn check_measures(
    documents: &[MeasureDocument],
    scope: &Scope<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Vec<Measure> {
    if documents.is_empty() {
        findings
            .add(&path.at("measures"), "measures nothing")
            .help("measures = [ { persons = true } ]");
    }
    let mut measures = Vec::new();
    for (i, document) in documents.iter().enumerate() {
        let path = path.at("measures").at(i);
        if document.min.is_some() || document.max.is_some() {
            findings
                .add(
                    &path,
                    "a least or greatest value is one person's value, and is never published",
                )
                .help("use sum or mean");
            continue;
        }
        let mut number = |name: &String, key: &str| {
            let (operand, kind) = scope.resolve(name, &path.at(key), findings)?;
            if kind.scale().is_none() {
                findings.add(&path.at(key), format!("is of type {kind}, not a number"));
            }
            Some((operand, kind))
        };
        let (what, name) = match (
            document.persons,
            document.rows,
            &document.sum,
            &document.mean,
        ) {
            (Some(true), None, None, None) => (What::Persons, "persons".to_owned()),
            (None, Some(true), None, None) => (What::Rows, "rows".to_owned()),
            (None, None, Some(name), None) => {
                let Some((operand, kind)) = number(name, "sum") else {
                    continue;
                };
                (What::Sum { operand, kind }, format!("sum_{}", short(name)))
            }
            (None, None, None, Some(name)) => {
                let Some((operand, kind)) = number(name, "mean") else {
                    continue;
                };
                (
                    What::Mean { operand, kind },
                    format!("mean_{}", short(name)),
                )
            }
            _ => {
                findings
                    .add(
                        &path,
                        "is exactly one of `persons = true`, `rows = true`, `sum`, `mean`",
                    )
                    .help("write each measure in braces of its own");
                continue;
            }
        };
        let name = document.name.clone().unwrap_or(name);
        check_name(&name, "measure", &path, findings);
        measures.push(Measure { name, what });
    }
    measures
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A release has one column a dimension, one more where it has totals or
/// levels, and two a measure: its value and its status.
pub(super) fn check_output_names(
    by: &[Dimension],
    measures: &[Measure],
    path: &Path,
    findings: &mut Collector,
) {
    let statuses: Vec<String> = measures
        .iter()
        .map(|m| format!("{}_status", m.name))
        .collect();
    let mut seen = Vec::new();
    let levels: Vec<String> = by
        .iter()
        .map(|dimension| format!("{}_level", dimension.name))
        .collect();
    let names = by.iter().map(|dimension| &dimension.name);
    for name in names
        .chain(&levels)
        .chain(measures.iter().map(|measure| &measure.name))
        .chain(&statuses)
    {
        if seen.contains(&name) {
            findings
                .add(
                    path,
                    format!("two columns of the release would be called `{name}`"),
                )
                .help("name a measure with `as`, or a dimension by a derived column");
        }
        seen.push(name);
    }
}
