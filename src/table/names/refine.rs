//! One naming of a dimension that several tables name each in its own way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Listed, Naming, Renamed};
use crate::column::MISSING;
use crate::table::Dimension;

/// The finest naming that each of `namings` is a coarser one of, and what its
/// categories are in each. They name the same column of the same rows.
pub(in crate::table) fn refine(namings: &[&Naming]) -> (Naming, Vec<Renamed>) {
    let first = namings[0];
    let lacks = namings.iter().any(|naming| naming.dimension.lacks);
    let dimension = Dimension {
        levels: Vec::new(),
        lacks,
        ..first.dimension.clone()
    };
    match &first.own {
        Renamed::Same => {
            let naming = Naming {
                dimension,
                own: Renamed::Same,
                levels: Vec::new(),
                merges: false,
                merged: Vec::new(),
            };
            (naming, vec![Renamed::Same; namings.len()])
        }
        Renamed::Kept(_) => of_numbers(dimension, namings),
        Renamed::Codes(_) => of_categories(dimension, namings),
    }
}

/// A number stays if it does in one of them.
fn of_numbers(dimension: Dimension, namings: &[&Naming]) -> (Naming, Vec<Renamed>) {
    let kept = namings.iter().flat_map(|naming| match &naming.own {
        Renamed::Kept(kept) => kept.to_vec(),
        _ => Vec::new(),
    });
    let kept: BTreeSet<i64> = kept.collect();
    let kept: Box<[i64]> = kept.into_iter().collect();
    let naming = Naming {
        dimension: Dimension {
            listed: vec![vec![Listed::Enough; kept.len()].into()],
            ordinals: kept.clone(),
            ..dimension
        },
        own: Renamed::Kept(kept),
        levels: Vec::new(),
        merges: true,
        merged: Vec::new(),
    };
    let own = namings.iter().map(|naming| naming.own.clone());
    (naming, own.collect())
}

/// Two codes become one if they are one in all of them.
fn of_categories(dimension: Dimension, namings: &[&Naming]) -> (Naming, Vec<Renamed>) {
    let codes = |naming: &Naming| match &naming.own {
        Renamed::Codes(codes) => codes.to_vec(),
        _ => Vec::new(),
    };
    let each: Vec<Vec<u32>> = namings.iter().map(|naming| codes(naming)).collect();
    let all_of = |code: usize| each.iter().map(|codes| codes[code]).collect::<Vec<u32>>();
    let raw = each[0].len();
    let mut new: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    for code in (0..raw).filter(|code| each[0][*code] != MISSING) {
        new.insert(all_of(code), 0);
    }
    // Declared categories that nobody has are listed too.
    let by_name = |naming: &&Naming| -> HashMap<String, u32> {
        let labels = naming.dimension.labels.iter().cloned();
        labels.zip(0..).collect()
    };
    let places: Vec<HashMap<String, u32>> = namings.iter().map(by_name).collect();
    for name in namings[0].dimension.labels.iter() {
        let code = places.iter().map(|places| places.get(name).copied());
        if let Some(code) = code.collect::<Option<Vec<u32>>>() {
            new.insert(code, 0);
        }
    }
    for code in rare_to_all(namings, &places, &new) {
        new.insert(code, 0);
    }
    for (at, code) in new.values_mut().enumerate() {
        *code = at as u32;
    }
    let own = (0..raw).map(|code| match each[0][code] {
        MISSING => MISSING,
        _ => new[&all_of(code)],
    });
    let member = |at: usize| Renamed::Codes(new.keys().map(|codes| codes[at]).collect());
    let members: Vec<Renamed> = (0..namings.len()).map(member).collect();
    let naming = Naming {
        own: Renamed::Codes(own.collect()),
        levels: Vec::new(),
        merges: true,
        merged: Vec::new(),
        dimension: Dimension {
            // Nobody publishes it; so it needs as many names, and no good ones.
            labels: (0..new.len()).map(|code| code.to_string()).collect(),
            listed: vec![vec![Listed::Anyway; new.len()].into()],
            ..dimension
        },
    };
    (naming, members)
}

/// What somebody could be called whom one of the namings has among the rare ones of a category
/// that nobody is in: among the rare ones by the others, too. Without that it would seem that
/// nobody can be there.
fn rare_to_all(
    namings: &[&Naming],
    places: &[HashMap<String, u32>],
    known: &BTreeMap<Vec<u32>, u32>,
) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    for (at, naming) in namings.iter().enumerate() {
        let taken: BTreeSet<u32> = known.keys().map(|codes| codes[at]).collect();
        let empty = naming.merged.iter().filter(|code| !taken.contains(code));
        for code in empty {
            let name = &naming.dimension.labels[*code as usize];
            let each = namings.iter().zip(places).enumerate();
            let each = each.map(|(other, (naming, places))| match &naming.merged[..] {
                _ if other == at => Some(*code),
                // Of several only the name says which.
                [only] => Some(*only),
                _ => places.get(name).copied(),
            });
            found.extend(each.collect::<Option<Vec<u32>>>());
        }
    }
    found
}
