//! Earlier tables about some of the rows only: those of some categories of this release.
//!
//! Whoever has the towns of one county, and now all towns, cut otherwise, has two tables of that
//! county's rows. What is left of this release is one more cell of the earlier table, of which
//! it says nothing.

use std::collections::{HashMap, HashSet};

use crate::protect::history::earlier::coarser::sum_of;
use crate::protect::history::earlier::cut::Cut;

/// The inner cells of a population that an earlier table is about.
pub(in crate::protect::history::earlier) struct Part {
    /// Of each inner cell, whether it is one of them.
    has: Vec<bool>,
    /// What each inner cell holds, as cuts know it.
    held: Vec<u64>,
}

impl Part {
    /// Those inner cells, each of which has `held` so much, that make up a `whole`; `None` if
    /// they are not some categories of one of the `cuts`.
    pub(in crate::protect::history::earlier) fn of(
        cuts: &[Cut],
        held: &[u64],
        whole: u64,
    ) -> Option<Self> {
        let all = held.iter().fold(0u64, |sum, held| sum.wrapping_add(*held));
        if whole == 0 || whole == all {
            return None;
        }
        let chosen = cuts.iter().find_map(|cut| {
            let populated = cut.ordered.iter().copied();
            let populated: Vec<u64> = populated.filter(|rows| *rows != 0).collect();
            Some((cut, sum_of(&populated, whole)?))
        });
        let (cut, categories) = chosen?;
        let is_in = |category: &u64| categories.contains(category);
        Some(Self {
            has: cut.of.iter().map(is_in).collect(),
            held: held.to_vec(),
        })
    }

    /// Whether an inner cell is one of them.
    pub(super) fn has(&self, inner: u32) -> bool {
        self.has[inner as usize]
    }

    /// How a cut of this release cuts these rows, where each split cell is part `of` an inner
    /// cell.
    pub(super) fn own(&self, cut: &Cut, of: &[u32]) -> Cut {
        let mut sums: HashMap<u64, u64> = HashMap::new();
        let mut seen = HashSet::new();
        for (category, inner) in cut.of.iter().zip(of) {
            if self.has(*inner) && seen.insert(inner) {
                let sum = sums.entry(*category).or_default();
                *sum = sum.wrapping_add(self.held[*inner as usize]);
            }
        }
        let here = |category: &u64| sums.get(category).copied().unwrap_or(0);
        Cut {
            of: cut.of.iter().map(here).collect(),
            names: cut.names.clone(),
            ordered: cut.ordered.iter().map(here).collect(),
            dimension: cut.dimension.clone(),
        }
    }

    /// How a cut of another earlier table cuts these rows; `None` where some of its categories
    /// are about others, too.
    pub(super) fn others(&self, cut: &Cut, of: &[u32]) -> Option<Cut> {
        let cells = cut.of.iter().zip(of);
        let (here, elsewhere): (Vec<_>, Vec<_>) = cells.partition(|(_, inner)| self.has(**inner));
        let categories = |cells: Vec<(&u64, &u32)>| -> HashSet<u64> {
            let categories = cells.into_iter().map(|(category, _)| *category);
            categories.filter(|rows| *rows != 0).collect()
        };
        let (here, elsewhere) = (categories(here), categories(elsewhere));
        let ordered = cut.ordered.iter().copied();
        here.is_disjoint(&elsewhere).then(|| Cut {
            of: cut.of.clone(),
            names: cut.names.clone(),
            ordered: ordered.filter(|rows| here.contains(rows)).collect(),
            dimension: cut.dimension.clone(),
        })
    }
}
