//! The groups that several conditions on one thing distinguish.
//!
//! Of 50 persons 16 have at most 6, 7 from 8 to 40 and 26 more than 40: the one who is left
//! has none of it, or 7. No two of the counts disclose that; all of them together do. The persons
//! who satisfy the same of several conditions are an *atom*. Counts are sums of atoms, and so is the number of all;
//! an atom that is a sum of these with any signs can be derived as if it were published. So it is a
//! cell to protect, in every cell that the counts are published of, and in what two such are
//! finer than.
//!
//! Where nobody satisfies a condition, or everybody does, there are fewer atoms, and more follows.
//! Some of the conditions may disclose what all do not, where the others part an atom of theirs; so
//! each choice of them is looked at.

mod follow;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Grouped;
use super::cells::InnerByCategory;
use super::groups::{Groups, common, is_cut};
use crate::error::Result;
use crate::plan::table::{Rules, TablePlan};
use crate::protect::history::further::{FurtherCell, FurtherFrom};
use crate::protect::quantity::Quantity;
use crate::table::{Confidential, Population, Table};
use follow::that_follow;

/// Two conditions have nothing but cells of theirs, and what lies between them.
const FEWEST: usize = 3;

/// The most conditions on one thing of which each choice is looked at; of more all are, together.
const MOST_CHOSEN_FROM: usize = 8;

/// Which of several conditions somebody satisfies: by condition its category.
type Satisfied = Vec<u32>;

impl Population {
    /// The unsafe atoms of `quantity` that follow from the counts of these groupings, and which
    /// were not `seen`.
    pub(super) fn atoms(
        &self,
        quantity: Quantity,
        (plans, tables): (&[TablePlan], &[Table<Confidential>]),
        (groupings, cells): (&[Grouped], &InnerByCategory<'_>),
        seen: &mut HashSet<Vec<u32>>,
    ) -> Result<Vec<FurtherCell>> {
        let mut found = Vec::new();
        // Who has several rows satisfies a condition in a cell if any of them does: that is
        // not the same in the cells that it is the sum of. Of rows, audits do not know which
        // conditions exclude each other.
        if quantity != Quantity::Persons || !self.one_row_each {
            return Ok(found);
        }
        let is_hidden = |at: usize| self.dimension(at, tables).hidden;
        for group in self.related() {
            let counts = |of: &Grouped, at: usize| is_hidden(at) && of.distinguishes(at);
            let conditions = group.iter().copied();
            let conditions = conditions.filter(|at| groupings.iter().any(|of| counts(of, *at)));
            let conditions: Vec<usize> = conditions.collect();
            if conditions.len() < FEWEST {
                continue;
            }
            let counting = groupings.iter();
            let counting = counting.filter(|of| conditions.iter().any(|at| counts(of, *at)));
            let counting: Vec<&Grouped> = counting.collect();
            let of_tables: BTreeSet<usize> = counting.iter().map(|of| of.table).collect();
            let rules: Vec<&Rules> = of_tables.iter().map(|at| &plans[*at].protect).collect();
            let mut choices = Choices::new(conditions.len());
            for visible in shared(&counting, is_hidden) {
                for cell in cells.by_satisfied(&visible, &conditions) {
                    for (chosen, members) in choices.atoms(&cell) {
                        if !seen.insert(members.clone()) {
                            continue;
                        }
                        let names = chosen.iter().map(|at| conditions[*at]);
                        let names = names.map(|at| self.dimension(at, tables).name.clone());
                        let origin = FurtherFrom::Conditions(names.collect());
                        let of = (quantity, self.one_row_each);
                        found.extend(cells.unsafe_cell(of, &rules, (origin, members))?);
                    }
                }
            }
        }
        Ok(found)
    }
}

/// How groupings distinguish the dimensions that releases have; and what each two of them
/// both do.
fn shared(groupings: &[&Grouped], is_hidden: impl Fn(usize) -> bool) -> BTreeSet<Vec<Groups>> {
    let visible = groupings.iter().map(|of| {
        let each = of.by.iter().enumerate();
        let each = each.map(|(at, groups)| match is_hidden(at) {
            true => vec![0; groups.len()],
            false => groups.clone(),
        });
        each.collect()
    });
    let visible: BTreeSet<Vec<Groups>> = visible.collect();
    let both = visible.iter().flat_map(|one| {
        let others = visible.iter();
        others.map(move |other| {
            let each = one.iter().zip(other);
            each.map(|(one, other)| common(one, other)).collect()
        })
    });
    both.collect()
}

/// Inner cells, by what is satisfied in them; and whether anybody is there.
type BySatisfied = BTreeMap<Satisfied, (Vec<u32>, bool)>;

impl InnerByCategory<'_> {
    /// For each group of the dimensions, its inner cells by which of the conditions are satisfied.
    fn by_satisfied(&self, visible: &[Groups], conditions: &[usize]) -> Vec<BySatisfied> {
        let cut = (0..visible.len()).filter(|at| is_cut(&visible[*at]));
        let cut: Vec<usize> = cut.collect();
        let mut all: BTreeMap<Vec<u32>, BySatisfied> = BTreeMap::new();
        for cell in (0..self.cells.len()).filter(|cell| self.is_possible(*cell)) {
            let place = |at: &usize| self.places[*at][cell];
            let group = cut.iter().map(|at| visible[*at][place(at) as usize]);
            let group = all.entry(group.collect()).or_default();
            let satisfied = conditions.iter().map(place).collect();
            let (members, somebody) = group.entry(satisfied).or_default();
            members.push(cell as u32);
            *somebody |= self.cells[cell].1.persons > 0;
        }
        all.into_values().collect()
    }
}

/// Which of the conditions are looked at together, and what was found of each choice.
struct Choices {
    /// Their places, ascending.
    chosen: Vec<Vec<usize>>,
    /// By what may be satisfied, for each choice the atoms that follow.
    follow: HashMap<Vec<Satisfied>, Vec<Vec<Satisfied>>>,
}

impl Choices {
    fn new(conditions: usize) -> Self {
        let chosen = match conditions {
            ..=MOST_CHOSEN_FROM => (0..1usize << conditions)
                .map(|bits| (0..conditions).filter(|at| bits >> at & 1 == 1).collect())
                .filter(|chosen: &Vec<usize>| chosen.len() >= FEWEST)
                .collect(),
            _ => vec![(0..conditions).collect()],
        };
        Self {
            chosen,
            follow: HashMap::new(),
        }
    }

    /// The atoms of a cell that follow: by which of the conditions, and their inner cells.
    fn atoms(&mut self, cell: &BySatisfied) -> Vec<(&[usize], Vec<u32>)> {
        // For each condition, whether anybody satisfies it, and whether anybody does not.
        let mut there: Vec<BTreeSet<u32>> =
            vec![BTreeSet::new(); self.chosen.last().map_or(0, Vec::len)];
        for (satisfied, _) in cell.iter().filter(|(_, (_, somebody))| *somebody) {
            for (there, category) in there.iter_mut().zip(satisfied) {
                there.insert(*category);
            }
        }
        let may_be = cell.keys().filter(|satisfied| {
            let mut each = satisfied.iter().zip(&there);
            each.all(|(category, there)| there.contains(category))
        });
        let may_be: Vec<Satisfied> = may_be.cloned().collect();
        let chosen = &self.chosen;
        let follow = self.follow.entry(may_be).or_insert_with_key(|may_be| {
            let each = chosen.iter().map(|chosen| {
                let atoms: BTreeSet<Satisfied> =
                    may_be.iter().map(|all| part(chosen, all)).collect();
                that_follow(&atoms.into_iter().collect::<Vec<_>>())
            });
            each.collect()
        });
        let each = chosen.iter().zip(follow);
        let atoms = each.flat_map(|(chosen, follow)| {
            follow.iter().map(move |atom| {
                let own = cell.iter().filter(|(all, _)| part(chosen, all) == *atom);
                let mut members: Vec<u32> =
                    own.flat_map(|(_, (members, _))| members.clone()).collect();
                members.sort_unstable();
                (&chosen[..], members)
            })
        });
        atoms.collect()
    }
}

fn part(chosen: &[usize], satisfied: &[u32]) -> Satisfied {
    chosen.iter().map(|at| satisfied[*at]).collect()
}
