//! Checks of the groups that match rates are reported by.

use super::scope::Scope;
use crate::plan::document::TableDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{MatchDimension, Operand};

pub(super) fn check_match_rates(
    document: &TableDocument,
    scope: &Scope<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Vec<MatchDimension> {
    let Some(rates) = &document.match_rates else {
        return Vec::new();
    };
    let path = path.at("match_rates");
    if document.with.is_empty() {
        findings.add(&path, "there is no look-up that could match");
    }
    let path = path.at("by");
    if rates.by.is_empty() {
        findings
            .add(&path, "names no column")
            .help("leave `match_rates` out, or name a category of the base");
    }
    let mut by: Vec<MatchDimension> = Vec::new();
    for (i, name) in rates.by.iter().enumerate() {
        let path = path.at(i);
        let Some((operand, kind)) = scope.resolve(name, &path, findings) else {
            continue;
        };
        let Operand::Slot { slot: 0, column } = operand else {
            findings
                .add(
                    &path,
                    "is no column of the base, whose rows match or do not",
                )
                .help(format!("name a category of `{}`", document.from));
            continue;
        };
        if kind != ColumnType::Category {
            findings
                .add(
                    &path,
                    format!("is of type {kind}, and groups are categories"),
                )
                .help("give it `bands`, or `truncate` if it is a date");
        }
        if by.iter().any(|other| other.column == column) {
            findings.add(&path, "is named twice");
        }
        by.push(MatchDimension {
            name: name.clone(),
            column,
            margin: rates.margin,
        });
    }
    by
}
