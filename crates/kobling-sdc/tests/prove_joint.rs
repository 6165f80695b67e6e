//! Patterns of a release beside earlier ones of the same rows, held against an attacker
//! who tries every joint table: by the dimensions of all of them, which nobody has.

use std::collections::{BTreeMap, BTreeSet};

use kobling_sdc::attacker::{Joint, Knowledge, Possible, Unsafe};
use kobling_sdc::audit::proofs::check;
use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::{Task, prove};
use proptest::prelude::*;

/// As many joint tables are tried at most.
const MOST_TABLES: usize = 100_000;

const MIN_PERSONS: i128 = 4;

/// Persons by all dimensions, and the releases by some of them each; the first is the new one.
#[derive(Debug, Clone)]
struct World {
    sizes: Vec<u32>,
    /// By joint cell.
    persons: Vec<i128>,
    releases: Vec<Release>,
}

#[derive(Debug, Clone)]
struct Release {
    by: Vec<usize>,
    margins: bool,
}

/// A world as the protector sees it.
struct Seen {
    /// By dimension of the joint table.
    places: Vec<Vec<u32>>,
    /// By release, the joint cells of each of its inner cells.
    inner: Vec<Vec<Vec<u32>>>,
    /// Cells by what they are sums of: inner cells, and joint cells.
    cells: Vec<(Vec<u32>, Vec<u32>)>,
    /// How many of them are the new release's.
    own: usize,
    joint: Joint,
}

impl World {
    fn joint_cells(&self) -> u32 {
        self.sizes.iter().product()
    }

    fn place(&self, cell: u32) -> Vec<u32> {
        let mut rest = cell;
        let each = self.sizes.iter().map(|size| {
            let own = rest % size;
            rest /= size;
            own
        });
        each.collect()
    }

    /// The joint cells by the categories of these dimensions.
    fn by(&self, dimensions: &[usize]) -> BTreeMap<Vec<u32>, Vec<u32>> {
        let mut found: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
        for cell in 0..self.joint_cells() {
            let place = self.place(cell);
            let at = dimensions.iter().map(|dimension| place[*dimension]);
            found.entry(at.collect()).or_default().push(cell);
        }
        found
    }

    fn seen(&self) -> Seen {
        let (mut inner, mut starts, mut next) = (Vec::new(), Vec::new(), 0u32);
        for release in &self.releases {
            let cells: Vec<Vec<u32>> = self.by(&release.by).into_values().collect();
            starts.push(next);
            next += cells.len() as u32;
            inner.push(cells);
        }
        let (mut cells, mut own) = (Vec::new(), 0);
        for (number, release) in self.releases.iter().enumerate() {
            let kept = (0..1u32 << release.by.len()).rev();
            let kept =
                kept.filter(|kept| release.margins || kept.count_ones() == release.by.len() as u32);
            for kept in kept {
                let by = release.by.iter().enumerate();
                let by = by.filter(|(at, _)| kept >> at & 1 == 1);
                let by: Vec<usize> = by.map(|(_, dimension)| *dimension).collect();
                for joint in self.by(&by).into_values() {
                    let parts = inner[number].iter().enumerate();
                    let parts = parts.filter(|(_, part)| joint.contains(&part[0]));
                    let parts = parts.map(|(at, _)| starts[number] + at as u32).collect();
                    cells.push((parts, joint));
                }
            }
            if number == 0 {
                own = cells.len();
            }
        }
        let part_of = |release: usize, joint: u32| {
            let at = inner[release]
                .iter()
                .position(|part: &Vec<u32>| part.contains(&joint));
            starts[release] + at.unwrap() as u32
        };
        let parts = (0..self.joint_cells()).map(|joint| {
            let each = (0..self.releases.len()).map(|release| part_of(release, joint));
            each.collect::<Vec<u32>>()
        });
        let mut links = Vec::new();
        for (number, release) in self.releases.iter().enumerate().skip(1) {
            // With the release before it, as the world is made.
            let before = number - 1;
            let shared = release
                .by
                .iter()
                .filter(|by| self.releases[before].by.contains(by));
            let shared: Vec<usize> = shared.copied().collect();
            for joint in self.by(&shared).into_values() {
                let side = |release: usize| {
                    let cells: BTreeSet<u32> =
                        joint.iter().map(|cell| part_of(release, *cell)).collect();
                    cells.into_iter().collect::<Vec<u32>>()
                };
                links.push([side(before), side(number)]);
            }
        }
        let places = (0..self.sizes.len()).map(|dimension| {
            let cells = 0..self.joint_cells();
            cells.map(|cell| self.place(cell)[dimension]).collect()
        });
        Seen {
            joint: Joint {
                parts: Structure::new(next as usize, parts),
                links,
                overlaps: false,
            },
            places: places.collect(),
            inner,
            cells,
            own,
        }
    }

    fn value(&self, joint: &[u32], persons: &[i128]) -> i128 {
        joint.iter().map(|cell| persons[*cell as usize]).sum()
    }

    /// All joint tables of whole numbers with these sums; none if they are too many.
    fn tables(&self, sums: &[(&[u32], i128)]) -> Option<Vec<Vec<i128>>> {
        let mut tables = Vec::new();
        let most: i128 = self.persons.iter().sum::<i128>() + MIN_PERSONS;
        self.extend(&mut Vec::new(), most, sums, &mut tables);
        (tables.len() <= MOST_TABLES).then_some(tables)
    }

    fn extend(
        &self,
        table: &mut Vec<i128>,
        most: i128,
        sums: &[(&[u32], i128)],
        tables: &mut Vec<Vec<i128>>,
    ) {
        let at = table.len() as u32;
        if tables.len() > MOST_TABLES {
            return;
        }
        let sum = |cells: &[u32]| -> i128 {
            cells
                .iter()
                .filter_map(|cell| table.get(*cell as usize))
                .sum()
        };
        let fails = sums.iter().any(|(cells, value)| {
            let so_far = sum(cells);
            so_far > *value || cells.iter().all(|cell| *cell < at) && so_far != *value
        });
        if fails {
            return;
        }
        if at == self.joint_cells() {
            tables.push(table.clone());
            return;
        }
        let own = sums.iter().filter(|(cells, _)| cells.contains(&at));
        let bound = own.map(|(cells, value)| value - sum(cells)).min();
        for count in 0..=bound.unwrap_or(most.min(self.persons[at as usize] + MIN_PERSONS)) {
            table.push(count);
            self.extend(table, most, sums, tables);
            table.pop();
        }
    }

    fn attack(&self, full: bool) -> bool {
        let seen = self.seen();
        let structure = Structure::new(
            seen.joint.parts.inner(),
            seen.cells.iter().map(|(parts, _)| parts.clone()),
        );
        let inner = seen.inner.iter().flatten();
        let inner: Vec<i128> = inner
            .map(|joint| self.value(joint, &self.persons))
            .collect();
        let values: Vec<i128> = seen
            .cells
            .iter()
            .map(|(_, joint)| self.value(joint, &self.persons))
            .collect();
        let possible = match full {
            true => Possible::All(1, MIN_PERSONS as u64 - 1),
            false => Possible::Consecutive(3),
        };
        let wanted = (0..values.len()).filter(|cell| (1..MIN_PERSONS).contains(&values[*cell]));
        let wanted: Vec<Unsafe> = wanted.map(|cell| Unsafe { cell, possible }).collect();
        // Whoever is alone in inner cells, by the joint cell that it is in.
        let mut singletons: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (at, part) in (0..).zip(seen.inner.iter().flatten()) {
            let mut filled = part.iter().filter(|cell| self.persons[**cell as usize] > 0);
            if let (1, Some(person)) = (self.value(part, &self.persons), filled.next()) {
                singletons.entry(*person).or_default().push(at);
            }
        }
        let singletons: Vec<Vec<u32>> = singletons.into_values().collect();
        let may = vec![true; values.len()];
        let known = Knowledge {
            singletons: &singletons,
            joint: Some(&seen.joint),
            ..Knowledge::new(&structure, &may)
        };
        let task = Task {
            known,
            inner: &inner,
            places: &seen.places,
            wanted: &wanted,
            forced: &[],
            weights: &[],
            seed: 3,
            watch: None,
        };
        let pattern = prove(&task).unwrap_or_else(|refusal| panic!("{refusal:?} in {self:?}"));
        let published = Knowledge {
            published: &pattern.published,
            ..known
        };
        let checked = check(&published, &inner, &wanted, &pattern.proofs);
        assert_eq!(checked.missed, Vec::<usize>::new());

        let sums = (0..values.len()).filter(|cell| pattern.published[*cell]);
        let sums: Vec<(&[u32], i128)> = sums
            .map(|cell| (&seen.cells[cell].1[..], values[cell]))
            .collect();
        let Some(tables) = self.tables(&sums) else {
            return false;
        };
        for wanted in &wanted {
            let joint = &seen.cells[wanted.cell].1;
            let holds = |left: &dyn Fn(&[i128]) -> bool| {
                let left = tables.iter().filter(|table| left(table));
                let values: BTreeSet<i128> = left.map(|table| self.value(joint, table)).collect();
                let true_value = self.value(joint, &self.persons);
                match full {
                    true => (1..MIN_PERSONS).all(|value| values.contains(&value)),
                    false => (0..3)
                        .any(|below| (0..3).all(|up| values.contains(&(true_value - below + up)))),
                }
            };
            assert!(holds(&|_| true), "{wanted:?} in {self:?}");
            for person in 0..self.joint_cells() {
                let own = self.persons[person as usize];
                let in_cell = joint.contains(&person);
                if own == 0 || in_cell && self.value(joint, &self.persons) == 1 {
                    continue;
                }
                // Somebody in a joint cell knows to be there; and whoever is alone in an
                // inner cell of a release may know that.
                let singleton_in = seen.inner.iter().flatten();
                let singleton_in = singleton_in
                    .filter(|part| part.contains(&person) && self.value(part, &self.persons) == 1);
                let singleton_in: Vec<&Vec<u32>> = singleton_in.collect();
                let left = |table: &[i128]| {
                    table[person as usize] >= 1
                        && singleton_in.iter().all(|part| self.value(part, table) == 1)
                };
                assert!(
                    holds(&left),
                    "{wanted:?} to a person in {person}, in {self:?}"
                );
            }
        }
        true
    }
}

/// Two or three releases, each of which shares dimensions with the one before it only.
fn worlds() -> impl Strategy<Value = World> {
    let by = prop::sample::select(vec![
        vec![vec![0, 1], vec![0, 2]],
        vec![vec![0, 1], vec![1, 2]],
        vec![vec![0], vec![1]],
        vec![vec![0, 1], vec![1]],
        vec![vec![1], vec![0, 1]],
        vec![vec![0, 1], vec![1, 2], vec![2]],
        vec![vec![0], vec![0, 1], vec![1, 2]],
    ]);
    let count = prop_oneof![4 => Just(0i128), 3 => Just(1), 2 => Just(2), 1 => 3..6i128];
    let sizes = prop::sample::select(vec![[2, 2, 2], [3, 2, 2], [2, 3, 2], [2, 2, 3]]);
    let margins = prop::collection::vec(any::<bool>(), 3);
    (by, sizes, prop::collection::vec(count, 12), margins).prop_map(
        |(by, sizes, counts, margins)| {
            let dimensions = by.iter().flatten().max().unwrap() + 1;
            let sizes = sizes[..dimensions].to_vec();
            let cells: u32 = sizes.iter().product();
            let releases = by.into_iter().zip(margins);
            World {
                persons: counts.iter().copied().take(cells as usize).collect(),
                sizes,
                releases: releases
                    .map(|(by, margins)| Release { by, margins })
                    .collect(),
            }
        },
    )
}

/// `PROPTEST_CASES` worlds, or so many.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.map_or(50, |asked| asked.parse().expect("a number"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Whoever tries all joint tables finds of every unsafe number, of the new release and
    /// of earlier ones, what is promised; and so does each person.
    #[test]
    fn whoever_tries_all_joint_tables_finds_what_is_promised(world in worlds(), full: bool) {
        prop_assume!(world.attack(full));
    }
}

/// That the links are of use: by the shared dimension alone, more would follow.
#[test]
fn a_proof_that_breaks_a_link_is_not_followed() {
    let world = World {
        sizes: vec![2, 2, 2],
        persons: vec![1, 6, 7, 8, 5, 9, 6, 7],
        releases: [[0, 1], [0, 2]]
            .map(|by| Release {
                by: by.into(),
                margins: false,
            })
            .into(),
    };
    let seen = world.seen();
    assert_eq!(seen.own, 4);
    let structure = Structure::new(8, seen.cells.iter().map(|(parts, _)| parts.clone()));
    let inner: Vec<i128> = seen
        .inner
        .iter()
        .flatten()
        .map(|joint| world.value(joint, &world.persons))
        .collect();
    let known = Knowledge {
        joint: Some(&seen.joint),
        ..Knowledge::new(&structure, &[false; 8])
    };
    let wanted = [Unsafe {
        cell: 0,
        possible: Possible::Consecutive(2),
    }];
    let missed = |changes: &[&[(u32, i64)]]| {
        let changes = changes.iter().map(|inner| kobling_sdc::proof::Change {
            inner: inner.to_vec(),
        });
        let proof = kobling_sdc::proof::Proof {
            cell: 0,
            changes: changes.collect(),
        };
        check(&known, &inner, &wanted, &[proof]).missed
    };
    // One more in the first inner cell of the one release, and in none of the other.
    assert_eq!(missed(&[&[(0, 1)]]), [0]);
    assert_eq!(missed(&[&[(0, 1), (4, 1)]]), Vec::<usize>::new());
    assert_eq!(missed(&[&[(0, 1), (5, 1)]]), Vec::<usize>::new());
    assert_eq!(missed(&[&[(0, 1), (6, 1)]]), [0]);
}
