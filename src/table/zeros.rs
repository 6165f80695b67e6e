//! Cells that nobody is in, and which cells a table lists.
//!
//! If only cells with persons were listed, each listed one would be known to
//! have somebody in it, and each that is not to have nobody. So a table lists
//! every combination of the categories that it publishes, empty ones as zero;
//! these can be suppressed like any other. Where there are too many of them, a
//! release has only the rows with a figure, and one that is not there is empty
//! or suppressed. Either way it says nothing that a row is there.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::{Accumulator, Block, Confidential, Dimension, Place};
use crate::column::NO_ORDINAL;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::table::{Grouping, TablePlan};

/// The most cells that a table has with its empty ones, over all its groupings.
const MOST_CELLS: usize = 4_000_000;

/// Which cells a table lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Listing {
    /// Every combination of the published categories, those with nobody in them
    /// as zero. That a row is there says nothing.
    Complete,
    /// Only rows with at least one published figure. A row that is not there has
    /// nobody in it, or its figures are suppressed; nothing discloses which.
    Sparse,
}

impl Listing {
    /// Refuses it for a table whose method publishes a figure of every cell, or which
    /// protects that nobody of a group is somewhere.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Overflow`] if the table must list all cells, and does not.
    pub(crate) fn check_plan(self, plan: &TablePlan) -> Result<()> {
        let may_be_sparse = plan.method.may_be_sparse() && plan.sensitive.is_empty();
        if self == Self::Complete || may_be_sparse {
            return Ok(());
        }
        let rule = format!(
            "has more than {MOST_CELLS} combinations of categories, all of which are listed so \
             that a row does not disclose that its cell has persons"
        );
        Err(Error::new(ErrorKind::Overflow, rule).help("coarser dimensions, or fewer of them"))
    }

    /// What it means, for whoever reads a release.
    pub fn words(self) -> &'static str {
        match self {
            Self::Complete => {
                "Every combination of the categories has a row, also where nobody is in it."
            }
            Self::Sparse => {
                "Only combinations of which a figure is published have a row. Of one that has none, \
                 either nobody is in it or its figures are suppressed; the table does not say which."
            }
        }
    }
}

/// Dimensions that are not independent of each other: which of their categories
/// go together is known from the rows, and no other combination is listed.
pub(super) type Related = Vec<usize>;

/// Which cells a table lists.
///
/// # Errors
///
/// [`ErrorKind::Overflow`] if there are too many, and its method must list all.
pub(super) fn listing(plan: &TablePlan, dimensions: &[Dimension]) -> Result<Listing> {
    let cells = plan.groupings.iter().map(|grouping| {
        let choices = choices(dimensions, grouping);
        let sizes = choices.iter().map(Vec::len);
        sizes.fold(1usize, usize::saturating_mul)
    });
    let cells = cells.fold(0, usize::saturating_add);
    let listing = match cells <= MOST_CELLS {
        true => Listing::Complete,
        false => Listing::Sparse,
    };
    listing.check_plan(plan)?;
    Ok(listing)
}

/// Adds the empty cells to those of a block, whose order stays.
pub(super) fn complete(
    block: &mut Block<Confidential>,
    dimensions: &[Dimension],
    empty: &Accumulator,
) {
    let choices = choices(dimensions, &block.grouping);
    let all = Combinations {
        known: vec![None; choices.len()],
        choices: &choices,
    };
    all.list(&mut block.cells, empty);
}

/// As [`complete`], for the cells of a joint table, some of whose dimensions are
/// [`Related`]; nothing is added where there would be too many.
pub(super) fn complete_joint(
    block: &mut Block<Confidential>,
    dimensions: &[Dimension],
    related: &[Related],
    empty: &Accumulator,
) -> Listing {
    let choices = choices(dimensions, &block.grouping);
    let mut known = vec![None; choices.len()];
    let mut cells = 1usize;
    let mut free = vec![true; choices.len()];
    for group in related {
        for length in 1..=group.len() {
            let tuples = block.cells.iter().map(|(place, _)| -> Vec<i64> {
                group[..length].iter().map(|at| place[*at]).collect()
            });
            let tuples: HashSet<Vec<i64>> = tuples.collect();
            if length == group.len() {
                cells = cells.saturating_mul(tuples.len());
            }
            free[group[length - 1]] = false;
            known[group[length - 1]] = Some((&group[..length], tuples));
        }
    }
    let free = choices.iter().zip(free).filter(|(_, free)| *free);
    for (choices, _) in free {
        cells = cells.saturating_mul(choices.len());
    }
    if cells > MOST_CELLS {
        return Listing::Sparse;
    }
    let all = Combinations {
        known,
        choices: &choices,
    };
    all.list(&mut block.cells, empty);
    Listing::Complete
}

/// By dimension, the ordinals that a grouping lists.
fn choices(dimensions: &[Dimension], grouping: &Grouping) -> Vec<Vec<i64>> {
    let both = dimensions.iter().zip(grouping);
    both.map(|(dimension, grain)| dimension.listed_at(*grain))
        .collect()
}

/// Groups of dimensions that have something in common that they are made from; and
/// single ones of what is `limited`.
pub(super) fn related<K: Ord>(
    origins: impl Iterator<Item = BTreeSet<K>>,
    limited: &BTreeSet<K>,
) -> Vec<Related> {
    let mut groups: Vec<(BTreeSet<K>, Related)> = Vec::new();
    for (at, mut own) in origins.enumerate() {
        let mut members = vec![at];
        let (joined, others) = groups
            .into_iter()
            .partition(|(of, _)| !of.is_disjoint(&own));
        groups = others;
        let joined: Vec<(BTreeSet<K>, Related)> = joined;
        for (of, group) in joined {
            own.extend(of);
            members.extend(group);
        }
        members.sort_unstable();
        groups.push((own, members));
    }
    groups.sort_by(|a, b| a.1.cmp(&b.1));
    let related = groups
        .into_iter()
        .filter(|(of, group)| group.len() > 1 || !of.is_disjoint(limited));
    related.map(|(_, group)| group).collect()
}

/// Related dimensions, and the combinations of their ordinals that there are.
type KnownCombinations<'a> = (&'a [usize], HashSet<Vec<i64>>);

/// All combinations of ordinals, in the order of places.
struct Combinations<'a> {
    choices: &'a [Vec<i64>],
    /// By dimension: of it and those that it is related to before it, the
    /// combinations that there are.
    known: Vec<Option<KnownCombinations<'a>>>,
}

impl Combinations<'_> {
    /// Has `cells` hold every combination: a merge of two sorted sequences.
    fn list(&self, cells: &mut Vec<(Place, Accumulator)>, empty: &Accumulator) {
        let mut populated = std::mem::take(cells).into_iter().peekable();
        let mut place = vec![NO_ORDINAL; self.choices.len()];
        self.walk(0, &mut place, &mut |place| {
            let next = populated.next_if(|(next, _)| **next == *place);
            cells.push(next.unwrap_or_else(|| (place.into(), empty.clone())));
        });
        assert!(
            populated.next().is_none(),
            "a cell is of categories that the table publishes"
        );
    }

    fn walk(&self, at: usize, place: &mut Vec<i64>, visit: &mut impl FnMut(&[i64])) {
        let Some(choices) = self.choices.get(at) else {
            return visit(place);
        };
        for ordinal in choices {
            place[at] = *ordinal;
            let there = self.known[at].as_ref().is_none_or(|(group, tuples)| {
                let tuple: Vec<i64> = group.iter().map(|at| place[*at]).collect();
                tuples.contains(&tuple)
            });
            if there {
                self.walk(at + 1, place, visit);
            }
        }
    }
}
