//! Match rates by group, from their definition: what is disclosed of whom, and when it is a
//! warning.

use std::collections::{BTreeMap, BTreeSet};

use kobling::Count;
use kobling::release::manifest::{GroupedRecord, RateRecord};

/// Base rows of one group, as one look-up matched them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) persons: BTreeSet<u32>,
    pub(crate) matched: u64,
    pub(crate) unmatched: u64,
}

/// By category; `None` is missing.
pub(crate) type Groups = BTreeMap<Option<String>, Group>;

/// The number that is disclosed; none of 1 to 4.
fn rounded(count: u64) -> Option<u64> {
    (count == 0 || count > 4).then(|| (count + 2) / 5 * 5)
}

/// What is disclosed of rows that everybody may know the number of, all together.
pub(crate) fn disclosed(matched: u64, unmatched: u64) -> (Option<u64>, Option<u64>) {
    let few = |count: u64| (1..5).contains(&count);
    let all = rounded(matched + unmatched);
    match (few(matched), few(unmatched)) {
        (true, true) => (None, None),
        (true, _) | (_, true) if unmatched > 0 && matched > 0 && matched + unmatched < 10 => {
            (None, None)
        }
        (true, false) if unmatched > 0 => (None, all),
        (false, true) if matched > 0 => (all, None),
        (false, false) if matched > 0 => {
            let rest = rounded(unmatched);
            (all.zip(rest).map(|(all, rest)| all - rest), rest)
        }
        _ => (rounded(matched), rounded(unmatched)),
    }
}

fn is_rate(rate: RateRecord, matched: u64, unmatched: u64) {
    let disclosed = disclosed(matched, unmatched);
    assert_eq!((rate.matched.get(), rate.unmatched.get()), disclosed);
    let (part, rest) = (disclosed.0.unwrap_or(2), disclosed.1.unwrap_or(2));
    // Of rows that are few or none, nothing is disclosed.
    let percent = (part > 2 || rest > 2).then(|| 100 * part / (part + rest));
    assert_eq!(rate.match_rate, percent);
    let all = rate.match_rate == Some(100);
    assert!(!all || unmatched == 0, "not all match");
}

/// Holds what a manifest discloses of `groups` against what may be disclosed.
pub(crate) fn agree(record: &GroupedRecord, groups: &Groups, min_persons: u32) {
    let is_large = |group: &Group| group.persons.len() >= min_persons as usize;
    let disclosed: BTreeSet<_> = record.groups.iter().map(|g| g.group.clone()).collect();
    assert_eq!(
        disclosed.len(),
        record.groups.len(),
        "a group is there twice"
    );
    for group in &record.groups {
        let twin = &groups[&group.group];
        assert!(is_large(twin), "a small group is disclosed");
        is_rate(group.rate, twin.matched, twin.unmatched);
    }
    let hidden = || groups.iter().filter(|(name, _)| !disclosed.contains(*name));
    let hidden_large: Vec<&Group> = hidden()
        .map(|(_, group)| group)
        .filter(|g| is_large(g))
        .collect();
    let any_small = groups.values().any(|group| !is_large(group));
    let large = groups.values().filter(|group| is_large(group));
    let smallest = large.map(|group| group.persons.len()).min();
    match (any_small, smallest) {
        (false, _) => assert_eq!((hidden().count(), record.others), (0, None)),
        (true, None) => assert_eq!((disclosed.len(), record.others), (0, None)),
        (true, Some(smallest)) => {
            assert_eq!(
                hidden_large.len(),
                1,
                "one large group is reported with the small ones"
            );
            assert_eq!(hidden_large[0].persons.len(), smallest);
            let matched = hidden().map(|(_, group)| group.matched).sum();
            let unmatched = hidden().map(|(_, group)| group.unmatched).sum();
            is_rate(record.others.expect("the others"), matched, unmatched);
        }
    }
    assert_eq!(record.warning.is_some(), differ(record), "{record:?}");
}

/// Whether some two groups' losses differ by more than the margin, whatever
/// counts are behind the rounded ones.
fn differ(record: &GroupedRecord) -> bool {
    let rates = record.groups.iter().map(|group| group.rate);
    let rates: Vec<RateRecord> = rates.filter(|rate| rate.match_rate.is_some()).collect();
    let surely = |one: &RateRecord, other: &RateRecord| {
        behind(*one).iter().all(|one| {
            behind(*other).iter().all(|other| {
                let (more, less) = (one.0 * other.1, other.0 * one.1);
                let margin = i128::from(record.margin.hundredths());
                (more - less) * 10_000 > margin * one.1 * other.1
            })
        })
    };
    rates
        .iter()
        .any(|one| rates.iter().any(|other| surely(one, other)))
}

/// All that may be behind rounded counts: unmatched rows, of how many.
fn behind(rate: RateRecord) -> Vec<(i128, i128)> {
    let shown = (rate.matched.get(), rate.unmatched.get());
    let near = |count: Count| 0..=count.get().unwrap_or(5) + 10;
    let pairs = near(rate.unmatched)
        .flat_map(|unmatched| near(rate.matched).map(move |matched| (matched, unmatched)));
    let pairs = pairs.filter(|(matched, unmatched)| disclosed(*matched, *unmatched) == shown);
    let pairs = pairs.map(|(matched, unmatched)| (unmatched.into(), (unmatched + matched).into()));
    pairs.filter(|(_, all)| *all > 0).collect()
}
