//! What lies between two cuts of one thing.
//!
//! Bands from 18 years and bands from 19, a count of those below 18 and one of those
//! below 19: whoever has both subtracts them, and has those who are 18. No table has a
//! cell of them, but they can be derived as if one had. So they are cells to protect, though
//! nobody publishes them.
//!
//! Take two groupings, one with one cut and the other with the other, and what else both
//! distinguish. Which categories of the one go with which of the other is public, as far
//! as the cuts are made from the same thing: everybody knows who cannot be both below 18
//! and from 19 up. What follows of it are the edges of a graph, whose nodes are the cells
//! of both groupings. As long as an edge lies on a circle, persons can be moved along it,
//! and no total changes. An edge that lies on none, a *bridge*, is the difference of
//! totals.

mod atoms;
mod cells;
mod groups;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::quantity::Quantity;
use crate::error::Result;
use crate::plan::table::TablePlan;
use crate::protect::history::further::{FurtherCell, FurtherFrom};
use crate::table::{Block, Confidential, Dimension, Population, Table};
use cells::InnerByCategory;
use groups::{Groups, common, is_cut, numbered};
use kobling_sdc::structure::Structure;

/// A grouping of a table, on the dimensions of the population.
struct Grouped {
    table: usize,
    /// By dimension.
    by: Vec<Groups>,
}

impl Grouped {
    fn distinguishes(&self, dimension: usize) -> bool {
        // Where nobody is in any table there is nothing to distinguish.
        self.by.get(dimension).is_some_and(is_cut)
    }
}

/// Two dimensions that are made from the same thing, as two groupings cut them, and how
/// finely both distinguish all others.
#[derive(Clone, PartialEq, Eq, Hash)]
struct CutPair {
    dimensions: [usize; 2],
    cuts: [Groups; 2],
    /// By dimension.
    context: Vec<Groups>,
}

impl Population {
    /// The unsafe cells of `quantity` between two cuts of those blocks that `publishes`
    /// picks, and of those whom several conditions distinguish, which are none of the `own`
    /// cells.
    pub(super) fn between(
        &self,
        quantity: Quantity,
        (plans, tables): (&[TablePlan], &[Table<Confidential>]),
        own: &Structure,
        publishes: impl Fn(usize, &Block<Confidential>) -> bool,
    ) -> Result<Vec<FurtherCell>> {
        if self.related().is_empty() {
            return Ok(Vec::new());
        }
        let cells = InnerByCategory::of(self, tables);
        let groupings = self.groupings(tables, &cells, publishes)?;
        let mut seen: HashSet<Vec<u32>> = (0..own.cells())
            .map(|cell| cells.possible(own.members(cell)))
            .collect();
        let mut asked = HashSet::new();
        let mut found = Vec::new();
        for [one, other] in pairs(&groupings) {
            for dimensions in self.dimensions_between(one, other) {
                let question = CutPair::of(dimensions, one, other);
                let rules = [one, other].map(|of| &plans[of.table].protect);
                if !asked.insert((question.clone(), [one.table, other.table])) {
                    continue;
                }
                for members in cells.bridges(&question) {
                    if !seen.insert(members.clone()) {
                        continue;
                    }
                    let names = dimensions.map(|at| self.dimension(at, tables).name.clone());
                    let of = (quantity, self.one_row_each);
                    let cell = (FurtherFrom::Between(names), members);
                    found.extend(cells.unsafe_cell(of, &rules, cell)?);
                }
            }
        }
        let groupings_and_cells = (&groupings[..], &cells);
        found.extend(self.atoms(quantity, (plans, tables), groupings_and_cells, &mut seen)?);
        Ok(found)
    }

    /// All different groupings that are published.
    fn groupings(
        &self,
        tables: &[Table<Confidential>],
        cells: &InnerByCategory<'_>,
        publishes: impl Fn(usize, &Block<Confidential>) -> bool,
    ) -> Result<Vec<Grouped>> {
        let mut groupings: Vec<Grouped> = Vec::new();
        for member in &self.members {
            let table = &tables[member.table];
            let blocks = table.blocks.iter();
            for block in blocks.filter(|block| publishes(member.table, block)) {
                let grouped = Grouped {
                    table: member.table,
                    by: cells.groups(member, table, block)?,
                };
                let same =
                    |other: &Grouped| (other.table, &other.by) == (grouped.table, &grouped.by);
                if !groupings.iter().any(same) {
                    groupings.push(grouped);
                }
            }
        }
        Ok(groupings)
    }

    /// The pairs of dimensions that are made from the same thing, of which one grouping
    /// has the first only, and the other the second.
    fn dimensions_between(&self, one: &Grouped, other: &Grouped) -> Vec<[usize; 2]> {
        let mut pairs = Vec::new();
        for group in self.related() {
            let only = |of: &Grouped, not: &Grouped| -> Vec<usize> {
                let all = group.iter().copied();
                all.filter(|at| of.distinguishes(*at) && !not.distinguishes(*at))
                    .collect()
            };
            for first in only(one, other) {
                pairs.extend(only(other, one).into_iter().map(|second| [first, second]));
            }
        }
        pairs
    }

    /// A dimension of the population, as one of its tables has it.
    fn dimension<'a>(&self, at: usize, tables: &'a [Table<Confidential>]) -> &'a Dimension {
        let mut members = self.members.iter();
        let found = members.find_map(|member| {
            let own = member.dimensions.iter().position(|of| *of == at)?;
            Some(&tables[member.table].dimensions[own])
        });
        found.expect("a population has the dimensions of its tables")
    }
}

fn pairs(groupings: &[Grouped]) -> impl Iterator<Item = [&Grouped; 2]> {
    let each = groupings.iter().enumerate();
    each.flat_map(|(at, one)| groupings[at + 1..].iter().map(move |other| [one, other]))
}

impl CutPair {
    fn of(dimensions: [usize; 2], one: &Grouped, other: &Grouped) -> Self {
        let context = one.by.iter().zip(&other.by).enumerate();
        let context = context.map(|(at, (one, other))| match dimensions.contains(&at) {
            true => vec![0; one.len()],
            false => common(one, other),
        });
        Self {
            dimensions,
            cuts: [
                one.by[dimensions[0]].clone(),
                other.by[dimensions[1]].clone(),
            ],
            context: context.collect(),
        }
    }
}

impl InnerByCategory<'_> {
    /// The inner cells of each edge that is a bridge, and no cell of one of the groupings.
    fn bridges(&self, question: &CutPair) -> Vec<Vec<u32>> {
        let possible = self.possible(&(0..self.cells.len() as u32).collect::<Vec<u32>>());
        let group = |groups: &Groups, dimension: usize, cell: u32| {
            groups[self.places[dimension][cell as usize] as usize]
        };
        let node = |side: usize, cell: u32| -> Vec<u32> {
            let context = question.context.iter().enumerate();
            let mut node: Vec<u32> = context
                .map(|(dimension, groups)| group(groups, dimension, cell))
                .collect();
            node.push(side as u32);
            node.push(group(&question.cuts[side], question.dimensions[side], cell));
            node
        };
        let ends = possible
            .iter()
            .flat_map(|cell| [node(0, *cell), node(1, *cell)]);
        let ends = numbered(ends);
        let (ends, _) = ends.as_chunks::<2>();
        let mut edges: BTreeMap<[u32; 2], Vec<u32>> = BTreeMap::new();
        for (cell, ends) in possible.iter().zip(ends) {
            edges.entry(*ends).or_default().push(*cell);
        }
        let mut degrees: HashMap<u32, usize> = HashMap::new();
        for node in edges.keys().flatten() {
            *degrees.entry(*node).or_default() += 1;
        }
        let all: Vec<[u32; 2]> = edges.keys().copied().collect();
        let bridges = bridges(&all).into_iter();
        let bridges = bridges.filter(|[one, other]| degrees[one] > 1 && degrees[other] > 1);
        bridges.map(|edge| edges[&edge].clone()).collect()
    }
}

/// The edges of a graph that lie on no circle: without one of them, its ends are apart.
///
/// By depth-first search (Tarjan, A note on finding the bridges of a graph, Information
/// Processing Letters 2(6), 1974): an edge down the tree is a bridge if nothing below it
/// leads back above it.
fn bridges(edges: &[[u32; 2]]) -> Vec<[u32; 2]> {
    let nodes = edges.iter().flatten().max().map_or(0, |last| last + 1) as usize;
    let mut adjacent: Vec<Vec<(usize, usize)>> = vec![Vec::new(); nodes];
    for (number, [one, other]) in edges.iter().enumerate() {
        adjacent[*one as usize].push((*other as usize, number));
        adjacent[*other as usize].push((*one as usize, number));
    }
    const NEW: usize = usize::MAX;
    let (mut met, mut least) = (vec![NEW; nodes], vec![NEW; nodes]);
    let mut next = 0;
    let mut found = Vec::new();
    for start in 0..nodes {
        if met[start] != NEW {
            continue;
        }
        // A node, the edge by which it was reached, and how many of its edges were followed.
        let mut path: Vec<(usize, Option<usize>, usize)> = vec![(start, None, 0)];
        (met[start], least[start]) = (next, next);
        next += 1;
        while let Some((node, by, followed)) = path.last_mut() {
            let (at, reached_by) = (*node, *by);
            let Some(&(other, edge)) = adjacent[at].get(*followed) else {
                path.pop();
                if let (Some((above, _, _)), Some(edge)) = (path.last(), reached_by) {
                    least[*above] = least[*above].min(least[at]);
                    if least[at] > met[*above] {
                        found.push(edges[edge]);
                    }
                }
                continue;
            };
            *followed += 1;
            if Some(edge) == reached_by {
                continue;
            }
            if met[other] == NEW {
                (met[other], least[other]) = (next, next);
                next += 1;
                path.push((other, Some(edge), 0));
            } else {
                least[at] = least[at].min(met[other]);
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The twin takes each edge away and looks whether its ends are still together.
    fn bridges_one_by_one(edges: &[[u32; 2]]) -> Vec<[u32; 2]> {
        let together = |without: usize| {
            let [one, other] = edges[without];
            let mut reached = BTreeSet::from([one]);
            loop {
                let before = reached.len();
                let others = edges.iter().enumerate();
                for (_, ends) in others.filter(|(at, _)| *at != without) {
                    if ends.iter().any(|end| reached.contains(end)) {
                        reached.extend(ends);
                    }
                }
                if reached.len() == before {
                    return reached.contains(&other);
                }
            }
        };
        let all = (0..edges.len()).filter(|at| !together(*at));
        all.map(|at| edges[at]).collect()
    }

    proptest! {
        #[test]
        fn bridges_are_what_nothing_goes_around(
            edges in prop::collection::btree_set((0..7u32, 7..14u32), 0..16),
        ) {
            let edges: Vec<[u32; 2]> = edges.into_iter().map(|(a, b)| [a, b]).collect();
            prop_assert_eq!(bridges(&edges), bridges_one_by_one(&edges));
        }

    }
}
