//! Small tables with margins and levels, and the sums that are of least values alone.

use std::collections::BTreeSet;

use kobling_sdc::structure::Structure;
use kobling_sdc::suppress::Contributors;
use proptest::prelude::*;

use super::twin;

/// A table with margins and levels, of which some cells may be missing.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) structure: Structure,
    pub(super) counts: Vec<u64>,
    pub(super) inner: Vec<u64>,
}

impl Table {
    /// Dimensions of so many categories, of which each `pair` of neighbours is a group of its own;
    /// a cell is left out where `kept` says no.
    pub(super) fn new(sizes: &[(u32, bool)], counts: &[u64], kept: &[bool]) -> Self {
        let all: u32 = sizes.iter().map(|&(size, _)| size).product();
        let mut cells: Vec<Vec<u32>> = vec![(0..all).collect()];
        let mut stride = 1;
        for &(size, pairs) in sizes {
            let category = |inner: u32| inner / stride % size;
            let mut groups: Vec<Vec<u32>> = (0..size).map(|one| vec![one]).collect();
            if pairs {
                groups.extend((0..size - 1).step_by(2).map(|one| vec![one, one + 1]));
            }
            groups.push((0..size).collect());
            let split = cells.iter().flat_map(|cell| {
                let part = |group: &Vec<u32>| {
                    let members = cell.iter().copied();
                    members
                        .filter(|&inner| group.contains(&category(inner)))
                        .collect()
                };
                groups.iter().map(part).collect::<Vec<_>>()
            });
            cells = split.collect();
            stride *= size;
        }
        let mut kept = kept.iter().cycle();
        cells.retain(|_| *kept.next().unwrap_or(&true));
        let inner: Vec<u64> = counts.iter().copied().cycle().take(all as usize).collect();
        let counts = cells
            .iter()
            .map(|cell| cell.iter().map(|&one| inner[one as usize]).sum());
        Self {
            counts: counts.collect(),
            structure: Structure::new(all as usize, cells),
            inner,
        }
    }

    /// How many sums there are among some cells: those of the same inner cells are one.
    pub(super) fn lines(&self, among: impl Fn(usize) -> bool) -> usize {
        let cells = (0..self.structure.cells()).filter(|&cell| among(cell));
        let lines: BTreeSet<&[u32]> = cells.map(|cell| self.structure.members(cell)).collect();
        lines.len()
    }

    pub(super) fn small(&self, limit: u64) -> Vec<bool> {
        let small = |&count: &u64| (1..limit).contains(&count);
        self.counts.iter().map(small).collect()
    }

    /// Each count of one is a person's, of so many persons in turn.
    pub(super) fn contributors(&self, persons: u32) -> Vec<Contributors> {
        let mut person = 0;
        let contributors = self.inner.iter().map(|count| match count {
            0 => Contributors::None,
            1 => {
                person = (person + 1) % persons;
                Contributors::One(person)
            }
            _ => Contributors::Many,
        });
        contributors.collect()
    }
}

pub(super) fn tables() -> impl Strategy<Value = Table> {
    let sizes = prop::collection::vec((1u32..=4, any::<bool>()), 1..=3);
    let sizes = sizes.prop_filter("small enough for the twin", |sizes| {
        sizes.iter().map(|&(size, _)| size).product::<u32>() <= 18
    });
    let counts = prop::collection::vec(prop_oneof![3 => 0u64..4, 2 => 0u64..20], 1..24);
    let kept = prop::collection::vec(prop::bool::weighted(0.85), 1..40);
    (sizes, counts, kept).prop_map(|(sizes, counts, kept)| Table::new(&sizes, &counts, &kept))
}

/// Of cells, those whose turn it is: about one in `of`, none if that is zero.
pub(super) fn some(cells: usize, of: usize, from: usize) -> Vec<bool> {
    (0..cells)
        .map(|cell| of > 0 && (cell * 7 + from).is_multiple_of(of))
        .collect()
}

/// Sums of published cells that are sums of `least` inner cells alone, with small weights.
pub(super) fn least_sums(table: &Table, least: &[bool], published: &[bool]) -> Vec<twin::Vector> {
    let (structure, inner) = (&table.structure, table.inner.len());
    let mut order: Vec<usize> = (0..inner).collect();
    order.sort_by_key(|&one| least[one]);
    let others = least.iter().filter(|&&least| !least).count();
    let published = (0..structure.cells()).filter(|&cell| published[cell]);
    let rows = published.map(|cell| {
        let row = twin::row(structure, cell);
        order.iter().map(|&one| row[one]).collect()
    });
    let span = twin::Span::of(rows);
    let mut sums = vec![vec![twin::Fraction::ZERO; inner]];
    for basis in span.after(others).take(4) {
        let weighted = sums.iter().flat_map(|sum| {
            (-3..=3).map(|weight| {
                let weight = twin::Fraction::whole(weight);
                let numbers = sum.iter().zip(basis);
                numbers
                    .map(|(sum, &by)| sum.minus(weight.times(by)))
                    .collect()
            })
        });
        sums = weighted.collect();
    }
    sums
}
