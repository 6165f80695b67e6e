//! The history resolved, compared with its naive twin: maps, and walks one step at a time.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::extract::{Extract, Header};
use crate::plan::Plan;
use crate::watch::Watched;

const PLAN: &str = r#"
version = 1
[project]
id = "p"
epoch = 1
title = "t"
purpose = "p"
controller = "c"
linkage_unit = "l"
recipient = "r"
valid = { from = 2000-01-01, until = 9999-12-31 }
[source.changes]
role = "history"
agency = "a"
legal_basis = ["b"]
identifier = { column = "old", type = "number" }
current = "new"
valid_from = "from"
[source.people]
agency = "a"
legal_basis = ["b"]
identifier = { column = "id", type = "number" }
rows = "many"
[table.t]
from = "people"
by = []
sensitive = []
measures = [{ persons = true }]
protect = { min_persons = 5, method = "suppress" }
"#;

fn extract(pairs: &[(u128, u128, i32)]) -> Extract {
    let plan = Plan::parse(PLAN).unwrap_or_else(|findings| panic!("{findings}"));
    let header = Header {
        plan: plan.digest().to_string(),
        source: "changes".to_owned(),
        project: "p".to_owned(),
        epoch: 1,
        key_check: "0000000000000000".parse().unwrap(),
        rows: pairs.len() as u64,
        rows_read: pairs.len() as u64,
        quarantine: BTreeMap::new(),
        columns: BTreeMap::new(),
        unended: 0,
        maker: "0".to_owned(),
    };
    Extract::of_pairs(plan, 0, header, pairs.to_vec(), &Watched::default()).unwrap()
}

fn resolved(pairs: &[(u128, u128, i32)], on: i32) -> Result<BTreeMap<u128, u128>, String> {
    let made = extract(pairs);
    let day = Date::from_days(on).unwrap();
    let found = Successors::resolve(made.history().unwrap(), day);
    let found = found.map_err(|error| error.rule().to_owned())?;
    let mut wanted: Vec<PseudonymBytes> = found.numbers().iter().copied().collect();
    wanted.dedup();
    let replaced = found.find(&wanted, &(0..pairs.len())).into_iter();
    let number = |key: PseudonymBytes| u128::from_be_bytes(key);
    Ok(replaced
        .map(|(place, current)| (number(wanted[place]), number(current)))
        .collect())
}

/// The naive twin.
fn walked(pairs: &[(u128, u128, i32)], on: i32) -> Result<BTreeMap<u128, u128>, String> {
    let mut currents: BTreeMap<u128, BTreeSet<u128>> = BTreeMap::new();
    for (number, current, _) in pairs.iter().filter(|pair| pair.2 <= on) {
        currents.entry(*number).or_default().insert(*current);
    }
    let count = |count: usize| match count {
        1 => "1 number".to_owned(),
        count => format!("{count} numbers"),
    };
    let day = Date::from_days(on).unwrap();
    let split = currents.values().filter(|set| set.len() > 1).count();
    if split > 0 {
        let split = count(split);
        return Err(format!(
            "gives {split} two current ones or more, as of {day}"
        ));
    }
    let next: BTreeMap<u128, u128> = currents
        .iter()
        .filter_map(|(number, set)| Some((*number, *set.first()?)))
        .filter(|(number, current)| number != current)
        .collect();
    let end = |number: u128| {
        let mut seen = BTreeSet::from([number]);
        let mut at = number;
        while let Some(current) = next.get(&at) {
            at = *current;
            if !seen.insert(at) {
                return None;
            }
        }
        Some(at)
    };
    let circling = next.keys().filter(|number| end(**number).is_none()).count();
    if circling > 0 {
        let circling = count(circling);
        return Err(format!("leads {circling} in a circle, as of {day}"));
    }
    Ok(next
        .keys()
        .filter_map(|number| Some((*number, end(*number)?)))
        .collect())
}

/// Few numbers, spread as pseudonyms are or not at all.
fn pairs(numbers: u128) -> impl Strategy<Value = Vec<(u128, u128, i32)>> {
    let pair = (0..numbers, 0..numbers, 0..4i32);
    (prop::collection::vec(pair, 0..40), any::<bool>()).prop_map(|(mut pairs, spread)| {
        for (number, current, _) in &mut pairs {
            for side in [number, current] {
                *side = if spread {
                    side.wrapping_mul(u128::MAX / 61)
                } else {
                    *side
                };
            }
        }
        pairs
    })
}

/// Pairs that lead from a number to a lesser one, at most one from each.
fn forest() -> impl Strategy<Value = Vec<(u128, u128, i32)>> {
    let pair = (any::<u16>(), 0..4i32);
    prop::collection::vec(pair, 1..200).prop_map(|pairs| {
        let pairs = pairs.into_iter().zip(1u128..);
        pairs
            .map(|((to, day), number)| (number << 100, (u128::from(to) % number) << 100, day))
            .collect()
    })
}

proptest! {
    #[test]
    fn jumping_finds_what_walking_finds(
        many in pairs(60),
        few in pairs(6),
        forest in forest(),
        on in -1..4i32,
    ) {
        for pairs in [many, few, forest] {
            prop_assert_eq!(resolved(&pairs, on), walked(&pairs, on));
        }
    }
}

#[test]
fn a_chain_of_a_million_has_an_end_and_a_circle_of_a_million_none() {
    let count = 1_000_000u128;
    let key = |number: u128| number * (u128::MAX / count);
    let mut chain: Vec<_> = (0..count).map(|n| (key(n + 1), key(n), 0)).collect();
    let found = resolved(&chain, 0).unwrap();
    assert_eq!(found.len() as u128, count);
    assert!(found.values().all(|current| *current == 0));
    chain.push((0, key(count), 0));
    let circle = resolved(&chain, 0).unwrap_err();
    assert_eq!(
        circle,
        "leads 1000001 numbers in a circle, as of 1970-01-01"
    );
}

#[test]
fn only_pairs_up_to_the_day_count_and_a_pair_twice_is_no_split() {
    let pairs = [
        (1, 2, 10),
        (1, 2, 12),
        (2, 3, 20),
        (4, 4, 0),
        (5, 6, 30),
        (5, 7, 40),
    ];
    let map = |pairs: &[(u128, u128)]| Ok(pairs.iter().copied().collect::<BTreeMap<_, _>>());
    assert_eq!(resolved(&pairs, 9), map(&[]));
    assert_eq!(resolved(&pairs, 19), map(&[(1, 2)]));
    assert_eq!(resolved(&pairs, 20), map(&[(1, 3), (2, 3)]));
    assert_eq!(resolved(&pairs, 30), map(&[(1, 3), (2, 3), (5, 6)]));
    let split = resolved(&pairs, 40).unwrap_err();
    assert_eq!(
        split,
        "gives 1 number two current ones or more, as of 1970-02-10"
    );
    // It stays, and it is replaced: which of them is right is not guessed.
    assert!(resolved(&[(1, 1, 0), (1, 2, 1)], 1).is_err());
}
