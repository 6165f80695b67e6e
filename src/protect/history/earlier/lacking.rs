//! In which cells nobody has a value, as everybody knows: those of who is not found in a
//! look-up, or has none.

use crate::ledger::entry::{CellEntry, Coordinate, TableEntry};
use crate::plan::table::Origin;
use crate::table::Population;
use crate::table::{Accumulator, Place};

/// In which of some cells nobody has a value.
#[derive(Clone)]
pub(in crate::protect) struct Lacking {
    pub(in crate::protect) of: Origin,
    pub(in crate::protect) cells: Vec<bool>,
}

/// The same of an earlier table, whose cells come after those of the population and of others.
pub(in crate::protect) struct LackingBefore {
    /// The place of its first inner cell.
    pub(super) first: u32,
    pub(super) lacking: Lacking,
}

impl LackingBefore {
    /// Whether nobody has a value of this in an inner cell; none if the table does not say.
    pub(in crate::protect) fn says(&self, of: &Origin, inner: u32) -> Option<bool> {
        let cell = inner.checked_sub(self.first)? as usize;
        let lacks = self.lacking.cells.get(cell).copied();
        lacks.filter(|_| self.lacking.of.covers(of))
    }
}

/// In which of a population's `inner` cells nobody has a value.
pub(super) fn own(population: &Population, inner: &[(Place, Accumulator)]) -> Vec<Lacking> {
    let members = population.members.iter();
    let each = members.flat_map(|member| {
        let dimensions = member.lacking.iter().enumerate();
        dimensions.filter_map(move |(at, lacking)| {
            let (category, of) = lacking.as_ref()?;
            let cells = inner.iter();
            let cells = cells.map(|(place, _)| member.ordinal(at, place) == *category);
            Some(Lacking {
                of: of.clone(),
                cells: cells.collect(),
            })
        })
    });
    each.collect()
}

/// In which of a table's `finest` cells nobody has a value.
pub(super) fn of_table(table: &TableEntry, finest: &[&CellEntry]) -> Vec<Lacking> {
    let dimensions = table.dimensions.iter().enumerate();
    let each = dimensions.filter_map(|(at, dimension)| {
        let lacking = dimension.lacking.as_ref()?;
        let is_it = |cell: &&CellEntry| match &cell.at[at] {
            Coordinate::Own(name) => *name == lacking.name,
            Coordinate::Level(..) | Coordinate::Total => false,
        };
        Some(Lacking {
            of: lacking.of.clone(),
            cells: finest.iter().map(is_it).collect(),
        })
    });
    each.collect()
}

/// By cell of a table whose `finest` ones are part of the `cells_of` them: whether nobody in it has
/// a value of what a quantity is, as everybody knows.
pub(super) fn nobody_in(
    (table, quantity): (&TableEntry, usize),
    finest: &[&CellEntry],
    cells_of: &[Vec<u32>],
) -> Vec<bool> {
    let Some(of) = &table.quantities[quantity].of else {
        return vec![false; table.cells.len()];
    };
    let lacking = of_table(table, finest);
    let lacking: Vec<Lacking> = lacking
        .into_iter()
        .filter(|own| own.of.covers(of))
        .collect();
    let may = |at: usize| !lacking.iter().any(|own| own.cells[at]);
    let mut nobody = vec![!lacking.is_empty(); table.cells.len()];
    for (_, cells) in cells_of.iter().enumerate().filter(|(at, _)| may(*at)) {
        cells.iter().for_each(|cell| nobody[*cell as usize] = false);
    }
    nobody
}
