//! Numbers of values, which means disclose, beside counts with conditions.

use crate::plan::Source;
use crate::plan::finding::{Collector, Path};
use crate::plan::table::same_rows::same_rows;
use crate::plan::table::{MethodPlan, Operand, TablePlan, Test};

/// The digits of a mean say how many persons have a value of its column. Where 32 have a wage
/// and a count publishes that 30 have one below 25, two are left, whom no rule looks at: they
/// are no cell of any table. A count of those who have a value is one, and the groups that it
/// distinguishes together with the other counts are protected.
pub(super) fn check(tables: &[TablePlan], sources: &[Source], findings: &mut Collector) {
    let suppresses = |table: &&TablePlan| table.method == MethodPlan::Suppress;
    for table in tables.iter().filter(suppresses) {
        for (at, operand) in table.telling_values(sources) {
            let measure = &table.measures[at];
            let mut others = tables.iter().filter(suppresses);
            let beside = others.find_map(|other| {
                let alike = same_rows(table, other) && table.one_row_a_person;
                counted_by_same(table, operand, other, sources).filter(|_| alike)
            });
            let is_counted = table.counted_values(operand).is_some() || all_have(table, operand);
            let Some(count) = beside.filter(|_| !is_counted) else {
                continue;
            };
            let path = Path::root("table").at(&table.name).at("measures");
            let column = measure.column.as_deref().unwrap_or_default();
            let rule = format!(
                "`{}` discloses how many persons have a value of {column}, of whom `{count}` counts some: those who are left are protected only if the table counts all who have a value, too",
                measure.name
            );
            let name = column.rsplit('.').next().unwrap_or_default();
            findings.add(&path, rule).help(format!(
                "{{ persons = {{ where = [{{ column = \"{column}\", present = true }}] }}, as = \"with_{name}\" }}"
            ));
        }
    }
}

/// Whether the table is about those who have a value, and nobody else.
fn all_have(table: &TablePlan, operand: Operand) -> bool {
    let mut conditions = table.conditions.iter();
    conditions.any(|(own, condition)| *own == operand && condition.test == Test::Present(true))
}

/// The name of a count in `other` with a condition on what the column of a table is made from.
fn counted_by_same<'a>(
    table: &TablePlan,
    operand: Operand,
    other: &'a TablePlan,
    sources: &[Source],
) -> Option<&'a str> {
    let (slot, column) = table.made_from(sources, operand)?;
    let is_same = |of: Operand| {
        let from = other.made_from(sources, of);
        from.is_some_and(|(at, from)| {
            from == column && other.slots[at].name == table.slots[slot].name
        })
    };
    let mut counts = other.measures.iter();
    let found = counts.find(|measure| {
        let counted = measure.counted.map(|at| &other.counted[at]);
        counted.is_some_and(|counted| counted.operands().any(is_same))
    });
    found.map(|measure| measure.name.as_str())
}
