//! Checks of what a table calls sensitive.

use std::collections::BTreeSet;

use super::dimension::not_found;
use crate::plan::Source;
use crate::plan::document::TableDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{DimensionPlan, Measure, Sensitive, TablePlan};

/// What is protected against group disclosure: of the visible dimensions `by`, and of
/// the hidden ones, which come after them. `path` is that of the table.
pub(super) fn check_sensitive(
    document: &TableDocument,
    by: &[DimensionPlan],
    measures: &[Measure],
    path: &Path,
    findings: &mut Collector,
) -> Vec<Sensitive> {
    let Some(named) = &document.sensitive else {
        let example = by.iter().find(|dimension| is_nominal(dimension));
        let example = example.map_or("diagnosis", |dimension| &dimension.name);
        findings
            .add(
                path,
                "does not say what is sensitive: `sensitive` is missing",
            )
            .help(format!(
                "sensitive = [], or for example sensitive = [\"{example}\"]"
            ));
        return Vec::new();
    };
    let path = path.at("sensitive");
    let mut sensitive: Vec<Sensitive> = Vec::new();
    for (i, named) in named.iter().enumerate() {
        let path = path.at(i);
        // As `by` has it, `source.column`, or as the release does, without the source.
        let name = match document.by.contains(&named.name) {
            true => named.name.rsplit('.').next().unwrap_or(&named.name),
            false => &named.name,
        };
        let counts = measures.iter().filter_map(|m| Some((&m.name, m.counted?)));
        let places = by.iter().map(|dimension| &dimension.name).zip(0..);
        let places = places.chain(counts.map(|(name, at)| (name, by.len() + at)));
        let Some((_, dimension)) = places.clone().find(|(other, _)| other.as_str() == name) else {
            let rule = format!(
                "the table has no dimension `{name}`, and no count with a condition of that name"
            );
            let names = places.map(|(name, _)| name.as_str());
            not_found(name, rule, names, (document, by), &path, findings);
            continue;
        };
        if sensitive.iter().any(|other| other.dimension == dimension) {
            findings.add(&path, "is listed twice");
        }
        if !by.get(dimension).is_none_or(is_nominal) {
            findings.add(&path, "is for dimensions of type category or boolean");
        }
        sensitive.push(Sensitive {
            dimension,
            none: named.none,
        });
    }
    sensitive
}

/// Whether it has categories, and is no number or day.
fn is_nominal(dimension: &DimensionPlan) -> bool {
    matches!(dimension.kind, ColumnType::Category | ColumnType::Boolean)
}

/// Where a column is sensitive to any of the tables, it is no public knowledge that nobody has
/// what the plan does not list of it: all of a group may be in what it does list.
pub(in crate::plan::check) fn keep_sensitive(tables: &mut [TablePlan], sources: &[Source]) {
    let columns = |table: &TablePlan, dimension: usize| -> BTreeSet<(usize, Option<String>)> {
        let reads = table
            .reads(sources, table.by[dimension].operand)
            .into_iter();
        reads
            .map(|(slot, column)| (table.slots[slot].source, column))
            .collect()
    };
    let sensitive = tables.iter().flat_map(|table| {
        let sensitive = table.sensitive.iter();
        sensitive.flat_map(|sensitive| columns(table, sensitive.dimension))
    });
    let sensitive: BTreeSet<(usize, Option<String>)> = sensitive.collect();
    for table in tables {
        for at in 0..table.by.len() {
            if columns(table, at).is_disjoint(&sensitive) {
                continue;
            }
            let dimension = &mut table.by[at];
            dimension.names.rest = None;
            let levels = dimension.levels.iter_mut();
            levels.for_each(|level| level.names.rest = None);
        }
    }
}
