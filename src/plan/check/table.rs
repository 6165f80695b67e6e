//! Checks of one table: every name resolved, every look-up at most one row.

mod margins;
mod match_rates;
mod measure;
mod method;
mod protect;
mod scope;
mod sensitive;
mod slot;

use super::{check_name, condition};
use crate::plan::Source;
use crate::plan::document::TableDocument;
use crate::plan::finding::{Collector, Path};
use crate::plan::table::TablePlan;
use margins::{check_levels, check_margins};
use match_rates::check_match_rates;
use measure::{check_dimensions, check_measures, check_output_names};
pub(super) use method::check_rho;
use method::{Given, check_method};
use protect::{check_concentration, check_publish, check_rules};
use scope::Scope;
use sensitive::check_sensitive;
use slot::check_slots;

pub(super) fn check(
    name: &str,
    document: &TableDocument,
    sources: &[Source],
    path: &Path,
    findings: &mut Collector,
) -> Option<TablePlan> {
    check_name(name, "table", path, findings);
    let protect = check_rules(&document.protect, &path.at("protect"), findings);
    let slots = check_slots(document, sources, path, findings)?;
    let mut scope = Scope {
        slots: &slots,
        derived: Vec::new(),
    };
    for (name, column) in &document.columns {
        let path = path.at("columns").at(name);
        check_name(name, "column", &path, findings);
        let derived = scope.derive(name, column, &path, findings);
        scope.derived.push(derived);
    }
    let mut conditions = Vec::new();
    for (i, document) in document.conditions.iter().enumerate() {
        let path = path.at("where").at(i);
        let resolved = scope.resolve(&document.column, &path.at("column"), findings);
        let kind = resolved.map(|(_, kind)| kind);
        let condition = condition::check(document, kind, &path, findings);
        conditions.extend(resolved.map(|(operand, _)| operand).zip(condition));
    }
    let mut by = check_dimensions(document, &scope, sources, path, findings);
    check_levels(document, &mut by, path, findings);
    let groupings = check_margins(document, &by, path, findings);
    let match_by = check_match_rates(document, &scope, path, findings);
    let measures = check_measures(&document.measures, &scope, path, findings);
    check_concentration(&measures, &document.protect, path, findings);
    let given = Given::new(&measures, &slots[0], sources);
    let method = check_method(&document.protect, &given, path, findings);
    let one_row_a_person = given.one_row_a_person;
    let sensitive = check_sensitive(document, &by, path, findings);
    check_publish(document, &by, path, findings);
    check_output_names(&by, &measures, path, findings);
    Some(TablePlan {
        name: name.to_owned(),
        title: document.title.clone(),
        derived: scope.derived,
        slots,
        conditions,
        by,
        groupings,
        match_by,
        measures,
        one_row_a_person,
        protect: protect?,
        method: method?,
        sensitive,
    })
}
