//! Patterns that carry their proofs, held against an attacker who tries every table.

use std::collections::BTreeSet;

use kobling_sdc::attacker::{Knowledge, Possible, Unsafe};
use kobling_sdc::audit::proofs::check;
use kobling_sdc::proof::{Change, Proof};
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{ProvenPattern, Task, Unproven, prove};
use proptest::prelude::*;

/// As many tables are tried at most.
const MOST_TABLES: usize = 200_000;

/// A table with some of its margins, and what is wanted of its unsafe cells.
#[derive(Debug, Clone)]
struct World {
    places: Vec<Vec<u32>>,
    inner: Vec<i128>,
    structure: Structure,
    min_persons: i128,
    possible: Possible,
    /// A set of inner cells that is known not to be empty.
    floor: Option<(Vec<u32>, u64)>,
    /// Whether that nobody is in an inner cell is unsafe, as where all of a group are in
    /// another one.
    empty: bool,
}

/// Cells by the dimensions that `margin` keeps.
fn margin(places: &[Vec<u32>], kept: u32) -> Vec<Vec<u32>> {
    let mut cells: std::collections::BTreeMap<Vec<u32>, Vec<u32>> = Default::default();
    for inner in 0..places[0].len() {
        let at = places.iter().enumerate();
        let at = at.filter(|(dimension, _)| kept >> dimension & 1 == 1);
        let at = at.map(|(_, places)| places[inner]).collect();
        cells.entry(at).or_default().push(inner as u32);
    }
    cells.into_values().collect()
}

impl World {
    fn new(sizes: &[u32], counts: &[i128], margins: u32, min_persons: i128, full: bool) -> Self {
        let inner: usize = sizes.iter().product::<u32>() as usize;
        let places = sizes.iter().scan(1u32, |stride, size| {
            let own = *stride;
            *stride *= size;
            Some((0..inner as u32).map(|at| at / own % size).collect())
        });
        let places: Vec<Vec<u32>> = places.collect();
        let whole = (1u32 << sizes.len()) - 1;
        let kept = (0..whole).filter(|kept| margins >> kept & 1 == 1);
        let cells = [whole].into_iter().chain(kept);
        let cells: Vec<Vec<u32>> = cells.flat_map(|kept| margin(&places, kept)).collect();
        Self {
            structure: Structure::new(inner, cells),
            inner: counts.iter().copied().cycle().take(inner).collect(),
            places,
            min_persons,
            possible: match full {
                true => Possible::All(1, (min_persons as u64 - 1).max(3)),
                false => Possible::Consecutive(3),
            },
            floor: None,
            empty: false,
        }
    }

    fn value(&self, cell: usize, inner: &[i128]) -> i128 {
        let members = self.structure.members(cell).iter();
        members.map(|at| inner[*at as usize]).sum()
    }

    fn wanted(&self) -> Vec<Unsafe> {
        let cells = 0..self.structure.cells();
        let few =
            cells.filter(|cell| (1..self.min_persons).contains(&self.value(*cell, &self.inner)));
        let possible = self.possible;
        let few = few.map(|cell| Unsafe { cell, possible });
        let inner = 0..self.inner.len();
        let empty = inner.filter(|cell| self.empty && self.inner[*cell] == 0);
        let possible = Possible::Consecutive(3);
        few.chain(empty.map(|cell| Unsafe { cell, possible }))
            .collect()
    }

    fn singletons(&self) -> Vec<Vec<u32>> {
        let ones = self.inner.iter().zip(0..).filter(|(count, _)| **count == 1);
        ones.map(|(_, at)| vec![at]).collect()
    }

    /// The structure with the floor behind it, and the least of each cell.
    fn known(&self) -> (Structure, Vec<u64>) {
        let mut least = vec![0; self.structure.cells()];
        let floor = self.floor.iter();
        let members: Vec<Vec<u32>> = floor.clone().map(|(members, _)| members.clone()).collect();
        least.extend(floor.map(|(_, least)| *least));
        (self.structure.with(&members), least)
    }

    /// Whether somebody knows whatever is suppressed that the cell has more than the first
    /// value that is wanted: by the floor, and by being in another part of it or of the cell.
    fn is_known_anyway(&self, cell: usize) -> bool {
        let (Possible::All(first, _), Some((floor, least))) = (self.possible, &self.floor) else {
            return false;
        };
        let members = self.structure.members(cell);
        let rest: Vec<&u32> = floor.iter().filter(|at| !members.contains(at)).collect();
        let mut others = members.iter().filter(|at| !floor.contains(at));
        match rest[..] {
            [] => {
                let one_more = others.any(|at| self.inner[*at as usize] > 0);
                least + u64::from(one_more) > first
            }
            // Whoever is alone in the rest of the floor knows all of that.
            [at] if self.inner[*at as usize] == 1 => least - 1 > first,
            _ => false,
        }
    }

    /// None if a value that is wanted is known to be none, whatever is suppressed.
    fn proven(&self) -> Option<ProvenPattern> {
        self.proven_with(&[])
    }

    /// The same where cells are `forced`: published whatever follows.
    fn proven_with(&self, forced: &[bool]) -> Option<ProvenPattern> {
        let (structure, least) = self.known();
        let mut may = vec![true; self.structure.cells()];
        may.resize(structure.cells(), false);
        let known = Knowledge {
            least: &least,
            singletons: &self.singletons(),
            ..Knowledge::new(&structure, &may)
        };
        let wanted = self.wanted();
        let pattern = prove(&Task {
            known,
            inner: &self.inner,
            places: &self.places,
            wanted: &wanted,
            forced,
            weights: &[],
            seed: 7,
            watch: None,
        });
        let pattern = match pattern {
            Err(Unproven::Cell(refusal)) if self.is_known_anyway(refusal.cell) => return None,
            other => other.unwrap_or_else(|refusal| panic!("{refusal:?} in {self:?}")),
        };
        let seen = Knowledge {
            published: &pattern.published,
            ..known
        };
        let checked = check(&seen, &self.inner, &wanted, &pattern.proofs);
        assert_eq!(checked.missed, Vec::<usize>::new());
        Some(pattern)
    }

    /// All tables of whole numbers that have the published values and the known least
    /// ones; none if they are too many to try.
    fn tables(&self, published: &[bool]) -> Option<Vec<Vec<i128>>> {
        let cells = (0..self.structure.cells()).filter(|cell| published[*cell]);
        let cells: Vec<(Vec<u32>, i128)> = cells
            .map(|cell| {
                (
                    self.structure.members(cell).to_vec(),
                    self.value(cell, &self.inner),
                )
            })
            .collect();
        let mut tables = Vec::new();
        self.extend(&mut vec![], &cells, &mut tables);
        (tables.len() <= MOST_TABLES).then_some(tables)
    }

    fn extend(
        &self,
        table: &mut Vec<i128>,
        cells: &[(Vec<u32>, i128)],
        tables: &mut Vec<Vec<i128>>,
    ) {
        if tables.len() > MOST_TABLES {
            return;
        }
        let at = table.len();
        let filled = |members: &[u32]| members.iter().filter(|one| (**one as usize) < at).count();
        let sum = |members: &[u32], table: &[i128]| -> i128 {
            members
                .iter()
                .filter_map(|one| table.get(*one as usize))
                .sum()
        };
        for (members, value) in cells {
            let so_far = sum(members, table);
            if so_far > *value || filled(members) == members.len() && so_far != *value {
                return;
            }
        }
        if at == self.inner.len() {
            let floor = self.floor.iter();
            let holds = floor
                .clone()
                .all(|(members, least)| sum(members, table) >= i128::from(*least));
            if holds {
                tables.push(table.clone());
            }
            return;
        }
        // Nothing bounds a free cell; three more than there are show as much as more.
        let bound = cells
            .iter()
            .filter(|(members, _)| members.contains(&(at as u32)));
        let most = bound
            .map(|(members, value)| value - sum(members, table))
            .min();
        for count in 0..=most.unwrap_or(self.inner[at] + self.min_persons + 3) {
            table.push(count);
            self.extend(table, cells, tables);
            table.pop();
        }
    }

    /// That all is possible that is wanted, to those who hold `possible` for possible.
    fn holds(&self, wanted: Unsafe, tables: &[&Vec<i128>]) -> bool {
        let values = tables.iter().map(|table| self.value(wanted.cell, table));
        let values: BTreeSet<i128> = values.collect();
        let true_value = self.value(wanted.cell, &self.inner);
        assert!(values.contains(&true_value));
        match wanted.possible {
            Possible::Consecutive(least) => (0..least as i128).any(|below| {
                let first = true_value - below;
                (first..first + least as i128).all(|value| values.contains(&value))
            }),
            Possible::All(first, last) => {
                (i128::from(first)..=i128::from(last)).all(|value| values.contains(&value))
            }
            Possible::Around { .. } => unreachable!("numbers of persons"),
        }
    }

    /// No, if there are too many tables to try.
    fn attack(&self, published: &[bool]) -> bool {
        let Some(tables) = self.tables(published) else {
            return false;
        };
        for wanted in self.wanted() {
            assert!(!published[wanted.cell]);
            assert!(
                self.holds(wanted, &tables.iter().collect::<Vec<_>>()),
                "{wanted:?} in {self:?}"
            );
            for (at, count) in self
                .inner
                .iter()
                .enumerate()
                .filter(|(_, count)| **count > 0)
            {
                let members = self.structure.members(wanted.cell).iter();
                let populated = members.filter(|one| self.inner[**one as usize] > 0);
                let populated: Vec<usize> = populated.map(|one| *one as usize).collect();
                if *count == 1 && populated == [at] {
                    continue;
                }
                let left = tables.iter().filter(|table| match count {
                    1 => table[at] == 1,
                    _ => table[at] >= 1,
                });
                let left: Vec<&Vec<i128>> = left.collect();
                assert!(
                    self.holds(wanted, &left),
                    "{wanted:?} to a person in {at}, in {self:?}"
                );
            }
        }
        true
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let sizes = prop::sample::select(vec![
        vec![2, 2],
        vec![2, 3],
        vec![3, 3],
        vec![2, 2, 2],
        vec![5],
        vec![1, 4],
    ]);
    let count = prop_oneof![Just(0i128), Just(1), Just(2), 0..4i128, 3..7i128];
    let counts = prop::collection::vec(count, 9);
    // As names disclose: somebody is in a category of rare names, and min_persons are in another.
    let floor = prop::option::of((0..3u32, any::<bool>()));
    let flags = any::<(bool, bool)>();
    (sizes, counts, any::<u32>(), 3..6i128, flags, floor).prop_map(
        |(sizes, counts, margins, min_persons, (full, empty), floor)| {
            let mut world = World::new(&sizes, &counts, margins, min_persons, full);
            world.empty = empty;
            let members = world.places[0].iter().zip(0..);
            let named = |(category, rare): (u32, bool)| {
                let least = if rare { 1 } else { min_persons as u64 };
                let members = members.filter(|(of, _)| **of == category).map(|(_, at)| at);
                let members: Vec<u32> = members.collect();
                let count: i128 = members.iter().map(|at| world.inner[*at as usize]).sum();
                (count >= i128::from(least)).then_some((members, least))
            };
            world.floor = floor.and_then(named);
            world
        },
    )
}

/// Worlds of too many tables to try.
fn larger() -> impl Strategy<Value = World> {
    let sizes = prop::sample::select(vec![vec![5, 6], vec![4, 5, 3], vec![3, 3, 3, 2]]);
    let count = prop_oneof![Just(0i128), Just(1), Just(2), 0..4i128, 3..30i128];
    let counts = prop::collection::vec(count, 60);
    (sizes, counts, any::<u32>(), 3..6i128, any::<bool>()).prop_map(
        |(sizes, counts, margins, min_persons, full)| {
            World::new(&sizes, &counts, margins, min_persons, full)
        },
    )
}

/// `PROPTEST_CASES` worlds, or so many.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.map_or(100, |asked| asked.parse().expect("a number"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// The pattern keeps its promise to whoever tries all tables, and to each contributor.
    #[test]
    fn whoever_tries_all_tables_finds_what_is_promised(world in worlds()) {
        let pattern = world.proven();
        prop_assume!(pattern.is_some_and(|pattern| world.attack(&pattern.published)));
    }

    /// What was released can be released again, with all of it known. The sizes are those where a table that agrees with so much may differ from
    /// the true one in more places than any cube.
    #[test]
    fn what_is_published_can_be_published_again(
        world in prop_oneof![worlds(), larger()],
    ) {
        let first = world.proven();
        prop_assume!(first.is_some());
        let published = first.unwrap().published;
        let again = world.proven_with(&published);
        prop_assume!(again.is_some());
        let again = again.unwrap().published;
        prop_assert!(published.iter().zip(&again).all(|(published, again)| again | !published));
    }

    /// The checker says of a pattern and its proofs no more than an attacker finds:
    /// where cells of it are published after all, it follows only proofs that still hold.
    #[test]
    fn the_checker_follows_no_proof_that_does_not_hold(world in worlds(), publish: u64, moved: bool) {
        let pattern = world.proven();
        prop_assume!(pattern.is_some());
        let pattern = pattern.unwrap();
        let wanted = world.wanted();
        let mut published = pattern.published.clone();
        for (cell, is) in published.iter_mut().enumerate().take(world.structure.cells()) {
            let is_wanted = wanted.iter().any(|wanted| wanted.cell == cell);
            *is |= publish >> (cell % 64) & 1 == 1 && !is_wanted;
        }
        let (structure, least) = world.known();
        let known = Knowledge {
            least: &least,
            singletons: &world.singletons(),
            ..Knowledge::new(&structure, &published)
        };
        let mut proofs: Vec<Proof> = pattern.proofs;
        if moved {
            // Proofs of something else.
            for change in proofs.iter_mut().flat_map(|proof| &mut proof.changes) {
                let inner = change.inner.iter().map(|(at, more)| (*at, more + 1));
                *change = Change { inner: inner.filter(|(_, more)| *more != 0).collect() };
            }
        }
        let missed = check(&known, &world.inner, &wanted, &proofs).missed;
        let tables = world.tables(&published);
        prop_assume!(tables.is_some());
        let tables = tables.unwrap();
        let tables: Vec<&Vec<i128>> = tables.iter().collect();
        for wanted in wanted {
            prop_assert!(missed.contains(&wanted.cell) || world.holds(wanted, &tables));
        }
    }
}

/// Three towns of one person each, and their sum: if nobody is known to be in any, each may be empty.
#[test]
fn what_is_listed_must_not_be_known_to_be_filled() {
    let mut world = World::new(&[3, 2], &[1, 1, 1, 40, 50, 60], 0b11_1111, 3, false);
    let pattern = world.proven().unwrap();
    assert!(world.attack(&pattern.published));
    let suppressed = |pattern: &ProvenPattern| {
        let own = pattern.published.iter().take(world.structure.cells());
        own.filter(|published| !**published).count()
    };
    let few = suppressed(&pattern);
    assert_eq!(few, 6);
    // Where each row is known to have somebody: no less than before is suppressed.
    world.floor = Some((vec![0], 1));
    let pattern = world.proven().unwrap();
    assert!(world.attack(&pattern.published));
    assert!(suppressed(&pattern) >= few);
}

/// Cells are proven side by side: how many threads there are does not show.
#[test]
fn patterns_do_not_depend_on_threads() {
    let mut seed = 5u64;
    let mut drawn = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        [0, 1, 2, 4, 9, 30][(seed >> 40) as usize % 6]
    };
    for sizes in [&[6, 5][..], &[4, 3, 3], &[3, 2, 2, 2]] {
        let inner: Vec<i128> = (0..sizes.iter().product()).map(|_: u32| drawn()).collect();
        let world = World::new(sizes, &inner, u32::MAX, 5, false);
        let pattern = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| world.proven())
        };
        let one = pattern(1);
        assert!(one.is_some());
        for threads in [2, 3, 8] {
            assert_eq!(one, pattern(threads), "{sizes:?} on {threads} threads");
        }
    }
}
