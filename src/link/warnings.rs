//! What to mind of a plan, now that there are rows.

use std::collections::BTreeSet;

use super::Linkage;
use crate::plan::ColumnType;
use crate::plan::table::Operand;

impl Linkage {
    /// What to mind of the plan: categories that conditions name and no row has; and registers
    /// that themselves have a category which is called as the plan calls rare ones, so that
    /// a table counts these in it.
    ///
    /// # Disclosure
    ///
    /// For the linkage unit, and no part of a release: that nobody has a category may be
    /// what a table protects. What is quoted is the plan's.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.named_of_nobody();
        warnings.extend(self.called_as_rare());
        warnings
    }

    /// Categories of registers that are called as the plan calls rare ones; of columns whose
    /// categories it does not declare.
    fn called_as_rare(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for table in self.plan.tables() {
            for dimension in &table.by {
                let names = &dimension.names;
                let (ColumnType::Category, Operand::Slot { slot, column }) =
                    (dimension.kind, dimension.operand)
                else {
                    continue;
                };
                let slot = &table.slots[slot];
                if names.all || !names.declared.is_empty() || slot.reduce.is_some() {
                    continue;
                }
                let (source, rare) = (&self.plan.sources()[slot.source], &names.rare);
                let stored = self.extracts[slot.source].column(column);
                if stored.labels().iter().any(|label| label == rare) {
                    let (name, column) = (source.name(), source.columns()[column].name());
                    found.insert(format!(
                        "table {}: {name}.{column} has a category \"{rare}\" itself, and rare ones are counted in it: give them another name, `rare = \"…\"`",
                        table.name
                    ));
                }
            }
        }
        found
    }
}
