//! Checks of what a plan wants to be kept.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::dimension::{known, not_found};
use crate::plan::document::{Method, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::table::{DimensionPlan, Grain, Preferred};

/// Dimensions and levels, of which each dimension is named once.
pub(super) fn check_prefer(
    document: &TableDocument,
    by: &[DimensionPlan],
    path: &Path,
    findings: &mut Collector,
) -> Preferred {
    let path = path.at("protect").at("prefer");
    let mut preferred: BTreeMap<usize, Grain> = BTreeMap::new();
    for (i, name) in document.protect.prefer.iter().enumerate() {
        let path = path.at(i);
        let Some((dimension, grain)) = named(name, document, by) else {
            let rule = format!("the table has no dimension and no level `{name}`");
            let levels = by.iter().flat_map(|dimension| &dimension.levels);
            let levels = levels.map(|level| level.name.as_str());
            let names = known(document, by).chain(levels);
            not_found(name, rule, names, (document, by), &path, findings);
            continue;
        };
        match preferred.entry(dimension) {
            Entry::Vacant(place) => {
                place.insert(grain);
            }
            Entry::Occupied(_) => {
                let rule = format!("`{name}` is of a dimension that is listed already");
                findings
                    .add(&path, rule)
                    .help("the finer one is enough: what is coarser is kept with it");
            }
        }
    }
    if !document.protect.prefer.is_empty() && document.protect.method != Method::Suppress {
        findings.add(&path, "is for method = \"suppress\"");
        return Preferred::default();
    }
    let own = preferred.values().filter(|grain| **grain == Grain::Own);
    if !by.is_empty() && own.count() == by.len() {
        findings
            .add(
                &path,
                "has all dimensions: nothing is left that could be suppressed in their place",
            )
            .help("the dimensions, or levels, whose totals matter most");
    }
    Preferred(preferred)
}

/// Which dimension is called so, as `by` names it, or which has a level of this name.
fn named(name: &str, document: &TableDocument, by: &[DimensionPlan]) -> Option<(usize, Grain)> {
    if let Some(at) = document.by.iter().position(|own| own == name) {
        return Some((at, Grain::Own));
    }
    by.iter().enumerate().find_map(|(at, dimension)| {
        let mut levels = dimension.levels.iter();
        let level = levels.position(|level| level.name == name)?;
        Some((at, Grain::Level(level)))
    })
}
