//! Which names a table publishes, and which cells it lists, from the definitions.

use std::collections::{BTreeMap, BTreeSet};

use kobling::plan::document::{ColumnDocument, PlanDocument, Reducer, TableDocument, TypeName};

use super::naive::{Persons, Place};
use super::value::{band_labels, shorten};

/// What the plan says of a column's categories.
#[derive(Clone)]
struct Declared {
    names: BTreeSet<String>,
    /// Whether there are no others.
    all: bool,
    /// What others are called; numbers and dates have no place for a name.
    rare: Option<String>,
}

fn of(names: impl IntoIterator<Item = String>, all: bool) -> Declared {
    Declared {
        names: names.into_iter().collect(),
        all,
        rare: Some("other".to_owned()),
    }
}

/// Of a column of the table: a derived one, or `source.column`.
fn declared(plan: &PlanDocument, table: &TableDocument, name: &str) -> Declared {
    let booleans = || of(["false", "true"].map(str::to_owned), true);
    let Some((source, column)) = name.split_once('.') else {
        let derived = &table.columns[name];
        let before = match &derived.from {
            Some(from) => declared(plan, table, from),
            None => booleans(),
        };
        return made(derived, Some(before));
    };
    let base = table.base.as_ref().and_then(|base| base.reduce.as_ref());
    let reduce = match table.with.get(source) {
        Some(lookup) => lookup.reduce.as_ref(),
        None => base,
    };
    match reduce.map(|reduce| reduce[column]) {
        Some(Reducer::Any) => booleans(),
        Some(Reducer::Sum | Reducer::Count) => of([], false),
        _ => made(&plan.sources[source].columns[column], None),
    }
}

fn made(column: &ColumnDocument, before: Option<Declared>) -> Declared {
    let cut = |label: &String| shorten(column, label.clone());
    let mut names = match column.kind {
        TypeName::Boolean => return of(["false", "true"].map(str::to_owned), true),
        TypeName::Integer | TypeName::Date | TypeName::Decimal => {
            let clip = column.clip.as_ref();
            let clip = clip.and_then(|clip| clip.at_least.zip(clip.at_most));
            let mut numbers = of([], false);
            if let (Some((least, most)), TypeName::Integer) = (clip, column.kind) {
                let whole = |number: kobling::plan::Number| number.to_string().parse::<i64>();
                let all = whole(least).unwrap()..=whole(most).unwrap();
                numbers = of(all.map(|number| number.to_string()), true);
            } else if let (Some(before), None, None) = (before, &column.clip, &column.truncate) {
                numbers = before;
            }
            numbers.rare = None;
            return numbers;
        }
        TypeName::Category if column.bands.is_some() => {
            of(band_labels(column).iter().map(cut), true)
        }
        TypeName::Category => match (&column.map, before) {
            (Some(map), _) => of(map.values().chain(&column.otherwise).map(cut), true),
            (None, Some(before)) => Declared {
                names: before.names.iter().map(cut).collect(),
                ..before
            },
            (None, None) => of([], false),
        },
        other => panic!("{other:?} has no twin here"),
    };
    if let Some(rare) = &column.rare {
        names.rare = Some(rare.clone());
    }
    if let Some(categories) = &column.categories {
        let text = serde_json::to_value(categories).unwrap();
        let listed = text.as_array().unwrap().iter();
        names.names = listed
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        names.names.extend(names.rare.clone());
        names.all = true;
    }
    names.names.extend(column.absent.clone());
    names
}

/// The cells of a table with the names that it publishes, empty ones too; `None`
/// if it is a list of persons.
pub(super) fn published(
    plan: &PlanDocument,
    table: &TableDocument,
    cells: BTreeMap<Place, Persons>,
) -> Option<BTreeMap<Place, Persons>> {
    let enough = table.protect.min_persons as usize;
    let all: usize = cells.values().map(BTreeMap::len).sum();
    let few = cells.values().map(BTreeMap::len);
    let few: usize = few.filter(|persons| *persons < enough).sum();
    // A table of one cell lists nothing.
    if !table.by.is_empty() && 2 * few > all {
        return None;
    }
    let mut listed: Vec<BTreeSet<Option<String>>> = Vec::new();
    let mut renamed: BTreeMap<Place, Persons> = cells;
    for (at, name) in table.by.iter().enumerate() {
        let declared = declared(plan, table, name);
        let mut bearers: BTreeMap<Option<String>, BTreeSet<u32>> = BTreeMap::new();
        for (place, persons) in &renamed {
            bearers
                .entry(place[at].clone())
                .or_default()
                .extend(persons.keys());
        }
        let call = |name: &Option<String>| -> Option<String> {
            let text = name.as_ref()?;
            let named = declared.names.contains(text) || bearers[name].len() >= enough;
            match named {
                true => Some(text.clone()),
                false => declared.rare.clone(),
            }
        };
        let mut names: BTreeSet<Option<String>> = bearers.keys().map(call).collect();
        names.extend(declared.names.iter().cloned().map(Some));
        listed.push(names);
        let mut next: BTreeMap<Place, Persons> = BTreeMap::new();
        for (mut place, persons) in std::mem::take(&mut renamed) {
            place[at] = call(&place[at]);
            let cell = next.entry(place).or_default();
            for (person, rows) in persons {
                cell.entry(person).or_default().extend(rows);
            }
        }
        renamed = next;
    }
    let mut places: Vec<Place> = vec![Vec::new()];
    for names in &listed {
        let longer = places.iter().flat_map(|place| {
            names.iter().map(|name| {
                let mut place = place.clone();
                place.push(name.clone());
                place
            })
        });
        places = longer.collect();
    }
    for place in places {
        renamed.entry(place).or_default();
    }
    Some(renamed)
}
