//! What is said where a name is no dimension of the table.

use crate::error::nearest;
use crate::plan::document::TableDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::table::DimensionPlan;

/// The dimensions as `by` has them, `source.column`, without those that are no column.
pub(super) fn known<'a>(
    document: &'a TableDocument,
    by: &[DimensionPlan],
) -> impl Iterator<Item = &'a str> {
    let names = document.by.iter().map(String::as_str);
    names.filter(|name| is_known(name, by))
}

/// Records that `name`, at `path`, is no dimension, as `rule` says; and suggests the nearest
/// of `candidates`.
///
/// Where an entry of `by` that is no column is nearest, that entry is what is misspelt,
/// and a finding of its own: this one would be gone with it.
pub(super) fn not_found<'a>(
    name: &str,
    rule: String,
    candidates: impl IntoIterator<Item = &'a str>,
    (document, by): (&'a TableDocument, &[DimensionPlan]),
    path: &Path,
    findings: &mut Collector,
) {
    let misspelt = document.by.iter().map(String::as_str);
    let misspelt = misspelt.filter(|name| !is_known(name, by));
    let misspelt: Vec<&str> = misspelt.flat_map(|name| [name, short(name)]).collect();
    let near = nearest(name, candidates.into_iter().chain(misspelt.iter().copied()));
    if misspelt.contains(&name) || near.is_some_and(|near| misspelt.contains(&near)) {
        return;
    }
    let finding = findings.add(path, rule);
    if let Some(near) = near {
        finding.help(format!("did you mean `{near}`?"));
    }
}

fn is_known(name: &str, by: &[DimensionPlan]) -> bool {
    by.iter().any(|dimension| dimension.name == short(name))
}

/// A dimension's name as the release has it, without the source.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
