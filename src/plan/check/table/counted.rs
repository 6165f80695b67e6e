//! Checks of conditions, and of counts with conditions.

use super::super::condition;
use super::scope::Scope;
use crate::plan::document::ConditionDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::recipe::ColumnType;
use crate::plan::table::{Condition, Counted, DimensionPlan, Measure, Names, Operand, Unit};

/// The most conditions that a table counts by: their combinations are cells that are
/// protected together.
const MOST_COUNTED: usize = 6;

/// Conditions on linked and derived columns.
pub(super) fn check_conditions(
    documents: &[ConditionDocument],
    scope: &Scope<'_>,
    path: &Path,
    findings: &mut Collector,
) -> Vec<(Operand, Condition)> {
    let mut conditions = Vec::new();
    for (i, document) in documents.iter().enumerate() {
        let path = path.at(i);
        let resolved = scope.resolve(&document.column, &path.at("column"), findings);
        let kind = resolved.map(|(_, kind)| kind);
        let condition = condition::check(document, kind, &path, findings);
        conditions.extend(resolved.map(|(operand, _)| operand).zip(condition));
    }
    conditions
}

/// The conditions of a count, by their place among `counted`; `path` is that of the count.
pub(super) fn check_counted(
    documents: &[ConditionDocument],
    unit: Unit,
    scope: &Scope<'_>,
    counted: &mut Vec<Counted>,
    path: &Path,
    findings: &mut Collector,
) -> usize {
    let path = path.at("where");
    if documents.is_empty() {
        findings
            .add(&path, "is empty, so everybody would satisfy it")
            .help("write `true` to count all");
    }
    let conditions = check_conditions(documents, scope, &path, findings);
    let own = Counted { unit, conditions };
    if let Some(found) = counted.iter().position(|other| *other == own) {
        return found;
    }
    if counted.len() == MOST_COUNTED {
        findings
            .add(
                &path,
                format!("a table counts by {MOST_COUNTED} conditions at most"),
            )
            .help("a dimension, such as a derived column in `by`, distinguishes more of them");
    }
    counted.push(own);
    counted.len() - 1
}

/// A dimension for each of the conditions that measures count by, in their order.
pub(super) fn hidden_dimensions(measures: &[Measure]) -> Vec<DimensionPlan> {
    let mut hidden: Vec<DimensionPlan> = Vec::new();
    for measure in measures {
        // The first measure of a condition has the condition's place made.
        if measure.counted == Some(hidden.len()) {
            hidden.push(DimensionPlan {
                name: measure.name.clone(),
                operand: Operand::Counted(hidden.len()),
                kind: ColumnType::Boolean,
                levels: Vec::new(),
                names: Names::booleans(false),
            });
        }
    }
    hidden
}
