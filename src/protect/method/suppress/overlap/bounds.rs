//! What follows of persons in sets of inner cells from what is known of others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A set of inner cells, and others that are parts of it.
pub(super) struct Whole {
    pub(super) set: usize,
    pub(super) parts: Vec<usize>,
    /// Whether the parts are all of it, each inner cell in one.
    pub(super) covered: bool,
    /// Whether nobody can be in two of the parts.
    pub(super) disjoint: bool,
}

/// Sets of inner cells: the cells of a view, own ones first, then those of which a least
/// number is known whatever is suppressed, those of which a sum says one, and those of which a
/// greatest is known.
pub(super) struct Sets {
    pub(super) members: Vec<Vec<u32>>,
    pub(super) wholes: Vec<Whole>,
}

/// How many persons are in a set, as far as it is known, and from which published numbers
/// it follows.
#[derive(Clone, Default)]
pub(super) struct Bound {
    pub(super) persons: i128,
    pub(super) from: BTreeSet<usize>,
}

#[derive(Clone)]
pub(super) struct SetBounds {
    pub(super) least: Vec<Bound>,
    /// None where nothing is known.
    pub(super) most: Vec<Option<Bound>>,
}

impl Sets {
    /// How many parts the sets have: what it takes to look at all once.
    pub(super) fn parts(&self) -> usize {
        let wholes = self.wholes.iter();
        wholes.map(|whole| whole.parts.len()).sum()
    }

    /// What also follows for the singleton of those of its `own` inner cells that
    /// are filled.
    pub(super) fn known_to(
        &self,
        own: &[u32],
        filled: &[bool],
        mut bounds: SetBounds,
    ) -> SetBounds {
        for (set, members) in self.members.iter().enumerate() {
            if members.is_empty() || !members.iter().all(|at| own.contains(at)) {
                continue;
            }
            let persons = members.iter().any(|at| filled[*at as usize]).into();
            let bound = Bound {
                persons,
                from: BTreeSet::new(),
            };
            bounds.least[set] = bound.clone();
            bounds.most[set] = Some(bound);
        }
        self.bounds(bounds)
    }

    /// Whether a cell is of nobody else than somebody who knows its `own` inner cells, or of
    /// nobody, and that person knows.
    pub(super) fn is_known_to(&self, own: &[u32], filled: &[bool], cell: usize) -> bool {
        let members = &self.members[cell];
        let is_empty = !members.iter().any(|at| filled[*at as usize]);
        let counts = |at: &&u32| is_empty || filled[**at as usize];
        members.iter().filter(counts).all(|at| own.contains(at))
    }

    /// What follows, until nothing more does.
    pub(super) fn bounds(&self, mut bounds: SetBounds) -> SetBounds {
        loop {
            let mut changed = false;
            for whole in &self.wholes {
                for part in &whole.parts {
                    changed |= bounds.within(whole.set, *part);
                }
                if whole.covered {
                    changed |= bounds.covered(whole);
                }
                if whole.disjoint {
                    changed |= bounds.disjoint(whole);
                }
            }
            if !changed {
                return bounds;
            }
        }
    }
}

/// For each set the `cells` that are parts of it. Where no two of these share an inner cell,
/// `varying` are their categories in what may differ between a person's rows.
pub(super) fn made_up(
    members: &[Vec<u32>],
    cells: &[usize],
    varying: Option<&[Vec<i64>]>,
) -> Vec<Whole> {
    let apart = varying.is_some();
    let mut of: HashMap<u32, Vec<usize>> = HashMap::new();
    for cell in cells {
        for inner in &members[*cell] {
            of.entry(*inner).or_default().push(*cell);
        }
    }
    let mut wholes = Vec::new();
    for (set, own) in members.iter().enumerate() {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for cell in own.iter().filter_map(|inner| of.get(inner)).flatten() {
            *shared.entry(*cell).or_default() += 1;
        }
        let parts = shared.into_iter();
        let parts = parts.filter(|(cell, shared)| *cell != set && members[*cell].len() == *shared);
        let parts: Vec<usize> = parts.map(|(cell, _)| cell).collect();
        let size = |part: &usize| members[*part].len();
        let covered = apart && parts.iter().map(size).sum::<usize>() == own.len();
        // The same set in two places.
        let same = parts
            .iter()
            .filter(|part| !apart && size(part) == own.len());
        wholes.extend(same.map(|part| Whole {
            set,
            parts: vec![*part],
            covered: true,
            disjoint: false,
        }));
        let mut by_varying: BTreeMap<&[i64], Vec<usize>> = BTreeMap::new();
        for (part, varying) in parts
            .iter()
            .filter_map(|part| Some((part, varying?.get(*part)?)))
        {
            by_varying.entry(varying).or_default().push(*part);
        }
        let several = by_varying.into_values().filter(|parts| parts.len() > 1);
        wholes.extend(several.map(|parts| Whole {
            set,
            parts,
            covered: false,
            disjoint: true,
        }));
        if !parts.is_empty() {
            wholes.push(Whole {
                set,
                parts,
                covered,
                disjoint: false,
            });
        }
    }
    wholes
}

impl SetBounds {
    /// Nobody is in a part and not in the whole.
    fn within(&mut self, whole: usize, part: usize) -> bool {
        let fuller = self.least[part].persons > self.least[whole].persons;
        if fuller {
            self.least[whole] = self.least[part].clone();
        }
        let nearer = match (&self.most[whole], &self.most[part]) {
            (Some(whole), Some(part)) => whole.persons < part.persons,
            (whole, None) => whole.is_some(),
            (None, Some(_)) => false,
        };
        if nearer {
            self.most[part] = self.most[whole].clone();
        }
        fuller || nearer
    }

    /// Everybody in the whole is in one of its parts.
    fn covered(&mut self, whole: &Whole) -> bool {
        let most =
            |bounds: &Self, part: &usize| bounds.most[*part].as_ref().map(|most| most.persons);
        let mut unbounded = whole
            .parts
            .iter()
            .filter(|part| self.most[**part].is_none());
        let (first, second) = (unbounded.next().copied(), unbounded.next());
        if second.is_some() {
            return false;
        }
        let all: i128 = whole.parts.iter().filter_map(|part| most(self, part)).sum();
        let least = self.least[whole.set].persons;
        let mut changed = false;
        for part in &whole.parts {
            if first.is_some_and(|unbounded| unbounded != *part) {
                continue;
            }
            let persons = least - (all - most(self, part).unwrap_or(0));
            if persons > self.least[*part].persons {
                let mut from = self.least[whole.set].from.clone();
                let others = whole.parts.iter().filter(|other| *other != part);
                from.extend(self.follows_from(others));
                self.least[*part] = Bound { persons, from };
                changed = true;
            }
        }
        let own = most(self, &whole.set);
        if first.is_none() && own.is_none_or(|own| all < own) {
            let from = self.follows_from(whole.parts.iter()).collect();
            self.most[whole.set] = Some(Bound { persons: all, from });
            changed = true;
        }
        changed
    }

    /// Nobody is in two of the parts.
    fn disjoint(&mut self, whole: &Whole) -> bool {
        let parts = || whole.parts.iter();
        let all: i128 = parts().map(|part| self.least[*part].persons).sum();
        let mut changed = false;
        if all > self.least[whole.set].persons {
            let from = parts().flat_map(|part| self.least[*part].from.iter().copied());
            self.least[whole.set] = Bound {
                persons: all,
                from: from.collect(),
            };
            changed = true;
        }
        let Some(most) = self.most[whole.set].clone() else {
            return changed;
        };
        for part in parts() {
            let persons = most.persons - (all - self.least[*part].persons);
            let own = self.most[*part].as_ref();
            if own.is_none_or(|own| persons < own.persons) {
                let others = parts().filter(|other| *other != part);
                let from = others.flat_map(|other| self.least[*other].from.iter().copied());
                let from = from.chain(most.from.iter().copied()).collect();
                self.most[*part] = Some(Bound { persons, from });
                changed = true;
            }
        }
        changed
    }

    /// What the greatest numbers of these sets follow from.
    fn follows_from<'a>(
        &'a self,
        sets: impl Iterator<Item = &'a usize>,
    ) -> impl Iterator<Item = usize> {
        let most = sets.filter_map(|set| self.most[*set].as_ref());
        most.flat_map(|most| most.from.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A row of inner cells, of two columns of such: all sums of a table of 2 by 3.
    const CELLS: [&[u32]; 12] = [
        &[0],
        &[1],
        &[2],
        &[3],
        &[4],
        &[5],
        &[0, 1, 2],
        &[3, 4, 5],
        &[0, 3],
        &[1, 4],
        &[2, 5],
        &[0, 1, 2, 3, 4, 5],
    ];

    /// If it `is_same`, all rows of a person are in one row of the table.
    fn sets(is_same: bool) -> Sets {
        let members: Vec<Vec<u32>> = CELLS.iter().map(|cell| cell.to_vec()).collect();
        let blocks: [&[usize]; 4] = [&[0, 1, 2, 3, 4, 5], &[6, 7], &[8, 9, 10], &[11]];
        let varying = |cell: usize| match cell {
            _ if !is_same => vec![cell as i64],
            0..6 => vec![cell as i64 % 3],
            6 | 7 | 11 => Vec::new(),
            column => vec![column as i64],
        };
        let varying: Vec<Vec<i64>> = (0..members.len()).map(varying).collect();
        let wholes = blocks
            .iter()
            .flat_map(|cells| made_up(&members, cells, Some(&varying)));
        Sets {
            wholes: wholes.collect(),
            members,
        }
    }

    fn bounds(persons: &[i128], published: &BTreeSet<usize>, is_same: bool) -> SetBounds {
        let known = |cell: usize| {
            let from = BTreeSet::from([cell]);
            let bound = || Bound {
                persons: persons[cell],
                from,
            };
            published.contains(&cell).then(bound)
        };
        let most: Vec<Option<Bound>> = (0..CELLS.len()).map(known).collect();
        let least = most.iter().map(|bound| bound.clone().unwrap_or_default());
        sets(is_same).bounds(SetBounds {
            least: least.collect(),
            most,
        })
    }

    /// How many of the persons, who are each in some of the inner cells, are in each cell.
    fn counted(rows: &[u8]) -> Vec<i128> {
        let is_in = |row: u8, cell: &[u32]| cell.iter().any(|inner| row >> inner & 1 == 1);
        let count = |cell: &&[u32]| rows.iter().filter(|row| is_in(**row, cell)).count() as i128;
        CELLS.iter().map(count).collect()
    }

    /// Six in all, four men, and everybody there in the first year: then the women are
    /// two in all, and two in that year.
    #[test]
    fn who_is_in_one_category_is_in_no_other() {
        let men: u8 = 0b001;
        let women = men << 3;
        let persons = counted(&[men, men, men, men, women, women]);
        let published = BTreeSet::from([6, 8, 11]);
        let found = bounds(&persons, &published, true);
        for women in [3, 7] {
            let most = found.most[women].as_ref().unwrap();
            assert_eq!((found.least[women].persons, most.persons), (2, 2));
        }
        let found = bounds(&persons, &published, false);
        assert_eq!(found.most[3].as_ref().unwrap().persons, 6);
    }

    proptest! {
        /// Of persons who are each in some of the inner cells, whatever is published: the
        /// true numbers are within the bounds, which follow from what they say they do.
        #[test]
        fn bounds_hold_and_follow_from_what_they_say(
            mut rows in proptest::collection::vec(1u8..64, 0..30),
            published in proptest::collection::btree_set(0..CELLS.len(), 0..CELLS.len()),
            is_same in any::<bool>(),
        ) {
            if is_same {
                // In the first row of the table, or else in the second.
                rows.iter_mut().for_each(|row| if *row & 7 != 0 { *row &= 7 });
            }
            let persons = counted(&rows);
            let all = bounds(&persons, &published, is_same);
            for (cell, truth) in persons.iter().enumerate() {
                let least = &all.least[cell];
                prop_assert!(least.persons <= *truth);
                let again = bounds(&persons, &least.from, is_same);
                prop_assert!(again.least[cell].persons >= least.persons);
                if let Some(most) = &all.most[cell] {
                    prop_assert!(most.persons >= *truth);
                    let again = bounds(&persons, &most.from, is_same);
                    prop_assert!(again.most[cell].as_ref().is_some_and(|other| other.persons <= most.persons));
                }
            }
        }
    }

    /// What stays known whatever is suppressed follows from nothing published: a name that at
    /// least 3 persons have is part of the second cell, and the third has at most 4 rows.
    #[test]
    fn what_is_known_beside_the_figures_bounds_cells() {
        let members = vec![vec![0, 1, 2], vec![0, 1], vec![2], vec![0], vec![2]];
        let wholes = made_up(&members, &[1, 2], Some(&[]))
            .into_iter()
            .chain(made_up(&members, &[3, 4], None));
        let sets = Sets {
            wholes: wholes.collect(),
            members,
        };
        let known = |persons| Bound {
            persons,
            from: BTreeSet::new(),
        };
        let mut start = SetBounds {
            least: vec![Bound::default(); 5],
            most: vec![None; 5],
        };
        start.least[3] = known(3);
        start.most[4] = Some(known(4));
        let all = sets.bounds(start);
        assert_eq!((all.least[1].persons, all.least[0].persons), (3, 3));
        assert!(all.least[1].from.is_empty());
        assert_eq!(all.most[2].as_ref().map(|most| most.persons), Some(4));
    }

    /// Of a total of 16 and a part of which there are 14 at most, as another whole of it
    /// has 14, the other part has 2 at least: no sum and no difference says so.
    #[test]
    fn a_part_of_a_small_whole_leaves_the_rest_to_the_other() {
        let persons = [2, 14, 0, 0, 3, 0, 16, 3, 2, 14, 0, 17];
        let all = bounds(&persons, &BTreeSet::from([2, 6, 9]), false);
        assert_eq!(all.least[0].persons, 2);
        assert_eq!(all.least[0].from, BTreeSet::from([2, 6, 9]));
        assert_eq!(all.most[1].as_ref().map(|most| most.persons), Some(14));
    }

    /// Cells that overlap cover nothing, and the same set twice has the same bounds.
    #[test]
    fn cells_of_earlier_releases_are_parts_but_cover_nothing_together() {
        let members = vec![vec![0, 1, 2, 3], vec![0, 1], vec![1, 2], vec![0, 1]];
        let wholes = made_up(&members, &[1, 2], None);
        let of = |set: usize| wholes.iter().filter(move |whole| whole.set == set);
        assert!(of(0).all(|whole| !whole.covered && whole.parts == [1, 2]));
        assert_eq!(of(0).count(), 1);
        assert!(of(3).any(|whole| whole.covered && whole.parts == [1]));
    }
}
