//! Checks of what a table calls sensitive.

use crate::plan::document::TableDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{Dimension, Sensitive};

/// What is protected against group disclosure. `path` is that of the table.
pub(super) fn check_sensitive(
    document: &TableDocument,
    by: &[Dimension],
    path: &Path,
    findings: &mut Collector,
) -> Vec<Sensitive> {
    let Some(named) = &document.sensitive else {
        let example = by.iter().find(|dimension| is_told_apart(dimension));
        let example = example.map_or("diagnosis", |dimension| &dimension.name);
        findings
            .add(path, "does not say what is sensitive: `sensitive` is missing")
            .help(format!(
                "sensitive = [], or for example sensitive = [\"{example}\"]"
            ));
        return Vec::new();
    };
    let path = path.at("sensitive");
    let mut sensitive: Vec<Sensitive> = Vec::new();
    for (i, named) in named.iter().enumerate() {
        let path = path.at(i);
        let found = by.iter().position(|other| other.name == named.name);
        let Some(dimension) = found else {
            let name = &named.name;
            let names = by.iter().map(|dimension| dimension.name.as_str());
            findings
                .add(&path, format!("the table has no dimension `{name}`"))
                .near(name, names);
            continue;
        };
        if sensitive.iter().any(|other| other.dimension == dimension) {
            findings.add(&path, "is listed twice");
        }
        if !is_told_apart(&by[dimension]) {
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
fn is_told_apart(dimension: &Dimension) -> bool {
    matches!(dimension.kind, ColumnType::Category | ColumnType::Boolean)
}
