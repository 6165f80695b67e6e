//! Conditions that name what no row has: most likely it is written otherwise in the register.

use std::collections::BTreeSet;

use super::Linkage;
use crate::plan::ColumnType;
use crate::plan::scalar::Scalar;
use crate::plan::table::{Condition, Operand, TablePlan, Test};

impl Linkage {
    /// Categories that a table's own conditions, those of its look-ups or of its counts name,
    /// and no row of the source has. Typed `301` where the register has `0301`, they make a
    /// table of zeros.
    ///
    /// Columns that a table itself derives are not looked at, nor numbers and dates.
    pub(super) fn named_of_nobody(&self) -> Vec<String> {
        let tables = self.plan.tables().iter();
        let each = tables.flat_map(|table| {
            let named = conditions(table).into_iter();
            named.flat_map(move |(source, column, condition)| {
                let absent = self.absent(source, column, condition);
                absent.map(move |value| (source, column, &*table.name, value))
            })
        });
        let each: BTreeSet<_> = each.collect();
        let words = each.into_iter().map(|(source, column, table, value)| {
            let source = &self.plan.sources()[source];
            let (name, column) = (source.name(), source.columns()[column].name());
            format!(
                "table {table}: a condition on {name}.{column} names \"{value}\", which no row of {name} has"
            )
        });
        words.collect()
    }

    /// The categories that a condition on a source's column names, and no row has.
    fn absent<'a>(
        &'a self,
        source: usize,
        column: usize,
        condition: &'a Condition,
    ) -> impl Iterator<Item = &'a str> {
        let declared = &self.plan.sources()[source].columns()[column];
        let named: &[Scalar] = match &condition.test {
            Test::OneOf(named) if declared.column_type() == ColumnType::Category => named,
            _ => &[],
        };
        let named = named.iter().filter_map(|value| match value {
            Scalar::Text(text) => Some(&**text),
            _ => None,
        });
        let stored = self.extracts[source].column(column);
        named.filter(move |text| !stored.labels().iter().any(|label| label == text))
    }
}

/// All conditions of a table on columns of sources: the source, and the column's place in it.
fn conditions(table: &TablePlan) -> Vec<(usize, usize, &Condition)> {
    let of_counts = table.counted.iter().flat_map(|counted| &counted.conditions);
    let own = table.conditions.iter().chain(of_counts);
    let own = own.filter_map(|(operand, condition)| {
        let Operand::Slot { slot, column } = *operand else {
            return None;
        };
        let slot = &table.slots[slot];
        let column = match &slot.reduce {
            Some(reduce) => reduce.reductions[column].column?,
            None => column,
        };
        Some((slot.source, column, condition))
    });
    let of_slots = table.slots.iter().flat_map(|slot| {
        let conditions = slot.conditions.iter();
        conditions.map(|(column, condition)| (slot.source, *column, condition))
    });
    own.chain(of_slots).collect()
}
