//! Patterns of sums that carry their proofs, held against the auditor's linear programmes.

use std::collections::{BTreeMap, BTreeSet};

use kobling_sdc::attacker::{Knowledge, Possible, Unsafe};
use kobling_sdc::audit::proofs::check;
use kobling_sdc::audit::{Audit, AuditBudget, Primes, Requirement, Seen, Sign};
use kobling_sdc::proof::{Change, Proof};
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{ProvenPattern, Task, Unproven, prove};
use proptest::prelude::*;

/// A table of sums with some of its margins, and who contributes how much.
#[derive(Debug, Clone)]
struct World {
    places: Vec<Vec<u32>>,
    /// Of each inner cell, what each contributor contributes, and its number.
    given: Vec<Vec<(i128, u32)>>,
    inner: Vec<i128>,
    structure: Structure,
    /// How far an unsafe sum must reach, in percent of its largest contribution.
    percent: i128,
    /// The same below it, or not at all.
    below: bool,
    /// Of some inner cells, how much more they may be at most.
    room: Vec<Option<i128>>,
}

/// Cells by the dimensions that `kept` has.
fn margin(places: &[Vec<u32>], kept: u32) -> Vec<Vec<u32>> {
    let mut cells: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
    for inner in 0..places[0].len() {
        let at = places.iter().enumerate();
        let at = at.filter(|(dimension, _)| kept >> dimension & 1 == 1);
        let at = at.map(|(_, places)| places[inner]).collect();
        cells.entry(at).or_default().push(inner as u32);
    }
    cells.into_values().collect()
}

impl World {
    fn new(sizes: &[u32], given: &[Vec<(i128, u32)>], margins: u32, percent: i128) -> Self {
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
        let given: Vec<Vec<(i128, u32)>> = given.iter().cycle().take(inner).cloned().collect();
        let sum = |given: &Vec<(i128, u32)>| given.iter().map(|(value, _)| value).sum();
        Self {
            structure: Structure::new(inner, cells),
            inner: given.iter().map(sum).collect(),
            room: vec![None; inner],
            below: false,
            places,
            given,
            percent,
        }
    }

    fn value(&self, cell: usize) -> i128 {
        let members = self.structure.members(cell).iter();
        members.map(|at| self.inner[*at as usize]).sum()
    }

    /// What each person contributes to a cell, the largest first.
    fn contributions(&self, members: &[u32]) -> Vec<(i128, u32)> {
        let mut by: BTreeMap<u32, i128> = BTreeMap::new();
        for (value, who) in members.iter().flat_map(|at| &self.given[*at as usize]) {
            *by.entry(*who).or_default() += value;
        }
        let mut all: Vec<(i128, u32)> = by.into_iter().map(|(who, value)| (value, who)).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all
    }

    /// Cells with fewer than three contributors, or of which one has nearly all.
    fn wanted(&self) -> Vec<Unsafe> {
        let cells = 0..self.structure.cells();
        let wanted = cells.filter_map(|cell| {
            let members = self.structure.members(cell);
            let all = self.contributions(members);
            let largest = all.first()?.0;
            let level = ((largest * self.percent + 99) / 100).max(1);
            let rest: i128 = all.iter().skip(2).map(|(value, _)| value).sum();
            if all.len() > 2 && rest >= level {
                return None;
            }
            let room = members.iter().map(|at| self.room[*at as usize]);
            let room: Option<i128> = room.sum();
            let above = room.map_or(level, |room| level.min(room)) as u64;
            let below = match self.below {
                true => (level as u64).min(self.value(cell) as u64),
                false => 0,
            };
            let possible = Possible::Around { below, above };
            Some(Unsafe { cell, possible })
        });
        wanted.collect()
    }

    /// Of each person who is alone in a cell, the inner cells that it knows.
    fn singletons(&self) -> Vec<Vec<u32>> {
        let mut known: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let inner = (0..self.inner.len() as u32).map(|at| vec![at]);
        let cells = (0..self.structure.cells()).map(|cell| self.structure.members(cell).to_vec());
        for members in inner.chain(cells) {
            if let [(_, who)] = self.contributions(&members)[..] {
                known.entry(who).or_default().extend(members);
            }
        }
        let each = known.into_values();
        each.map(|inner| inner.into_iter().collect()).collect()
    }

    fn most(&self) -> Vec<Option<i128>> {
        let room = self.inner.iter().zip(&self.room);
        room.map(|(value, room)| room.map(|room| value + room))
            .collect()
    }

    fn filled(&self) -> Vec<bool> {
        self.given.iter().map(|given| !given.is_empty()).collect()
    }

    fn with_knowledge<T>(&self, published: &[bool], then: impl FnOnce(Knowledge<'_>) -> T) -> T {
        then(Knowledge {
            most_inner: &self.most(),
            filled: &self.filled(),
            singletons: &self.singletons(),
            ..Knowledge::new(&self.structure, published)
        })
    }

    fn proven_with(&self, forced: &[bool]) -> Result<ProvenPattern, Unproven> {
        let wanted = self.wanted();
        let may = vec![true; self.structure.cells()];
        let pattern = self.with_knowledge(&may, |known| {
            prove(&Task {
                known,
                inner: &self.inner,
                places: &self.places,
                wanted: &wanted,
                forced,
                weights: &[],
                seed: 7,
                watch: None,
            })
        })?;
        let checked = self.with_knowledge(&pattern.published, |known| {
            check(&known, &self.inner, &wanted, &pattern.proofs)
        });
        assert_eq!(checked.missed, Vec::<usize>::new(), "{self:?}");
        Ok(pattern)
    }

    /// The structure with a further cell for each cap, as the auditor knows it.
    fn seen(&self, published: &[bool]) -> (Structure, Vec<Option<i128>>) {
        let cells = 0..self.structure.cells();
        let values = cells
            .clone()
            .map(|cell| published[cell].then(|| self.value(cell)));
        let mut values: Vec<Option<i128>> = values.collect();
        let mut members: Vec<Vec<u32>> = cells
            .map(|cell| self.structure.members(cell).to_vec())
            .collect();
        let mut inner = self.inner.len() as u32;
        for (at, most) in self.most().into_iter().enumerate() {
            if most.is_some() {
                members.push(vec![at as u32, inner]);
                values.push(most);
                inner += 1;
            }
        }
        (Structure::new(inner as usize, members), values)
    }

    /// The unsafe cells that the auditor finds too certain: to everybody by rank and by
    /// linear programmes, to singletons by both with what they know as published cells.
    fn found_by_audit(&self, published: &[bool]) -> BTreeSet<usize> {
        let (structure, values) = self.seen(published);
        let wanted = self.wanted();
        let is_wanted = |cell: &usize| wanted.iter().any(|wanted| wanted.cell == *cell);
        let seen = Seen {
            structure: &structure,
            values: &values,
            sign: Sign::NonNegative,
        };
        let audit = Audit::new(seen, AuditBudget::default()).unwrap();
        let singletons = self.singletons();
        let disclosed = audit
            .disclosed(&singletons, Primes::drawn([3; 16]))
            .unwrap();
        let mut found: BTreeSet<usize> = disclosed.to_all.into_iter().filter(is_wanted).collect();
        let to_insiders = disclosed.to_insiders.into_iter().map(|(_, cell)| cell);
        found.extend(to_insiders.filter(is_wanted));
        let required = wanted.iter().map(|wanted| {
            let Possible::Around { below, above } = wanted.possible else {
                unreachable!("sums")
            };
            let (below, above) = (i128::from(below), i128::from(above));
            Requirement {
                cell: wanted.cell,
                value: self.value(wanted.cell),
                below,
                above,
                width: below + above,
            }
        });
        let required: Vec<Requirement> = required.collect();
        found.extend(audit.required(&required).unwrap().missed);
        for own in &singletons {
            let further: Vec<Vec<u32>> = own.iter().map(|at| vec![*at]).collect();
            let structure = structure.with(&further);
            let known = own.iter().map(|at| Some(self.inner[*at as usize]));
            let values: Vec<Option<i128>> = values.iter().copied().chain(known).collect();
            let seen = Seen {
                structure: &structure,
                values: &values,
                sign: Sign::NonNegative,
            };
            let is_others = |cell: &usize| {
                let mut members = self.structure.members(*cell).iter();
                members.any(|at| !own.contains(at) && !self.given[*at as usize].is_empty())
            };
            let cells = wanted.iter().map(|wanted| wanted.cell);
            let cells = cells.filter(|cell| values[*cell].is_none() && is_others(cell));
            let cells: Vec<usize> = cells.collect();
            let audit = Audit::new(seen, AuditBudget::default()).unwrap();
            let intervals = audit.intervals(&cells).unwrap().into_iter();
            let known = intervals
                .zip(cells)
                .filter(|(interval, _)| interval.is_known());
            found.extend(known.map(|(_, cell)| cell));
        }
        found
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let sizes = prop::sample::select(vec![
        vec![2, 2],
        vec![2, 3],
        vec![3, 3],
        vec![2, 2, 2],
        vec![4, 5],
        vec![3, 3, 3],
        vec![5],
        vec![1, 4],
    ]);
    let value = prop_oneof![Just(0i128), 1..9i128, 50..900i128, 5_000..90_000i128];
    let contribution = (value, 0..40u32);
    let cell = prop::collection::vec(contribution, 0..5);
    let given = prop::collection::vec(cell, 27);
    let percent = prop::sample::select(vec![1i128, 10, 30, 120]);
    let room = prop::option::weighted(0.1, 0..5_000i128);
    let room = prop::collection::vec(room, 27);
    let flags = any::<(bool, bool)>();
    (sizes, given, any::<u32>(), percent, room, flags).prop_map(
        |(sizes, mut given, margins, percent, room, (capped, below))| {
            // Nobody is in two inner cells of a table, unless these are far apart.
            for (at, cell) in (0u32..).zip(&mut given) {
                cell.sort_unstable_by_key(|(_, who)| *who);
                cell.dedup_by_key(|(_, who)| *who);
                cell.iter_mut().for_each(|(_, who)| *who += at / 3 * 40);
            }
            let mut world = World::new(&sizes, &given, margins, percent);
            if capped {
                world.room = room.into_iter().cycle().take(world.inner.len()).collect();
            }
            world.below = below;
            world
        },
    )
}

/// `PROPTEST_CASES` worlds, or so many.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.map_or(200, |asked| asked.parse().expect("a number"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// What is proven the auditor's rank and linear programmes confirm, for everybody and
    /// for each singleton.
    #[test]
    fn the_audit_confirms_what_is_proven(world in worlds()) {
        let pattern = world.proven_with(&[]);
        // Of caps it may be known that a cell cannot be otherwise.
        prop_assume!(pattern.is_ok());
        let found = world.found_by_audit(&pattern.unwrap().published);
        prop_assert_eq!(found, BTreeSet::new(), "{:?}", world);
    }

    /// Where nothing caps an inner cell there is a proof of everything.
    #[test]
    fn there_is_always_a_proof(mut world in worlds()) {
        world.room.fill(None);
        prop_assert!(world.proven_with(&[]).is_ok(), "{:?}", world);
    }

    /// What was released can be released again, with all of it known.
    #[test]
    fn what_is_published_can_be_published_again(world in worlds()) {
        let first = world.proven_with(&[]);
        prop_assume!(first.is_ok());
        let published = first.unwrap().published;
        let again = world.proven_with(&published);
        prop_assert!(again.is_ok(), "{:?}", world);
        let again = again.unwrap().published;
        prop_assert!(published.iter().zip(&again).all(|(published, again)| again | !published));
    }

    /// The checker follows no proof that the auditor does not: of cells that are published
    /// after all, or of a table that is another one.
    #[test]
    fn the_checker_follows_no_proof_that_does_not_hold(
        world in worlds(),
        publish: u64,
        moved in prop::option::of(-50..50i64),
    ) {
        let pattern = world.proven_with(&[]);
        prop_assume!(pattern.is_ok());
        let pattern = pattern.unwrap();
        let wanted = world.wanted();
        let mut published = pattern.published.clone();
        for (cell, is) in published.iter_mut().enumerate() {
            let is_wanted = wanted.iter().any(|wanted| wanted.cell == cell);
            *is |= publish >> (cell % 64) & 1 == 1 && !is_wanted;
        }
        let mut proofs: Vec<Proof> = pattern.proofs;
        if let Some(moved) = moved {
            for change in proofs.iter_mut().flat_map(|proof| &mut proof.changes) {
                let inner = change.inner.iter().map(|(at, more)| (*at, more + moved));
                *change = Change { inner: inner.filter(|(_, more)| *more != 0).collect() };
            }
        }
        let missed = world.with_knowledge(&published, |known| {
            check(&known, &world.inner, &wanted, &proofs).missed
        });
        let found = world.found_by_audit(&published);
        let missed: BTreeSet<usize> = missed.into_iter().collect();
        prop_assert!(found.is_subset(&missed), "{:?} {:?} {:?}", found, missed, world);
    }
}
