//! Totals of cells that are known: whoever has the parts has them, published or not.

use std::collections::{BTreeMap, BTreeSet};

/// So many cells are summed up at most, over all totals.
pub(in crate::protect) const MOST_SUMMED: usize = 1 << 22;

/// In tables of so many cells at most, times the ways to sum up dimensions, what a sum over
/// neighbouring categories consists of is kept.
pub(in crate::protect) const MOST_IN_RUNS: usize = 1 << 16;

/// Of a dimension of more categories, as of municipalities, neighbours are not added up:
/// that they are side by side says nothing.
const MOST_RUN: usize = 32;

/// The sum of some cells, and which dimensions distinguish them from others.
pub(in crate::protect) struct KnownTotal<'a, C, T> {
    /// The dimensions that are not summed over.
    pub(in crate::protect) kept: &'a [usize],
    /// The category in each of them; none where neighbouring ones are added up.
    pub(in crate::protect) at: &'a [Option<C>],
    pub(in crate::protect) sum: T,
}

/// Visits the totals of `cells`, of each of which it is known where it is, by dimension,
/// and what it holds: over all categories of any dimensions, and over neighbouring ones
/// of one of those that are left, as of bands of an age.
///
/// Where a part is not known, or two cannot be `added`, neither is the total. Cells
/// themselves are totals too. Nothing is visited if there are too many.
pub(in crate::protect) fn totals<C: Copy + Ord, T: Clone>(
    cells: &[(Vec<C>, Option<T>)],
    added: impl Fn(T, &T) -> Option<T>,
    mut visit: impl FnMut(KnownTotal<'_, C, T>),
) {
    let dimensions = cells.first().map_or(0, |(at, _)| at.len());
    let margins = 1usize.checked_shl(dimensions as u32);
    let margins = margins.filter(|margins| margins.saturating_mul(cells.len()) <= MOST_SUMMED);
    for margin in 0..margins.unwrap_or(0) {
        let kept: Vec<usize> = (0..dimensions)
            .filter(|dimension| margin >> dimension & 1 == 1)
            .collect();
        let mut sums: BTreeMap<Vec<C>, Option<T>> = BTreeMap::new();
        for (at, held) in cells {
            let at = kept.iter().map(|dimension| at[*dimension]).collect();
            sums.entry(at)
                .and_modify(|sum| {
                    let both = sum.take().zip(held.as_ref());
                    *sum = both.and_then(|(sum, held)| added(sum, held));
                })
                .or_insert_with(|| held.clone());
        }
        for (at, sum) in &sums {
            if let Some(sum) = sum.clone() {
                let at: Vec<Option<C>> = at.iter().copied().map(Some).collect();
                let (kept, at) = (&*kept, &*at);
                visit(KnownTotal { kept, at, sum });
            }
        }
        for place in 0..kept.len() {
            runs(&sums, place, &added, |at, sum| {
                let kept = &*kept;
                visit(KnownTotal { kept, at, sum });
            });
        }
    }
}

/// Two neighbouring categories and more of the dimension at `place`, and not all, which
/// are a margin.
fn runs<C: Copy + Ord, T: Clone>(
    sums: &BTreeMap<Vec<C>, Option<T>>,
    place: usize,
    added: impl Fn(T, &T) -> Option<T>,
    mut visit: impl FnMut(&[Option<C>], T),
) {
    let categories: BTreeSet<C> = sums.keys().map(|at| at[place]).collect();
    if !(3..=MOST_RUN).contains(&categories.len()) {
        return;
    }
    let mut others: BTreeMap<Vec<C>, BTreeMap<C, &T>> = BTreeMap::new();
    for (at, sum) in sums {
        let mut other = at.clone();
        let own = other.remove(place);
        let row = others.entry(other).or_default();
        row.extend(sum.as_ref().map(|sum| (own, sum)));
    }
    let categories: Vec<C> = categories.into_iter().collect();
    for (other, row) in others {
        let mut at: Vec<Option<C>> = other.into_iter().map(Some).collect();
        at.insert(place, None);
        for first in 0..categories.len() {
            let Some(mut sum) = row.get(&categories[first]).map(|sum| (*sum).clone()) else {
                continue;
            };
            for (length, category) in (2..).zip(&categories[first + 1..]) {
                let both = row.get(category).and_then(|next| added(sum.clone(), next));
                let Some(both) = both.filter(|_| length < categories.len()) else {
                    break;
                };
                sum = both;
                visit(&at, sum.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The twin looks at every box of categories.
        #[test]
        fn totals_are_all_margins_and_runs(
            sizes in prop::collection::vec(1..5u32, 0..4),
            known in prop::collection::vec(prop::bool::weighted(0.9), 64),
        ) {
            let mut cells = vec![Vec::new()];
            for size in &sizes {
                let longer = cells.iter().flat_map(|at: &Vec<u32>| {
                    (0..*size).map(move |category| [at.clone(), vec![category]].concat())
                });
                cells = longer.collect();
            }
            let cells: Vec<(Vec<u32>, Option<BTreeSet<usize>>)> = cells
                .into_iter()
                .enumerate()
                .map(|(nr, at)| (at, known[nr].then(|| BTreeSet::from([nr]))))
                .collect();
            let mut found = BTreeSet::new();
            totals(&cells, |one, other| Some(&one | other), |total| {
                found.insert((total.kept.to_vec(), total.sum));
            });
            let mut wanted = BTreeSet::new();
            // By dimension the first category and the number of categories.
            let mut boxes: Vec<Vec<(u32, u32)>> = vec![Vec::new()];
            for size in &sizes {
                let longer = boxes.iter().flat_map(|own| {
                    let ranges = (0..*size).flat_map(|first| {
                        (1..=size - first).map(move |length| (first, length))
                    });
                    ranges.map(|range| [own.clone(), vec![range]].concat())
                });
                boxes = longer.collect();
            }
            for ranges in boxes {
                let is_in = |at: &[u32]| {
                    let mut each = at.iter().zip(&ranges);
                    each.all(|(at, (first, length))| (*first..first + length).contains(at))
                };
                let parts = || cells.iter().filter(|(at, _)| is_in(at));
                if parts().any(|(_, held)| held.is_none()) {
                    continue;
                }
                let sum: BTreeSet<usize> =
                    parts().filter_map(|(_, held)| held.clone()).flatten().collect();
                let whole = |at: usize| ranges[at].1 == sizes[at];
                let run = |at: usize| ranges[at].1 > 1 && !whole(at);
                if (0..sizes.len()).filter(|at| run(*at)).count() > 1 {
                    continue;
                }
                // Of a dimension with one category, both are the same.
                for margin in 0..1 << sizes.len() {
                    let kept: Vec<usize> =
                        (0..sizes.len()).filter(|at| margin >> at & 1 == 1).collect();
                    let fits = (0..sizes.len()).all(|at| match kept.contains(&at) {
                        true => !whole(at) || sizes[at] == 1,
                        false => whole(at),
                    });
                    if fits {
                        wanted.insert((kept, sum.clone()));
                    }
                }
            }
            prop_assert_eq!(found, wanted);
        }
    }
}
