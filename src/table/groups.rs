//! How well look-ups linked, by group of base rows.
//!
//! Whoever links loses rows, and seldom evenly: who moved, married or came
//! from abroad is lost more often. So base rows are counted by the categories
//! that the plan names, before any is dropped for want of a match.

use serde::{Deserialize, Serialize};

use super::GroupRate;
use super::partial::labels::{codes_in, union};
use crate::column::{Labels, NOWHERE, Values};
use crate::link::merge::{LookedUp, Persons};

/// Counts by the groups of one dimension; the last group lacks a value.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct GroupCounts {
    labels: Labels,
    persons: Vec<u64>,
    rows: Vec<u64>,
    /// By look-up, then by group.
    matched: Vec<Vec<u64>>,
}

impl GroupCounts {
    pub(super) fn new(labels: Labels, look_ups: usize) -> Self {
        let nothing = vec![0; labels.len() + 1];
        Self {
            labels,
            persons: nothing.clone(),
            rows: nothing.clone(),
            matched: vec![nothing; look_ups],
        }
    }

    /// Adds the base rows of a range, whose groups are the values of `column`.
    pub(super) fn add(&mut self, range: &LookedUp<'_, '_>, column: usize, persons: &Persons) {
        let Values::Codes { codes, .. } = range.base_column(column) else {
            unreachable!("the plan's checks allow groups by categories only");
        };
        // A missing code is the largest there is.
        let missing = self.labels.len() as u32;
        let groups: Vec<usize> = codes
            .iter()
            .map(|code| (*code).min(missing) as usize)
            .collect();
        for &group in &groups {
            self.rows[group] += 1;
        }
        for (matched, index) in self.matched.iter_mut().zip(range.indices()) {
            for (&group, row) in groups.iter().zip(index) {
                matched[group] += u64::from(*row != NOWHERE);
            }
        }
        self.add_persons(&groups, persons);
    }

    /// Counts each person once in each group that one of the person's rows is in.
    fn add_persons(&mut self, groups: &[usize], persons: &Persons) {
        let ends = match persons {
            Persons::OneRowEach => {
                return groups.iter().for_each(|group| self.persons[*group] += 1);
            }
            Persons::Ends(ends) => ends,
        };
        let mut last = vec![u32::MAX; self.persons.len()];
        let mut start = 0;
        for (person, &end) in ends.iter().enumerate() {
            for &group in &groups[start..end as usize] {
                if last[group] != person as u32 {
                    last[group] = person as u32;
                    self.persons[group] += 1;
                }
            }
            start = end as usize;
        }
    }

    /// Adds the counts of other persons.
    pub(super) fn merge(&mut self, other: &Self) {
        if self.labels != other.labels {
            let labels = union(&[&self.labels, &other.labels]);
            let before = std::mem::replace(self, Self::new(labels, self.matched.len()));
            self.add_all(&before);
        }
        self.add_all(other);
    }

    /// Adds counts by groups all of which it has.
    fn add_all(&mut self, other: &Self) {
        let mut new = codes_in(&self.labels, &other.labels);
        // The last group lacks a value.
        new.push(self.labels.len() as u32);
        let add = |counts: &mut [u64], others: &[u64]| {
            for (other, new) in others.iter().zip(&new) {
                counts[*new as usize] += other;
            }
        };
        add(&mut self.persons, &other.persons);
        add(&mut self.rows, &other.rows);
        for (counts, others) in self.matched.iter_mut().zip(&other.matched) {
            add(counts, others);
        }
    }

    /// The groups that have a base row, as one look-up matched them.
    pub(super) fn rates(&self, look_up: usize) -> Vec<GroupRate> {
        let groups = (0..self.rows.len()).filter(|group| self.rows[*group] > 0);
        let rate = |group: usize| GroupRate {
            label: self.labels.get(group).cloned(),
            persons: self.persons[group],
            matched: self.matched[look_up][group],
            unmatched: self.rows[group] - self.matched[look_up][group],
        };
        groups.map(rate).collect()
    }
}
