//! Numbers of persons who may be in several cells: bounds that do not come from adding up.
//!
//! The pattern of such numbers is chosen and proven as if they added up. But a total may
//! count somebody once whom two of its parts count: it is less than what they add up to,
//! and as a bound of each part it is nearer. So it is looked at again what follows from
//! two things that hold of any persons: nobody is in a part and not in the whole, and
//! everybody in the whole is in one of its parts. Where an unsafe number is bounded too
//! nearly by that, one of the published numbers that bound it is suppressed. What names say
//! that are listed, and rows of earlier releases, stays known: where that bounds a number too
//! nearly, there is no release.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cells::{KnownCells, possible};
use super::proven::Floors;
use super::reached::Reached;
use super::{AuditRecord, Suppression};
use crate::error::{Error, ErrorKind, Result};
use crate::protect::view::RecipientView;
use crate::table::Population;
use kobling_sdc::attacker::Possible;

/// A set of inner cells, and others that are parts of it.
struct Whole {
    set: usize,
    parts: Vec<usize>,
    /// Whether the parts are all of it, each inner cell in one.
    covered: bool,
}

/// Sets of inner cells: the cells of a view, own ones first, then those of which a least
/// number is known whatever is suppressed, those of which a sum says one, and those of which a
/// greatest is known.
struct Sets {
    members: Vec<Vec<u32>>,
    wholes: Vec<Whole>,
}

/// How many persons are in a set, as far as it is known, and from which published numbers
/// it follows.
#[derive(Clone, Default)]
struct Bound {
    persons: i128,
    from: BTreeSet<usize>,
}

#[derive(Clone)]
struct SetBounds {
    least: Vec<Bound>,
    /// None where nothing is known.
    most: Vec<Option<Bound>>,
}

/// What may be spent each time on singletons, in parts of sets.
const INSIDER_WORK: usize = 50_000_000;

impl Suppression<'_> {
    /// Suppresses, of the numbers of persons in the view's cells, those by which an unsafe
    /// one is bounded too nearly.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protection`](crate::ErrorKind::Protection) if only what is published
    /// whatever the rules say is in the way.
    ///
    /// The singleton of inner cells knows how many there are, as long as no earlier
    /// release splits them; in large tables that is looked at for the first of them only.
    pub(super) fn overlapping(
        &mut self,
        population: &Population,
        (view, cells): (&RecipientView, &KnownCells),
        measures: &[Vec<usize>],
        (floors, reached): (&Floors, &[Reached]),
        record: &mut AuditRecord,
    ) -> Result<()> {
        let sets = Sets::of(view, floors, reached);
        let first = first_reached(view, floors);
        let inner = population.inner(self.tables);
        let filled: Vec<bool> = inner.iter().map(|(_, cell)| cell.persons > 0).collect();
        let most = match view.of.len() == inner.len() {
            true => INSIDER_WORK / sets.parts().max(1),
            false => 0,
        };
        record.unasked_singletons = cells.insiders.len().saturating_sub(most);
        loop {
            cells.watch.begin()?;
            let start = self.known((view, cells), measures, (floors, reached), &sets);
            let bounds = sets.bounds(start);
            let mut suppressed = BTreeSet::new();
            let mut found = self.too_near((view, cells), &bounds, |_| false);
            // What everybody knows is mended first.
            for own in cells.insiders.iter().take(most) {
                if !found.is_empty() {
                    break;
                }
                cells.watch.begin()?;
                let theirs = sets.known_to(own, &filled, bounds.clone());
                let is_theirs = |cell: usize| sets.is_known_to(own, &filled, cell);
                found = self.too_near((view, cells), &theirs, is_theirs);
                // By what only was published before it knew so before.
                let before = |cell: &usize| (view.locations.len()..first).contains(cell);
                found.retain(|(_, by)| by.is_empty() || !by.iter().all(before));
            }
            for (cell, bounding) in found {
                let persons = |cell: &usize| match cell.checked_sub(first) {
                    Some(at) => reached[at].persons.into(),
                    None => self.persons(view, *cell),
                };
                let may = bounding.into_iter();
                let may = may.filter(|cell| match cell.checked_sub(first) {
                    Some(at) => !reached[at].stays,
                    None => *cell < view.locations.len() && !cells.forced[*cell],
                });
                // That nobody is there bounds most.
                let cheapest = may.min_by_key(|cell| (persons(cell) == 0, persons(cell), *cell));
                let name = || self.name(&view.locations[cell]);
                suppressed.insert(cheapest.ok_or_else(|| stays_bounded(&name()))?);
            }
            if suppressed.is_empty() {
                return Ok(());
            }
            record.suppressed += suppressed.len();
            for cell in suppressed {
                match cell.checked_sub(first) {
                    Some(at) => self.withdraw(&reached[at]),
                    None => self.suppress_cell(view.locations[cell], measures),
                }
            }
        }
    }

    /// The unsafe cells that are bounded too nearly, and by which published numbers; but
    /// those that are somebody's own.
    fn too_near(
        &self,
        (view, cells): (&RecipientView, &KnownCells),
        bounds: &SetBounds,
        is_own: impl Fn(usize) -> bool,
    ) -> Vec<(usize, BTreeSet<usize>)> {
        let asked = cells.possible.iter().map(|asked| asked.cell);
        let asked = asked.filter(|cell| *cell < view.locations.len() && !is_own(*cell));
        let near = asked.filter_map(|cell| Some((cell, self.bounding(view, cell, bounds)?)));
        near.collect()
    }

    /// What is published of numbers of persons, and known in addition.
    fn known(
        &self,
        (view, cells): (&RecipientView, &KnownCells),
        measures: &[Vec<usize>],
        (floors, reached): (&Floors, &[Reached]),
        sets: &Sets,
    ) -> SetBounds {
        let count = sets.members.len();
        let mut bounds = SetBounds {
            least: vec![Bound::default(); count],
            most: vec![None; count],
        };
        let own = view.locations.iter().enumerate().map(|(cell, location)| {
            let outcomes = &self.outcomes[location.table][location.block][location.cell];
            let is_published = !cells.hidden[cell] && {
                let measures = &measures[location.table];
                measures.iter().any(|at| outcomes[*at].value().is_some())
            };
            is_published.then(|| self.persons(view, cell))
        });
        let further = view.further.iter().map(|further| further.published);
        for (cell, published) in own.chain(further).enumerate() {
            if let Some(persons) = published {
                let from = BTreeSet::from([cell]);
                let bound = Bound { persons, from };
                bounds.least[cell] = bound.clone();
                bounds.most[cell] = Some(bound);
            }
        }
        let earlier = view.floors.iter().map(|(_, least)| least);
        let known = cells.least.iter().chain(&floors.least).chain(earlier);
        for (bound, known) in bounds.least.iter_mut().zip(known) {
            if bound.persons < i128::from(*known) {
                bound.persons = (*known).into();
            }
        }
        let first = first_reached(view, floors);
        for (set, reached) in (first..).zip(reached) {
            if reached.persons > 0 && self.is_published(reached) {
                bounds.least[set] = Bound {
                    persons: reached.least.into(),
                    from: BTreeSet::from([set]),
                };
            }
        }
        let ceilings = bounds.most.iter_mut().rev().zip(view.ceilings.iter().rev());
        for (bound, (_, rows)) in ceilings {
            *bound = Some(Bound {
                persons: (*rows).into(),
                from: BTreeSet::new(),
            });
        }
        bounds
    }

    /// The published numbers by which an unsafe one is bounded too nearly, if it is: none
    /// where it is by what stays known whatever is suppressed.
    fn bounding(
        &self,
        view: &RecipientView,
        cell: usize,
        bounds: &SetBounds,
    ) -> Option<BTreeSet<usize>> {
        let location = view.locations[cell];
        let rules = &self.plan.tables()[location.table].protect;
        let persons = self.persons(view, cell);
        let (least, most) = (&bounds.least[cell], &bounds.most[cell]);
        let enough = possible(rules.min_persons, rules.count_interval, persons);
        let greatest = most.as_ref().map(|most| most.persons);
        let is_below = |last: i128| greatest.is_some_and(|greatest| greatest < last);
        let of_most = most.iter().flat_map(|most| &most.from);
        let by: [Option<Vec<&usize>>; 2] = match enough {
            Possible::All(first, last) => [
                (least.persons > i128::from(first)).then(|| least.from.iter().collect()),
                is_below(last.into()).then(|| of_most.collect()),
            ],
            Possible::Consecutive(values) => [
                is_below(least.persons + i128::from(values) - 1)
                    .then(|| least.from.iter().chain(of_most).collect()),
                None,
            ],
            Possible::Around { .. } => [None, None],
        };
        let is_too_near = by.iter().any(Option::is_some);
        is_too_near.then(|| by.into_iter().flatten().flatten().copied().collect())
    }

    fn persons(&self, view: &RecipientView, cell: usize) -> i128 {
        let location = view.locations[cell];
        let block = &self.tables[location.table].blocks[location.block];
        block.cells[location.cell].1.persons.into()
    }
}

/// The first set that is one of which a sum says something.
fn first_reached(view: &RecipientView, floors: &Floors) -> usize {
    view.structure.cells() + floors.members.len() + view.floors.len()
}

fn stays_bounded(name: &str) -> Error {
    let rule = format!(
        "the feasibility interval of {name} cannot be kept wide enough, since what is published in spite of the rules or stays known bounds it: persons may have several rows, but nobody is in a part of a cell without being in the cell"
    );
    Error::new(ErrorKind::Protection, rule)
        .help("coarser dimensions, fewer margins, or `method = \"cell-key\"`, which suppresses no numbers of persons")
}

impl Sets {
    fn of(view: &RecipientView, floors: &Floors, reached: &[Reached]) -> Self {
        let structure = &view.structure;
        let mut members: Vec<Vec<u32>> = (0..structure.cells())
            .map(|cell| structure.members(cell).to_vec())
            .collect();
        let ceilings = view.ceilings.iter().map(|(ceiling, _)| ceiling);
        let reached = reached.iter().map(|reached| &reached.inner);
        let split = |known: &Vec<u32>| -> Vec<u32> {
            let inner = view.of.iter().zip(0..);
            let inner = inner.filter(|(of, _)| known.binary_search(of).is_ok());
            inner.map(|(_, at)| at).collect()
        };
        members.extend(floors.members.iter().map(split));
        members.extend(view.floors.iter().map(|(members, _)| members.clone()));
        members.extend(reached.chain(ceilings).map(split));
        // Of each block which cell an inner cell is in.
        let mut blocks: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (cell, location) in view.locations.iter().enumerate() {
            blocks
                .entry((location.table, location.block))
                .or_default()
                .push(cell);
        }
        let further: Vec<usize> = (view.locations.len()..members.len()).collect();
        let mut wholes = Vec::new();
        for cells in blocks.into_values() {
            wholes.extend(made_up(&members, &cells, true));
        }
        // Those of earlier releases and of names may overlap: they cover nothing together.
        wholes.extend(made_up(&members, &further, false));
        Self { members, wholes }
    }

    /// How many parts the sets have: what it takes to look at all once.
    fn parts(&self) -> usize {
        let wholes = self.wholes.iter();
        wholes.map(|whole| whole.parts.len()).sum()
    }

    /// What also follows for the singleton of those of its `own` inner cells that
    /// are filled.
    fn known_to(&self, own: &[u32], filled: &[bool], mut bounds: SetBounds) -> SetBounds {
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
    fn is_known_to(&self, own: &[u32], filled: &[bool], cell: usize) -> bool {
        let members = &self.members[cell];
        let is_empty = !members.iter().any(|at| filled[*at as usize]);
        let counts = |at: &&u32| is_empty || filled[**at as usize];
        members.iter().filter(counts).all(|at| own.contains(at))
    }

    /// What follows, until nothing more does.
    fn bounds(&self, mut bounds: SetBounds) -> SetBounds {
        loop {
            let mut changed = false;
            for whole in &self.wholes {
                for part in &whole.parts {
                    changed |= bounds.within(whole.set, *part);
                }
                if whole.covered {
                    changed |= bounds.covered(whole);
                }
            }
            if !changed {
                return bounds;
            }
        }
    }
}

/// For each set the `cells` that are parts of it; `apart` says that no two of these share
/// an inner cell.
fn made_up(members: &[Vec<u32>], cells: &[usize], apart: bool) -> Vec<Whole> {
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
        }));
        if !parts.is_empty() {
            wholes.push(Whole {
                set,
                parts,
                covered,
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

    fn sets() -> Sets {
        let members: Vec<Vec<u32>> = CELLS.iter().map(|cell| cell.to_vec()).collect();
        let blocks: [&[usize]; 4] = [&[0, 1, 2, 3, 4, 5], &[6, 7], &[8, 9, 10], &[11]];
        let wholes = blocks
            .iter()
            .flat_map(|cells| made_up(&members, cells, true));
        Sets {
            wholes: wholes.collect(),
            members,
        }
    }

    fn bounds(persons: &[i128], published: &BTreeSet<usize>) -> SetBounds {
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
        sets().bounds(SetBounds {
            least: least.collect(),
            most,
        })
    }

    proptest! {
        /// Of persons who are each in some of the inner cells, whatever is published: the
        /// true numbers are within the bounds, which follow from what they say they do.
        #[test]
        fn bounds_hold_and_follow_from_what_they_say(
            rows in proptest::collection::vec(1u8..64, 0..30),
            published in proptest::collection::btree_set(0..CELLS.len(), 0..CELLS.len()),
        ) {
            let is_in = |row: u8, cell: &[u32]| cell.iter().any(|inner| row >> inner & 1 == 1);
            let count = |cell: &&[u32]| rows.iter().filter(|row| is_in(**row, cell)).count() as i128;
            let persons: Vec<i128> = CELLS.iter().map(count).collect();
            let all = bounds(&persons, &published);
            for (cell, truth) in persons.iter().enumerate() {
                let least = &all.least[cell];
                prop_assert!(least.persons <= *truth);
                let again = bounds(&persons, &least.from);
                prop_assert!(again.least[cell].persons >= least.persons);
                if let Some(most) = &all.most[cell] {
                    prop_assert!(most.persons >= *truth);
                    let again = bounds(&persons, &most.from);
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
        let wholes =
            made_up(&members, &[1, 2], true)
                .into_iter()
                .chain(made_up(&members, &[3, 4], false));
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
        let all = bounds(&persons, &BTreeSet::from([2, 6, 9]));
        assert_eq!(all.least[0].persons, 2);
        assert_eq!(all.least[0].from, BTreeSet::from([2, 6, 9]));
        assert_eq!(all.most[1].as_ref().map(|most| most.persons), Some(14));
    }

    /// Cells that overlap cover nothing, and the same set twice has the same bounds.
    #[test]
    fn cells_of_earlier_releases_are_parts_but_cover_nothing_together() {
        let members = vec![vec![0, 1, 2, 3], vec![0, 1], vec![1, 2], vec![0, 1]];
        let wholes = made_up(&members, &[1, 2], false);
        let of = |set: usize| wholes.iter().filter(move |whole| whole.set == set);
        assert!(of(0).all(|whole| !whole.covered && whole.parts == [1, 2]));
        assert_eq!(of(0).count(), 1);
        assert!(of(3).any(|whole| whole.covered && whole.parts == [1]));
    }
}
