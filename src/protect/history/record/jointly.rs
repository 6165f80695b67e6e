//! How a condition separates rows in the table by all dimensions of a population.
//!
//! A person counts for a condition in a cell if any of its rows there satisfies it. So
//! where persons have several rows, the same condition separates other rows in a table
//! than in one that is finer; and only the names of the dimension say that both are one.

use std::collections::BTreeMap;

use crate::ledger::entry::{CategoryEntry, Fingerprint};
use crate::plan::table::Grain;
use crate::protect::history::earlier::{fingerprint, rows_fingerprint};
use crate::protect::quantity::Quantity;
use crate::table::{Accumulator, Confidential, Population, Table};

/// The rows of each category of a hidden dimension of the member `table` of a population,
/// in the population's inner cells, and what they hold of the table's `quantities`. Empty if
/// the population has no other table.
pub(super) fn jointly(
    (population, tables): (&Population, &[Table<Confidential>]),
    (table, at): (usize, usize),
    quantities: &[Quantity],
) -> Vec<CategoryEntry> {
    let Some(joint) = &population.joint else {
        return Vec::new();
    };
    let mut members = population.members.iter();
    let Some(member) = members.find(|member| member.table == table) else {
        return Vec::new();
    };
    let mut categories: BTreeMap<i64, Vec<&Accumulator>> = BTreeMap::new();
    for (place, cell) in &joint.blocks[0].cells {
        let own = categories.entry(member.ordinal(at, place)).or_default();
        own.push(cell);
    }
    let sum = |cells: &[&Accumulator], of: &dyn Fn(&Accumulator) -> u64| {
        let each = cells.iter().map(|cell| of(cell));
        Fingerprint(each.fold(0, u64::wrapping_add))
    };
    let dimension = &tables[table].dimensions[at];
    let categories = categories.into_iter().map(|(ordinal, cells)| {
        let held = quantities.iter().map(|quantity| {
            let quantity = quantity.of_member(member);
            sum(&cells, &|cell| fingerprint(cell, quantity))
        });
        CategoryEntry {
            name: dimension.category(Grain::Own, ordinal),
            rows: sum(&cells, &rows_fingerprint),
            fingerprints: held.collect(),
        }
    });
    categories.collect()
}
