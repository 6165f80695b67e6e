//! What a manifest says of the audits: nothing that its tables do not.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::plan::table::{CountInterval, TablePlan};
use crate::protect::{AuditRecord, Protected, ProtectedTables};
use crate::table::Table;

/// That a quantity of a population was audited, and which promise was kept: the
/// audit passed, for otherwise there is no release.
///
/// # Disclosure
///
/// Goes with the release, and says nothing that it does not. The numbers are those
/// that whoever has the tables can count; the promise is the plan's, and the primes
/// are drawn under the release key. What the auditor found of unsafe figures, such
/// as the narrowest of their intervals, is not here: it says of a suppressed figure
/// of which less is left that it is not an unsafe one. That is for the linkage unit
/// ([`AuditRecord`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditSummary {
    /// What was audited: `table.measure`, all that publish the quantity.
    pub measures: Vec<String>,
    /// How many cells of the quantity the tables' rows have, published and
    /// suppressed ones.
    pub cells: usize,
    /// Those without a figure.
    pub suppressed: usize,
    /// Of numbers of persons: how many values of an unsafe one the plan wants to stay
    /// possible, where it is proven that they do; the least of its tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_interval: Option<CountInterval>,
    /// The two primes of the exact test of subtraction, to repeat it; none of numbers of
    /// persons, which proofs show to be uncertain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primes: Option<[u64; 2]>,
}

/// Of all audits.
pub(super) fn of(protected: &ProtectedTables) -> Vec<AuditSummary> {
    let tables = &protected.tables;
    let records = tables.context.iter();
    records
        .map(|record| AuditSummary::new(record, &tables.tables, tables.plan.tables()))
        .collect()
}

impl AuditSummary {
    fn new(record: &AuditRecord, tables: &[Table<Protected>], plans: &[TablePlan]) -> Self {
        let (mut cells, mut suppressed) = (0, 0);
        for (table, plan) in tables.iter().zip(plans) {
            let audited = |measure: &str| {
                let name = format!("{}.{measure}", plan.name);
                record.measures.contains(&name)
            };
            let measures = plan.measures.iter().enumerate();
            let measures: Vec<_> = measures.filter(|(_, m)| audited(&m.name)).collect();
            // Measures of one quantity have one cell in a row, but for each condition
            // that persons are counted by.
            let conditions: BTreeSet<_> = measures.iter().map(|(_, m)| m.counted).collect();
            for counted in conditions {
                let own = measures.iter().filter(|(_, m)| m.counted == counted);
                let own: Vec<usize> = own.map(|(at, _)| *at).collect();
                for (_, _, outcomes) in table.rows() {
                    cells += 1;
                    let published = own.iter().any(|at| outcomes[*at].value().is_some());
                    suppressed += usize::from(!published);
                }
            }
        }
        Self {
            measures: record.measures.clone(),
            cells,
            suppressed,
            count_interval: record.count_interval,
            primes: record.primes,
        }
    }
}
