//! Checks of levels and margins: which groupings of the dimensions a table publishes.

use std::collections::BTreeSet;

use super::super::check_name;
use super::dimension::{known, not_found, short};
use crate::plan::document::{LevelDocument, MarginsDocument, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::{ColumnType, Map};
use crate::plan::table::names::name_levels;
use crate::plan::table::{Coarser, DimensionPlan, Grain, Grouping, Level, Names, TOTAL};

/// The most groupings of a table's dimensions.
const MOST_GROUPINGS: usize = 1024;

/// The levels of each dimension.
pub(super) fn check_levels(
    document: &TableDocument,
    by: &mut [DimensionPlan],
    path: &Path,
    findings: &mut Collector,
) {
    for (name, levels) in &document.levels {
        let path = path.at("levels").at(name);
        // As `by` has it, `source.column`, or as the release does, without the source.
        let own = match document.by.contains(name) {
            true => short(name),
            false => name,
        };
        let Some(at) = by.iter().position(|dimension| dimension.name == own) else {
            let rule = format!("the table has no dimension `{name}`");
            let names = known(document, by).flat_map(|name| [name, short(name)]);
            not_found(name, rule, names, (document, by), &path, findings);
            continue;
        };
        let dimension = &mut by[at];
        if dimension.kind != ColumnType::Category {
            findings.add(&path, "levels are for dimensions of type category");
        }
        let mut kept = None;
        for (i, level) in levels.iter().enumerate() {
            let path = path.at(i);
            check_name(&level.name, "level", &path.at("name"), findings);
            let others = dimension.levels.iter().map(|level| level.name.as_str());
            if [TOTAL, own]
                .into_iter()
                .chain(others)
                .any(|other| other == level.name)
            {
                findings.add(&path.at("name"), "names two levels of one dimension");
            }
            let coarser = check_level(level, &mut kept, &path, findings);
            dimension.levels.push(Level {
                name: level.name.clone(),
                coarser,
                names: Names::unknown(),
            });
        }
        if let Err((level, lost)) = name_levels(&dimension.names, &mut dimension.levels) {
            findings
                .add(
                    &path.at(level).at("map"),
                    format!("does not list `{lost}`, which is a declared category"),
                )
                .help("list it, or say `otherwise`");
        }
    }
}

/// `kept` is how many characters the levels before keep, if that is known.
fn check_level(
    level: &LevelDocument,
    kept: &mut Option<u32>,
    path: &Path,
    findings: &mut Collector,
) -> Coarser {
    if level.otherwise.is_some() && level.map.is_none() {
        findings.add(&path.at("otherwise"), "belongs to `map`");
    }
    match (level.prefix, &level.map) {
        (Some(prefix), None) => {
            if prefix == 0 {
                findings
                    .add(&path.at("prefix"), "keeps at least 1 character")
                    .help("totals over a dimension are margins");
            }
            if kept.is_some_and(|kept| prefix >= kept) {
                findings.add(
                    &path.at("prefix"),
                    "does not nest: it keeps no less than the level before it",
                );
            }
            *kept = Some(prefix);
            Coarser::Prefix(prefix as usize)
        }
        (None, Some(map)) => {
            *kept = None;
            Coarser::Map(Map::new(map, level.otherwise.as_ref()))
        }
        _ => {
            findings.add(path, "is made by exactly one of `prefix` and `map`");
            Coarser::Prefix(1)
        }
    }
}

/// All groupings that are published, the finest first.
pub(super) fn check_margins(
    document: &TableDocument,
    by: &[DimensionPlan],
    path: &Path,
    findings: &mut Collector,
) -> Vec<Grouping> {
    let path = path.at("margins");
    let kept: Vec<BTreeSet<usize>> = match &document.margins {
        MarginsDocument::All(false) => Vec::new(),
        MarginsDocument::All(true) => subsets(by.len()),
        MarginsDocument::By(lists) => {
            let lists = lists.iter().enumerate();
            lists
                .filter_map(|(i, list)| check_list(list, (document, by), &path.at(i), findings))
                .collect()
        }
    };
    let mut seen = BTreeSet::new();
    for (i, kept) in kept.iter().enumerate() {
        if !seen.insert(kept) {
            findings.add(&path.at(i), "is listed twice");
        }
    }
    let whole: BTreeSet<usize> = (0..by.len()).collect();
    let mut groupings = Vec::new();
    for kept in std::iter::once(&whole).chain(&kept) {
        add_groupings(by, kept, &mut groupings);
        if groupings.len() > MOST_GROUPINGS {
            findings
                .add(
                    &path,
                    format!("asks for more than {MOST_GROUPINGS} groupings of the dimensions"),
                )
                .help("list the totals that are needed");
            break;
        }
    }
    groupings
}

/// All subsets of as many dimensions but the whole, larger ones first; more
/// than can be published are cut off.
fn subsets(dimensions: usize) -> Vec<BTreeSet<usize>> {
    let most = 1usize << dimensions.min(11);
    let mut subsets: Vec<BTreeSet<usize>> = (0..most - 1)
        .map(|bits| (0..dimensions).filter(|at| bits >> at & 1 == 1).collect())
        .collect();
    subsets.sort_by_key(|subset| std::cmp::Reverse(subset.len()));
    subsets
}

fn check_list(
    list: &[String],
    (document, by): (&TableDocument, &[DimensionPlan]),
    path: &Path,
    findings: &mut Collector,
) -> Option<BTreeSet<usize>> {
    let mut kept = BTreeSet::new();
    for (i, name) in list.iter().enumerate() {
        let path = path.at(i);
        match document.by.iter().position(|by| by == name) {
            Some(at) if kept.insert(at) => {}
            Some(_) => {
                findings.add(&path, format!("`{name}` is listed twice"));
                return None;
            }
            None => {
                let rule = format!("`{name}` is no dimension of the table");
                let names = known(document, by);
                not_found(name, rule, names, (document, by), &path, findings);
                return None;
            }
        }
    }
    if kept.len() == document.by.len() {
        findings.add(path, "is no margin: it has all dimensions");
        return None;
    }
    Some(kept)
}

/// All groupings of the kept dimensions, each by itself or by a level; the others are totals.
fn add_groupings(by: &[DimensionPlan], kept: &BTreeSet<usize>, groupings: &mut Vec<Grouping>) {
    let mut grains: Vec<Vec<Grain>> = vec![Vec::new()];
    for (at, dimension) in by.iter().enumerate() {
        let choices = match kept.contains(&at) {
            false => vec![Grain::Total],
            true => std::iter::once(Grain::Own)
                .chain((0..dimension.levels.len()).map(Grain::Level))
                .collect(),
        };
        let longer = grains.iter().flat_map(|grain| {
            choices
                .iter()
                .map(move |choice| grain.iter().copied().chain([*choice]).collect())
        });
        grains = longer.take(MOST_GROUPINGS + 1).collect();
    }
    groupings.extend(grains.into_iter().map(Vec::into_boxed_slice));
}
