//! A population as its recipients see it: published cells as sums of inner cells.
//!
//! The inner cells are those of the table by the dimensions of all the
//! population's tables. Whatever a table publishes, at whatever level, is a sum
//! of some of them; so one matrix holds all that can be added and subtracted.
//! Cells of earlier releases are further rows of it.

use std::collections::HashMap;

use super::earlier::EarlierCell;
use super::structure::Structure;
use super::suppress::Contributors;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::Entry;
use crate::plan::table::{TablePlan, What};
use crate::table::cell::{Contribution, Total};
use crate::table::margins::coarsen;
use crate::table::population::{Member, Population};
use crate::table::{Accumulator, Confidential, Place, Table};

/// What is added up in cells: measures of one quantity give each other away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Persons,
    /// A contribution, by its place among those of the population.
    Contribution(usize),
}

/// A cell of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) table: usize,
    pub(super) block: usize,
    pub(super) cell: usize,
}

/// All cells that tell a quantity of a population: its own ones first, then
/// those of earlier releases.
pub(super) struct View {
    pub(super) structure: Structure,
    /// For each own cell, where it stands.
    pub(super) spots: Vec<Spot>,
    /// The own cells' values, in whole units.
    pub(super) values: Vec<i128>,
    pub(super) earlier: Vec<EarlierCell>,
    /// Who contributes to each inner cell of the structure.
    pub(super) contributors: Vec<Contributors>,
}

impl Population {
    /// The quantities that the population's tables publish.
    pub(super) fn quantities(
        &self,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
    ) -> Vec<Quantity> {
        let mut quantities = Vec::new();
        for member in &self.members {
            let contributions = &tables[member.table].contributions;
            for measure in &plans[member.table].measures {
                let places = &member.contributions;
                let quantity = quantity(self.one_row_each, places, contributions, measure.what);
                if !quantities.contains(&quantity) {
                    quantities.push(quantity);
                }
            }
        }
        quantities
    }

    fn member(&self, table: usize) -> &Member {
        let mut members = self.members.iter();
        let found = members.find(|member| member.table == table);
        found.expect("a population is asked after its own tables")
    }

    /// Which measures of a table, by place, publish `quantity`.
    pub(super) fn measures(
        &self,
        table: usize,
        wanted: Quantity,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
    ) -> Vec<usize> {
        let places = &self.member(table).contributions;
        let contributions = &tables[table].contributions;
        let measures = plans[table].measures.iter().enumerate();
        let publish = measures.filter(|(_, measure)| {
            quantity(self.one_row_each, places, contributions, measure.what) == wanted
        });
        publish.map(|(at, _)| at).collect()
    }

    /// What a cell holds of a contribution.
    ///
    /// # Panics
    ///
    /// If its table does not publish it.
    pub(super) fn total<'a>(
        &self,
        quantity: Quantity,
        tables: &'a [Table<Confidential>],
        spot: Spot,
    ) -> &'a Total {
        let places = &self.member(spot.table).contributions;
        let mut own = places.iter();
        let at = own.position(|place| quantity == Quantity::Contribution(*place));
        let cell = &tables[spot.table].blocks[spot.block].cells[spot.cell].1;
        &cell.totals[at.expect("the table publishes the quantity")]
    }

    /// The inner cells.
    pub(super) fn inner<'a>(
        &'a self,
        tables: &'a [Table<Confidential>],
    ) -> &'a [(Place, Accumulator)] {
        let table = self.joint.as_ref();
        &table
            .unwrap_or_else(|| &tables[self.members[0].table])
            .blocks[0]
            .cells
    }

    /// The cells of those members that publish `quantity`, and of earlier
    /// releases in the `ledger` those that do.
    pub(super) fn view(
        &self,
        quantity: Quantity,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
        ledger: &[Entry],
    ) -> Result<View> {
        let inner = self.inner(tables);
        let (cells, spots) = self.own_cells(quantity, plans, tables)?;
        let own = Structure::new(inner.len(), cells);
        let value = |(cell, spot): (usize, &Spot)| match quantity {
            // Where a person is in several inner cells, persons do not add up.
            // Then the sum stands for them: who could tell it by subtraction
            // could tell no less.
            Quantity::Persons => {
                let members = own.members(cell).iter();
                members
                    .map(|at| i128::from(inner[*at as usize].1.persons))
                    .sum()
            }
            Quantity::Contribution(_) => self.total(quantity, tables, *spot).sum,
        };
        let values = spots.iter().enumerate().map(value).collect();
        let lone = |figures: &Accumulator| match quantity {
            Quantity::Persons => figures.persons == 1,
            Quantity::Contribution(at) => figures.totals[at].contributors == 1,
        };
        let whose = inner.iter().enumerate().map(|(at, (_, figures))| {
            match (lone(figures), figures.persons) {
                (_, 0) => Contributors::None,
                (true, _) => Contributors::One(at as u32),
                (false, _) => Contributors::Many,
            }
        });
        let contributors: Vec<Contributors> = whose.collect();
        let view = |structure, contributors, earlier| View {
            structure,
            spots,
            values,
            earlier,
            contributors,
        };
        if ledger.is_empty() {
            return Ok(view(own, contributors, Vec::new()));
        }
        let joined = self.joined(quantity, tables, &own, ledger)?;
        Ok(view(
            joined.structure(&own),
            // A lone person knows in which part of a split cell it is, and that
            // nobody is in the others.
            joined
                .of
                .iter()
                .map(|of| contributors[*of as usize])
                .collect(),
            joined.cells,
        ))
    }

    /// The inner cells that each cell is the sum of, and where it stands.
    fn own_cells(
        &self,
        quantity: Quantity,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
    ) -> Result<(Vec<Vec<u32>>, Vec<Spot>)> {
        let inner = self.inner(tables);
        let mut cells: Vec<Vec<u32>> = Vec::new();
        let mut spots = Vec::new();
        for member in &self.members {
            if self
                .measures(member.table, quantity, plans, tables)
                .is_empty()
            {
                continue;
            }
            let table = &tables[member.table];
            for (block_at, block) in table.blocks.iter().enumerate() {
                let first = cells.len();
                cells.resize(first + block.cells.len(), Vec::new());
                spots.extend((0..block.cells.len()).map(|cell| Spot {
                    table: member.table,
                    block: block_at,
                    cell,
                }));
                let places = block.cells.iter().enumerate();
                let places: HashMap<&Place, usize> =
                    places.map(|(at, (place, _))| (place, first + at)).collect();
                for (atom, (place, _)) in inner.iter().enumerate() {
                    let own: Vec<i64> = member.dimensions.iter().map(|at| place[*at]).collect();
                    let place = coarsen(&table.dimensions, &block.grouping, &own)?;
                    let cell = places.get(&place).ok_or_else(|| {
                        let rule = "its cells are not sums of the population's inner cells";
                        Error::new(ErrorKind::Protection, rule).in_table(&table.name)
                    })?;
                    cells[*cell].push(atom as u32);
                }
            }
        }
        Ok((cells, spots))
    }
}

/// The quantity that a measure publishes. Where there is `one_row_each`, a
/// number of rows is one of persons.
fn quantity(
    one_row_each: bool,
    places: &[usize],
    contributions: &[Contribution],
    what: What,
) -> Quantity {
    let wanted = match what {
        What::Persons => return Quantity::Persons,
        What::Rows if one_row_each => return Quantity::Persons,
        What::Rows => Contribution::Rows,
        // Who knows a mean and its number of rows knows the sum.
        What::Sum { operand, .. } | What::Mean { operand, .. } => Contribution::Values(operand),
    };
    let own = contributions.iter().position(|other| *other == wanted);
    Quantity::Contribution(places[own.expect("tabulation adds up what every measure needs")])
}
