//! What cannot be protected together with what an earlier release published of the same rows.

use std::collections::BTreeSet;

use super::{all, all_rows, rows_fingerprint};
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::LedgerEntry;
use crate::ledger::entry::{QuantityEntry, TableEntry};
use crate::plan::document::RoundingMode;
use crate::plan::table::{Measure, MethodPlan, TablePlan};
use crate::protect::history::further::release_named;
use crate::protect::quantity::Quantity;
use crate::table::{Confidential, Table};

/// Refuses a table of a plan, by place, if an earlier release published any of its figures of
/// the same rows by another `method` than its own; or, where that leaves figures exact, other
/// cells of these rows than this one.
///
/// # Errors
///
/// [`ErrorKind::Protection`], naming the release.
pub(in crate::protect) fn refuse_other_methods(
    at: usize,
    (plans, tables): (&[TablePlan], &[Table<Confidential>]),
    method: &str,
    ledger: &[LedgerEntry],
) -> Result<()> {
    let (plan, table) = (&plans[at], &tables[at]);
    let cells = &table.blocks[0].cells;
    let rows = all_rows(cells);
    for entry in ledger {
        let same_rows = entry.release.tables.iter();
        let same_rows = same_rows.filter(|earlier| earlier.population.0 == rows);
        for earlier in same_rows.clone().filter(|other| other.method != method) {
            let same = |measure: &Measure| {
                let whole = all(cells, Quantity::of(measure, plan, table));
                let mut quantities = earlier.quantities.iter().filter(is_measured);
                quantities.any(|quantity| quantity.fingerprint.0 == whole)
            };
            if plan.measures.iter().any(same) {
                let rule = format!(
                    "{} has figures of the same rows by the method `{}`: published together with figures by `{method}`, neither are protected",
                    release_named(entry.number),
                    earlier.method
                );
                return Err(Error::new(ErrorKind::Protection, rule));
            }
        }
        if !leaves_exact(plan) {
            continue;
        }
        let published = |earlier: &&TableEntry| earlier.quantities.iter().any(|q| is_measured(&q));
        let same_method = same_rows.filter(|other| other.method == method);
        let earlier: BTreeSet<u64> = same_method
            .filter(published)
            .flat_map(|earlier| earlier.cells.iter().map(|cell| cell.rows.0))
            .collect();
        let own = plans.iter().zip(tables);
        let own = own
            .filter(|(plan, table)| leaves_exact(plan) && all_rows(&table.blocks[0].cells) == rows);
        let own = own.flat_map(|(_, table)| table.blocks.iter().flat_map(|block| &block.cells));
        let own: BTreeSet<u64> = own.map(|(_, cell)| rows_fingerprint(cell)).collect();
        if !earlier.is_empty() && earlier != own {
            let rule = format!(
                "{} has other cells of the same rows: by `{method}` numbers from the base up are often exact in both, and the difference of two may be one person",
                release_named(entry.number)
            );
            return Err(Error::new(ErrorKind::Protection, rule)
                .help("the tables of that release, or all of them in one plan; or another method from the first release on"));
        }
    }
    Ok(())
}

/// Whether something is published of it.
fn is_measured(quantity: &&QuantityEntry) -> bool {
    !quantity.measures.is_empty()
}

/// Whether the method publishes many figures as they are.
fn leaves_exact(plan: &TablePlan) -> bool {
    matches!(&plan.method, MethodPlan::Round(round) if round.how == RoundingMode::SmallCount)
}
