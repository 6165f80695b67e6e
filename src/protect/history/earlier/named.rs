//! Which inner cells of this release an earlier cell is about, by the names of its categories.
//!
//! Rows are the same where their fingerprints are. But an empty cell has none: a total and
//! its only part that somebody is in have the same rows, and what was published of the one
//! discloses the other to nobody. So where this release has the names of an earlier cell, it is
//! about the cells that are called so, or about none.

use std::collections::HashMap;

use crate::ledger::entry::{CellEntry, Coordinate, TableEntry};
use crate::plan::table::Grain;
use crate::table::population::Member;
use crate::table::{Confidential, Population, Table};

/// By grain of each dimension and category there, inner cells.
type CellsByName = HashMap<Vec<Option<String>>, Vec<u32>>;

/// The inner cells of a population by the names that an earlier table has.
pub(super) struct Named<'a> {
    population: &'a Population,
    tables: &'a [Table<Confidential>],
    /// By dimension of the earlier table: a member of the population that has one of that
    /// name, and its place there.
    dimensions: Vec<(&'a Member, usize)>,
    earlier: &'a TableEntry,
    by_grain: HashMap<Vec<Grain>, CellsByName>,
}

impl<'a> Named<'a> {
    /// None if a dimension of the earlier table is called like none of the population's.
    pub(super) fn new(
        population: &'a Population,
        tables: &'a [Table<Confidential>],
        earlier: &'a TableEntry,
    ) -> Option<Self> {
        let found = earlier.dimensions.iter().map(|wanted| {
            population.members.iter().find_map(|member| {
                let own = tables[member.table].dimensions.iter();
                let mut own = own.enumerate();
                let (at, _) =
                    own.find(|(_, own)| own.name == wanted.name && own.hidden == wanted.hidden)?;
                Some((member, at))
            })
        });
        Some(Self {
            population,
            tables,
            dimensions: found.collect::<Option<_>>()?,
            earlier,
            by_grain: HashMap::new(),
        })
    }

    /// The inner cells that have the names of an earlier cell; none if this release does not
    /// have them.
    pub(super) fn cells(&mut self, cell: &CellEntry) -> Option<&[u32]> {
        let grains: Option<Vec<Grain>> =
            (0..cell.at.len()).map(|at| self.grain(cell, at)).collect();
        let names = cell.at.iter().map(|at| match at {
            Coordinate::Own(name) | Coordinate::Level(_, name) => name.clone(),
            Coordinate::Total => None,
        });
        let names: Vec<Option<String>> = names.collect();
        let grains = grains?;
        if !self.by_grain.contains_key(&grains) {
            let cells = self.grouped(&grains);
            self.by_grain.insert(grains.clone(), cells);
        }
        self.by_grain[&grains].get(&names).map(Vec::as_slice)
    }

    /// The grain of this release that is called as the earlier cell's is.
    fn grain(&self, cell: &CellEntry, at: usize) -> Option<Grain> {
        Some(match &cell.at[at] {
            Coordinate::Own(_) => Grain::Own,
            Coordinate::Total => Grain::Total,
            Coordinate::Level(level, _) => {
                let name = &self.earlier.dimensions[at].levels.get(*level)?.name;
                let (member, own) = self.dimensions[at];
                let mut levels = self.tables[member.table].dimensions[own].levels.iter();
                Grain::Level(levels.position(|own| own.name == *name)?)
            }
        })
    }

    fn grouped(&self, grains: &[Grain]) -> CellsByName {
        // Names are made once a category, and not once a cell.
        let inner = self.population.inner(self.tables);
        let mut named: Vec<HashMap<i64, Option<Option<String>>>> =
            vec![HashMap::new(); grains.len()];
        let mut cells = CellsByName::new();
        for (number, (place, _)) in (0..).zip(inner) {
            let names = grains.iter().zip(&self.dimensions).zip(&mut named);
            let names = names.map(|((grain, (member, at)), named)| {
                let ordinal = member.ordinal(*at, place);
                let name = named.entry(ordinal).or_insert_with(|| {
                    let dimension = &self.tables[member.table].dimensions[*at];
                    let ordinal = dimension.at(*grain, ordinal).ok()?;
                    Some(match grain {
                        Grain::Total => None,
                        _ => dimension.category(*grain, ordinal),
                    })
                });
                name.clone()
            });
            if let Some(names) = names.collect::<Option<Vec<_>>>() {
                cells.entry(names).or_default().push(number);
            }
        }
        cells
    }
}
