//! A release that is being made, as far as it is decided: for its tables about other rows.

use std::collections::BTreeMap;

use super::table_entries;
use crate::ledger::LedgerEntry;
use crate::ledger::entry::ReleaseEntry;
use crate::plan::Plan;
use crate::protect::Protection;
use crate::protect::history::further::THIS_RELEASE;
use crate::protect::primary::Outcomes;
use crate::table::{Confidential, Population, Table};

/// The tables of one population of a release that is being made: as an entry for those
/// tables of it that are about other rows.
///
/// # Panics
///
/// If no record keys were folded.
pub(in crate::protect) fn of_population(
    plan: &Plan,
    (tables, population): (&[Table<Confidential>], &Population),
    outcomes: &[Outcomes],
    protection: &Protection,
) -> LedgerEntry {
    let members = population.members.iter().map(|member| member.table);
    let populations = std::slice::from_ref(population);
    LedgerEntry {
        number: THIS_RELEASE,
        before: String::new(),
        project: String::new(),
        release: ReleaseEntry {
            made_at: plan.time().to_string(),
            epoch: plan.epoch(),
            extracts: BTreeMap::new(),
            rho_billionths: 0,
            tables: table_entries(members, plan, (tables, populations), outcomes, protection),
            plan_digest: plan.digest().to_string(),
        },
    }
}
