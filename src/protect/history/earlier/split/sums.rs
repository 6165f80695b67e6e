//! What a published sum says of the persons who may contribute to it.
//!
//! A sum says that its cell has `min_persons` contributors. Whoever has another table, of
//! another release perhaps, by who is found in the look-up, knows in which of its cells
//! nobody contributes; so all of them are in the others.

use std::collections::{BTreeMap, BTreeSet};

use super::{Split, finest_of};
use crate::column::NOWHERE;
use crate::ledger::entry::{CellEntry, Figure, TableEntry};
use crate::plan::table::Origin;
use crate::protect::history::earlier::joint::Floor;
use crate::protect::history::earlier::lacking::{Lacking, LackingBefore};

/// What the sums of a table say.
pub(super) struct SumsOf {
    /// What whoever contributes has a value of.
    of: Origin,
    /// By cell, how many contribute at least.
    contributors: Vec<u64>,
}

/// The cells of one table on the joint ones.
struct CellsOf<'a> {
    /// For each joint cell the one that it is part of, or [`NOWHERE`].
    of: &'a [u32],
    /// How many persons are in each.
    persons: &'a [i128],
    /// The first one's place among those of all tables.
    start: u32,
    lacking: &'a [Lacking],
}

impl Split {
    /// What sums say of the persons who may contribute to them: first on the inner cells after
    /// splitting, then on those of the population and of the tables, one after another.
    pub(super) fn said_by_sums(&self) -> Vec<(Floor, Floor)> {
        let own = CellsOf {
            of: &self.of,
            persons: &self.persons,
            start: 0,
            lacking: &self.lacking,
        };
        let mut tables = vec![own];
        let mut start = self.persons.len() as u32;
        for table in &self.joined {
            tables.extend(table.margin.as_ref().map(|margin| CellsOf {
                of: &table.finest,
                persons: &margin.persons,
                start,
                lacking: &table.lacking,
            }));
            start += table.cells_of.len() as u32;
        }
        let mut said = Vec::new();
        for table in self.joined.iter().filter(|table| !table.sums.is_empty()) {
            let finest_of = finest_of(&table.cells_of, table.disclosed.len());
            let mut parts_of: Vec<Vec<u32>> = vec![Vec::new(); table.cells_of.len()];
            for (inner, finest) in (0..).zip(&table.finest).filter(|(_, at)| **at != NOWHERE) {
                parts_of[*finest as usize].push(inner);
            }
            let members = |cell: usize| {
                let finest = finest_of[cell].iter();
                finest
                    .flat_map(|at| parts_of[*at as usize].iter().copied())
                    .collect()
            };
            said.extend(floors(&table.sums, &members, &tables));
        }
        said
    }

    /// In which inner cells of the tables nobody has a value.
    pub(super) fn lacking_before(&self) -> Vec<LackingBefore> {
        let mut first = self.persons.len() as u32;
        let mut before = Vec::new();
        for table in &self.joined {
            let own = table.lacking.iter().cloned();
            before.extend(own.map(|lacking| LackingBefore { first, lacking }));
            first += table.cells_of.len() as u32;
        }
        before
    }
}

/// What the sums of a table say of their contributors.
pub(super) fn of(table: &TableEntry) -> Vec<SumsOf> {
    let quantities = table.quantities.iter().enumerate();
    let each = quantities.filter_map(|(at, quantity)| {
        let says = |cell: &CellEntry| match cell.figures[at] {
            // Nobody at all has a sum of zero.
            Figure::Published(value) if value != 0 => table.promise.min_persons,
            _ => 0,
        };
        Some(SumsOf {
            of: quantity.of.clone()?,
            contributors: table.cells.iter().map(says).collect(),
        })
    });
    each.collect()
}

/// How many persons everybody knows to be in some cells of the `tables`, from what the sums of
/// one of them say, whose cells have these joint `members`: first on joint cells, then on
/// those of all tables in a row.
///
/// It is said of the cells of one table; where these do not hold just those who may
/// contribute, it is left out.
fn floors(
    sums: &[SumsOf],
    members: &dyn Fn(usize) -> Vec<u32>,
    tables: &[CellsOf<'_>],
) -> Vec<(Floor, Floor)> {
    let mut floors = Vec::new();
    for sum in sums {
        let lacking: Vec<(&CellsOf<'_>, &Lacking)> = tables
            .iter()
            .flat_map(|table| table.lacking.iter().map(move |lacking| (table, lacking)))
            .filter(|(_, lacking)| lacking.of.covers(&sum.of))
            .collect();
        if lacking.is_empty() {
            continue;
        }
        let lacks = |joint: u32| {
            let mut each = lacking.iter();
            each.any(|(table, lacking)| {
                let cell = table.of[joint as usize];
                cell != NOWHERE && lacking.cells[cell as usize]
            })
        };
        let parts: Vec<BTreeMap<u32, usize>> = tables.iter().map(parts).collect();
        for (cell, least) in sum.contributors.iter().enumerate() {
            if *least == 0 {
                continue;
            }
            let all = members(cell);
            let may: Vec<u32> = all.iter().copied().filter(|joint| !lacks(*joint)).collect();
            if may.len() == all.len() {
                continue;
            }
            let mut exact = tables.iter().zip(&parts);
            floors.extend(exact.find_map(|(table, parts)| {
                let cells = holding(&may, table, parts)?;
                let persons = cells.iter().map(|cell| table.persons[*cell as usize]);
                // What is published in spite of the rules may have fewer.
                let is_so = persons.sum::<i128>() >= i128::from(*least);
                let cells = cells.iter().map(|cell| table.start + cell).collect();
                is_so.then(|| ((may.clone(), *least), (cells, *least)))
            }));
        }
    }
    floors
}

/// Of how many joint cells each cell of a table consists.
fn parts(table: &CellsOf<'_>) -> BTreeMap<u32, usize> {
    let mut parts = BTreeMap::new();
    for cell in table.of.iter().filter(|cell| **cell != NOWHERE) {
        *parts.entry(*cell).or_default() += 1;
    }
    parts
}

/// The cells of a table that consist of just these joint ones; nobody is where it has none.
fn holding(
    joint: &[u32],
    table: &CellsOf<'_>,
    parts: &BTreeMap<u32, usize>,
) -> Option<BTreeSet<u32>> {
    let mut held: BTreeMap<u32, usize> = BTreeMap::new();
    for cell in joint.iter().map(|joint| table.of[*joint as usize]) {
        if cell != NOWHERE {
            *held.entry(cell).or_default() += 1;
        }
    }
    let mut whole = held.iter();
    let is_whole = whole.all(|(cell, held)| parts[cell] == *held);
    is_whole.then(|| held.into_keys().collect())
}
