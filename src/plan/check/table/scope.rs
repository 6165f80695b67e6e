//! What names in a table can refer to: `source.column`, or a derived column.

use super::super::column;
use super::dimension::short;
use crate::error::nearest;
use crate::plan::Source;
use crate::plan::document::{ColumnDocument, Reducer};
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{Derived, DerivedFrom, Operand, Slot};

/// Whole numbers that a dimension may distinguish: a hundred years of age and then some.
const MOST_VALUES: i128 = 128;

/// What names in a table can refer to.
pub(super) struct Scope<'a> {
    pub(super) slots: &'a [Slot],
    pub(super) derived: Vec<Derived>,
}

impl Scope<'_> {
    pub(super) fn resolve(
        &self,
        name: &str,
        path: &Path,
        findings: &mut Collector,
    ) -> Option<(Operand, ColumnType)> {
        if !name.contains('.') {
            let found = self.derived.iter().position(|derived| derived.name == name);
            if let Some(index) = found {
                return Some((Operand::Derived(index), self.derived[index].recipe.output));
            }
        }
        let (slot, column) = self.slot_column(name, path, findings)?;
        let kind = self.slots[slot].columns[column].1;
        Some((Operand::Slot { slot, column }, kind))
    }

    /// Whether a number or date has few values that are not one person's:
    /// a period, or a number clipped on both sides, and no sum or count of those.
    pub(super) fn is_coarse(&self, operand: Operand, sources: &[Source]) -> bool {
        let recipe = match operand {
            Operand::Counted(_) => return true,
            Operand::Derived(index) => &self.derived[index].recipe,
            Operand::Slot { slot, column } => {
                let slot = &self.slots[slot];
                let place = match &slot.reduce {
                    None => Some(column),
                    Some(reduce) => {
                        let reduction = reduce.reductions[column];
                        let adds = matches!(reduction.by, Reducer::Sum | Reducer::Count);
                        reduction.column.filter(|_| !adds)
                    }
                };
                match place {
                    Some(place) => sources[slot.source].columns()[place].recipe(),
                    None => return false,
                }
            }
        };
        let clipped = recipe.clip.and_then(|clip| clip.at_least.zip(clip.at_most));
        recipe.truncate.is_some()
            || clipped.is_some_and(|(least, most)| most.saturating_sub(least) < MOST_VALUES)
    }

    fn slot_column(
        &self,
        name: &str,
        path: &Path,
        findings: &mut Collector,
    ) -> Option<(usize, usize)> {
        let found = name.split_once('.').and_then(|(source, column)| {
            let slot = self.slots.iter().position(|slot| slot.name == source)?;
            let columns = &self.slots[slot].columns;
            Some((slot, columns.iter().position(|(name, _)| name == column)?))
        });
        if found.is_none() {
            let known: Vec<String> = self
                .slots
                .iter()
                .flat_map(|slot| {
                    slot.columns
                        .iter()
                        .map(move |(c, _)| format!("{}.{c}", slot.name))
                })
                .chain(self.derived.iter().map(|derived| derived.name.clone()))
                .collect();
            let finding = findings.add(path, format!("the table has no column `{name}`"));
            match known.is_empty() {
                true => finding.help("it links no columns"),
                false => finding.help(format!("there are {}", known.join(", "))),
            }
            match without_source(name, &known) {
                Some(near) => finding.help(format!("did you mean {near}?")),
                None => finding.near(name, known.iter().map(String::as_str)),
            }
        }
        found
    }

    pub(super) fn derive(
        &self,
        name: &str,
        document: &ColumnDocument,
        path: &Path,
        findings: &mut Collector,
    ) -> Derived {
        let (from, input) = match self.derived_from(document, path, findings) {
            Some((from, input)) => (from, Some(input)),
            // Replaces what was refused; no plan comes of it.
            None => (DerivedFrom::Matched { slot: 0 }, None),
        };
        let recipe = input.and_then(|input| column::check(document, Some(input), path, findings));
        Derived {
            name: name.to_owned(),
            from,
            recipe: recipe.unwrap_or_else(|| column::stand_in(document)),
        }
    }

    fn derived_from(
        &self,
        document: &ColumnDocument,
        path: &Path,
        findings: &mut Collector,
    ) -> Option<(DerivedFrom, ColumnType)> {
        match (&document.from, &document.matched) {
            (Some(from), None) => {
                let (slot, column) = self.slot_column(from, &path.at("from"), findings)?;
                let kind = self.slots[slot].columns[column].1;
                Some((DerivedFrom::Column { slot, column }, kind))
            }
            (None, Some(source)) => {
                let lookups = || self.slots.iter().skip(1).map(|slot| slot.name.as_str());
                let Some(slot) = lookups().position(|name| name == source) else {
                    findings
                        .add(
                            &path.at("matched"),
                            format!("the table does not look up `{source}`"),
                        )
                        .near(source, lookups());
                    return None;
                };
                let slot = slot + 1;
                Some((DerivedFrom::Matched { slot }, ColumnType::Boolean))
            }
            _ => {
                findings.add(
                    path,
                    "is made `from` a column, or says whether a look-up `matched`",
                );
                None
            }
        }
    }
}

/// The columns of all sources that are called `name`, which says no source; or else one
/// whose name is near that.
fn without_source(name: &str, known: &[String]) -> Option<String> {
    if name.contains('.') {
        return None;
    }
    let called = |wanted: &str| -> Vec<String> {
        let named = known.iter().filter(|full| short(full) == wanted);
        named.map(|full| format!("`{full}`")).collect()
    };
    let mut found = called(name);
    if found.is_empty() {
        found = called(nearest(name, known.iter().map(|full| short(full)))?);
    }
    Some(found.join(" or "))
}
