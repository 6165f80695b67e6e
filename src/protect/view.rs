//! A population as its recipients see it: published cells as sums of inner cells.
//!
//! The inner cells are those of the table by the dimensions of all the
//! population's tables. Whatever a table publishes, at whatever level, is a sum
//! of some of them; so one matrix holds all that can be added and subtracted.

use std::collections::HashMap;

use super::structure::Structure;
use crate::error::{Error, ErrorKind, Result};
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

/// All cells of a population that publish a quantity.
pub(super) struct View {
    pub(super) structure: Structure,
    /// For each cell of the structure, where it stands.
    pub(super) spots: Vec<Spot>,
    /// The inner cells to which one person alone contributes.
    pub(super) lone: Vec<bool>,
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
                let quantity = quantity(&member.contributions, contributions, measure.what);
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
        let member = self.member(table);
        let contributions = &tables[table].contributions;
        let measures = plans[table].measures.iter().enumerate();
        let publish = measures.filter(|(_, measure)| {
            quantity(&member.contributions, contributions, measure.what) == wanted
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

    /// The cells of those members that publish `quantity`.
    pub(super) fn view(
        &self,
        quantity: Quantity,
        plans: &[TablePlan],
        tables: &[Table<Confidential>],
    ) -> Result<View> {
        let publish = |member: &&Member| {
            let measures = self.measures(member.table, quantity, plans, tables);
            !measures.is_empty()
        };
        let (structure, spots) = placed(self, self.members.iter().filter(publish), tables)?;
        let lone = self
            .inner(tables)
            .iter()
            .map(|(_, figures)| match quantity {
                Quantity::Persons => figures.persons == 1,
                Quantity::Contribution(at) => figures.totals[at].contributors == 1,
            });
        Ok(View {
            structure,
            spots,
            lone: lone.collect(),
        })
    }
}

/// All cells of some members of a population as sums of its inner cells, and
/// where each stands.
///
/// # Errors
///
/// [`ErrorKind::Protection`] if an inner cell is in no cell of a member.
pub(super) fn placed<'a>(
    population: &Population,
    members: impl Iterator<Item = &'a Member>,
    tables: &[Table<Confidential>],
) -> Result<(Structure, Vec<Spot>)> {
    let inner = population.inner(tables);
    let mut cells: Vec<Vec<u32>> = Vec::new();
    let mut spots = Vec::new();
    for member in members {
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
    Ok((Structure::new(inner.len(), cells), spots))
}

/// The quantity that a measure publishes.
fn quantity(places: &[usize], contributions: &[Contribution], what: What) -> Quantity {
    let wanted = match what {
        What::Persons => return Quantity::Persons,
        What::Rows => Contribution::Rows,
        // Who knows a mean and its number of rows knows the sum.
        What::Sum { operand, .. } | What::Mean { operand, .. } => Contribution::Values(operand),
    };
    let own = contributions.iter().position(|other| *other == wanted);
    Quantity::Contribution(places[own.expect("tabulation adds up what every measure needs")])
}
