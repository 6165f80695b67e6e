//! Numbers of rows that earlier releases published: of the same rows there are no more
//! persons.
//!
//! Rows add up, so what was published of them bounds the others too; and a number of
//! persons that is suppressed now is bounded by what a number of rows is that was
//! suppressed then.

use super::split::{cells_of, finest_of};
use super::{Elsewhere, PERSONS};
use crate::ledger::entry::{CellEntry, Coordinate, Figure, TableEntry};
use kobling_sdc::audit::{Audit, AuditBudget, Seen, Sign};
use kobling_sdc::structure::Structure;

/// Inner cells of the population, before splitting, and how many persons everybody knows
/// to be in them at most.
pub(in crate::protect) type Ceiling = (Vec<u32>, u64);

/// What may be spent on the bounds of one table, in terms of equations: some seconds. Beyond
/// that only what was published bounds; the limits of a manifest say so.
const WORK: u64 = 2_000_000_000;

/// What a table's numbers of rows disclose of those `sums` of inner cells that have the same
/// rows.
pub(super) fn ceilings((table, quantity): (&TableEntry, usize), sums: &Elsewhere) -> Vec<Ceiling> {
    let same_rows = |cell: &CellEntry| {
        let persons = cell.rows.0.wrapping_mul(PERSONS);
        sums.get(&(cell.rows.0, persons))
    };
    let values = table.cells.iter().map(|cell| match cell.figures[quantity] {
        Figure::Published(rows) => Some(rows),
        Figure::Primary | Figure::Complementary | Figure::Perturbed => None,
    });
    let values: Vec<Option<i128>> = values.collect();
    let known = table.cells.iter().zip(&values);
    let known = known.filter_map(|(cell, rows)| {
        let rows = u64::try_from((*rows)?).ok()?;
        Some((same_rows(cell)?.clone(), rows))
    });
    let mut ceilings: Vec<Ceiling> = known.collect();
    let asked: Vec<usize> = (0..values.len())
        .filter(|cell| values[*cell].is_none() && same_rows(&table.cells[*cell]).is_some())
        .collect();
    let bounds = at_most(table, &values, &asked).unwrap_or_default();
    ceilings.extend(asked.iter().zip(bounds).filter_map(|(cell, most)| {
        // What is no whole number below 2⁶⁴ bounds nobody.
        let most = (most < u64::MAX as f64).then_some(most as u64)?;
        Some((same_rows(&table.cells[*cell])?.clone(), most))
    }));
    ceilings
}

/// How many rows there can be in each of the `asked` cells; none if that is more work than
/// it may be.
fn at_most(table: &TableEntry, values: &[Option<i128>], asked: &[usize]) -> Option<Vec<f64>> {
    let own = |at: &Coordinate| matches!(at, Coordinate::Own(_));
    let finest = table.cells.iter().filter(|cell| cell.at.iter().all(own));
    let finest: Vec<&CellEntry> = finest.collect();
    let members = finest_of(&cells_of(table, &finest), table.cells.len());
    let structure = Structure::new(finest.len(), members);
    let seen = Seen {
        structure: &structure,
        values,
        sign: Sign::NonNegative,
    };
    let budget = AuditBudget {
        work: WORK,
        ..AuditBudget::default()
    };
    let intervals = Audit::new(seen, budget).ok()?.intervals(asked).ok()?;
    let high = intervals.into_iter().map(|interval| interval.whole().high);
    Some(high.collect())
}
