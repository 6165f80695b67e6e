//! Match rates by group, from their definition: what is disclosed of whom, and when it is a
//! warning.

use std::collections::{BTreeMap, BTreeSet};

use kobling::Count;
use kobling::release::manifest::{GroupedRecord, RateRecord};

use crate::support::shown::are_linked;

/// Base rows of one group, as one look-up matched them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) persons: BTreeSet<u32>,
    pub(crate) matched: u64,
    pub(crate) unmatched: u64,
}

/// By category; `None` is missing.
pub(crate) type Groups = BTreeMap<Option<String>, Group>;

/// Holds what is shown of matched rows, of unmatched ones and as a rate against the rows, of
/// a base, a look-up, and a group.
pub(crate) fn is_rate(
    (matched, unmatched, rate): (Count, Count, Option<u64>),
    of: (&str, &str),
    group: &[&str],
    [rows, others]: [u64; 2],
) {
    assert!(
        are_linked([matched, unmatched], of, [rows, others], group),
        "{matched} and {unmatched}, but {rows} match and {others} do not"
    );
    let is_empty = rows == 0 && others == 0;
    assert!(is_empty || !unmatched.is_zero(), "that all match is shown");
    let [part, rest] = [matched, unmatched].map(|count| count.get().unwrap_or(2));
    // Of rows that are few or none, nothing is disclosed.
    let percent =
        (part > 2 || rest > 2).then(|| (100.0 * part as f64 / (part + rest) as f64).round() as u64);
    assert_eq!(rate, percent);
}

fn of(rate: RateRecord) -> (Count, Count, Option<u64>) {
    (rate.matched, rate.unmatched, rate.match_rate)
}

/// Holds what a manifest discloses of `groups` against what may be disclosed.
pub(crate) fn agree(
    record: &GroupedRecord,
    of_look_up: (&str, &str),
    groups: &Groups,
    min_persons: u32,
) {
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
        let name: Vec<&str> = [&*record.by]
            .into_iter()
            .chain(group.group.as_deref())
            .collect();
        is_rate(
            of(group.rate),
            of_look_up,
            &name,
            [twin.matched, twin.unmatched],
        );
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
            let name = [&*record.by, "others", "others"];
            let rate = of(record.others.expect("the others"));
            is_rate(rate, of_look_up, &name, [matched, unmatched]);
        }
    }
    assert_eq!(record.warning.is_some(), differ(record), "{record:?}");
}

/// Whether some two groups' losses differ by more than the margin, whatever counts within 15
/// are behind the shown ones.
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

/// All that may be behind shown counts: unmatched rows, of how many.
fn behind(rate: RateRecord) -> Vec<(i128, i128)> {
    let near = |count: Count| match count.get() {
        Some(0) => 0..=0,
        shown => shown.unwrap_or(0).saturating_sub(15)..=shown.unwrap_or(0) + 15,
    };
    let pairs = near(rate.unmatched)
        .flat_map(|unmatched| near(rate.matched).map(move |matched| (matched, unmatched)));
    let pairs = pairs.map(|(matched, unmatched)| (unmatched.into(), (unmatched + matched).into()));
    pairs.filter(|(_, all)| *all > 0).collect()
}
