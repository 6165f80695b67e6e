//! Match rates as a manifest states them: perturbed, small groups together, and a
//! warning where linkage loses some groups more than others.
//!
//! Everything is computed from the perturbed counts, the warning too; so nothing
//! here discloses more than they do.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::perturbed::{PerturbedCounts, likely};
use crate::count::Count;
use crate::plan::document::Need;
use crate::plan::table::{MatchDimension, TablePlan};
use crate::plan::{Number, Percent};
use crate::table::{GroupRate, MatchRate};

/// How well a look-up linked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LookupRecord {
    /// Its source.
    pub source: String,
    /// Base rows with a match, perturbed. That there is none is shown where the table requires
    /// the look-up.
    pub matched: Count,
    /// Base rows without, perturbed. Whether there is any is not shown.
    pub unmatched: Count,
    /// Matched of all, in percent, to the nearest. None where too few rows are stated.
    pub match_rate: Option<u64>,
    /// What the history did; if the plan has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<LookupHistory>,
    /// The same by groups of base rows, for each column that the plan names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<GroupedRecord>,
}

/// What the history did for a look-up: `matched` is the two together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LookupHistory {
    /// Base rows that would have a match without it, perturbed: a row of the
    /// look-up has the number that the base row has.
    pub directly: Count,
    /// Base rows that have their match through it only, perturbed: the person
    /// has other numbers in the look-up. Where a base is folded, a person
    /// none of whose base rows has a number that is in the look-up.
    pub through_history: Count,
}

/// How well a look-up linked in groups of base rows.
///
/// # Disclosure
///
/// A group of fewer than `min_persons` persons is not stated by itself but
/// together with all others of its kind and the smallest of the rest; so it is
/// not the difference of two figures either. What is stated by itself is perturbed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupedRecord {
    /// The base's column, such as `population.county`.
    pub by: String,
    /// By how many percentage points linkage loss may differ without a warning.
    pub margin: Percent,
    /// The groups that are large enough to be stated, in the column's order.
    pub groups: Vec<GroupRecord>,
    /// All the other groups together; `None` if there are none, or no large
    /// one that they could be hidden with.
    pub others: Option<RateRecord>,
    /// That linkage loss differs by more than the margin, beyond what rounding
    /// may have made of it.
    pub warning: Option<String>,
}

/// One group of base rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupRecord {
    /// The category; `None` where it is missing.
    pub group: Option<String>,
    /// How many matched.
    #[serde(flatten)]
    pub rate: RateRecord,
}

/// Base rows with and without a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateRecord {
    /// Base rows with a match, perturbed. That there is none is shown where the table requires
    /// the look-up.
    pub matched: Count,
    /// Base rows without, perturbed. Whether there is any is not shown.
    pub unmatched: Count,
    /// Matched of all, in percent, to the nearest. None where too few rows are stated.
    pub match_rate: Option<u64>,
}

impl RateRecord {
    /// Of `matched` and `unmatched` rows, each as it is shown.
    fn new(matched: Count, unmatched: Count) -> Self {
        // From what is shown of them, so that it does not disclose more than that.
        let shown = matched
            .get()
            .max(unmatched.get())
            .is_some_and(|most| most > 0);
        let (part, rest) = (middle(matched), middle(unmatched));
        let all = u128::from(part) + u128::from(rest);
        let rate = (100 * u128::from(part) + all / 2).checked_div(all);
        Self {
            matched,
            unmatched,
            match_rate: rate.map(|rate| rate as u64).filter(|_| shown),
        }
    }

    /// The share of base rows without a match, in percent.
    fn loss(self) -> u64 {
        100 - self.match_rate.unwrap_or(100)
    }

    /// The least and the greatest share without a match that are likely behind the counts.
    fn bounds(self) -> [Proportion; 2] {
        let (matched, unmatched) = (likely(self.matched), likely(self.unmatched));
        let share = |unmatched: u64, matched: u64| {
            // A rate is shown of some rows.
            let unmatched = if matched == 0 {
                unmatched.max(1)
            } else {
                unmatched
            };
            Proportion {
                part: unmatched.into(),
                whole: u128::from(unmatched) + u128::from(matched),
            }
        };
        [
            share(unmatched[0], matched[1]),
            share(unmatched[1], matched[0]),
        ]
    }
}

/// What a count is taken for where a share is computed of it.
fn middle(count: Count) -> u64 {
    count.get().unwrap_or(2)
}

/// A share, exactly. The whole is never 0, and of rows of an extract, which has
/// fewer than 2³² of them.
#[derive(Clone, Copy)]
struct Proportion {
    part: u128,
    whole: u128,
}

impl Ord for Proportion {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.part * other.whole).cmp(&(other.part * self.whole))
    }
}

impl PartialEq for Proportion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Proportion {}

impl PartialOrd for Proportion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Proportion {
    /// Whether it is more than `other` by more than `margin`.
    fn exceeds(&self, other: &Self, margin: Percent) -> bool {
        let more = (self.part * other.whole).saturating_sub(other.part * self.whole);
        more * 10_000 > self.whole * other.whole * u128::from(margin.hundredths())
    }
}

impl LookupRecord {
    pub(super) fn new(rate: &MatchRate, plan: &TablePlan, counts: PerturbedCounts<'_>) -> Self {
        // That everybody has a match would say that tables with the look-up and without it are
        // about the same rows; that nobody has one, what a category of it has.
        let mut slots = plan.slots.iter();
        let required = slots.any(|slot| slot.name == rate.source && slot.need == Need::Required);
        let base = plan.slots[0].name.as_str();
        let whole = (rate.matched + rate.unmatched).to_string();
        let shown = |group: &[&str], matched: u64, unmatched: u64| {
            let all = (matched + unmatched).to_string();
            let what = |which| [&[base, &*rate.source, which, &*all], group].concat();
            let unmatched = counts.some_or_none(&what("unmatched"), unmatched);
            match (matched, all.as_str()) {
                // A base without rows has tables without.
                (_, "0") => RateRecord::new(Count::rounded(0), Count::rounded(0)),
                _ if required => RateRecord::new(counts.of(&what("matched"), matched), unmatched),
                _ => {
                    let matched = counts.some_or_none(&what("matched"), matched);
                    RateRecord::new(matched, unmatched)
                }
            }
        };
        let RateRecord {
            matched,
            unmatched,
            match_rate,
        } = shown(&[], rate.matched, rate.unmatched);
        let by = plan.match_by.iter().zip(&rate.by);
        let by = by.map(|(dimension, groups)| {
            let least = plan.protect.min_persons;
            GroupedRecord::new((&rate.source, dimension), groups, least, shown)
        });
        Self {
            source: rate.source.clone(),
            matched,
            unmatched,
            match_rate,
            history: rate.through_history.map(|through_history| {
                let what = [base, &*rate.source, "through_history", &*whole];
                let through_history = counts.of(&what, through_history);
                LookupHistory {
                    directly: without(matched, through_history),
                    through_history,
                }
            }),
            by: by.collect(),
        }
    }
}

/// The part of `all` that is not `part`, from what is stated of the two, so that
/// it discloses no more than they do.
fn without(all: Count, part: Count) -> Count {
    match (all.get(), part.get()) {
        (_, Some(0)) => all,
        // The difference of two shown counts may be nothing though there are some.
        (Some(all), part) => Count::rounded(all.saturating_sub(part.unwrap_or(0)).max(1)),
        (None, _) => all,
    }
}

impl GroupedRecord {
    /// The counts of a group's matched and unmatched rows are shown as `shown` has them.
    fn new(
        (source, dimension): (&str, &MatchDimension),
        groups: &[GroupRate],
        min_persons: u64,
        shown: impl Fn(&[&str], u64, u64) -> RateRecord,
    ) -> Self {
        let (large, hidden) = shown_and_hidden(groups, min_persons);
        let by = dimension.name.as_str();
        let large = large.into_iter().map(|group| {
            let label = group.label.as_deref();
            let what: Vec<&str> = [by].into_iter().chain(label).collect();
            GroupRecord {
                group: group.label.clone(),
                rate: shown(&what, group.matched, group.unmatched),
            }
        });
        let others = (!hidden.is_empty()).then(|| {
            let matched = hidden.iter().map(|group| group.matched).sum();
            let unmatched = hidden.iter().map(|group| group.unmatched).sum();
            shown(&[by, "others", "others"], matched, unmatched)
        });
        let groups: Vec<GroupRecord> = large.collect();
        Self {
            by: dimension.name.clone(),
            margin: dimension.margin,
            warning: warning(source, dimension, &groups),
            groups,
            others,
        }
    }
}

/// The groups that are stated by themselves, and those that are stated together.
fn shown_and_hidden(groups: &[GroupRate], min_persons: u64) -> (Vec<&GroupRate>, Vec<&GroupRate>) {
    let large = |group: &&GroupRate| group.persons >= min_persons;
    let (mut shown, mut hidden): (Vec<&GroupRate>, Vec<&GroupRate>) =
        groups.iter().partition(large);
    if hidden.is_empty() {
        return (shown, hidden);
    }
    // Some of the small groups' persons may be the same; so only a large group
    // is sure to make the rest large.
    let smallest = shown.iter().enumerate();
    match smallest.min_by_key(|(_, group)| group.persons) {
        Some((at, _)) => hidden.push(shown.remove(at)),
        None => hidden.clear(),
    }
    (shown, hidden)
}

fn warning(source: &str, dimension: &MatchDimension, groups: &[GroupRecord]) -> Option<String> {
    let groups = || {
        groups
            .iter()
            .filter(|group| group.rate.match_rate.is_some())
    };
    let least = |group: &GroupRecord| group.rate.bounds()[0];
    let most = |group: &GroupRecord| group.rate.bounds()[1];
    let worst = groups().max_by(|a, b| least(a).cmp(&least(b)))?;
    let best = groups().min_by(|a, b| most(a).cmp(&most(b)))?;
    least(worst)
        .exceeds(&most(best), dimension.margin)
        .then(|| {
            let name = |group: &GroupRecord| match &group.group {
                Some(label) => label.clone(),
                None => "missing".to_owned(),
            };
            format!(
                "{source}: linkage loses some groups of {} more than others: {} % of the rows of \
                 {}, but {} % of {}, which is over the margin of {} percentage points",
                dimension.name,
                worst.rate.loss(),
                name(worst),
                best.rate.loss(),
                name(best),
                Number::new(dimension.margin.hundredths().into(), 2)
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(label: &str, persons: u64, matched: u64, unmatched: u64) -> GroupRate {
        GroupRate {
            label: Some(label.to_owned()),
            persons,
            matched,
            unmatched,
        }
    }

    fn record(groups: &[GroupRate], margin: u32) -> GroupedRecord {
        let dimension = MatchDimension {
            name: "population.county".to_owned(),
            column: 0,
            margin: Percent::from_hundredths(margin).expect("a percentage"),
        };
        let rounded = |_: &[&str], matched, unmatched| {
            RateRecord::new(Count::rounded(matched), Count::rounded(unmatched))
        };
        GroupedRecord::new(("tax", &dimension), groups, 10, rounded)
    }

    fn names(record: &GroupedRecord) -> Vec<&str> {
        let names = record.groups.iter();
        names
            .map(|group| group.group.as_deref().unwrap_or("-"))
            .collect()
    }

    #[test]
    fn a_small_group_is_never_a_difference() {
        let groups = [
            group("a", 400, 390, 10),
            group("b", 4, 4, 0),
            group("c", 40, 33, 7),
            group("d", 40, 40, 0),
        ];
        let shown = record(&groups, 500);
        // The smallest of the large, the first of two alike, goes with the small one.
        assert_eq!(names(&shown), ["a", "d"]);
        let others = shown.others.expect("the others");
        let others = (others.matched.get(), others.unmatched.get());
        assert_eq!(others, (Some(35), Some(5)));
        // Nothing to hide it with.
        let single = record(&groups[1..2], 500);
        assert_eq!(
            (single.groups.len(), single.others, single.warning),
            (0, None, None)
        );
        let all = record(&[groups[0].clone(), groups[3].clone()], 500);
        assert_eq!((names(&all), all.others), (vec!["a", "d"], None));
    }

    #[test]
    fn a_warning_names_the_groups_the_look_up_and_the_margin() {
        let groups = [
            group("03", 1000, 950, 50),
            group("11", 1000, 700, 300),
            group("46", 1000, 800, 200),
        ];
        assert_eq!(
            record(&groups, 1250).warning.expect("a warning"),
            "tax: linkage loses some groups of population.county more than others: 30 % of the \
             rows of 11, but 5 % of 03, which is over the margin of 12.5 percentage points"
        );
        assert_eq!(record(&groups, 2500).warning, None);
    }

    #[test]
    fn what_noise_may_have_made_is_no_warning() {
        // As far apart as noise often makes two that are alike.
        let close = [group("a", 40, 12, 28), group("b", 40, 28, 12)];
        assert_eq!(record(&close, 500).warning, None);
        let far = [group("a", 80, 0, 80), group("b", 80, 80, 0)];
        assert!(record(&far, 500).warning.is_some());
        // Too few rows to be stated at all.
        let few = [group("a", 10, 2, 2), group("b", 10, 2, 2)];
        assert_eq!(record(&few, 0).warning, None);
        let most = u64::from(u32::MAX);
        let huge = [group("a", most, most, 0), group("b", most, 0, most)];
        assert!(record(&huge, 9000).warning.is_some());
    }
}
