//! Which categories of a table's dimensions the plan declares.

use super::scope::Scope;
use crate::plan::Source;
use crate::plan::document::{Method, Need, Reducer, TableDocument};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{DerivedFrom, DimensionPlan, Names, Operand};

impl Scope<'_> {
    /// The names of the categories of a column.
    pub(super) fn names(&self, operand: Operand, sources: &[Source]) -> Names {
        let index = match operand {
            Operand::Slot { slot, column } => return self.slot_names(slot, column, sources),
            Operand::Derived(index) => index,
            Operand::Counted(_) => return Names::booleans(false),
        };
        let derived = &self.derived[index];
        let (kind, names) = match derived.from {
            DerivedFrom::Matched { .. } => (ColumnType::Boolean, Names::booleans(false)),
            DerivedFrom::Column { slot, column } => (
                self.slots[slot].columns[column].1,
                self.slot_names(slot, column, sources),
            ),
        };
        Names::made(&derived.recipe, Some((kind, &names)))
    }

    fn slot_names(&self, slot: usize, column: usize, sources: &[Source]) -> Names {
        let may_lack = slot > 0 && self.slots[slot].need == Need::Optional;
        let slot = &self.slots[slot];
        let place = match &slot.reduce {
            None => Some(column),
            Some(reduce) => {
                let reduction = reduce.reductions[column];
                let adds = matches!(reduction.by, Reducer::Sum | Reducer::Count);
                reduction.column.filter(|_| !adds)
            }
        };
        let Some(place) = place else {
            return Names::unknown();
        };
        let mut names = Names::made(sources[slot.source].columns()[place].recipe(), None);
        names.may_lack |= may_lack;
        names
    }
}

/// A cell that the plan publishes anyway is named in it; so its names are known,
/// and not rare ones.
pub(super) fn add_excepted(document: &TableDocument, by: &mut [DimensionPlan]) {
    for exception in &document.protect.publish {
        for dimension in by.iter_mut() {
            let Some(name) = exception.cell.get(&dimension.name) else {
                continue;
            };
            let levels = dimension.levels.iter_mut().map(|level| &mut level.names);
            for names in std::iter::once(&mut dimension.names).chain(levels) {
                names.excepted.push(name.clone());
            }
        }
    }
}

/// With noise a table lists what the plan declares, and nothing else: whether
/// somebody has a category would be outside of what ρ bounds.
pub(super) fn check_declared(
    document: &TableDocument,
    by: &[DimensionPlan],
    path: &Path,
    findings: &mut Collector,
) {
    if document.protect.method != Method::Noise {
        return;
    }
    for dimension in by.iter().filter(|dimension| !dimension.names.all) {
        let of = |name: &String| name.rsplit('.').next() == Some(dimension.name.as_str());
        let at = document.by.iter().position(of).unwrap_or_default();
        let help = match dimension.kind {
            ColumnType::Category => {
                "give its column `bands`, a `map`, or `categories = [\"…\"]`; or a code list"
            }
            _ => {
                "make it a category in `bands`, or `clip` it on both sides if it is a small number"
            }
        };
        findings
            .add(
                &path.at("by").at(at),
                "has categories that the plan does not declare: method = \"noise\" would disclose which of them occur",
            )
            .help(help);
    }
}
