//! How a table of an earlier release and this release cut the rows alike.

use std::collections::{BTreeSet, HashMap};

use crate::protect::history::earlier::coarsening::{Coarsening, coarsening};
use crate::protect::history::earlier::coarser::coarser;
use crate::protect::history::earlier::cut::{Category, Cut, by_chance};

/// By a cut of a table and one of this release that are alike: the category of each of
/// the table's finest cells, and of each inner cell.
pub(super) type Shared<'c> = (Vec<Category<'c>>, Vec<Category<'c>>);

/// Which cuts are coarser than others, and what they have in common. The same table is
/// released again and again, and each pair is looked into once.
#[derive(Default)]
pub(super) struct Relations {
    coarser: HashMap<(Vec<u64>, BTreeSet<u64>), Option<CoarserOf>>,
    coarsening: HashMap<(Vec<u64>, Vec<u64>), Option<Coarsening>>,
}

/// For each fine category, the coarse one that it is part of.
type CoarserOf = HashMap<u64, u64>;

impl Relations {
    /// As [`coarser`] finds it.
    fn of(&mut self, fine: &[u64], coarse: &BTreeSet<u64>) -> Option<&CoarserOf> {
        let pair = (fine.to_vec(), coarse.clone());
        let relation = self.coarser.entry(pair);
        relation.or_insert_with(|| coarser(fine, coarse)).as_ref()
    }

    /// What two cuts of one thing have in common.
    fn coarsening(&mut self, old: &Cut, new: &Cut) -> Option<&Coarsening> {
        if !old.dimension.is_alike(&new.dimension) {
            return None;
        }
        let pair = (old.ordered.clone(), new.ordered.clone());
        let relation = self.coarsening.entry(pair);
        relation
            .or_insert_with_key(|(old, new)| coarsening(old, new))
            .as_ref()
    }
}

/// How a table with the `old` cuts and this release with the `new` ones cut the rows
/// alike. Where one is coarser, that one; where none is, what both have in common; and unless
/// somebody `moved` meanwhile, which categories nobody is in.
pub(super) fn shared<'c>(
    relations: &mut Relations,
    (olds, news): (&'c [Cut], &'c [Cut]),
    moved: bool,
) -> Vec<Shared<'c>> {
    let mut shared = Vec::new();
    for old in olds {
        for new in news {
            if by_chance((old, new), olds, news) {
                continue;
            }
            let (old_set, new_set) = (old.set(), new.set());
            let several = old_set.len() > 1 && new_set.len() > 1;
            // Where everybody is in one category, the names of the others are all that shows
            // whether it is the same dimension.
            if old_set == new_set && (several || old.populated() == new.populated()) {
                shared.push((old.compared_with(new), new.compared_with(old)));
                continue;
            }
            if several {
                if let Some(of) = relations.of(&new.ordered, &old_set) {
                    shared.push((old.by_rows(), new.at(of)));
                    continue;
                }
                if let Some(of) = relations.of(&old.ordered, &new_set) {
                    shared.push((old.at(of), new.by_rows()));
                    continue;
                }
                if let Some((of_old, of_new)) = relations.coarsening(old, new) {
                    shared.push((old.at(of_old), new.at(of_new)));
                    continue;
                }
            }
            if !moved && old.dimension.is_alike(&new.dimension) {
                // Whoever knows what both are made of knows of categories of nobody that they
                // are the same: those who are in none of them are in none of the others.
                shared.push((old.by_population(), new.by_population()));
            }
        }
    }
    shared
}
