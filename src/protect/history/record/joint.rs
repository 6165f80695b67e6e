//! The table by the dimensions of several, as the ledger keeps it.

use std::collections::BTreeSet;

use super::{RecordedCell, coordinates, dimension_entry, promise};
use crate::ledger::entry::{
    DimensionEntry, Figure, Fingerprint, Origin, QuantityEntry, TableEntry,
};
use crate::plan::table::TablePlan;
use crate::protect::history::earlier::{all, all_rows};
use crate::protect::history::padded::Pads;
use crate::protect::quantity::Quantity;
use crate::table::{Confidential, Population, Table};

/// The table by the dimensions of several, of which nothing is published. Later
/// releases are protected together with all of these tables by it.
///
/// None if there is one, or one of them has all the dimensions.
pub(super) fn joint_entry(
    population: &Population,
    (plans, tables): (&[TablePlan], &[Table<Confidential>]),
    method: String,
    pads: Pads<'_>,
) -> Option<TableEntry> {
    let table = population.joint.as_ref()?;
    let finest = &table.blocks[0].cells;
    let mut members = population.members.iter();
    if members.any(|member| tables[member.table].dimensions.len() == table.dimensions.len()) {
        return None;
    }
    let names = population.members.iter();
    let names: Vec<&str> = names.map(|member| &*tables[member.table].name).collect();
    let plan = &plans[population.members[0].table];
    let contributions = (0..table.contributions.len()).map(Quantity::Contribution);
    let quantities: Vec<Quantity> = [Quantity::Persons]
        .into_iter()
        .chain(contributions)
        .collect();
    let cells = finest.iter().map(|(place, cell)| {
        let cell = RecordedCell {
            at: coordinates(table, &table.blocks[0].grouping, place),
            figures: vec![Figure::Complementary; quantities.len()],
            unsafe_sums: vec![None; quantities.len()],
            cell,
            is_apart: true,
        };
        cell.entry(&quantities, pads)
    });
    let dimensions = 0..table.dimensions.len();
    let origins = |at: usize| -> BTreeSet<Origin> {
        let each = population.members.iter().flat_map(|member| {
            let own = member.dimensions.iter().zip(&member.origins);
            own.filter(move |(place, _)| **place == at)
        });
        each.flat_map(|(_, origins)| origins.iter().cloned())
            .collect()
    };
    Some(TableEntry {
        name: names.join(" + "),
        base: plan.slots[0].name.clone(),
        population: Fingerprint(all_rows(finest)),
        one_row_each: population.one_row_each,
        method,
        promise: promise(plan),
        dimensions: dimensions
            .map(|at| DimensionEntry {
                // Each table says what its names disclose.
                names: Vec::new(),
                hidden: table.dimensions[at].hidden,
                origins: origins(at),
                ..dimension_entry(table, at, plan.protect.min_persons)
            })
            .collect(),
        quantities: quantities
            .iter()
            .map(|quantity| QuantityEntry {
                measures: Vec::new(),
                fingerprint: Fingerprint(all(finest, *quantity)),
                of: None,
                of_rows: false,
            })
            .collect(),
        cells: cells.collect(),
    })
}
