//! A release cut down to what decides a pattern: no row twice, no column twice, block by block.
//!
//! Inner cells that are in the same published cells are never distinguished, so
//! they are one column. Published cells that are sums of the same inner cells
//! are one number under several names: one line, of which all or none may be
//! published. And what no chain of cells connects cannot give anything away of
//! each other: a block each, which can be solved side by side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;

use super::tableau::Sum;
use super::{Contributors, Request, SuppressionRefusal};
use crate::structure::Structure;

/// No column, no block, no line: larger than any of theirs.
const NONE: u32 = u32::MAX;

/// A part of a release that shares no inner cell with any other part.
#[derive(Debug, Default)]
pub(super) struct LineBlock {
    /// The lines that must not be derived, each its columns.
    pub(super) primary: Vec<Vec<u32>>,
    /// Of each primary line, the insiders who know that nobody else is in it.
    pub(super) owners: Vec<Vec<u32>>,
    /// The lines to decide, those already published first, then forced ones, then from most
    /// to least wanted.
    pub(super) candidates: Vec<Candidate>,
    /// Of each column, the insiders who know it.
    pub(super) known_to: Vec<Vec<u32>>,
    /// Of each insider, the columns.
    pub(super) insiders: Vec<Vec<u32>>,
    /// Of each column, whether its cells are known to be at their least value.
    pub(super) least: Vec<bool>,
}

impl LineBlock {
    /// Where in `line` the column to solve is: that of the least `cost`, of equals the first; but none
    /// at its least value if another is left, so that sums of only such columns stay in sight; and
    /// rather no insider's, for an insider of a free column knows just that column, which makes little
    /// to compare.
    pub(super) fn pivot(&self, line: &Sum, cost: impl Fn(u32) -> usize) -> usize {
        let of_interest = line.iter().map(|&(column, _)| {
            let at = column as usize;
            (self.least[at], !self.known_to[at].is_empty(), cost(column))
        });
        let first = of_interest
            .enumerate()
            .min_by_key(|&(_, interest)| interest);
        first.map_or(0, |(at, _)| at)
    }
}

/// A line that is published unless that would give a primary line away.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The first of the cells that this line represents.
    pub(super) cell: u32,
    pub(super) forced: bool,
    pub(super) out: bool,
    pub(super) columns: Vec<u32>,
}

/// The blocks of a release, and of each cell the first cell that is the same line.
pub(super) struct Reduced {
    pub(super) blocks: Vec<LineBlock>,
    pub(super) same: Vec<u32>,
}

/// What is asked of a line: of all the cells that it represents together.
#[derive(Clone, Copy, Default)]
struct Line {
    primary: bool,
    forced: bool,
    out: bool,
    placed: bool,
}

impl Reduced {
    /// `structure` and what is asked of it, without what does not matter.
    pub(super) fn new(
        structure: &Structure,
        request: &Request<'_>,
    ) -> Result<Self, SuppressionRefusal> {
        let columns = InnerColumns::new(structure, request.priority);
        let same = same_lines(structure);
        let lines = lines(structure, request, &same)?;
        let mut layout = columns.layout(structure, request);
        let cells = (0..structure.cells()).filter(|&cell| same[cell] == cell as u32);
        for cell in cells.filter(|&cell| lines[cell].primary) {
            layout.primary(cell);
        }
        layout.candidates(lines, &same);
        Ok(Self {
            blocks: layout.blocks,
            same,
        })
    }
}

/// Of each cell, the first cell with the same members.
fn same_lines(structure: &Structure) -> Vec<u32> {
    let mut first = HashMap::new();
    (0..structure.cells())
        .map(|cell| *first.entry(structure.members(cell)).or_insert(cell as u32))
        .collect()
}

/// What is asked of each line, kept at its first cell.
fn lines(
    structure: &Structure,
    request: &Request<'_>,
    same: &[u32],
) -> Result<Vec<Line>, SuppressionRefusal> {
    let mut lines = vec![Line::default(); same.len()];
    for (cell, &first) in same.iter().enumerate() {
        let line = &mut lines[first as usize];
        line.primary |= request.primary[cell];
        line.forced |= request.must_be_published(cell);
        line.out |= request.is_already_published(cell);
    }
    for (cell, &first) in same.iter().enumerate() {
        let line = lines[first as usize];
        if request.primary[cell] && structure.members(cell).is_empty() {
            return Err(SuppressionRefusal::Empty { cell });
        }
        if line.primary && line.forced {
            let forced = |other: &usize| same[*other] == first && request.must_be_published(*other);
            // The last one: cells of earlier releases come after the others.
            let cell = (0..same.len()).rev().find(forced).unwrap_or(cell);
            return Err(SuppressionRefusal::Forced { cell });
        }
    }
    Ok(lines)
}

/// The inner cells, those that are in the same cells together.
struct InnerColumns {
    /// Of each inner cell, its column; none for a cell that nothing is the sum of.
    of: Vec<u32>,
    /// Of each column, the first of its inner cells.
    first: Vec<u32>,
}

impl InnerColumns {
    fn new(structure: &Structure, wanted: &[u32]) -> Self {
        let cells_of = structure.transposed();
        let mut known: HashMap<&[u32], u32> = HashMap::new();
        let mut first = Vec::new();
        let of = (0..structure.inner()).map(|inner| {
            let cells = cells_of.members(inner);
            if cells.is_empty() {
                return NONE;
            }
            *known.entry(cells).or_insert_with(|| {
                first.push(inner as u32);
                first.len() as u32 - 1
            })
        });
        let columns = Self {
            of: of.collect(),
            first,
        };
        columns.in_order(&cells_of, wanted)
    }

    /// The columns in the order of the cells that they are in, these from least to most wanted.
    ///
    /// The first column of a line is the one that is solved for it. In this order that is one
    /// of the least categories, the same one for all lines of a kind: so each other column is
    /// in as few solved ones as there are margins, not in a web of them. And as small cells are
    /// published last if at all, few solved columns have to be exchanged for others later on.
    fn in_order(mut self, cells_of: &Structure, wanted: &[u32]) -> Self {
        let mut rank = vec![0; wanted.len()];
        for (place, &cell) in (0u32..).zip(wanted) {
            rank[cell as usize] = place;
        }
        self.first.sort_by_cached_key(|&inner| {
            let cells = cells_of.members(inner as usize).iter();
            let mut ranks: Vec<u32> = cells.map(|&cell| rank[cell as usize]).collect();
            ranks.sort_unstable();
            Reverse(ranks)
        });
        let mut moved = vec![NONE; self.first.len()];
        for (column, &inner) in (0u32..).zip(&self.first) {
            moved[self.of[inner as usize] as usize] = column;
        }
        for column in self.of.iter_mut().filter(|column| **column != NONE) {
            *column = moved[*column as usize];
        }
        self
    }

    /// The columns of a cell: those of its members that come first in one.
    fn members<'a>(&'a self, structure: &'a Structure, cell: usize) -> impl Iterator<Item = u32> {
        let members = structure.members(cell).iter();
        members
            .map(|&inner| (inner, self.of[inner as usize]))
            .filter(|&(inner, column)| self.first[column as usize] == inner)
            .map(|(_, column)| column)
    }

    /// Each column's place: in which block, and which column there.
    fn layout<'a>(self, structure: &'a Structure, request: &'a Request<'a>) -> Layout<'a> {
        let mut union = Union::new(self.first.len());
        for cell in 0..structure.cells() {
            let mut members = self.members(structure, cell);
            if let Some(first) = members.next() {
                members.for_each(|column| union.join(first, column));
            }
        }
        let mut layout = Layout {
            structure,
            request,
            block: vec![NONE; self.first.len()],
            place: vec![NONE; self.first.len()],
            empty: vec![false; self.first.len()],
            blocks: Vec::new(),
            columns: self,
        };
        let mut named = HashMap::new();
        for column in 0..layout.block.len() {
            let count = named.len() as u32;
            let block = *named.entry(union.root(column as u32)).or_insert(count);
            if block == count {
                layout.blocks.push(LineBlock::default());
            }
            let least = &mut layout.blocks[block as usize].least;
            layout.block[column] = block;
            layout.place[column] = least.len() as u32;
            least.push(!request.at_lower_bound.is_empty());
        }
        layout.people();
        layout
    }
}

/// Blocks under construction.
struct Layout<'a> {
    structure: &'a Structure,
    request: &'a Request<'a>,
    columns: InnerColumns,
    block: Vec<u32>,
    place: Vec<u32>,
    /// Of each column, whether nobody contributes to it.
    empty: Vec<bool>,
    blocks: Vec<LineBlock>,
}

impl Layout<'_> {
    /// Who knows which columns, and which are at their least value.
    ///
    /// A column is known to whoever knows each of its inner cells, but those that nobody is in.
    fn people(&mut self) {
        let mut populated = vec![0u32; self.block.len()];
        let mut knows: Vec<BTreeMap<u32, u32>> = vec![BTreeMap::new(); self.block.len()];
        for (inner, &column) in self.columns.of.iter().enumerate() {
            if column == NONE {
                continue;
            }
            let column = column as usize;
            match self.request.contributors.get(inner) {
                Some(Contributors::None) => {}
                Some(&Contributors::One(person)) => {
                    populated[column] += 1;
                    *knows[column].entry(person).or_default() += 1;
                }
                Some(Contributors::Many) | None => populated[column] += 1,
            }
            if let Some(false) = self.request.at_lower_bound.get(inner) {
                let block = &mut self.blocks[self.block[column] as usize];
                block.least[self.place[column] as usize] = false;
            }
        }
        for &(inner, person) in self.further() {
            let column = self.columns.of[inner as usize];
            if column != NONE {
                *knows[column as usize].entry(person).or_default() += 1;
            }
        }
        let mut named: HashMap<(u32, u32), u32> = HashMap::new();
        for (column, knows) in knows.into_iter().enumerate() {
            let all = knows
                .into_iter()
                .filter(|&(_, count)| count == populated[column]);
            let block = &mut self.blocks[self.block[column] as usize];
            let insiders = all.map(|(person, _)| {
                let number = named
                    .entry((self.block[column], person))
                    .or_insert_with(|| {
                        block.insiders.push(Vec::new());
                        block.insiders.len() as u32 - 1
                    });
                block.insiders[*number as usize].push(self.place[column]);
                *number
            });
            let insiders = insiders.collect();
            block.known_to.push(insiders);
            self.empty[column] = populated[column] == 0;
        }
    }

    /// What is known in addition to what the contributors say, each once.
    fn further(&self) -> impl Iterator<Item = &(u32, u32)> {
        let mut seen = HashSet::new();
        self.request
            .sole_contributors
            .iter()
            .filter(move |&&(inner, person)| {
                let said = match self.request.contributors.get(inner as usize) {
                    Some(Contributors::None) => true,
                    Some(&Contributors::One(own)) => own == person,
                    Some(Contributors::Many) | None => false,
                };
                !said && seen.insert((inner, person))
            })
    }

    /// The block of a cell that is not empty, and its columns there.
    fn line(&self, cell: usize) -> Option<(usize, Vec<u32>)> {
        let mut members = self.columns.members(self.structure, cell).peekable();
        let block = self.block[*members.peek()? as usize] as usize;
        let columns = members.map(|column| self.place[column as usize]);
        Some((block, columns.collect()))
    }

    fn primary(&mut self, cell: usize) {
        let Some((block, columns)) = self.line(cell) else {
            return;
        };
        let members = self.columns.members(self.structure, cell);
        let populated = members.filter(|&column| !self.empty[column as usize]);
        let places = populated.map(|column| self.place[column as usize]);
        let block = &mut self.blocks[block];
        let known_to = places.map(|place| &block.known_to[place as usize]);
        let owners = known_to.cloned().reduce(|all, one| {
            all.into_iter()
                .filter(|owner| one.contains(owner))
                .collect()
        });
        block.owners.push(owners.unwrap_or_default());
        block.primary.push(columns);
    }

    /// The lines to decide, in order. One with nothing in it is zero, and gives nothing away.
    fn candidates(&mut self, mut lines: Vec<Line>, same: &[u32]) {
        let all = 0..self.structure.cells();
        let out = all
            .clone()
            .filter(|&cell| self.request.is_already_published(cell));
        let forced = all.filter(|&cell| self.request.must_be_published(cell));
        let wanted = self.request.priority.iter().map(|&cell| cell as usize);
        let wanted = wanted.filter(|&cell| !self.request.is_withheld(cell));
        for cell in out.chain(forced).chain(wanted) {
            let line = &mut lines[same[cell] as usize];
            if line.primary || mem::replace(&mut line.placed, true) {
                continue;
            }
            let (forced, out) = (line.forced, line.out);
            if let Some((block, columns)) = self.line(cell) {
                self.blocks[block].candidates.push(Candidate {
                    cell: same[cell],
                    forced,
                    out,
                    columns,
                });
            }
        }
    }
}

/// Disjoint sets of columns (R. E. Tarjan, 1975), each named by one of them.
struct Union(Vec<u32>);

impl Union {
    fn new(columns: usize) -> Self {
        Self((0..columns as u32).collect())
    }

    fn root(&mut self, mut column: u32) -> u32 {
        while self.0[column as usize] != column {
            let parent = self.0[column as usize];
            self.0[column as usize] = self.0[parent as usize];
            column = parent;
        }
        column
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
