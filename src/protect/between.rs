//! What lies between two cuts of one thing.
//!
//! Bands from 18 years and bands from 19, a count of those below 18 and one of those
//! below 19: whoever has both subtracts them, and has those who are 18. No table has a
//! cell of them, but they are told as if one had. So they are cells to protect, though
//! nobody publishes them.
//!
//! Take two groupings, one with one cut and the other with the other, and what else both
//! tell apart. Which categories of the one go with which of the other is public, as far
//! as the cuts are made from the same thing: everybody knows who cannot be both below 18
//! and from 19 up. What follows of it are the edges of a graph, whose nodes are the cells
//! of both groupings. As long as an edge lies on a circle, persons can be moved along it,
//! and no total changes. An edge that lies on none, a *bridge*, is the difference of
//! totals.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::quantity::Quantity;
use super::rule;
use crate::error::Result;
use crate::ledger::entry::PromiseEntry;
use crate::plan::table::{CountInterval, Rules, TablePlan};
use crate::protect::history::further::{FurtherCell, FurtherFrom};
use crate::table::population::Member;
use crate::table::{Accumulator, Block, Confidential, Place, Population, Table};
use kobling_sdc::structure::Structure;

/// A way to put a dimension's categories together: by category, the number of its group.
type Groups = Vec<u32>;

/// A grouping of a table, on the dimensions of the population.
struct Grouped {
    table: usize,
    /// By dimension.
    by: Vec<Groups>,
}

impl Grouped {
    fn tells_apart(&self, dimension: usize) -> bool {
        // Where nobody is in any table there is nothing to tell apart.
        self.by.get(dimension).is_some_and(is_cut)
    }
}

fn is_cut(groups: &Groups) -> bool {
    groups.iter().any(|group| *group != 0)
}

/// Two dimensions that are made from the same thing, as two groupings cut them, and how
/// finely both tell all others apart.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    dimensions: [usize; 2],
    cuts: [Groups; 2],
    /// By dimension.
    context: Vec<Groups>,
}

impl Population {
    /// The unsafe cells of `quantity` between two cuts of those blocks that `publishes`
    /// picks, which are none of the `own` cells.
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
        let cells = Inner::of(self, tables);
        let groupings = self.groupings(tables, &cells, publishes)?;
        let mut seen: HashSet<Vec<u32>> = (0..own.cells())
            .map(|cell| cells.possible(own.members(cell)))
            .collect();
        let mut asked = HashSet::new();
        let mut found = Vec::new();
        for [one, other] in pairs(&groupings) {
            for dimensions in self.dimensions_between(one, other) {
                let question = Question::of(dimensions, one, other);
                let rules = [one, other].map(|of| &plans[of.table].protect);
                if !asked.insert((question.clone(), [one.table, other.table])) {
                    continue;
                }
                for members in cells.bridges(&question) {
                    if !seen.insert(members.clone()) {
                        continue;
                    }
                    let names = dimensions.map(|at| self.dimension_name(at, tables));
                    let of = (quantity, self.one_row_each);
                    found.extend(cells.unsafe_cell(of, rules, members, names)?);
                }
            }
        }
        Ok(found)
    }

    /// All different groupings that are published.
    fn groupings(
        &self,
        tables: &[Table<Confidential>],
        cells: &Inner<'_>,
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
                all.filter(|at| of.tells_apart(*at) && !not.tells_apart(*at))
                    .collect()
            };
            for first in only(one, other) {
                pairs.extend(only(other, one).into_iter().map(|second| [first, second]));
            }
        }
        pairs
    }

    /// What a dimension of the population is called in its tables.
    fn dimension_name(&self, at: usize, tables: &[Table<Confidential>]) -> String {
        let mut members = self.members.iter();
        let found = members.find_map(|member| {
            let own = member.dimensions.iter().position(|of| *of == at)?;
            Some(tables[member.table].dimensions[own].name.clone())
        });
        found.unwrap_or_default()
    }
}

fn pairs(groupings: &[Grouped]) -> impl Iterator<Item = [&Grouped; 2]> {
    let each = groupings.iter().enumerate();
    each.flat_map(|(at, one)| groupings[at + 1..].iter().map(move |other| [one, other]))
}

impl Question {
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

/// What both ways to group categories tell apart: the finest that is coarser than both.
fn common(one: &Groups, other: &Groups) -> Groups {
    let mut found: Vec<usize> = (0..one.len()).collect();
    // Categories of one group of either are together: what the first of each finds.
    loop {
        let mut changed = false;
        for groups in [one, other] {
            let mut least: HashMap<u32, usize> = HashMap::new();
            for (own, group) in found.iter().zip(groups) {
                let least = least.entry(*group).or_insert(*own);
                *least = (*least).min(*own);
            }
            for (own, group) in found.iter_mut().zip(groups) {
                changed |= *own != least[group];
                *own = least[group];
            }
        }
        if !changed {
            return numbered(found.into_iter());
        }
    }
}

/// Numbers what is the same alike, counted from 0 in the order of appearance.
fn numbered<T: std::hash::Hash + Eq>(each: impl Iterator<Item = T>) -> Groups {
    let mut numbers: HashMap<T, u32> = HashMap::new();
    each.map(|own| {
        let next = numbers.len() as u32;
        *numbers.entry(own).or_insert(next)
    })
    .collect()
}

/// A population's inner cells, by category.
struct Inner<'a> {
    cells: &'a [(Place, Accumulator)],
    impossible: Vec<bool>,
    /// By dimension its categories, ascending.
    categories: Vec<Vec<i64>>,
    /// By dimension the category of each inner cell, counted from 0.
    places: Vec<Vec<u32>>,
}

impl<'a> Inner<'a> {
    fn of(population: &'a Population, tables: &'a [Table<Confidential>]) -> Self {
        let cells = population.inner(tables);
        let dimensions = cells.first().map_or(0, |(place, _)| place.len());
        let categories = (0..dimensions).map(|at| {
            let all: BTreeSet<i64> = cells.iter().map(|(place, _)| place[at]).collect();
            all.into_iter().collect::<Vec<i64>>()
        });
        let categories: Vec<Vec<i64>> = categories.collect();
        let places = categories.iter().enumerate().map(|(at, all)| {
            let category = |place: &Place| all.partition_point(|own| *own < place[at]) as u32;
            cells.iter().map(|(place, _)| category(place)).collect()
        });
        Self {
            cells,
            impossible: population.impossible(tables),
            places: places.collect(),
            categories,
        }
    }

    /// How a block of a member groups the categories of each dimension.
    fn groups(
        &self,
        member: &Member,
        table: &Table<Confidential>,
        block: &Block<Confidential>,
    ) -> Result<Vec<Groups>> {
        let each = self.categories.iter().enumerate().map(|(at, categories)| {
            let Some(own) = member.dimensions.iter().position(|of| *of == at) else {
                return Ok(vec![0; categories.len()]);
            };
            let at = categories.iter().map(|category| {
                let ordinal = member.category(own, *category);
                table.dimensions[own].at(block.grouping[own], ordinal)
            });
            Ok(numbered(at.collect::<Result<Vec<i64>>>()?.into_iter()))
        });
        each.collect()
    }

    /// Those of some inner cells that somebody may be in.
    fn possible(&self, members: &[u32]) -> Vec<u32> {
        let possible = members.iter().copied();
        possible
            .filter(|at| !self.impossible[*at as usize])
            .collect()
    }

    /// The inner cells of each edge that is a bridge, and no cell of one of the groupings.
    fn bridges(&self, question: &Question) -> Vec<Vec<u32>> {
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

    /// A cell of these inner ones that nobody publishes, if the rules of either grouping's
    /// table find it unsafe.
    fn unsafe_cell(
        &self,
        (quantity, one_row_each): (Quantity, bool),
        rules: [&Rules; 2],
        members: Vec<u32>,
        names: [String; 2],
    ) -> Result<Option<FurtherCell>> {
        let cells = || members.iter().map(|at| &self.cells[*at as usize].1);
        let Some(mut figures) = cells().next().cloned() else {
            return Ok(None);
        };
        for other in cells().skip(1) {
            figures.merge(other)?;
        }
        if !one_row_each {
            // Somebody may be in several: so many there are for certain.
            figures.persons = cells().map(|cell| cell.persons).max().unwrap_or(0);
        }
        if figures.persons == 0 {
            return Ok(None);
        }
        let mut unsafe_by = Vec::new();
        for rules in rules {
            let found = match (rule::persons(rules, figures.persons), quantity) {
                (Some(rule), _) => Some(rule),
                (None, Quantity::Contribution(at)) => {
                    rule::contributions(rules, &figures.totals[at])?
                }
                (None, Quantity::Persons) => None,
            };
            unsafe_by.extend(found.map(|rule| (rules, rule)));
        }
        if unsafe_by.is_empty() {
            return Ok(None);
        }
        let unsafe_sum = match quantity {
            Quantity::Persons => None,
            Quantity::Contribution(at) => {
                let total = &figures.totals[at];
                let levels = unsafe_by.iter();
                let levels =
                    levels.map(|(rules, rule)| rule::protection_level(rules, *rule, total));
                levels.max().map(|level| (total.sum, level))
            }
        };
        Ok(Some(FurtherCell {
            origin: FurtherFrom::Between(names),
            published: None,
            unsafe_sum,
            filled: false,
            promise: promise(rules),
            inner: members.clone(),
            whole: Some(members.clone()),
            members,
        }))
    }
}

/// What is promised by the rules of either of two tables.
fn promise(rules: [&Rules; 2]) -> PromiseEntry {
    let [one, other] = rules.map(|rules| rules.count_interval);
    PromiseEntry {
        min_persons: rules
            .map(|rules| rules.min_persons)
            .into_iter()
            .fold(0, u64::max),
        count_interval: match (one, other) {
            (CountInterval::Values(one), CountInterval::Values(other)) => {
                CountInterval::Values(one.max(other))
            }
            _ => CountInterval::Full,
        },
    }
}

/// The edges of a graph that lie on no circle: without one of them, its ends are apart.
///
/// By depth-first search (Tarjan, A note on finding the bridges of a graph, Information
/// Processing Letters 2(6), 1974): an edge down the tree is a bridge if nothing below it
/// leads back above it.
fn bridges(edges: &[[u32; 2]]) -> Vec<[u32; 2]> {
    let nodes = edges.iter().flatten().max().map_or(0, |last| last + 1) as usize;
    let mut beside: Vec<Vec<(usize, usize)>> = vec![Vec::new(); nodes];
    for (number, [one, other]) in edges.iter().enumerate() {
        beside[*one as usize].push((*other as usize, number));
        beside[*other as usize].push((*one as usize, number));
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
            let Some(&(other, edge)) = beside[at].get(*followed) else {
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

        #[test]
        fn what_is_common_tells_apart_what_both_do(
            groups in prop::collection::vec((0..5u32, 0..5u32), 1..12),
        ) {
            let (one, other): (Groups, Groups) = groups.iter().copied().unzip();
            let common = common(&one, &other);
            // Whoever is together in either is together; and two groups of it share nothing.
            for (at, group) in common.iter().enumerate() {
                for (of, other_group) in common.iter().enumerate() {
                    let same = one[at] == one[of] || other[at] == other[of];
                    prop_assert!(!same || group == other_group);
                }
            }
            let parts = |groups: &Groups| groups.iter().collect::<BTreeSet<_>>().len();
            let edges: BTreeSet<(&u32, &u32)> = one.iter().zip(&other).collect();
            // As many groups as the graph of both has connected parts.
            let mut joined: Vec<BTreeSet<(bool, u32)>> = Vec::new();
            for (a, b) in edges {
                let own = BTreeSet::from([(false, *a), (true, *b)]);
                let (touching, rest): (Vec<_>, Vec<_>) =
                    joined.into_iter().partition(|set| !set.is_disjoint(&own));
                joined = rest;
                joined.push(touching.into_iter().flatten().chain(own).collect());
            }
            prop_assert_eq!(parts(&common), joined.len());
        }
    }
}
