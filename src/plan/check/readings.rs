//! Two readings of one column, both added up.

use crate::plan::Source;
use crate::plan::finding::{Collector, Path};
use crate::plan::table::same_rows::{meaning, same_rows};
use crate::plan::table::{Measure, MethodPlan, Operand, TablePlan};

/// Sums or means of the same rows by two readings of one column, as with another code for
/// what is missing, disclose by subtraction what those few have of whom only one of them has a
/// value. No rule looks at them: they are no cell of any table.
pub(super) fn check(tables: &[TablePlan], sources: &[Source], findings: &mut Collector) {
    let suppressed = tables.iter();
    let suppressed = suppressed.filter(|table| table.method == MethodPlan::Suppress);
    let measures = suppressed.flat_map(|table| {
        let measures = table.measures.iter();
        measures.filter_map(move |measure| Some((table, measure, operand(measure)?)))
    });
    let measures: Vec<_> = measures.collect();
    for (at, (table, measure, operand)) in measures.iter().enumerate() {
        let other = measures[..at].iter().find(|(other_table, _, other)| {
            same_rows(table, other_table)
                && made_alike((table, *operand), (other_table, *other), sources)
                && meaning(table, *operand) != meaning(other_table, *other)
        });
        let Some((other_table, other, _)) = other else {
            continue;
        };
        let path = Path::root("table").at(&table.name).at("measures");
        let rule = format!(
            "`{}` and `{}` of the table `{}` add up two readings of one column: their difference is the total of the persons whom only one of them counts, and may be one person's value",
            measure.name, other.name, other_table.name
        );
        findings
            .add(&path, rule)
            .help("one reading; or the other in a plan of its own, whose release is compared with this one through the ledger");
    }
}

fn operand(measure: &Measure) -> Option<Operand> {
    Some(measure.what.values()?.0)
}

/// Whether both are made from the same column of the same rows.
fn made_alike(
    (table, operand): (&TablePlan, Operand),
    (other_table, other): (&TablePlan, Operand),
    sources: &[Source],
) -> bool {
    let from = |table: &TablePlan, operand| table.made_from(sources, operand);
    match (from(table, operand), from(other_table, other)) {
        (Some((slot, Some(column))), Some((other_slot, Some(other_column)))) => {
            column == other_column && table.slots[slot] == other_table.slots[other_slot]
        }
        _ => false,
    }
}
